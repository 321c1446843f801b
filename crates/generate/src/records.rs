//! The tables while they grow: each method adds one row, with keys that count up and dates that are in order.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use oneroster_school::informat::{
    Inschrijving, Inschrklas, Klas, Klasfunctiepersoon, Mirror, Opdracht, Persoon, School, Schooljaar,
    Schoolvest,
};
use uuid::Uuid;

use super::dice::Dice;
use super::names::{Name, Names};
use super::year::SchoolYear;
use super::{Case, CaseName};

/// A site of a school with one main structure: what a registration or class belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SiteStructure {
    pub(super) instelnr: String,
    pub(super) vestnr: i32,
    pub(super) hfdstructuur: &'static str,
}

/// A person who has a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    pub(super) key: i64,
    pub(super) rowguid: Uuid,
}

/// A period, both ends included; no end = as long as what it belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Period {
    pub(super) begin: NaiveDate,
    pub(super) end: Option<NaiveDate>,
}

impl Period {
    pub(super) const fn from(begin: NaiveDate) -> Self {
        Self { begin, end: None }
    }

    pub(super) const fn until(begin: NaiveDate, end: NaiveDate) -> Self {
        Self {
            begin,
            end: Some(end),
        }
    }

    /// Returns what this period shares with `other`, if anything.
    pub(super) fn within(self, other: Self) -> Option<Self> {
        let end = match (self.end, other.end) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        let begin = self.begin.max(other.begin);
        end.is_none_or(|end| begin <= end).then_some(Self { begin, end })
    }
}

/// Where a member of staff is assigned; no site = every site, no structure = every structure.
#[derive(Debug, Clone)]
pub(super) struct Workplace {
    pub(super) instelnr: String,
    pub(super) vestnr: Option<i32>,
    pub(super) hfdstructuur: Option<&'static str>,
}

/// A class or subgroup to be added.
pub(super) struct NewClass<'a> {
    pub(super) place: &'a SiteStructure,
    pub(super) year: SchoolYear,
    pub(super) code: String,
    pub(super) title: Option<String>,
    pub(super) group_type: i32,
}

/// The rows so far, with the chance and the names they are made of.
pub(super) struct Records {
    pub(super) dice: Dice,
    pub(super) names: Names,
    pub(super) year: SchoolYear,
    pub(super) tables: Mirror,
    pub(super) cases: Vec<Case>,
    /// Persons with a realised registration in the active year, and persons with an assignment.
    pub(super) pupils: usize,
    pub(super) staff: usize,
}

impl Records {
    pub(super) fn new(seed: u64, year: SchoolYear) -> Self {
        let schooljaar = [year.previous(), year, year.next()].map(|year| Schooljaar {
            schooljaar: year.label(),
            begindatum: year.begin(),
            einddatum: year.end(),
        });
        Self {
            dice: Dice::new(seed),
            names: Names::load(),
            year,
            tables: Mirror {
                schooljaar: schooljaar.to_vec(),
                ..Mirror::default()
            },
            cases: Vec::new(),
            pupils: 0,
            staff: 0,
        }
    }

    /// Notes that `id` shows the special case `name`.
    pub(super) fn case(&mut self, name: CaseName, id: &impl ToString) {
        let id = id.to_string();
        match self.cases.iter_mut().find(|case| case.name == name) {
            Some(case) => case.ids.push(id),
            None => self.cases.push(Case { name, ids: vec![id] }),
        }
    }

    pub(super) fn school(&mut self, instelnr: &str, name: &str, code: &str) {
        let (instelnr, school) = (instelnr.to_owned(), name.to_owned());
        self.tables.school.push(School {
            instelnr,
            school,
            schoolcode: Some(code.to_owned()),
        });
    }

    pub(super) fn site(&mut self, place: &SiteStructure, name: &str, code: &str, active: bool) {
        let changed = self.changed();
        self.tables.schoolvest.push(Schoolvest {
            instelnr: place.instelnr.clone(),
            vestnrdiscimus: place.vestnr,
            hfdstructuur: place.hfdstructuur.to_owned(),
            vestiging: name.to_owned(),
            vestcode: (!code.is_empty()).then(|| code.to_owned()),
            actief: active,
            changed,
        });
    }

