//! How consumers differ: when they take a token, what they poll by, how they page.

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Brussels;

use super::clock::{HOUR, MINUTE, Micros, SECOND, instant};
use super::dice::Dice;

/// When a consumer takes a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenHabit {
    /// A fresh one at the start of each run.
    PerRun,
    /// One some time before the run, at validation.
    Ahead,
    /// One, until it is refused.
    Life,
    /// A fresh one for each collection.
    PerCollection,
}

/// What a consumer takes as T, from which its next delta asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SinceHabit {
    /// Its clock at the start of the run.
    RunStart,
    /// Its clock at the first page of each collection.
    CollectionStart,
    /// The `Date` header of the first answer of the run.
    FirstDate,
    /// The `Date` header of the first page of each collection.
    PageDate,
    /// Its clock at the last request of each collection, or of the run when it has one token for that.
    LastRequest,
    /// The highest `dateLastModified` seen: of each collection when it has several tokens, else of all.
    Highest,
}

/// How a consumer writes an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    /// `2026-11-23T12:00:00.123Z`
    Milliseconds,
    /// `2026-11-23T12:00:00Z`, the rest cut off.
    Seconds,
    /// `2026-11-23T13:00:00`: the clock in Brussels.
    Local,
    /// `2026-11-23T13:00:00.123456+01:00`
    Offset,
    /// `2026-11-23`, in Brussels.
    Day,
}

#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a way consumers differ, independent of the others"
)]
pub(super) struct Habits {
    pub(super) token: TokenHabit,
    pub(super) since: SinceHabit,
    pub(super) writing: Writing,
    /// Rows a page of a delta; `None` asks with neither limit nor offset.
    pub(super) page: Option<usize>,
    /// Rows a page of a full pull.
    pub(super) full_page: usize,
    /// Whether a short page is the end; else when as many rows are read as there are.
    pub(super) ends_by_short_page: bool,
    /// Whether a full pull asks for active objects only; else it reads all and drops tombstones itself.
    pub(super) asks_active: bool,
    /// Whether it asks `>=`; else `>`.
    pub(super) or_equal: bool,
    /// Whether a token that ends in the middle makes it start the collection again; else the run.
    pub(super) resumes: bool,
    pub(super) interval: Micros,
    pub(super) lifetime_s: u32,
    /// Runs in a thousand that are broken off at each request.
    pub(super) breaks_off: i64,
    /// The longest it takes between two requests.
    pub(super) pause: Micros,
}

impl Habits {
    pub(super) fn draw(dice: &mut Dice) -> Self {
        use SinceHabit as S;
        use TokenHabit as T;
        use Writing as W;
        let hours = dice.pick(&[1, 1, 1, 2, 12]);
        Self {
            token: dice.pick(&[T::PerRun, T::PerRun, T::Ahead, T::Life, T::Life, T::PerCollection]),
            since: dice.pick(&[
                S::RunStart,
                S::RunStart,
                S::CollectionStart,
                S::FirstDate,
                S::PageDate,
                S::LastRequest,
                S::Highest,
            ]),
            writing: dice.pick(&[
                W::Milliseconds,
                W::Milliseconds,
                W::Milliseconds,
                W::Seconds,
                W::Local,
                W::Offset,
                W::Day,
            ]),
            page: dice.pick(&[None, None, Some(1), Some(3), Some(7), Some(100), Some(5000)]),
            full_page: dice.pick(&[4, 25, 100, 5000, 10_000]),
            ends_by_short_page: dice.chance(300),
            asks_active: dice.chance(600),
            or_equal: dice.chance(150),
            resumes: dice.chance(400),
            interval: dice.spread(10 * MINUTE, 13 * HOUR),
            lifetime_s: if dice.chance(200) { 600 } else { hours * 3600 },
            breaks_off: dice.pick(&[0, 10, 50]),
            pause: dice.pick(&[SECOND, 10 * SECOND, 2 * MINUTE, 25 * MINUTE]),
        }
    }

    /// Whether all it reads in a run is read with one ticket.
    pub(super) fn has_one_ticket(&self) -> bool {
        self.token != TokenHabit::PerCollection && !self.resumes
    }
}

impl Writing {
    /// Writes an instant as it goes into a filter; also returns the instant that this means.
    pub(super) fn write(self, micros: Micros) -> (String, DateTime<Utc>) {
        let at = instant(micros);
        let seconds = instant(micros - micros.rem_euclid(SECOND));
        match self {
            Self::Milliseconds => (
                at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
                instant(micros - micros.rem_euclid(1000)),
            ),
            Self::Seconds => (at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), seconds),
            Self::Local => {
                let shown = |at: DateTime<Utc>| {
                    at.with_timezone(&Brussels)
                        .format("%Y-%m-%dT%H:%M:%S")
                        .to_string()
                };
                // In the repeated hour of autumn the earlier of the two counts.
                let hour_before = seconds - chrono::TimeDelta::hours(1);
                let earlier = shown(hour_before) == shown(seconds);
                (shown(at), if earlier { hour_before } else { seconds })
            }
            Self::Offset => {
                let local = at.with_timezone(&Brussels);
                (local.format("%Y-%m-%dT%H:%M:%S%.6f%:z").to_string(), at)
            }
            Self::Day => {
                let day = at.with_timezone(&Brussels).date_naive();
                (day.to_string(), oneroster_standard::query::date_in_brussels(day))
            }
        }
    }
}
