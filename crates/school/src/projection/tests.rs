//! Scenes of a school year, each with the roster that must come out.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Days, NaiveDate};
use oneroster_standard::{Boolean, GuidRef, RoleType};
use uuid::Uuid;

use super::*;
use crate::informat::*;
use crate::tenant::configuration::Site;
use crate::tenant::file;
use crate::username::Unavailable;
use crate::username::plan::{Plan, plan};

const YEAR: &str = "2026-27";

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn rowguid(p_persoon: i64) -> Uuid {
    Uuid::from_u128(0xABCD_0000 + u128::from(p_persoon.unsigned_abs()))
}

/// School 001507 with site 1 (211 and 111), site 2 (311) and a site 3 without an entry; school 001508 with site 1 (311).
fn configuration() -> Configuration {
    file::parse(
        r#"
id = "t"
name = "T"
active_school_year = "2026-27"
team_name_format = "{schoolyear} {klas} - {vestiging}"
username_format = "{voornaam}.{familienaam}"
[[schools]]
instelnr = "001507"
teacher_domain = "basis.example"
sites = [
  { vestnr = 1, sync_default = true, pupil_domain = "markt.example" },
  { vestnr = 2, sync_default = false, pupil_domain = "kade.example" },
]
[[schools]]
instelnr = "001508"
teacher_domain = "secundair.example"
sites = [{ vestnr = 1, sync_default = true, pupil_domain = "park.example" }]
"#,
    )
    .unwrap()
}

/// Keys of a table count up from 1.
fn next_key<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).unwrap() + 1
}

fn site(instelnr: &str, vestnrdiscimus: i32, hfdstructuur: &str, vestiging: &str) -> Schoolvest {
    Schoolvest {
        instelnr: instelnr.to_owned(),
        vestnrdiscimus,
        hfdstructuur: hfdstructuur.to_owned(),
        vestiging: vestiging.to_owned(),
        vestcode: None,
        actief: true,
        changed: None,
    }
}

#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) mirror: Mirror,
    pub(crate) configuration: Configuration,
    pub(crate) usernames: HashMap<Uuid, Record>,
}

impl World {
    pub(crate) fn new() -> Self {
        let year = |label: &str, begin: &str, end: &str| Schooljaar {
            schooljaar: label.to_owned(),
            begindatum: day(begin),
            einddatum: day(end),
        };
        let school = |instelnr: &str, name: &str| School {
            instelnr: instelnr.to_owned(),
            school: name.to_owned(),
            schoolcode: None,
        };
        let mirror = Mirror {
            schooljaar: vec![
                year("2025-26", "2025-09-01", "2026-06-30"),
                year(YEAR, "2026-09-01", "2027-06-30"),
                year("2027-28", "2027-09-01", "2028-06-30"),
            ],
            school: vec![school("001507", "De Zandpoort"), school("001508", "Het Duin")],
            schoolvest: vec![
                site("001507", 1, "211", "Markt"),
                site("001507", 1, "111", "Markt kleuters"),
                site("001507", 2, "311", "Kade"),
                site("001507", 3, "311", "Vergeten"),
                site("001508", 1, "311", "Park"),
            ],
            ..Mirror::default()
        };
        Self {
            mirror,
            configuration: configuration(),
            usernames: HashMap::new(),
        }
    }

    /// Adds a person with a released username `p{number}`.
    pub(crate) fn person(&mut self, p_persoon: i64) -> &mut Self {
        self.mirror.persoon.push(Persoon {
            p_persoon,
            rowguid: rowguid(p_persoon),
            naam: Some(format!("Naam{p_persoon}")),
            voornaam: Some(format!("Voornaam{p_persoon}")),
            geboortedatum: None,
            changed: None,
        });
        let local_part = format!("p{p_persoon}");
        let record = Record {
            sync: true,
            ..Record::new(rowguid(p_persoon), local_part, DateTime::UNIX_EPOCH)
        };
        self.usernames.insert(record.rowguid, record);
        self
    }

    /// Registers a person at `(instelnr, vestiging, structure)` from `begin` to `end`; the key counts up.
    pub(crate) fn registration(
        &mut self,
        p_persoon: i64,
        at: (&str, i32, &str),
        begin: &str,
        end: Option<&str>,
    ) -> i64 {
        let p_inschr = next_key(&self.mirror.inschrijving);
        self.mirror.inschrijving.push(Inschrijving {
            p_inschr,
            p_persoon,
            instelnr: at.0.to_owned(),
            vestnrdiscimus: at.1,
            hfdstructuur: at.2.to_owned(),
            schooljaar: YEAR.to_owned(),
            begindatum: day(begin),
            einddatum: end.map(day),
            status: 0,
            changed: None,
        });
        p_inschr
    }

