//! Who comes, goes and changes, from made-up schools.

use super::*;
use crate::informat::Klas;
use crate::projection::tests::{World, day, rowguid};

const YEAR: &str = "2026-27";
const MARKT: (&str, i32, &str) = ("001507", 1, "211");
const KADE: (&str, i32, &str) = ("001507", 2, "311");
const PARK: (&str, i32, &str) = ("001508", 1, "311");

fn between(world: &World, today: &str, other: &str, school_year: &str) -> Outlook {
    let today = DayOfYear {
        day: day(today),
        school_year: YEAR,
    };
    let other = DayOfYear {
        day: day(other),
        school_year,
    };
    outlook(
        &world.mirror,
        &world.usernames,
        &world.configuration,
        today,
        other,
    )
    .unwrap()
}

fn number(person: &PersonOutlook) -> i64 {
    (1..99)
        .find(|number| rowguid(*number).to_string() == person.sourced_id)
        .unwrap()
}

fn movements(seen: &[Seen<'_>]) -> Vec<(i64, Movement)> {
    seen.iter()
        .map(|seen| (number(seen.person), seen.movement))
        .collect()
}

/// 1 comes to Markt in January, not yet released; 2 leaves Markt; 3 goes to another class; 4 moves from Markt to Park; 5 stays.
fn january() -> World {
    let mut world = World::new();
    for p_persoon in 1..=5 {
        world.person(p_persoon);
    }
    world.class(1, MARKT, "3A");
    world.class(2, MARKT, "3B");
    world.class(3, PARK, "1C");
    let comes = world.registration(1, MARKT, "2027-01-11", None);
    world.in_class(comes, 1, "2027-01-11", None);
    world.usernames.get_mut(&rowguid(1)).unwrap().sync = false;
    let goes = world.registration(2, MARKT, "2026-09-01", Some("2026-12-31"));
    world.in_class(goes, 1, "2026-09-01", None);
    let changes = world.registration(3, MARKT, "2026-09-01", None);
    world.in_class(changes, 1, "2026-09-01", Some("2027-01-10"));
    world.in_class(changes, 2, "2027-01-11", None);
    let before = world.registration(4, MARKT, "2026-09-01", Some("2027-01-10"));
    world.in_class(before, 1, "2026-09-01", None);
    let after = world.registration(4, PARK, "2027-01-11", None);
    world.in_class(after, 3, "2027-01-11", None);
    let stays = world.registration(5, MARKT, "2026-09-01", None);
    world.in_class(stays, 1, "2026-09-01", None);
    world
}

#[test]
fn who_comes_goes_and_changes_is_told_whatever_the_flag() {
    let world = january();
    let outlook = between(&world, "2026-11-27", "2027-01-11", YEAR);
    let seen = outlook.seen(|_| true);
    assert_eq!(
        movements(&seen),
        [
            (1, Movement::Comes),
            (2, Movement::Goes),
            (3, Movement::Changes),
            (4, Movement::Changes)
        ]
    );
    let released: Vec<bool> = seen.iter().map(|seen| seen.person.is_released).collect();
    assert_eq!(released, [false, true, true, true]);
    assert!(
        matches!(seen[0].causes[..], [Cause::Registered { first_day, .. }] if *first_day == day("2027-01-11"))
    );
    assert!(
        matches!(seen[1].causes[..], [Cause::RegistrationEnded { last_day, .. }] if *last_day == day("2026-12-31"))
    );
    let names = |seen: &SeenStanding<'_>| -> Vec<&str> {
        let classes = seen.classes.iter();
        classes
            .map(|class| outlook.classes[*class].name.as_str())
            .collect()
    };
    let (before, after) = (seen[2].before.as_ref().unwrap(), seen[2].after.as_ref().unwrap());
    assert_eq!((names(before), names(after)), (vec!["3A"], vec!["3B"]));
    let (before, after) = (seen[3].before.as_ref().unwrap(), seen[3].after.as_ref().unwrap());
    assert_eq!(
        (&before.orgs[..], &after.orgs[..]),
        (&["001507-1"][..], &["001508-1"][..])
    );
    assert!(outlook.orgs["001508-1"].contains("Park"));
    let none = between(&world, "2026-11-27", "2026-11-28", YEAR);
    assert!(none.people.is_empty());
}

#[test]
fn a_move_to_a_place_that_is_not_seen_is_a_departure_and_names_it_not() {
    let world = january();
    let outlook = between(&world, "2026-11-27", "2027-01-11", YEAR);
    let at_markt = outlook.seen(|org| org == "001507-1");
    assert_eq!(movements(&at_markt).last(), Some(&(4, Movement::Goes)));
    let moved = at_markt.last().unwrap();
    assert!(moved.after.is_none() && moved.causes.is_empty());
    let at_park = outlook.seen(|org| org == "001508-1");
    assert_eq!(movements(&at_park), [(4, Movement::Comes)]);
    assert!(at_park[0].before.is_none());
    assert!(outlook.seen(|_| false).is_empty());
}

