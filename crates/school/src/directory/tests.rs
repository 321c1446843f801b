use super::*;
use crate::projection::tests::{KADE, MARKT, PARK, World, day, rowguid};

fn question(world: &World) -> Question<'_> {
    Question {
        mirror: &world.mirror,
        usernames: &world.usernames,
        configuration: &world.configuration,
        on: day("2026-10-05"),
    }
}

/// José at Markt; Jos at Kade before and at Park now; Ann nowhere; classes 3A at Markt and at Kade.
fn world() -> World {
    let mut world = World::new();
    for (number, given, family) in [
        (1, "José", "D’Hondt"),
        (2, "Jos", "Van den Berg"),
        (3, "Ann", "Nergens"),
    ] {
        world.person(number);
        let person = world.mirror.persoon.last_mut().unwrap();
        (person.voornaam, person.naam) = (Some(given.to_owned()), Some(family.to_owned()));
    }
    world.registration(1, MARKT, "2026-09-01", None);
    world.registration(2, KADE, "2025-09-01", Some("2026-06-30"));
    world.registration(2, PARK, "2026-09-01", None);
    world.class(7, MARKT, "3A");
    world.class(8, KADE, "3A");
    world
}

fn found(seen: &Seen<'_>, text: &str) -> Vec<String> {
    let found = seen.search(text, 20).into_iter().map(|found| match found {
        Match::One(entry) => entry.label.clone(),
        Match::Both(person, class) => format!("{} in {}", person.label, class.label),
    });
    found.collect()
}

#[test]
fn words_are_found_in_any_order_without_case_and_accents() {
    let world = world();
    let directory = Directory::new(&question(&world));
    let seen = directory.seen_by(true, |_| false);
    let (jose, jos) = ("José D’Hondt", "Jos Van den Berg");
    for (text, expected) in [
        ("jose", vec![jose]),
        ("jos", vec![jos, jose]),
        ("HONDT", vec![]),
        ("d'hondt", vec![jose]),
        ("berg jos", vec![jos]),
        ("vandenb", vec![jos]),
        ("p2", vec![jos]),
        ("p2@school.example", vec![jos]),
        ("3a", vec!["3A", "3A"]),
        ("ann", vec!["Ann Nergens"]),
        ("jos zzz", vec![]),
        ("", vec![]),
        (" . ", vec![]),
    ] {
        assert_eq!(found(&seen, text), expected, "{text:?}");
    }
    assert_eq!(found(&seen, &rowguid(1).to_string()), [jose]);
    assert_eq!(seen.search("j", 1).len(), 1, "bounded");
}

#[test]
fn a_person_and_a_class_are_found_together() {
    let world = world();
    let directory = Directory::new(&question(&world));
    let seen = directory.seen_by(true, |_| false);
    let both = "José D’Hondt in 3A";
    assert_eq!(found(&seen, "jose 3A"), [both, both]);
    assert_eq!(found(&seen, "3a jose"), [both, both]);
    let Some(Match::Both(_, class)) = seen.search("jose 3a", 20).into_iter().next() else {
        panic!("nobody is found");
    };
    assert_eq!(
        class.id, world.mirror.klassen[0].scoodle_id,
        "that of their site comes first"
    );
}

#[test]
fn who_is_or_was_at_a_place_is_seen_there_and_nobody_else_is() {
    let world = world();
    let directory = Directory::new(&question(&world));
    let only = |org: &'static str| directory.seen_by(false, move |asked| asked == org);
    assert_eq!(
        found(&only("001507-2"), "jos"),
        ["Jos Van den Berg"],
        "also who left"
    );
    assert_eq!(found(&only("001507-1"), "jos"), ["José D’Hondt"]);
    assert_eq!(found(&only("001507-1"), "3a").len(), 1);
    let of_nobody = only("001508-9");
    for text in ["jos", "ann", "3a", &rowguid(1).to_string()] {
        assert_eq!(found(&of_nobody, text), Vec::<String>::new(), "{text}");
    }
    let kade = only("001507-2");
    let entry = kade.entry(CandidateKind::Person, rowguid(2)).unwrap();
    assert!(!kade.is_whole(entry));
    let names: Vec<&str> = kade
        .places(entry)
        .into_iter()
        .map(|place| place.name.as_str())
        .collect();
    assert_eq!(names, ["Kade"]);
    assert!(
        only("001507-1")
            .entry(CandidateKind::Person, rowguid(2))
            .is_none()
    );
}

#[test]
fn what_is_at_other_places_is_taken_out_of_the_rows() {
    let world = world();
    let asked = question(&world);
    let directory = Directory::new(&asked);
    let kade = directory.seen_by(false, |org| org == "001507-2");
    let mut mirror = asked.narrowed(Some(rowguid(2)), None);
    kade.restrict(&mut mirror, &asked);
    assert_eq!(mirror.inschrijving.len(), 1);
    let narrowed = Question {
        mirror: &mirror,
        ..asked
    };
    let answer = narrowed.person(rowguid(2)).unwrap();
    assert!(!answer.is_published(), "at Park they are, but that is not seen");
    assert!(asked.person(rowguid(2)).unwrap().is_published());
}
