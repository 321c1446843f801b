//! Addresses that some clients are told: from the tenant file of a small school to what is read.

use oneroster::auth::client;
use oneroster::publication::State;
use serde_json::{Value, json};

use crate::harness;
use crate::harness::api::Api;
use crate::harness::school::{BERT, LOTTE, school};

use super::seen::{client, configure, objects};

fn emails(users: &[Value]) -> Vec<Option<&str>> {
    users.iter().map(|user| user["email"].as_str()).collect()
}

/// A delta brings an address that changed; nobody else is told more than that the object has a new date.
#[tokio::test]
async fn an_address_follows_the_tenant_file_and_a_delta_brings_it() {
    let database = harness::database().await;
    let school = school(&database.pool, "adres").await;
    school.publish().await;
    let (told, plain) = (client(&school, &["email=true"]).await, client(&school, &[]).await);
    let api = Api::start(&school.pool).await;
    let users = objects(&api, &told, "/users").await;
    assert_eq!(emails(&users), [None; 3], "no domain is known");

    configure(&school, "email_domain", json!({"pupils": "leerling.example"})).await;
    school.publish().await;
    let users = objects(&api, &told, "/users").await;
    let expected = [
        Some("jan.janssens@leerling.example"),
        Some("lotte.peeters@leerling.example"),
        None,
    ];
    assert_eq!(emails(&users), expected);
    assert_eq!(emails(&objects(&api, &plain, "/users").await), [None; 3]);
    let date = users[0]["dateLastModified"].as_str().unwrap();
    assert!(
        users[2]["dateLastModified"].as_str().unwrap() < date,
        "nothing changed of who has none"
    );

    configure(&school, "schools.0.teacher_domain", json!("school.example")).await;
    school.publish().await;
    let delta = format!("/users?filter=dateLastModified%3E'{date}'");
    let changed = objects(&api, &told, &delta).await;
    assert_eq!((changed.len(), &changed[0]["sourcedId"]), (1, &json!(BERT)));
    assert_eq!(emails(&changed), [Some("bert.ameel@school.example")]);
    let found = objects(
        &api,
        &told,
        "/users?filter=email='LOTTE.peeters@leerling.example'",
    )
    .await;
    assert_eq!((found.len(), &found[0]["sourcedId"]), (1, &json!(LOTTE)));
    assert!(
        objects(
            &api,
            &plain,
            "/users?filter=email='lotte.peeters@leerling.example'"
        )
        .await
        .is_empty()
    );

    // Who is gone keeps the address they had.
    school.jan_leaves().await;
    school.publish().await;
    let gone = objects(&api, &told, "/users?filter=status='tobedeleted'").await;
    assert_eq!(emails(&gone), [Some("jan.janssens@leerling.example")]);
    assert_eq!(school.publish().await.state, State::Unchanged);
}

/// Where no client is told addresses, a domain is no change. The first such client gives one new date, and nobody has to publish for it by hand.
#[tokio::test]
async fn a_domain_is_a_change_only_where_a_client_is_told_it() {
    let database = harness::database().await;
    let school = school(&database.pool, "domein").await;
    school.publish().await;
    let plain = client(&school, &[]).await;
    let state = async || school.publish().await.state;
    configure(&school, "email_domain", json!({"pupils": "leerling.example"})).await;
    assert_eq!(state().await, State::Unchanged);

    let told = client(&school, &["email=true"]).await;
    assert_eq!(state().await, State::Published);
    assert_eq!(state().await, State::Unchanged);
    let api = Api::start(&school.pool).await;
    let users = objects(&api, &told, "/users").await;
    let jan = Some("jan.janssens@leerling.example");
    assert_eq!(emails(&users)[0], jan);
    let dates: Vec<&Value> = users.iter().map(|user| &user["dateLastModified"]).collect();
    assert!(
        dates[0] == dates[1] && dates[0] != dates[2],
        "of those with a domain"
    );
    assert_eq!(emails(&objects(&api, &plain, "/users").await), [None; 3]);

    client::set(
        &school.server,
        &school.tenant_id,
        &told.client_id,
        &["email=false".to_owned()],
    )
    .await
    .unwrap();
    assert_eq!(state().await, State::Published);
    configure(&school, "email_domain", json!({"pupils": "other.example"})).await;
    assert_eq!(state().await, State::Unchanged);
}

/// `health` speaks of it only where somebody asks for addresses.
#[tokio::test]
async fn who_has_no_address_is_counted_where_a_client_asks() {
    let database = harness::database().await;
    let school = school(&database.pool, "zonder").await;
    let count = async || {
        let findings = oneroster::publication::examine(&school.server, &school.tenant_id)
            .await
            .unwrap();
        let of_rule: Vec<String> = findings
            .into_iter()
            .filter(|finding| finding.rule.id() == "email-missing")
            .map(|finding| finding.message)
            .collect();
        of_rule
    };
    assert!(count().await.is_empty());
    let told = client(&school, &["email=true"]).await;
    let said = count().await;
    assert_eq!(said.len(), 1);
    assert!(
        said[0].starts_with("3 of 3 people published would have no email"),
        "{said:?}"
    );
    configure(
        &school,
        "email_domain",
        json!({"pupils": "a.example", "staff": "b.example"}),
    )
    .await;
    assert!(count().await.is_empty());
    configure(&school, "email_domain", json!({})).await;
    client::revoke(&school.server, &school.tenant_id, &told.client_id)
        .await
        .unwrap();
    assert!(count().await.is_empty());
}
