//! Scenes about people: usernames, names, registrations.

use super::Object::{Org, User};
use super::{Case, Examined, check};
use crate::data_quality::Rule;
use crate::informat::Inschrijving;
use crate::projection::tests::{KADE, MARKT, PARK, day, rowguid};
use crate::tenant::configuration::{DomainMode, FuturePupils};
use crate::username::{GivenDomain, Origin};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = usernames();
    cases.extend(domains());
    cases.extend(names());
    cases.extend(registrations());
    cases
}

/// R139: of two people sent with one username only one gets an account, so both are told before; and what else Microsoft would refuse.
#[test]
fn usernames_that_microsoft_would_refuse_or_nobody_has_looked_at() {
    check(&usernames());
}

fn usernames() -> Vec<Case> {
    vec![
        Case {
            rule: Rule::UsernameTooLong,
            triggers: |examined| examined.record(1).local_part = "a".repeat(65),
            found: &[User(1)],
            says: "65 characters before the @ are too many: at most 64",
            does_not: |examined| examined.record(1).local_part = "a".repeat(64),
        },
        Case {
            rule: Rule::UsernameCharacters,
            triggers: |examined| examined.record(11).local_part = "bert ameel".to_owned(),
            found: &[User(11)],
            says: "' ' at character 5 is not allowed",
            does_not: |examined| examined.record(11).local_part = "b.o'neil_EX".to_owned(),
        },
        Case {
            rule: Rule::UsernameDuplicate,
            triggers: |examined| {
                examined.record(1).local_part = "Bert.Ameel".to_owned();
                examined.record(12).local_part = "bert.ameel".to_owned();
            },
            found: &[User(1), User(12)],
            says: "\"bert.ameel\" is also that of 00000000-0000-0000-0000-0000abcd000",
            does_not: |examined| {
                examined.record(1).local_part = "bert.ameel".to_owned();
                examined.record(2).local_part = "bert.ameel2".to_owned();
            },
        },
        Case {
            rule: Rule::UsernameMissing,
            triggers: |examined| examined.world.usernames.clear(),
            found: &[User(1), User(2), User(3), User(11), User(12), User(13)],
            says: "has no username and is not published",
            // Somebody who left needs none.
            does_not: |examined| {
                examined.leaves(1, "2026-09-30");
                examined.world.usernames.remove(&rowguid(1));
            },
        },
        Case {
            rule: Rule::UsernameNeedsReview,
            triggers: |examined| examined.record(1).needs_review = true,
            found: &[User(1)],
            says: "\"p1\" leaves out letters",
            does_not: |examined| {
                examined.leaves(1, "2026-09-30");
                examined.record(1).needs_review = true;
            },
        },
        Case {
            rule: Rule::UnreleasedPeople,
            triggers: |examined| examined.record(1).sync = false,
            found: &[Org("001507-1")],
            says: "1 of 2 people are not released",
            does_not: |examined| {
                examined.leaves(1, "2026-09-30");
                examined.record(1).sync = false;
            },
        },
    ]
}

/// R35 and R39: domains that are missing, and domains that are not the tenant's.
#[test]
fn domains_that_are_missing_or_not_the_tenants() {
    check(&domains());
}

fn send_domains(examined: &mut Examined) {
    let modes = &mut examined.world.configuration.domain_mode;
    (modes.pupils, modes.staff) = (DomainMode::Informat, DomainMode::Informat);
    for (teacher, domain) in [
        (11, "basis.example"),
        (12, "basis.example"),
        (13, "secundair.example"),
    ] {
        examined.record(teacher).domain = Some(GivenDomain::system(domain.parse().unwrap()));
    }
}

fn domains() -> Vec<Case> {
    vec![
        Case {
            rule: Rule::TeacherDomainMissing,
            triggers: |examined| {
                send_domains(examined);
                examined.record(11).domain = None;
            },
            found: &[User(11)],
            says: "is not published",
            does_not: send_domains,
        },
        Case {
            rule: Rule::PupilDomainMissing,
            triggers: |examined| {
                send_domains(examined);
                examined.world.configuration.schools[0].sites[0].pupil_domain = None;
            },
            found: &[User(1)],
            says: "the site 001507-1",
            does_not: |examined| {
                send_domains(examined);
                examined.world.configuration.schools[0].sites[0].pupil_domain = None;
                examined.record(1).domain = Some(GivenDomain::admin("kade.example".parse().unwrap()));
            },
        },
        Case {
            rule: Rule::DomainNotOwn,
            triggers: |examined| {
                send_domains(examined);
                examined.record(1).domain = Some(GivenDomain::admin("else.example".parse().unwrap()));
            },
            found: &[User(1)],
            says: "(basis.example, kade.example, markt.example and 2 more)",
            does_not: |examined| {
                send_domains(examined);
                examined.record(1).domain = Some(GivenDomain::admin("Else.example".parse().unwrap()));
                examined.world.configuration.extra_domains = vec!["else.example".parse().unwrap()];
            },
        },
    ]
}

