//! Switching the Sync flag of many: exactly those who were shown, what will happen, and taking it back.

use std::time::Duration;

use chrono::Days;
use oneroster::accounts::{self, Author, OneSwitch, Reason};
use oneroster::desk::Language;
use oneroster::desk::bulk::{Acted, Bulk, BulkError, Choices, Difference, Order, Preview, Whom};
use oneroster::desk::list::{Filter, Lists, Seen, State};
use oneroster_school::rights::{Access, Grant, Rights};
use uuid::Uuid;

use super::crowd::{FAMILY, allocate, crowd};
use crate::harness::database;
use crate::harness::school::{BERT, COLLECTIONS, JAN, LOTTE, School, school};

/// Somebody at the desk.
struct Admin {
    lists: Lists,
    choices: Choices,
    rights: Rights,
    tenant_id: String,
}

impl Admin {
    fn operator(school: &School) -> Self {
        Self {
            lists: Lists::new(school.server.clone()),
            choices: Choices::default(),
            rights: Rights::operator(),
            tenant_id: school.tenant_id.clone(),
        }
    }

    fn bulk(&self) -> Bulk<'_> {
        Bulk {
            lists: &self.lists,
            choices: &self.choices,
            tenant_id: &self.tenant_id,
            rights: &self.rights,
            language: Language::Dutch,
        }
    }

    async fn act(&self, on: bool, people: &Whom, preview: &Preview) -> Result<Acted, BulkError> {
        let order = Order {
            on,
            people: people.clone(),
            count: preview.count,
            fingerprint: preview.fingerprint.clone(),
            reason: None,
        };
        let reason = Reason::new(Some("naar huis")).unwrap();
        self.bulk().act(&by("secretary"), &order, reason.as_ref()).await
    }

    /// Does it as it was shown.
    async fn switch(&self, on: bool, people: &Whom) -> Acted {
        let preview = self.bulk().preview(on, people).await.unwrap();
        self.act(on, people, &preview).await.unwrap()
    }
}

fn by(name: &str) -> Author {
    Author::new(name).unwrap()
}

/// A switch of somebody whom nobody looked at before.
fn one(person: &str, on: bool) -> OneSwitch<'static> {
    OneSwitch {
        person: id(person),
        on,
        stamp: None,
        reason: None,
        undoes: None,
    }
}

fn id(text: &str) -> Uuid {
    text.parse().unwrap()
}

