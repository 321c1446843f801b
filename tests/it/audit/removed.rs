//! `oneroster tenant remove`: nothing of the school group is left, and nothing of another one is touched.

use std::collections::BTreeSet;

use oneroster::audit::{Folder, Trail};
use oneroster::db::{locks, scope};
use oneroster::tenants::{self, Decision, DecisionKind};

use super::erased::{
    follow_in, served_by, token_of, traces, traces_in_dump, traces_in_folder, with_wilhelmina,
};
use super::{client, folder_path, owned, ran, run_lines};
use crate::harness::backup::{back_up, restore};
use crate::harness::running::{self, Running};
use crate::harness::school::{school, tenant_file};
use crate::harness::{TestDatabase, as_server, database};

/// Counts the rows of a tenant, table by table, those of the trail left out.
async fn rows_of(database: &TestDatabase, tenant_id: &str) -> Vec<(String, i64)> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
         where c.relkind in ('r', 'p') and n.nspname not in ('audit', 'pg_catalog') order by 1",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    let mut counts = Vec::new();
    for table in tables {
        let statement = format!("select count(*) from {table} where tenant_id = $1");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .bind(tenant_id)
            .fetch_one(&database.pool)
            .await
            .unwrap();
        if count > 0 {
            counts.push((table, count));
        }
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(
    clippy::too_many_lines,
    reason = "one tenant, in every place, before and after"
)]
async fn a_tenant_is_removed_with_everything_and_another_is_as_it_was() {
    let database = database().await;
    drop(with_wilhelmina(&database).await);
    let made = client(&database, "sds").await;
    run_lines(&database, &["publish --tenant t"]).await;
    school(&database.pool, "u").await;
    run_lines(&database, &["publish --tenant u"]).await;
    let (backup, database) = back_up(&database).await;
    let of_u = (owned(&database.pool, "u").await, rows_of(&database, "u").await);
    let u_file = std::fs::read(folder_path(&database).join("u.jsonl")).unwrap();
    assert!(rows_of(&database, "t").await.len() > 12);
    let others = tempfile::tempdir().unwrap();
    let mut settings = running::settings(&database.url);
    settings.audit.dir = Some(others.path().to_owned());
    let server = Running::start(&settings).await;
    let token = token_of(&server, &made).await;
    let users = "/ims/oneroster/v1p1/users?limit=1000";
    assert!(!traces(served_by(&server, &token, users).await.as_bytes()).is_empty());

    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("t-audit.jsonl");
    let kept_text = kept.to_str().unwrap();
    for confirm in [&["--confirm", "u"][..], &[]] {
        let refused = ran(
            &database,
            &[&["tenant", "remove", "t", "--audit", kept_text], confirm].concat(),
        )
        .await;
        assert_eq!(refused.code, Some(2), "{refused:?}");
    }
    let remove = ["tenant", "remove", "t", "--confirm", "t", "--audit", kept_text];
    let report = ran(&database, &remove).await.done();
    assert_eq!(report["tenant"], "t");
    let nothing = BTreeSet::new();
    assert_eq!(rows_of(&database, "t").await, []);
    assert_eq!(traces_in_dump(&database), nothing);
    assert_eq!(traces_in_folder(&folder_path(&database)), nothing);
    assert!(
        traces(&std::fs::read(&kept).unwrap()).contains("quackelbeen"),
        "the trail was written down first"
    );
    assert_eq!(
        (owned(&database.pool, "u").await, rows_of(&database, "u").await),
        of_u
    );
    assert_eq!(
        std::fs::read(folder_path(&database).join("u.jsonl")).unwrap(),
        u_file
    );
    assert_eq!(
        ran(&database, &remove).await.code,
        Some(1),
        "there is none any more"
    );

    // A server that runs goes on, and has nothing of it in its folder.
    let cleaned = async {
        while !traces_in_folder(others.path()).is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(15), cleaned)
        .await
        .unwrap();
    let page = served_by(&server, &token, users).await;
    assert!(
        traces(page.as_bytes()).is_empty() && !page.contains("\"users\""),
        "{page}"
    );
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    let ready = reqwest::get(format!("http://{}/readyz", server.metrics))
        .await
        .unwrap();
    assert_eq!(ready.status(), 200, "{}", ready.text().await.unwrap());
    server.stop().await;
    run_lines(&database, &["publish --tenant u"]).await;

    // The same id later begins with nothing.
    let file = folder.path().join("t.toml");
    std::fs::write(&file, tenant_file("t")).unwrap();
    ran(&database, &["tenant", "apply", file.to_str().unwrap()])
        .await
        .done();
    let decisions = ran(&database, &["tenant", "decisions", "t"]).await.done();
    let kinds: Vec<&str> = decisions["decisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|decision| decision["decision"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["tenant_created"]);

    // A backup of before has the old one again, until it is brought forward.
    let database = restore(&database, &backup).await;
    assert!(!traces_in_dump(&database).is_empty());
    assert_eq!(ran(&database, &["recover"]).await.done()["complete"], true);
    assert_eq!(traces_in_dump(&database), nothing);
    let tables: Vec<String> = rows_of(&database, "t")
        .await
        .into_iter()
        .map(|(table, _)| table)
        .collect();
    assert!(
        tables.contains(&"tenant.tenant".to_owned()) && !tables.contains(&"username.record".to_owned()),
        "{tables:?}"
    );
    follow_in(&database, others.path()).await;
    assert_eq!(traces_in_folder(others.path()), nothing);
}

/// A round that fails after the tenant is gone shuts the gate for nobody: the sign in the folder promises nothing any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_round_after_a_removal_shuts_the_gate_for_nobody() {
    let database = database().await;
    drop(with_wilhelmina(&database).await);
    let made = client(&database, "sds").await;
    run_lines(&database, &["publish --tenant t"]).await;
    let others = tempfile::tempdir().unwrap();
    let mut settings = running::settings(&database.url);
    settings.audit.dir = Some(others.path().to_owned());
    let server = Running::start(&settings).await;
    token_of(&server, &made).await;
    server.stop().await;
    let mut trail = Trail::new(Folder::open(others.path()).unwrap(), "a server");
    assert_eq!(
        trail.follow(&database.server, &database.server).await.unwrap(),
        None
    );
    trail.take_newly_erased();
    let kept = others.path().join("kept");
    let remove = [
        "tenant",
        "remove",
        "t",
        "--confirm",
        "t",
        "--audit",
        kept.to_str().unwrap(),
    ];
    ran(&database, &remove).await.done();
    let away = as_server(&database.pool);
    away.close().await;
    trail.follow(&database.server, &away).await.unwrap_err();
    assert_eq!(trail.take_newly_erased(), ["t"]);
    assert_eq!(
        trail.follow(&database.server, &database.server).await.unwrap(),
        None
    );
    let marked: i64 = sqlx::query_scalar("select count(*) from audit.head where lacking_by is not null")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(marked, 0);
    std::fs::remove_file(kept).unwrap();
    assert_eq!(traces_in_folder(others.path()), BTreeSet::new());
}

/// What was under way when the tenant was to go is in its export.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_export_of_a_removed_tenant_has_what_was_under_way() {
    let database = database().await;
    drop(school(&database.pool, "t").await);
    let mut under_way = scope::begin(&database.server, "t").await.unwrap();
    locks::load(&mut under_way, "t").await.unwrap();
    let decision = Decision {
        by: "somebody".to_owned(),
        kind: DecisionKind::Forget,
        detail: serde_json::json!({ "note": "under-way" }),
    };
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let remove = [
        "tenant",
        "remove",
        "t",
        "--confirm",
        "t",
        "--audit",
        kept.to_str().unwrap(),
    ];
    let removing = ran(&database, &remove);
    let ending = async {
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        tenants::record_decision(&mut under_way, "t", &decision)
            .await
            .unwrap();
        under_way.commit().await.unwrap();
    };
    let (removed, ()) = tokio::join!(removing, ending);
    removed.done();
    assert!(std::fs::read_to_string(&kept).unwrap().contains("under-way"));
}
