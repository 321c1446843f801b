//! Dates and times as consumers write them in a filter (`OneRoster` 1.1 §5.2).

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Europe::Brussels;

/// Reads `YYYY-MM-DD`, alone or followed by `T` (or a blank) and `hh:mm[:ss[.fraction]]`, then perhaps `Z` or
/// `±hh:mm`; the fraction has 0–9 digits. A date alone means the start of that day; without zone the clock is that
/// of Europe/Brussels, and of two readings the earlier counts.
///
/// A blank before the offset is read as `+`: that is what an unencoded `+` in an address becomes.
/// `None` for anything else.
pub fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    let (date, rest) = text.split_at_checked(10)?;
    let date = parse_date(date)?;
    let Some(rest) = rest.strip_prefix(['T', 't', ' ']) else {
        return rest.is_empty().then(|| date_in_brussels(date));
    };
    let (hour, rest) = two_digits(rest)?;
    let (minute, rest) = two_digits(rest.strip_prefix(':')?)?;
    let (second, rest) = match rest.strip_prefix(':') {
        Some(rest) => two_digits(rest)?,
        None => (0, rest),
    };
    let (nanosecond, rest) = match rest.strip_prefix('.') {
        Some(rest) => fraction(rest)?,
        None => (0, rest),
    };
    let local = date.and_time(NaiveTime::from_hms_nano_opt(hour, minute, second, nanosecond)?);
    match rest {
        "" => Some(local_in_brussels(local)),
        "Z" | "z" => Some(local.and_utc()),
        zone => offset(zone)?
            .from_local_datetime(&local)
            .single()
            .map(|instant| instant.to_utc()),
    }
}

/// Reads `YYYY-MM-DD`.
fn parse_date(text: &str) -> Option<NaiveDate> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(digits(year)?).ok()?, digits(month)?, digits(day)?)
}

/// Returns the start of a day in Brussels.
pub fn date_in_brussels(date: NaiveDate) -> DateTime<Utc> {
    local_in_brussels(date.and_time(NaiveTime::MIN))
}

/// Returns the earlier instant at which a clock in Brussels shows this, or would have shown it in the skipped hour.
fn local_in_brussels(local: NaiveDateTime) -> DateTime<Utc> {
    Brussels
        .from_local_datetime(&local)
        .earliest()
        .or_else(|| {
            Brussels
                .from_local_datetime(&(local - TimeDelta::hours(1)))
                .earliest()
        })
        .map_or_else(|| local.and_utc(), |instant| instant.to_utc())
}

/// Reads an offset `±hh:mm` or `±hhmm`.
fn offset(zone: &str) -> Option<FixedOffset> {
    let (sign, rest) = if let Some(rest) = zone.strip_prefix('-') {
        (-1, rest)
    } else {
        (1, zone.strip_prefix(['+', ' '])?)
    };
    let (hours, rest) = two_digits(rest)?;
    let (minutes, rest) = two_digits(rest.strip_prefix(':').unwrap_or(rest))?;
    if !rest.is_empty() || minutes > 59 {
        return None;
    }
    FixedOffset::east_opt(sign * i32::try_from(hours * 3600 + minutes * 60).ok()?)
}

fn two_digits(text: &str) -> Option<(u32, &str)> {
    let (head, rest) = text.split_at_checked(2)?;
    Some((digits(head)?, rest))
}

/// Reads 0–9 digits of a second's fraction as nanoseconds.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let (head, rest) = text.split_at_checked(end)?;
    if head.len() > 9 {
        return None;
    }
    digits(&format!("{head:0<9}")).map(|nanosecond| (nanosecond, rest))
}

/// Reads a number of ASCII digits only; no sign, no blank.
fn digits(text: &str) -> Option<u32> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> Option<String> {
        parse_instant(text).map(|instant| instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
    }

    #[test]
    fn dates_and_times_are_read_as_documented() {
        for (text, expected) in [
            ("2026-07-01", "2026-06-30T22:00:00Z"), // start of the day in Brussels, summer
            ("2026-12-01", "2026-11-30T23:00:00Z"), // winter
            ("2026-07-01T10:00", "2026-07-01T08:00:00Z"),
            ("2026-07-01T10:00:00", "2026-07-01T08:00:00Z"),
            ("2026-07-01 10:00:00", "2026-07-01T08:00:00Z"),
            ("2026-07-01T10:00:00Z", "2026-07-01T10:00:00Z"),
            ("2026-07-01T10:00:00.Z", "2026-07-01T10:00:00Z"),
            ("2026-07-01T10:00:00.5Z", "2026-07-01T10:00:00.500Z"),
            ("2026-07-01T10:00:00.123456789Z", "2026-07-01T10:00:00.123456789Z"),
            ("2026-07-01T10:00:00.250+02:00", "2026-07-01T08:00:00.250Z"),
            ("2026-07-01T10:00:00+0200", "2026-07-01T08:00:00Z"),
            ("2026-07-01T10:00:00 02:00", "2026-07-01T08:00:00Z"), // an unencoded +
            ("2026-07-01T10:00:00-05:30", "2026-07-01T15:30:00Z"),
            ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"), // shown twice: the earlier
            ("2026-03-29T02:30:00", "2026-03-29T00:30:00Z"), // never shown: the earlier reading
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "abc",
            "2026",
            "2026-7-1",
            "2026-02-30",
            "2026-07-01T",
            "2026-07-01T10",
            "2026-07-01T25:00",
            "2026-07-01T10:00:00.1234567890Z",
            "2026-07-01T10:00:00+2",
            "2026-07-01T10:00:00Zz",
            "2026-07-01x",
            "+026-07-01",
            "2026-07-01T10:00:00+02:99",
            "2026-07-01T10:00:00+99:00",
            "２０２６-07-01",
            "12345678é-",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            let _ = parse_instant(&text);
        }

        #[test]
        fn what_is_emitted_reads_back(milliseconds in 0_i64..4_102_444_800_000) {
            let instant = DateTime::from_timestamp_millis(milliseconds).unwrap();
            let text = instant.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            prop_assert_eq!(parse_instant(&text), Some(instant));
        }
    }
}
