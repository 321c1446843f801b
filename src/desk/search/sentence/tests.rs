//! Every reason has a sentence of its own in both languages, in a school's words.

use std::collections::{BTreeSet, HashMap, HashSet};

use oneroster_school::directory::Directory;
use oneroster_school::informat::Mirror;
use oneroster_school::projection::why::Question;
use oneroster_school::tenant::file;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[expect(clippy::too_many_lines, reason = "a list of every kind")]
fn reasons() -> Vec<Reason> {
    let (org, year) = ("001507-2".to_owned(), "2027-28".to_owned());
    let (begins, ended) = (day("2027-01-11"), day("2026-10-30"));
    let sites = [
        SiteAbsence::NotNamed,
        SiteAbsence::Gone,
        SiteAbsence::LinkOff,
        SiteAbsence::Inactive,
    ];
    let mut reasons = vec![
        Reason::Published,
        Reason::Unknown,
        Reason::Nowhere,
        Reason::RegistrationNotRealised { org: org.clone() },
        Reason::YearPast {
            school_year: year.clone(),
        },
        Reason::YearToCome {
            school_year: year.clone(),
            begins,
        },
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
        Reason::NoUsername,
        Reason::FlagOff,
        Reason::Waits {
            waits_for: BTreeSet::from(WaitReason::ALL),
        },
        Reason::NoDomain,
    ];
    reasons.extend(sites.map(|why| Reason::Site {
        org: org.clone(),
        why,
    }));
    let mut absences = vec![
        MembershipAbsence::NoRow,
        MembershipAbsence::Class(ClassAbsence::Unknown),
        MembershipAbsence::Class(ClassAbsence::YearPast {
            school_year: year.clone(),
        }),
        MembershipAbsence::Class(ClassAbsence::YearToCome {
            school_year: year.clone(),
            begins,
        }),
        MembershipAbsence::ToCome { begins },
        MembershipAbsence::Left { ended },
        MembershipAbsence::Registration {
            org: org.clone(),
            obstacle: Obstacle::Over,
        },
        MembershipAbsence::OtherYear { school_year: year },
        MembershipAbsence::TeachingToCome { begins },
        MembershipAbsence::TeachingEnded { ended },
        MembershipAbsence::OtherFunction { function: 1 },
        MembershipAbsence::NotStaff,
    ];
    absences.extend(sites.map(|why| {
        MembershipAbsence::Class(ClassAbsence::Site {
            org: org.clone(),
            why,
        })
    }));
    reasons.extend(absences.into_iter().map(Reason::Membership));
    reasons
}

fn answer(reason: Reason, from: Option<&str>) -> Answer {
    Answer {
        reason,
        from: from.map(day),
        until: from.map(|_| day("2027-06-30")),
        steps: Vec::new(),
    }
}

/// Calls a function with the words of somebody who sees all of a tenant with one site.
fn with_words(language: Language, test: impl Fn(&Words<'_>)) {
    let configuration = file::parse(
        "id = \"t\"\nname = \"T\"\nactive_school_year = \"2026-27\"\nteam_name_format = \"{klas}\"\n\
         username_format = \"{voornaam}\"\n[[schools]]\ninstelnr = \"001507\"\nsites = [{ vestnr = 1 }]\n",
    )
    .unwrap();
    let (mirror, usernames) = (Mirror::default(), HashMap::new());
    let directory = Directory::new(&Question {
        mirror: &mirror,
        usernames: &usernames,
        configuration: &configuration,
        on: day("2026-11-27"),
    });
    let seen = directory.seen_by(true, |_| true);
    test(&Words {
        language,
        seen: &seen,
    });
}

#[test]
fn each_reason_has_a_sentence_of_its_own_in_a_schools_words() {
    for language in [Language::Dutch, Language::English] {
        with_words(language, |words| {
            let mut sentences = HashSet::new();
            for reason in reasons() {
                let sentence = words.sentence(&answer(reason.clone(), Some("2027-01-11")), Kind::Users);
                assert!(
                    !sentence.contains("why-") && !sentence.contains('{'),
                    "{reason:?}: {sentence}"
                );
                for word in ["generati", "tombstone", "mirror", "spiegel", "roster", "rooster"] {
                    assert!(!sentence.to_lowercase().contains(word), "{sentence}");
                }
                if let Some(change) = words.change(&reason) {
                    assert!(!change.contains("why-"), "{reason:?}: {change}");
                }
                assert!(
                    sentences.insert(sentence),
                    "{reason:?} has the sentence of another"
                );
            }
            // What is published is no absence; that a publication is held is one more.
            let absences = sentences.len() - 1 + usize::from(sentences.insert(words.held()));
            assert!(absences >= 20, "{absences} kinds of absence");
        });
    }
}

#[test]
fn a_day_to_come_says_whether_it_will_do() {
    with_words(Language::Dutch, |words| {
        let reason = || Reason::NotYet {
            org: "001507-2".to_owned(),
            begins: day("2027-01-11"),
        };
        assert_eq!(
            words.sentence(&answer(reason(), Some("2027-01-11")), Kind::Users),
            "Niet gepubliceerd: de inschrijving in 001507-2 begint op 11/01/2027; vanaf dan wel."
        );
        let nor_then = words.sentence(&answer(reason(), None), Kind::Users);
        assert!(nor_then.contains("ook dan"), "{nor_then}");
    });
}
