//! The next day on which the same inputs can give another roster.

use chrono::NaiveDate;

use crate::informat::Mirror;
use crate::informat::school_year::UnknownSchoolYear;
use crate::tenant::Configuration;

/// Returns the first day after `today` on which [`super::project`] and [`super::class_facts()`] can give something else from the
/// same inputs with `school_year` active; `None` if they never will.
///
/// Never too late, perhaps too early: it is the next day on which any dated row begins or is over, whether it counts or not; of an assignment its
/// grace days count.
pub fn next_change(
    source: &Mirror,
    configuration: &Configuration,
    school_year: &str,
    today: NaiveDate,
) -> Result<Option<NaiveDate>, UnknownSchoolYear> {
    let year = source.school_year(school_year)?;
    // Only the reference date counts, and after the year that is its last day for good.
    let reference_date = year.reference_date(today);
    Ok(days(source, configuration.staff_grace_days)
        .filter(|day| reference_date < *day && *day <= year.einddatum)
        .min())
}

/// Returns the days on which a row begins, and those after its last.
fn days(source: &Mirror, grace_days: u32) -> impl Iterator<Item = NaiveDate> {
    let years = source
        .schooljaar
        .iter()
        .map(|row| (Some(row.begindatum), Some(row.einddatum)));
    let registrations = source
        .inschrijving
        .iter()
        .map(|row| (Some(row.begindatum), row.einddatum));
    let memberships = source
        .inschrklas
        .iter()
        .map(|row| (Some(row.vandatum), row.totdatum));
    let assignments = source
        .opdracht
        .iter()
        .map(move |row| (row.begindatum, row.last_day(grace_days)));
    let functions = source
        .klasfunctiepersoon
        .iter()
        .map(|row| (row.begindatum, row.einddatum));
    years
        .chain(registrations)
        .chain(memberships)
        .chain(assignments)
        .chain(functions)
        .flat_map(|(begin, end)| begin.into_iter().chain(end.and_then(|end| end.succ_opt())))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{MARKT, World, day};
    use super::*;

    fn next(world: &World, today: &str) -> Option<NaiveDate> {
        next_change(&world.mirror, &world.configuration, "2026-27", day(today)).unwrap()
    }

    #[test]
    fn an_assignment_is_over_the_day_after_its_last_grace_day() {
        let mut world = World::new();
        world.configuration.staff_grace_days = 5;
        let (begin, end) = (Some("2026-09-01"), Some("2026-12-18"));
        world.person(1).assignment(1, ("001507", Some(1)), begin, end);
        for today in ["2026-12-18", "2026-12-19", "2026-12-23"] {
            assert_eq!(next(&world, today), Some(day("2026-12-24")), "{today}");
        }
        assert_eq!(next(&world, "2026-12-24"), None);
    }

    #[test]
    fn it_is_the_next_day_on_which_a_row_begins_or_is_over() {
        let mut world = World::new();
        world
            .person(1)
            .registration(1, MARKT, "2026-10-05", Some("2026-12-18"));
        assert_eq!(next(&world, "2026-10-04"), Some(day("2026-10-05")));
        assert_eq!(next(&world, "2026-10-05"), Some(day("2026-12-19")));
        assert_eq!(
            next(&world, "2026-12-19"),
            None,
            "the next year is not the active one"
        );
    }

    #[test]
    fn r119_r120_outside_the_year_the_reference_date_stands_still() {
        let mut world = World::new();
        world.person(1).registration(1, MARKT, "2026-09-01", None);
        assert_eq!(next(&world, "2026-07-15"), None);
        assert_eq!(next(&world, "2027-07-15"), None);
        world.person(2).registration(2, MARKT, "2026-09-02", None);
        assert_eq!(next(&world, "2026-07-15"), Some(day("2026-09-02")));
    }
}
