//! Which tenants used to be read regularly and no longer are. Pure.

use chrono::{DateTime, TimeDelta, Utc};

/// How far back from the last run a habit is looked for.
pub(super) const HABIT: TimeDelta = TimeDelta::hours(48);

/// Runs closer together than this count as one: trying a connection out is no habit.
const APART: TimeDelta = TimeDelta::hours(6);

/// How many runs, at least [`APART`] and within [`HABIT`], the last included, make a habit: two a day over two days, of which
/// one may be missing.
const RUNS_MIN: usize = 4;

/// After so many days a tenant is no longer reported: its consumer was stopped on purpose.
pub(super) const FORGOTTEN_DAYS: i32 = 60;

/// Returns since when a tenant that used to be read about twice a day has not been, if that is longer than `after`.
///
/// `runs` are the ends of its runs, in any order.
pub(super) fn since(runs: &[DateTime<Utc>], now: DateTime<Utc>, after: TimeDelta) -> Option<DateTime<Utc>> {
    let mut runs = runs.to_vec();
    runs.sort_unstable_by(|a, b| b.cmp(a));
    let last = *runs.first()?;
    if now - last <= after || now - last > TimeDelta::days(FORGOTTEN_DAYS.into()) {
        return None;
    }
    let mut counted = 0;
    let mut before: Option<DateTime<Utc>> = None;
    for run in runs.into_iter().take_while(|run| last - *run <= HABIT) {
        if before.is_none_or(|before| before - run >= APART) {
            counted += 1;
            before = Some(run);
        }
    }
    (counted >= RUNS_MIN).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::from_timestamp_nanos(1_800_000_000_000_000_000);
    const AFTER: TimeDelta = TimeDelta::hours(36);

    fn is_silent(hours_ago: &[i64]) -> bool {
        let runs: Vec<_> = hours_ago
            .iter()
            .map(|hours| NOW - TimeDelta::hours(*hours))
            .collect();
        let silent = since(&runs, NOW, AFTER);
        if let Some(since) = silent {
            assert_eq!(Some(since), runs.iter().copied().max());
        }
        silent.is_some()
    }

    #[test]
    fn r27_who_is_read_twice_a_day_is_missed_after_36_hours() {
        assert!(!is_silent(&[36, 48, 60, 72]), "not yet longer");
        assert!(is_silent(&[37, 49, 61, 73]));
        assert!(is_silent(&[73, 37, 61, 49]), "in any order");
        assert!(is_silent(&[37, 49, 73, 85]), "one run is missing");
        assert!(!is_silent(&[1, 49, 61, 73]), "read again");
    }

    #[test]
    fn who_was_never_read_regularly_is_not_missed() {
        assert!(!is_silent(&[]));
        assert!(!is_silent(&[40, 41, 42, 43, 44]), "somebody tried it out");
        assert!(!is_silent(&[40, 64, 88, 112]), "once a day, or weekly exports");
    }

    #[test]
    fn after_sixty_days_a_tenant_is_no_longer_reported() {
        let long_ago = |hours: i64| [hours, hours + 12, hours + 24, hours + 36];
        assert!(is_silent(&long_ago(60 * 24)));
        assert!(!is_silent(&long_ago(60 * 24 + 1)));
    }
}
