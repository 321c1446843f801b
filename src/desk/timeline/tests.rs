//! What of other places may be read: nothing, not even their names.

use chrono::DateTime;
use oneroster_school::projection::Cause;
use oneroster_school::rights::{Access, Grant, Rights};
use oneroster_standard::{Kind, StatusType};
use serde_json::json;

use super::sight::Sight;
use super::words::{self, Of};
use crate::desk::language::Language;
use crate::history::{Author, Entry, Happening, Names, Reason, ReasonWithText};
use crate::roster::Version;

const MARKT: &str = "001507-1";
const KADE: &str = "001507-2";

fn version(kind: Kind, sourced_id: &str, content: &serde_json::Value) -> Version {
    Version {
        kind,
        sourced_id: sourced_id.to_owned(),
        from_number: 1,
        until_number: None,
        status: StatusType::Active,
        content: content.to_string(),
        causes: Vec::new(),
        email_domain: None,
        ended_on: None,
    }
}

fn names() -> Names {
    let class = |org: &str, title: &str| json!({ "title": title, "school": { "sourcedId": org } });
    let mut names = Names::default();
    for version in [
        version(Kind::Orgs, MARKT, &json!({ "name": "Markt" })),
        version(Kind::Orgs, KADE, &json!({ "name": "Kade" })),
        version(Kind::Classes, "3a", &class(MARKT, "3A")),
        version(Kind::Classes, "1c", &class(KADE, "1C")),
    ] {
        names.add(&version);
    }
    names
}

fn secretary_of_markt() -> Rights {
    Rights::of([Grant {
        instelnr: "001507".to_owned(),
        vestnr: Some(1),
        access: Access::Read,
        is_manager: false,
    }])
}

fn entry(orgs: &[&str], reasons: Vec<Reason>) -> Entry {
    let told = |reason| ReasonWithText {
        reason,
        text: String::new(),
    };
    Entry {
        generation: 2,
        published_at: DateTime::UNIX_EPOCH.into(),
        committed_at: DateTime::UNIX_EPOCH.into(),
        reference_date: "2026-11-27".parse().unwrap(),
        kind: Kind::Enrollments,
        sourced_id: "u-1".to_owned(),
        label: "3A".to_owned(),
        happening: Happening::Removed,
        reasons: reasons.into_iter().map(told).collect(),
        orgs: orgs.iter().map(|org| (*org).to_owned()).collect(),
    }
}

fn told(rights: &Rights, entry: &Entry) -> Option<String> {
    let names = names();
    let sight = Sight {
        language: Language::Dutch,
        rights,
        names: &names,
    };
    words::line(&sight, entry, Of::Person).map(|line| line.text)
}

#[test]
fn leaving_for_another_place_is_told_without_its_name() {
    let day = "2027-01-10".parse().unwrap();
    let left = entry(
        &[MARKT],
        vec![
            Reason::Found(Cause::LeftClass { last_day: day }),
            Reason::WentTo {
                class: "1c".to_owned(),
            },
        ],
    );
    assert_eq!(
        told(&Rights::operator(), &left).unwrap(),
        "Uit 3A: laatste dag in de klas: 10/01/2027; ging naar 1C"
    );
    assert_eq!(
        told(&secretary_of_markt(), &left).unwrap(),
        "Uit 3A: laatste dag in de klas: 10/01/2027; ging naar een klas van een andere vestiging"
    );
}

#[test]
fn what_is_of_other_places_only_is_no_line_and_no_reason() {
    let rights = secretary_of_markt();
    assert_eq!(told(&rights, &entry(&[KADE], Vec::new())), None);
    let mixed = entry(
        &[MARKT, KADE],
        vec![
            Reason::OrgJoined { org: KADE.to_owned() },
            Reason::Found(Cause::NotRegisteredAt { org: KADE.to_owned() }),
            Reason::Moved {
                from: MARKT.to_owned(),
                to: KADE.to_owned(),
                since: Some("2027-01-11".parse().unwrap()),
            },
            Reason::FieldChanged {
                field: "orgs".to_owned(),
                from: Some(MARKT.to_owned()),
                to: Some(KADE.to_owned()),
            },
        ],
    );
    let text = told(&rights, &mixed).unwrap();
    assert_eq!(
        text,
        "Uit 3A: van Markt naar een andere vestiging; de vestigingen zijn anders"
    );
}

#[test]
fn who_did_it_is_told_apart_from_the_sentence() {
    let off = |by: &str| {
        let author = Author {
            by: by.to_owned(),
            at: DateTime::UNIX_EPOCH,
            handed_over: false,
        };
        entry(&[MARKT], vec![Reason::SyncOff { author: Some(author) }])
    };
    let names = names();
    let sight = Sight {
        language: Language::Dutch,
        rights: &Rights::operator(),
        names: &names,
    };
    let by = |entry: &Entry| words::line(&sight, entry, Of::Person).unwrap().by;
    assert_eq!(by(&off("an.peeters")).as_deref(), Some("an.peeters"));
    assert_eq!(by(&off("system")), None);
}
