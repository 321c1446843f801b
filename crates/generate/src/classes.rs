//! Classes of about twenty pupils.

use std::collections::BTreeMap;

use super::records::{NewClass, Records, SiteStructure};
use super::schools::{Level, Listing, School};
use super::year::SchoolYear;
use super::{CaseName, SPECIAL_PUPILS_MIN};

/// A year of study within a main structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Grade {
    pub(super) hfdstructuur: &'static str,
    pub(super) year: u32,
}

impl Grade {
    /// Returns the years of study that a structure has.
    fn years(hfdstructuur: &str) -> u32 {
        match hfdstructuur {
            "111" => 3,
            "312" => 1,
            _ => 6,
        }
    }

    /// Returns the year of study `step` later (or earlier), if the structure has it.
    pub(super) fn moved(self, step: i32) -> Option<Self> {
        let year = self.year.checked_add_signed(step)?;
        (1..=Self::years(self.hfdstructuur))
            .contains(&year)
            .then_some(Self { year, ..self })
    }

    /// Returns the calendar year in which pupils of the right age were born.
    pub(super) fn birth_year(self, school_year: SchoolYear) -> i32 {
        let age_at_first_year = match self.hfdstructuur {
            "111" => 3,
            "211" => 6,
            "311" => 12,
            _ => 16,
        };
        school_year.first() - age_at_first_year - i32::try_from(self.year).unwrap_or(1) + 1
    }

    /// Returns the code of class number `index` of `count` of this year of study, counted from 0.
    pub(super) fn code(self, index: u32, count: u32) -> String {
        let letter = |first: u8| {
            let offset = u8::try_from(index % 26).unwrap_or_default();
            let round = index / 26;
            let letter = char::from(first + offset);
            if round == 0 {
                letter.to_string()
            } else {
                format!("{letter}{round}")
            }
        };
        let year = self.year;
        match (self.hfdstructuur, year) {
            ("111", _) if count == 1 => format!("K{year}"),
            ("111", _) => format!("K{year}{}", letter(b'A')),
            ("211", _) => format!("{year}{}", letter(b'A')),
            ("312", _) => format!("DBSO{}", index + 1),
            (_, 6) => format!("6{}", letter(b'a')),
            (_, 1 | 2) => format!("{year}A{}", index + 1),
            _ => {
                let programme = match index % 4 {
                    0 => "EWE",
                    1 => "LAT",
                    2 => "MT",
                    _ => "STW",
                };
                format!("{year}{programme}{}", index / 4 + 1)
            }
        }
    }
}

/// A class of the active year, as it is planned.
#[derive(Debug, Clone)]
pub(super) struct Class {
    pub(super) key: i64,
    pub(super) place: SiteStructure,
    pub(super) grade: Grade,
    pub(super) listing: Listing,
    pub(super) size: u32,
}

/// A year of study at a site.
#[derive(Clone)]
struct Cell {
    place: SiteStructure,
    grade: Grade,
    listing: Listing,
}

/// Makes the classes for `pupils` pupils, about twenty in each, with their rows.
pub(super) fn make(records: &mut Records, schools: &[School], pupils: u32) -> Vec<Class> {
    let excluded = (pupils / 100).min(25);
    let unnamed = (pupils / 200).min(15);
    let regular = pupils - excluded - unnamed;
    let count = if regular == 0 {
        0
    } else {
        ((regular + 10) / 20).max(1)
    };
    let basic = (count * 58 + 50) / 100;
    let mut plan = deal(
        schools,
        Level::Basic,
        basic,
        &[(0, 0, "211", 3), (0, 0, "211", 3), (0, 1, "211", 3)],
    );
    // Two classes of one year for who changes class, both structures of one site for who changes programme.
    let first = [
        (0, 0, "311", 5),
        (1, 0, "311", 5),
        (1, 0, "312", 1),
        (0, 1, "311", 5),
        (0, 0, "311", 5),
    ];
    plan.extend(deal(schools, Level::Secondary, count - basic, &first));
    let sizes = sizes(records, regular, count);
    let mut sizes = sizes.into_iter();
    let mut classes = Vec::new();
    for (cell, count) in plan {
        for index in 0..count {
            classes.push(add(
                records,
                &cell,
                (index, count),
                sizes.next().unwrap_or_default(),
            ));
        }
    }
    for (listing, size) in [(Listing::Excluded, excluded), (Listing::Unnamed, unnamed)] {
        if let Some(cell) = cells(schools, |_, site| site == listing)
            .into_iter()
            .next()
            .filter(|_| size > 0)
        {
            classes.push(add(records, &cell, (0, 1), size));
        }
    }
    if let Some(class) = classes.first().filter(|_| pupils >= SPECIAL_PUPILS_MIN) {
        let (place, year) = (class.place.clone(), records.year);
        let new = NewClass {
            place: &place,
            year,
            code: "RES".to_owned(),
            title: None,
            group_type: 0,
        };
        records.class(new);
        note_last_class(records, CaseName::EmptyClass);
    }
    classes
}

