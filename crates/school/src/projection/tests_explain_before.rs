//! Why somebody went who has more than one period in the source, past or future.

use oneroster_standard::Kind;

use super::cause::Cause;
use super::tests::{MARKT, World, day};
use super::tests_explain::{DAYS, at_markt, gone, id, world};
use crate::tenant::configuration::FuturePupils;

fn user_gone(world: World, p_persoon: i64, change: impl FnOnce(&mut World)) -> Vec<Cause> {
    gone(world, DAYS, (Kind::Users, &id(p_persoon)), change)
}

fn enrollment_gone(world: World, change: impl FnOnce(&mut World)) -> Vec<Cause> {
    gone(world, DAYS, (Kind::Enrollments, &format!("{}-1", id(1))), change)
}

fn including_future() -> World {
    let mut world = world();
    world.configuration.future_pupils = FuturePupils::Include;
    world
}

/// The last day, and when Informat changed the row.
type Ended = (&'static str, Option<&'static str>);

/// Teacher 2 with an assignment that has ended and one that goes on; pupil 1 with two such registrations.
fn with_earlier_periods((last_day, changed): Ended) -> World {
    let mut world = world();
    let changed = changed.map(|at| at.parse().unwrap());
    world.assignment(2, ("001507", None), None, None);
    let assignment = &mut world.mirror.opdracht[0];
    (assignment.einddatum, assignment.changed) = (Some(day(last_day)), changed);
    world.mirror.opdracht[1].begindatum = Some(day("2026-09-01"));
    world.registration(1, MARKT, "2026-09-20", None);
    let registration = &mut world.mirror.inschrijving[0];
    (registration.einddatum, registration.changed) = (Some(day(last_day)), changed);
    world
}

#[test]
fn a_period_that_was_over_before_is_no_cause_when_the_second_is_deleted() {
    // Over for long by its date; or not for long, but Informat has not touched the row since.
    for earlier in [
        ("2026-08-30", None),
        ("2026-09-20", Some("2026-09-01T08:00:00Z")),
        ("2026-06-30", Some("2026-06-01T08:00:00Z")),
    ] {
        let world = with_earlier_periods(earlier);
        let teacher = user_gone(world.clone(), 2, |world| drop(world.mirror.opdracht.remove(1)));
        assert_eq!(teacher, [Cause::NoAssignment], "{earlier:?}");
        let pupil = user_gone(world, 1, |world| drop(world.mirror.inschrijving.remove(1)));
        assert_eq!(pupil, [Cause::NotRegisteredAt { org: at_markt() }], "{earlier:?}");
    }
}

#[test]
fn an_end_that_was_entered_late_is_the_cause() {
    for (last_day, changed) in [
        ("2026-10-04", None),
        ("2026-09-20", None),
        ("2026-09-02", Some("2026-10-02T08:00:00Z")),
    ] {
        let ended = |world: &mut World| {
            let changed = changed.map(|at| at.parse().unwrap());
            let assignment = &mut world.mirror.opdracht[0];
            (assignment.einddatum, assignment.changed) = (Some(day(last_day)), changed);
            let registration = &mut world.mirror.inschrijving[0];
            (registration.einddatum, registration.changed) = (Some(day(last_day)), changed);
        };
        let last_day = day(last_day);
        let teacher = user_gone(world(), 2, ended);
        assert_eq!(
            teacher,
            [Cause::AssignmentEnded {
                last_day,
                grace_days: 0
            }]
        );
        let pupil = user_gone(world(), 1, ended);
        let org = at_markt();
        assert_eq!(pupil, [Cause::RegistrationEnded { org, last_day }]);
    }
    // The grace days are over only now: it counted until yesterday.
    let mut world = world();
    world.configuration.staff_grace_days = 40;
    let assignment = &mut world.mirror.opdracht[0];
    assignment.einddatum = Some(day("2026-08-25"));
    assignment.changed = Some("2026-08-01T08:00:00Z".parse().unwrap());
    let last_day = day("2026-08-25");
    assert_eq!(
        user_gone(world, 2, |_| {}),
        [Cause::AssignmentEnded {
            last_day,
            grace_days: 40
        }]
    );
}

#[test]
fn r15_a_future_registration_that_is_refused_is_not_realised() {
    let mut world = including_future();
    world.mirror.inschrijving[0].begindatum = day("2027-01-11");
    let refused = [Cause::RegistrationNotRealised { org: at_markt() }];
    let refuse = |world: &mut World| world.mirror.inschrijving[0].status = 3;
    assert_eq!(user_gone(world.clone(), 1, refuse), refused);
    let refused_and_moved = |world: &mut World| {
        refuse(world);
        world.mirror.inschrijving[0].begindatum = day("2027-02-01");
    };
    assert_eq!(user_gone(world, 1, refused_and_moved), refused);
    // Where future pupils are not included, one that lies ahead published nobody.
    let mut world = super::tests_explain::world();
    world.registration(1, MARKT, "2027-01-11", None);
    world.mirror.inschrijving[1].status = 3;
    let deleted = user_gone(world, 1, |world| drop(world.mirror.inschrijving.remove(0)));
    assert_eq!(deleted, [Cause::NotRegisteredAt { org: at_markt() }]);
}

/// R148: who was in the class before the class row began is not in it any more for a reason of that row.
#[test]
fn r148_why_a_pupil_leaves_the_class_that_he_was_in_ahead_of_time() {
    let ahead = |begin: &str| {
        let mut world = including_future();
        world.mirror.inschrklas[0].vandatum = day(begin);
        world
    };
    let first_day = day("2026-11-02");
    let another_is_first = enrollment_gone(ahead("2026-11-02"), |world| {
        world.class(2, MARKT, "3B");
        world.in_class(1, 2, "2026-10-19", None);
    });
    assert_eq!(another_is_first, [Cause::ClassToCome { first_day }]);
    let no_longer_included = enrollment_gone(ahead("2026-11-02"), |world| {
        world.configuration.future_pupils = FuturePupils::Exclude;
    });
    assert_eq!(no_longer_included, [Cause::ClassToCome { first_day }]);
    let deleted = enrollment_gone(ahead("2026-11-02"), |world| world.mirror.inschrklas.clear());
    assert_eq!(deleted, [Cause::NotInClass]);
    // Put off, it is the first one still.
    let mut put_off = ahead("2026-11-02");
    put_off.mirror.inschrklas[0].vandatum = day("2026-12-01");
    assert_eq!(put_off.on(DAYS.1).enrollments.len(), 2);
}
