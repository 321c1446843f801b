//! Sign-ins at a provider that were begun: how many are kept, of whom.

use std::net::IpAddr;

use chrono::TimeDelta;
use oneroster::access::pending::{self, Pending};
use oneroster::clock::Clock;

use crate::harness::{as_desk, database};

#[tokio::test]
async fn whoever_begins_very_many_sign_ins_pushes_out_their_own_only() {
    let database = database().await;
    let pool = as_desk(&database.pool);
    let pending = Pending {
        nonce: "n".to_owned(),
        verifier: "v".to_owned(),
        next_path: "/desk".to_owned(),
        language: "nl".to_owned(),
    };
    let now = Clock::System.now();
    let begin = async |state: &str, address: &str, seconds: i64| {
        let from = (
            Some(address.parse::<IpAddr>().unwrap()),
            now + TimeDelta::seconds(seconds),
        );
        pending::keep(&pool, state, &pending, from).await.unwrap()
    };
    let school = begin("school", "192.0.2.1", 0).await;
    let first = begin("first", "2001:db8::1", 1).await;
    let mut newest = String::new();
    for number in 0..300 {
        // All of one network of IPv6 is one.
        let address = format!("2001:db8::{number:x}");
        newest = begin(&format!("state {number}"), &address, 2 + number / 10).await;
    }
    let kept: i64 = sqlx::query_scalar("select count(*) from desk.pending_sign_in")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(kept, 301, "300 of a network");
    let later = now + TimeDelta::seconds(60);
    let take = async |cookie: &str, state: &str| pending::take(&pool, cookie, state, later).await.unwrap();
    assert!(take(&first, "first").await.is_none(), "their own oldest went");
    assert!(take(&newest, "state 299").await.is_some());
    assert!(take(&school, "school").await.is_some(), "others have theirs");
}
