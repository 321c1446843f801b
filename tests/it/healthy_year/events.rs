//! What happens in the year, and when, beside what the generated group does by itself.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use oneroster_generate::{CaseName, SchoolGroup};
use oneroster_school::informat::{Inschrijving, Inschrklas, Klas, Mirror, Persoon};
use uuid::Uuid;

use super::YEAR;

/// Names of people from everywhere, one a line.
const NAMES: &str = include_str!("../../../crates/school/src/text/tests/foreign-names.txt");

/// The next year is not in the export before it is entered.
const NEXT_YEAR_ENTERED: &str = "2055-05-17";
/// The nursery opens a class after the Christmas holidays.
const NURSERY: &str = "2055-01-10";

type Place = (String, i32, String);
type Event = Box<dyn FnOnce(&mut Mirror) + Send>;

/// What is still to come, by day.
pub(super) struct Events(BTreeMap<&'static str, Event>);

impl Events {
    /// Takes a generated group back to the middle of August.
    pub(super) fn prepare(mut group: SchoolGroup) -> (SchoolGroup, Self) {
        let mut events = Self(BTreeMap::new());
        close_unnamed_sites(&mut group);
        let tables = &mut group.tables;
        name_people_from_everywhere(tables);
        events.capitals(tables);
        events.next_year(tables);
        events.provisional_class(tables);
        events.empty_subgroups(tables);
        events.other_name_of_a_site(tables);
        events.nursery(tables);
        (group, events)
    }

    /// Lets happen what happens on a day; returns `true` if that is something.
    pub(super) fn happen(&mut self, day: &str, tables: &mut Mirror) -> bool {
        let event = self.0.remove(day);
        let is_something = event.is_some();
        if let Some(event) = event {
            event(tables);
        }
        is_something
    }

    /// How many have not happened yet.
    pub(super) fn left(&self) -> usize {
        self.0.len()
    }

    fn on(&mut self, day: &'static str, event: impl FnOnce(&mut Mirror) + Send + 'static) {
        let before = self.0.insert(day, Box::new(event));
        assert!(before.is_none(), "{day}");
    }

    /// One school has everybody's names in capitals until March.
    fn capitals(&mut self, tables: &mut Mirror) {
        let school = tables.school[0].instelnr.clone();
        let pupils: BTreeSet<i64> = tables
            .inschrijving
            .iter()
            .filter(|row| row.instelnr == school)
            .map(|row| row.p_persoon)
            .collect();
        let mut correct = BTreeMap::new();
        for person in tables
            .persoon
            .iter_mut()
            .filter(|person| pupils.contains(&person.p_persoon))
        {
            correct.insert(person.p_persoon, (person.voornaam.clone(), person.naam.clone()));
            for name in [&mut person.voornaam, &mut person.naam].into_iter().flatten() {
                *name = name.to_uppercase();
            }
        }
        assert!(correct.len() > 100);
        self.on("2055-03-01", move |tables| {
            for person in &mut tables.persoon {
                if let Some((given, family)) = correct.remove(&person.p_persoon) {
                    (person.voornaam, person.naam) = (given, family);
                }
            }
        });
    }

    fn next_year(&mut self, tables: &mut Mirror) {
        let is_next = |year: &str| year > YEAR;
        let classes = extracted(&mut tables.klassen, |klas| is_next(&klas.schooljaar));
        let registrations = extracted(&mut tables.inschrijving, |row| is_next(&row.schooljaar));
        let in_class: BTreeSet<i64> = classes.iter().map(|klas| klas.p_klas).collect();
        let registered: BTreeSet<i64> = registrations.iter().map(|row| row.p_inschr).collect();
        let members = extracted(&mut tables.inschrklas, |row| {
            in_class.contains(&row.p_klas) || registered.contains(&row.p_inschr)
        });
        let teachers = extracted(&mut tables.klasfunctiepersoon, |row| {
            in_class.contains(&row.p_klas)
        });
        assert!(registrations.len() > 100 && !members.is_empty());
        self.on(NEXT_YEAR_ENTERED, move |tables| {
            tables.klassen.extend(classes);
            tables.inschrijving.extend(registrations);
            tables.inschrklas.extend(members);
            tables.klasfunctiepersoon.extend(teachers);
        });
    }

    /// The first-years of a secondary school are in one class until they are divided on 28 August.
    fn provisional_class(&mut self, tables: &mut Mirror) {
        let first_years: Vec<i64> = {
            let mut of_place: BTreeMap<Place, Vec<i64>> = BTreeMap::new();
            let firsts = tables.klassen.iter().filter(|klas| {
                klas.hfdstructuur == "311" && klas.schooljaar == YEAR && klas.klascode.starts_with("1A")
            });
            for klas in firsts {
                of_place.entry(place_of(klas)).or_default().push(klas.p_klas);
            }
            of_place.into_values().max_by_key(Vec::len).unwrap()
        };
        let classes = extracted(&mut tables.klassen, |klas| first_years.contains(&klas.p_klas));
        let teachers = extracted(&mut tables.klasfunctiepersoon, |row| {
            first_years.contains(&row.p_klas)
        });
        let provisional = Klas {
            klascode: "1VOORLOPIG".to_owned(),
            klas: Some("Eerstejaars, nog te verdelen".to_owned()),
            ..new_class(tables, &place_of(&classes[0]), (0, 1_000_000))
        };
        let p_klas = provisional.p_klas;
        tables.klassen.push(provisional);
        let mut divided = BTreeMap::new();
        for row in tables
            .inschrklas
            .iter_mut()
            .filter(|row| first_years.contains(&row.p_klas))
        {
            divided.insert(row.p_inschrklas, row.p_klas);
            row.p_klas = p_klas;
        }
        assert!(divided.len() > 15);
        self.on("2054-08-28", move |tables| {
            tables.klassen.retain(|klas| klas.p_klas != p_klas);
            tables.klassen.extend(classes);
            tables.klasfunctiepersoon.extend(teachers);
            for row in &mut tables.inschrklas {
                if let Some(class) = divided.get(&row.p_inschrklas) {
                    row.p_klas = *class;
                }
            }
        });
    }

    /// Every school has subgroups that nobody is in, until they are tidied up in October.
    fn empty_subgroups(&mut self, tables: &mut Mirror) {
        let places: BTreeSet<Place> = tables
            .klassen
            .iter()
            .filter(|klas| klas.schooljaar == YEAR)
            .map(place_of)
            .collect();
        let mut empty = BTreeSet::new();
        for place in &places {
            for _ in 0..12 {
                let group = new_class(tables, place, (1, 2_000_000));
                empty.insert(group.p_klas);
                tables.klassen.push(group);
            }
        }
        self.on("2054-10-12", move |tables| {
            tables.klassen.retain(|klas| !empty.contains(&klas.p_klas));
        });
    }

    fn other_name_of_a_site(&mut self, tables: &Mirror) {
        let first = tables
            .klassen
            .iter()
            .find(|klas| klas.schooljaar == YEAR)
            .map(place_of)
            .unwrap();
        self.on("2054-11-16", move |tables| {
            let rows = tables.schoolvest.iter_mut();
            for row in rows.filter(|row| (&row.instelnr, row.vestnrdiscimus) == (&first.0, first.1)) {
                row.vestiging = "Campus Sint-Jozef, Grote Markt".to_owned();
            }
        });
    }

    /// Ten toddlers begin on an entry date, in a class of their own, with some of the youngest.
    fn nursery(&mut self, tables: &Mirror) {
        let youngest = tables.klassen.iter().find(|klas| {
            klas.hfdstructuur == "111" && klas.schooljaar == YEAR && klas.klascode.starts_with("K1")
        });
        let youngest = youngest.unwrap().clone();
        self.on(NURSERY, move |tables| {
            let first_day: NaiveDate = NURSERY.parse().unwrap();
            let opened = Klas {
                klascode: "K0".to_owned(),
                klas: Some("Instappers".to_owned()),
                ..new_class(tables, &place_of(&youngest), (0, 3_000_000))
            };
            let (class, place) = (opened.p_klas, place_of(&opened));
            tables.klassen.push(opened);
            let mut moved = Vec::new();
            for row in &mut tables.inschrklas {
                if row.p_klas == youngest.p_klas && row.totdatum.is_none() && moved.len() < 5 {
                    row.totdatum = first_day.pred_opt();
                    moved.push(row.p_inschr);
                }
            }
            for name in NAMES.lines().take(10) {
                let p_inschr = toddler(tables, name, &place, first_day);
                moved.push(p_inschr);
            }
            // Far from the keys of the next year, which is hidden.
            for (p_inschr, p_inschrklas) in moved.into_iter().zip(3_000_000..) {
                tables.inschrklas.push(Inschrklas {
                    p_inschrklas,
                    p_inschr,
                    p_klas: class,
                    vandatum: first_day,
                    totdatum: None,
                    changed: None,
                });
            }
        });
    }
}

/// Takes the rows out that meet a condition.
fn extracted<T>(rows: &mut Vec<T>, is_taken: impl Fn(&T) -> bool) -> Vec<T> {
    let (taken, left) = std::mem::take(rows).into_iter().partition(|row| is_taken(row));
    *rows = left;
    taken
}

fn place_of(klas: &Klas) -> Place {
    (
        klas.instelnr.clone(),
        klas.vestnrdiscimus,
        klas.hfdstructuur.clone(),
    )
}

/// A class or subgroup of the year; `first_key` keeps what was made for different events apart.
fn new_class(
    tables: &Mirror,
    (instelnr, vestnrdiscimus, hfdstructuur): &Place,
    (groeptype, first_key): (i32, i64),
) -> Klas {
    let p_klas = first_key + i64::try_from(tables.klassen.len()).unwrap();
    Klas {
        p_klas,
        scoodle_id: Uuid::from_u128(0x5EED << 64 | u128::from(p_klas.unsigned_abs())),
        instelnr: instelnr.clone(),
        vestnrdiscimus: *vestnrdiscimus,
        hfdstructuur: hfdstructuur.clone(),
        schooljaar: YEAR.to_owned(),
        klascode: format!("G{p_klas}"),
        klas: None,
        groeptype,
        changed: None,
    }
}

/// Registers a child from a day on; returns the key of the registration.
fn toddler(tables: &mut Mirror, name: &str, place: &Place, first_day: NaiveDate) -> i64 {
    let p_persoon = 1_000_000 + i64::try_from(tables.persoon.len()).unwrap();
    tables.persoon.push(Persoon {
        p_persoon,
        rowguid: Uuid::from_u128(0x5EED << 64 | u128::from(p_persoon.unsigned_abs())),
        naam: Some(name.to_owned()),
        voornaam: Some("Zoë".to_owned()),
        geboortedatum: "2052-07-01".parse().ok(),
        changed: None,
    });
    tables.inschrijving.push(Inschrijving {
        p_inschr: p_persoon,
        p_persoon,
        instelnr: place.0.clone(),
        vestnrdiscimus: place.1,
        hfdstructuur: place.2.clone(),
        schooljaar: YEAR.to_owned(),
        begindatum: first_day,
        einddatum: None,
        status: 0,
        changed: None,
    });
    p_persoon
}

/// The generated group has a site in use that no entry of the tenant file names, which is remarked on: here it is closed.
fn close_unnamed_sites(group: &mut SchoolGroup) {
    let unnamed = group.case(CaseName::UnnamedSite).to_vec();
    for row in &mut group.tables.schoolvest {
        let org = format!("{}-{}", row.instelnr, row.vestnrdiscimus);
        row.actief &= !unnamed.contains(&org);
    }
}

/// Gives every other pupil a family name of the list, in its order.
fn name_people_from_everywhere(tables: &mut Mirror) {
    let names: Vec<&str> = NAMES.lines().filter(|name| !name.is_empty()).collect();
    assert!(names.len() > 200);
    let registered: BTreeSet<i64> = tables
        .inschrijving
        .iter()
        .filter(|row| row.schooljaar == YEAR)
        .map(|row| row.p_persoon)
        .collect();
    let pupils = tables
        .persoon
        .iter_mut()
        .filter(|person| registered.contains(&person.p_persoon) && person.naam.is_some());
    for (person, name) in pupils.step_by(2).zip(names) {
        person.naam = Some(name.to_owned());
    }
}