    pub(crate) fn class(&mut self, p_klas: i64, at: (&str, i32, &str), klascode: &str) {
        self.mirror.klassen.push(Klas {
            p_klas,
            scoodle_id: Uuid::from_u128(0xC1A5_5000 + u128::from(p_klas.unsigned_abs())),
            instelnr: at.0.to_owned(),
            vestnrdiscimus: at.1,
            hfdstructuur: at.2.to_owned(),
            schooljaar: YEAR.to_owned(),
            klascode: klascode.to_owned(),
            klas: None,
            groeptype: 0,
            changed: None,
        });
    }

    pub(crate) fn in_class(&mut self, p_inschr: i64, p_klas: i64, begin: &str, end: Option<&str>) {
        self.mirror.inschrklas.push(Inschrklas {
            p_inschrklas: next_key(&self.mirror.inschrklas),
            p_inschr,
            p_klas,
            vandatum: day(begin),
            totdatum: end.map(day),
            changed: None,
        });
    }

    pub(crate) fn assignment(
        &mut self,
        p_persoon: i64,
        at: (&str, Option<i32>),
        begin: Option<&str>,
        end: Option<&str>,
    ) {
        self.mirror.opdracht.push(Opdracht {
            p_opdracht: next_key(&self.mirror.opdracht),
            p_persoon,
            instelnr: at.0.to_owned(),
            vestnrdiscimus: at.1,
            hfdstructuur: None,
            begindatum: begin.map(day),
            einddatum: end.map(day),
            changed: None,
        });
    }

    pub(crate) fn teaches(&mut self, p_persoon: i64, p_klas: i64, p_klasfunctie: i32, begin: Option<&str>) {
        self.mirror.klasfunctiepersoon.push(Klasfunctiepersoon {
            p_klasfunctiepersoon: next_key(&self.mirror.klasfunctiepersoon),
            p_persoon,
            p_klas,
            p_klasfunctie,
            begindatum: begin.map(day),
            einddatum: None,
            changed: None,
        });
    }

    pub(crate) fn on(&self, today: &str) -> Roster {
        project(
            &self.mirror,
            &self.usernames,
            &self.configuration,
            YEAR,
            day(today),
        )
        .unwrap()
    }

    pub(crate) fn plan(&self, today: &str) -> Plan {
        plan(
            &self.mirror,
            &self.configuration,
            &self.usernames,
            Unavailable {
                retired: &HashSet::new(),
                erased: &|_| None,
            },
            day(today),
        )
        .unwrap()
    }
}

pub(crate) fn user(roster: &Roster, p_persoon: i64) -> Option<&oneroster_standard::User> {
    let id = rowguid(p_persoon).to_string();
    roster
        .users
        .iter()
        .find(|user| user.sourced_id == id)
        .map(|user| &user.content)
}

pub(crate) fn orgs_of(roster: &Roster, p_persoon: i64) -> Vec<String> {
    let ids = |refs: &[GuidRef]| refs.iter().map(|org| org.sourced_id.clone()).collect();
    user(roster, p_persoon)
        .map(|user| ids(&user.orgs))
        .unwrap_or_default()
}

/// (person's id suffix and class, role, begin, end) of every enrollment.
pub(crate) fn enrollments(roster: &Roster) -> Vec<(i64, String, RoleType, String, String)> {
    let number = |id: &str| {
        (1..99)
            .find(|number| id.starts_with(&rowguid(*number).to_string()))
            .unwrap()
    };
    roster
        .enrollments
        .iter()
        .map(|entry| {
            let class = entry.sourced_id.rsplit('-').next().unwrap().to_owned();
            let date = |date: Option<NaiveDate>| date.unwrap().to_string();
            let content = &entry.content;
            (
                number(&entry.sourced_id),
                class,
                content.role,
                date(content.begin_date),
                date(content.end_date),
            )
        })
        .collect()
}