#[test]
fn movements_are_counted_by_org_and_class() {
    let world = january();
    let outlook = between(&world, "2026-11-27", "2027-01-11", YEAR);
    let seen = outlook.seen(|_| true);
    let counts = counts(&outlook, &seen);
    let markt = &counts["001507-1"];
    assert_eq!((markt.come, markt.go, markt.change), (1, 2, 1));
    let of_class = |name: &str| {
        let mut classes = markt.classes.iter();
        let (_, counts) = classes.find(|(id, _)| outlook.classes[*id].name == name).unwrap();
        (counts.come, counts.go)
    };
    assert_eq!(of_class("3A"), (1, 3));
    assert_eq!(of_class("3B"), (1, 0));
    assert_eq!((counts["001508-1"].come, counts["001508-1"].go), (1, 0));
}

#[test]
fn the_domain_that_follows_a_move_is_a_change_of_username() {
    let mut world = World::new();
    world.person(1);
    world.configuration.domain_mode.pupils = crate::tenant::configuration::DomainMode::Informat;
    world.registration(1, MARKT, "2026-09-01", Some("2027-01-10"));
    world.registration(1, KADE, "2027-01-11", None);
    let outlook = between(&world, "2026-11-27", "2027-01-11", YEAR);
    let seen = outlook.seen(|_| true);
    assert!(seen[0].changes_username());
    let username = |standing: &Option<SeenStanding<'_>>| standing.as_ref().unwrap().username.to_owned();
    assert_eq!(username(&seen[0].before), "p1@markt.example");
    assert_eq!(username(&seen[0].after), "p1@kade.example");
}

#[test]
fn r119_the_next_year_is_looked_at_before_it_is_activated() {
    let mut world = january();
    let mut next = world.mirror.inschrijving[4].clone();
    next.p_inschr = 99;
    next.schooljaar = "2027-28".to_owned();
    (next.begindatum, next.einddatum) = (day("2027-09-01"), None);
    world.mirror.inschrijving.push(next);
    world.mirror.klassen.push(Klas {
        p_klas: 9,
        scoodle_id: Uuid::from_u128(9),
        schooljaar: "2027-28".to_owned(),
        klascode: "4A".to_owned(),
        ..world.mirror.klassen[0].clone()
    });
    world.in_class(99, 9, "2027-09-01", None);
    let outlook = between(&world, "2027-06-20", "2027-08-15", "2027-28");
    assert_eq!(
        (outlook.today, outlook.day),
        (day("2027-06-20"), day("2027-09-01"))
    );
    let seen = outlook.seen(|_| true);
    let of_4 = movements(&seen).into_iter().filter(|(number, _)| *number == 4);
    assert_eq!(of_4.count(), 1);
    let stays = seen
        .iter()
        .filter(|seen| seen.movement == Movement::Changes)
        .count();
    let goes = seen.iter().filter(|seen| seen.movement == Movement::Goes).count();
    assert_eq!((stays, goes), (1, 3));
}

#[test]
fn assignments_that_end_soon_are_listed_unless_another_follows() {
    let mut world = World::new();
    for p_persoon in 1..=6 {
        world.person(p_persoon);
    }
    let at = ("001507", Some(1));
    world.assignment(1, at, Some("2026-09-01"), Some("2026-12-05"));
    world.assignment(2, at, Some("2026-09-01"), Some("2026-12-05"));
    world.assignment(2, at, Some("2026-12-06"), None);
    world.assignment(3, at, None, Some("2026-12-20"));
    world.assignment(4, at, Some("2026-09-01"), Some("2026-11-01"));
    world.assignment(5, at, Some("2026-12-01"), Some("2026-12-02"));
    world.assignment(6, at, Some("2026-09-01"), Some("2026-11-30"));
    world.assignment(6, at, Some("2026-12-01"), Some("2026-12-10"));
    world.usernames.get_mut(&rowguid(6)).unwrap().sync = false;
    let ending = ending_assignments(
        &world.mirror,
        &world.usernames,
        &world.configuration,
        day("2026-11-27"),
        14,
    );
    let told: Vec<_> = ending
        .iter()
        .map(|ending| (ending.sourced_id.clone(), ending.last_day, ending.is_released))
        .collect();
    assert_eq!(
        told,
        [
            (rowguid(1).to_string(), day("2026-12-05"), true),
            (rowguid(6).to_string(), day("2026-12-10"), false)
        ]
    );
    assert_eq!(ending[0].org, "001507-1");
    let grace = u64::from(world.configuration.staff_grace_days);
    assert_eq!(
        ending[0].published_until,
        day("2026-12-05") + chrono::Days::new(grace)
    );
}
