//! What `oneroster recover` brings back, and what it says.

use super::{client, folder, owned, ran, run_lines};
use crate::harness::backup::{back_up, restore};
use crate::harness::school::{JAN, LOTTE, school, tenant_file};
use crate::harness::{TestDatabase, database};

#[tokio::test]
async fn everything_that_only_we_own_is_as_it_was_and_a_second_time_changes_nothing() {
    let database = database().await;
    let small = school(&database.pool, "t").await;
    let (old, _) = client(&database, "old").await;
    run_lines(&database, &["publish --tenant t"]).await;
    let (backup, database) = back_up(&database).await;
    drop(small);

    // Afterwards: another tenant, an allocation, renames that swap, flags, clients, a tenant file, a generation.
    school(&database.pool, "u").await;
    let path = tempfile::tempdir().unwrap();
    let file = path.path().join("t.toml");
    std::fs::write(&file, tenant_file("t").replace("Scholengroep t", "Anders")).unwrap();
    run_lines(
        &database,
        &[
            &format!("usernames set --tenant t --user {JAN} tijdelijk"),
            &format!("usernames set --tenant t --user {LOTTE} jan.janssens"),
            &format!("usernames set --tenant t --user {JAN} lotte.peeters"),
            &format!("usernames sync off --tenant t --user {JAN}"),
            "client create --tenant t --name new",
            &format!("client rotate --tenant t {old}"),
            &format!("client set --tenant t {old} token_lifetime_s=7200"),
            &format!("client revoke --tenant t {old}"),
            &format!("tenant apply {}", file.display()),
            "publish --tenant t",
        ],
    )
    .await;
    let (t, u) = (owned(&database.pool, "t").await, owned(&database.pool, "u").await);
    assert!(!u.is_empty());
    let lost = newest(&database.pool).await;

    let database = restore(&database, &backup).await;
    assert_ne!(owned(&database.pool, "t").await, t);
    let rehearsed = ran(&database, &["recover", "--dry-run"]).await.done();
    assert_eq!(rehearsed["dry_run"], true);
    assert!(
        owned(&database.pool, "u").await.is_empty(),
        "a rehearsal changes nothing"
    );
    let report = ran(&database, &["recover"]).await.done();
    assert_eq!(report["tenants"], rehearsed["tenants"]);
    let of = |tenant: &str| {
        let tenants = report["tenants"].as_array().unwrap();
        tenants.iter().find(|of| of["tenant"] == tenant).unwrap().clone()
    };
    assert_eq!(of("t")["kinds"]["client_revoked"], 1);
    assert_eq!(of("t")["redates"], true, "a generation was lost");
    assert_eq!(of("u")["redates"], false, "none was");
    assert_eq!(owned(&database.pool, "t").await, t);
    assert_eq!(owned(&database.pool, "u").await, u);
    let again = ran(&database, &["recover"]).await.done();
    assert_eq!(again["tenants"], serde_json::json!([]));

    redates_once(&database, lost.0).await;
}

/// Rights are ours alone; whoever had them can sign in again, by another password.
#[tokio::test]
async fn rights_of_the_desk_come_back_with_the_accounts_that_have_them() {
    let database = database().await;
    school(&database.pool, "t").await;
    run_lines(
        &database,
        &["admin create-user mia --tenant t --school 001507 --manager"],
    )
    .await;
    let (backup, database) = back_up(&database).await;
    run_lines(
        &database,
        &[
            "admin take mia --tenant t --school 001507",
            "admin create-user jan --tenant t --school 001507 --manager",
            "admin create-user els --entra TID/OID --tenant t --school 001507 --manager",
        ],
    )
    .await;
    let rights = async |database: &TestDatabase| -> Vec<String> {
        sqlx::query_scalar("select (g - 'tenant_id')::text from (select to_jsonb(g) as g from desk.access_grant g) g order by 1")
            .fetch_all(&database.pool)
            .await
            .unwrap()
    };
    let before = rights(&database).await;
    assert_eq!(before.len(), 2);
    let database = restore(&database, &backup).await;
    // Somebody else got the name of one of them meanwhile.
    let taken =
        "insert into desk.account (login_name, display_name, created_by) values ('JAN', 'Another', 'test')";
    sqlx::query(taken).execute(&database.pool).await.unwrap();
    let report = ran(&database, &["recover"]).await.done();
    let mut tenants = report["tenants"].as_array().unwrap().iter();
    let kinds = &tenants.find(|of| of["tenant"] == "t").unwrap()["kinds"];
    assert_eq!(
        (&kinds["right_taken"], &kinds["right_given"]),
        (&serde_json::json!(1), &serde_json::json!(2))
    );
    assert_eq!(rights(&database).await, before);
    let accounts: Vec<(String, Option<String>)> =
        sqlx::query_as("select login_name, subject from desk.account order by login_name")
            .fetch_all(&database.pool)
            .await
            .unwrap();
    let names: Vec<&str> = accounts.iter().map(|(name, _)| name.as_str()).collect();
    assert!(
        names[0] == "JAN" && names[1] == "els" && names[2].starts_with("jan (") && names[3] == "mia",
        "{names:?}"
    );
    assert_eq!(accounts[1].1.as_deref(), Some("oid"), "who they are comes back");
}

