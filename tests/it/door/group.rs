//! A school group as rows that a test changes, written as a bundle.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Files by name.
pub(super) type Files = BTreeMap<&'static str, String>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) key: usize,
    pub(super) id: usize,
    pub(super) given: String,
    pub(super) family: String,
    pub(super) birth_date: String,
    /// The number of the site where they are pupils; 0 = nowhere.
    pub(super) site: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) key: usize,
    pub(super) id: usize,
    pub(super) year: &'static str,
    pub(super) title: String,
    pub(super) site: usize,
}

/// One school with sites 1, 2, …; people and classes in the order of their keys.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    pub(super) school: String,
    pub(super) sites: Vec<String>,
    pub(super) people: Vec<Person>,
    pub(super) classes: Vec<Class>,
}

/// Letters for a number, so that no two names are alike.
pub(super) fn letters(number: usize) -> String {
    number
        .to_string()
        .bytes()
        .map(|digit| char::from(digit - b'0' + b'a'))
        .collect()
}

impl Group {
    /// Sites of these sizes, with a class for every fifteen people begun.
    pub(super) fn of(sizes: &[usize]) -> Self {
        let mut group = Self {
            school: "De Zandpoort".to_owned(),
            ..Self::default()
        };
        for (site, size) in (1..).zip(sizes) {
            group.sites.push(format!("Site{}", letters(site)));
            for _ in 0..*size {
                let key = group.people.len() + 1;
                group.people.push(Person {
                    key,
                    id: key,
                    given: format!("Given{}", letters(key)),
                    family: format!("Family{}", letters(key)),
                    birth_date: format!(
                        "{}-{:02}-{:02}",
                        1950 + key / 336,
                        1 + key / 28 % 12,
                        1 + key % 28
                    ),
                    site,
                });
            }
            group.add_classes(site, size.div_ceil(15));
        }
        group
    }

    pub(super) fn add_classes(&mut self, site: usize, count: usize) {
        for _ in 0..count {
            let key = self
                .classes
                .iter()
                .map(|class| class.key)
                .max()
                .unwrap_or_default()
                + 1;
            self.classes.push(Class {
                key,
                id: key,
                year: "2026-27",
                title: format!("Klas{}", letters(key)),
                site,
            });
        }
    }

    /// Changes the first so many people.
    pub(super) fn with_people(&self, count: usize, change: impl Fn(&mut Person)) -> Self {
        let mut group = self.clone();
        group.people.iter_mut().take(count).for_each(change);
        group
    }

    /// Changes the first so many classes.
    pub(super) fn with_classes(&self, count: usize, change: impl Fn(&mut Class)) -> Self {
        let mut group = self.clone();
        group.classes.iter_mut().take(count).for_each(change);
        group
    }

    /// The whole state.
    pub(super) fn files(&self) -> Files {
        let mut files = Files::new();
        files.insert(
            "schooljaar.csv",
            "schooljaar,begindatum,einddatum\n2026-27,2026-09-01,2027-06-30\n2027-28,2027-09-01,2028-06-30\n"
                .to_owned(),
        );
        files.insert(
            "school.csv",
            format!("instelnr,school,schoolcode\n001507,{},\n", self.school),
        );
        let mut sites = "instelnr,vestnrdiscimus,hfdstructuur,vestiging,vestcode,actief,changed\n".to_owned();
        for (number, name) in (1..).zip(&self.sites) {
            writeln!(sites, "001507,{number},211,{name},,1,").unwrap();
        }
        files.insert("schoolvest.csv", sites);
        files.insert("persoon.csv", rows(PERSOON, self.people.iter().map(person)));
        files.insert(
            "inschrijving.csv",
            rows(INSCHRIJVING, self.people.iter().filter_map(registration)),
        );
        files.insert("klassen.csv", rows(KLASSEN, self.classes.iter().map(class)));
        files
    }

    /// What differs from here to `after`, as upserts and deletes.
    pub(super) fn delta_to(&self, after: &Self) -> Files {
        let mut files = Files::new();
        let (before_files, after_files) = (self.files(), after.files());
        for name in [
            "persoon.csv",
            "inschrijving.csv",
            "klassen.csv",
            "school.csv",
            "schoolvest.csv",
        ] {
            let (before, after) = (&before_files[name], &after_files[name]);
            let header = before.lines().next().unwrap();
            let key = |line: &str| {
                line.split(',')
                    .take(if name == "schoolvest.csv" { 3 } else { 1 })
                    .collect::<Vec<_>>()
                    .join(",")
            };
            let mut text = format!("{header},verwijderd\n");
            for line in after
                .lines()
                .skip(1)
                .filter(|line| !before.lines().any(|other| other == *line))
            {
                writeln!(text, "{line},").unwrap();
            }
            for line in before
                .lines()
                .skip(1)
                .filter(|line| !after.lines().any(|other| key(other) == key(line)))
            {
                writeln!(text, "{line},1").unwrap();
            }
            files.insert(name, text);
        }
        files
    }
}

const PERSOON: &str = "p_persoon,rowguid,naam,voornaam,geboortedatum,changed";
const INSCHRIJVING: &str =
    "p_inschr,p_persoon,instelnr,vestnrdiscimus,hfdstructuur,schooljaar,begindatum,einddatum,status,changed";
const KLASSEN: &str =
    "p_klas,scoodle_id,instelnr,vestnrdiscimus,hfdstructuur,schooljaar,klascode,klas,groeptype,changed";

fn rows(header: &str, rows: impl Iterator<Item = String>) -> String {
    let mut text = format!("{header}\n");
    for row in rows {
        writeln!(text, "{row}").unwrap();
    }
    text
}

pub(super) fn id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn person(person: &Person) -> String {
    let Person {
        key,
        id: number,
        given,
        family,
        birth_date,
        ..
    } = person;
    format!("{key},{},{family},{given},{birth_date},", id(*number))
}

fn registration(person: &Person) -> Option<String> {
    let Person { key, site, .. } = person;
    (*site > 0).then(|| format!("{key},{key},001507,{site},211,2026-27,2026-09-01,,0,"))
}

fn class(class: &Class) -> String {
    let Class {
        key,
        id: number,
        year,
        title,
        site,
    } = class;
    format!("{key},{},001507,{site},211,{year},K{key},{title},0,", id(*number))
}
