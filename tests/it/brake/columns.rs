//! Nights on which a file or a column of the export is empty: a small share of everybody, and all of some.

use axum::http::Method;
use oneroster::publication::{Publication, State};
use serde_json::{Value, json};

use super::{published, since, truncated};
use crate::harness;
use crate::harness::api::Api;
use crate::harness::group::{Shape, group, org};
use crate::harness::school::School;

/// Test, role and org of every reason, as programs read them.
fn reasons(publication: &Publication) -> Vec<(Value, Value, Value)> {
    let reasons = publication.held.iter().flat_map(|hold| &hold.reasons);
    reasons
        .map(|reason| {
            let reason = serde_json::to_value(reason).unwrap();
            (
                reason["test"].clone(),
                reason["role"].clone(),
                reason["org"].clone(),
            )
        })
        .collect()
}

/// Thirty-six teachers among 396 users: nine per cent of the users, and the owners of every Team.
#[tokio::test]
async fn an_export_without_assignments_which_would_take_all_staff_is_held() {
    let (school, _database) = published().await;
    school
        .change("delete from informat.opdracht where tenant_id = $1")
        .await;
    let held = school.publish().await;
    assert_eq!(held.state, State::Held);
    assert_eq!(
        reasons(&held),
        [
            (json!("users_removed"), json!("staff"), Value::Null),
            (json!("fewer_memberships"), json!("staff"), Value::Null),
        ]
    );
    let api = Api::start(&school.pool).await;
    api.held.refresh(&school.server).await.unwrap();
    let ready = api.ask(Method::GET, "", "/readyz").await.json();
    assert_eq!(
        ready["held"][0]["reasons"][0],
        json!({ "test": "users_removed", "org": null, "role": "staff", "since": since(&held) })
    );
}

#[tokio::test]
async fn an_export_without_class_teachers_which_would_take_every_owner_of_a_team_is_held() {
    let (school, _database) = published().await;
    school
        .change("delete from informat.klasfunctiepersoon where tenant_id = $1")
        .await;
    assert_eq!(
        reasons(&school.publish().await),
        [(json!("fewer_memberships"), json!("staff"), Value::Null)]
    );
}

#[tokio::test]
async fn an_export_with_an_empty_column_of_names_is_held() {
    let (school, _database) = published().await;
    for column in ["voornaam", "naam"] {
        let mend = emptied(&school, column).await;
        let held = school.publish().await;
        let found = reasons(&held);
        assert_eq!(found.len(), 13, "the tenant and each of its orgs: {found:?}");
        assert_eq!(found[0], (json!("names_lost"), Value::Null, Value::Null));
        assert_eq!(found[1].2, json!(org(1)));
        school.change(&mend).await;
        assert_eq!(school.publish().await.state, State::Unchanged);
    }
}

/// Empties a column of names; returns the statement that takes it back.
async fn emptied(school: &School, column: &str) -> String {
    let names: Vec<(i32, String)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select p_persoon::int, {column} from informat.persoon where tenant_id = 'zand'"
    )))
    .fetch_all(&school.pool)
    .await
    .unwrap();
    school
        .change(&format!(
            "update informat.persoon set {column} = null where tenant_id = $1"
        ))
        .await;
    let values: Vec<String> = names
        .iter()
        .map(|(key, name)| format!("({key}, '{name}')"))
        .collect();
    format!(
        "update informat.persoon p set {column} = v.name from (values {}) as v (key, name)
         where p.tenant_id = $1 and p.p_persoon = v.key",
        values.join(", ")
    )
}

#[tokio::test]
async fn a_pilot_of_ten_is_not_held_whatever_is_empty() {
    let database = harness::database().await;
    let pilot = Shape {
        schools: 1,
        pupils: 10,
        ..Shape::TWELVE
    };
    let school = group(&database.pool, "zand", pilot).await;
    school.publish().await;
    for statement in [
        "update informat.persoon set naam = null, voornaam = null where tenant_id = $1",
        "delete from informat.klasfunctiepersoon where tenant_id = $1",
        "delete from informat.opdracht where tenant_id = $1",
    ] {
        school.change(statement).await;
        assert_eq!(school.publish().await.state, State::Published, "{statement}");
    }
}

/// What takes too many of all is told once, not once more for the pupils among them.
#[tokio::test]
async fn a_role_is_told_only_where_everybody_together_passes() {
    let (_school, _database, held) = truncated().await;
    assert_eq!(
        reasons(&held),
        [
            (json!("users_removed"), Value::Null, json!(org(7))),
            (json!("fewer_memberships"), Value::Null, json!(org(7))),
        ]
    );
}
