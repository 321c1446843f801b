//! The `Date` of answers: the database's clock as it was last read, carried on by a clock that nobody sets.
//!
//! A consumer that asks for what changed since the `Date` of its last answer misses what was published in between if that
//! date was ahead. So it is never this machine's own clock, which may have been wrong and set right since.

use std::sync::{Mutex, PoisonError};

use axum::http::HeaderValue;
use chrono::{DateTime, Utc};
use oneroster_standard::Moment;

/// The header's value, made once a second.
#[derive(Debug, Default)]
pub(super) struct DateHeader {
    last: Mutex<Option<(i64, HeaderValue)>>,
}

impl DateHeader {
    /// Returns the value for an instant: its second, so never later.
    pub(super) fn at(&self, now: DateTime<Utc>) -> HeaderValue {
        let second = now.timestamp();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, value)) = last.as_ref()
            && *of == second
        {
            return value.clone();
        }
        let value = HeaderValue::from_str(&Moment::from(now).http_date())
            .unwrap_or_else(|_| HeaderValue::from_static(""));
        *last = Some((second, value.clone()));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_second_of_the_instant_also_when_the_clock_goes_back() {
        let header = DateHeader::default();
        let at = |text: &str| header.at(text.parse().unwrap());
        assert_eq!(at("2026-11-27T10:00:05.999Z"), "Fri, 27 Nov 2026 10:00:05 GMT");
        assert_eq!(at("2026-11-27T10:00:05.1Z"), "Fri, 27 Nov 2026 10:00:05 GMT");
        assert_eq!(at("2026-11-27T09:00:00Z"), "Fri, 27 Nov 2026 09:00:00 GMT");
    }
}