pub(crate) const MARKT: (&str, i32, &str) = ("001507", 1, "211");
pub(crate) const KLEUTERS: (&str, i32, &str) = ("001507", 1, "111");
pub(crate) const KADE: (&str, i32, &str) = ("001507", 2, "311");
pub(crate) const PARK: (&str, i32, &str) = ("001508", 1, "311");

#[test]
fn r119_r120_r121_the_reference_date_over_a_whole_year() {
    let world = World::new();
    let mut today = day("2026-08-01");
    while today <= day("2027-08-31") {
        let expected = if today < day("2026-09-01") {
            day("2026-09-01")
        } else if today > day("2027-06-30") {
            day("2027-06-30")
        } else {
            today
        };
        let roster = project(&world.mirror, &world.usernames, &world.configuration, YEAR, today).unwrap();
        assert_eq!(roster.reference_date, expected, "{today}");
        today = today + Days::new(1);
    }
}

#[test]
fn r122_the_session_is_the_active_year() {
    let roster = World::new().on("2026-10-01");
    let [session] = roster.academic_sessions.as_slice() else {
        panic!("one session")
    };
    assert_eq!(session.sourced_id, "2026-27");
    assert_eq!(session.content.title, "Schooljaar 2026-27");
    assert_eq!(session.content.school_year, "2027");
    assert_eq!(
        (session.content.start_date, session.content.end_date),
        (day("2026-09-01"), day("2027-06-30"))
    );
    let unknown = World::new();
    let refused = project(
        &unknown.mirror,
        &unknown.usernames,
        &unknown.configuration,
        "2030-31",
        day("2026-10-01"),
    );
    assert_eq!(refused, Err(UnknownSchoolYear("2030-31".to_owned())));
}

#[test]
fn r3_r20_r123_orgs_are_the_active_sites_with_a_linked_entry() {
    let mut world = World::new();
    let orgs = |world: &World| -> Vec<(String, String)> {
        world
            .on("2026-10-01")
            .orgs
            .into_iter()
            .map(|org| (org.sourced_id, org.content.name))
            .collect()
    };
    let named = |id: &str, name: &str| (id.to_owned(), name.to_owned());
    let markt = named("001507-1", "001507 - De Zandpoort - Markt kleuters");
    let park = named("001508-1", "001508 - Het Duin - Park");
    // Site 3 has no entry; the two structures of site 1 are one org, named by the lowest.
    assert_eq!(
        orgs(&world),
        [
            markt.clone(),
            named("001507-2", "001507 - De Zandpoort - Kade"),
            park.clone()
        ]
    );
    world.configuration.schools[0].sites[1].sync = false;
    assert_eq!(
        orgs(&world),
        [markt, park.clone()],
        "R20: the link of site 2 is off"
    );
    world.mirror.schoolvest[0].actief = false;
    world.configuration.org_id_with_hoofdstructuur = true;
    let kleuters = named("001507-1-111", "001507 - De Zandpoort - Markt kleuters");
    assert_eq!(
        orgs(&world),
        [kleuters, named("001508-1-311", "001508 - Het Duin - Park")]
    );
}

#[test]
fn r20_an_entry_with_a_structure_holds_for_that_structure_only() {
    let mut world = World::new();
    let own = Site {
        hoofdstructuur: Some("111".to_owned()),
        sync: false,
        ..world.configuration.schools[0].sites[0].clone()
    };
    world.configuration.schools[0].sites.push(own);
    let roster = world.on("2026-10-01");
    assert_eq!(
        roster.orgs[0].content.name, "001507 - De Zandpoort - Markt",
        "111 is out, 211 is in"
    );
}

#[test]
fn r107_r125_every_class_of_the_year_with_its_course_members_or_not() {
    let mut world = World::new();
    world.class(1, MARKT, "3A");
    world.class(2, ("001507", 3, "311"), "X");
    world.class(3, PARK, "1B");
    world.mirror.klassen[2].klas = Some("Eerste jaar B".to_owned());
    world.mirror.klassen[2].groeptype = 1;
    world.class(4, PARK, "OLD");
    world.mirror.klassen[3].schooljaar = "2025-26".to_owned();
    let roster = world.on("2026-10-01");
    let titles: Vec<_> = roster
        .classes
        .iter()
        .map(|class| class.content.title.as_str())
        .collect();
    assert_eq!(titles, ["2026-27 3A - Markt", "2026-27 Eerste jaar B - Park"]);
    let class = &roster.classes[0];
    assert_eq!(class.content.class_code.as_deref(), Some("3A"));
    assert_eq!(class.content.school.sourced_id, "001507-1");
    assert_eq!(class.content.terms[0].sourced_id, YEAR);
    let course = &roster.courses[0];
    assert_eq!(
        (&course.sourced_id, &course.content.title),
        (&class.sourced_id, &class.content.title)
    );
    assert_eq!(class.content.course.sourced_id, course.sourced_id);
    assert_eq!(course.content.course_code, "3A");
}