fn of_family() -> Whom {
    let json = format!(r#"{{"columns": {{"family_name": {{"starts": "{FAMILY}"}}}}}}"#);
    Whom::Filter(serde_json::from_str(&json).unwrap())
}

/// Everything that matches is meant, and not the rows that a page has loaded; what an import changes meanwhile is told.
async fn everything_that_matches(all: i32) {
    let database = database().await;
    let school = crowd(&database.pool, "zandpoort", all, 1234).await;
    let admin = Admin::operator(&school);
    let people = of_family();
    let view = admin.lists.get("zandpoort").await.unwrap();
    let Whom::Filter(filter) = &people else {
        panic!("a filter")
    };
    let seen = Seen::new(&view, &admin.rights);
    let loaded = seen.people(filter, &[]);
    assert_eq!(loaded.len(), 1234);
    assert_eq!(seen.range(&loaded, 0, 100).len(), 100);
    let preview = admin.bulk().preview(true, &people).await.unwrap();
    assert_eq!(
        (preview.count, preview.changes, preview.accounts_made),
        (1234, 1234, 1234)
    );
    // One comes, one leaves.
    let yesterday = school.today().await - Days::new(1);
    school
        .change(&format!(
            "update informat.persoon set naam = '{FAMILY}' where tenant_id = $1 and p_persoon = {all};
             update informat.inschrijving set einddatum = '{yesterday}' where tenant_id = $1 and p_inschr = 7"
        ))
        .await;
    allocate(&school).await;
    let refused = admin.act(true, &people, &preview).await.unwrap_err();
    let BulkError::Changed {
        difference,
        preview: now,
    } = refused
    else {
        panic!("{refused:?}")
    };
    let expected = Difference {
        added: 1,
        removed: 1,
        switched: 0,
    };
    assert_eq!((difference, now.count), (expected, 1234));
    let on: i64 = sqlx::query_scalar("select count(*) from username.record where sync")
        .fetch_one(&school.pool)
        .await
        .unwrap();
    assert_eq!(on, 0, "nothing was done");
    let acted = admin.act(true, &people, &now).await.unwrap();
    assert_eq!(acted.changed, 1234);
    let view = admin.lists.get("zandpoort").await.unwrap();
    let counts = Seen::new(&view, &admin.rights).counts(&Filter::default());
    assert_eq!(
        (counts.on, counts.total),
        (1234, usize::try_from(all).unwrap() - 1)
    );
}

#[tokio::test]
async fn r74_exactly_those_who_were_shown_are_switched_though_few_of_them_are_loaded() {
    everything_that_matches(5_000).await;
}

#[tokio::test]
#[ignore = "50,000 people take minutes without optimisation: cargo test --test it -- --ignored desk::bulk"]
async fn r74_exactly_those_who_were_shown_are_switched_of_50_000() {
    everything_that_matches(50_000).await;
}

#[tokio::test]
async fn a_preview_says_what_will_happen_and_whether_it_will_be_held() {
    let database = database().await;
    let school = crowd(&database.pool, "zandpoort", 200, 100).await;
    let admin = Admin::operator(&school);
    let all = Whom::Filter(Filter::default());
    admin.switch(true, &all).await;
    school.publish().await;
    let off = admin.bulk().preview(false, &of_family()).await.unwrap();
    assert_eq!((off.count, off.changes, off.leave_teams), (100, 100, 100));
    assert_eq!(off.teams_left, 5, "classes of 25, the first of 24");
    let tests: Vec<&str> = off.held.iter().map(|held| held.test).collect();
    assert!(tests.contains(&"users_removed"), "{tests:?}");
    assert!(
        off.message.iter().any(|line| line.contains("tegengehouden")),
        "{off:?}"
    );
    let few = Whom::Ids(vec![id("00000000-0000-4000-8000-000000000001")]);
    let few = admin.bulk().preview(false, &few).await.unwrap();
    assert_eq!((few.held.len(), few.leave_teams, few.teams_left), (0, 1, 1));
    assert_eq!(few.message[0], "Van één persoon gaat Sync uit.");
    // Who had an account before gets no new one.
    admin.switch(false, &of_family()).await;
    let again = admin.bulk().preview(true, &of_family()).await.unwrap();
    assert_eq!((again.changes, again.accounts_made), (100, 0));
}

#[tokio::test]
async fn who_waits_is_passed_over_in_bulk_and_answered_by_name() {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    sqlx::query(
        "update username.record set sync = false, waits_for = '{placeholder}' where rowguid = $1::uuid",
    )
    .bind(JAN)
    .execute(&school.pool)
    .await
    .unwrap();
    let admin = Admin::operator(&school);
    let people = Whom::Ids(vec![id(JAN), id(LOTTE)]);
    let preview = admin.bulk().preview(true, &people).await.unwrap();
    assert_eq!((preview.count, preview.changes, preview.unchanged), (2, 0, 1));
    assert_eq!(preview.passed_over[0].name, "Jan Janssens");
    let acted = admin.act(true, &people, &preview).await.unwrap();
    assert_eq!((acted.changed, acted.passed_over_count), (0, 1));
    let view = admin.lists.get("zandpoort").await.unwrap();
    let row = Seen::new(&view, &admin.rights).find(id(JAN)).unwrap();
    let stamp = u64::from_str_radix(&row.stamp, 16).ok();
    let pool = &school.server;
    let seen = |on| OneSwitch {
        stamp,
        ..one(JAN, on)
    };
    accounts::sync_one(pool, "zandpoort", &by("an"), &seen(true))
        .await
        .unwrap();
    let view = admin.lists.get("zandpoort").await.unwrap();
    let now = Seen::new(&view, &admin.rights).find(id(JAN)).unwrap();
    assert!(now.sync && now.marks.is_empty() && now.stamp != row.stamp);
    let stale = accounts::sync_one(pool, "zandpoort", &by("els"), &seen(false)).await;
    assert!(stale.is_err(), "the second of two admins is told");
}

#[tokio::test]
async fn the_last_bulk_change_is_taken_back_but_for_whom_something_came_in_between() {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    school.publish().await;
    let admin = Admin::operator(&school);
    let people = Whom::Filter(Filter::default());
    assert_eq!(admin.bulk().last().await.unwrap(), None);
    let acted = admin.switch(false, &people).await;
    let last = admin.bulk().last().await.unwrap().unwrap();
    assert_eq!(
        (last.operation, last.on, last.count, last.undoable),
        (acted.operation, false, 3, true)
    );
    assert_eq!(
        (last.by.as_str(), last.reason.as_deref()),
        ("secretary", Some("naar huis"))
    );
    // Microsoft reads that Bert and Jan are gone; Lotte was switched on again by somebody.
    tokio::time::sleep(Duration::from_millis(5)).await;
    accounts::sync_one(&school.server, "zandpoort", &by("els"), &one(LOTTE, true))
        .await
        .unwrap();
    school.publish().await;
    school.note_pull(COLLECTIONS, 0).await;
    let undone = admin
        .bulk()
        .undo(&by("secretary"), acted.operation)
        .await
        .unwrap();
    assert_eq!((undone.undone, undone.refused_count), (2, 1));
    assert_eq!(undone.read_meanwhile, 2);
    assert_eq!(undone.refused[0].name, "Lotte Peeters");
    assert!(undone.refused[0].reason.contains("els"), "{undone:?}");
    let view = admin.lists.get("zandpoort").await.unwrap();
    let counts = Seen::new(&view, &admin.rights).counts(&Filter::default());
    assert_eq!(counts.on, 3);
    let again = admin.bulk().undo(&by("secretary"), acted.operation).await;
    assert!(matches!(again, Err(BulkError::NotFound)), "once only: {again:?}");
    let history = accounts::history(&school.server, "zandpoort", id(BERT))
        .await
        .unwrap();
    assert_eq!(history.iter().filter(|change| change.field == "sync").count(), 2);
    assert!(
        history
            .iter()
            .any(|change| change.reason.as_deref() == Some("naar huis"))
    );
}

#[tokio::test]
async fn r85_who_may_only_read_changes_nobody_and_who_sees_nothing_knows_nobody() {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    let mut admin = Admin::operator(&school);
    admin.switch(false, &Whom::Ids(vec![id(JAN)])).await;
    let everybody = Whom::Filter(Filter::default());
    let grant = |access| Grant {
        instelnr: "001507".to_owned(),
        vestnr: None,
        access,
        is_manager: false,
    };
    admin.rights = Rights::of([grant(Access::Read)]);
    let preview = admin.bulk().preview(true, &everybody).await.unwrap();
    assert_eq!((preview.count, preview.passed_over_count), (0, 3));
    assert_eq!(admin.bulk().last().await.unwrap(), None);
    admin.rights = Rights::default();
    let preview = admin.bulk().preview(true, &everybody).await.unwrap();
    assert_eq!((preview.count, preview.passed_over_count), (0, 0));
    let one = admin.bulk().preview(true, &Whom::Ids(vec![id(JAN)])).await;
    let none = admin.bulk().preview(true, &Whom::Ids(vec![Uuid::nil()])).await;
    assert!(matches!(
        (one, none),
        (Err(BulkError::NotFound), Err(BulkError::NotFound))
    ));
}

/// The state of somebody's release, as the list, its counts and its filter have it.
async fn state_of(admin: &Admin, person: &str) -> State {
    let view = admin.lists.get("zandpoort").await.unwrap();
    let seen = Seen::new(&view, &admin.rights);
    let state = seen.find(id(person)).unwrap().state;
    let counts = seen.counts(&Filter::default());
    assert_eq!(counts.new + counts.off + counts.on, counts.total);
    for (mark, filtered) in [("new", State::New), ("off", State::Off), ("on", State::On)] {
        let filter = serde_json::from_value(serde_json::json!({ "mark": mark })).unwrap();
        let listed = seen.ids(&filter).contains(&id(person));
        assert_eq!(listed, filtered == state, "{mark}");
    }
    // What a view took over from the one before is what a new one reads.
    let anew = Lists::new(admin.lists.pool().clone())
        .get("zandpoort")
        .await
        .unwrap();
    let anew = Seen::new(&anew, &admin.rights);
    assert_eq!(anew.find(id(person)).unwrap().state, state);
    state
}

#[tokio::test]
async fn a_release_of_many_that_is_taken_back_leaves_everybody_as_they_were() {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    let admin = Admin::operator(&school);
    // Nobody ever set Jan's flag; somebody released Lotte and switched her off again.
    never_set(&school).await;
    for on in [true, false] {
        accounts::sync_one(&school.server, "zandpoort", &by("els"), &one(LOTTE, on))
            .await
            .unwrap();
    }
    assert_eq!(state_of(&admin, JAN).await, State::New);
    assert_eq!(state_of(&admin, LOTTE).await, State::Off);
    let acted = admin.switch(true, &Whom::Filter(Filter::default())).await;
    assert_eq!(state_of(&admin, JAN).await, State::On);
    admin
        .bulk()
        .undo(&by("secretary"), acted.operation)
        .await
        .unwrap();
    assert_eq!(state_of(&admin, JAN).await, State::New);
    assert_eq!(state_of(&admin, LOTTE).await, State::Off);
    // Released anew and switched off by somebody, they are.
    admin.switch(true, &Whom::Ids(vec![id(JAN)])).await;
    admin.switch(false, &Whom::Ids(vec![id(JAN)])).await;
    assert_eq!(state_of(&admin, JAN).await, State::Off);
}

#[tokio::test]
async fn a_release_of_one_that_is_taken_back_leaves_them_as_they_were() {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    let admin = Admin::operator(&school);
    never_set(&school).await;
    let switch = async |on, undoes| {
        let switch = OneSwitch {
            undoes,
            ..one(JAN, on)
        };
        accounts::sync_one(&school.server, "zandpoort", &by("els"), &switch).await
    };
    let released = switch(true, None).await.unwrap();
    assert_eq!(state_of(&admin, JAN).await, State::On);
    assert_eq!(
        admin.bulk().last().await.unwrap(),
        None,
        "a switch of one is none of many"
    );
    switch(false, released).await.unwrap();
    assert_eq!(state_of(&admin, JAN).await, State::New);
    let history = accounts::history(&school.server, "zandpoort", id(JAN))
        .await
        .unwrap();
    let sync = history.iter().filter(|change| change.field == "sync");
    assert_eq!(
        sync.map(|change| change.is_undo).collect::<Vec<_>>(),
        [false, true]
    );
    // Something that came in between is not taken back with it, nor what is no switch of theirs.
    let again = switch(true, None).await.unwrap();
    switch(false, None).await.unwrap();
    switch(true, None).await.unwrap();
    for undoes in [again, released, Some(Uuid::nil())] {
        assert!(switch(false, undoes).await.is_err(), "{undoes:?}");
    }
    assert_eq!(state_of(&admin, JAN).await, State::On);
}

/// Forgets every switch of a flag, as if all were new.
async fn never_set(school: &School) {
    for statement in [
        "delete from username.change where field = 'sync'",
        "update username.record set sync = false",
    ] {
        sqlx::query(statement).execute(&school.pool).await.unwrap();
    }
}