    /// Adds a person born in `birth_year`, with a drawn name unless one is given.
    pub(super) fn person(&mut self, birth_year: i32, name: Option<Name>) -> Person {
        let name = name.unwrap_or_else(|| self.names.draw(&mut self.dice));
        let rowguid = self.dice.uuid();
        // The gaps are those of a database in which rows were deleted.
        let gap = i64::from(self.dice.between(1, 3));
        let key = self.tables.persoon.last().map_or(10_000, |last| last.p_persoon) + gap;
        let born = NaiveDate::from_ymd_opt(birth_year, 1, 1).map(|first| self.dice.day(first, 364));
        let changed = self.changed();
        self.tables.persoon.push(Persoon {
            p_persoon: key,
            rowguid,
            naam: name.family,
            voornaam: name.given,
            geboortedatum: born,
            changed,
        });
        Person { key, rowguid }
    }

    /// Adds a registration in `year` and returns its key; `status` 0 = realised.
    pub(super) fn registration(
        &mut self,
        person: Person,
        place: &SiteStructure,
        year: SchoolYear,
        period: Period,
        status: i32,
    ) -> i64 {
        let key = self
            .tables
            .inschrijving
            .last()
            .map_or(200_001, |last| last.p_inschr + 1);
        let changed = self.changed();
        self.tables.inschrijving.push(Inschrijving {
            p_inschr: key,
            p_persoon: person.key,
            instelnr: place.instelnr.clone(),
            vestnrdiscimus: place.vestnr,
            hfdstructuur: place.hfdstructuur.to_owned(),
            schooljaar: year.label(),
            begindatum: period.begin,
            einddatum: period.end,
            status,
            changed,
        });
        key
    }

    /// Adds a class or subgroup and returns its key.
    pub(super) fn class(&mut self, class: NewClass<'_>) -> i64 {
        let NewClass {
            place,
            year,
            code,
            title,
            group_type,
        } = class;
        let key = self.tables.klassen.last().map_or(3_001, |last| last.p_klas + 1);
        let (scoodle_id, changed) = (self.dice.uuid(), self.changed());
        self.tables.klassen.push(Klas {
            p_klas: key,
            scoodle_id,
            instelnr: place.instelnr.clone(),
            vestnrdiscimus: place.vestnr,
            hfdstructuur: place.hfdstructuur.to_owned(),
            schooljaar: year.label(),
            klascode: code,
            klas: title,
            groeptype: group_type,
            changed,
        });
        key
    }

    /// Puts a registration in a class for a period.
    pub(super) fn membership(&mut self, registration: i64, class: i64, period: Period) {
        let key = self
            .tables
            .inschrklas
            .last()
            .map_or(400_001, |last| last.p_inschrklas + 1);
        let changed = self.changed();
        self.tables.inschrklas.push(Inschrklas {
            p_inschrklas: key,
            p_inschr: registration,
            p_klas: class,
            vandatum: period.begin,
            totdatum: period.end,
            changed,
        });
    }

    /// Adds an assignment; without a begin it holds always.
    pub(super) fn assignment(
        &mut self,
        person: Person,
        at: &Workplace,
        begin: Option<NaiveDate>,
        end: Option<NaiveDate>,
    ) {
        let key = self
            .tables
            .opdracht
            .last()
            .map_or(50_001, |last| last.p_opdracht + 1);
        let changed = self.changed();
        self.tables.opdracht.push(Opdracht {
            p_opdracht: key,
            p_persoon: person.key,
            instelnr: at.instelnr.clone(),
            vestnrdiscimus: at.vestnr,
            hfdstructuur: at.hfdstructuur.map(str::to_owned),
            begindatum: begin,
            einddatum: end,
            changed,
        });
    }

    /// Gives a person a function in a class (2 = class teacher); without a period it holds all year.
    pub(super) fn class_function(
        &mut self,
        person: Person,
        class: i64,
        function: i32,
        period: Option<Period>,
    ) {
        let key = self
            .tables
            .klasfunctiepersoon
            .last()
            .map_or(60_001, |last| last.p_klasfunctiepersoon + 1);
        let changed = self.changed();
        self.tables.klasfunctiepersoon.push(Klasfunctiepersoon {
            p_klasfunctiepersoon: key,
            p_persoon: person.key,
            p_klas: class,
            p_klasfunctie: function,
            begindatum: period.map(|period| period.begin),
            einddatum: period.and_then(|period| period.end),
            changed,
        });
    }

    /// Draws when Informat last changed a row: within the 400 days before the extraction, or, rarely, unknown.
    fn changed(&mut self) -> Option<DateTime<Utc>> {
        let seconds_ago = self.dice.between(60, 400 * 86_400);
        let known = !self.dice.chance(10);
        known.then(|| self.year.extracted_at() - TimeDelta::seconds(i64::from(seconds_ago)))
    }
}
