//! Scenes of people: who is published, where, under which name.

use std::collections::HashSet;

use oneroster_standard::{Boolean, RoleType};

use super::tests::{KADE, KLEUTERS, MARKT, PARK, World, day, enrollments, orgs_of, rowguid, user};
use super::*;
use crate::tenant::configuration::{DomainMode, FuturePupils};
use crate::username::GivenDomain;
use crate::username::Unavailable;
use crate::username::plan::{Plan, plan};

#[test]
fn r44_r109_a_pupil_needs_a_realised_registration_but_no_class() {
    let mut world = World::new();
    for number in 1..=3 {
        world.person(number);
        world.registration(number, MARKT, "2026-09-01", None);
    }
    world.mirror.inschrijving[1].status = 1;
    world.mirror.inschrijving[2].schooljaar = "2025-26".to_owned();
    let roster = world.on("2026-10-01");
    let pupil = user(&roster, 1).expect("R109: no class needed");
    assert_eq!(
        (pupil.role, pupil.enabled_user),
        (RoleType::Student, Boolean(false))
    );
    assert_eq!(
        pupil.identifier.as_deref(),
        Some(rowguid(1).to_string().as_str()),
        "R53"
    );
    assert_eq!(
        roster.users.len(),
        1,
        "refused and former registrations do not count"
    );
}

#[test]
fn r91_sync_off_or_no_record_is_not_delivered() {
    let mut world = World::new();
    for number in 1..=2 {
        world.person(number);
        world.registration(number, MARKT, "2026-09-01", None);
    }
    world.usernames.get_mut(&rowguid(1)).unwrap().sync = false;
    world.usernames.remove(&rowguid(2));
    assert_eq!(world.on("2026-10-01").users, []);
}

#[test]
fn r14_r15_r16_r135_r136_a_future_pupil_with_his_class_or_only_from_his_first_day() {
    let mut world = World::new();
    world.person(1).class(1, MARKT, "3A");
    world.class(2, MARKT, "3B");
    let registration = world.registration(1, MARKT, "2027-01-04", None);
    world.in_class(registration, 1, "2027-01-04", Some("2027-01-31"));
    world.in_class(registration, 2, "2027-02-01", None);
    assert_eq!(world.on("2026-12-01").users, [], "R16");
    assert_eq!(world.on("2027-01-04").users.len(), 1, "R16: from the day itself");
    world.configuration.future_pupils = FuturePupils::Include;
    let early = world.on("2026-12-01");
    assert!(user(&early, 1).is_some(), "R15");
    let expected = (
        1,
        "1".to_owned(),
        RoleType::Student,
        "2027-01-04".to_owned(),
        "2027-01-31".to_owned(),
    );
    assert_eq!(
        enrollments(&early),
        [expected],
        "R15: in the class of their first day, not a later one"
    );
}

#[test]
fn r14_a_pupil_who_is_there_now_is_not_seen_as_on_a_later_day() {
    let mut world = World::new();
    world.configuration.future_pupils = FuturePupils::Include;
    world.person(1);
    world.registration(1, MARKT, "2026-09-01", Some("2026-12-31"));
    world.registration(1, PARK, "2027-01-04", None);
    assert_eq!(orgs_of(&world.on("2026-12-31"), 1), ["001507-1"]);
    // On the weekend between the two they are seen as on their next first day.
    assert_eq!(orgs_of(&world.on("2027-01-02"), 1), ["001508-1"]);
    world.configuration.future_pupils = FuturePupils::Exclude;
    assert_eq!(orgs_of(&world.on("2027-01-02"), 1), Vec::<String>::new());
}

#[test]
fn staff_by_assignment_with_grace_days_and_never_future_ones() {
    let mut world = World::new();
    world.configuration.staff_grace_days = 5;
    for number in 1..=5 {
        world.person(number);
    }
    world.assignment(1, ("001507", None), None, None);
    world.assignment(2, ("001507", Some(2)), Some("2026-09-01"), Some("2026-10-01"));
    world.assignment(3, ("001508", None), Some("2026-10-10"), None);
    world.assignment(4, ("001507", Some(3)), None, None);
    world.assignment(5, ("001507", None), None, Some("2026-09-25"));
    let roster = world.on("2026-10-06");
    assert_eq!(
        orgs_of(&roster, 1),
        ["001507-1", "001507-2"],
        "every published site of the school"
    );
    assert_eq!(orgs_of(&roster, 2), ["001507-2"], "within the grace days");
    assert!(user(&roster, 3).is_none(), "future staff are never included");
    assert!(user(&roster, 4).is_none(), "the site is not published");
    assert!(user(&roster, 5).is_none(), "the grace days are over");
    assert!(user(&world.on("2026-10-07"), 2).is_none());
    assert_eq!(user(&roster, 1).unwrap().role, RoleType::Teacher);
}

