//! The school group as an org, from publication to publication.

use chrono::{DateTime, Utc};
use oneroster::publication::State;
use serde_json::json;

use super::seen::{client, configure, objects};
use crate::harness;
use crate::harness::api::Api;
use crate::harness::school::school;

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

/// What it follows from is purged some day: its date stays, and a delta repeats it at most.
#[tokio::test]
async fn the_date_of_the_district_never_goes_back() {
    let database = harness::database().await;
    let school = school(&database.pool, "terug").await;
    let sites = json!([{"vestnr": 1, "sync": true, "sync_default": true}, {"vestnr": 2, "sync": true, "sync_default": true}]);
    configure(&school, "schools.0.sites", sites).await;
    school
        .change(
            "insert into informat.schoolvest
                 (tenant_id, instelnr, vestnrdiscimus, hfdstructuur, vestiging, actief)
                 values ($1, '001507', 2, '311', 'Kade', true)",
        )
        .await;
    school.publish().await;
    let told = client(&school, &["district_org=true"]).await;
    // A server of its own each time, so that everything is read anew.
    let district = async || {
        let api = Api::start(&school.pool).await;
        let token = api.token(&told).await;
        let found = api.get(&token, "/orgs/district-terug").await.json();
        let date = found["org"]["dateLastModified"].as_str().unwrap();
        let children = found["org"]["children"].as_array().unwrap().len();
        (children, date.parse::<DateTime<Utc>>().unwrap())
    };
    let (both, first) = district().await;
    school
        .change("update informat.schoolvest set actief = false where tenant_id = $1 and vestnrdiscimus = 2")
        .await;
    school.publish().await;
    let (one, gone) = district().await;
    assert_eq!((both, one), (2, 1));
    assert!(first < gone);

    let age = "update roster.generation set committed_at = committed_at - interval '401 days',
         published_at = published_at - interval '401 days', district_changed_at = district_changed_at - interval '401 days'
         where tenant_id = $1";
    sqlx::query(age)
        .bind(&school.tenant_id)
        .execute(&school.pool)
        .await
        .unwrap();
    let (_, aged) = district().await;
    school.change("").await;
    assert_eq!(
        school.publish().await.summary.purged.len(),
        1,
        "the org is purged"
    );
    assert_eq!(district().await, (1, aged));

    // A build that did not know its date publishes in between.
    sqlx::query("update roster.generation set district_changed_at = null where tenant_id = $1")
        .bind(&school.tenant_id)
        .execute(&school.pool)
        .await
        .unwrap();
    let (_, unknown) = district().await;
    school.jan_leaves().await;
    school.publish().await;
    let (_, known) = district().await;
    assert!(unknown < known, "{unknown} {known}");
}
