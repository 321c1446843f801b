//! Until when a removed object is served as `tobedeleted`. Pure.

use chrono::{DateTime, TimeDelta, Utc};

/// How many days a tombstone is served (I6).
pub const TOMBSTONE_DAYS: i64 = 400;

/// Returns `true` if a publication at `now` drops a tombstone with this `dateLastModified`.
pub fn is_over(modified: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - modified > TimeDelta::days(TOMBSTONE_DAYS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tombstone_is_served_for_400_days_and_not_longer() {
        let modified = DateTime::from_timestamp_nanos(1_800_000_000_000_000_000);
        let last = modified + TimeDelta::days(400);
        assert!(!is_over(modified, last));
        assert!(is_over(modified, last + TimeDelta::milliseconds(1)));
    }
}
