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
            end.checked_add_days(chrono::Days::new(u64::from(grace_days)))
                .is_none_or(|last| day <= last)
        })
    }
}