/// Notes the class added last as a special case, by the id it has in the outside world.
fn note_last_class(records: &mut Records, case: CaseName) {
    if let Some(id) = records.tables.klassen.last().map(|class| class.scoodle_id) {
        records.case(case, &id);
    }
}

/// Deals `count` classes to the years of study of a level: `first` in its order, then to all in turn.
///
/// `first` names school and site by their place in the list, then structure and year.
fn deal(
    schools: &[School],
    level: Level,
    count: u32,
    first: &[(usize, usize, &str, u32)],
) -> Vec<(Cell, u32)> {
    let published = |listing| matches!(listing, Listing::Released | Listing::Unreleased);
    let all = cells(schools, |of, listing| of == level && published(listing));
    let of_level: Vec<&School> = schools.iter().filter(|school| school.level == level).collect();
    let named = first.iter().filter_map(|(school, site, structure, year)| {
        let school = of_level.get(*school)?;
        let place = school.place(school.sites.get(*site)?, structure_of(structure));
        all.iter()
            .find(|cell| cell.place == place && cell.grade.year == *year)
    });
    let mut dealt: BTreeMap<(SiteStructure, Grade), (Cell, u32)> = BTreeMap::new();
    for cell in named
        .chain(all.iter().cycle())
        .take(usize::try_from(count).unwrap_or_default())
    {
        dealt
            .entry((cell.place.clone(), cell.grade))
            .or_insert_with(|| (cell.clone(), 0))
            .1 += 1;
    }
    dealt.into_values().collect()
}

fn structure_of(code: &str) -> &'static str {
    ["111", "211", "311"]
        .into_iter()
        .find(|known| *known == code)
        .unwrap_or("312")
}

/// Returns the years of study of the sites that `wanted` accepts, the first years of all sites first.
fn cells(schools: &[School], wanted: impl Fn(Level, Listing) -> bool) -> Vec<Cell> {
    let mut cells = Vec::new();
    for school in schools {
        for site in school
            .sites
            .iter()
            .filter(|site| wanted(school.level, site.listing))
        {
            for structure in &site.structures {
                let place = school.place(site, structure);
                cells.extend((1..=Grade::years(structure)).map(|year| Cell {
                    place: place.clone(),
                    grade: Grade {
                        hfdstructuur: structure,
                        year,
                    },
                    listing: site.listing,
                }));
            }
        }
    }
    cells.sort_by_key(|cell| cell.grade.year);
    cells
}

/// Spreads `pupils` over `count` classes, as evenly as chance would.
fn sizes(records: &mut Records, pupils: u32, count: u32) -> Vec<u32> {
    let (Some(base), Some(rest)) = (pupils.checked_div(count), pupils.checked_rem(count)) else {
        return Vec::new();
    };
    let mut sizes: Vec<u32> = (0..count).map(|index| base + u32::from(index < rest)).collect();
    for pair in sizes.chunks_exact_mut(2) {
        if let [one, other] = pair {
            let moved = records.dice.below(4).min(other.saturating_sub(10));
            *one += moved;
            *other -= moved;
        }
    }
    sizes
}

fn add(records: &mut Records, cell: &Cell, (index, count): (u32, u32), size: u32) -> Class {
    let Cell {
        place,
        grade,
        listing,
    } = cell.clone();
    let code = grade.code(index, count);
    let title = match grade.hfdstructuur {
        // Some classes have no name of their own: their code stands in for it.
        _ if records.dice.chance(60) => None,
        "111" => Some(format!("Kleuters {}", code.trim_start_matches('K'))),
        "211" => Some(format!("Leerjaar {code}")),
        _ => Some(code.clone()),
    };
    let year = records.year;
    let key = records.class(NewClass {
        place: &place,
        year,
        code,
        title,
        group_type: 0,
    });
    Class {
        key,
        place,
        grade,
        listing,
        size,
    }
}
