//! Many flags at once, for everybody who asks: what a change would do, the last one and taking it back count whom each may change.

use axum::http::StatusCode;
use oneroster_school::rights::Access;
use serde_json::{Value, json};

use super::askers::{Asker, askers};
use super::role_world::{
    Given, PEOPLE, TENANT, id, nothing_hidden, opened_of, post, sees, switch, text_of, world,
};
use crate::harness::database;
use crate::harness::desk::Site;

/// Whom the operator left switched off.
const NOT_RELEASED: [usize; 2] = [3, 9];

/// What a bulk change would do, and the last one that can be taken back.
async fn bulk(site: &Site, asker: &Asker, operation: &str) {
    let given = &asker.given;
    let listed = |wanted: Access| (0..PEOPLE.len()).filter(move |person| opened_of(given, *person) == wanted);
    let released = |person: &usize| !NOT_RELEASED.contains(person);
    let written: Vec<usize> = listed(Access::Write).collect();
    let order = json!({ "on": false, "people": { "filter": {} } });
    let answer = post(site, &asker.browser, "bulk/preview", order).await;
    if asker.strongest() < Access::Write {
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{given:?}");
    } else {
        nothing_hidden(&text_of(&answer), given, "preview");
        let preview = answer.json();
        let changes = written.iter().filter(|person| released(person));
        let in_classes = |person: &&usize| {
            let classes = PEOPLE[**person].teams().iter();
            classes.filter(|place| sees(given, **place)).count() > 0
        };
        let classes = changes.clone().flat_map(|person| PEOPLE[*person].teams());
        let mut classes: Vec<usize> = classes.copied().filter(|place| sees(given, *place)).collect();
        classes.sort_unstable();
        classes.dedup();
        let counts = [
            "count",
            "changes",
            "passed_over_count",
            "leave_teams",
            "teams_left",
        ];
        assert_eq!(
            counts.map(|name| preview[name].as_u64().unwrap_or_default()),
            [
                written.len(),
                changes.clone().count(),
                listed(Access::Read).count(),
                changes.filter(in_classes).count(),
                classes.len(),
            ]
            .map(|count| u64::try_from(count).unwrap()),
            "{given:?}: {preview}"
        );
    }
    let last = site
        .get(&asker.browser, &format!("/desk/api/{TENANT}/usernames/bulk/last"))
        .await
        .json();
    let mine = written.iter().filter(|person| released(person)).count();
    if mine == 0 {
        assert_eq!(last, Value::Null, "{given:?}");
    } else {
        assert_eq!(
            (&last["operation"], &last["count"], &last["undoable"]),
            (&json!(operation), &json!(mine), &json!(true)),
            "{given:?}"
        );
    }
}

#[tokio::test]
async fn r74_r83_r85_r86_r87_a_bulk_change_counts_whom_each_may_change() {
    let database = database().await;
    let school = world(&database.pool, TENANT).await;
    let site = Site::start(&database.pool).await;
    let askers = askers(&site).await;
    let operation = switch(&site, &askers.last().unwrap().browser, true, &NOT_RELEASED).await;
    school.publish().await;
    for asker in askers.iter().filter(|asker| asker.strongest() > Access::None) {
        bulk(&site, asker, &operation).await;
    }
}

/// Taking a bulk change back switches what who asks may change, and tells of nobody else.
#[tokio::test]
async fn r74_r83_a_bulk_change_is_taken_back_as_far_as_each_may_change() {
    let database = database().await;
    world(&database.pool, TENANT).await;
    let site = Site::start(&database.pool).await;
    let askers = askers(&site).await;
    let operator = &askers.last().unwrap().browser;
    for asker in askers.iter().filter(|asker| asker.given.len() > 1) {
        let given: &[Given] = &asker.given;
        switch(&site, operator, false, &[]).await;
        let operation = switch(&site, operator, true, &[]).await;
        let order = json!({ "operation": operation });
        let answer = post(&site, &asker.browser, "bulk/undo", order.clone()).await;
        let mine: Vec<usize> = (0..PEOPLE.len())
            .filter(|person| opened_of(given, *person) == Access::Write)
            .collect();
        if mine.is_empty() {
            let unknown = json!({ "operation": id(99) });
            let unknown = post(&site, &asker.browser, "bulk/undo", unknown).await;
            assert_eq!(
                (answer.status, &answer.body),
                (unknown.status, &unknown.body),
                "{given:?}"
            );
        } else {
            nothing_hidden(&text_of(&answer), given, "undo");
            assert_eq!(answer.json()["undone"], mine.len(), "{given:?}");
        }
        let off: Vec<uuid::Uuid> = sqlx::query_scalar(
            "select rowguid from username.record where not sync and tenant_id = $1 order by rowguid",
        )
        .bind(TENANT)
        .fetch_all(&database.pool)
        .await
        .unwrap();
        let is_future = |person: &usize| PEOPLE[*person].places.is_empty();
        let expected = (0..PEOPLE.len()).filter(|person| mine.contains(person) || is_future(person));
        assert_eq!(off, expected.map(id).collect::<Vec<_>>(), "{given:?}");
    }
}
