//! Scenes of longer lives: from one school year to the next, over several sites, with names changed by hand.

use std::collections::HashMap;

use chrono::Days;
use oneroster_standard::RoleType;

use super::tests::{KADE, KLEUTERS, MARKT, PARK, World, day, orgs_of, rowguid, user};
use super::*;
use crate::tenant::configuration::{DomainMode, FuturePupils, Site};
use crate::username::{GivenDomain, Origin};

const NEXT_YEAR: &str = "2027-28";

/// A pupil of both years, in a class of each; one who leaves in June; one who begins in September.
fn two_years() -> World {
    let mut world = World::new();
    for number in 1..=3 {
        world.person(number);
    }
    world.class(1, MARKT, "3A");
    world.class(2, MARKT, "4A");
    world.mirror.klassen[1].schooljaar = NEXT_YEAR.to_owned();
    for (person, class, begin) in [
        (1, 1, "2026-09-01"),
        (2, 1, "2026-09-01"),
        (1, 2, "2027-09-01"),
        (3, 2, "2027-09-01"),
    ] {
        let registration = world.registration(person, MARKT, begin, None);
        world.in_class(registration, class, begin, None);
        if class == 2 {
            world.mirror.inschrijving.last_mut().unwrap().schooljaar = NEXT_YEAR.to_owned();
        }
    }
    world
}

fn people_of(roster: &Roster) -> Vec<i64> {
    (1..9).filter(|number| user(roster, *number).is_some()).collect()
}

/// R54, R68: who is registered for the next year only is still to come, with the orgs they will have.
#[test]
fn r54_who_comes_next_year_or_as_staff_is_still_to_come() {
    let mut world = two_years();
    world.person(4);
    world.person(5);
    world.assignment(4, ("001508", None), Some("2027-06-01"), None);
    world.assignment(4, ("001507", Some(1)), Some("2027-06-10"), None);
    // A pupil of next year who is staff before that is staff when they come.
    world.assignment(3, ("001508", None), Some("2027-06-01"), None);
    let said = people(&world.mirror, &world.configuration, day("2027-05-03")).unwrap();
    let said: Vec<_> = said
        .people
        .iter()
        .map(|person| {
            let published_as = person.published_as.as_ref()?;
            let orgs = published_as.org_ids.join(" ");
            Some((
                published_as.day.to_string(),
                published_as.is_future,
                published_as.naming.role,
                orgs,
            ))
        })
        .collect();
    let published_as =
        |day: &str, future, role, orgs: &str| Some((day.to_owned(), future, role, orgs.to_owned()));
    let expected = [
        published_as("2027-05-03", false, RoleType::Student, "001507-1"),
        published_as("2027-05-03", false, RoleType::Student, "001507-1"),
        published_as("2027-06-01", true, RoleType::Teacher, "001508-1"),
        published_as("2027-06-01", true, RoleType::Teacher, "001508-1"),
        None,
    ];
    assert_eq!(said, expected);
    world.mirror.opdracht.clear();
    let said = people(&world.mirror, &world.configuration, day("2027-05-03")).unwrap();
    let third = said.people[2].published_as.as_ref().unwrap();
    assert_eq!((third.day, third.is_future), (day("2027-09-01"), true));
    assert_eq!(said.org_ids, ["001507-1", "001507-2", "001508-1"]);
    // Nobody is placed in a year that is not there.
    world.configuration.active_school_year = "2030-31".parse().unwrap();
    let refused = people(&world.mirror, &world.configuration, day("2027-05-03"));
    assert_eq!(refused, Err(UnknownSchoolYear("2030-31".to_owned())));
}

fn in_year(world: &World, year: &str, today: &str) -> Roster {
    project(
        &world.mirror,
        &world.usernames,
        &world.configuration,
        year,
        day(today),
    )
    .unwrap()
}

