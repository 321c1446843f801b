//! Reasons, from made-up versions.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use oneroster_school::projection::Cause;
use oneroster_standard::{Kind, StatusType};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Happening;
use super::explainer::Explainer;
use super::reason::{Author, Reason};
use super::store::{Audit, KeptGenerations};
use crate::roster::{self, InputVersions, Version};

const START: DateTime<Utc> = DateTime::from_timestamp_nanos(1_800_000_000_000_000_000);

fn hour(number: i64) -> DateTime<Utc> {
    START + TimeDelta::hours(number)
}

/// Generations 1 to `newest`, one an hour, each from newer data.
fn kept(newest: i64) -> KeptGenerations {
    let generations = (1..=newest).map(|number| roster::Generation {
        number,
        generation_id: Uuid::from_u128(number.unsigned_abs().into()),
        published_at: hour(number),
        committed_at: hour(number),
        school_year: "2026-27".to_owned(),
        reference_date: START.date_naive(),
        versions: InputVersions {
            mirror: number,
            configuration: 1,
            usernames: number,
            today: START.date_naive(),
            projection: 1,
        },
        group_name: None,
        summary: roster::Summary::default(),
    });
    KeptGenerations {
        whole_from: 1,
        newest,
        generations: generations.collect(),
        activations: Vec::new(),
    }
}

fn version(kind: Kind, sourced_id: &str, from: i64, until: Option<i64>, content: &Value) -> Version {
    Version {
        kind,
        sourced_id: sourced_id.to_owned(),
        from_number: from,
        until_number: until,
        status: StatusType::Active,
        content: content.to_string(),
        causes: Vec::new(),
        email_domain: None,
        ended_on: None,
    }
}

fn as_tombstone(version: &Version, from: i64, causes: &[Cause]) -> Version {
    Version {
        from_number: from,
        until_number: None,
        status: StatusType::ToBeDeleted,
        causes: causes.to_vec(),
        ..version.clone()
    }
}

fn user(username: &str, orgs: &[&str]) -> Value {
    let orgs: Vec<Value> = orgs.iter().map(|org| json!({ "sourcedId": org })).collect();
    json!({ "username": username, "givenName": "Jan", "familyName": "Janssens", "role": "student", "orgs": orgs })
}

fn enrollment(class: &str) -> Value {
    json!({ "user": { "sourcedId": "u" }, "class": { "sourcedId": class }, "role": "student" })
}

fn audit(at: DateTime<Utc>, field: &str, value: &str) -> Audit {
    Audit {
        changed_at: at,
        changed_by: "an".to_owned(),
        field: field.to_owned(),
        old_value: None,
        new_value: Some(value.to_owned()),
    }
}

/// What the versions say of each generation after the first.
fn events(
    versions: &[Version],
    audits: Vec<Audit>,
    kept: &KeptGenerations,
) -> Vec<(i64, Happening, Vec<Reason>)> {
    let mut explainer = Explainer::new(kept, HashMap::from([("u".to_owned(), audits)]));
    explainer.observe(versions);
    let events = explainer.events(versions, (1, kept.newest));
    events
        .into_iter()
        .map(|event| (event.now.number, event.happening, event.reasons))
        .collect()
}

fn changed(before: &Value, after: &Value, audits: Vec<Audit>) -> Vec<Reason> {
    let versions = [
        version(Kind::Users, "u", 1, Some(2), before),
        version(Kind::Users, "u", 2, None, after),
    ];
    let (number, happening, reasons) = events(&versions, audits, &kept(2)).remove(0);
    assert_eq!((number, happening), (2, Happening::Changed));
    reasons
}

