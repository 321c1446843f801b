//! The wall clock, handed in wherever time matters, so that a test can hold it still.
//!
//! What decides about data (reference date, generation dates, tickets) uses the database's clock, never
//! this one: several servers share one database but not one clock.

use chrono::{DateTime, Utc};

/// Reads the present instant: the system's, or one fixed by a test.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Always this instant.
    Fixed(DateTime<Utc>),
}

impl Clock {
    /// Returns the present instant in UTC.
    pub fn now(self) -> DateTime<Utc> {
        match self {
            #[expect(
                clippy::disallowed_methods,
                reason = "the one place that reads the machine's clock"
            )]
            Self::System => Utc::now(),
            Self::Fixed(instant) => instant,
        }
    }
}
