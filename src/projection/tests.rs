//! Scenes of a school year, each with the roster that must come out.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Days, NaiveDate};
use uuid::Uuid;

use super::*;
use crate::mirror::tables::*;
use crate::oneroster::{Boolean, GuidRef, RoleType};
use crate::tenant::configuration::{DomainMode, FuturePupils, Site};
use crate::tenant::file;
use crate::username::Origin;
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
        let record = Record {
            rowguid: rowguid(p_persoon),
            local_part: format!("p{p_persoon}"),
            domain: None,
            sync: true,
            origin: Origin::Generated,
            needs_review: false,
            created_at: DateTime::UNIX_EPOCH,
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
            &HashSet::new(),
            day(today),
        )
        .unwrap()
    }
}

pub(crate) fn user(roster: &Roster, p_persoon: i64) -> Option<&crate::oneroster::User> {
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
fn enrollments(roster: &Roster) -> Vec<(i64, String, RoleType, String, String)> {
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
    assert_eq!(refused, Err(Error::UnknownSchoolYear("2030-31".to_owned())));
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
        "R15: in the class of his first day, not a later one"
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
    // On the weekend between the two he is seen as on his next first day.
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
    world.usernames.get_mut(&rowguid(1)).unwrap().domain = Some("eigen.example".to_owned());
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
    world.usernames.get_mut(&rowguid(1)).unwrap().domain = Some("basis.example".to_owned());
    assert_eq!(
        user(&world.on("2026-10-01"), 1).unwrap().username,
        "p1@basis.example"
    );
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

#[test]
fn r46_r93_r94_records_begin_with_the_default_of_the_first_place() {
    let mut world = World::new();
    for number in 1..=6 {
        world.person(number);
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
    assert_eq!(made, [(rowguid(1), Some("secundair.example".to_owned()))]);
    assert_eq!(plan.set_domain, [(rowguid(2), "basis.example".to_owned())]);
    world.usernames.get_mut(&rowguid(2)).unwrap().domain = Some("eigen.example".to_owned());
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
        &retired,
        day("2026-10-01"),
    )
    .unwrap();
    assert_eq!(
        names(&skipping)[1],
        person(2, "bert.ameel3"),
        "a retired name is skipped"
    );
}
