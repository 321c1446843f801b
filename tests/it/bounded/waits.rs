//! A session of the database that falls silent stops nobody but those who need what it holds, and them for seconds.

use std::time::Duration;

use oneroster::auth::client::NewSecret;
use oneroster::db::{SessionKind, TenantSession, locks};
use reqwest::StatusCode;
use sqlx::{Connection, PgPool};
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;

use crate::harness::running::{self, Running};
use crate::harness::{api, database};

async fn token(http: reqwest::Client, url: String, client: NewSecretCopy) -> StatusCode {
    let answer = http
        .post(url)
        .basic_auth(client.0, Some(client.1))
        .form(&[("grant_type", "client_credentials")])
        .send();
    answer.await.unwrap().status()
}

/// Id and secret.
#[derive(Clone)]
struct NewSecretCopy(String, String);

impl From<&NewSecret> for NewSecretCopy {
    fn from(made: &NewSecret) -> Self {
        Self(made.client_id.clone(), made.client_secret.clone())
    }
}

async fn waiting_sessions(pool: &PgPool) -> i64 {
    let waiting = "select count(*) from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock'";
    sqlx::query_scalar(waiting).fetch_one(pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_holds_the_head_of_one_tenant_stops_no_other() {
    let test = database().await;
    let made = NewSecretCopy::from(&api::tenant(&test.pool, "stil").await);
    let other = NewSecretCopy::from(&api::tenant(&test.pool, "ander").await);
    api::publish_orgs(&test.pool, "stil", 1).await;
    api::publish_orgs(&test.pool, "ander", 1).await;
    let server = Running::start(&running::settings(&test.url)).await;
    let (http, url) = (
        reqwest::Client::new(),
        format!("{}/connect/token", server.base_url),
    );
    let mut silent = test.pool.begin().await.unwrap();
    sqlx::query("select from roster.head where tenant_id = 'stil' for update")
        .execute(&mut *silent)
        .await
        .unwrap();
    let mut behind = JoinSet::new();
    for _ in 0..40 {
        behind.spawn(token(http.clone(), url.clone(), made.clone()));
    }
    for _ in 0..30 {
        let status = token(http.clone(), url.clone(), other.clone()).await;
        assert_eq!(status, StatusCode::OK, "a token of another tenant");
        let ready = http
            .get(format!("{}/readyz", server.base_url))
            .send()
            .await
            .unwrap();
        assert_eq!(ready.status(), StatusCode::OK);
        assert!(
            waiting_sessions(&test.pool).await <= 2,
            "more than its share of the connections"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(behind.try_join_next().is_none(), "they wait");
    silent.rollback().await.unwrap();
    while let Some(status) = behind.join_next().await {
        assert_eq!(status.unwrap(), StatusCode::OK);
    }
    server.stop().await;
}

/// A process that was stopped, or whose network was cut, in the middle of dating its generation.
#[tokio::test(flavor = "multi_thread")]
async fn a_publication_that_fell_silent_is_ended_before_the_tokens_behind_it_are_given_up() {
    let test = database().await;
    let made = NewSecretCopy::from(&api::tenant(&test.pool, "stil").await);
    api::publish_orgs(&test.pool, "stil", 1).await;
    let server = Running::start(&running::settings(&test.url)).await;
    let (http, url) = (
        reqwest::Client::new(),
        format!("{}/connect/token", server.base_url),
    );
    let mut silent = TenantSession::enter(&test.pool, "stil", SessionKind::Publication)
        .await
        .unwrap();
    locks::publication(&mut silent, "stil").await.unwrap();
    let mut transaction = silent.begin().await.unwrap();
    sqlx::query("select from roster.head where tenant_id = 'stil' for update")
        .execute(&mut *transaction)
        .await
        .unwrap();
    assert_eq!(token(http, url, made).await, StatusCode::OK);
    // Its locks are free.
    let mut next = TenantSession::enter(&test.pool, "stil", SessionKind::Publication)
        .await
        .unwrap();
    assert!(locks::try_publication(&mut next, "stil").await.unwrap());
    assert!(transaction.commit().await.is_err(), "it must not go on");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_gave_up_is_cancelled_in_the_database() {
    let test = database().await;
    let made = NewSecretCopy::from(&api::tenant(&test.pool, "stil").await);
    api::publish_orgs(&test.pool, "stil", 1).await;
    let server = Running::start(&running::settings(&test.url)).await;
    let mut silent = test.pool.begin().await.unwrap();
    sqlx::query("select from roster.head where tenant_id = 'stil' for update")
        .execute(&mut *silent)
        .await
        .unwrap();
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        made.0, made.1
    );
    let request = format!(
        "POST /connect/token HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let mut caller = tokio::net::TcpStream::connect(server.address).await.unwrap();
    caller.write_all(request.as_bytes()).await.unwrap();
    let until = async |is_waiting: bool| {
        let waiting = async {
            // Between two tries it does not wait for the lock: it must be so for a while.
            let mut same = 0;
            while same < 15 {
                same = if (waiting_sessions(&test.pool).await > 0) == is_waiting {
                    same + 1
                } else {
                    0
                };
                if is_waiting && same > 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(15), waiting)
            .await
            .expect("in time");
    };
    until(true).await;
    drop(caller);
    until(false).await;
    silent.rollback().await.unwrap();
    server.stop().await;
}