#[test]
fn only_the_edit_that_made_the_name_is_its_author() {
    let (before, after) = (user("jan", &["a"]), user("johan", &["a"]));
    let renamed = |author| {
        vec![Reason::Renamed {
            from: "jan".to_owned(),
            to: "johan".to_owned(),
            author,
        }]
    };
    let author = Author {
        by: "an".to_owned(),
        at: hour(1),
        handed_over: false,
    };
    let edit = |at, name| audit(at, "local_part", name);
    assert_eq!(
        changed(&before, &after, vec![edit(hour(1), "johan")]),
        renamed(Some(author))
    );
    for unrelated in [
        vec![],
        vec![edit(hour(1), "johan"), edit(hour(2), "jo")],
        vec![edit(hour(3), "johan")],
        vec![audit(hour(1), "domain", "johan")],
    ] {
        assert_eq!(changed(&before, &after, unrelated), renamed(None));
    }
}

#[test]
fn a_domain_change_is_no_rename_and_is_not_signed_by_an_older_edit() {
    let reasons = |from: &str, to: &str, audits| changed(&user(from, &["a"]), &user(to, &["a"]), audits);
    let domain = |from: Option<&str>, to: Option<&str>, author| {
        vec![Reason::DomainChanged {
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            author,
            by_configuration: false,
        }]
    };
    let edit = |at| vec![audit(at, "domain", "y.be")];
    let author = Author {
        by: "an".to_owned(),
        at: hour(1) + TimeDelta::minutes(5),
        handed_over: false,
    };
    assert_eq!(
        reasons("jan@x.be", "jan@y.be", edit(author.at)),
        domain(Some("x.be"), Some("y.be"), Some(author))
    );
    assert_eq!(
        reasons("jan@x.be", "jan@y.be", edit(hour(0))),
        domain(Some("x.be"), Some("y.be"), None)
    );
    assert_eq!(
        reasons("jan", "jan@y.be", vec![]),
        domain(None, Some("y.be"), None)
    );
}

#[test]
fn orgs_joined_and_left_beside_a_move_are_reported() {
    let reasons = changed(&user("jan", &["a", "b"]), &user("jan", &["c", "b", "d"]), vec![]);
    let moved = Reason::Moved {
        from: "a".to_owned(),
        to: "c".to_owned(),
        since: None,
    };
    assert_eq!(reasons, [moved, Reason::OrgJoined { org: "d".to_owned() }]);
    let left = changed(&user("jan", &["a", "b"]), &user("jan", &["a"]), vec![]);
    assert_eq!(left, [Reason::OrgLeft { org: "b".to_owned() }]);
}

#[test]
fn r123_an_org_that_gets_another_form_of_id_is_no_move() {
    let reasons = changed(
        &user("jan", &["001507-1", "001507-2"]),
        &user("jan", &["001507-1-211", "001507-2-311"]),
        vec![],
    );
    let restated = Reason::FieldChanged {
        field: "orgs".to_owned(),
        from: Some("001507-1, 001507-2".to_owned()),
        to: Some("001507-1-211, 001507-2-311".to_owned()),
    };
    assert_eq!(reasons, [restated]);
    let moved = changed(&user("jan", &["001507-1"]), &user("jan", &["001507-12"]), vec![]);
    assert!(matches!(&moved[..], [Reason::Moved { .. }]), "{moved:?}");
}

#[test]
fn who_switched_sync_on_is_reported_also_when_a_publication_was_running() {
    let user = version(Kind::Users, "u", 1, Some(2), &user("jan", &["a"]));
    let returned = |cause: Cause| {
        let mut tombstone = as_tombstone(&user, 2, &[cause]);
        tombstone.until_number = Some(3);
        let again = Version {
            from_number: 3,
            until_number: None,
            ..user.clone()
        };
        // The edit was made after the second generation had read its inputs, and before it was visible.
        let audits = vec![
            audit(hour(1), "sync", "false"),
            audit(hour(2) - TimeDelta::seconds(1), "sync", "true"),
        ];
        events(&[user.clone(), tombstone, again], audits, &kept(3)).remove(1)
    };
    let author = Author {
        by: "an".to_owned(),
        at: hour(2) - TimeDelta::seconds(1),
        handed_over: false,
    };
    assert_eq!(
        returned(Cause::SyncOff),
        (3, Happening::Returned, vec![Reason::SyncOn { author }])
    );
    assert_eq!(
        returned(Cause::PersonGone),
        (3, Happening::Returned, vec![Reason::New]),
        "the flag was on before"
    );
}

