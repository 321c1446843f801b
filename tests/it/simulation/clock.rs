//! Time. What really passes is counted in microseconds; what a machine shows is that and an offset, which may step.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::Brussels;

use super::dice::Dice;

/// True time, or a stretch of it.
pub(super) type Micros = i64;

pub(super) const MILLISECOND: Micros = 1000;
pub(super) const SECOND: Micros = 1000 * MILLISECOND;
pub(super) const MINUTE: Micros = 60 * SECOND;
pub(super) const HOUR: Micros = 60 * MINUTE;
pub(super) const DAY: Micros = 24 * HOUR;

/// How far a clock may be ahead of the database's.
pub(super) const FAST_MAX: Micros = 5 * MINUTE;

/// The clock of a machine.
#[derive(Debug, Clone, Default)]
pub(super) struct VirtualClock {
    offset: Micros,
    /// The offset before the last step, and when that was.
    earlier: (Micros, Micros),
}

impl VirtualClock {
    pub(super) fn new(offset: Micros) -> Self {
        Self {
            offset,
            earlier: (offset, Micros::MIN),
        }
    }

    /// Sets the clock.
    pub(super) fn step(&mut self, now: Micros, offset: Micros) {
        self.earlier = (self.offset, now);
        self.offset = offset;
    }

    /// Returns what it shows, or showed before its last step.
    pub(super) fn at(&self, when: Micros) -> DateTime<Utc> {
        let (offset, until) = self.earlier;
        instant(when + if when < until { offset } else { self.offset })
    }

    pub(super) fn offset_ms(&self) -> i64 {
        self.offset / MILLISECOND
    }
}

/// How far clocks lie apart in a run: the database's up to `database` from the truth either way, everyone else's never more
/// than five minutes ahead of it, whatever either does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    pub(super) database: Micros,
}

impl Spread {
    pub(super) fn draw(dice: &mut Dice) -> Self {
        let database = dice.pick(&[0, 30 * SECOND, MINUTE, 150 * SECOND, 4 * MINUTE]);
        Self { database }
    }

    pub(super) fn of_database(self, dice: &mut Dice) -> Micros {
        extreme(dice, -self.database, self.database)
    }

    pub(super) fn of_others(self, dice: &mut Dice) -> Micros {
        extreme(dice, -FAST_MAX, FAST_MAX - self.database)
    }
}

/// Draws a number, often one of the ends.
fn extreme(dice: &mut Dice, least: Micros, most: Micros) -> Micros {
    match dice.below(10) {
        0..4 => most,
        4..6 => least,
        6 => 0,
        _ => dice.between(least, most),
    }
}

pub(super) fn instant(micros: Micros) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap()
}

pub(super) fn day(instant: DateTime<Utc>) -> NaiveDate {
    instant.with_timezone(&Brussels).date_naive()
}
