//! The list of usernames over a real database: rows, counts, and when a view is made anew.

use std::sync::Arc;

use oneroster::accounts::{self, Author, Whom};
use oneroster::db::scope;
use oneroster::desk::list::{Column, Filter, Lists, Mark, Person, Seen, Sort, View};
use oneroster::tenants;
use oneroster_school::rights::Rights;
use oneroster_school::tenant::file;

use crate::harness::database;
use crate::harness::school::{COLLECTIONS, JAN, School, school, tenant_file};

fn filter(json: &str) -> Filter {
    serde_json::from_str(json).unwrap()
}

fn all(view: &View, filter: &Filter, sort: &[Sort]) -> Vec<Person> {
    let seen = Seen::new(view, &Rights::operator());
    let people = seen.people(filter, sort);
    seen.range(&people, 0, people.len())
}

fn names(view: &View, json: &str) -> Vec<String> {
    let people = all(view, &filter(json), &[]).into_iter();
    people.map(|person| person.given_name).collect()
}

async fn switch(school: &School, on: bool) {
    let by = Author::new("secretary").unwrap();
    let whom = Whom::People(vec![JAN.parse().unwrap()]);
    accounts::sync(&school.server, &school.tenant_id, &by, on, &whom)
        .await
        .unwrap();
}

#[tokio::test]
async fn r62_r68_r76_r77_r78_rows_are_filtered_searched_and_sorted() {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    let lists = Lists::new(school.server.clone());
    let view = lists.get("zandpoort").await.unwrap();
    assert_eq!(names(&view, "{}"), ["Bert", "Jan", "Lotte"]);
    for (json, expected) in [
        (r#"{"search": "JAN 3a"}"#, vec!["Jan"]),
        (r#"{"search": "markt"}"#, vec!["Bert", "Jan", "Lotte"]),
        (r#"{"search": "jan.janssens zand"}"#, vec!["Jan"]),
        (r#"{"kind": "staff"}"#, vec!["Bert"]),
        (
            r#"{"columns": {"family_name": {"contains": "PEE"}}}"#,
            vec!["Lotte"],
        ),
        (r#"{"columns": {"class": {"blank": true}}}"#, vec!["Bert"]),
        (
            r#"{"columns": {"class": {"equals": "3a"}}}"#,
            vec!["Jan", "Lotte"],
        ),
        (r#"{"columns": {"birth_date": {"from": "2010-01-01"}}}"#, vec![]),
        (
            r#"{"columns": {"sync": {"is": true}}}"#,
            vec!["Bert", "Jan", "Lotte"],
        ),
        (r#"{"mark": "off"}"#, vec![]),
    ] {
        assert_eq!(names(&view, json), expected, "{json}");
    }
    let sort = [Sort {
        column: Column::Username,
        descending: true,
    }];
    let people = all(&view, &Filter::default(), &sort);
    let usernames: Vec<&str> = people.iter().map(|person| person.username.as_str()).collect();
    assert_eq!(usernames, ["lotte.peeters", "jan.janssens", "bert.ameel"]);
    let jan = &people[1];
    assert_eq!(
        (jan.school.as_str(), jan.site.as_str(), jan.class.as_str()),
        ("Zandpoort", "Markt", "3A")
    );
    assert!(jan.may_edit && !jan.served && jan.last_read.is_none());
}

#[tokio::test]
async fn a_view_holds_until_something_it_shows_changes() {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    let lists = Lists::new(school.server.clone());
    let view = lists.get("zandpoort").await.unwrap();
    assert!(Arc::ptr_eq(&view, &lists.get("zandpoort").await.unwrap()));
    switch(&school, false).await;
    let off = lists.get("zandpoort").await.unwrap();
    assert_ne!(off.version(), view.version());
    let counts = Seen::new(&off, &Rights::operator()).counts(&Filter::default());
    assert_eq!((counts.total, counts.on, counts.off, counts.new), (3, 2, 1, 0));
    assert_eq!((counts.pupils, counts.staff), (2, 1));
    assert_eq!(all(&off, &filter(r#"{"mark": "off"}"#), &[])[0].given_name, "Jan");
    assert_eq!(filter(r#"{"mark": "off"}"#).mark, Some(Mark::Off));
    school.publish().await;
    school.note_pull(COLLECTIONS, 0).await;
    let read = lists.get("zandpoort").await.unwrap();
    let people = all(&read, &Filter::default(), &[]);
    let served: Vec<(bool, bool)> = people
        .iter()
        .map(|person| (person.served, person.last_read.is_some()))
        .collect();
    assert_eq!(served, [(true, true), (false, false), (true, true)]);
    assert!(lists.get("unknown").await.is_err());
    assert!(lists.bytes() > 0);
}

#[tokio::test]
async fn r64_the_domain_column_shows_what_is_configured_and_the_login_has_it() {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    let text = tenant_file("zandpoort")
        .replace(
            "[[schools]]",
            "domain_mode = \"informat\"\n[[schools]]\nteacher_domain = \"zandpoort.example\"",
        )
        .replace("vestnr = 1", "vestnr = 1\npupil_domain = \"markt.example\"");
    let configuration = file::parse(&text).unwrap();
    let mut transaction = scope::begin(&school.server, "zandpoort").await.unwrap();
    tenants::apply(&mut transaction, &configuration, true)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let lists = Lists::new(school.server.clone());
    let view = lists.get("zandpoort").await.unwrap();
    let people = all(&view, &Filter::default(), &[]);
    let domains: Vec<&str> = people.iter().map(|person| person.domain.as_str()).collect();
    assert_eq!(domains, ["zandpoort.example", "markt.example", "markt.example"]);
    assert_eq!(
        names(&view, r#"{"columns": {"domain": {"starts": "markt"}}}"#),
        ["Jan", "Lotte"]
    );
    assert_eq!(names(&view, r#"{"search": "zandpoort.example"}"#), ["Bert"]);
    let seen = Seen::new(&view, &Rights::operator());
    let (_, login) = seen.find_with_login(JAN.parse().unwrap()).unwrap();
    assert_eq!(login, "jan.janssens@markt.example");
}

#[tokio::test]
async fn an_edit_reads_nothing_of_what_was_served_and_read() {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    school.publish().await;
    school.note_pull(COLLECTIONS, 0).await;
    let lists = Lists::new(school.server.clone());
    let before = all(&lists.get("zandpoort").await.unwrap(), &filter("{}"), &[]);
    assert!(
        before
            .iter()
            .all(|person| person.served && person.last_read.is_some())
    );
    // Nobody may read what was published any more.
    sqlx::query("revoke select on roster.object_version from oneroster_tenant")
        .execute(&database.pool)
        .await
        .unwrap();
    assert!(
        Lists::new(school.server.clone()).get("zandpoort").await.is_err(),
        "a view that is made anew reads it"
    );
    switch(&school, false).await;
    let after = all(&lists.get("zandpoort").await.unwrap(), &filter("{}"), &[]);
    let jan = |people: &[Person]| {
        people
            .iter()
            .find(|person| person.given_name == "Jan")
            .unwrap()
            .clone()
    };
    assert!(jan(&before).sync && !jan(&after).sync);
    let read = |people: &[Person]| {
        people
            .iter()
            .map(|person| (person.served, person.last_read))
            .collect::<Vec<_>>()
    };
    assert_eq!(read(&before), read(&after));
}
