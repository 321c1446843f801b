//! Subgroups, which pupils are in beside their class.

use std::collections::BTreeMap;

use super::classes::{Class, Grade};
use super::records::{NewClass, Period, Records, SiteStructure};

/// Subgroups of one year of study, of which a pupil is in one.
#[derive(Debug)]
pub(super) struct GroupSet {
    pub(super) period: Period,
    /// One pupil of this many takes part.
    every: u32,
    pub(super) keys: Vec<i64>,
}

impl GroupSet {
    /// Returns the group of the pupil with this number within the year of study.
    pub(super) fn of(&self, number: u32) -> Option<i64> {
        let turn = number
            .is_multiple_of(self.every)
            .then(|| usize::try_from(number / self.every).ok())??;
        self.keys.get(turn.checked_rem(self.keys.len())?).copied()
    }
}

/// The subgroups of every site's years of study.
pub(super) type Groups = BTreeMap<(SiteStructure, Grade), Vec<GroupSet>>;

/// Makes the subgroups: mathematics by hours from the third secondary year, seminars per semester from the fifth,
/// a choir in the upper primary years.
pub(super) fn make(records: &mut Records, classes: &[Class]) -> Groups {
    let mut totals: BTreeMap<(SiteStructure, Grade), u32> = BTreeMap::new();
    for class in classes {
        *totals.entry((class.place.clone(), class.grade)).or_default() += class.size;
    }
    let year = records.year;
    let whole = Period::from(year.begin());
    let first_half = Period::until(year.begin(), year.day(1, 31));
    let second_half = Period::from(year.day(2, 1));
    let mut groups = Groups::new();
    for ((place, grade), pupils) in totals {
        let year = grade.year;
        let mut sets = Vec::new();
        let mut set = |period, every: u32, code: &dyn Fn(u32) -> (String, String)| {
            let count = (pupils / every).div_ceil(24).max(1);
            let keys = (0..count)
                .map(|index| group(records, &place, code(index)))
                .collect();
            sets.push(GroupSet { period, every, keys });
        };
        if grade.hfdstructuur == "311" && year >= 3 {
            set(whole, 1, &|index| mathematics(year, index));
        }
        if grade.hfdstructuur == "311" && year >= 5 {
            let seminar = |half: u32| {
                move |index: u32| {
                    let number = index + 1;
                    (
                        format!("{year}SEM{half}-{number}"),
                        format!("{year} Seminarie {number} (semester {half})"),
                    )
                }
            };
            set(first_half, 1, &seminar(1));
            set(second_half, 1, &seminar(2));
        }
        if grade.hfdstructuur == "211" && year >= 4 {
            set(whole, 3, &|index| {
                (
                    format!("{year}KOOR{}", index + 1),
                    format!("Koor {year}de leerjaar {}", index + 1),
                )
            });
        }
        if !sets.is_empty() {
            groups.insert((place, grade), sets);
        }
    }
    groups
}

/// Returns code and title of a mathematics group: `6WIS8`, `6WIS6`, `6WIS4`, `6WIS8-2`, …
fn mathematics(year: u32, index: u32) -> (String, String) {
    let (hours, round) = (8 - index % 3 * 2, index / 3);
    let code = if round == 0 {
        format!("{year}WIS{hours}")
    } else {
        format!("{year}WIS{hours}-{}", round + 1)
    };
    let title = format!("{code} wiskunde {hours} uur");
    (code, title)
}

fn group(records: &mut Records, place: &SiteStructure, (code, title): (String, String)) -> i64 {
    let year = records.year;
    records.class(NewClass {
        place,
        year,
        code,
        title: Some(title),
        group_type: 1,
    })
}
