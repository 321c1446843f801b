//! Days as people read them on a page: `26/11/2026`. Moments: [`oneroster_standard::Moment::on_page`].

use chrono::NaiveDate;

/// Returns a day as a page shows it.
pub(super) fn shown(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}