#[test]
fn r113_r126_enrollments_of_the_day_with_the_stored_dates() {
    let mut world = World::new();
    world.person(1).class(1, MARKT, "3A");
    world.class(2, MARKT, "3B");
    world.class(3, ("001507", 3, "311"), "X");
    let registration = world.registration(1, MARKT, "2026-09-01", None);
    world.in_class(registration, 1, "2026-09-01", Some("2026-10-10"));
    world.in_class(registration, 2, "2026-10-11", None);
    world.in_class(registration, 3, "2026-09-01", None);
    let student = |class: &str, begin: &str, end: &str| {
        (
            1,
            class.to_owned(),
            RoleType::Student,
            begin.to_owned(),
            end.to_owned(),
        )
    };
    assert_eq!(
        enrollments(&world.on("2026-10-10")),
        [student("1", "2026-09-01", "2026-10-10")]
    );
    let roster = world.on("2026-10-11");
    assert_eq!(
        enrollments(&roster),
        [student("2", "2026-10-11", "2027-06-30")],
        "R113, and an open end is the year's"
    );
    assert_eq!(roster.enrollments[0].sourced_id, format!("{}-2", rowguid(1)));
    assert_eq!(
        roster.enrollments[0].content.primary, None,
        "students have no primary"
    );
}

#[test]
fn of_several_rows_for_a_person_and_class_the_teachers_wins_then_the_latest_start() {
    let mut world = World::new();
    world.person(1).class(1, MARKT, "3A");
    let first = world.registration(1, MARKT, "2026-09-01", None);
    let second = world.registration(1, KADE, "2026-09-01", None);
    world.in_class(first, 1, "2026-09-20", None);
    world.in_class(second, 1, "2026-09-10", None);
    let found = |world: &World| {
        let all = enrollments(&world.on("2026-10-01"));
        assert_eq!(all.len(), 1, "one enrollment per person and class");
        (all[0].2, all[0].3.clone())
    };
    assert_eq!(found(&world), (RoleType::Student, "2026-09-20".to_owned()));
    world.teaches(1, 1, 2, None);
    assert_eq!(
        found(&world).0,
        RoleType::Student,
        "a class teacher who is no staff is no teacher"
    );
    world.assignment(1, ("001507", None), None, None);
    assert_eq!(
        found(&world),
        (RoleType::Teacher, "2026-09-01".to_owned()),
        "an empty start is the year's"
    );
}

#[test]
fn r127_only_class_teachers_and_the_first_of_a_class_is_primary() {
    let mut world = World::new();
    world.class(1, MARKT, "3A");
    for number in 1..=4 {
        world.person(number);
        world.assignment(number, ("001507", None), None, None);
    }
    world.teaches(1, 1, 2, Some("2026-09-15"));
    world.teaches(2, 1, 2, Some("2026-09-02"));
    world.teaches(3, 1, 1, None);
    world.teaches(4, 1, 2, Some("2026-11-01"));
    let roster = world.on("2026-10-01");
    let primary: BTreeMap<_, _> = roster
        .enrollments
        .iter()
        .map(|e| (e.sourced_id.clone(), e.content.primary))
        .collect();
    let id = |number| format!("{}-1", rowguid(number));
    let expected = BTreeMap::from([(id(1), Some(Boolean(false))), (id(2), Some(Boolean(true)))]);
    assert_eq!(primary, expected);
}

#[test]
fn an_enrollment_may_lie_outside_the_users_orgs() {
    let mut world = World::new();
    world.person(1).class(1, PARK, "1A");
    let registration = world.registration(1, MARKT, "2026-09-01", None);
    world.in_class(registration, 1, "2026-09-01", None);
    let roster = world.on("2026-10-01");
    assert_eq!(orgs_of(&roster, 1), ["001507-1"]);
    assert_eq!(roster.enrollments[0].content.school.sourced_id, "001508-1");
}
