//! Which days the registrations of a pupil contain, both ends included.

use chrono::NaiveDate;

use super::{Inschrijving, Inschrklas};

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

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn days(first: &str, last: &str) -> impl Iterator<Item = NaiveDate> {
        let last = day(last);
        day(first).iter_days().take_while(move |day| *day <= last)
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
}
