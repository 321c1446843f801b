//! The days in a row on which the roster has something, by the same data.

use chrono::NaiveDate;

use super::super::{next_change, project};
use super::Question;
use crate::informat::Mirror;
use crate::informat::school_year::UnknownSchoolYear;
use crate::projection::Roster;

/// Returns the first and the last day of such a run: of the one that contains the day asked about, else of the next one, else of the
/// last one before. `rows` holds what is asked about and little else.
///
/// Days outside the active school year are those of its first or last day, as the roster sees them.
pub(super) fn around(
    question: &Question<'_>,
    rows: &Mirror,
    has: impl Fn(&Roster) -> bool,
) -> Result<Option<(NaiveDate, NaiveDate)>, UnknownSchoolYear> {
    let active_year = &question.configuration.active_school_year;
    let year = rows.school_year(active_year)?;
    let on = year.reference_date(question.on);
    let mut before = None;
    let mut run: Option<(NaiveDate, NaiveDate)> = None;
    let mut day = Some(year.begindatum);
    while let Some(first) = day {
        let next = next_change(rows, question.configuration, active_year, first)?;
        let last = next.and_then(|next| next.pred_opt()).unwrap_or(year.einddatum);
        let roster = project(
            rows,
            question.usernames,
            question.configuration,
            active_year,
            first,
        )?;
        if has(&roster) {
            run = Some((run.map_or(first, |(begin, _)| begin), last));
        } else if let Some(ended) = run.take() {
            if ended.1 >= on {
                return Ok(Some(ended));
            }
            before = Some(ended);
        }
        day = next;
    }
    Ok(run.or(before))
}