/// A lost generation had dates that consumers hold: everything gets a later one, once.
async fn redates_once(database: &TestDatabase, lost: chrono::DateTime<chrono::Utc>) {
    run_lines(database, &["publish --tenant t"]).await;
    let (date, objects, dated) = newest(&database.pool).await;
    assert!(date > lost, "{date} is past {lost}");
    assert_eq!(objects, dated, "everything has the new date");
    let again = ran(database, &["publish", "--tenant", "t"]).await.done();
    assert_eq!(again["state"], "unchanged");
    run_lines(
        database,
        &[
            &format!("usernames sync on --tenant t --user {JAN}"),
            "publish --tenant t",
        ],
    )
    .await;
    let (_, objects, dated) = newest(&database.pool).await;
    assert!(dated < objects, "from then on only what changes");
    // New rows get numbers of their own.
    run_lines(database, &["client create --tenant t --name later"]).await;
    let entries = folder(database).read("t").unwrap();
    assert!(entries.is_sorted_by_key(|entry| entry.position));
}

/// The date of the newest generation, how many objects there are now, and how many of them have that date.
async fn newest(pool: &sqlx::PgPool) -> (chrono::DateTime<chrono::Utc>, i64, i64) {
    sqlx::query_as(
        "select h.published_at, count(*), count(*) filter (where v.from_number = h.number)
         from roster.head h join roster.object_version v on v.tenant_id = h.tenant_id and v.until_number is null
         where h.tenant_id = 't' group by h.published_at",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn usernames_count_as_served_after_it() {
    let database = database().await;
    school(&database.pool, "t").await;
    let forget = ["usernames", "forget", "--tenant", "t", "--user", JAN, "--dry-run"];
    let before = ran(&database, &forget).await.done();
    assert_eq!(
        before["changed"]
            .as_u64()
            .or_else(|| Some(before["changes"].as_array()?.len() as u64)),
        Some(1),
        "{before}"
    );
    let (backup, database) = back_up(&database).await;
    ran(
        &database,
        &["usernames", "sync", "off", "--tenant", "t", "--user", LOTTE],
    )
    .await
    .done();
    let database = restore(&database, &backup).await;
    ran(&database, &["recover"]).await.done();
    let after = ran(&database, &forget).await.done();
    assert_eq!(
        after["changed"]
            .as_u64()
            .or_else(|| Some(after["changes"].as_array()?.len() as u64)),
        Some(0),
        "{after}"
    );
}

#[tokio::test]
async fn what_cannot_be_made_again_is_said_and_changes_nothing_of_that_tenant() {
    let database = database().await;
    school(&database.pool, "t").await;
    let (backup, database) = back_up(&database).await;
    ran(
        &database,
        &["usernames", "set", "--tenant", "t", "--user", JAN, "jan.x"],
    )
    .await
    .done();
    let database = restore(&database, &backup).await;
    // Somebody took the name meanwhile, by hand, before anybody saw that the database went back.
    sqlx::query("update username.record set local_part = 'jan.x' where rowguid = $1::uuid")
        .bind(LOTTE)
        .execute(&database.pool)
        .await
        .unwrap();
    let owned_before = owned(&database.pool, "t").await;
    let text = ran(&database, &["recover"]).await.refused();
    assert!(
        text.contains("tenant t cannot be brought forward") && text.contains("record_local_part_unique"),
        "{text}"
    );
    assert_eq!(owned(&database.pool, "t").await, owned_before);
}
