//! Whether bundles that used to come no longer do. Pure.

use chrono::{DateTime, TimeDelta, Utc};

/// How far back from the last load a habit is looked for: over a weekend.
const HABIT: TimeDelta = TimeDelta::hours(96);

/// Loads closer together than this count as one: somebody tries a bundle out, or sends it again.
const APART: TimeDelta = TimeDelta::hours(6);

/// How many loads, at least [`APART`] and within [`HABIT`], the last included, make a habit: one a day, also where none come at weekends.
const LOADS_MIN: usize = 3;

/// How many of the last loads are looked at.
pub(super) const LOADS_LOOKED_AT: i64 = 100;

/// After so many days a tenant is no longer reported: its feeding was stopped on purpose.
const FORGOTTEN: TimeDelta = TimeDelta::days(60);

/// Returns since when no bundle came, of a tenant whose bundles used to come about daily, if that is longer than `after`.
///
/// `loads` are the moments of its last loads, the newest first.
pub(super) fn since(loads: &[DateTime<Utc>], now: DateTime<Utc>, after: TimeDelta) -> Option<DateTime<Utc>> {
    let last = *loads.first()?;
    if now - last <= after || now - last > FORGOTTEN {
        return None;
    }
    let mut counted = 0;
    let mut before: Option<DateTime<Utc>> = None;
    for load in loads.iter().take_while(|load| last - **load <= HABIT) {
        if before.is_none_or(|before| before - *load >= APART) {
            counted += 1;
            before = Some(*load);
        }
    }
    (counted >= LOADS_MIN).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::from_timestamp_nanos(1_800_000_000_000_000_000);

    fn is_silent(hours_ago: &[i64]) -> bool {
        let loads: Vec<_> = hours_ago
            .iter()
            .map(|hours| NOW - TimeDelta::hours(*hours))
            .collect();
        since(&loads, NOW, TimeDelta::hours(36)).is_some()
    }

    #[test]
    fn who_is_fed_daily_is_missed_after_36_hours_and_for_sixty_days() {
        assert!(!is_silent(&[36, 60, 84, 108]), "not yet longer");
        assert!(is_silent(&[37, 61, 85]));
        assert!(is_silent(&[37, 37, 38, 61, 85]), "sent again");
        assert!(is_silent(&[37, 109, 133]), "over a weekend");
        assert!(is_silent(&[24 * 60, 24 * 61, 24 * 62]));
        assert!(!is_silent(&[24 * 60 + 1, 24 * 61, 24 * 62]), "stopped on purpose");
    }

    #[test]
    fn who_is_fed_by_hand_is_not_missed() {
        assert!(!is_silent(&[]));
        assert!(!is_silent(&[40]));
        assert!(!is_silent(&[40, 41, 42, 43]), "somebody tried it out");
        assert!(!is_silent(&[40, 40 + 168, 40 + 336]), "once a week");
    }
}
