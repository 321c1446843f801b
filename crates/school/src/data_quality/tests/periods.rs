//! Scenes about gaps of a few days, and registrations at the edge of a year.

use super::Object::User;
use super::{Case, Examined, check};
use crate::data_quality::Rule;
use crate::projection::tests::{KADE, MARKT, PARK, day};
use crate::tenant::configuration::DomainMode;
use crate::username::GivenDomain;

pub(super) fn cases() -> Vec<Case> {
    gaps()
}

#[test]
fn a_few_days_without_a_class_or_an_assignment() {
    check(&gaps());
}

/// Pupil 1 changes class at Christmas; the second class begins on `begin`.
fn other_class(examined: &mut Examined, begin: &str) {
    examined.world.class(4, MARKT, "3B");
    examined.world.mirror.inschrklas[0].totdatum = Some(day("2026-12-18"));
    examined.world.in_class(1, 4, begin, None);
}

/// The assignment of teacher 11 ends on the last school day and another begins on `begin`.
fn other_assignment(examined: &mut Examined, begin: &str) {
    examined.world.mirror.opdracht[0].einddatum = Some(day("2026-12-18"));
    let at = ("001508", Some(1));
    examined.world.assignment(11, at, Some(begin), None);
}

/// Adds the structure 312 to the Kade and registers pupil 1 there until `end`.
fn part_time(examined: &mut Examined, structure: &str, end: &str) {
    let mut row = examined.world.mirror.schoolvest[2].clone();
    row.hfdstructuur = structure.to_owned();
    examined.world.mirror.schoolvest.push(row);
    let registration = &mut examined.world.mirror.inschrijving[0];
    (registration.vestnrdiscimus, registration.hfdstructuur) = (KADE.1, structure.to_owned());
    registration.einddatum = Some(day(end));
}

fn gaps() -> Vec<Case> {
    vec![
        Case {
            rule: Rule::ClassRowGap,
            triggers: |examined| other_class(examined, "2027-01-04"),
            found: &[User(1)],
            says: "is registered but in no class from 2026-12-19 to 2027-01-03 (16 days)",
            does_not: |examined| other_class(examined, "2027-01-05"),
        },
        Case {
            rule: Rule::AssignmentGap,
            triggers: |examined| other_assignment(examined, "2027-01-04"),
            found: &[User(11)],
            says: "has no assignment from 2026-12-19 to 2027-01-03 (16 days)",
            does_not: |examined| other_assignment(examined, "2027-01-05"),
        },
        Case {
            rule: Rule::RegistrationBeyondYear,
            triggers: |examined| part_time(examined, "312", "2027-08-31"),
            found: &[User(1)],
            says: "ends on 2027-08-31, after 2026-27 (2027-06-30), as is usual in structure 312",
            does_not: |examined| part_time(examined, "312", "2027-06-30"),
        },
    ]
}

/// A registration that ends with the class, a subgroup, a class of another day and one that is over are no matter.
#[test]
fn only_who_is_registered_and_in_no_class_at_all_has_a_gap_between_classes() {
    let found = |change: fn(&mut Examined)| {
        let mut examined = Examined::healthy();
        other_class(&mut examined, "2026-12-21");
        change(&mut examined);
        examined.of(Rule::ClassRowGap).len()
    };
    assert_eq!(found(|_| ()), 1);
    assert_eq!(
        found(|examined| {
            examined.subgroup(5, false);
            examined.world.in_class(1, 5, "2026-09-01", None);
        }),
        1,
        "a subgroup is no class"
    );
    assert_eq!(
        found(|examined| {
            examined.world.class(5, MARKT, "3C");
            examined.world.in_class(1, 5, "2026-12-01", Some("2026-12-20"));
        }),
        0,
        "another class covers it"
    );
    assert_eq!(
        found(|examined| {
            examined.leaves(1, "2026-12-18");
            examined.world.registration(1, MARKT, "2026-12-21", None);
            examined.world.mirror.inschrklas[3].p_inschr = 4;
        }),
        0,
        "registered nowhere: that is another finding"
    );
    assert_eq!(found(|examined| examined.today = "2026-12-21"), 0, "it is over");
}

#[test]
fn days_of_grace_and_another_assignment_bridge_a_gap_and_the_summer_is_none() {
    let found = |change: fn(&mut Examined)| {
        let mut examined = Examined::healthy();
        other_assignment(&mut examined, "2026-12-22");
        change(&mut examined);
        examined.of(Rule::AssignmentGap).len()
    };
    assert_eq!(found(|_| ()), 1, "three days");
    assert_eq!(
        found(|examined| examined.world.configuration.staff_grace_days = 2),
        1
    );
    assert_eq!(
        found(|examined| examined.world.configuration.staff_grace_days = 3),
        0
    );
    assert_eq!(
        found(|examined| examined.world.assignment(11, ("001507", None), None, None)),
        0
    );
    assert_eq!(
        found(|examined| {
            examined.today = "2027-06-20";
            examined.world.mirror.opdracht[0].einddatum = Some(day("2027-06-30"));
            examined.world.mirror.opdracht[3].begindatum = Some(day("2027-07-05"));
        }),
        0,
        "after the year"
    );
}

/// Part-time vocational and higher education run beyond June; other structures do not.
#[test]
fn a_registration_beyond_the_year_is_usual_in_312_and_hbo5_and_a_mistake_elsewhere() {
    for (structure, is_usual) in [("312", true), ("411", true), ("413", true), ("313", false)] {
        let mut examined = Examined::healthy();
        part_time(&mut examined, structure, "2027-07-01");
        assert_eq!(
            examined.of(Rule::RegistrationBeyondYear).len(),
            usize::from(is_usual),
            "{structure}"
        );
        assert_eq!(
            examined.of(Rule::RegistrationOutsideYear).len(),
            usize::from(!is_usual),
            "{structure}"
        );
    }
    let mut examined = Examined::healthy();
    part_time(&mut examined, "312", "2027-07-01");
    examined.world.mirror.inschrijving[0].begindatum = day("2026-08-31");
    assert_eq!(
        examined.of(Rule::RegistrationOutsideYear).len(),
        1,
        "one that begins too early is a mistake in every structure"
    );
}

/// R35, R37, R147: with two registrations one domain is sent, and it is said which.
#[test]
fn r147_of_a_pupil_with_two_registrations_it_says_which_domain_counts() {
    let said = |change: fn(&mut Examined)| {
        let mut examined = Examined::healthy();
        examined.world.configuration.domain_mode.pupils = DomainMode::Informat;
        examined.world.registration(1, PARK, "2026-09-08", None);
        change(&mut examined);
        examined.of(Rule::TwoRegistrations)[0].message.clone()
    };
    let home = said(|_| ());
    assert!(
        home.contains("both count, and the domain of 001507-1, markt.example, is sent"),
        "{home}"
    );
    let later = said(|examined| examined.world.mirror.inschrijving[0].begindatum = day("2026-09-09"));
    assert!(
        later.contains("the domain of 001508-1, park.example, is sent"),
        "{later}"
    );
    let given = said(|examined| {
        examined.record(1).domain = Some(GivenDomain::admin("kade.example".parse().unwrap()));
    });
    assert!(
        given.contains("the domain that somebody gave, kade.example, is sent"),
        "{given}"
    );
    let unsent = said(|examined| examined.world.configuration.domain_mode.pupils = DomainMode::Microsoft);
    assert!(!unsent.contains("domain"), "{unsent}");
}