#[test]
fn r114_r115_r117_r119_r120_only_the_active_year_before_and_after_the_switch_in_august() {
    let world = two_years();
    let mut today = day("2027-07-01");
    while today < day("2027-09-01") {
        let before = project(
            &world.mirror,
            &world.usernames,
            &world.configuration,
            "2026-27",
            today,
        )
        .unwrap();
        assert_eq!(people_of(&before), [1, 2], "R120 {today}: as on 30 June");
        assert_eq!(before.enrollments.len(), 2);
        let after = project(
            &world.mirror,
            &world.usernames,
            &world.configuration,
            NEXT_YEAR,
            today,
        )
        .unwrap();
        assert_eq!(
            people_of(&after),
            [1, 3],
            "R119 {today}: as on 1 September, though future pupils are excluded"
        );
        let titles: Vec<_> = after
            .classes
            .iter()
            .map(|class| class.content.title.as_str())
            .collect();
        assert_eq!(titles, ["2027-28 4A - Markt"], "R117");
        assert_eq!(after.academic_sessions[0].sourced_id, NEXT_YEAR);
        assert!(
            after
                .enrollments
                .iter()
                .all(|entry| entry.sourced_id.ends_with("-2"))
        );
        today = today + Days::new(1);
    }
}

#[test]
fn r14_r114_a_future_pupil_of_another_year_is_not_of_this_one() {
    let mut world = two_years();
    world.configuration.future_pupils = FuturePupils::Include;
    assert_eq!(people_of(&in_year(&world, "2026-27", "2027-06-01")), [1, 2]);
}

/// R45: a pupil has one active registration in a school; should the data say otherwise, they are one user all the same.
#[test]
fn r51_one_user_over_two_registrations_at_once() {
    let mut world = World::new();
    world.person(1).class(1, MARKT, "3A");
    world.class(2, PARK, "1B");
    for (place, class) in [(MARKT, 1), (PARK, 2)] {
        let registration = world.registration(1, place, "2026-09-01", None);
        world.in_class(registration, class, "2026-09-01", None);
    }
    let roster = world.on("2026-10-01");
    assert_eq!(roster.users.len(), 1);
    assert_eq!(orgs_of(&roster, 1), ["001507-1", "001508-1"]);
    assert_eq!(roster.enrollments.len(), 2);
    let plan = {
        world.usernames.clear();
        world.plan("2026-10-01")
    };
    assert_eq!(plan.create.len(), 1);
}

#[test]
fn r106_r121_a_pupil_is_there_from_his_first_to_his_last_day() {
    let mut world = World::new();
    world.person(1);
    world.registration(1, MARKT, "2026-10-05", Some("2026-12-18"));
    for (today, there) in [
        ("2026-10-04", false),
        ("2026-10-05", true),
        ("2026-12-18", true),
        ("2026-12-19", false),
    ] {
        assert_eq!(!world.on(today).users.is_empty(), there, "{today}");
    }
}

#[test]
fn r3_a_registration_or_class_at_an_unpublished_site_does_not_exist() {
    let mut world = World::new();
    world.person(1).person(2).class(1, KADE, "5A");
    let registration = world.registration(1, KADE, "2026-09-01", None);
    world.in_class(registration, 1, "2026-09-01", None);
    world.assignment(2, ("001507", Some(2)), None, None);
    world.teaches(2, 1, 2, None);
    assert_eq!(people_of(&world.on("2026-10-01")), [1, 2]);
    world.configuration.schools[0].sites[1].sync = false;
    let roster = world.on("2026-10-01");
    assert!(roster.users.is_empty() && roster.classes.is_empty() && roster.courses.is_empty());
    assert!(roster.enrollments.is_empty());
    world.usernames.clear();
    assert_eq!(world.plan("2026-10-01").create, [], "nor do they make a username");
}

#[test]
fn r31_r32_r131_a_name_typed_by_an_admin_is_sent_as_typed() {
    let mut world = World::new();
    world.person(1);
    world.registration(1, MARKT, "2026-09-01", None);
    let record = world.usernames.get_mut(&rowguid(1)).unwrap();
    (record.local_part, record.origin) = ("Evy.O'Poppe_EX".to_owned(), Origin::Manual);
    assert_eq!(
        user(&world.on("2026-10-01"), 1).unwrap().username,
        "Evy.O'Poppe_EX"
    );
    assert!(world.plan("2026-10-01").create.is_empty(), "the record is kept");
}

