//! Each kind of absence from a class, one school each.

use chrono::NaiveDate;

use super::super::tests::{KADE, MARKT, PARK, World, day, rowguid};
use super::*;

const ON: &str = "2026-10-05";

/// Asks about person 1 and class 7.
fn ask(world: &World, on: &str) -> Answer {
    let question = Question {
        mirror: &world.mirror,
        usernames: &world.usernames,
        configuration: &world.configuration,
        on: day(on),
    };
    let class = world.mirror.klassen.iter().find(|klas| klas.p_klas == 7);
    let class = class.map_or(Uuid::nil(), |klas| klas.scoodle_id);
    question.membership(rowguid(1), class).unwrap()
}

fn why(world: &World) -> Reason {
    ask(world, ON).reason
}

/// A school with class 7 and one person who is registered there from 1 September.
fn registered() -> World {
    let mut world = World::new();
    world.person(1).registration(1, MARKT, "2026-09-01", None);
    world.class(7, MARKT, "3A");
    world
}

/// The same, in the class between these days.
fn in_class(begin: &str, end: Option<&str>) -> World {
    let mut world = registered();
    world.in_class(1, 7, begin, end);
    world
}

fn obstacles(world: &World) -> Vec<Option<Obstacle>> {
    let steps = ask(world, ON).steps;
    let mut rows = Vec::new();
    for step in steps {
        if let Fact::Membership { obstacle, .. } = step.fact {
            rows.push(obstacle);
        }
    }
    rows
}

const fn absent(absence: MembershipAbsence) -> Reason {
    Reason::Membership(absence)
}

fn on(text: &str) -> NaiveDate {
    day(text)
}

#[test]
fn who_is_in_the_class_is_so_from_a_day_until_a_day() {
    let world = in_class("2026-09-15", Some("2026-12-18"));
    let answer = ask(&world, ON);
    assert_eq!(answer.reason, Reason::Published);
    let days = (answer.from, answer.until);
    assert_eq!(days, (Some(on("2026-09-15")), Some(on("2026-12-18"))));
    assert!(answer.steps.iter().all(|step| step.holds), "{:?}", answer.steps);
}

#[test]
fn no_row_names_both() {
    let mut world = registered();
    world.class(8, MARKT, "3B");
    world.in_class(1, 8, "2026-09-01", None);
    let answer = ask(&world, ON);
    assert_eq!(answer.reason, absent(MembershipAbsence::NoRow));
    let is_other = |step: &Step| matches!(&step.fact, Fact::Class { title, .. } if title.contains("3B"));
    assert!(
        answer.steps.iter().any(is_other),
        "the class they are in: {:?}",
        answer.steps
    );
}

#[test]
fn the_time_in_the_class_is_to_come_or_over() {
    let begins = on("2026-11-02");
    let answer = ask(&in_class("2026-11-02", None), ON);
    assert_eq!(answer.reason, absent(MembershipAbsence::ToCome { begins }));
    assert_eq!(answer.from, Some(begins));
    let ended = on("2026-09-30");
    assert_eq!(
        why(&in_class("2026-09-01", Some("2026-09-30"))),
        absent(MembershipAbsence::Left { ended })
    );
    // Of several the nearest counts.
    let mut world = in_class("2026-09-01", Some("2026-09-30"));
    world.in_class(1, 7, "2026-11-02", None);
    assert_eq!(why(&world), absent(MembershipAbsence::ToCome { begins }));
}

#[test]
fn the_registration_that_it_belongs_to_does_not_count() {
    let mut world = in_class("2026-09-01", None);
    world.mirror.inschrijving[0].einddatum = Some(on("2026-09-20"));
    let org = "001507-1".to_owned();
    let ended = on("2026-09-20");
    assert_eq!(
        why(&world),
        Reason::Ended {
            org: org.clone(),
            ended
        },
        "nothing else makes them count"
    );
    world.registration(1, KADE, "2026-09-21", None);
    let obstacle = Obstacle::Over;
    assert_eq!(
        why(&world),
        absent(MembershipAbsence::Registration { org, obstacle })
    );
    assert_eq!(obstacles(&world), [Some(Obstacle::Registration)]);
    // Before the registration begins, its first day is what is waited for.
    let mut world = in_class("2026-11-02", None);
    world.mirror.inschrijving[0].begindatum = on("2026-11-02");
    let (org, begins) = ("001507-1".to_owned(), on("2026-11-02"));
    assert_eq!(why(&world), Reason::NotYet { org, begins });
}

