//! The version of the projection belongs to its output: a change of what it makes of a fixed world must raise it.

use super::tests::{KADE, KLEUTERS, MARKT, PARK, World, day, rowguid};
use super::*;
use crate::informat::Klasfunctiepersoon;
use crate::tenant::configuration::{DomainMode, DomainModes, FuturePupils};
use crate::username::GivenDomain;

/// What the version's output was: a line with the version, a line with the hash of what it makes of the fixed world.
const GOLDEN: &str = include_str!("golden.txt");

/// Institution, site and main structure.
type SiteKey = (&'static str, i32, &'static str);

/// A site that no entry of the tenant file names.
const UNLISTED: SiteKey = ("001507", 3, "311");

const DAYS: [&str; 6] = [
    "2026-07-15",
    "2026-09-01",
    "2026-12-31",
    "2027-02-01",
    "2027-06-30",
    "2027-08-15",
];
const BEGINS: [&str; 3] = ["2026-09-01", "2027-01-04", "2027-09-01"];
const ENDS: [Option<&str>; 4] = [None, Some("2026-12-31"), Some("2027-01-31"), Some("2027-06-30")];

/// FNV-1a of 64 bits: the same on every machine and by every version of the toolchain.
struct Fnv(u64);

impl Fnv {
    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0xFF]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }
}

/// Every period at every place, in both kinds of registration and assignment; classes with and without what titles are made of.
fn fixed_world() -> World {
    let mut world = World::new();
    let places = [MARKT, KLEUTERS, KADE, PARK, UNLISTED];
    for site in &mut world.mirror.schoolvest {
        site.vestcode = (site.vestnrdiscimus == 1).then(|| "MK".to_owned());
    }
    world.mirror.school[0].schoolcode = Some("ZP".to_owned());
    world.mirror.school[1].school = " Het  Duin ".to_owned();
    let mut inactive = world.mirror.schoolvest[0].clone();
    (inactive.hfdstructuur, inactive.actief) = ("411".to_owned(), false);
    world.mirror.schoolvest.push(inactive);
    for (number, place) in (1..).zip(places.iter().cycle()).take(places.len() * 2) {
        world.class(number, *place, &format!("{number}A"));
        let class = world.mirror.klassen.last_mut().unwrap();
        class.klas = [None, Some(" "), Some(" Derde  leerjaar ")][usize::try_from(number).unwrap() % 3]
            .map(str::to_owned);
        class.groeptype = i32::from(number > 5);
    }
    world.class(11, MARKT, "next");
    world.mirror.klassen.last_mut().unwrap().schooljaar = "2027-28".to_owned();
    let mut next = 1;
    for place in places {
        for begin in BEGINS {
            for end in ENDS {
                add_pupil(&mut world, next, place, (begin, end));
                next += 1;
            }
        }
    }
    for site in [None, Some(1), Some(3)] {
        for begin in [None, Some("2026-09-01"), Some("2027-02-01"), Some("2027-09-01")] {
            for end in ENDS {
                world.person(next);
                world.assignment(next, ("001507", site), begin, end);
                add_functions(&mut world, next, end);
                next += 1;
            }
        }
    }
    for first in places {
        for second in places {
            add_ties(&mut world, next, (first, second));
            next += 1;
        }
    }
    for place in places {
        add_late_class(&mut world, next, place);
        next += 1;
    }
    odd_people(&mut world);
    world
}

/// A pupil with a registration of one period, and in a class of the same place for it.
fn add_pupil(world: &mut World, number: i64, place: SiteKey, (begin, end): (&str, Option<&str>)) {
    world.person(number);
    let end = end.filter(|end| *end >= begin);
    let registration = world.registration(number, place, begin, end);
    if begin == "2027-09-01" && number % 2 == 0 {
        world.mirror.inschrijving.last_mut().unwrap().schooljaar = "2027-28".to_owned();
    }
    world.in_class(registration, number % 11 + 1, begin, end);
    world.in_class(registration, number % 5 + 6, "2026-09-01", Some("2027-01-31"));
}

/// Somebody who is twice at one place or at two at once: the later at the first, alternately a pupil, staff, or both.
fn add_ties(world: &mut World, number: i64, (first, second): (SiteKey, SiteKey)) {
    world.person(number);
    if number % 3 != 1 {
        let later = world.registration(number, first, "2026-10-01", None);
        let earlier = world.registration(number, second, "2026-09-01", None);
        let class = number % 10 + 1;
        for (registration, begin, end) in [
            (later, "2026-10-01", Some("2027-03-01")),
            (earlier, "2026-10-01", Some("2027-02-01")),
            (earlier, "2026-09-01", None),
            (later, "2026-10-01", None),
        ] {
            world.in_class(registration, class, begin, end);
        }
        world.registration(number, MARKT, "2026-09-01", None);
        world.mirror.inschrijving.last_mut().unwrap().status = 2;
    }
    if number % 3 != 0 {
        world.assignment(number, (first.0, Some(first.1)), Some("2026-10-01"), None);
        world.mirror.opdracht.last_mut().unwrap().hfdstructuur = Some(first.2.to_owned());
        world.assignment(number, (second.0, Some(second.1)), Some("2026-09-01"), None);
        world.assignment(number, (second.0, None), None, Some("2026-12-31"));
        for begin in [Some("2026-10-01"), None, Some("2026-10-01")] {
            world.teaches(number, number % 10 + 1, 2, begin);
        }
    }
}