#[test]
fn r34_r40_r41_who_is_both_follows_the_domain_mode_of_staff() {
    let mut world = World::new();
    world.person(1).person(2);
    for number in 1..=2 {
        world.registration(number, MARKT, "2026-09-01", None);
    }
    world.assignment(2, ("001508", None), None, None);
    world.usernames.get_mut(&rowguid(2)).unwrap().domain =
        Some(GivenDomain::system("secundair.example".parse().unwrap()));
    let names = |world: &World| {
        let roster = world.on("2026-10-01");
        [1, 2].map(|number| {
            user(&roster, number)
                .map(|user| user.username.clone())
                .unwrap_or_default()
        })
    };
    world.configuration.domain_mode.staff = DomainMode::Informat;
    assert_eq!(names(&world), ["p1", "p2@secundair.example"]);
    world.configuration.domain_mode.staff = DomainMode::Microsoft;
    world.configuration.domain_mode.pupils = DomainMode::Informat;
    assert_eq!(names(&world), ["p1@markt.example", "p2"]);
}

#[test]
fn r35_r36_a_future_pupil_has_the_domain_of_the_site_he_begins_at() {
    let mut world = World::new();
    world.configuration.future_pupils = FuturePupils::Include;
    world.configuration.domain_mode.pupils = DomainMode::Informat;
    world.person(1);
    world.registration(1, MARKT, "2026-09-01", Some("2026-11-30"));
    world.registration(1, PARK, "2027-03-01", None);
    world.registration(1, KADE, "2027-01-04", Some("2027-02-28"));
    assert_eq!(
        user(&world.on("2026-12-15"), 1).unwrap().username,
        "p1@kade.example"
    );
}

#[test]
fn a_future_registration_without_a_day_does_not_hide_a_later_one() {
    let mut world = World::new();
    world.configuration.future_pupils = FuturePupils::Include;
    world.person(1);
    world.registration(1, MARKT, "2027-07-02", None);
    world.registration(1, PARK, "2027-07-05", Some("2027-07-09"));
    assert_eq!(
        orgs_of(&world.on("2026-12-15"), 1),
        ["001508-1"],
        "an open end is 30 June, before its start"
    );
}

#[test]
fn the_classes_of_an_ended_registration_do_not_count_though_their_rows_go_on() {
    let mut world = World::new();
    world.person(1).class(1, MARKT, "3A");
    world.class(2, PARK, "1B");
    let ended = world.registration(1, MARKT, "2026-09-01", Some("2026-10-31"));
    world.in_class(ended, 1, "2026-09-01", None);
    let current = world.registration(1, PARK, "2026-11-01", None);
    world.in_class(current, 2, "2026-11-01", None);
    let roster = world.on("2026-11-01");
    let ids: Vec<_> = roster
        .enrollments
        .iter()
        .map(|entry| entry.sourced_id.clone())
        .collect();
    assert_eq!(ids, [format!("{}-2", rowguid(1))]);
}

#[test]
fn r41_a_pupil_to_come_who_teaches_now_has_his_functions_as_today() {
    let mut world = World::new();
    world.configuration.future_pupils = FuturePupils::Include;
    world.person(1).class(1, KADE, "5A");
    world.class(2, PARK, "VO");
    let registration = world.registration(1, PARK, "2027-01-04", None);
    world.in_class(registration, 2, "2027-01-04", None);
    world.assignment(1, ("001507", Some(2)), None, None);
    world.teaches(1, 1, 2, Some("2027-01-04"));
    let roster = world.on("2026-12-01");
    assert_eq!(orgs_of(&roster, 1), ["001507-2", "001508-1"]);
    let ids: Vec<_> = roster
        .enrollments
        .iter()
        .map(|entry| entry.sourced_id.clone())
        .collect();
    assert_eq!(
        ids,
        [format!("{}-2", rowguid(1))],
        "class teacher only from January"
    );
}

