//! An import, and a tenant file, beside an edit of usernames: they wait for each other, and never in a circle.

use std::time::Duration;

use oneroster::accounts::import::{Options, import};
use oneroster::audit;
use oneroster::db::{locks, scope};
use oneroster::mirror::load;
use oneroster::mirror::{Acceptance, Bundle, Mode};
use oneroster::publication::configure;
use oneroster_school::door::Guard;
use oneroster_school::tenant::file;
use serde_json::json;

use super::command::{TENANT_FILE, folder, tenant_with};
use super::group::Group;
use crate::harness::{as_server, database, wait_for_locks};

/// A circle is noticed by Postgres after a second (40P01); without one each ends.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_with_an_accepted_guard_and_an_edit_follow_each_other() {
    let group = Group::of(&[180]);
    let database = tenant_with(&group).await;
    let server = as_server(&database.pool);
    let renamed = group.with_people(60, |person| person.family = format!("Other{}", person.family));
    let folder = folder(&renamed.files());
    let bundle = Bundle::read(folder.path(), Mode::Full, |_| ()).unwrap();

    // Somebody edits: the lock of usernames, then what they change.
    let mut edit = scope::begin(&server, "t").await.unwrap();
    locks::usernames(&mut edit, "t").await.unwrap();
    let importing = tokio::spawn({
        let server = server.clone();
        async move {
            let acceptance = Acceptance::new([Guard::NamesChanged], "Els");
            let load = load::Options {
                acceptance: &acceptance,
                ..load::Options::default()
            };
            let options = Options {
                load,
                ..Options::default()
            };
            import(&server, "t", &bundle, options)
                .await
                .map(|done| done.loaded.guards.len())
        }
    });
    wait_for_locks(&database.pool, 1).await;
    let edited = sqlx::query("update username.record set sync = not sync where tenant_id = 't'")
        .execute(&mut *edit)
        .await;
    assert!(edited.is_ok_and(|done| done.rows_affected() > 100));
    edit.commit().await.unwrap();
    let guards = tokio::time::timeout(PATIENCE, importing).await.unwrap().unwrap();
    assert_eq!(guards.unwrap(), 1);
    let accepted: i64 = sqlx::query_scalar(
        "select count(*) from tenant.decision where decision = 'import_accepted' and decided_by = 'Els'",
    )
    .fetch_one(&database.pool)
    .await
    .unwrap();
    assert_eq!(accepted, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_that_is_new_is_stored_in_the_order_of_locks_too() {
    let database = database().await;
    let server = as_server(&database.pool);
    let mut other = scope::begin(&server, "t").await.unwrap();
    locks::usernames(&mut other, "t").await.unwrap();
    let applying = tokio::spawn({
        let server = server.clone();
        async move {
            let configuration = file::parse(TENANT_FILE).unwrap();
            configure::configure(&server, &configuration, configure::Options::default()).await
        }
    });
    wait_for_locks(&database.pool, 1).await;
    audit::note(&mut other, "t", "asked_why", &json!({}))
        .await
        .unwrap();
    other.commit().await.unwrap();
    tokio::time::timeout(PATIENCE, applying)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
}