#[test]
fn a_flag_that_was_handed_over_with_a_name_is_reported_so() {
    let user = version(Kind::Users, "u", 1, Some(2), &user("jan", &["a"]));
    let off = |audits| {
        let tombstone = as_tombstone(&user, 2, &[Cause::SyncOff]);
        events(&[user.clone(), tombstone], audits, &kept(2)).remove(0).2
    };
    let expected = |handed_over| {
        let author = Author {
            by: "an".to_owned(),
            at: hour(1),
            handed_over,
        };
        vec![Reason::SyncOff { author: Some(author) }]
    };
    let handed = |seconds| audit(hour(1) - TimeDelta::seconds(seconds), "handed_from", "x");
    let switched = || audit(hour(1), "sync", "false");
    assert_eq!(off(vec![handed(0), switched()]), expected(true));
    assert_eq!(
        off(vec![handed(60), switched()]),
        expected(false),
        "switched off since"
    );
    let text = super::reason_text::text_of(&expected(true)[0], &super::names::Names::default());
    assert!(text.ends_with(", by handing a username over"), "{text}");
}

#[test]
fn who_activated_a_school_year_is_named() {
    let user = version(Kind::Users, "u", 1, Some(2), &user("jan", &["a"]));
    let versions = [user.clone(), as_tombstone(&user, 2, &[])];
    let mut kept = kept(2);
    kept.generations[1].school_year = "2027-28".to_owned();
    let author = |at| Author {
        by: "an".to_owned(),
        at,
        handed_over: false,
    };
    let mut activated = |activations: Vec<(&str, DateTime<Utc>)>| {
        let activations = activations.into_iter();
        kept.activations = activations
            .map(|(year, at)| (year.to_owned(), author(at)))
            .collect();
        let (.., mut reasons) = events(&versions, vec![], &kept).remove(0);
        let Reason::SchoolYearActivated { author, .. } = reasons.remove(0) else {
            panic!("the year is not given");
        };
        author
    };
    let now = hour(2) - TimeDelta::seconds(1);
    assert_eq!(activated(vec![("2027-28", now)]), Some(author(now)));
    for other in [("2027-28", hour(1)), ("2026-27", now), ("2027-28", hour(3))] {
        assert_eq!(activated(vec![other]), None, "{other:?}");
    }
}

#[test]
fn any_other_field_is_reported_by_its_name() {
    let mut after = user("jan", &["a"]);
    after["role"] = json!("teacher");
    after["phone"] = json!("1");
    let field = |field: &str, from: Option<&str>, to: &str| Reason::FieldChanged {
        field: field.to_owned(),
        from: from.map(str::to_owned),
        to: Some(to.to_owned()),
    };
    assert_eq!(
        changed(&user("jan", &["a"]), &after, vec![]),
        [
            field("phone", None, "1"),
            field("role", Some("student"), "teacher")
        ]
    );
}

#[test]
fn a_pupil_who_leaves_two_classes_for_two_has_not_moved_from_one_to_one() {
    let day = START.date_naive();
    let left = [Cause::LeftClass { last_day: day }];
    let of = |number: &str, class: &str, from, until| {
        version(Kind::Enrollments, number, from, until, &enrollment(class))
    };
    let (one, two) = (of("u-1", "A", 1, Some(2)), of("u-2", "B", 1, Some(2)));
    let moved = |versions: &[Version]| -> usize {
        let events = events(versions, vec![], &kept(2));
        let all = events.iter().flat_map(|(_, _, reasons)| reasons);
        all.filter(|reason| matches!(reason, Reason::WentTo { .. }))
            .count()
    };
    let new = of("u-3", "C", 2, None);
    assert_eq!(
        moved(&[one.clone(), as_tombstone(&one, 2, &left), new.clone()]),
        1
    );
    let second = of("u-4", "D", 2, None);
    assert_eq!(
        moved(&[
            one.clone(),
            as_tombstone(&one, 2, &left),
            two.clone(),
            as_tombstone(&two, 2, &left),
            new,
            second
        ]),
        0
    );
}

