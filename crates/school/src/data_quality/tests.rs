//! For every rule a examined that triggers it and one, close by, that does not.

mod doubts;
mod people;
mod periods;
mod places;
mod settings;

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, TimeDelta};

use super::*;
use crate::informat::{Klasfunctiepersoon, Persoon};
use crate::projection::tests::{KADE, MARKT, PARK, World, day, rowguid};
use crate::username::Origin;

/// A name that holds no place for another: `Voornaam` would.
const GIVEN_NAME: &str = "Noor";

/// A world to examine on a day.
pub(super) struct Examined {
    pub(super) world: World,
    pub(super) today: &'static str,
    pub(super) newest: Option<Newest>,
    pub(super) id_changes: Vec<IdChange>,
    pub(super) final_usernames: HashSet<Uuid>,
    pub(super) was_read_completely: bool,
    pub(super) asks_for_addresses: bool,
    pub(super) neighbours: Vec<Neighbour>,
}

impl Examined {
    /// Three sites, each with a class of one pupil (1, 2, 3) and one class teacher (11, 12, 13), all released.
    fn healthy() -> Self {
        let mut world = World::new();
        world.mirror.schoolvest.remove(3);
        for school in &mut world.configuration.schools {
            for entry in &mut school.sites {
                entry.sync_default = false;
            }
        }
        for (number, (place, klascode)) in (1..).zip([(MARKT, "3A"), (KADE, "1B"), (PARK, "1C")]) {
            world.person(number).person(number + 10);
            world.class(number, place, klascode);
            let registration = world.registration(number, place, "2026-09-01", None);
            world.in_class(registration, number, "2026-09-01", None);
            world.assignment(number + 10, (place.0, Some(place.1)), None, None);
            world.teaches(number + 10, number, 2, None);
        }
        for person in &mut world.mirror.persoon {
            person.voornaam = Some(GIVEN_NAME.to_owned());
        }
        for record in world.usernames.values_mut() {
            record.origin = Origin::Manual;
        }
        Self {
            world,
            today: "2026-10-01",
            newest: None,
            id_changes: Vec::new(),
            final_usernames: HashSet::new(),
            was_read_completely: true,
            asks_for_addresses: false,
            neighbours: Vec::new(),
        }
    }

    pub(super) fn record(&mut self, p_persoon: i64) -> &mut Record {
        self.world.usernames.get_mut(&rowguid(p_persoon)).unwrap()
    }

    pub(super) fn person(&mut self, p_persoon: i64) -> &mut Persoon {
        let persons = &mut self.world.mirror.persoon;
        persons
            .iter_mut()
            .find(|person| person.p_persoon == p_persoon)
            .unwrap()
    }

    /// The class function of the teacher of class `p_klas`.
    pub(super) fn function(&mut self, p_klas: usize) -> &mut Klasfunctiepersoon {
        &mut self.world.mirror.klasfunctiepersoon[p_klas - 1]
    }

    /// Ends the registration of pupil 1, 2 or 3.
    pub(super) fn leaves(&mut self, pupil: usize, last_day: &str) {
        self.world.mirror.inschrijving[pupil - 1].einddatum = Some(day(last_day));
    }

    /// Adds a pupil at the Markt, in class 1 or in none.
    pub(super) fn pupil(&mut self, p_persoon: i64, in_class: bool) {
        self.world.person(p_persoon);
        self.person(p_persoon).voornaam = Some(GIVEN_NAME.to_owned());
        self.record(p_persoon).origin = Origin::Manual;
        let registration = self.world.registration(p_persoon, MARKT, "2026-09-01", None);
        if in_class {
            self.world.in_class(registration, 1, "2026-09-01", None);
        }
    }

    /// Adds a subgroup at the Markt, with pupil 1 in it or nobody.
    pub(super) fn subgroup(&mut self, p_klas: i64, with_pupil: bool) {
        self.world.class(p_klas, MARKT, "WIS");
        self.world.mirror.klassen.last_mut().unwrap().groeptype = 1;
        if with_pupil {
            self.world.in_class(1, p_klas, "2026-09-01", None);
        }
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            source: &self.world.mirror,
            usernames: &self.world.usernames,
            configuration: &self.world.configuration,
            today: day(self.today),
            newest: self.newest,
            id_changes: &self.id_changes,
            final_usernames: &self.final_usernames,
            was_read_completely: self.was_read_completely,
            asks_for_addresses: self.asks_for_addresses,
            neighbours: &self.neighbours,
        }
    }

    fn examine(&self) -> Vec<Finding> {
        examine(&self.subject()).unwrap()
    }

    /// The findings of one rule.
    pub(super) fn of(&self, rule: Rule) -> Vec<Finding> {
        let mut findings = self.examine();
        findings.retain(|finding| finding.rule == rule);
        findings
    }
}

