//! Labels of school years.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::text::text_type;

/// The label of a school year, such as `2026-27`: four digits, and the last two of the year after.
///
/// ```
/// use oneroster_school::tenant::SchoolYear;
///
/// assert_eq!("2026-27".parse::<SchoolYear>()?.as_str(), "2026-27");
/// assert!("2026-28".parse::<SchoolYear>().is_err());
/// # Ok::<(), oneroster_school::tenant::school_year::SchoolYearError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SchoolYear {
    text: String,
}

/// A text that is no label of a school year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("two years in a row, such as 2026-27")]
pub struct SchoolYearError;

text_type!(SchoolYear);

impl FromStr for SchoolYear {
    type Err = SchoolYearError;

    fn from_str(text: &str) -> Result<Self, SchoolYearError> {
        let (first, second) = text.split_once('-').ok_or(SchoolYearError)?;
        let number = |text: &str, length: usize| {
            let is_number = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| text.parse::<u32>().ok()).flatten()
        };
        match (number(first, 4), number(second, 2)) {
            (Some(first), Some(second)) if (first + 1) % 100 == second => Ok(Self {
                text: text.to_owned(),
            }),
            (Some(_) | None, Some(_) | None) => Err(SchoolYearError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_names_two_years_in_a_row() {
        for good in ["2026-27", "1999-00", "2099-00"] {
            assert_eq!(good.parse::<SchoolYear>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "2026",
            "2026-28",
            "2026-2027",
            "26-27",
            "2026/27",
            " 2026-27",
            "+026-27",
            "2026-27-28",
        ] {
            assert_eq!(bad.parse::<SchoolYear>(), Err(SchoolYearError), "{bad:?}");
        }
    }
}
