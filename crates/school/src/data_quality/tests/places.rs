//! Scenes about classes, class teachers, sites and time.

use chrono::TimeDelta;

use super::Object::{Class, Enrollment, Org, User, Year};
use super::{Case, Examined, ahead, check};
use crate::data_quality::Rule;
use crate::informat::Schoolvest;
use crate::projection::tests::{KADE, MARKT, PARK, day, rowguid};
use crate::tenant::configuration::Site;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = classes();
    cases.extend(teachers());
    cases.extend(sites());
    cases.extend(time());
    cases
}

/// R117: a class of another year has another id; titles, ids, pupils and members of classes.
#[test]
fn classes_that_would_make_a_wrong_team() {
    check(&classes());
}

/// Gives class 1 a name that makes a title of `8 + length + 8` characters.
fn class_name(examined: &mut Examined, length: usize) {
    examined.world.mirror.klassen[0].klas = Some("é".repeat(length));
}

fn classes() -> Vec<Case> {
    vec![
        Case {
            rule: Rule::ClassTitleTooLong,
            triggers: |examined| class_name(examined, 241),
            found: &[Class(1)],
            says: "has 257 characters; a Microsoft 365 group takes 256",
            does_not: |examined| class_name(examined, 240),
        },
        Case {
            rule: Rule::ClassTitleDuplicate,
            triggers: |examined| examined.world.class(4, MARKT, "3a"),
            found: &[Class(1), Class(4)],
            says: "is also that of 00000000-0000-0000-0000-0000c1a5500",
            does_not: |examined| examined.world.class(4, KADE, "3A"),
        },
        Case {
            rule: Rule::ClassIdReused,
            triggers: |examined| last_years_class(examined, 1),
            found: &[Class(1)],
            says: "the id of a class of 2025-26",
            does_not: |examined| last_years_class(examined, 9),
        },
        Case {
            rule: Rule::ClassWithoutPupils,
            triggers: |examined| examined.world.mirror.inschrklas[0].totdatum = Some(day("2026-09-30")),
            found: &[Class(1)],
            says: "class \"2026-27 3A - Markt\" has no pupils",
            // Whether its pupils are released is another matter.
            does_not: |examined| examined.record(1).sync = false,
        },
        Case {
            rule: Rule::SubgroupWithoutPupils,
            triggers: |examined| examined.subgroup(4, false),
            found: &[Class(4)],
            says: "subgroup \"2026-27 WIS - Markt\" has no pupils",
            does_not: |examined| examined.subgroup(4, true),
        },
        Case {
            rule: Rule::MembershipOutsideOrgs,
            triggers: |examined| examined.world.teaches(13, 1, 2, None),
            found: &[Enrollment(13, 1)],
            says: "\"p13\" is in \"2026-27 3A - Markt\" of 001507-1 but has no registration or assignment there",
            does_not: |examined| {
                examined.world.teaches(13, 1, 2, None);
                examined.world.assignment(13, ("001507", None), None, None);
            },
        },
    ]
}

/// Adds a class of last year with the id of the class `p_klas`.
fn last_years_class(examined: &mut Examined, p_klas: i64) {
    examined.world.class(p_klas, MARKT, "3A");
    let mut old = examined.world.mirror.klassen.pop().unwrap();
    old.p_klas = 99;
    old.schooljaar = "2025-26".to_owned();
    examined.world.mirror.klassen.push(old);
}

/// A Team's owner is the class teacher, who must be staff and released.
#[test]
fn classes_whose_team_has_or_will_have_no_owner() {
    check(&teachers());
}