#[test]
fn without_a_cause_none_is_made_up() {
    let user = version(Kind::Users, "u", 1, Some(2), &user("jan", &["a"]));
    let events = events(&[user.clone(), as_tombstone(&user, 2, &[])], vec![], &kept(2));
    assert_eq!(events, [(2, Happening::Removed, vec![Reason::NoLongerPublished])]);
}

#[test]
fn the_oldest_version_kept_does_not_pretend_to_be_new() {
    let versions = [version(Kind::Users, "u", 3, None, &user("jan", &["a"]))];
    let mut kept = kept(4);
    assert_eq!(
        events(&versions, vec![], &kept),
        [(3, Happening::Added, vec![Reason::New])]
    );
    kept.whole_from = 3;
    assert_eq!(
        events(&versions, vec![], &kept),
        [(3, Happening::OldestKept, vec![])]
    );
}

#[test]
fn a_removal_is_reported_when_only_the_tombstone_is_kept() {
    let day = START.date_naive();
    let left = [Cause::LeftClass { last_day: day }];
    let of = |number: &str, class: &str| version(Kind::Enrollments, number, 1, Some(3), &enrollment(class));
    let mut kept = kept(4);
    kept.whole_from = 3;
    let tombstone = as_tombstone(&of("u-1", "A"), 3, &left);
    let mut stayed = of("u-2", "B");
    stayed.from_number = 3;
    stayed.until_number = None;
    let new = Version {
        sourced_id: "u-3".to_owned(),
        from_number: 4,
        ..stayed.clone()
    };
    let found = events(&[tombstone.clone(), stayed, new], vec![], &kept);
    let reasons: Vec<Reason> = left.iter().cloned().map(Reason::Found).collect();
    assert_eq!(
        found.first(),
        Some(&(3, Happening::Removed, reasons)),
        "B may be older"
    );
    let without_causes = as_tombstone(&tombstone, 3, &[]);
    assert_eq!(
        events(&[without_causes], vec![], &kept),
        [(3, Happening::OldestKeptGone, vec![])]
    );
}

#[test]
fn a_tombstone_that_left_is_the_end_and_the_object_may_come_anew() {
    let user = version(Kind::Users, "u", 1, Some(2), &user("jan", &["a"]));
    let mut tombstone = as_tombstone(&user, 2, &[Cause::PersonGone]);
    tombstone.until_number = Some(3);
    let again = Version {
        from_number: 4,
        until_number: None,
        ..user.clone()
    };
    let happened: Vec<_> = events(&[user, tombstone, again], vec![], &kept(4))
        .into_iter()
        .map(|(number, happening, _)| (number, happening))
        .collect();
    assert_eq!(
        happened,
        [
            (2, Happening::Removed),
            (3, Happening::Purged),
            (4, Happening::Added)
        ]
    );
}

#[test]
fn a_reason_is_serialized_with_its_code() {
    let found = Reason::Found(Cause::NoRegistration {
        school_year: "2026-27".to_owned(),
    });
    assert_eq!(
        serde_json::to_value(&found).unwrap(),
        json!({ "code": "no_registration", "school_year": "2026-27" })
    );
    let moved = Reason::Moved {
        from: "a".to_owned(),
        to: "b".to_owned(),
        since: None,
    };
    assert_eq!(
        serde_json::to_value(&moved).unwrap(),
        json!({ "code": "moved", "from": "a", "to": "b" })
    );
}
