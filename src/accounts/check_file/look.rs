//! What people look at in a row: the names and the birth date beside the id. They tell whose row it was.

use chrono::NaiveDate;
use oneroster_school::projection::Person;
use oneroster_school::username::{Record, comparable};

use super::date_cell::{days, serial};
use super::row::CheckRow;

/// A cell that belongs to somebody else than the id of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stranger<'r> {
    /// The index of its column.
    pub(super) column: usize,
    /// What it says.
    pub(super) value: &'r str,
}

/// Finds the first of names and birth date in a row that is not that of the person of the id; `person` is what Informat says
/// of them now, the record what it said last.
///
/// An empty cell is not judged, nor is a missing column, what Informat does not know, or a cell that cannot be read any more.
pub(super) fn stranger<'r>(
    row: &'r CheckRow,
    person: Option<&Person>,
    record: &Record,
) -> Option<Stranger<'r>> {
    let gone = record.identity.as_ref();
    let (given_name, family_name, birth_date) = match person {
        Some(person) => (
            person.given_name.as_deref(),
            person.family_name.as_deref(),
            person.birth_date,
        ),
        None => (
            gone.map(|identity| identity.given_name.as_str()),
            gone.map(|identity| identity.family_name.as_str()),
            gone.and_then(|identity| identity.birth_date),
        ),
    };
    let is_other = [
        (
            3,
            row.given_name.as_str(),
            is_other_name(&row.given_name, given_name),
        ),
        (
            4,
            row.family_name.as_str(),
            is_other_name(&row.family_name, family_name),
        ),
        (
            5,
            row.birth_date.as_str(),
            is_other_day(&row.birth_date, birth_date),
        ),
    ];
    let found = is_other.into_iter().find(|(_, _, is_other)| *is_other);
    found.map(|(column, value, _)| Stranger { column, value })
}

fn is_other_name(cell: &str, name: Option<&str>) -> bool {
    // A spreadsheet that saves without Unicode writes ? for the letters that it cannot.
    let is_damaged = cell.contains(['?', '\u{fffd}']);
    let says_something = |text: &str| text.chars().any(char::is_alphanumeric);
    name.is_some_and(|name| {
        !is_damaged && says_something(cell) && says_something(name) && comparable(cell) != comparable(name)
    })
}

fn is_other_day(cell: &str, birth_date: Option<NaiveDate>) -> bool {
    let Some(birth_date) = birth_date else {
        return false;
    };
    let mut read = days(cell);
    read.extend(serial(cell));
    !read.is_empty() && !read.contains(&birth_date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_one_name_are_one() {
        for (cell, name) in [
            ("O’Neill", "O'Neill"),
            ("Jose\u{301}", "José"),
            ("JOSÉ", "josé"),
            ("Van den  Broeck", "van den broeck"),
            ("Nguy?n", "Nguyễn"),
            ("", "Jan"),
            ("-", "Jan"),
            ("Jan", "-"),
            ("محمد", "محمد"),
        ] {
            assert!(!is_other_name(cell, Some(name)), "{cell} {name}");
        }
        assert!(!is_other_name("Jan", None));
        for (cell, name) in [("Jan", "Piet"), ("Peeters", "Peeters-Maes"), ("محمد", "علي")] {
            assert!(is_other_name(cell, Some(name)), "{cell} {name}");
        }
    }

    #[test]
    fn a_birth_date_that_cannot_be_read_or_is_not_known_is_not_judged() {
        let born = NaiveDate::from_ymd_opt(2012, 3, 2);
        for cell in [
            "",
            "?",
            "2012",
            "02/03/2012",
            "3/2/2012",
            "2/3/12",
            "40970",
            "2-mrt-12",
        ] {
            assert!(!is_other_day(cell, born), "{cell}");
        }
        for cell in ["02/03/2013", "2/4/2012", "40971", "2-mei-12"] {
            assert!(is_other_day(cell, born), "{cell}");
            assert!(!is_other_day(cell, None), "{cell}");
        }
    }
}
