//! A token request while the database is away.

use std::time::Duration;

use axum::http::StatusCode;

use super::{FORM, GRANT, TokenRequest, basic, post};
use crate::harness::api::{self, Api};
use crate::harness::database;

/// Passes connections on to the test's Postgres. While that is away it drops them, those there are too; the port stays taken.
async fn relay(
    listener: tokio::net::TcpListener,
    postgres: String,
    mut away: tokio::sync::watch::Receiver<bool>,
) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            changed = away.changed() => {
                if changed.is_err() {
                    return;
                }
                connections.shutdown().await;
            }
            accepted = listener.accept() => {
                if *away.borrow() {
                    continue;
                }
                let (mut near, _) = accepted.unwrap();
                let mut far = tokio::net::TcpStream::connect(&postgres).await.unwrap();
                connections.spawn(async move { tokio::io::copy_bidirectional(&mut near, &mut far).await });
            }
        }
    }
}

#[tokio::test]
async fn a_token_request_waits_for_a_database_that_comes_back() {
    let test = database().await;
    let made = api::tenant(&test.pool, "zand").await;
    api::publish(&test.pool, "zand", &[]).await;
    let options: sqlx::postgres::PgConnectOptions = test.url.parse().unwrap();
    let postgres = format!("{}:{}", options.get_host(), options.get_port());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (away, is_away) = tokio::sync::watch::channel(false);
    let relaying = tokio::spawn(relay(listener, postgres, is_away));
    let pool = sqlx::PgPool::connect_with(options.host("127.0.0.1").port(address.port()))
        .await
        .unwrap();
    let api = Api::start(&pool).await;
    let ticket = api.token(&made).await;
    away.send(true).unwrap();
    let cut = async { while api.auth.database_answers().await {} };
    tokio::time::timeout(Duration::from_mins(1), cut).await.unwrap();
    let ask = TokenRequest {
        authorization: Some(basic(&made.client_id, &made.client_secret)),
        content_type: Some(FORM),
        body: GRANT.to_owned(),
        query: "",
    };
    let asking = post(&api, ask);
    let returning = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(
            api.auth.verify(&ticket).await.is_ok(),
            "tickets stay good meanwhile"
        );
        away.send(false).unwrap();
    };
    let (answer, ()) = tokio::join!(asking, returning);
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.json());
    drop(away);
    relaying.await.unwrap();
}
