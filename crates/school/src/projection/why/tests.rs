//! Each kind of absence, one school each.

use std::collections::BTreeSet;

use chrono::Days;
use uuid::Uuid;

use super::super::tests::{KADE, MARKT, PARK, World, day, rowguid};
use super::*;
use crate::projection::cause::SiteAbsence;
use crate::tenant::configuration::DomainMode;
use crate::username::WaitReason;

const ON: &str = "2026-10-05";

fn ask(world: &World, rowguid: Uuid, on: &str) -> Answer {
    let question = Question {
        mirror: &world.mirror,
        usernames: &world.usernames,
        configuration: &world.configuration,
        on: day(on),
    };
    question.person(rowguid).unwrap()
}

/// Asks about person 1.
fn why(world: &World) -> Reason {
    ask(world, rowguid(1), ON).reason
}

/// A school with one person, registered from 1 September.
fn registered(at: (&str, i32, &str), begin: &str, end: Option<&str>) -> World {
    let mut world = World::new();
    world.person(1).registration(1, at, begin, end);
    world
}

fn org(at: (&str, i32, &str)) -> String {
    format!("{}-{}", at.0, at.1)
}

#[test]
fn who_is_there_is_published_from_a_day_until_a_day() {
    let world = registered(MARKT, "2026-09-15", Some("2026-12-18"));
    let answer = ask(&world, rowguid(1), ON);
    assert_eq!(answer.reason, Reason::Published);
    assert_eq!(
        (answer.from, answer.until),
        (Some(day("2026-09-15")), Some(day("2026-12-18")))
    );
    assert!(answer.steps.iter().all(|step| step.holds), "{:?}", answer.steps);
}

#[test]
fn a_pupil_to_come_or_gone_is_named_with_the_day() {
    let world = registered(MARKT, "2027-01-11", None);
    let answer = ask(&world, rowguid(1), ON);
    assert_eq!(
        answer.reason,
        Reason::NotYet {
            org: org(MARKT),
            begins: day("2027-01-11")
        }
    );
    assert_eq!(
        (answer.from, answer.until),
        (Some(day("2027-01-11")), Some(day("2027-06-30")))
    );
    let world = registered(MARKT, "2026-09-01", Some("2026-09-30"));
    let answer = ask(&world, rowguid(1), ON);
    assert_eq!(
        answer.reason,
        Reason::Ended {
            org: org(MARKT),
            ended: day("2026-09-30")
        }
    );
    assert_eq!(answer.until, Some(day("2026-09-30")));
}

#[test]
fn the_nearest_of_several_registrations_decides() {
    let mut world = registered(MARKT, "2026-09-01", Some("2026-09-30"));
    world.registration(1, KADE, "2026-11-01", None);
    assert_eq!(
        why(&world),
        Reason::NotYet {
            org: org(KADE),
            begins: day("2026-11-01")
        }
    );
    world.registration(1, ("001507", 3, "311"), "2026-10-01", None);
    assert_eq!(
        why(&world),
        Reason::Site {
            org: "001507-3".to_owned(),
            why: SiteAbsence::NotNamed
        }
    );
}

#[test]
fn other_school_years_are_named() {
    let mut world = registered(MARKT, "2025-09-01", None);
    world.mirror.inschrijving[0].schooljaar = "2025-26".to_owned();
    assert_eq!(
        why(&world),
        Reason::YearPast {
            school_year: "2025-26".to_owned()
        }
    );
    let mut world = registered(MARKT, "2027-09-01", None);
    world.mirror.inschrijving[0].schooljaar = "2027-28".to_owned();
    let to_come = Reason::YearToCome {
        school_year: "2027-28".to_owned(),
        begins: day("2027-09-01"),
    };
    assert_eq!(why(&world), to_come);
}