/// What a finding is about.
#[derive(Clone, Copy)]
pub(super) enum Object {
    User(i64),
    Class(i64),
    Org(&'static str),
    Enrollment(i64, i64),
    Year,
}

impl Object {
    fn named(self) -> (Kind, String) {
        match self {
            Self::User(p_persoon) => (Kind::Users, rowguid(p_persoon).to_string()),
            Self::Class(p_klas) => (
                Kind::Classes,
                format!("00000000-0000-0000-0000-0000c1a55{p_klas:03x}"),
            ),
            Self::Org(id) => (Kind::Orgs, id.to_owned()),
            Self::Enrollment(p_persoon, p_klas) => {
                (Kind::Enrollments, format!("{}-{p_klas}", rowguid(p_persoon)))
            }
            Self::Year => (Kind::AcademicSessions, "2026-27".to_owned()),
        }
    }
}

/// A rule with the change of the healthy examined that triggers it, and one close by that does not.
pub(super) struct Case {
    pub(super) rule: Rule,
    pub(super) triggers: fn(&mut Examined),
    pub(super) found: &'static [Object],
    /// Stands in the message.
    pub(super) says: &'static str,
    pub(super) does_not: fn(&mut Examined),
}

fn examined(change: fn(&mut Examined)) -> Examined {
    let mut examined = Examined::healthy();
    change(&mut examined);
    examined
}

pub(super) fn check(cases: &[Case]) {
    for case in cases {
        let id = case.rule.id();
        let found = examined(case.triggers).of(case.rule);
        let objects: Vec<_> = found
            .iter()
            .map(|finding| (finding.kind, finding.sourced_id.clone()))
            .collect();
        let expected: Vec<_> = case.found.iter().map(|object| object.named()).collect();
        assert_eq!(objects, expected, "{id}");
        for finding in &found {
            assert!(finding.message.contains(case.says), "{id}: {}", finding.message);
            assert_eq!(finding.severity, case.rule.severity());
        }
        assert_eq!(examined(case.does_not).of(case.rule), [], "{id} must stay silent");
    }
}

fn every_case() -> Vec<Case> {
    [
        people::cases(),
        doubts::cases(),
        periods::cases(),
        places::cases(),
        settings::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn a_healthy_group_has_no_findings() {
    assert_eq!(Examined::healthy().examine(), []);
}

#[test]
fn every_rule_has_a_scene_that_triggers_it_and_one_that_does_not_and_a_row_in_the_documentation() {
    let page = include_str!("../../../../docs/health.md");
    let cases = every_case();
    let ids: BTreeSet<&str> = cases.iter().map(|case| case.rule.id()).collect();
    assert_eq!(ids.len(), cases.len(), "one case for a rule");
    for rule in Rule::ALL {
        assert!(ids.contains(rule.id()), "{} has no case", rule.id());
        let row = format!("\n| `{}` | {} | ", rule.id(), rule.severity().as_str());
        assert_eq!(page.matches(&row).count(), 1, "docs/health.md needs the row{row}");
    }
    let rows = page.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, Rule::ALL.len(), "docs/health.md has a row too many");
}

#[test]
fn findings_come_by_severity_rule_and_object_whatever_the_order_of_rows() {
    for case in every_case() {
        let mut examined = examined(case.triggers);
        let findings = examined.examine();
        let key = |finding: &Finding| {
            let Finding {
                rule,
                severity,
                sourced_id,
                message,
                ..
            } = finding.clone();
            (severity, rule.id(), sourced_id, message)
        };
        assert!(findings.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])));
        let mirror = &mut examined.world.mirror;
        mirror.schooljaar.reverse();
        mirror.school.reverse();
        mirror.schoolvest.reverse();
        mirror.persoon.reverse();
        mirror.inschrijving.reverse();
        mirror.klassen.reverse();
        mirror.inschrklas.reverse();
        mirror.opdracht.reverse();
        mirror.klasfunctiepersoon.reverse();
        assert_eq!(examined.examine(), findings, "{}", case.rule.id());
    }
}

#[test]
fn a_finding_is_written_as_the_contract_says() {
    let examined = examined(|examined| examined.record(1).local_part = "zoé".to_owned());
    let message = "Microsoft Entra would refuse the username \"zoé\": 'é' at character 3 is not allowed: \
                   only letters without accents, digits and .-_'!#^~ are; edit it";
    assert_eq!(
        serde_json::to_value(examined.examine()).unwrap(),
        serde_json::json!([{
            "rule": "username-characters", "severity": "error", "kind": "users",
            "sourced_id": rowguid(1).to_string(), "message": message,
        }])
    );
}

#[test]
fn a_school_year_that_was_not_loaded_cannot_be_examined() {
    let mut examined = Examined::healthy();
    examined.world.mirror.schooljaar.clear();
    assert_eq!(
        examine(&examined.subject()),
        Err(UnknownSchoolYear("2026-27".to_owned()))
    );
}

/// A generation dated this much after the clock.
pub(super) fn ahead(delta: TimeDelta) -> Newest {
    let now = DateTime::parse_from_rfc3339("2026-10-01T10:00:00Z")
        .unwrap()
        .to_utc();
    Newest {
        published_at: now + delta,
        now,
    }
}