#[test]
fn r41_both_pupil_and_staff_is_a_teacher_with_both_sets_the_staff_home_first() {
    let mut world = World::new();
    world.person(1).class(1, KADE, "6A");
    world.class(2, PARK, "1A");
    let registration = world.registration(1, KADE, "2026-09-01", None);
    world.in_class(registration, 1, "2026-09-01", None);
    world.assignment(1, ("001508", None), Some("2026-10-01"), None);
    world.teaches(1, 2, 2, None);
    let roster = world.on("2026-10-05");
    assert_eq!(user(&roster, 1).unwrap().role, RoleType::Teacher);
    assert_eq!(
        orgs_of(&roster, 1),
        ["001508-1", "001507-2"],
        "the home org of the assignment, though it began later"
    );
    let roles: Vec<_> = enrollments(&roster)
        .into_iter()
        .map(|(_, class, role, ..)| (class, role))
        .collect();
    assert_eq!(
        roles,
        [
            ("1".to_owned(), RoleType::Student),
            ("2".to_owned(), RoleType::Teacher)
        ]
    );
}

#[test]
fn the_home_org_is_of_the_earliest_start_then_the_lowest_org() {
    let mut world = World::new();
    world.person(1).person(2);
    world.registration(1, PARK, "2026-09-01", None);
    world.registration(1, MARKT, "2026-09-15", None);
    world.registration(2, PARK, "2026-09-01", None);
    world.registration(2, KLEUTERS, "2026-09-01", None);
    let roster = world.on("2026-10-01");
    assert_eq!(orgs_of(&roster, 1), ["001508-1", "001507-1"]);
    assert_eq!(orgs_of(&roster, 2), ["001507-1", "001508-1"]);
}

#[test]
fn r33_r35_r36_r37_a_pupils_domain_follows_his_site_unless_he_has_his_own() {
    let mut world = World::new();
    world.person(1);
    world.registration(1, MARKT, "2026-09-01", Some("2026-10-31"));
    world.registration(1, PARK, "2026-11-01", None);
    let name = |world: &World, today: &str| user(&world.on(today), 1).map(|user| user.username.clone());
    assert_eq!(name(&world, "2026-10-31").as_deref(), Some("p1"), "R33");
    world.configuration.domain_mode.pupils = DomainMode::Informat;
    assert_eq!(
        name(&world, "2026-10-31").as_deref(),
        Some("p1@markt.example"),
        "R35"
    );
    assert_eq!(
        name(&world, "2026-11-01").as_deref(),
        Some("p1@park.example"),
        "R36"
    );
    world.usernames.get_mut(&rowguid(1)).unwrap().domain =
        Some(GivenDomain::admin("eigen.example".parse().unwrap()));
    assert_eq!(
        name(&world, "2026-11-01").as_deref(),
        Some("p1@eigen.example"),
        "R37"
    );
    world.configuration.domain_mode.pupils = DomainMode::Microsoft;
    assert_eq!(
        name(&world, "2026-11-01").as_deref(),
        Some("p1"),
        "kept, not sent"
    );
}

#[test]
fn r39_staff_without_a_domain_are_not_published_when_we_send_it() {
    let mut world = World::new();
    world.person(1).class(1, MARKT, "3A");
    world.assignment(1, ("001507", None), None, None);
    world.teaches(1, 1, 2, None);
    world.configuration.domain_mode.staff = DomainMode::Informat;
    let roster = world.on("2026-10-01");
    assert!(
        roster.users.is_empty() && roster.enrollments.is_empty(),
        "no domain is known: the site's is for pupils"
    );
    world.usernames.get_mut(&rowguid(1)).unwrap().domain =
        Some(GivenDomain::system("basis.example".parse().unwrap()));
    assert_eq!(
        user(&world.on("2026-10-01"), 1).unwrap().username,
        "p1@basis.example"
    );
}