#[test]
fn r37_an_explicit_domain_that_is_not_sent_is_no_matter() {
    let mut examined = Examined::healthy();
    examined.record(1).domain = Some(GivenDomain::admin("else.example".parse().unwrap()));
    assert_eq!(examined.examine(), []);
}

/// The records forbid even this; Microsoft would not mind.
#[test]
fn equal_local_parts_under_two_domains_are_two_accounts() {
    let mut examined = Examined::healthy();
    send_domains(&mut examined);
    examined.record(1).local_part = "bert.ameel".to_owned();
    examined.record(2).local_part = "bert.ameel".to_owned();
    assert_eq!(examined.of(Rule::UsernameDuplicate), []);
    examined.record(2).domain = Some(GivenDomain::admin("markt.example".parse().unwrap()));
    assert_eq!(examined.of(Rule::UsernameDuplicate).len(), 2);
}

/// R137: namesakes awaiting release; and names as they are sent.
#[test]
fn names_as_they_are_sent_and_namesakes() {
    check(&names());
}

/// Gives person 2 the names of person 1, and both a birth date.
fn alike(examined: &mut Examined, birth_date: &str) {
    let first = examined.person(1).clone();
    let second = examined.person(2);
    (second.naam, second.voornaam) = (first.naam, first.voornaam.map(|name| name.to_uppercase()));
    second.geboortedatum = Some(day(birth_date));
    examined.person(1).geboortedatum = Some(day("2015-03-04"));
}

fn names() -> Vec<Case> {
    vec![
        Case {
            rule: Rule::NameTooLong,
            triggers: |examined| examined.person(1).voornaam = Some("é".repeat(65)),
            found: &[User(1)],
            says: "the given name of \"p1\" has 65 characters",
            does_not: |examined| examined.person(1).voornaam = Some("é".repeat(64)),
        },
        Case {
            rule: Rule::NameMissing,
            triggers: |examined| {
                (examined.person(1).naam, examined.person(1).voornaam) = (None, Some(" - ".to_owned()));
            },
            found: &[User(1)],
            says: "fill it in in Informat",
            does_not: |examined| examined.person(1).naam = None,
        },
        Case {
            rule: Rule::NameOnePart,
            triggers: |examined| examined.person(1).voornaam = Some(String::new()),
            found: &[User(1)],
            says: "sent as \"-\"",
            does_not: |examined| (examined.person(1).naam, examined.person(1).voornaam) = (None, None),
        },
        Case {
            rule: Rule::PersonTwice,
            triggers: |examined| alike(examined, "2015-03-04"),
            found: &[User(1), User(2)],
            says: "merge them in Informat",
            does_not: |examined| alike(examined, "2015-03-05"),
        },
        Case {
            rule: Rule::NamesakesUnreleased,
            triggers: |examined| {
                alike(examined, "2015-03-05");
                examined.record(2).origin = Origin::Generated;
                examined.record(2).sync = false;
            },
            found: &[User(2)],
            says: "the names of 1 other person make the same username (\"p1\")",
            does_not: |examined| alike(examined, "2015-03-05"),
        },
        Case {
            rule: Rule::PupilAndStaff,
            triggers: |examined| examined.world.assignment(1, ("001507", Some(1)), None, None),
            found: &[User(1)],
            says: "is published as a teacher",
            does_not: |examined| {
                examined.leaves(1, "2026-09-30");
                examined
                    .world
                    .assignment(1, ("001507", Some(1)), Some("2026-10-01"), None);
            },
        },
    ]
}

#[test]
fn r137_a_namesake_who_left_still_counts_and_one_who_was_renamed_has_been_looked_at() {
    let mut examined = Examined::healthy();
    alike(&mut examined, "2015-03-05");
    examined.record(2).origin = Origin::Generated;
    examined.record(2).sync = false;
    examined.leaves(1, "2026-09-30");
    assert_eq!(examined.of(Rule::NamesakesUnreleased).len(), 1);
    examined.record(2).origin = Origin::Manual;
    assert_eq!(examined.of(Rule::NamesakesUnreleased), []);
}

/// R45 and R109: registrations that cannot be right, and classes on the day.
#[test]
fn registrations_that_cannot_be_right() {
    check(&registrations());
}

