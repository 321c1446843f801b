//! Who stands on the page for usernames, on which days.

use super::listed::{Listed, listed};
use super::tests::{KADE, KLEUTERS, MARKT, PARK, World, day, rowguid};
use crate::rights::{Access, Grant, Rights};
use crate::tenant::configuration::{DomainMode, FuturePupils};
use crate::username::WaitReason;

fn on(world: &World, today: &str) -> Listed {
    listed(&world.mirror, &world.usernames, &world.configuration, day(today)).unwrap()
}

/// Number, sites and classes of everyone, by number.
fn shown(world: &World, today: &str) -> Vec<(i64, Vec<String>, Vec<String>)> {
    let listed = on(world, today);
    let number = |id| (1..99).find(|number| rowguid(*number) == id).unwrap();
    let people = listed.people.iter().map(|person| {
        let sites = person
            .places
            .iter()
            .map(|place| listed.places[*place].site.clone());
        let classes = person
            .classes
            .iter()
            .map(|class| listed.classes[*class].name.clone());
        (number(person.rowguid), sites.collect(), classes.collect())
    });
    people.collect()
}

fn who(world: &World, today: &str) -> Vec<i64> {
    shown(world, today)
        .into_iter()
        .map(|(number, ..)| number)
        .collect()
}

/// A pupil of the whole year, one who starts in January, and one who left in December; a teacher until the spring.
fn year() -> World {
    let mut world = World::new();
    world.person(1).person(2).person(3).person(4);
    world.registration(1, MARKT, "2026-09-01", None);
    world.registration(2, MARKT, "2027-01-11", None);
    world.registration(3, KADE, "2026-09-01", Some("2026-12-18"));
    world.assignment(4, ("001507", Some(2)), Some("2026-09-01"), Some("2027-03-31"));
    world
}

#[test]
fn r68_r69_r119_in_july_before_the_activation_those_of_30_june_are_listed() {
    let world = year();
    assert_eq!(who(&world, "2027-06-30"), [1, 2]);
    assert_eq!(
        who(&world, "2027-07-15"),
        [1, 2],
        "the day of 30 June, until the next year is activated"
    );
}

#[test]
fn r68_r119_in_august_after_the_activation_those_of_1_september_are_listed() {
    let mut world = year();
    assert_eq!(who(&world, "2026-08-15"), [1, 3, 4]);
    world.configuration.future_pupils = FuturePupils::Include;
    assert_eq!(
        who(&world, "2026-08-15"),
        [1, 3, 4],
        "a future pupil is never listed"
    );
}

#[test]
fn r68_r70_within_the_year_a_pupil_is_listed_from_their_first_day_to_their_last() {
    let world = year();
    for (today, listed) in [
        ("2026-12-18", vec![1, 3, 4]),
        ("2026-12-19", vec![1, 4]),
        ("2027-01-10", vec![1, 4]),
        ("2027-01-11", vec![1, 2, 4]),
        ("2027-04-01", vec![1, 2]),
    ] {
        assert_eq!(who(&world, today), listed, "{today}");
    }
}

#[test]
fn r68_r70_on_the_day_of_a_site_move_the_new_site_and_class_are_shown() {
    let mut world = World::new();
    world.person(1);
    world.class(1, MARKT, "3A");
    world.class(2, KADE, "3B");
    let before = world.registration(1, MARKT, "2026-09-01", Some("2027-01-10"));
    let after = world.registration(1, KADE, "2027-01-11", None);
    world.in_class(before, 1, "2026-09-01", Some("2027-01-10"));
    world.in_class(after, 2, "2027-01-11", None);
    let at = |site: &str, class: &str| vec![(1, vec![site.to_owned()], vec![class.to_owned()])];
    assert_eq!(shown(&world, "2027-01-10"), at("Markt", "3A"));
    assert_eq!(shown(&world, "2027-01-11"), at("Kade", "3B"));
}

#[test]
fn r62_r65_classes_are_shown_without_subgroups_and_never_those_of_staff() {
    let mut world = World::new();
    world.person(1).person(2).person(3);
    world.class(1, MARKT, "3A");
    world.class(2, MARKT, "Frans");
    world.mirror.klassen[1].groeptype = 1;
    for number in [1, 2] {
        let registration = world.registration(number, MARKT, "2026-09-01", None);
        world.in_class(registration, 1, "2026-09-01", None);
        world.in_class(registration, 2, "2026-09-01", None);
    }
    // Who is pupil and staff counts as staff.
    world.assignment(2, ("001508", Some(1)), None, None);
    world.registration(3, KADE, "2026-09-01", None);
    let text = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        shown(&world, "2026-10-01"),
        [
            (1, text(&["Markt"]), text(&["3A"])),
            (2, text(&["Park", "Markt"]), text(&[])),
            (3, text(&["Kade"]), text(&[])),
        ]
    );
}