/// R147: the domain of a job counts from its first day to its last; before and after, a pupil's is that of the site on the day.
#[test]
fn r147_a_pupil_with_a_job_has_the_staff_domain_on_the_days_of_the_job() {
    let mut world = World::new();
    world.person(1);
    world.registration(1, MARKT, "2026-09-01", Some("2026-12-31"));
    world.registration(1, PARK, "2027-01-01", None);
    world.assignment(1, ("001508", None), Some("2026-10-01"), Some("2027-01-31"));
    world.configuration.domain_mode.pupils = DomainMode::Informat;
    world.configuration.domain_mode.staff = DomainMode::Informat;
    let name = |world: &World, today: &str| user(&world.on(today), 1).map(|user| user.username.clone());
    let given = world.plan("2026-09-01").set_domain;
    assert_eq!(
        given,
        [(rowguid(1), "secundair.example".parse().unwrap())],
        "ahead"
    );
    let mut record = |domain| world.usernames.get_mut(&rowguid(1)).unwrap().domain = Some(domain);
    record(GivenDomain::system("secundair.example".parse().unwrap()));
    for (today, expected) in [
        ("2026-09-30", "p1@markt.example"),
        ("2026-10-01", "p1@secundair.example"),
        ("2027-01-31", "p1@secundair.example"),
        ("2027-02-01", "p1@park.example"),
    ] {
        assert_eq!(name(&world, today).as_deref(), Some(expected), "{today}");
    }
    assert!(world.plan("2027-02-01").set_domain.is_empty(), "R39: kept");
    let mut record = |domain| world.usernames.get_mut(&rowguid(1)).unwrap().domain = Some(domain);
    record(GivenDomain::admin("secundair.example".parse().unwrap()));
    for today in ["2026-09-30", "2026-10-01", "2027-02-01"] {
        let expected = "p1@secundair.example";
        assert_eq!(
            name(&world, today).as_deref(),
            Some(expected),
            "R37: typed, so it stays"
        );
    }
}

#[test]
fn empty_names_are_sent_as_a_dash() {
    let mut world = World::new();
    world.person(1);
    world.registration(1, MARKT, "2026-09-01", None);
    world.mirror.persoon[0].voornaam = None;
    world.mirror.persoon[0].naam = Some(" Sukarno ".to_owned());
    let roster = world.on("2026-10-01");
    let names = user(&roster, 1).map(|user| (user.given_name.as_str(), user.family_name.as_str()));
    assert_eq!(names, Some(("-", "Sukarno")));
}

#[test]
fn r46_r93_r94_records_begin_with_the_default_of_the_first_place() {
    let mut world = World::new();
    for number in 1..=6 {
        world.person(number);
    }
    // The names of these scenes are those of nobody in particular, who would wait.
    for person in &mut world.mirror.persoon {
        person.voornaam = Some("Jan".to_owned());
    }
    world.usernames.clear();
    world.registration(1, MARKT, "2026-09-01", None);
    world.registration(2, KADE, "2026-09-01", Some("2026-12-31"));
    world.registration(2, MARKT, "2027-01-04", None);
    world.registration(3, MARKT, "2026-09-01", Some("2026-09-30"));
    world.registration(4, PARK, "2027-09-01", None);
    world.mirror.inschrijving.last_mut().unwrap().schooljaar = "2027-28".to_owned();
    world.registration(5, ("001507", 3, "311"), "2026-09-01", None);
    world.assignment(6, ("001507", None), Some("2027-01-04"), None);
    let plan = world.plan("2026-10-01");
    let made: Vec<_> = plan.create.iter().map(|new| (new.rowguid, new.sync)).collect();
    // 3 has left, 5 is at a site nobody publishes; 4 comes next year, 6 after Christmas.
    let expected = [
        (rowguid(1), true),
        (rowguid(2), false),
        (rowguid(4), true),
        (rowguid(6), true),
    ];
    assert_eq!(made, expected);
    assert!(
        plan.create.iter().all(|new| new.domain.is_none()),
        "no domains in mode microsoft"
    );
}