#[test]
fn grace_days_are_for_assignments_not_for_class_functions() {
    let mut world = World::new();
    world.configuration.staff_grace_days = 30;
    world.person(1).class(1, KADE, "5A");
    world.assignment(1, ("001507", Some(2)), None, Some("2026-10-01"));
    world.teaches(1, 1, 2, None);
    world.mirror.klasfunctiepersoon[0].einddatum = Some(day("2026-10-01"));
    assert_eq!(world.on("2026-10-01").enrollments.len(), 1);
    let after = world.on("2026-10-02");
    assert!(after.enrollments.is_empty());
    assert_eq!(after.users.len(), 1);
}

#[test]
fn an_assignment_covers_the_structures_it_names_and_a_start_left_empty_is_the_earliest() {
    let mut world = World::new();
    world.configuration.org_id_with_hoofdstructuur = true;
    world.person(1).person(2);
    world.assignment(1, ("001507", None), Some("2020-09-01"), None);
    world.mirror.opdracht[0].hfdstructuur = Some("211".to_owned());
    world.assignment(1, ("001508", None), None, None);
    world.assignment(2, ("001507", Some(1)), None, None);
    let roster = world.on("2026-10-01");
    assert_eq!(orgs_of(&roster, 1), ["001508-1-311", "001507-1-211"]);
    assert_eq!(orgs_of(&roster, 2), ["001507-1-111", "001507-1-211"]);
}

#[test]
fn the_first_teacher_is_one_of_those_published() {
    let mut world = World::new();
    world.class(1, MARKT, "3A");
    for number in 1..=3 {
        world.person(number);
        world.assignment(number, ("001507", None), None, None);
        world.teaches(number, 1, 2, None);
    }
    world.usernames.get_mut(&rowguid(1)).unwrap().sync = false;
    let roster = world.on("2026-10-01");
    let primary: HashMap<_, _> = roster
        .enrollments
        .iter()
        .map(|entry| (entry.sourced_id.as_str(), entry.content.primary.unwrap().0))
        .collect();
    let id = |number| format!("{}-1", rowguid(number));
    assert_eq!(
        primary,
        HashMap::from([(id(2).as_str(), true), (id(3).as_str(), false)]),
        "then by key"
    );
}

#[test]
fn r46_a_name_that_leaves_nothing_is_the_persons_number_and_asks_for_review() {
    let mut world = World::new();
    let names = [
        ("محمد", "Al Masri"),
        ("محمد", "العلي"),
        ("-", "Sukarno"),
        ("-", "-"),
        ("Jan", "Maes"),
    ];
    for (number, (given, family)) in (1..).zip(names) {
        world.person(number);
        world.registration(number, MARKT, "2026-09-01", None);
        let person = world.mirror.persoon.last_mut().unwrap();
        (person.voornaam, person.naam) = (Some(given.to_owned()), Some(family.to_owned()));
    }
    world.usernames.clear();
    let plan = world.plan("2026-10-01");
    let made: Vec<_> = plan
        .create
        .iter()
        .map(|new| (new.local_part.as_str(), new.needs_review))
        .collect();
    assert_eq!(
        made,
        [
            ("almasri", true),
            ("u2", true),
            ("sukarno", false),
            ("u4", true),
            ("jan.maes", false)
        ]
    );
}

#[test]
fn r38_a_domain_needs_an_assignment_that_still_counts_at_a_published_site() {
    let mut world = World::new();
    world.configuration.domain_mode.staff = DomainMode::Informat;
    world.configuration.staff_grace_days = 3;
    for number in 1..=4 {
        world.person(number);
    }
    world.assignment(1, ("001507", None), None, Some("2026-09-27"));
    world.assignment(2, ("001507", None), None, Some("2026-09-28"));
    world.assignment(3, ("001507", Some(3)), None, None);
    world.assignment(4, ("001508", None), Some("2027-02-01"), None);
    let domains = world.plan("2026-10-01").set_domain;
    let expected = [
        (rowguid(2), "basis.example".parse().unwrap()),
        (rowguid(4), "secundair.example".parse().unwrap()),
    ];
    assert_eq!(
        domains, expected,
        "1 is past its grace days, 3 is at no published site, 4 is to come"
    );
}

