//! The requests of connectors between school systems.

use super::{ServedRoster, total};

/// `HelloID`: four scopes, of which one is not offered; pages until one is short; removed rows left out by itself.
#[tokio::test]
async fn helloid() {
    let stage = ServedRoster::new().await;
    let token = stage
        .token("roster.readonly roster-demographics.readonly gradebook.readonly resource.readonly")
        .await;
    for (collection, key) in [
        ("orgs", "orgs"),
        ("academicSessions", "academicSessions"),
        ("enrollments", "enrollments"),
        ("classes", "classes"),
        ("courses", "courses"),
        ("students", "users"),
        ("teachers", "users"),
    ] {
        let mut seen = 0;
        let all = loop {
            let page = stage
                .api
                .get(&token, &format!("/{collection}?limit=50&offset={seen}"))
                .await;
            let rows = page.ids(key).len();
            seen += rows;
            if rows < 50 {
                break total(&page);
            }
        };
        assert_eq!(seen, all, "{collection}");
    }
    let removed = stage.count("users", |_, status, user| {
        status == "tobedeleted" && user["role"] == "student"
    });
    let students = stage.api.get(&token, "/students?limit=10000").await;
    let seen = students.json()["users"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|user| user["status"] == "tobedeleted")
        .count();
    assert_eq!(seen, removed, "it counts on seeing them");
}