fn registrations() -> Vec<Case> {
    vec![
        Case {
            rule: Rule::PupilWithoutClass,
            triggers: |examined| {
                examined.pupil(4, false);
                // A subgroup is no class.
                examined.subgroup(4, true);
                examined.world.in_class(4, 4, "2026-09-01", None);
            },
            found: &[User(4)],
            says: "is a pupil of 001507-1 but in no class",
            does_not: |examined| examined.pupil(4, true),
        },
        Case {
            rule: Rule::TwoClasses,
            triggers: |examined| {
                examined.world.class(4, MARKT, "3B");
                examined.world.in_class(1, 4, "2026-10-01", None);
            },
            found: &[User(1)],
            says: "\"2026-27 3A - Markt\", \"2026-27 3B - Markt\"",
            does_not: |examined| {
                examined.world.class(4, MARKT, "3B");
                examined.world.mirror.inschrklas[0].totdatum = Some(day("2026-09-30"));
                examined.world.in_class(1, 4, "2026-10-01", None);
            },
        },
        Case {
            rule: Rule::TwoRegistrations,
            triggers: |examined| {
                examined.leaves(1, "2027-01-31");
                examined.world.registration(1, PARK, "2027-01-31", None);
            },
            found: &[User(1)],
            says: "from 2027-01-31 to 2027-01-31, 1 at 001507-1 and 4 at 001508-1",
            does_not: |examined| {
                examined.leaves(1, "2027-01-31");
                examined.world.registration(1, PARK, "2027-02-01", None);
            },
        },
        Case {
            rule: Rule::RegistrationGap,
            triggers: |examined| {
                examined.leaves(1, "2027-01-29");
                examined.world.registration(1, KADE, "2027-02-01", None);
            },
            found: &[User(1)],
            says: "from 2027-01-30 to 2027-01-31 (2 days)",
            does_not: |examined| {
                examined.leaves(1, "2027-01-29");
                examined.world.registration(1, KADE, "2027-01-30", None);
            },
        },
        Case {
            rule: Rule::RegistrationOutsideYear,
            triggers: |examined| next_year(examined, "2027-08-31"),
            found: &[User(1)],
            says: "runs from 2027-08-31 to 2028-06-30, not within 2027-28 (2027-09-01 to 2028-06-30)",
            does_not: |examined| next_year(examined, "2027-09-01"),
        },
    ]
}

fn next_year(examined: &mut Examined, begin: &str) {
    examined.world.registration(1, MARKT, begin, None);
    let added = examined.world.mirror.inschrijving.last_mut().unwrap();
    added.schooljaar = "2027-28".to_owned();
}

#[test]
fn a_gap_counts_from_one_day_to_sixteen_and_until_it_is_over() {
    let found = |today: &'static str, end: &str, begin: &str| {
        let mut examined = Examined::healthy();
        examined.today = today;
        examined.leaves(1, end);
        examined.world.registration(1, KADE, begin, None);
        !examined.of(Rule::RegistrationGap).is_empty()
    };
    for (begin, expected) in [
        ("2026-12-01", false),
        ("2026-12-02", true),
        ("2026-12-17", true),
        ("2026-12-18", false),
    ] {
        assert_eq!(found("2026-10-01", "2026-11-30", begin), expected, "{begin}");
    }
    for (today, expected) in [
        ("2026-11-30", true),
        ("2026-12-01", true),
        ("2026-12-02", true),
        ("2026-12-03", false),
    ] {
        assert_eq!(found(today, "2026-11-30", "2026-12-03"), expected, "{today}");
    }
}

/// R15: a pupil who is published ahead of his start stays published through a gap.
#[test]
fn r15_a_gap_is_no_matter_where_future_pupils_are_included() {
    let mut examined = Examined::healthy();
    examined.leaves(1, "2026-11-30");
    examined.world.registration(1, KADE, "2026-12-03", None);
    assert_eq!(examined.of(Rule::RegistrationGap).len(), 1);
    examined.world.configuration.future_pupils = FuturePupils::Include;
    assert_eq!(examined.of(Rule::RegistrationGap), []);
}

/// R44: a registration that was refused, or at a site that is not published, takes no part.
#[test]
fn r44_only_realised_registrations_in_published_sites_can_clash() {
    let clash = |change: fn(&mut Inschrijving)| {
        let mut examined = Examined::healthy();
        examined.world.registration(1, PARK, "2026-09-01", None);
        change(examined.world.mirror.inschrijving.last_mut().unwrap());
        examined.of(Rule::TwoRegistrations).len()
    };
    assert_eq!(clash(|_| ()), 1);
    assert_eq!(clash(|row| row.status = 3), 0);
    assert_eq!(clash(|row| row.schooljaar = "2025-26".to_owned()), 0);
    assert_eq!(clash(|row| row.vestnrdiscimus = 3), 0);
    assert_eq!(
        clash(|row| row.einddatum = Some(day("2026-09-30"))),
        0,
        "that is over"
    );
}
