//! The school year a bundle is about, and the days in it.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};

/// A school year, 1 September to 30 June, with the first years 2001 to 2098.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchoolYear {
    first: i32,
}

/// A school year that is not written as one.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} is no school year: write it as 2026-27, from 2001-02 to 2098-99")]
pub struct InvalidSchoolYear {
    text: String,
}

impl FromStr for SchoolYear {
    type Err = InvalidSchoolYear;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (first, second) = text.split_once('-')?;
            let digits = first.len() == 4 && second.len() == 2;
            let year = Self {
                first: first
                    .parse()
                    .ok()
                    .filter(|year| digits && (2001..=2098).contains(year))?,
            };
            // Comparing the whole label refuses signs, and years that do not follow each other.
            (year.label() == text).then_some(year)
        };
        read().ok_or_else(|| InvalidSchoolYear {
            text: text.to_owned(),
        })
    }
}

impl SchoolYear {
    /// Returns the school year that contains `today` or, in July and August, the coming one.
    ///
    /// Held within the years a label can name.
    pub fn of(today: NaiveDate) -> Self {
        let first = if today.month() >= 7 {
            today.year()
        } else {
            today.year() - 1
        };
        Self {
            first: first.clamp(2001, 2098),
        }
    }

    /// Returns the label, such as `2026-27`.
    pub fn label(self) -> String {
        format!("{}-{:02}", self.first, (self.first + 1) % 100)
    }

    /// Returns the first day, 1 September.
    pub fn begin(self) -> NaiveDate {
        self.day(9, 1)
    }

    /// Returns the last day, 30 June.
    pub fn end(self) -> NaiveDate {
        self.day(6, 30)
    }

    /// Returns the calendar year of the first day.
    pub(super) const fn first(self) -> i32 {
        self.first
    }

    pub(super) const fn previous(self) -> Self {
        Self {
            first: self.first - 1,
        }
    }

    pub(super) const fn next(self) -> Self {
        Self {
            first: self.first + 1,
        }
    }

    /// Returns a day of the school year: from July on in its first calendar year, else in its second.
    pub(super) fn day(self, month: u32, day: u32) -> NaiveDate {
        let year = if month >= 7 { self.first } else { self.first + 1 };
        // Every caller names a day that each year has.
        NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
    }

    /// Returns when the bundle says it was extracted: 1 July before the year begins, 06:00 in Brussels.
    ///
    /// Never the clock, so that the same options give the same bytes; and never in the future for the default year.
    pub(super) fn extracted_at(self) -> DateTime<Utc> {
        self.day(7, 1).and_hms_opt(4, 0, 0).unwrap_or_default().and_utc()
    }
}

/// Returns the first Monday on or after `day`.
pub(super) fn monday_from(day: NaiveDate) -> NaiveDate {
    let since_monday = u64::from(day.weekday().num_days_from_monday());
    if day.weekday() == Weekday::Mon {
        day
    } else {
        day + Days::new(7 - since_monday)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn labels_are_read_strictly() {
        assert_eq!("2026-27".parse::<SchoolYear>().unwrap().label(), "2026-27");
        assert_eq!(
            "2098-99".parse::<SchoolYear>().unwrap().begin(),
            date("2098-09-01")
        );
        for bad in [
            "2026",
            "2026-28",
            "2026-2027",
            "26-27",
            "+026-27",
            "1999-00",
            "2099-00",
            "",
            "2026-27 ",
        ] {
            let refusal = bad.parse::<SchoolYear>().unwrap_err().to_string();
            assert!(refusal.contains("write it as 2026-27"), "{refusal}");
        }
    }

    #[test]
    fn july_and_august_belong_to_the_coming_year() {
        for (today, label) in [
            ("2026-06-30", "2025-26"),
            ("2026-07-01", "2026-27"),
            ("2026-08-31", "2026-27"),
            ("2026-09-01", "2026-27"),
            ("2027-01-01", "2026-27"),
        ] {
            assert_eq!(SchoolYear::of(date(today)).label(), label, "{today}");
        }
    }

    #[test]
    fn the_extraction_never_lies_after_the_day_the_default_year_is_taken_from() {
        let mut today = date("2026-01-01");
        while today < date("2028-01-01") {
            assert!(
                SchoolYear::of(today).extracted_at().date_naive() <= today,
                "{today}"
            );
            today = today + Days::new(1);
        }
    }

    #[test]
    fn mondays() {
        assert_eq!(monday_from(date("2026-08-31")), date("2026-08-31"));
        assert_eq!(monday_from(date("2026-09-01")), date("2026-09-07"));
        assert_eq!(monday_from(date("2026-09-06")), date("2026-09-07"));
    }
}