#[test]
fn a_registration_that_is_not_realised_is_told_apart() {
    let mut world = registered(MARKT, "2026-09-01", None);
    world.mirror.inschrijving[0].status = 1;
    assert_eq!(why(&world), Reason::RegistrationNotRealised { org: org(MARKT) });
}

#[test]
fn a_site_is_not_named_switched_off_or_out_of_use() {
    let mut world = registered(KADE, "2026-09-01", None);
    let at = |why| Reason::Site { org: org(KADE), why };
    let row = world
        .mirror
        .schoolvest
        .iter()
        .position(|row| row.vestnrdiscimus == 2)
        .unwrap();
    world.mirror.schoolvest[row].actief = false;
    assert_eq!(why(&world), at(SiteAbsence::Inactive));
    world.mirror.schoolvest[row].actief = true;
    for school in &mut world.configuration.schools {
        school.sites.iter_mut().for_each(|site| site.sync = false);
    }
    assert_eq!(why(&world), at(SiteAbsence::LinkOff));
    for school in &mut world.configuration.schools {
        school.sites.clear();
    }
    assert_eq!(why(&world), at(SiteAbsence::NotNamed));
    world.mirror.schoolvest.clear();
    assert_eq!(why(&world), at(SiteAbsence::Gone));
}

#[test]
fn staff_are_named_with_their_assignment() {
    let mut world = World::new();
    world
        .person(1)
        .assignment(1, ("001508", Some(1)), Some("2026-11-01"), None);
    let (park, begins) = (org(PARK), day("2026-11-01"));
    assert_eq!(
        why(&world),
        Reason::StaffNotYet {
            org: park.clone(),
            begins
        }
    );
    let mut world = World::new();
    world
        .person(1)
        .assignment(1, ("001508", Some(1)), None, Some("2026-09-10"));
    let grace_days = world.configuration.staff_grace_days;
    let ended = day("2026-09-10");
    assert_eq!(
        why(&world),
        Reason::StaffEnded {
            org: park,
            ended,
            grace_days
        }
    );
    // While the assignment counts longer, they are published.
    let last = ended + Days::new(u64::from(grace_days));
    assert!(ask(&world, rowguid(1), &last.to_string()).is_published());
    let mut world = World::new();
    world.person(1).assignment(1, ("001507", Some(3)), None, None);
    assert_eq!(
        why(&world),
        Reason::Site {
            org: "001507-3".to_owned(),
            why: SiteAbsence::NotNamed
        }
    );
}

#[test]
fn who_is_nowhere_or_unknown_is_told_apart() {
    let mut world = World::new();
    world.person(1);
    assert_eq!(why(&world), Reason::Nowhere);
    assert_eq!(ask(&world, rowguid(9), ON).reason, Reason::Unknown);
    world.mirror.persoon.clear();
    let answer = ask(&world, rowguid(1), ON);
    assert_eq!(answer.reason, Reason::Unknown);
    let has_name = |step: &Step| matches!(&step.fact, Fact::Username { local_part: Some(_) });
    assert!(
        answer.steps.iter().any(has_name),
        "the name stays: {:?}",
        answer.steps
    );
}

#[test]
fn the_username_the_flag_an_answer_or_a_domain_may_be_missing() {
    let mut world = registered(MARKT, "2026-09-01", None);
    let id = rowguid(1);
    world.configuration.domain_mode.pupils = DomainMode::Informat;
    for school in &mut world.configuration.schools {
        school.sites.iter_mut().for_each(|site| site.pupil_domain = None);
    }
    assert_eq!(why(&world), Reason::NoDomain);
    world.configuration.domain_mode.pupils = DomainMode::Microsoft;
    world.usernames.get_mut(&id).unwrap().sync = false;
    assert_eq!(why(&world), Reason::FlagOff);
    let waits_for = BTreeSet::from([WaitReason::Placeholder]);
    world.usernames.get_mut(&id).unwrap().waits_for = waits_for.clone();
    assert_eq!(why(&world), Reason::Waits { waits_for });
    world.usernames.clear();
    assert_eq!(why(&world), Reason::NoUsername);
}