#[test]
fn r62_one_row_for_a_person_at_several_places() {
    let mut world = World::new();
    world.person(1);
    world.registration(1, MARKT, "2026-09-01", None);
    world.registration(1, KLEUTERS, "2026-09-01", None);
    world.registration(1, PARK, "2026-10-01", None);
    let shown = shown(&world, "2026-10-01");
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].1, ["Markt kleuters", "Markt", "Park"], "the home first");
}

#[test]
fn r33_r34_r64_the_domain_is_the_configured_one_and_a_typed_one_stands_in_the_name() {
    let mut world = World::new();
    world.person(1).person(2);
    world.registration(1, MARKT, "2026-09-01", None);
    world.assignment(2, ("001508", Some(1)), None, None);
    let names = |world: &World| -> Vec<(String, String)> {
        let people = on(world, "2026-10-01").people.into_iter();
        people
            .map(|person| (person.record.username, person.default_domain))
            .collect()
    };
    let pair = |name: &str, domain: &str| (name.to_owned(), domain.to_owned());
    assert_eq!(names(&world), [pair("p1", ""), pair("p2", "")]);
    world.configuration.domain_mode.pupils = DomainMode::Informat;
    world.configuration.domain_mode.staff = DomainMode::Informat;
    assert_eq!(
        names(&world),
        [pair("p1", "markt.example"), pair("p2", "secundair.example")]
    );
    let domain = "kade.example".parse().unwrap();
    let record = world.usernames.get_mut(&rowguid(1)).unwrap();
    record.domain = Some(crate::username::GivenDomain::admin(domain));
    assert_eq!(names(&world)[0], pair("p1@kade.example", "markt.example"));
}

#[test]
fn who_has_no_record_is_not_listed_and_the_stamp_follows_the_record() {
    let mut world = year();
    let stamp = |world: &World| on(world, "2026-10-01").people[0].record.stamp;
    let before = stamp(&world);
    assert_eq!(stamp(&world), before);
    let record = world.usernames.get_mut(&rowguid(1)).unwrap();
    record.sync = false;
    record.waits_for.insert(WaitReason::ProbablyMerged);
    assert_ne!(stamp(&world), before);
    assert!(on(&world, "2026-10-01").people[0].record.is_probably_merged);
    world.usernames.remove(&rowguid(1));
    assert_eq!(who(&world, "2026-10-01"), [3, 4]);
}

#[test]
fn r66_rights_at_a_place_are_those_of_its_site() {
    let listed = on(&year(), "2026-10-01");
    let rights = Rights::of([Grant {
        instelnr: "001507".to_owned(),
        vestnr: Some(2),
        access: Access::Read,
        is_manager: false,
    }]);
    let open: Vec<&str> = listed
        .places
        .iter()
        .filter(|place| place.access(&rights) >= Access::Read)
        .map(|place| place.org_id.as_str())
        .collect();
    assert_eq!(open, ["001507-2"]);
}

#[test]
fn r48_who_shares_a_name_is_marked() {
    let mut world = year();
    for person in &mut world.mirror.persoon {
        if person.p_persoon != 4 {
            person.naam = Some("Peeters".to_owned());
            person.voornaam = Some("Jan".to_owned());
        }
    }
    let shares: Vec<bool> = on(&world, "2026-10-01")
        .people
        .iter()
        .map(|person| person.shares_name)
        .collect();
    assert_eq!(shares, [true, true, false]);
}

#[test]
fn r63_r67_who_has_no_username_is_not_listed_and_names_are_informats() {
    let mut world = year();
    let person = world
        .mirror
        .persoon
        .iter_mut()
        .find(|person| person.rowguid == rowguid(1));
    let person = person.unwrap();
    (person.voornaam, person.naam) = (Some("Zoë".to_owned()), Some("’t Jolle".to_owned()));
    world.usernames.remove(&rowguid(4));
    let listed = on(&world, "2026-10-01");
    let names = listed.people.iter().map(|person| {
        (
            person.rowguid,
            person.given_name.as_str(),
            person.family_name.as_str(),
        )
    });
    let names: Vec<_> = names.collect();
    assert!(names.contains(&(rowguid(1), "Zoë", "’t Jolle")), "{names:?}");
    assert!(names.iter().all(|(id, ..)| *id != rowguid(4)), "{names:?}");
}
