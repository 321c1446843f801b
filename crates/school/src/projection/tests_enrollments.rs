//! Scenes of class rows: which count, and which of several is emitted.

use std::collections::BTreeMap;

use oneroster_standard::{Boolean, RoleType};

use super::tests::{KADE, MARKT, World, day, enrollments, rowguid};
use crate::tenant::configuration::FuturePupils;

/// Two classes, and pupil 1 registered from this day on, in a tenant that includes future pupils.
fn registered(begin: &str, end: Option<&str>) -> (World, i64) {
    let mut world = World::new();
    world.configuration.future_pupils = FuturePupils::Include;
    world.person(1).class(1, MARKT, "3A");
    world.class(2, MARKT, "3B");
    let registration = world.registration(1, MARKT, begin, end);
    (world, registration)
}

/// The classes on a day, each with its dates as emitted.
fn classes(world: &World, today: &str) -> Vec<String> {
    let all = enrollments(&world.on(today)).into_iter();
    all.map(|(_, class, _, begin, end)| format!("{class} {begin} {end}"))
        .collect()
}

#[test]
fn r148_the_first_class_row_counts_from_the_start_of_its_registration() {
    let (mut world, registration) = registered("2027-01-04", None);
    world.in_class(registration, 1, "2027-01-11", Some("2027-03-31"));
    world.in_class(registration, 2, "2027-04-01", None);
    let first = ["1 2027-01-11 2027-03-31"];
    // Long before, on the first day of the registration, and until the class row begins: the stored dates.
    for today in [
        "2026-10-01",
        "2027-01-03",
        "2027-01-04",
        "2027-01-10",
        "2027-03-31",
    ] {
        assert_eq!(classes(&world, today), first, "{today}");
    }
    assert_eq!(classes(&world, "2027-04-01"), ["2 2027-04-01 2027-06-30"]);
    world.configuration.future_pupils = FuturePupils::Exclude;
    assert_eq!(
        classes(&world, "2027-01-10"),
        Vec::<String>::new(),
        "a tenant without future pupils"
    );
    assert_eq!(classes(&world, "2027-01-11"), first);
}

#[test]
fn r148_all_rows_that_start_on_the_first_day_count_and_no_later_one() {
    let (mut world, registration) = registered("2026-09-01", None);
    world.class(3, MARKT, "6WIS8");
    world.in_class(registration, 1, "2026-09-07", None);
    world.in_class(registration, 3, "2026-09-07", Some("2027-01-31"));
    world.in_class(registration, 2, "2026-09-08", None);
    let first = ["1 2026-09-07 2027-06-30", "3 2026-09-07 2027-01-31"];
    assert_eq!(classes(&world, "2026-09-01"), first);
    world.in_class(registration, 2, "2026-09-01", Some("2026-09-02"));
    assert_eq!(
        classes(&world, "2026-09-01"),
        ["2 2026-09-01 2026-09-02"],
        "then that row is the first"
    );
    assert_eq!(
        classes(&world, "2026-09-03"),
        Vec::<String>::new(),
        "a gap after the first row is a gap"
    );
}

#[test]
fn r148_each_counting_registration_has_a_first_row_of_its_own() {
    let (mut world, registration) = registered("2026-09-01", Some("2026-12-31"));
    world.in_class(registration, 1, "2026-09-01", None);
    let next = world.registration(1, KADE, "2027-01-04", None);
    world.in_class(next, 2, "2027-01-11", None);
    assert_eq!(
        classes(&world, "2026-12-31"),
        ["1 2026-09-01 2027-06-30"],
        "the second registration does not count yet"
    );
    assert_eq!(classes(&world, "2027-01-01"), ["2 2027-01-11 2027-06-30"]);
    let beside = world.registration(1, MARKT, "2026-12-01", None);
    world.in_class(beside, 2, "2027-02-01", None);
    assert_eq!(
        classes(&world, "2026-12-31"),
        ["1 2026-09-01 2027-06-30", "2 2027-02-01 2027-06-30"]
    );
}

#[test]
fn r148_a_row_that_contains_no_day_is_not_the_first() {
    let (mut world, registration) = registered("2026-09-01", None);
    world.in_class(registration, 2, "2026-09-05", Some("2026-09-04"));
    world.in_class(registration, 1, "2026-09-07", None);
    assert_eq!(classes(&world, "2026-09-01"), ["1 2026-09-07 2027-06-30"]);
    let (mut world, registration) = registered("2026-09-01", None);
    world.in_class(registration, 1, "2027-07-01", None);
    assert_eq!(classes(&world, "2026-10-01"), Vec::<String>::new());
}

#[test]
fn of_two_rows_of_one_start_the_latest_end_counts_then_the_highest_key() {
    let mut world = World::new();
    world.person(1).class(1, MARKT, "3A");
    let first = world.registration(1, MARKT, "2026-09-01", None);
    let second = world.registration(1, KADE, "2026-09-01", None);
    world.in_class(first, 1, "2026-09-01", Some("2027-01-31"));
    world.in_class(second, 1, "2026-09-01", Some("2026-12-31"));
    assert_eq!(classes(&world, "2026-10-01"), ["1 2026-09-01 2027-01-31"]);
    // Open is later than any day, also than one after the year.
    world.in_class(second, 1, "2026-09-01", None);
    world.in_class(first, 1, "2026-09-01", Some("2027-08-31"));
    assert_eq!(classes(&world, "2026-10-01"), ["1 2026-09-01 2027-06-30"]);
    world.mirror.inschrklas.remove(2);
    assert_eq!(classes(&world, "2026-10-01"), ["1 2026-09-01 2027-08-31"]);
    // The teacher's row is emitted though it starts and ends earlier.
    world.assignment(1, ("001507", None), None, None);
    world.mirror.inschrklas[0].vandatum = day("2026-09-20");
    world.teaches(1, 1, 2, None);
    world.mirror.klasfunctiepersoon[0].einddatum = Some(day("2026-11-30"));
    let all = enrollments(&world.on("2026-10-01"));
    assert_eq!(
        (all[0].2, all[0].4.as_str(), all.len()),
        (RoleType::Teacher, "2026-11-30", 1)
    );
}

#[test]
fn r127_the_primary_teacher_is_found_among_the_rows_that_count() {
    let mut world = World::new();
    world.class(1, MARKT, "3A");
    for number in 1..=3 {
        world.person(number);
        world.assignment(number, ("001507", None), None, None);
    }
    // Teacher 1 began first, left, and came back: the later row counts. Of the other two the lower key is first.
    world.teaches(1, 1, 2, Some("2026-09-01"));
    world.teaches(2, 1, 2, Some("2026-09-10"));
    world.teaches(3, 1, 2, Some("2026-09-10"));
    world.teaches(1, 1, 2, Some("2026-09-20"));
    let primary = |world: &World| -> BTreeMap<String, Option<Boolean>> {
        let all = world.on("2026-10-01").enrollments.into_iter();
        all.map(|found| (found.sourced_id, found.content.primary))
            .collect()
    };
    let id = |number| format!("{}-1", rowguid(number));
    let is = |flag| Some(Boolean(flag));
    let expected = BTreeMap::from([(id(1), is(false)), (id(2), is(true)), (id(3), is(false))]);
    assert_eq!(primary(&world), expected);
    // Of two rows of one start the one that ends later counts, whatever its key.
    world.teaches(2, 1, 2, Some("2026-09-10"));
    world.mirror.klasfunctiepersoon[4].einddatum = Some(day("2026-10-31"));
    assert_eq!(primary(&world), expected);
}
