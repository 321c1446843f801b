//! Which days the assignments of staff contain, both ends and the grace days included.

use chrono::NaiveDate;

use super::Opdracht;

impl Opdracht {
    /// Returns `true` if the assignment contains `day`, an end counting `grace_days` longer. Open ends are unlimited.
    pub fn contains(&self, day: NaiveDate, grace_days: u32) -> bool {
        self.begindatum.is_none_or(|begin| begin <= day) && self.ends_on_or_after(day, grace_days)
    }

    /// Returns `true` if the assignment still counts on `day` or later, an end counting `grace_days` longer.
    pub fn ends_on_or_after(&self, day: NaiveDate, grace_days: u32) -> bool {
        self.last_day(grace_days).is_none_or(|last| day <= last)
    }

    /// Returns the last day on which the assignment counts, an end counting `grace_days` longer; `None` if it never ends, or so late that
    /// the grace days run out of the calendar.
    pub fn last_day(&self, grace_days: u32) -> Option<NaiveDate> {
        self.einddatum?
            .checked_add_days(chrono::Days::new(u64::from(grace_days)))
    }
}

#[cfg(test)]
mod tests {
    use chrono::Days;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn assignment(begin: Option<&str>, end: Option<&str>) -> Opdracht {
        Opdracht {
            p_opdracht: 1,
            p_persoon: 1,
            instelnr: "001507".to_owned(),
            vestnrdiscimus: None,
            hfdstructuur: None,
            begindatum: begin.map(day),
            einddatum: end.map(day),
            changed: None,
        }
    }

    #[test]
    fn an_open_assignment_has_no_limit() {
        let (always, since) = (assignment(None, None), assignment(Some("2026-09-01"), None));
        for today in [
            NaiveDate::MIN,
            day("2026-08-31"),
            day("2026-09-01"),
            NaiveDate::MAX,
        ] {
            assert!(always.contains(today, 0));
            assert_eq!(since.contains(today, 0), today >= day("2026-09-01"), "{today}");
        }
    }

    #[test]
    fn grace_days_lengthen_an_assignment_at_its_end_only() {
        let assignment = assignment(Some("2026-09-01"), Some("2026-12-18"));
        for (grace_days, last) in [(0, "2026-12-18"), (1, "2026-12-19"), (30, "2027-01-17")] {
            let last = day(last);
            assert!(assignment.contains(last, grace_days));
            assert!(!assignment.contains(last + Days::new(1), grace_days));
            assert!(!assignment.contains(day("2026-08-31"), grace_days));
            // Whether it is over says nothing about whether it began.
            assert!(assignment.ends_on_or_after(day("2026-08-31"), grace_days));
            assert!(!assignment.ends_on_or_after(last + Days::new(1), grace_days));
        }
        assert!(
            assignment.contains(NaiveDate::MAX, u32::MAX),
            "an end beyond the calendar never comes"
        );
    }
}
