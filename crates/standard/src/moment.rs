//! A moment, as it is shown: one form for programs, one for people. Nothing else writes moments (`tests/it/architecture/purity.rs`).

use std::fmt::{Display, Formatter, Write};

use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};
use chrono_tz::Europe::Brussels;
use serde::{Serialize, Serializer};

/// A moment in a report, an answer, a message or a line of the log.
///
/// Serialises to RFC 3339 in UTC with milliseconds and `Z`, as the standard writes `dateLastModified` (`OneRoster` 1.1 §2.1);
/// smaller parts of a second are cut off. Displays the clock of Brussels to the second, with its offset.
///
/// ```
/// use oneroster_standard::Moment;
///
/// let moment: Moment = "2026-11-26T20:02:32.123456Z".parse::<chrono::DateTime<chrono::Utc>>()?.into();
/// assert_eq!(moment.rfc3339(), "2026-11-26T20:02:32.123Z");
/// assert_eq!(moment.to_string(), "2026-11-26 21:02:32 +01:00");
/// assert_eq!(moment.on_page(), "26/11/2026 21:02");
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(DateTime<Utc>);

impl Moment {
    /// Returns the form for programs: RFC 3339 in UTC with milliseconds and `Z`.
    pub fn rfc3339(self) -> String {
        self.0.to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// Returns the form of a `Date` header (RFC 9110 §5.6.7): in GMT, smaller parts than a second cut off.
    pub fn http_date(self) -> String {
        self.0.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    /// Returns the form of a page: the clock of Brussels to the minute, `26/11/2026 21:02`.
    pub fn on_page(self) -> String {
        self.0
            .with_timezone(&Brussels)
            .format("%d/%m/%Y %H:%M")
            .to_string()
    }

    /// Writes the form for programs. It makes no string, for what is written with every request; years have four digits.
    pub fn write_rfc3339(self, out: &mut impl Write) -> std::fmt::Result {
        let (date, time) = (self.0.date_naive(), self.0.time());
        write!(
            out,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second(),
            self.0.timestamp_subsec_millis()
        )
    }
}

impl From<DateTime<Utc>> for Moment {
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant)
    }
}

impl From<Moment> for DateTime<Utc> {
    fn from(moment: Moment) -> Self {
        moment.0
    }
}

impl Display for Moment {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let local = self.0.with_timezone(&Brussels);
        write!(formatter, "{}", local.format("%Y-%m-%d %H:%M:%S %:z"))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.rfc3339())
    }
}

/// Serialises an instant that stays one, as a [`Moment`]: for `#[serde(serialize_with)]`.
pub fn serialize<S: Serializer>(instant: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    Moment::from(*instant).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> (String, String) {
        let moment = Moment::from(text.parse::<DateTime<Utc>>().unwrap());
        let json = serde_json::to_value(moment).unwrap();
        assert_eq!(json, moment.rfc3339());
        let mut written = String::new();
        moment.write_rfc3339(&mut written).unwrap();
        assert_eq!(json, written);
        (moment.rfc3339(), moment.to_string())
    }

    #[test]
    fn programs_read_utc_with_milliseconds_and_people_the_clock_of_brussels() {
        for (text, json, people) in [
            (
                "2026-11-26T20:02:32Z",
                "2026-11-26T20:02:32.000Z",
                "2026-11-26 21:02:32 +01:00",
            ),
            (
                "2026-07-01T22:30:00.9999Z",
                "2026-07-01T22:30:00.999Z",
                "2026-07-02 00:30:00 +02:00",
            ),
            (
                "2026-10-25T00:30:00Z",
                "2026-10-25T00:30:00.000Z",
                "2026-10-25 02:30:00 +02:00",
            ),
            (
                "2026-10-25T01:30:00Z",
                "2026-10-25T01:30:00.000Z",
                "2026-10-25 02:30:00 +01:00",
            ),
        ] {
            assert_eq!(shown(text), (json.to_owned(), people.to_owned()), "{text}");
        }
    }
}