fn teachers() -> Vec<Case> {
    vec![
        Case {
            rule: Rule::ClassWithoutTeacher,
            triggers: |examined| examined.world.class(4, MARKT, "3B"),
            found: &[Class(4)],
            says: "class \"2026-27 3B - Markt\" has no class teacher",
            does_not: |examined| examined.subgroup(4, true),
        },
        Case {
            rule: Rule::SubgroupWithoutTeacher,
            triggers: |examined| examined.subgroup(4, true),
            found: &[Class(4)],
            says: "subgroup \"2026-27 WIS - Markt\" has no class teacher",
            does_not: |examined| {
                examined.subgroup(4, true);
                examined.world.teaches(11, 4, 2, None);
            },
        },
        Case {
            rule: Rule::ClassTeacherUnreleased,
            triggers: |examined| examined.record(11).sync = false,
            found: &[Class(1)],
            says: "has a class teacher, \"p11\", but none that is published",
            does_not: |examined| {
                examined.record(11).sync = false;
                examined.world.teaches(12, 1, 2, None);
            },
        },
        Case {
            rule: Rule::ClassTeacherNotStaff,
            triggers: |examined| examined.world.mirror.opdracht[0].einddatum = Some(day("2026-09-30")),
            found: &[User(11)],
            says: "is class teacher of \"2026-27 3A - Markt\" but has no assignment",
            does_not: |examined| {
                examined.world.mirror.opdracht[0].einddatum = Some(day("2026-09-30"));
                examined.function(1).einddatum = Some(day("2026-09-30"));
            },
        },
        Case {
            rule: Rule::ClassLosingTeacher,
            triggers: |examined| examined.world.mirror.opdracht[0].einddatum = Some(day("2026-10-14")),
            found: &[Class(1)],
            says: "has no class teacher any more after 2026-10-14, within 14 days",
            does_not: |examined| {
                examined.world.mirror.opdracht[0].einddatum = Some(day("2026-10-14"));
                examined.world.teaches(12, 1, 2, Some("2026-10-15"));
            },
        },
    ]
}

#[test]
fn a_class_teacher_who_was_never_staff_has_no_username_to_be_called_by() {
    let mut examined = Examined::healthy();
    examined.world.mirror.opdracht.remove(0);
    examined.world.usernames.remove(&rowguid(11));
    let found = examined.of(Rule::ClassTeacherNotStaff);
    assert!(
        found[0]
            .message
            .starts_with("somebody without a username is class teacher of"),
        "{found:?}"
    );
}

#[test]
fn a_class_loses_its_teacher_when_the_function_or_the_assignment_ends_and_nobody_follows() {
    let found = |change: fn(&mut Examined)| {
        let mut examined = Examined::healthy();
        examined.function(1).einddatum = Some(day("2026-10-05"));
        change(&mut examined);
        examined.of(Rule::ClassLosingTeacher).len()
    };
    assert_eq!(found(|_| ()), 1);
    assert_eq!(
        found(|examined| examined.function(1).einddatum = Some(day("2026-10-15"))),
        0,
        "later than the notice"
    );
    assert_eq!(
        found(|examined| examined.world.teaches(12, 1, 2, Some("2026-10-07"))),
        1,
        "a day without"
    );
    let unreleased: fn(&mut Examined) = |examined| {
        examined.world.teaches(12, 1, 2, Some("2026-10-06"));
        examined.record(12).sync = false;
    };
    assert_eq!(found(unreleased), 1, "a successor who is not released");
    let future: fn(&mut Examined) = |examined| {
        examined.world.teaches(12, 1, 2, Some("2026-10-06"));
        examined.world.mirror.opdracht[1].begindatum = Some(day("2026-10-08"));
    };
    assert_eq!(found(future), 1, "one who is not yet in service");
    assert_eq!(
        found(|examined| examined.record(11).sync = false),
        0,
        "there is no teacher to lose"
    );
    let end_of_year: fn(&mut Examined) = |examined| {
        examined.today = "2027-06-25";
        examined.function(1).einddatum = None;
    };
    assert_eq!(found(end_of_year), 0, "the end of the year is no loss");
}

/// R20: sites that the tenant file and Informat see differently.
#[test]
fn sites_that_the_tenant_file_and_informat_see_differently() {
    check(&sites());
}

fn forgotten_site(examined: &mut Examined, actief: bool) {
    examined.world.mirror.schoolvest.push(Schoolvest {
        instelnr: "001507".to_owned(),
        vestnrdiscimus: 3,
        hfdstructuur: "311".to_owned(),
        vestiging: "Vergeten".to_owned(),
        vestcode: None,
        actief,
        changed: None,
    });
    examined.world.person(4);
    examined
        .world
        .registration(4, ("001507", 3, "311"), "2026-09-01", None);
}

fn entry(examined: &mut Examined, vestnr: i32, sync: bool) {
    let sites = &mut examined.world.configuration.schools[0].sites;
    let entry = Site {
        vestnr,
        sync,
        ..sites[0].clone()
    };
    sites.push(entry);
}

