//! The date of a generation. Pure.

use chrono::{DateTime, TimeDelta, Utc};

/// How much later than the end of every ticket a generation is dated: so fast may a consumer's clock be.
pub const CLOCK_MARGIN: TimeDelta = TimeDelta::minutes(5);

/// How far ahead of the clock a redated generation lies, at least. After a restore it is unknown which tickets were lost, but
/// none of them ends later than twelve hours after the restore; the hour on top is for clocks that differ.
pub const REDATE_AHEAD: TimeDelta = TimeDelta::hours(13);

/// What a date follows from, read under the lock that tickets are issued under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    /// The database's clock.
    pub now: DateTime<Utc>,
    /// No ticket issued so far ends later than this.
    pub tickets_until: Option<DateTime<Utc>>,
    /// What servers have signed for: no ticket that was lost with the last commits ends later, unless audit files show that.
    pub tickets_signed: Option<DateTime<Utc>>,
    /// The date of the generation before.
    pub previous: Option<DateTime<Utc>>,
}

/// Dates a generation: now, but past every ticket that cannot see it (I4) and past the generation before; with `redate` also
/// past every ticket that a restored database may have forgotten. Whole milliseconds, rounded up.
pub fn date(before: &Before, redate: bool) -> DateTime<Utc> {
    let tickets = before.tickets_until.max(before.tickets_signed);
    let past_tickets = tickets.map(|until| until + CLOCK_MARGIN);
    let past_previous = before
        .previous
        .map(|previous| previous + TimeDelta::milliseconds(1));
    let past_forgotten = redate.then(|| before.now + REDATE_AHEAD);
    let latest = [past_tickets, past_previous, past_forgotten]
        .into_iter()
        .flatten()
        .fold(before.now, DateTime::max);
    rounded_up(latest)
}

fn rounded_up(instant: DateTime<Utc>) -> DateTime<Utc> {
    let below = TimeDelta::nanoseconds(i64::from(instant.timestamp_subsec_nanos() % 1_000_000));
    if below.is_zero() {
        instant
    } else {
        instant - below + TimeDelta::milliseconds(1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn dated(now: &str, tickets_until: Option<&str>, previous: Option<&str>) -> String {
        let before = Before {
            now: at(now),
            tickets_until: tickets_until.map(at),
            tickets_signed: None,
            previous: previous.map(at),
        };
        date(&before, false).to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
    }

    #[test]
    fn the_latest_of_three_rules() {
        let noon = "2026-11-23T12:00:00Z";
        assert_eq!(dated(noon, None, None), noon);
        let earlier = Some("2026-11-23T11:00:00Z");
        assert_eq!(dated(noon, earlier, earlier), noon);
        assert_eq!(
            dated(noon, Some("2026-11-23T13:00:00Z"), earlier),
            "2026-11-23T13:05:00Z"
        );
        assert_eq!(
            dated(noon, earlier, Some("2026-11-23T14:00:00Z")),
            "2026-11-23T14:00:00.001Z"
        );
        assert_eq!(
            dated("2026-11-23T12:00:00.000001Z", None, None),
            "2026-11-23T12:00:00.001Z"
        );
    }

    #[test]
    fn redating_passes_every_ticket_that_may_have_been_forgotten() {
        let before = Before {
            now: at("2026-11-23T12:00:00Z"),
            tickets_until: None,
            tickets_signed: None,
            previous: None,
        };
        assert_eq!(date(&before, true), at("2026-11-24T01:00:00Z"));
    }

    proptest! {
        #[test]
        fn a_date_keeps_all_its_promises(
            now in 0_i64..4_000_000_000_000_000,
            ticket in proptest::option::of(-90_000_000_000_i64..90_000_000_000),
            signed in proptest::option::of(-90_000_000_000_i64..90_000_000_000),
            previous in proptest::option::of(-90_000_000_000_i64..90_000_000_000),
            redate in any::<bool>(),
        ) {
            let instant = |micros| DateTime::from_timestamp_micros(micros).unwrap();
            let before = Before {
                now: instant(now),
                tickets_until: ticket.map(|ahead| instant(now + ahead)),
                tickets_signed: signed.map(|ahead| instant(now + ahead)),
                previous: previous.map(|ahead| instant((now + ahead) / 1000 * 1000)),
            };
            let date = date(&before, redate);
            prop_assert_eq!(date.timestamp_subsec_nanos() % 1_000_000, 0);
            prop_assert!(date >= before.now);
            prop_assert!(before.tickets_until.is_none_or(|until| until + CLOCK_MARGIN <= date));
            prop_assert!(before.tickets_signed.is_none_or(|until| until + CLOCK_MARGIN <= date));
            prop_assert!(before.previous.is_none_or(|previous| previous < date));
            prop_assert!(!redate || before.now + REDATE_AHEAD <= date);
        }
    }
}
