//! Days and periods within a school year. All periods include both ends.

use chrono::NaiveDate;

use super::{Inschrijving, Inschrklas, Mirror, Opdracht, Schooljaar};

/// A school year is not in the mirror, so nothing of it can be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the school year {0} is not in the mirror: import it with schooljaar.csv")]
pub struct UnknownSchoolYear(pub String);

impl Mirror {
    /// Finds a school year by its label, such as `2026-27`.
    pub fn school_year(&self, label: &str) -> Result<&Schooljaar, UnknownSchoolYear> {
        let year = self.schooljaar.iter().find(|year| year.schooljaar == label);
        year.ok_or_else(|| UnknownSchoolYear(label.to_owned()))
    }
}

impl Schooljaar {
    /// Returns the reference date of this year on `today`: today, clamped to the year (R119–R121).
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
    /// Returns `true` if the registration contains `day`; an empty end is the end of its school year, `year_end`.
    pub fn contains(&self, day: NaiveDate, year_end: NaiveDate) -> bool {
        self.begindatum <= day && day <= self.einddatum.unwrap_or(year_end)
    }

    /// Returns `true` if the registration was realised: only then does it count.
    pub const fn is_realised(&self) -> bool {
        self.status == 0
    }
}

impl Inschrklas {
    /// Returns `true` if the class registration contains `day`; an empty end is the end of its school year, `year_end`.
    pub fn contains(&self, day: NaiveDate, year_end: NaiveDate) -> bool {
        self.vandatum <= day && day <= self.totdatum.unwrap_or(year_end)
    }
}

impl Opdracht {
    /// Returns `true` if the assignment contains `day`, an end counting `grace_days` longer. Open ends are unlimited.
    pub fn contains(&self, day: NaiveDate, grace_days: u32) -> bool {
        self.begindatum.is_none_or(|begin| begin <= day) && self.ends_on_or_after(day, grace_days)
    }

    /// Returns `true` if the assignment still counts on `day` or later, an end counting `grace_days` longer.
    pub fn ends_on_or_after(&self, day: NaiveDate, grace_days: u32) -> bool {
        self.einddatum.is_none_or(|end| {
            // An end so late that the grace days run out of the calendar never comes.
            end.checked_add_days(chrono::Days::new(u64::from(grace_days)))
                .is_none_or(|last| day <= last)
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::Days;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn days(first: &str, last: &str) -> impl Iterator<Item = NaiveDate> {
        let last = day(last);
        day(first).iter_days().take_while(move |day| *day <= last)
    }

    fn year(first: i32) -> Schooljaar {
        Schooljaar {
            schooljaar: format!("{first}-{:02}", (first + 1) % 100),
            begindatum: day(&format!("{first}-09-01")),
            einddatum: day(&format!("{}-06-30", first + 1)),
        }
    }

    /// R121: from 1 September to 30 June only who is active today counts.
    #[test]
    fn r121_within_the_year_the_reference_date_is_today() {
        let within: Vec<NaiveDate> = days("2026-09-01", "2027-06-30").collect();
        assert_eq!(within.len(), 303);
        for today in within {
            assert_eq!(year(2026).reference_date(today), today);
        }
    }

    /// R120: until the next year is activated, the summer shows the state of the last day.
    #[test]
    fn r120_in_the_summer_after_the_year_it_is_the_last_day() {
        for today in days("2027-07-01", "2027-08-31") {
            assert_eq!(year(2026).reference_date(today), day("2027-06-30"), "{today}");
        }
    }

    /// R119: once the next year is activated, the summer shows the state of its first day.
    #[test]
    fn r119_in_the_summer_before_the_year_it_is_the_first_day() {
        for today in days("2026-07-01", "2026-08-31") {
            assert_eq!(year(2026).reference_date(today), day("2026-09-01"), "{today}");
        }
    }

    /// Over a whole year with the switch on 15 August, the date never goes back, and leaps only at the switch.
    #[test]
    fn over_a_year_with_a_switch_the_reference_date_never_goes_back() {
        let mut previous = day("2026-08-31");
        for today in days("2026-09-01", "2027-09-30") {
            let active = if today < day("2027-08-15") {
                year(2026)
            } else {
                year(2027)
            };
            let date = active.reference_date(today);
            let steps = (date - previous).num_days();
            match today.to_string().as_str() {
                "2027-08-15" => assert_eq!((previous, date), (day("2027-06-30"), day("2027-09-01"))),
                summer if ("2027-07-01".."2027-09-02").contains(&summer) => assert_eq!(steps, 0, "{today}"),
                _ => assert_eq!(steps, 1, "{today}"),
            }
            previous = date;
        }
    }

    #[test]
    fn a_year_that_is_not_the_present_one_stays_at_its_nearer_end() {
        assert_eq!(year(2020).reference_date(day("2027-01-15")), day("2021-06-30"));
        assert_eq!(year(2030).reference_date(day("2027-01-15")), day("2030-09-01"));
    }

    fn registration(begin: &str, end: Option<&str>) -> Inschrijving {
        Inschrijving {
            p_inschr: 1,
            p_persoon: 1,
            instelnr: "001507".to_owned(),
            vestnrdiscimus: 1,
            hfdstructuur: "211".to_owned(),
            schooljaar: "2026-27".to_owned(),
            begindatum: day(begin),
            einddatum: end.map(day),
            status: 0,
            changed: None,
        }
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
    fn a_registration_includes_both_ends_and_without_an_end_lasts_to_the_end_of_its_year() {
        let year_end = day("2027-06-30");
        for (begin, end, first, last) in [
            ("2026-09-01", None, "2026-09-01", "2027-06-30"),
            ("2026-09-01", Some("2026-10-30"), "2026-09-01", "2026-10-30"),
            ("2027-01-04", Some("2027-01-04"), "2027-01-04", "2027-01-04"),
        ] {
            let registration = registration(begin, end);
            let membership = Inschrklas {
                p_inschrklas: 1,
                p_inschr: 1,
                p_klas: 1,
                vandatum: day(begin),
                totdatum: end.map(day),
                changed: None,
            };
            for today in days("2026-08-01", "2027-08-01") {
                let contained = (day(first)..=day(last)).contains(&today);
                assert_eq!(
                    registration.contains(today, year_end),
                    contained,
                    "{begin}..{end:?} on {today}"
                );
                assert_eq!(
                    membership.contains(today, year_end),
                    contained,
                    "{begin}..{end:?} on {today}"
                );
            }
        }
    }

    #[test]
    fn only_status_0_is_realised() {
        for status in -1..=5 {
            let registration = Inschrijving {
                status,
                ..registration("2026-09-01", None)
            };
            assert_eq!(registration.is_realised(), status == 0, "{status}");
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
