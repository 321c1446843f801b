//! Cells that a spreadsheet made of something else, so that nobody meant them as a username.

use super::date_cell::{is_date, serial};

/// Errors of formulas that do not end with `!` or `?`, in lower case.
const ERRORS: [&str; 4] = ["#n/a", "#n/b", "#nv", "#getting_data"];

/// What a spreadsheet shows for a truth value; a name is hardly written so.
const TRUTHS: [&str; 8] = [
    "TRUE", "FALSE", "WAAR", "ONWAAR", "VRAI", "FAUX", "WAHR", "FALSCH",
];

/// Serial numbers that dates have from 1954 to 2064.
const SERIALS: std::ops::RangeInclusive<u32> = 20_000..=60_000;

/// What a whole cell is, other than a username.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SpreadsheetValue {
    /// The error of a formula, or the sign that a column is too narrow.
    Error,
    /// A long number, shown with an exponent.
    Exponent,
    /// A date or a time.
    Date,
    /// The number that stands for a date.
    SerialNumber,
    /// True or false.
    Truth,
}

impl SpreadsheetValue {
    /// Finds out what a whole cell is; `None` for anything that may be meant as a username.
    pub(super) fn of(cell: &str) -> Option<Self> {
        let cell = cell.trim();
        if is_error(cell) {
            Some(Self::Error)
        } else if has_exponent(cell) {
            Some(Self::Exponent)
        } else if is_date(cell) {
            Some(Self::Date)
        } else if is_serial(cell) {
            Some(Self::SerialNumber)
        } else if TRUTHS.contains(&cell) {
            Some(Self::Truth)
        } else {
            None
        }
    }

    /// Says what it is and what to do.
    pub(super) fn message(self) -> String {
        let what = match self {
            Self::Error => "the error of a spreadsheet's formula",
            Self::Exponent => "a long number as a spreadsheet shows it",
            Self::Date => "a date that a spreadsheet made",
            Self::SerialNumber => "the number by which a spreadsheet keeps a date",
            Self::Truth => "a truth value of a spreadsheet",
        };
        format!(
            "is {what}, no username: format the column as text and type the name again. A name that really reads so is given \
             with `oneroster usernames set`"
        )
    }
}

fn is_error(cell: &str) -> bool {
    let Some(rest) = cell.strip_prefix('#') else {
        let code = cell.strip_prefix("Err:").or_else(|| cell.strip_prefix("Fout:"));
        return code.is_some_and(|code| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit()));
    };
    let word = rest.trim_end_matches(['!', '?']);
    let is_shouted = !word.is_empty()
        && word
            .chars()
            .all(|letter| letter.is_uppercase() || letter.is_ascii_digit() || "/_".contains(letter));
    ERRORS.contains(&cell.to_lowercase().as_str())
        || is_shouted && word.len() < rest.len()
        || cell.len() > 2 && cell.bytes().all(|byte| byte == b'#')
}

/// Returns `true` for `1.2E11` or `1,2E+11`: digits with a fraction or a signed exponent.
fn has_exponent(cell: &str) -> bool {
    let Some((number, exponent)) = cell.split_once(['E', 'e']) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.strip_prefix(['+', '-']).unwrap_or(number);
    let unsigned = exponent.strip_prefix(['+', '-']);
    let (whole, fraction) = number
        .split_once(['.', ','])
        .map_or((number, None), |(a, b)| (a, Some(b)));
    digits(whole)
        && fraction.is_none_or(digits)
        && digits(unsigned.unwrap_or(exponent))
        && (fraction.is_some() || unsigned.is_some())
}

fn is_serial(cell: &str) -> bool {
    let whole = cell.split(['.', ',']).next().unwrap_or_default();
    serial(cell).is_some() && whole.parse().is_ok_and(|number| SERIALS.contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_made_is_told_from_a_username() {
        use SpreadsheetValue::{Date, Error, Exponent, SerialNumber, Truth};
        for (kind, cells) in [
            (
                Error,
                &[
                    "#REF!",
                    "#N/A",
                    "#NAAM?",
                    "#NAME?",
                    "#WAARDE!",
                    "#DEEL/0!",
                    "#N/B",
                    "#VERW!",
                    "#GETAL!",
                    "#NV",
                    "#####",
                    "Err:502",
                    "#n/a",
                    "#OVERLOOP!",
                ][..],
            ),
            (
                Exponent,
                &["1.2E11", "1,2E+11", "1E+11", "-2e-05", "1.23456789e11"],
            ),
            (Date, &["1-mei", "1-May", "01/05/2025", "12:30"]),
            (SerialNumber, &["45123", "45123.5", "45123,75", "20000"]),
            (Truth, &["WAAR", "FALSE"]),
        ] {
            for cell in cells {
                assert_eq!(SpreadsheetValue::of(cell), Some(kind), "{cell}");
            }
        }
        for name in [
            "jan.1-mei",
            "jan.janssens",
            "#jan",
            "#jan!",
            "#1",
            "##",
            "1e5",
            "1E11",
            "e5",
            "5e",
            "12345",
            "451234",
            "20240117",
            "0123",
            "1.5",
            "waar",
            "True",
            "ref!",
            "jan#REF!",
            "1.2E",
            "E+11",
            "o'neill",
            "60001",
            "",
        ] {
            assert_eq!(SpreadsheetValue::of(name), None, "{name}");
        }
    }
}