#[test]
fn the_class_is_not_published() {
    let class = |why| absent(MembershipAbsence::Class(why));
    let mut world = in_class("2026-09-01", None);
    let past = "2025-26".to_owned();
    world.mirror.klassen[0].schooljaar.clone_from(&past);
    assert_eq!(why(&world), class(ClassAbsence::YearPast { school_year: past }));
    let mut world = in_class("2026-09-01", None);
    world.mirror.klassen[0].vestnrdiscimus = 3;
    world.mirror.klassen[0].hfdstructuur = "311".to_owned();
    let site = ClassAbsence::Site {
        org: "001507-3".to_owned(),
        why: SiteAbsence::NotNamed,
    };
    assert_eq!(why(&world), class(site));
    world.mirror.klassen.clear();
    assert_eq!(why(&world), class(ClassAbsence::Unknown));
    world.mirror.persoon.clear();
    assert_eq!(why(&world), Reason::Unknown);
}

#[test]
fn the_row_is_of_the_class_of_another_year_with_the_same_id() {
    let mut world = in_class("2026-09-01", None);
    let mut last_year = world.mirror.klassen[0].clone();
    (last_year.p_klas, last_year.schooljaar) = (3, "2025-26".to_owned());
    world.mirror.klassen.insert(0, last_year);
    world.mirror.inschrklas[0].p_klas = 3;
    let school_year = "2025-26".to_owned();
    assert_eq!(why(&world), absent(MembershipAbsence::OtherYear { school_year }));
    assert_eq!(obstacles(&world), [Some(Obstacle::YearPast)]);
}

#[test]
fn the_person_is_not_published() {
    let mut world = in_class("2026-09-01", None);
    world.usernames.get_mut(&rowguid(1)).unwrap().sync = false;
    assert_eq!(why(&world), Reason::FlagOff);
    world.usernames.clear();
    assert_eq!(why(&world), Reason::NoUsername);
}

/// A member of staff with function 2 in class 7.
fn teacher() -> World {
    let mut world = World::new();
    world.class(7, PARK, "3A");
    world.person(1).assignment(1, ("001508", Some(1)), None, None);
    world.teaches(1, 7, 2, None);
    world
}

#[test]
fn a_teacher_has_another_function_or_another_time() {
    assert_eq!(why(&teacher()), Reason::Published);
    let mut world = teacher();
    world.mirror.klasfunctiepersoon[0].p_klasfunctie = 1;
    assert_eq!(
        why(&world),
        absent(MembershipAbsence::OtherFunction { function: 1 })
    );
    let mut world = teacher();
    let begins = on("2026-11-02");
    world.mirror.klasfunctiepersoon[0].begindatum = Some(begins);
    assert_eq!(why(&world), absent(MembershipAbsence::TeachingToCome { begins }));
    let mut world = teacher();
    let ended = on("2026-09-30");
    world.mirror.klasfunctiepersoon[0].einddatum = Some(ended);
    assert_eq!(why(&world), absent(MembershipAbsence::TeachingEnded { ended }));
}

#[test]
fn a_class_teacher_is_not_staff_on_the_day() {
    let mut world = teacher();
    world.mirror.opdracht[0].einddatum = Some(on("2026-08-01"));
    let reason = why(&world);
    assert!(matches!(reason, Reason::StaffEnded { .. }), "{reason:?}");
    // A pupil who counts, but not as staff.
    world.registration(1, MARKT, "2026-09-01", None);
    assert_eq!(why(&world), absent(MembershipAbsence::NotStaff));
    assert_eq!(obstacles(&world), [Some(Obstacle::NotStaff)]);
}

#[test]
fn of_a_pupil_who_is_class_teacher_too_the_teachers_row_wins() {
    let mut world = teacher();
    world.registration(1, PARK, "2026-09-01", None);
    world.in_class(1, 7, "2026-09-01", None);
    assert_eq!(why(&world), Reason::Published);
    assert_eq!(obstacles(&world), [Some(Obstacle::Another), None]);
}

#[test]
fn classes_that_somebody_was_in_come_first() {
    let mut world = in_class("2026-09-01", None);
    world.class(8, KADE, "3A");
    world.class(9, PARK, "3A");
    world.mirror.inschrklas[0].p_klas = 9;
    let question = Question {
        mirror: &world.mirror,
        usernames: &world.usernames,
        configuration: &world.configuration,
        on: day(ON),
    };
    let ids = |text: &str| -> Vec<Uuid> {
        let found = question.classes_of(rowguid(1), text);
        found.into_iter().map(|candidate| candidate.id).collect()
    };
    let id = |at: usize| world.mirror.klassen[at].scoodle_id;
    assert_eq!(ids("3a"), [id(2), id(0), id(1)]);
    assert_eq!(ids("2026-27 3A - Kade"), [id(1)], "by title");
}
