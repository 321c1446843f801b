//! School years, and the reference date within one.

use chrono::NaiveDate;

use super::{Mirror, Schooljaar};

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
}