fn sites() -> Vec<Case> {
    vec![
        Case {
            rule: Rule::SiteNotListed,
            triggers: |examined| forgotten_site(examined, true),
            found: &[Org("001507-3")],
            says: "site 3 of school 001507, structure 311 (\"Vergeten\"), is in use, with 1 pupil, but no entry",
            does_not: |examined| forgotten_site(examined, false),
        },
        Case {
            rule: Rule::SiteUnknown,
            triggers: |examined| entry(examined, 9, true),
            found: &[Org("001507-9")],
            says: "publishes site 9 of school 001507 which is not in Informat's data",
            does_not: |examined| entry(examined, 9, false),
        },
        Case {
            rule: Rule::RegistrationAtInactiveSite,
            triggers: |examined| examined.world.mirror.schoolvest[0].actief = false,
            found: &[Org("001507-1")],
            says: "is no longer in use, but 1 pupil is registered there",
            does_not: |examined| {
                examined.world.mirror.schoolvest[0].actief = false;
                examined.leaves(1, "2026-09-30");
            },
        },
        Case {
            rule: Rule::LinkInactive,
            triggers: |examined| examined.world.configuration.schools[0].sites[1].sync = false,
            found: &[Org("001507-2")],
            says: "2 people are there whose username is released",
            does_not: |examined| {
                examined.world.configuration.schools[0].sites[1].sync = false;
                examined.record(2).sync = false;
                examined.record(12).sync = false;
            },
        },
        Case {
            rule: Rule::OrgWithoutClasses,
            triggers: |examined| examined.world.mirror.klassen[2].schooljaar = "2025-26".to_owned(),
            found: &[Org("001508-1")],
            says: "is published but has no classes in 2026-27",
            does_not: |examined| examined.world.mirror.klassen[2].groeptype = 1,
        },
    ]
}

#[test]
fn r20_an_entry_for_a_structure_is_unknown_unless_that_structure_is_in_use() {
    let mut examined = Examined::healthy();
    entry(&mut examined, 1, true);
    let code = |examined: &mut Examined, code: &str| {
        examined.world.configuration.schools[0].sites[2].hoofdstructuur = Some(code.to_owned());
    };
    code(&mut examined, "211");
    assert_eq!(examined.of(Rule::SiteUnknown), []);
    code(&mut examined, "312");
    let found = examined.of(Rule::SiteUnknown);
    assert_eq!(found[0].sourced_id, "001507-1-312");
    code(&mut examined, "211");
    examined.world.mirror.schoolvest[0].actief = false;
    assert!(
        examined.of(Rule::SiteUnknown)[0]
            .message
            .contains("which is no longer in use")
    );
}

#[test]
fn r20_staff_of_the_whole_school_are_not_missed_at_a_site_whose_link_is_off() {
    let mut examined = Examined::healthy();
    examined.world.configuration.schools[0].sites[1].sync = false;
    examined.record(2).sync = false;
    examined.world.mirror.opdracht[1].vestnrdiscimus = None;
    assert_eq!(examined.of(Rule::LinkInactive), []);
}

/// R115: the school year that should have been activated; and a clock that was wrong.
#[test]
fn dates_that_cannot_be_right() {
    check(&time());
}

fn time() -> Vec<Case> {
    vec![
        Case {
            rule: Rule::SchoolYearOver,
            triggers: |examined| examined.today = "2027-08-16",
            found: &[Year],
            says: "ended on 2027-06-30 and is still active, so its last day is what is published: activate 2027-28",
            does_not: |examined| examined.today = "2027-08-15",
        },
        Case {
            rule: Rule::GenerationAhead,
            triggers: |examined| examined.newest = Some(ahead(TimeDelta::hours(14))),
            found: &[Year],
            says: "dated 14 hours ahead of the database's clock",
            does_not: |examined| examined.newest = Some(ahead(TimeDelta::hours(13))),
        },
    ]
}

#[test]
fn a_state_of_a_day_more_than_one_ahead_of_the_clock_is_told_however_it_is_dated() {
    for (today, is_told) in [("2026-10-02", false), ("2026-10-03", true)] {
        let mut examined = Examined::healthy();
        examined.newest = Some(ahead(TimeDelta::zero()));
        examined.today = today;
        let found = format!("{:?}", examined.of(Rule::GenerationAhead));
        let said = "the state of 2026-10-03, 2 days ahead of the database's clock";
        assert_eq!(found.contains(said), is_told, "{found}");
        assert_eq!(found.contains("publish --redate"), is_told, "{found}");
    }
}

#[test]
fn a_teacher_of_two_sites_and_a_pupil_of_two_sites_are_at_home_at_both() {
    let mut examined = Examined::healthy();
    examined.world.registration(1, PARK, "2026-09-01", None);
    examined.world.in_class(4, 3, "2026-09-01", None);
    assert_eq!(examined.of(Rule::MembershipOutsideOrgs), []);
    assert_eq!(
        examined.of(Rule::TwoClasses),
        [],
        "that is the matter of two registrations"
    );
    assert_eq!(examined.of(Rule::TwoRegistrations).len(), 1);
}
