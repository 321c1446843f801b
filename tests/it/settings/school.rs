//! A small school whose clients have settings: from Informat's data to what is read.

use chrono::{Days, NaiveDate};
use oneroster::auth::client::{self, NewSecret};
use oneroster::publication::State;
use serde_json::{Value, json};

use crate::harness;
use crate::harness::api::Api;
use crate::harness::school::{BERT, JAN, LOTTE, School, school};

async fn client(school: &School, entries: &[&str]) -> NewSecret {
    let made = client::create(&school.server, &school.tenant_id, "one")
        .await
        .unwrap();
    let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
    client::set(&school.server, &school.tenant_id, &made.client_id, &entries)
        .await
        .unwrap();
    made
}

/// Changes the tenant file as `tenant apply` does: what it says, and that it was said.
async fn configure(school: &School, path: &str, value: Value) {
    sqlx::query(
        "update tenant.tenant set configuration = jsonb_set(configuration, $2::text[], $3) where tenant_id = $1",
    )
    .bind(&school.tenant_id)
    .bind(path.split('.').collect::<Vec<_>>())
    .bind(value)
    .execute(&school.pool)
    .await
    .unwrap();
    sqlx::query("update tenant.input_version set version = version + 1 where tenant_id = $1 and input = 'configuration'")
        .bind(&school.tenant_id)
        .execute(&school.pool)
        .await
        .unwrap();
}

async fn objects(api: &Api, client: &NewSecret, path: &str) -> Vec<Value> {
    let token = api.token(client).await;
    let answer = api.get(&token, path).await.json();
    answer
        .as_object()
        .unwrap()
        .values()
        .next()
        .unwrap()
        .as_array()
        .unwrap()
        .clone()
}

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

/// The last day is the one that Informat says, be it of the class or of the registration; else the day before.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one school, day by day")]
async fn a_removed_enrollment_ends_on_the_last_day_it_was_true() {
    let database = harness::database().await;
    let school = school(&database.pool, "einde").await;
    school.publish().await;
    let (told, plain) = (
        client(&school, &["ended_enrollments=true"]).await,
        client(&school, &[]).await,
    );
    let api = Api::start(&school.pool).await;
    let today = school.today().await;
    let ends = async |client: &NewSecret, who: &str| -> NaiveDate {
        let enrollments = objects(&api, client, "/enrollments").await;
        let id = json!(format!("{who}-1"));
        let found = enrollments
            .iter()
            .find(|enrollment| enrollment["sourcedId"] == id)
            .unwrap();
        found["endDate"].as_str().unwrap().parse().unwrap()
    };
    let (year_end, last_week) = (ends(&plain, JAN).await, today - Days::new(7));
    assert_eq!(
        ends(&told, JAN).await,
        year_end,
        "who is there ends as Informat says"
    );

    // Lotte left the class a week ago, which is entered today; Jan leaves the school; Bert is no longer in the class's row.
    school.jan_leaves().await;
    school
        .change(&format!(
            "update informat.inschrklas set totdatum = '{last_week}' where tenant_id = $1 and p_inschrklas = 2;
             delete from informat.klasfunctiepersoon where tenant_id = $1"
        ))
        .await;
    school.publish().await;
    let yesterday = today - Days::new(1);
    assert_eq!(ends(&told, LOTTE).await, last_week);
    assert_eq!(
        ends(&told, JAN).await,
        yesterday,
        "by the causes of the user's removal"
    );
    assert_eq!(ends(&told, BERT).await, yesterday, "no cause names a day");
    for who in [JAN, LOTTE, BERT] {
        assert_eq!(ends(&plain, who).await, year_end);
    }
    let ended = objects(
        &api,
        &told,
        &format!("/enrollments?filter=endDate%3C='{yesterday}'"),
    )
    .await;
    assert_eq!(ended.len(), 3);
    assert!(
        objects(
            &api,
            &plain,
            &format!("/enrollments?filter=endDate%3C='{yesterday}'")
        )
        .await
        .is_empty()
    );

    // A build that did not know last days wrote none: they are worked out when a generation is loaded.
    forget_last_days(&school).await;
    let expected = [(LOTTE, last_week), (JAN, yesterday), (BERT, yesterday)];
    assert_eq!(ends_of_all(&school, &told).await, expected);

    // A new date for everything leaves the last days alone, and fills them; so does one that such a build gave.
    let redate = oneroster::publication::Options {
        redate: true,
        ..oneroster::publication::Options::default()
    };
    oneroster::publication::publish(&school.server, &school.tenant_id, redate)
        .await
        .unwrap();
    let lacking: i64 = sqlx::query_scalar(
        "select count(*) from roster.object_version
         where kind = 'enrollments' and status = 'tobedeleted' and until_number is null and ended_on is null",
    )
    .fetch_one(&school.pool)
    .await
    .unwrap();
    assert_eq!(lacking, 0);
    assert_eq!(ends_of_all(&school, &told).await, expected);
    forget_last_days(&school).await;
    assert_eq!(ends_of_all(&school, &told).await, expected);
}

