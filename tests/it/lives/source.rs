//! Informat, as far as usernames go: people and registrations at one site, exported as a bundle or taken as a mirror.

use std::path::Path;

use chrono::{Days, NaiveDate};
use oneroster_school::informat::{Inschrijving, Mirror, Persoon, Schooljaar, Schoolvest};
use uuid::Uuid;

use super::step::{NAMES, Step};

/// The school years, with the days on which they begin and end.
pub(super) const YEARS: [(&str, &str, &str); 2] = [
    ("2054-55", "2054-09-01", "2055-06-30"),
    ("2055-56", "2055-09-01", "2056-06-30"),
];

/// A person's row, with what they have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) key: i64,
    pub(super) id: Uuid,
    pub(super) given: String,
    pub(super) family: String,
    pub(super) born: Option<NaiveDate>,
    /// The first and the last day of the registration; `None` without one.
    period: Option<(NaiveDate, Option<NaiveDate>)>,
    /// Whether the row is in Informat.
    pub(super) is_there: bool,
}

impl Row {
    /// Whether they are registered on a day of a year, or later.
    pub(super) fn counts(&self, reference_date: NaiveDate) -> bool {
        let ends_later = |end: Option<NaiveDate>| end.is_none_or(|end| end >= reference_date);
        self.is_there && self.period.is_some_and(|(_, end)| ends_later(end))
    }

    /// Whether names and birth date are known and equal, whichever name is which.
    pub(super) fn is_same_person(&self, other: &Self) -> bool {
        self.born.is_some() && self.born == other.born && self.names() == other.names()
    }

    /// Whether names and birth date are known, and both differ.
    pub(super) fn is_somebody_else(&self, other: &Self) -> bool {
        self.born.is_some()
            && other.born.is_some()
            && self.born != other.born
            && self.names() != other.names()
    }

    fn names(&self) -> [String; 2] {
        let mut names = [self.given.to_lowercase(), self.family.to_lowercase()];
        names.sort();
        names
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Source {
    rows: Vec<Row>,
    is_damaged: bool,
    people: u128,
}

impl Source {
    /// Takes a step that is Informat's; other steps change nothing.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all other steps are not Informat's"
    )]
    pub(super) fn take(&mut self, step: &Step, today: NaiveDate) {
        let count = self.rows.len();
        let place = |who: usize| who % count.max(1);
        match *step {
            Step::Damage { on } => self.is_damaged = on,
            Step::Join { name, born, is_later } => {
                let from = if is_later {
                    today + Days::new(30)
                } else {
                    first_day()
                };
                self.add(name, day(born), Some((from, None)));
            }
            Step::Renumber => {
                let highest = self.rows.iter().map(|row| row.key).max().unwrap_or_default();
                for row in &mut self.rows {
                    row.key = highest + 2 - row.key;
                }
            }
            _ if count == 0 => {}
            Step::Twin { who } => {
                let row = self.rows[place(who)].clone();
                let id = self.new_id();
                self.rows.push(Row {
                    key: self.new_key(),
                    id,
                    period: None,
                    is_there: true,
                    ..row
                });
            }
            Step::Leave { who } => {
                let row = &mut self.rows[place(who)];
                row.period = row.period.map(|(from, _)| {
                    let yesterday = today - Days::new(1);
                    (from.min(yesterday), Some(yesterday))
                });
            }
            Step::Drop { who } => self.rows[place(who)].is_there = false,
            Step::Return { who } => self.come_back(place(who)),
            Step::Rename { who, name } => {
                let (given, family) = NAMES[name];
                let row = &mut self.rows[place(who)];
                (row.given, row.family) = (given.to_owned(), family.to_owned());
            }
            Step::Born { who, born } => self.rows[place(who)].born = day(born),
            Step::Rekey { who } if self.rows[place(who)].is_there => {
                let id = self.new_id();
                let old = &mut self.rows[place(who)];
                old.is_there = false;
                let new = Row {
                    id,
                    is_there: true,
                    ..old.clone()
                };
                self.rows.push(new);
            }
            Step::Merge {
                lost,
                survivor,
                is_dropped,
            } if place(lost) != place(survivor) => {
                let period = self.rows[place(lost)].period.take();
                self.rows[place(lost)].is_there &= !is_dropped;
                let survivor = &mut self.rows[place(survivor)];
                survivor.period = period.or(survivor.period);
            }
            _ => {}
        }
    }

    fn add(&mut self, name: usize, born: Option<NaiveDate>, period: Option<(NaiveDate, Option<NaiveDate>)>) {
        let (given, family) = NAMES[name];
        let (key, id) = (self.new_key(), self.new_id());
        self.rows.push(Row {
            key,
            id,
            given: given.to_owned(),
            family: family.to_owned(),
            born,
            period,
            is_there: true,
        });
    }

    /// Whoever is there again has a number of their own, whoever has the one they had.
    fn come_back(&mut self, place: usize) {
        let key = self.rows[place].key;
        let taken = self.rows.iter().enumerate();
        let is_taken = taken
            .filter(|(other, row)| *other != place && row.is_there)
            .any(|(_, row)| row.key == key);
        let new_key = self.new_key();
        let row = &mut self.rows[place];
        if is_taken {
            row.key = new_key;
        }
        row.is_there = true;
        row.period = Some((first_day(), None));
    }