/// A pupil whose first class row starts later than the registration, and who is twice in a class from one day on.
fn add_late_class(world: &mut World, number: i64, place: SiteKey) {
    world.person(number);
    let registration = world.registration(number, place, "2026-12-01", None);
    for (class, begin, end) in [
        (1, "2027-01-11", Some("2027-08-31")),
        (1, "2027-01-11", None),
        (1, "2027-01-11", Some("2027-03-31")),
        (2, "2027-01-25", None),
    ] {
        world.in_class(registration, class, begin, end);
    }
}

/// Class teacher of one class, something else in another.
fn add_functions(world: &mut World, number: i64, end: Option<&str>) {
    world.teaches(number, number % 10 + 1, 2, Some("2026-10-01"));
    world.teaches(number, number % 7 + 1, 1, None);
    let key = i64::try_from(world.mirror.klasfunctiepersoon.len()).unwrap() + 1;
    world.mirror.klasfunctiepersoon.push(Klasfunctiepersoon {
        p_klasfunctiepersoon: key,
        p_persoon: number,
        p_klas: number % 3 + 1,
        p_klasfunctie: 2,
        begindatum: None,
        einddatum: end.map(day),
        changed: None,
    });
}

/// Names that are missing, records that are missing, held back or have a domain.
fn odd_people(world: &mut World) {
    for (index, name) in [None, Some(""), Some("-"), Some("  ’t Jolle "), Some("Núñez")]
        .into_iter()
        .enumerate()
    {
        world.mirror.persoon[index].naam = name.map(str::to_owned);
        world.mirror.persoon[index + 1].voornaam = name.map(str::to_owned);
    }
    for number in (3..200).step_by(10) {
        world.usernames.remove(&rowguid(number));
        if let Some(record) = world.usernames.get_mut(&rowguid(number + 1)) {
            record.sync = false;
        }
        if let Some(record) = world.usernames.get_mut(&rowguid(number + 2)) {
            let give = [GivenDomain::admin, GivenDomain::system][usize::from(number % 20 == 3)];
            record.domain = Some(give("eigen.example".parse().unwrap()));
        }
    }
}

/// Hashes everything the projection makes of the fixed world: under policies that differ, on days of two school years.
fn output() -> String {
    let mut world = fixed_world();
    let mut hash = Fnv(0xCBF2_9CE4_8422_2325);
    let formats = [
        "{schoolyear} {klas} - {vestiging}",
        "{klascode}_{vestcode}{schoolcode} {startyear}",
        "{vestcode}  {klasomschrijving}",
    ];
    for (index, format) in formats.iter().enumerate() {
        for ours in [DomainMode::Microsoft, DomainMode::Informat] {
            let configuration = &mut world.configuration;
            configuration.team_name_format = format.parse().unwrap();
            configuration.domain_mode = DomainModes {
                pupils: ours,
                staff: ours,
            };
            configuration.org_id_with_hoofdstructuur = index == 1;
            configuration.staff_grace_days = if index == 2 { 31 } else { 0 };
            configuration.future_pupils = [FuturePupils::Exclude, FuturePupils::Include][index % 2];
            configuration.schools[0].sites[1].sync = index != 2;
            for today in DAYS {
                for year in ["2026-27", "2027-28"] {
                    let World {
                        mirror,
                        configuration,
                        usernames,
                    } = &world;
                    let roster = project(mirror, usernames, configuration, year, day(today)).unwrap();
                    hash.add(&roster.reference_date.to_string());
                    for (kind, sourced_id, content) in contents(&roster) {
                        hash.add(kind.collection());
                        hash.add(&sourced_id);
                        hash.add(&content);
                    }
                    for (user, domain) in &roster.email_domains {
                        hash.add(user);
                        hash.add(domain);
                    }
                }
            }
        }
    }
    format!("{:016x}", hash.0)
}

#[test]
fn another_output_is_another_version() {
    let output = output();
    let current = format!("PROJECTION_VERSION {PROJECTION_VERSION}\noutput {output}\n");
    let (version, known) = GOLDEN.split_once('\n').unwrap();
    let is_same_version = version == format!("PROJECTION_VERSION {PROJECTION_VERSION}");
    let is_same_output = known.trim() == format!("output {output}");
    assert!(
        is_same_output || !is_same_version,
        "The projection makes another roster of the same inputs: raise PROJECTION_VERSION in \
         crates/school/src/projection/mod.rs, run this test again, and write what it prints to golden.txt. \
         If only the world of this test was changed, keep the version and write to crates/school/src/projection/golden.txt:\n{current}"
    );
    assert!(
        is_same_version && is_same_output,
        "PROJECTION_VERSION was raised: write to crates/school/src/projection/golden.txt:\n{current}"
    );
}

/// What the test above stands on: the fixed world has every kind of object, pupils and staff, some of them in no roster.
#[test]
fn the_fixed_world_is_rich() {
    let world = fixed_world();
    let roster = world.on("2027-01-04");
    let of_role = |role| {
        roster
            .users
            .iter()
            .filter(|user| user.content.role == role)
            .count()
    };
    assert!(of_role(oneroster_standard::RoleType::Student) > 10);
    assert!(of_role(oneroster_standard::RoleType::Teacher) > 5);
    assert!(roster.users.len() + 20 < world.mirror.persoon.len());
    assert!(roster.enrollments.len() > 40 && roster.classes.len() == 8 && roster.orgs.len() == 3);
}