async fn forget_last_days(school: &School) {
    sqlx::query("update roster.object_version set ended_on = null")
        .execute(&school.pool)
        .await
        .unwrap();
}

/// What a server that just started says of the last day of each enrollment.
async fn ends_of_all(school: &School, client: &NewSecret) -> [(&'static str, NaiveDate); 3] {
    let api = Api::start(&school.pool).await;
    let enrollments = objects(&api, client, "/enrollments").await;
    [LOTTE, JAN, BERT].map(|who| {
        let id = json!(format!("{who}-1"));
        let found = enrollments
            .iter()
            .find(|enrollment| enrollment["sourcedId"] == id)
            .unwrap();
        (who, found["endDate"].as_str().unwrap().parse().unwrap())
    })
}

/// The district is named by the tenant file as of the generation, and is as new as its name or its newest org.
#[tokio::test]
async fn the_district_is_named_by_the_tenant_file() {
    let database = harness::database().await;
    let school = school(&database.pool, "groep").await;
    school.publish().await;
    let told = client(&school, &["district_org=true", "unpaged_full=true"]).await;
    let api = Api::start(&school.pool).await;
    let of = async |path: &str| objects(&api, &told, path).await;
    let orgs = of("/orgs").await;
    assert_eq!(orgs.len(), 2);
    let district = orgs.iter().find(|org| org["type"] == "district").unwrap();
    let site = orgs.iter().find(|org| org["type"] == "school").unwrap();
    assert_eq!(
        (&district["sourcedId"], &district["name"]),
        (&json!("district-groep"), &json!("Scholengroep groep"))
    );
    assert_eq!(site["parent"]["sourcedId"], "district-groep");
    assert_eq!(district["children"][0]["sourcedId"], site["sourcedId"]);
    let first = district["dateLastModified"].as_str().unwrap().to_owned();
    assert_eq!(of("/orgs?filter=type='district'").await.len(), 1);

    configure(&school, "name", json!("Scholengroep Duin")).await;
    assert_eq!(
        school.publish().await.state,
        State::Unchanged,
        "no object changed"
    );
    school.jan_leaves().await;
    school.publish().await;
    let delta = of(&format!("/orgs?filter=dateLastModified%3E'{first}'")).await;
    assert_eq!(delta.len(), 1);
    assert_eq!(
        (&delta[0]["name"], &delta[0]["type"]),
        (&json!("Scholengroep Duin"), &json!("district"))
    );
    let renamed = delta[0]["dateLastModified"].as_str().unwrap().to_owned();
    school.jan_returns().await;
    school.publish().await;
    assert!(
        of(&format!("/orgs?filter=dateLastModified%3E'{renamed}'"))
            .await
            .is_empty(),
        "the name stays"
    );
}
