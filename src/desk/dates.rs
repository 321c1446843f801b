//! Days and moments as people read them on a page: `26/11/2026`, `26/11/2026 21:02`.

use chrono::{DateTime, NaiveDate, Utc};
use oneroster_standard::Moment;

/// Returns a day as a page shows it.
pub(super) fn shown(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

/// Returns a moment of the database as a page shows it.
pub(super) fn moment(moment: DateTime<Utc>) -> String {
    Moment::from(moment).on_page()
}

/// Returns the day of a moment in Brussels.
pub(super) fn day_of(moment: DateTime<Utc>) -> NaiveDate {
    moment.with_timezone(&chrono_tz::Europe::Brussels).date_naive()
}
