//! The end of an enrollment that ends in two ways: a time in the class within a registration, teaching within an assignment.

use oneroster_standard::Kind;

use super::cause::Cause;
use super::tests::{KADE, World, day};
use super::tests_explain::{DAYS, at_markt, gone, id, world};

/// Why the enrollment of somebody in class 1 went.
fn enrollment_gone(p_persoon: i64, change: impl FnOnce(&mut World)) -> Vec<Cause> {
    let enrollment = format!("{}-1", id(p_persoon));
    gone(world(), DAYS, (Kind::Enrollments, &enrollment), change)
}

fn left_class(last_day: &str) -> Cause {
    Cause::LeftClass {
        last_day: day(last_day),
    }
}

fn registration_ended(last_day: &str) -> Cause {
    Cause::RegistrationEnded {
        org: at_markt(),
        last_day: day(last_day),
    }
}

fn assignment_ended(last_day: &str) -> Cause {
    Cause::AssignmentEnded {
        last_day: day(last_day),
        grace_days: 0,
    }
}

fn teaching_ended(last_day: &str) -> Cause {
    Cause::TeachingEnded {
        last_day: day(last_day),
    }
}

/// The registration and the time in the class of pupil 1 end on these days.
fn ends(world: &mut World, (registration, in_class): (&str, &str)) {
    world.mirror.inschrijving[0].einddatum = Some(day(registration));
    world.mirror.inschrklas[0].totdatum = Some(day(in_class));
}

/// The assignment of teacher 2 and their time with the class end on these days.
fn stops(world: &mut World, (assignment, teaching): (&str, &str)) {
    world.mirror.opdracht[0].einddatum = Some(day(assignment));
    world.mirror.klasfunctiepersoon[0].einddatum = Some(day(teaching));
}

#[test]
fn a_pupil_who_goes_left_the_class_on_the_earlier_of_two_days() {
    let of = |days: (&str, &str)| enrollment_gone(1, |world| ends(world, days));
    let gone = Cause::UserNotPublished;
    // The user's causes say when the registration ended.
    assert_eq!(of(("2026-10-02", "2026-10-04")), std::slice::from_ref(&gone));
    assert_eq!(
        of(("2026-10-04", "2026-10-02")),
        [gone.clone(), left_class("2026-10-02")]
    );
    assert_eq!(of(("2026-10-02", "2026-10-02")), [gone, left_class("2026-10-02")]);
}

#[test]
fn a_pupil_who_stays_elsewhere_left_the_class_on_the_earlier_of_two_days() {
    let of = |days: (&str, &str)| {
        enrollment_gone(1, |world| {
            ends(world, days);
            world.registration(1, KADE, "2026-10-05", None);
        })
    };
    assert_eq!(
        of(("2026-10-02", "2026-10-04")),
        [registration_ended("2026-10-02")]
    );
    assert_eq!(of(("2026-10-04", "2026-10-02")), [left_class("2026-10-02")]);
}

#[test]
fn a_teacher_stopped_on_the_earlier_of_two_days() {
    let gone = |days: (&str, &str)| enrollment_gone(2, |world| stops(world, days));
    let not_published = || Cause::UserNotPublished;
    assert_eq!(gone(("2026-10-02", "2026-10-04")), [not_published()]);
    assert_eq!(
        gone(("2026-10-04", "2026-10-02")),
        [not_published(), teaching_ended("2026-10-02")]
    );
    let now_a_pupil = |days: (&str, &str)| {
        enrollment_gone(2, |world| {
            stops(world, days);
            world.registration(2, KADE, "2026-10-03", None);
        })
    };
    assert_eq!(
        now_a_pupil(("2026-10-02", "2026-10-04")),
        [assignment_ended("2026-10-02")]
    );
    assert_eq!(
        now_a_pupil(("2026-10-04", "2026-10-02")),
        [teaching_ended("2026-10-02")]
    );
}

#[test]
fn what_ended_with_a_class_that_goes_as_well_is_told() {
    let left = enrollment_gone(1, |world| {
        world.mirror.inschrklas[0].totdatum = Some(day("2026-10-02"));
        world.mirror.klassen.clear();
    });
    assert_eq!(left, [Cause::ClassNotPublished, left_class("2026-10-02")]);
    let stays = enrollment_gone(1, |world| world.mirror.klassen.clear());
    assert_eq!(stays, [Cause::ClassNotPublished]);
}