    fn new_key(&self) -> i64 {
        self.rows.iter().map(|row| row.key).max().unwrap_or_default() + 1
    }

    fn new_id(&mut self) -> Uuid {
        self.people += 1;
        Uuid::from_u128(self.people)
    }

    /// The rows as a bundle has them, by key.
    pub(super) fn rows(&self) -> Vec<Row> {
        let mut rows: Vec<Row> = self.rows.iter().filter(|row| row.is_there).cloned().collect();
        rows.sort_by_key(|row| row.key);
        if self.is_damaged {
            for row in &mut rows {
                row.given = encoded_twice(&row.given);
                row.family = encoded_twice(&row.family);
            }
        }
        rows
    }
}

/// The text written in UTF-8, read as Latin-1.
fn encoded_twice(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

fn first_day() -> NaiveDate {
    YEARS[0].1.parse().unwrap()
}

fn day(born: Option<u32>) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2042, 3, born?)
}

/// A registration of a row in each year that it reaches into: number, year, first and last day.
fn registrations(rows: &[Row]) -> Vec<(i64, i64, &'static str, NaiveDate, Option<NaiveDate>)> {
    let mut registrations = Vec::new();
    for row in rows {
        let Some((from, until)) = row.period else { continue };
        for (year, begin, end) in YEARS {
            let (begin, end): (NaiveDate, NaiveDate) = (begin.parse().unwrap(), end.parse().unwrap());
            let first = from.max(begin);
            if first <= end && until.is_none_or(|until| until >= first) {
                let number = i64::try_from(registrations.len()).unwrap() + 1;
                registrations.push((number, row.key, year, first, until.filter(|until| *until <= end)));
            }
        }
    }
    registrations
}

/// The mirror after a bundle of these rows was loaded.
pub(super) fn mirror(rows: &[Row]) -> Mirror {
    let text = |text: &String| Some(text.clone());
    Mirror {
        schooljaar: YEARS
            .map(|(year, begin, end)| Schooljaar {
                schooljaar: year.to_owned(),
                begindatum: begin.parse().unwrap(),
                einddatum: end.parse().unwrap(),
            })
            .to_vec(),
        schoolvest: vec![Schoolvest {
            instelnr: "001507".to_owned(),
            vestnrdiscimus: 1,
            hfdstructuur: "311".to_owned(),
            vestiging: "Markt".to_owned(),
            vestcode: None,
            actief: true,
            changed: None,
        }],
        persoon: rows
            .iter()
            .map(|row| Persoon {
                p_persoon: row.key,
                rowguid: row.id,
                naam: text(&row.family),
                voornaam: text(&row.given),
                geboortedatum: row.born,
                changed: None,
            })
            .collect(),
        inschrijving: registrations(rows)
            .into_iter()
            .map(
                |(p_inschr, p_persoon, year, begindatum, einddatum)| Inschrijving {
                    p_inschr,
                    p_persoon,
                    instelnr: "001507".to_owned(),
                    vestnrdiscimus: 1,
                    hfdstructuur: "311".to_owned(),
                    schooljaar: year.to_owned(),
                    begindatum,
                    einddatum,
                    status: 0,
                    changed: None,
                },
            )
            .collect(),
        ..Mirror::default()
    }
}

/// Writes a bundle of these rows.
pub(super) fn export(rows: &[Row], folder: &Path) {
    let optional = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let years = YEARS.map(|(year, begin, end)| format!("{year},{begin},{end}\n"));
    let people = rows.iter().map(|row| {
        let Row {
            key,
            id,
            given,
            family,
            ..
        } = row;
        format!("{key},{id},{family},{given},{},\n", optional(row.born))
    });
    let registrations = registrations(rows);
    let registrations = registrations.iter().map(|(number, key, year, begin, end)| {
        format!(
            "{number},{key},001507,1,311,{year},{begin},{},0,\n",
            optional(*end)
        )
    });
    for (file, header, lines) in [
        ("schooljaar", "schooljaar,begindatum,einddatum", years.concat()),
        (
            "school",
            "instelnr,school,schoolcode",
            "001507,Zandpoort,\n".to_owned(),
        ),
        (
            "schoolvest",
            "instelnr,vestnrdiscimus,hfdstructuur,vestiging,vestcode,actief,changed",
            "001507,1,311,Markt,,1,\n".to_owned(),
        ),
        (
            "persoon",
            "p_persoon,rowguid,naam,voornaam,geboortedatum,changed",
            people.collect(),
        ),
        (
            "inschrijving",
            "p_inschr,p_persoon,instelnr,vestnrdiscimus,hfdstructuur,schooljaar,begindatum,einddatum,status,changed",
            registrations.collect(),
        ),
    ] {
        std::fs::write(folder.join(format!("{file}.csv")), format!("{header}\n{lines}")).unwrap();
    }
}