#[test]
fn r46_who_left_or_has_not_been_there_for_years_gets_no_record() {
    let mut world = World::new();
    for number in 1..=4 {
        world.person(number);
    }
    world.usernames.clear();
    world.registration(1, MARKT, "2025-09-01", None);
    world.mirror.inschrijving[0].schooljaar = "2025-26".to_owned();
    world.registration(2, MARKT, "2026-09-01", Some("2026-09-30"));
    world.registration(3, MARKT, "2026-09-01", Some("2026-10-01"));
    world.registration(4, MARKT, "2026-09-01", None);
    world.mirror.inschrijving[3].status = 4;
    let made: Vec<_> = world
        .plan("2026-10-01")
        .create
        .into_iter()
        .map(|new| new.rowguid)
        .collect();
    assert_eq!(made, [rowguid(3)]);
}

#[test]
fn r127_dates_of_a_class_teacher_are_the_stored_ones_or_the_years() {
    let mut world = World::new();
    world.person(1).class(1, MARKT, "3A");
    world.class(2, MARKT, "3B");
    world.assignment(1, ("001507", None), None, None);
    world.teaches(1, 1, 2, None);
    world.teaches(1, 2, 2, Some("2026-09-14"));
    world.mirror.klasfunctiepersoon[1].einddatum = Some(day("2026-12-18"));
    let roster = world.on("2026-10-01");
    let dates: Vec<_> = roster
        .enrollments
        .iter()
        .map(|entry| (entry.content.begin_date, entry.content.end_date))
        .collect();
    let period = |begin, end| (Some(day(begin)), Some(day(end)));
    assert_eq!(
        dates,
        [
            period("2026-09-01", "2027-06-30"),
            period("2026-09-14", "2026-12-18")
        ]
    );
}

#[test]
fn of_one_start_the_lowest_org_is_home_then_the_lowest_structure() {
    let mut world = World::new();
    // An org with a higher id and a lower structure than Kade's.
    let mut low = world.mirror.schoolvest[4].clone();
    low.hfdstructuur = "111".to_owned();
    world.mirror.schoolvest.push(low);
    let kleuters = Site {
        hoofdstructuur: Some("111".to_owned()),
        sync_default: false,
        pupil_domain: Some("kleuters.example".parse().unwrap()),
        ..world.configuration.schools[0].sites[0].clone()
    };
    world.configuration.schools[0].sites.push(kleuters);
    world.configuration.domain_mode.pupils = DomainMode::Informat;
    world.person(1).person(2);
    world.registration(1, ("001508", 1, "111"), "2026-09-01", None);
    world.registration(1, KADE, "2026-09-01", None);
    world.registration(2, MARKT, "2026-09-01", None);
    world.registration(2, KLEUTERS, "2026-09-01", None);
    let roster = world.on("2026-10-01");
    assert_eq!(orgs_of(&roster, 1), ["001507-2", "001508-1"]);
    assert_eq!(user(&roster, 2).unwrap().username, "p2@kleuters.example");
    world.usernames.clear();
    let made: Vec<_> = world
        .plan("2026-10-01")
        .create
        .into_iter()
        .map(|new| new.sync)
        .collect();
    assert_eq!(
        made,
        [false, false],
        "the default of Kade, and of the structure 111"
    );
}

#[test]
fn r114_a_registration_of_a_former_year_makes_no_username_however_late_it_ends() {
    let mut world = World::new();
    world.person(1);
    world.usernames.clear();
    world.registration(1, MARKT, "2025-09-01", Some("2026-12-31"));
    world.mirror.inschrijving[0].schooljaar = "2025-26".to_owned();
    assert_eq!(world.plan("2026-10-01").create, []);
}
