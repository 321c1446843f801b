//! What a lost database had promised to consumers, as far as files say it. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use super::entry::PUBLISHED;
use super::{Entry, Sign};
use crate::roster::head::LostPromises;

/// How much later than a lost ticket's end a generation may be dated: that of `publication::date`.
const MARGIN: TimeDelta = TimeDelta::minutes(5);

/// Returns what entries and a sign that the database lacks had promised; `lost_generation` says whether the generation of the sign
/// is gone.
///
/// A generation that no entry names was dated by the tickets that were out, which the sign covers.
pub fn promised(entries: &[Entry], sign: Option<Sign>, lost_generation: bool) -> LostPromises {
    let of_generation = |entry: &Entry| -> Option<DateTime<Utc>> {
        let date = entry.detail.as_ref()?.get("published_at")?.as_str()?;
        date.parse().ok()
    };
    let generations = || entries.iter().filter(|entry| entry.kind == PUBLISHED);
    let dates = generations().filter_map(of_generation);
    LostPromises {
        until: dates.chain(sign.map(|sign| sign.until + MARGIN)).max(),
        generations: lost_generation || generations().next().is_some(),
    }
}
