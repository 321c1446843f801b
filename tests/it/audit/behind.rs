//! A database that went back is recognised by everybody, and nothing is changed, published or issued until it is brought forward.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

use super::{folder_path, ran, ran_in};
use crate::harness::backup::{back_up, restore};
use crate::harness::running::{Running, settings};
use crate::harness::school::{JAN, LOTTE, school, tenant_file};
use crate::harness::{TestDatabase, command, database, owner_url};

/// Asks a server for a token.
async fn token(server: &Running, client: &Value) -> (StatusCode, Value) {
    let answer = reqwest::Client::new()
        .post(format!("{}/connect/token", server.base_url))
        .basic_auth(
            client["client_id"].as_str().unwrap(),
            client["client_secret"].as_str(),
        )
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await
        .unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn users(server: &Running, token: &Value) -> StatusCode {
    reqwest::Client::new()
        .get(format!("{}/ims/oneroster/v1p1/users", server.base_url))
        .bearer_auth(token["access_token"].as_str().unwrap())
        .send()
        .await
        .unwrap()
        .status()
}

async fn figures(server: &Running) -> String {
    let answer = reqwest::get(format!("http://{}/metrics", server.metrics)).await;
    answer.unwrap().text().await.unwrap()
}

/// Waits until a server is ready, or is not and says why.
async fn until_ready(server: &Running, is_ready: bool, saying: &str) -> Value {
    let asking = async {
        loop {
            let answer = reqwest::get(format!("http://{}/readyz", server.metrics))
                .await
                .unwrap();
            let status = answer.status();
            let body: Value = answer.json().await.unwrap();
            let says = body.to_string().contains(saying);
            if (status == StatusCode::OK) == is_ready && says {
                return body;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), asking)
        .await
        .unwrap_or_else(|_| panic!("ready: {is_ready}, {saying:?}: never"))
}

/// Every kind of change is refused, with what is missing; reading is not.
async fn refuses_changes(database: &TestDatabase, id: &str) {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("t.toml");
    std::fs::write(&file, tenant_file("t")).unwrap();
    let file = file.to_str().unwrap();
    for arguments in [
        &["client", "create", "--tenant", "t", "--name", "x"][..],
        &["client", "rotate", "--tenant", "t", id],
        &["usernames", "set", "--tenant", "t", "--user", JAN, "jan.y"],
        &["usernames", "sync", "on", "--tenant", "t", "--all"],
        &["tenant", "apply", file],
        &["publish", "--tenant", "t"],
    ] {
        let text = ran(database, arguments).await.refused();
        assert!(
            text.contains("run `oneroster recover`") || text.contains("until `oneroster recover`"),
            "{arguments:?}: {text}"
        );
        assert!(text.contains("1 client_revoked"), "{arguments:?}: {text}");
    }
    let by_hand = sqlx::query("update username.record set sync = false where tenant_id = 't'")
        .execute(&database.pool)
        .await
        .unwrap_err();
    assert!(by_hand.to_string().contains("oneroster recover"), "{by_hand}");
    ran(database, &["usernames", "list", "--tenant", "t"])
        .await
        .done();
}

async fn figure_and_commands_tell_it(database: &TestDatabase, server: &Running) {
    assert!(
        figures(server)
            .await
            .contains("\noneroster_database_went_back 1\n")
    );
    let status = ran(database, &["tenant", "status"]).await;
    assert!(
        status.stderr.contains("the database went back: tenant t lacks")
            && status.stderr.contains("oneroster recover"),
        "{status:?}"
    );
    status.done();
    let migrated = command(&database.url, &["migrate"])
        .env("ONEROSTER_AUDIT_DIR", folder_path(database))
        .env("ONEROSTER_DATABASE_OWNER_URL", owner_url(&database.url))
        .output()
        .unwrap();
    let text = String::from_utf8(migrated.stderr).unwrap();
    assert!(
        migrated.status.success() && text.contains("the database went back: tenant t lacks"),
        "{text}"
    );
}

async fn only_warm_tickets_are_served(server: &Running, kept: &Value, warm: &Value) {
    let (status, answer) = token(server, kept).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{answer}");
    assert_eq!(answer["error"], "temporarily_unavailable");
    assert_eq!(users(server, warm).await, StatusCode::OK, "warm tickets go on");
    let files = reqwest::Client::new().get(format!("{}/export/oneroster-csv", server.base_url));
    let files = files.bearer_auth(warm["access_token"].as_str().unwrap());
    assert_eq!(
        files.send().await.unwrap().status(),
        StatusCode::SERVICE_UNAVAILABLE,
        "files are entered in the trail, which takes nothing now"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_that_changes_something_is_refused_and_warm_tickets_are_served() {
    let database = database().await;
    school(&database.pool, "t").await;
    ran(&database, &["publish", "--tenant", "t"]).await.done();
    let kept = ran(
        &database,
        &["client", "create", "--tenant", "t", "--name", "kept"],
    )
    .await
    .done();
    let revoked = ran(
        &database,
        &["client", "create", "--tenant", "t", "--name", "revoked"],
    )
    .await
    .done();
    // The backup has the key that signs: a server made it.
    Running::start(&settings(&database.url)).await.stop().await;
    let (backup, database) = back_up(&database).await;
    let server = Running::start(&settings(&database.url)).await;
    let (_, warm) = token(&server, &kept).await;
    let (_, dead) = token(&server, &revoked).await;
    assert_eq!(users(&server, &warm).await, StatusCode::OK);
    let id = revoked["client_id"].as_str().unwrap();
    ran(&database, &["client", "revoke", "--tenant", "t", id])
        .await
        .done();
    ran(
        &database,
        &["usernames", "sync", "off", "--tenant", "t", "--user", LOTTE],
    )
    .await
    .done();
    let database = restore(&database, &backup).await;

    until_ready(&server, false, "the database went back: tenant t lacks").await;
    // What a probe was told while the database was away is told again for a second.
    let body = until_ready(&server, false, r#""database":"went back""#).await;
    let detail = body["detail"].as_str().unwrap();
    assert!(
        detail.contains("1 client_revoked") && detail.contains("recover"),
        "{detail}"
    );
    only_warm_tickets_are_served(&server, &kept, &warm).await;
    assert_eq!(
        users(&server, &dead).await,
        StatusCode::UNAUTHORIZED,
        "not those of a revoked client"
    );

    refuses_changes(&database, id).await;
    figure_and_commands_tell_it(&database, &server).await;
    ran(&database, &["recover"]).await.done();
    until_ready(&server, true, "").await;
    assert!(
        figures(&server)
            .await
            .contains("\noneroster_database_went_back 0\n")
    );
    let status = ran(&database, &["tenant", "status"]).await;
    assert!(!status.stderr.contains("went back"), "{status:?}");
    assert_eq!(token(&server, &kept).await.0, StatusCode::OK);
    assert_eq!(token(&server, &revoked).await.0, StatusCode::UNAUTHORIZED);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_forgot_tickets_only_is_recognised_as_well() {
    let database = database().await;
    school(&database.pool, "t").await;
    ran(&database, &["publish", "--tenant", "t"]).await.done();
    let client = ran(&database, &["client", "create", "--tenant", "t", "--name", "sds"])
        .await
        .done();
    let (backup, database) = back_up(&database).await;
    let server = Running::start(&settings(&database.url)).await;
    assert_eq!(token(&server, &client).await.0, StatusCode::OK);
    let until: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("select tickets_until from roster.head where tenant_id = 't'")
            .fetch_one(&database.pool)
            .await
            .unwrap();
    let database = restore(&database, &backup).await;
    until_ready(&server, false, "tickets that were handed out").await;
    let report = ran(&database, &["recover"]).await.done();
    assert_eq!(
        report["tenants"][0]["redates"], false,
        "no generation was lost: {report}"
    );
    until_ready(&server, true, "").await;
    ran(
        &database,
        &["usernames", "sync", "off", "--tenant", "t", "--user", JAN],
    )
    .await
    .done();
    ran(&database, &["publish", "--tenant", "t"]).await.done();
    let published: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("select published_at from roster.head where tenant_id = 't'")
            .fetch_one(&database.pool)
            .await
            .unwrap();
    assert!(
        published >= until + chrono::TimeDelta::minutes(5),
        "{published} {until}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_ticket_that_was_signed_for_already_is_dated_past_although_nobody_misses_it() {
    let database = database().await;
    school(&database.pool, "t").await;
    ran(&database, &["publish", "--tenant", "t"]).await.done();
    let client = ran(&database, &["client", "create", "--tenant", "t", "--name", "sds"])
        .await
        .done();
    let server = Running::start(&settings(&database.url)).await;
    assert_eq!(token(&server, &client).await.0, StatusCode::OK);
    let (backup, database) = back_up(&database).await;
    assert_eq!(token(&server, &client).await.0, StatusCode::OK);
    let until: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("select tickets_until from roster.head where tenant_id = 't'")
            .fetch_one(&database.pool)
            .await
            .unwrap();
    server.stop().await;
    let database = restore(&database, &backup).await;
    ran(
        &database,
        &["usernames", "sync", "off", "--tenant", "t", "--user", JAN],
    )
    .await
    .done();
    ran(&database, &["publish", "--tenant", "t"]).await.done();
    let published: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("select published_at from roster.head where tenant_id = 't'")
            .fetch_one(&database.pool)
            .await
            .unwrap();
    assert!(
        published >= until + chrono::TimeDelta::minutes(5),
        "{published} {until}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_to_a_lost_generation_is_followed_and_then_no_longer_missed() {
    let database = database().await;
    school(&database.pool, "t").await;
    ran(&database, &["publish", "--tenant", "t"]).await.done();
    let client = ran(&database, &["client", "create", "--tenant", "t", "--name", "sds"])
        .await
        .done();
    Running::start(&settings(&database.url)).await.stop().await;
    let (backup, database) = back_up(&database).await;
    let sync_off = ["usernames", "sync", "off", "--tenant", "t", "--user", LOTTE];
    ran(&database, &sync_off).await.done();
    ran(&database, &["publish", "--tenant", "t"]).await.done();
    let server = Running::start(&settings(&database.url)).await;
    assert_eq!(token(&server, &client).await.0, StatusCode::OK);
    let until: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("select tickets_until from roster.head where tenant_id = 't'")
            .fetch_one(&database.pool)
            .await
            .unwrap();
    let database = restore(&database, &backup).await;
    until_ready(&server, false, "the database went back: tenant t lacks").await;
    let report = ran(&database, &["recover"]).await.done();
    assert_eq!(report["tenants"][0]["redates"], true, "{report}");
    until_ready(&server, true, "").await;
    assert_eq!(token(&server, &client).await.0, StatusCode::OK);
    ran(&database, &["publish", "--tenant", "t"]).await.done();
    let published: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("select published_at from roster.head where tenant_id = 't'")
            .fetch_one(&database.pool)
            .await
            .unwrap();
    assert!(
        published >= until + chrono::TimeDelta::minutes(5),
        "{published} {until}"
    );
    let again = ran(&database, &["recover"]).await.done();
    assert_eq!(again["tenants"], serde_json::json!([]), "{again}");
    server.stop().await;
}

#[tokio::test]
async fn what_one_folder_shows_everybody_is_told_and_only_that_folder_mends_it() {
    let database = database().await;
    school(&database.pool, "t").await;
    let other = tempfile::tempdir().unwrap();
    let create = ["client", "create", "--tenant", "t", "--name", "sds"];
    ran_in(&database, other.path(), &create).await.done();
    let (backup, database) = back_up(&database).await;
    // Nobody with the other folder has seen this one when the database loses it.
    ran(
        &database,
        &["usernames", "set", "--tenant", "t", "--user", JAN, "jan.x"],
    )
    .await
    .done();
    let database = restore(&database, &backup).await;
    let rename = ["usernames", "set", "--tenant", "t", "--user", LOTTE, "lotte.x"];
    ran_in(&database, other.path(), &rename).await.done();
    ran(&database, &create).await.refused();
    let text = ran_in(&database, other.path(), &create).await.refused();
    let own = folder_path(&database);
    assert!(
        text.contains(own.to_str().unwrap()),
        "it says who knows more: {text}"
    );
    let elsewhere = ran_in(&database, other.path(), &["recover"]).await;
    assert_eq!(elsewhere.code, Some(1), "{elsewhere:?}");
    assert!(
        elsewhere.stderr.contains(own.to_str().unwrap()),
        "{}",
        elsewhere.stderr
    );
    ran(&database, &["recover"]).await.done();
    let names: Vec<String> = sqlx::query_scalar("select local_part from username.record order by rowguid")
        .fetch_all(&database.pool)
        .await
        .unwrap();
    assert_eq!(names, ["jan.x", "lotte.x", "bert.ameel"], "both are kept");
    for folder in [own.as_path(), other.path()] {
        ran_in(&database, folder, &create).await.done();
        let entries = oneroster::audit::Folder::open(folder).unwrap().read("t").unwrap();
        let renamed: Vec<_> = entries
            .iter()
            .filter(|entry| entry.kind == "username_changed")
            .map(|entry| entry.key.clone().unwrap()["rowguid"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(
            renamed,
            [LOTTE, JAN],
            "in the order of the database: {}",
            folder.display()
        );
        assert!(entries.is_sorted_by_key(|entry| entry.position));
    }
}

/// Tokens that were ended by a rotation stay ended, and those issued since go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_were_ended_do_not_live_again_while_the_database_is_behind() {
    let database = database().await;
    school(&database.pool, "t").await;
    ran(&database, &["publish", "--tenant", "t"]).await.done();
    let arguments = ["client", "create", "--tenant", "t", "--name", "leaked"];
    let leaked = ran(&database, &arguments).await.done();
    Running::start(&settings(&database.url)).await.stop().await;
    let (backup, database) = back_up(&database).await;
    let server = Running::start(&settings(&database.url)).await;
    let (_, dead) = token(&server, &leaked).await;
    assert_eq!(users(&server, &dead).await, StatusCode::OK);
    let id = leaked["client_id"].as_str().unwrap();
    let arguments = ["client", "rotate", "--tenant", "t", id, "--revoke-tokens"];
    let rotated = ran(&database, &arguments).await.done();
    let (_, good) = token(&server, &rotated).await;
    assert_eq!(users(&server, &good).await, StatusCode::OK);
    let database = restore(&database, &backup).await;

    until_ready(&server, false, "1 tokens_revoked").await;
    assert_eq!(users(&server, &dead).await, StatusCode::UNAUTHORIZED);
    assert_eq!(users(&server, &good).await, StatusCode::OK);
    server.stop().await;
    drop(database);
}

/// A signing key that leaked was retired; an older state of the database has it, and whoever has it makes tokens with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retired_signing_key_does_not_come_back_with_an_older_database() {
    let database = database().await;
    school(&database.pool, "t").await;
    ran(&database, &["publish", "--tenant", "t"]).await.done();
    let arguments = ["client", "create", "--tenant", "t", "--name", "x"];
    let client = ran(&database, &arguments).await.done();
    Running::start(&settings(&database.url)).await.stop().await;
    let (backup, database) = back_up(&database).await;
    let server = Running::start(&settings(&database.url)).await;
    let (_, forged) = token(&server, &client).await;
    assert_eq!(users(&server, &forged).await, StatusCode::OK);
    let listed = ran(&database, &["keys", "list"]).await.done();
    let leaked = listed["keys"][0]["key_id"].as_str().unwrap().to_owned();
    ran(&database, &["keys", "rotate"]).await.done();
    ran(&database, &["keys", "retire", &leaked]).await.done();
    let database = restore(&database, &backup).await;

    until_ready(&server, false, "1 key_retired").await;
    assert_eq!(users(&server, &forged).await, StatusCode::UNAUTHORIZED);
    let listed = ran(&database, &["keys", "list"]).await.done();
    assert_eq!(listed["keys"][0]["key_id"], leaked, "the backup has it");
    let recovered = ran(&database, &["recover"]).await.done();
    assert!(recovered.to_string().contains("key_retired"), "{recovered}");
    let listed = ran(&database, &["keys", "list"]).await.done();
    assert!(!listed.to_string().contains(&leaked), "{listed}");
    until_ready(&server, true, "").await;
    assert_eq!(users(&server, &forged).await, StatusCode::UNAUTHORIZED);
    let (_, good) = token(&server, &client).await;
    assert_eq!(users(&server, &good).await, StatusCode::OK);
    server.stop().await;
    // Accounts are listed without it.
    let listed = ran(&database, &["admin", "history"]).await.done();
    assert!(!listed.to_string().contains("key_"), "{listed}");
}
