//! Sentences and the report of an answer.

use std::collections::{BTreeSet, HashSet};

use oneroster_school::projection::cause::SiteAbsence;
use oneroster_school::projection::why::{
    Answer, CandidateKind, ClassAbsence, Fact, MembershipAbsence, Obstacle, Reason,
};
use oneroster_school::username::WaitReason;
use uuid::Uuid;

use super::*;
use crate::publication::why::{Became, Found, Read, Served, Subject};
use crate::report::snapshot;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Every reason, each kind of site apart.
#[expect(clippy::too_many_lines, reason = "a list of every kind")]
fn reasons() -> Vec<Reason> {
    let (org, school_year) = ("001507-2".to_owned(), "2027-28".to_owned());
    let (begins, ended) = (day("2027-01-11"), day("2026-10-30"));
    let absent = Reason::Membership;
    let class = |why| absent(MembershipAbsence::Class(why));
    let class_site = |why| {
        class(ClassAbsence::Site {
            org: org.clone(),
            why,
        })
    };
    let site = |why| Reason::Site {
        org: org.clone(),
        why,
    };
    vec![
        Reason::Published,
        Reason::Unknown,
        Reason::Nowhere,
        Reason::RegistrationNotRealised { org: org.clone() },
        Reason::YearPast {
            school_year: "2025-26".to_owned(),
        },
        Reason::YearToCome { school_year, begins },
        Reason::NotYet {
            org: org.clone(),
            begins,
        },
        Reason::Ended {
            org: org.clone(),
            ended,
        },
        Reason::StaffNotYet {
            org: org.clone(),
            begins,
        },
        Reason::StaffEnded {
            org: org.clone(),
            ended,
            grace_days: 30,
        },
        site(SiteAbsence::NotNamed),
        site(SiteAbsence::Gone),
        site(SiteAbsence::LinkOff),
        site(SiteAbsence::Inactive),
        Reason::NoUsername,
        Reason::FlagOff,
        Reason::Waits {
            waits_for: BTreeSet::from([WaitReason::Placeholder]),
        },
        Reason::NoDomain,
        absent(MembershipAbsence::NoRow),
        class(ClassAbsence::Unknown),
        class(ClassAbsence::YearPast {
            school_year: "2025-26".to_owned(),
        }),
        class(ClassAbsence::YearToCome {
            school_year: "2027-28".to_owned(),
            begins,
        }),
        class_site(SiteAbsence::NotNamed),
        class_site(SiteAbsence::LinkOff),
        class_site(SiteAbsence::Inactive),
        absent(MembershipAbsence::ToCome { begins }),
        absent(MembershipAbsence::Left { ended }),
        absent(MembershipAbsence::Registration {
            org: org.clone(),
            obstacle: Obstacle::Over,
        }),
        absent(MembershipAbsence::OtherYear {
            school_year: "2025-26".to_owned(),
        }),
        absent(MembershipAbsence::TeachingToCome { begins }),
        absent(MembershipAbsence::TeachingEnded { ended }),
        absent(MembershipAbsence::OtherFunction { function: 1 }),
        absent(MembershipAbsence::NotStaff),
    ]
}

fn answer(reason: Reason) -> Answer {
    Answer {
        reason,
        from: Some(day("2027-01-11")),
        until: Some(day("2027-06-30")),
        steps: Vec::new(),
    }
}

fn jana() -> Found {
    let id = Uuid::from_u128(1);
    Found {
        subject: Subject::Person(id),
        kind: Kind::Users,
        sourced_id: id.to_string(),
        label: "Jana Peeters".to_owned(),
    }
}

#[test]
fn each_reason_has_a_sentence_of_its_own() {
    let sentences: HashSet<String> = reasons()
        .into_iter()
        .map(|reason| message(&answer(reason), Some(&jana())))
        .collect();
    assert_eq!(sentences.len(), reasons().len());
    let words: HashSet<&str> = reasons().iter().map(reason_word).collect();
    // A site that is gone is one that nobody can name.
    assert_eq!(words.len(), reasons().len() - 1);
}

#[test]
fn an_answer_is_reported_with_its_facts() {
    let org = "001507-2".to_owned();
    let step = |fact, holds| Step {
        fact,
        holds,
        since: None,
        until: None,
    };
    let registration = Fact::Registration {
        org: org.clone(),
        school_year: "2026-27".to_owned(),
        obstacle: Some(Obstacle::ToCome),
    };
    let explained = Explained {
        found: Some(jana()),
        on: day("2026-11-27"),
        answer: Answer {
            steps: vec![
                step(Fact::InMirror, true),
                Step {
                    since: Some(day("2027-01-11")),
                    ..step(registration, false)
                },
                step(
                    Fact::Username {
                        local_part: Some("jana.peeters".to_owned()),
                    },
                    true,
                ),
                step(
                    Fact::Sync {
                        waits_for: BTreeSet::new(),
                    },
                    true,
                ),
            ],
            ..answer(Reason::NotYet {
                org,
                begins: day("2027-01-11"),
            })
        },
        outcome: Became {
            served: Some(Served {
                number: 12,
                committed_at: snapshot::instant(0),
                is_there: false,
            }),
            held: None,
            flag: None,
            loaded_at: Some(snapshot::instant(-60)),
            read: Some(Read {
                number: 11,
                is_there: false,
            }),
        },
        findings: Vec::new(),
        others: vec![Candidate {
            kind: CandidateKind::Person,
            id: Uuid::from_u128(2),
            label: "Jana Peeters-Maes".to_owned(),
        }],
        erased: None,
    };
    snapshot::assert("why", &WhyReport::new(&explained, "jana"));
}