#[test]
fn r38_staff_get_the_domain_of_their_first_school_once() {
    let mut world = World::new();
    world.person(1).person(2).person(3);
    world.usernames.remove(&rowguid(1));
    world.configuration.domain_mode.staff = DomainMode::Informat;
    world.assignment(1, ("001508", None), Some("2026-09-01"), None);
    world.assignment(1, ("001507", None), Some("2026-09-15"), None);
    world.assignment(2, ("001507", None), None, None);
    world.registration(3, MARKT, "2026-09-01", None);
    let plan = world.plan("2026-10-01");
    let made: Vec<_> = plan
        .create
        .iter()
        .map(|new| (new.rowguid, new.domain.clone()))
        .collect();
    assert_eq!(made, [(rowguid(1), Some("secundair.example".parse().unwrap()))]);
    assert_eq!(plan.set_domain, [(rowguid(2), "basis.example".parse().unwrap())]);
    world.usernames.get_mut(&rowguid(2)).unwrap().domain =
        Some(GivenDomain::admin("eigen.example".parse().unwrap()));
    assert_eq!(
        world.plan("2026-10-01").set_domain,
        [],
        "R39: never altered afterwards"
    );
}

#[test]
fn r51_r137_namesakes_by_number_and_names_are_never_given_twice() {
    let mut world = World::new();
    for number in [3, 1, 2] {
        world.person(number);
        world.registration(number, MARKT, "2026-09-01", None);
    }
    for person in &mut world.mirror.persoon {
        (person.voornaam, person.naam) = (Some("Bert".to_owned()), Some("Ameel".to_owned()));
    }
    world.usernames.clear();
    let names = |plan: &Plan| -> Vec<(Uuid, String)> {
        plan.create
            .iter()
            .map(|new| (new.rowguid, new.local_part.clone()))
            .collect()
    };
    let person = |number, name: &str| (rowguid(number), name.to_owned());
    let expected = [
        person(1, "bert.ameel"),
        person(2, "bert.ameel2"),
        person(3, "bert.ameel3"),
    ];
    assert_eq!(names(&world.plan("2026-10-01")), expected);
    let retired = HashSet::from(["bert.ameel2".to_owned()]);
    let skipping = plan(
        &world.mirror,
        &world.configuration,
        &world.usernames,
        Unavailable {
            retired: &retired,
            erased: &|_| None,
        },
        day("2026-10-01"),
    )
    .unwrap();
    assert_eq!(
        names(&skipping)[1],
        person(2, "bert.ameel3"),
        "a retired name is skipped"
    );
}

/// The manual (§4.1.4.3) calls the full username the primary address. Where Microsoft adds the domain, it is the one given for the kind,
/// else that of the site or the school; what stands in a record is neither sent nor added.
#[test]
fn the_domain_of_an_address_is_known_where_the_username_has_none() {
    let mut world = World::new();
    world.person(1).person(2).person(3);
    world.registration(1, MARKT, "2026-09-01", None);
    world.registration(2, PARK, "2026-09-01", None);
    world.assignment(2, ("001507", Some(1)), None, None);
    world.assignment(3, ("001508", None), None, None);
    world.usernames.get_mut(&rowguid(1)).unwrap().domain =
        Some(GivenDomain::admin("eigen.example".parse().unwrap()));
    let domains = |world: &World| -> Vec<String> {
        let roster = world.on("2026-10-01");
        let of = |number| roster.email_domains.get(&rowguid(number).to_string());
        [1, 2, 3]
            .map(|number| of(number).map_or("-", |domain| domain))
            .map(str::to_owned)
            .into()
    };
    assert_eq!(
        domains(&world),
        ["markt.example", "basis.example", "secundair.example"]
    );
    world.configuration.email_domain.staff = Some("staf.example".parse().unwrap());
    assert_eq!(domains(&world), ["markt.example", "staf.example", "staf.example"]);
    world.configuration.email_domain.pupils = Some("leerling.example".parse().unwrap());
    assert_eq!(
        domains(&world),
        ["leerling.example", "staf.example", "staf.example"]
    );
    world.configuration.domain_mode.pupils = DomainMode::Informat;
    assert_eq!(
        domains(&world),
        ["-", "staf.example", "staf.example"],
        "the username is the address"
    );
    world.configuration.domain_mode.pupils = DomainMode::Microsoft;
    world.configuration.email_domain = crate::tenant::configuration::EmailDomains::default();
    for school in &mut world.configuration.schools {
        school.teacher_domain = None;
        for site in &mut school.sites {
            site.pupil_domain = None;
        }
    }
    assert_eq!(domains(&world), ["-", "-", "-"]);
}
