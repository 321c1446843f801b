//! Tenants by command: which change of a configuration wins, and how tenants are doing.

use oneroster::db::scope::Acting;
use oneroster::publication::configure::{self, Options};
use oneroster::tenants::{self, Source};
use oneroster_school::tenant::{Configuration, file};
use serde_json::Value;

use crate::harness::school::{School, school, tenant_file};
use crate::harness::{self, TestDatabase, database};

/// Runs a command and returns its exit code, what it printed and what it said.
async fn run(url: &str, arguments: &[&str]) -> (i32, String, String) {
    let output = harness::oneroster(url, arguments).await;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// Changes a configuration as the desk does.
async fn change_on_desk(school: &School, revision: i64, change: impl FnOnce(&mut Configuration)) {
    let mut configuration = file::parse(&tenant_file(&school.tenant_id)).unwrap();
    change(&mut configuration);
    let options = Options {
        source: Source::Desk { revision },
        ..Options::default()
    };
    let configured = configure::configure(Acting::by(&school.server, "els"), &configuration, options)
        .await
        .unwrap();
    assert_eq!(configured.revision, revision + 1);
}

#[tokio::test]
async fn without_tenants_the_list_says_how_to_make_one() {
    let TestDatabase { url, .. } = database().await;
    let (code, listed, said) = run(&url, &["tenant", "list"]).await;
    assert_eq!((code, &*listed), (0, ""));
    assert!(said.contains("oneroster tenant apply FILE"), "{said}");
    let (_, listed, said) = run(&url, &["tenant", "list", "--json"]).await;
    assert!(
        listed.contains("\"tenants\": []") || listed.contains("\"tenants\":[]"),
        "{listed}"
    );
    assert_eq!(said, "");
}

#[tokio::test]
async fn a_file_of_before_a_change_on_the_desk_is_refused_with_the_difference() {
    let TestDatabase { pool, url, .. } = database().await;
    let school = school(&pool, "zand").await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zand.toml");
    let write = |text: &str| std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    let (code, shown, _) = run(&url, &["tenant", "show", "zand"]).await;
    assert_eq!(code, 0);
    assert!(shown.starts_with("revision = 1\n"), "{shown}");

    change_on_desk(&school, 1, |configuration| configuration.username_max_length = 40).await;
    for older in [shown.clone(), tenant_file("zand")] {
        write(&older);
        let (code, _, said) = run(&url, &["tenant", "apply", path]).await;
        assert_eq!(code, 1, "{said}");
        for part in ["username_max_length: 40 → 75", "tenant show zand", "--force"] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }

    let (_, newer, _) = run(&url, &["tenant", "show", "zand"]).await;
    assert!(newer.starts_with("revision = 2\n"), "{newer}");
    write(&newer.replace("username_max_length = 40", "username_max_length = 50"));
    let (code, printed, said) = run(&url, &["tenant", "apply", path, "--json"]).await;
    assert_eq!(code, 0, "{said}");
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap()["revision"], 3);

    // A file was applied last: one that says no revision is taken again.
    write(&tenant_file("zand"));
    assert_eq!(run(&url, &["tenant", "apply", path]).await.0, 0);
}

#[tokio::test]
async fn an_older_file_is_applied_by_force_and_the_same_file_always() {
    let TestDatabase { pool, url, .. } = database().await;
    let school = school(&pool, "zand").await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zand.toml");
    std::fs::write(&path, tenant_file("zand")).unwrap();
    let path = path.to_str().unwrap();
    change_on_desk(&school, 1, |configuration| configuration.brake_percent = 30).await;
    assert_eq!(run(&url, &["tenant", "apply", path, "--dry-run"]).await.0, 1);
    let forced = ["tenant", "apply", path, "--force", "--by", "Els De Smet"];
    assert_eq!(run(&url, &forced).await.0, 0);
    let by: Vec<String> = sqlx::query_scalar(
        "select by from audit.entry where tenant_id = 'zand' order by position desc limit 1",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(by, ["Els De Smet"]);
    // What is stored already is not older, whoever stored it.
    change_on_desk(&school, 3, |configuration| configuration.brake_percent = 30).await;
    change_on_desk(&school, 4, |_| {}).await;
    assert_eq!(run(&url, &["tenant", "apply", path]).await.0, 0);
}

#[tokio::test]
async fn of_two_people_who_change_the_settings_on_the_desk_the_second_is_told() {
    let TestDatabase { pool, .. } = database().await;
    let school = school(&pool, "zand").await;
    change_on_desk(&school, 1, |configuration| configuration.brake_percent = 30).await;
    let options = Options {
        source: Source::Desk { revision: 1 },
        ..Options::default()
    };
    let configuration = file::parse(&tenant_file("zand")).unwrap();
    let refused = configure::configure(Acting::by(&school.server, "bert"), &configuration, options)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, configure::Error::Tenant(tenants::Error::Older { .. })),
        "{refused:?}"
    );
    let by: Vec<String> = sqlx::query_scalar("select by from audit.entry where kind = 'tenant_configured'")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(by, ["els"]);
}

#[tokio::test]
async fn the_status_of_a_tenant_says_what_was_loaded_published_held_and_read() {
    let TestDatabase { pool, url, .. } = database().await;
    let school = school(&pool, "zand").await;
    let status = async || {
        let (code, printed, said) = run(&url, &["tenant", "status", "zand", "--json"]).await;
        assert_eq!(code, 0, "{said}");
        serde_json::from_str::<Value>(&printed).unwrap()["tenants"][0].clone()
    };
    let before = status().await;
    assert_eq!(before["school_year"], "2026-27");
    assert_eq!(before["last_publication"], Value::Null);
    assert_eq!(before["unserved"], 3);
    assert_eq!(before["names_waiting"], 0);
    assert_eq!(before["failing"], Value::Null, "it waits for a moment only");
    sqlx::query("update tenant.input_version set changed_at = changed_at - interval '1 hour'")
        .execute(&pool)
        .await
        .unwrap();
    assert_ne!(status().await["failing"], Value::Null, "nobody publishes it");

    school.publish().await;
    school.note_pull(&["/users", "/classes", "/enrollments"], 1).await;
    let after = status().await;
    assert_eq!(after["last_publication"]["generation"], 1);
    assert_eq!(after["unserved"], 0);
    assert_eq!(after["failing"], Value::Null);
    assert_eq!(after["held"], Value::Null);
    assert_eq!(after["last_pull"]["client_id"], "sds");
    assert_eq!(after["last_pull"]["ending"], "complete");
    let (code, printed, _) = run(&url, &["tenant", "status"]).await;
    assert_eq!(code, 0);
    assert!(printed.starts_with("tenant zand: "), "every tenant: {printed}");
    assert_eq!(run(&url, &["tenant", "status", "duin"]).await.0, 1);

    // Names wait of those who are there, and of nobody who is gone.
    for statement in [
        "update username.record set needs_review = true",
        "update informat.persoon set rowguid = gen_random_uuid()
         where rowguid = (select min(rowguid::text)::uuid from username.record)",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    assert_eq!(status().await["names_waiting"], 2);
}