#[test]
fn the_classes_of_the_day_are_named() {
    let mut world = registered(MARKT, "2026-09-01", None);
    world.class(7, MARKT, "1A");
    world.in_class(1, 7, "2026-09-01", None);
    let steps = ask(&world, rowguid(1), ON).steps;
    let classes = steps
        .iter()
        .filter(|step| matches!(step.fact, Fact::Class { .. }));
    assert_eq!(classes.count(), 1);
}

#[test]
fn a_class_is_named_with_its_year_and_its_site() {
    let mut world = World::new();
    world.class(7, KADE, "1A");
    let id = world.mirror.klassen[0].scoodle_id;
    let why = |world: &World, id| {
        let question = Question {
            mirror: &world.mirror,
            usernames: &world.usernames,
            configuration: &world.configuration,
            on: day(ON),
        };
        question.class(id).unwrap().reason
    };
    assert_eq!(why(&world, id), Reason::Published);
    assert_eq!(why(&world, Uuid::nil()), Reason::Unknown);
    world.mirror.klassen[0].schooljaar = "2025-26".to_owned();
    assert_eq!(
        why(&world, id),
        Reason::YearPast {
            school_year: "2025-26".to_owned()
        }
    );
    world.mirror.klassen[0].schooljaar = "2027-28".to_owned();
    let begins = day("2027-09-01");
    assert_eq!(
        why(&world, id),
        Reason::YearToCome {
            school_year: "2027-28".to_owned(),
            begins
        }
    );
    world.mirror.klassen[0].schooljaar = "2026-27".to_owned();
    for row in &mut world.mirror.schoolvest {
        row.actief = false;
    }
    assert_eq!(
        why(&world, id),
        Reason::Site {
            org: org(KADE),
            why: SiteAbsence::Inactive
        }
    );
}

#[test]
fn a_text_may_be_an_id_a_username_a_name_or_a_class() {
    let mut world = World::new();
    world.person(1);
    world.person(2);
    (world.mirror.persoon[0].voornaam, world.mirror.persoon[0].naam) =
        (Some("José".to_owned()), Some("D’Hondt".to_owned()));
    (world.mirror.persoon[1].voornaam, world.mirror.persoon[1].naam) =
        (Some("Jos".to_owned()), Some("Van den Berg".to_owned()));
    world.class(7, MARKT, "3A");
    let found = |text: &str| -> Vec<String> {
        let question = Question {
            mirror: &world.mirror,
            usernames: &world.usernames,
            configuration: &world.configuration,
            on: day(ON),
        };
        question
            .candidates(text)
            .into_iter()
            .map(|candidate| candidate.label)
            .collect()
    };
    let (jose, jos) = ("José D’Hondt", "Jos Van den Berg");
    for (text, expected) in [
        (rowguid(1).to_string().as_str(), vec![jose]),
        ("P2", vec![jos]),
        ("p2@school.example", vec![jos]),
        ("jose d'hondt", vec![jose]),
        ("D'HONDT José", vec![jose]),
        ("vandenberg jos", vec![jos]),
        ("jos", vec![jos, jose]),
        ("berg", vec![jos]),
        ("jos dho", vec![jose]),
        ("3a", vec!["3A"]),
        ("3", vec![]),
        ("", vec![]),
        ("  ", vec![]),
        ("@", vec![]),
        ("nobody", vec![]),
    ] {
        assert_eq!(found(text), expected, "{text:?}");
    }
    // Somebody who is gone is still known by their username.
    let mut world = world.clone();
    world.mirror.persoon.clear();
    let question = Question {
        mirror: &world.mirror,
        usernames: &world.usernames,
        configuration: &world.configuration,
        on: day(ON),
    };
    assert_eq!(question.candidates("p1")[0].id, rowguid(1));
}
