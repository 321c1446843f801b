//! Days and periods within a school year. All periods include both ends.

use chrono::NaiveDate;

use super::tables::{Inschrijving, Inschrklas, Opdracht, Schooljaar};

impl Schooljaar {
    /// Returns the reference date of this year on `today`: today, held within the year (R119–R121).
    ///
    /// It gives the last day in the summer before the next year is activated, and the first day after that.
    pub fn reference_date(&self, today: NaiveDate) -> NaiveDate {
        if today < self.begindatum {
            self.begindatum
        } else if today > self.einddatum {
            self.einddatum
        } else {
            today
        }
    }
}

impl Inschrijving {
    /// Says whether the registration contains `day`; an empty end is the end of its school year, `year_end`.
    pub fn contains(&self, day: NaiveDate, year_end: NaiveDate) -> bool {
        self.begindatum <= day && day <= self.einddatum.unwrap_or(year_end)
    }

    /// Says whether the registration was realised: only then does it count.
    pub const fn is_realised(&self) -> bool {
        self.status == 0
    }
}

impl Inschrklas {
    /// Says whether the class registration contains `day`; an empty end is the end of its school year, `year_end`.
    pub fn contains(&self, day: NaiveDate, year_end: NaiveDate) -> bool {
        self.vandatum <= day && day <= self.totdatum.unwrap_or(year_end)
    }
}

impl Opdracht {
    /// Says whether the assignment contains `day`, an end counting `grace_days` longer. Open ends are unlimited.
    pub fn contains(&self, day: NaiveDate, grace_days: u32) -> bool {
        self.begindatum.is_none_or(|begin| begin <= day) && self.ends_on_or_after(day, grace_days)
    }

    /// Says whether the assignment still counts on `day` or later, an end counting `grace_days` longer.
    pub fn ends_on_or_after(&self, day: NaiveDate, grace_days: u32) -> bool {
        self.einddatum.is_none_or(|end| {
            // An end so late that the grace days run out of the calendar never comes.
            end.checked_add_days(chrono::Days::new(u64::from(grace_days))).is_none_or(|last| day <= last)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn r119_r121_the_reference_date_is_today_held_within_the_year() {
        let year = Schooljaar {
            schooljaar: "2026-27".to_owned(),
            begindatum: day("2026-09-01"),
            einddatum: day("2027-06-30"),
        };
        for today in day("2026-07-01").iter_days().take_while(|today| *today <= day("2027-08-31")) {
            let expected = match today {
                _ if today < day("2026-09-01") => day("2026-09-01"),
                _ if today > day("2027-06-30") => day("2027-06-30"),
                _ => today,
            };
            assert_eq!(year.reference_date(today), expected, "{today}");
        }
    }

    #[test]
    fn an_assignment_includes_both_ends_and_its_end_the_days_of_grace() {
        let opdracht = |begindatum: Option<&str>, einddatum: Option<&str>| Opdracht {
            p_opdracht: 1,
            p_persoon: 1,
            instelnr: "001507".to_owned(),
            vestnrdiscimus: None,
            hfdstructuur: None,
            begindatum: begindatum.map(day),
            einddatum: einddatum.map(day),
            changed: None,
        };
        let autumn = opdracht(Some("2026-09-01"), Some("2026-12-24"));
        for (text, grace_days, expected) in [
            ("2026-08-31", 7, false),
            ("2026-09-01", 0, true),
            ("2026-12-24", 0, true),
            ("2026-12-25", 0, false),
            ("2026-12-31", 7, true),
            ("2027-01-01", 7, false),
        ] {
            assert_eq!(autumn.contains(day(text), grace_days), expected, "{text}, {grace_days}");
        }
        assert!(opdracht(None, None).contains(day("1999-01-01"), 0));
        assert!(opdracht(None, Some("9999-12-31")).ends_on_or_after(day("9999-12-31"), u32::MAX));
    }
}
