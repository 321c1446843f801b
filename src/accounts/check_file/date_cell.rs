//! Dates as spreadsheets show and save them, in the languages and orders of this country and its neighbours.

use chrono::{Days, NaiveDate};

/// Names of the months, in lower case, with the short forms of Dutch, French, German and English.
const MONTHS: [&[&str]; 12] = [
    &["jan", "januari", "january", "janv", "janvier", "januar"],
    &["feb", "februari", "february", "févr", "fév", "février", "februar"],
    &["mrt", "maart", "mar", "march", "mars", "mär", "märz"],
    &["apr", "april", "avr", "avril"],
    &["mei", "may", "mai"],
    &["jun", "juni", "june", "juin"],
    &["jul", "juli", "july", "juil", "juillet"],
    &["aug", "augustus", "august", "août"],
    &["sep", "sept", "september", "septembre"],
    &["okt", "oct", "oktober", "october", "octobre"],
    &["nov", "november", "novembre"],
    &["dec", "december", "déc", "décembre", "dez", "dezember"],
];

/// A part of a date.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// Its value, and how many digits it is written with.
    Number(u32, usize),
    Month(u32),
}

/// Returns the days that a cell may stand for: a day may stand before or after its month, a year may have two digits.
pub(super) fn days(cell: &str) -> Vec<NaiveDate> {
    let Some((parts, _)) = parts(cell) else {
        return Vec::new();
    };
    let day = |year: &i32, month, day| NaiveDate::from_ymd_opt(*year, month, day);
    match parts[..] {
        [
            Part::Number(year, 4),
            Part::Number(month, _),
            Part::Number(date, _),
        ] => years(year, 4)
            .iter()
            .filter_map(|year| day(year, month, date))
            .collect(),
        [
            Part::Number(first, _),
            Part::Number(second, _),
            Part::Number(year, digits),
        ] => {
            let orders = |year: &i32| [day(year, second, first), day(year, first, second)];
            years(year, digits).iter().flat_map(orders).flatten().collect()
        }
        [
            Part::Number(date, _),
            Part::Month(month),
            Part::Number(year, digits),
        ]
        | [
            Part::Month(month),
            Part::Number(date, _),
            Part::Number(year, digits),
        ] => {
            let years = years(year, digits);
            years.iter().filter_map(|year| day(year, month, date)).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns `true` if a cell reads as a spreadsheet shows a date, a day of a year, a month of a year, or a time.
///
/// Three numbers with full stops between are a date only with a year of four digits; a name of a month counts only beside
/// nothing but numbers.
pub(super) fn is_date(cell: &str) -> bool {
    if is_time(cell.trim()) {
        return true;
    }
    let Some((parts, separator)) = parts(cell) else {
        return false;
    };
    match parts[..] {
        [Part::Number(date, 1 | 2), Part::Month(_)] => (1..=31).contains(&date),
        [Part::Month(_), Part::Number(_, digits)] => matches!(digits, 1 | 2 | 4),
        [Part::Number(first, 1 | 2), Part::Number(second, 1 | 2)] => {
            separator == '/' && (1..=31).contains(&first) && (1..=31).contains(&second)
        }
        [Part::Number(_, digits), Part::Number(..), Part::Number(_, 1 | 2)] if separator == '.' => {
            digits == 4 && !days(cell).is_empty()
        }
        _ => !days(cell).is_empty(),
    }
}

/// Returns the day of a serial number of five digits, as a cell shows a date that lost its form; any time of the day is left
/// off.
pub(super) fn serial(cell: &str) -> Option<NaiveDate> {
    let whole = cell.trim().split(['.', ',']).next()?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let fraction = cell.trim().get(whole.len() + 1..);
    if whole.len() != 5 || !is_number(whole) || !fraction.is_none_or(is_number) {
        return None;
    }
    let number: u64 = whole.parse().ok()?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(number))
}

/// Splits a date into its parts, and returns what separates them. A time of the day after it is left off.
fn parts(cell: &str) -> Option<(Vec<Part>, char)> {
    let cell = cell.trim();
    let cell = match cell.split_once([' ', 'T']) {
        Some((date, time)) if is_time(time) => date,
        Some(_) | None => cell,
    };
    let separator = [' ', '-', '/', '.'].into_iter().find(|separator| {
        let mut parts = cell.split(*separator);
        parts.next().is_some_and(|first| !first.is_empty())
            && parts.next().is_some_and(|next| !next.is_empty())
    })?;
    let parts: Option<Vec<Part>> = cell.split(separator).map(|text| part(text, separator)).collect();
    parts
        .filter(|parts| (2..=3).contains(&parts.len()))
        .map(|parts| (parts, separator))
}

fn part(text: &str, separator: char) -> Option<Part> {
    let text = if separator == '.' {
        text
    } else {
        text.trim_end_matches(['.', ','])
    };
    if !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Part::Number(text.parse().ok()?, text.len()));
    }
    // With full stops it is as likely a name: jan.12.
    let name = text.to_lowercase();
    let month = MONTHS.iter().position(|names| names.contains(&name.as_str()))?;
    (separator != '.').then_some(Part::Month(u32::try_from(month).ok()? + 1))
}

fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    (2..=3).contains(&parts.len())
        && parts.iter().all(|part| {
            let digits = part.trim_end_matches('Z').split('.').next().unwrap_or_default();
            (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
}

fn years(year: u32, digits: usize) -> Vec<i32> {
    let Ok(year) = i32::try_from(year) else {
        return Vec::new();
    };
    match digits {
        4 => vec![year],
        1 | 2 => vec![1900 + year, 2000 + year],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_birth_date_is_read_however_a_spreadsheet_shows_it() {
        for cell in [
            "02/03/2012",
            "2/3/2012",
            "2-3-12",
            "2.3.2012",
            "2012-03-02",
            "2012/3/2",
            "2012-03-02 00:00:00",
            "2012-03-02T00:00:00",
            "2-mrt-12",
            "2 maart 2012",
            "02-Mar-2012",
            "3/2/2012",
            "2 mars 2012",
            "02. März 2012",
            " 2/03/2012 ",
            "March 2, 2012",
        ] {
            assert!(
                days(cell).contains(&day("2012-03-02")),
                "{cell}: {:?}",
                days(cell)
            );
        }
        for cell in [
            "",
            "-",
            "onbekend",
            "2012",
            "31/31/2012",
            "2/3",
            "1/2/3/4",
            "12345678",
            "2/3/123",
        ] {
            assert_eq!(days(cell), [], "{cell}");
        }
        assert_eq!(serial("40970"), Some(day("2012-03-02")));
        assert_eq!(serial(" 40970.5"), Some(day("2012-03-02")));
        for cell in ["409700", "409", "4097a", "40970,", "", "40970.x", "é0970"] {
            assert_eq!(serial(cell), None, "{cell}");
        }
    }

    #[test]
    fn what_reads_as_a_date_is_told_from_a_name() {
        for cell in [
            "1-mei",
            "1-May",
            "01-mai",
            "mei-25",
            "May-25",
            "mei 2025",
            "1/05",
            "1/05/2025",
            "01-05-25",
            "2025-05-01",
            "1.5.2025",
            "1 mei 2025",
            "12:30",
            "2025-05-01 10:00",
            "1-févr.",
            "31-dec-99",
        ] {
            assert!(is_date(cell), "{cell}");
        }
        for cell in [
            "jan.1-mei",
            "mei.li",
            "mei",
            "jan.12",
            "1.mei",
            "12.10.10",
            "1-5",
            "1.5",
            "may-lin",
            "jan-piet",
            "3-b",
            "a-mei",
            "1-mei-x",
            "40-mei",
            "12345",
            "1-2-3-4",
            "mei-123",
            "april.o'neil",
            "1-",
            "-mei",
            "",
        ] {
            assert!(!is_date(cell), "{cell}");
        }
    }
}
