//! From the text of a cell to the text Postgres takes, or what is wrong with it.

use std::fmt::Write;
use std::ops::Range;

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, TimeZone, Utc};
use chrono_tz::Europe::Brussels;
use oneroster_school::tenant::SchoolYear;
use oneroster_school::text::{Damage, Received};
use uuid::Uuid;

use crate::mirror::layout::Kind;
use crate::mirror::rule::Rule;

/// The years a date may lie in: what Postgres, JSON and people agree about.
const YEARS: std::ops::RangeInclusive<i32> = 1800..=9999;

/// Checks a cell that is not empty and writes its value to `output`, escaped for COPY in text format.
///
/// On a fault, `output` may hold a part of the value: the caller cuts it off.
pub(super) fn write(received: &Received<'_>, kind: Kind, output: &mut String) -> Result<(), (Rule, String)> {
    let text = received.text.as_ref();
    // Writing to a String cannot fail.
    match kind {
        Kind::Integer(least, most) => {
            let number = integer(text, least, most)?;
            if text.starts_with(['0', '-']) {
                let _ = write!(output, "{number}");
            } else {
                output.push_str(text);
            }
        }
        Kind::Uuid => {
            let id = uuid(text)?;
            output.push_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
        }
        Kind::Text(limit, _) => {
            check_text(received, limit)?;
            escape(text, output);
        }
        Kind::Date => {
            date(text)?;
            output.push_str(text);
        }
        Kind::Timestamp => {
            let instant = timestamp(text)?;
            if looks_like(text, "0000-00-00T00:00:00Z") {
                output.push_str(text);
            } else {
                output.push_str(&instant.to_rfc3339_opts(SecondsFormat::Micros, true));
            }
        }
        Kind::Boolean => output.push_str(if boolean(text)? { "t" } else { "f" }),
        Kind::Instelnr => digits(text, 6, Rule::InstelnrForm, output)?,
        Kind::Hfdstructuur => digits(text, 3, Rule::HfdstructuurForm, output)?,
        Kind::Schooljaar => {
            schooljaar(text)?;
            output.push_str(text);
        }
    }
    Ok(())
}

/// Reads a whole number from `least` to `most`; leading zeros count for nothing.
pub(super) fn integer(text: &str, least: i64, most: i64) -> Result<i64, (Rule, String)> {
    let figures = text.strip_prefix('-').unwrap_or(text);
    if figures.is_empty() || !figures.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err((
            Rule::IntegerForm,
            "must be a whole number, of digits only".to_owned(),
        ));
    }
    // All digits: what does not parse is too large.
    match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err((Rule::OutOfRange, format!("must be from {least} to {most}"))),
    }
}

fn uuid(text: &str) -> Result<Uuid, (Rule, String)> {
    Uuid::try_parse(text).map_err(|_| {
        (
            Rule::UuidForm,
            "must be a UUID, such as 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0".to_owned(),
        )
    })
}

fn check_text(received: &Received<'_>, limit: usize) -> Result<(), (Rule, String)> {
    let text = received.text.as_ref();
    // Of a letter that was encoded twice, half may be a C1 control: that is the damage, and no fault of its own.
    let is_fault = |character: &char| match received.damage {
        Some(Damage::DoublyEncoded) => character.is_ascii_control(),
        _ => character.is_control(),
    };
    if let Some(character) = text.chars().find(is_fault) {
        let message = format!(
            "must not hold control characters, such as U+{:04X}",
            u32::from(character)
        );
        return Err((Rule::ControlCharacter, message));
    }
    if text.chars().nth(limit).is_some() {
        return Err((
            Rule::TooLong,
            format!("must be at most {limit} characters, not {}", text.chars().count()),
        ));
    }
    Ok(())
}

/// Escapes what COPY's text format gives a meaning. The control characters among them, all of ASCII, never pass the check.
fn escape(text: &str, output: &mut String) {
    for (index, part) in text.split('\\').enumerate() {
        if index > 0 {
            output.push_str("\\\\");
        }
        output.push_str(part);
    }
}

/// Returns `true` if `text` looks like `pattern`, in which a `0` stands for any digit.
fn looks_like(text: &str, pattern: &str) -> bool {
    text.len() == pattern.len()
        && text
            .bytes()
            .zip(pattern.bytes())
            .all(|(byte, wanted)| match wanted {
                b'0' => byte.is_ascii_digit(),
                _ => byte == wanted,
            })
}

/// Reads a day: exactly `YYYY-MM-DD`, one that exists, in the years 1800 to 9999.
fn date(text: &str) -> Result<NaiveDate, (Rule, String)> {
    if !looks_like(text, "0000-00-00") {
        return Err((Rule::DateForm, "must be a date written YYYY-MM-DD".to_owned()));
    }
    let day = day(text).ok_or_else(|| (Rule::DateForm, "is not a day of the calendar".to_owned()))?;
    within_years(day)?;
    Ok(day)
}

/// Reads a day whose form is right.
fn day(text: &str) -> Option<NaiveDate> {
    let number = |range: Range<usize>| text.get(range)?.parse::<u16>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())
}

fn within_years(day: NaiveDate) -> Result<(), (Rule, String)> {
    if YEARS.contains(&chrono::Datelike::year(&day)) {
        return Ok(());
    }
    Err((
        Rule::OutOfRange,
        format!("must lie in the years {} to {}", YEARS.start(), YEARS.end()),
    ))
}

/// Reads an instant: RFC 3339 (a space may stand for the `T`); without zone it is the time in Brussels.
///
/// Of an hour that comes twice in autumn, the first is meant; a time in the hour that spring skips is read as if the
/// clock had not been put forward yet.
pub(super) fn timestamp(text: &str) -> Result<DateTime<Utc>, (Rule, String)> {
    let form = || {
        let message = "must be a time such as 2026-09-01T08:30:00+02:00 (without zone: Brussels)";
        (Rule::TimestampForm, message.to_owned())
    };
    let (day_and_time, rest) = text.split_at_checked(19).ok_or_else(form)?;
    if !looks_like(day_and_time, "0000-00-00T00:00:00") && !looks_like(day_and_time, "0000-00-00 00:00:00") {
        return Err(form());
    }
    let zoned = rest.bytes().any(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-'));
    let instant = if zoned {
        DateTime::parse_from_rfc3339(text).map_err(|_| form())?.to_utc()
    } else {
        let normal = day_and_time.replace(' ', "T") + rest;
        from_brussels(NaiveDateTime::parse_from_str(&normal, "%Y-%m-%dT%H:%M:%S%.f").map_err(|_| form())?)
            .ok_or_else(form)?
    };
    within_years(instant.date_naive())?;
    Ok(instant)
}

fn from_brussels(local: NaiveDateTime) -> Option<DateTime<Utc>> {
    match Brussels.from_local_datetime(&local) {
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => Some(instant.to_utc()),
        LocalResult::None => {
            // The gap is an hour: an hour earlier exists, and an hour after that is the same instant by the old clock.
            let hour = TimeDelta::hours(1);
            Some(
                Brussels
                    .from_local_datetime(&local.checked_sub_signed(hour)?)
                    .latest()?
                    .to_utc()
                    + hour,
            )
        }
    }
}

/// Reads `1`, `0`, `true` or `false`, whatever the case.
pub(super) fn boolean(text: &str) -> Result<bool, (Rule, String)> {
    if text == "1" || text.eq_ignore_ascii_case("true") {
        return Ok(true);
    }
    if text == "0" || text.eq_ignore_ascii_case("false") {
        return Ok(false);
    }
    Err((Rule::BooleanForm, "must be 1 or 0 (or true or false)".to_owned()))
}

fn digits(text: &str, count: usize, rule: Rule, output: &mut String) -> Result<(), (Rule, String)> {
    if text.len() != count || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err((rule, format!("must be {count} digits; leading zeros count")));
    }
    output.push_str(text);
    Ok(())
}

fn schooljaar(text: &str) -> Result<(), (Rule, String)> {
    if text.parse::<SchoolYear>().is_ok() {
        return Ok(());
    }
    Err((
        Rule::SchooljaarForm,
        "must be a school year such as 2026-27".to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use oneroster_school::text::{TextUse, receive};

    fn written(text: &str, kind: Kind) -> Result<String, Rule> {
        let mut output = String::new();
        let received = if let Kind::Text(_, text_use) = kind {
            receive(text, text_use)
        } else {
            Received {
                text: text.into(),
                damage: None,
            }
        };
        write(&received, kind, &mut output)
            .map(|()| output)
            .map_err(|(rule, _)| rule)
    }

    #[test]
    fn cells_are_written_as_postgres_takes_them() {
        let serial = Kind::Integer(1, i64::MAX);
        let site = Kind::Integer(0, 999_999);
        for (text, kind, expected) in [
            ("9223372036854775807", serial, Ok("9223372036854775807")),
            ("9223372036854775808", serial, Err(Rule::OutOfRange)),
            ("0", serial, Err(Rule::OutOfRange)),
            ("001", site, Ok("1")),
            ("-1", site, Err(Rule::OutOfRange)),
            ("-", site, Err(Rule::IntegerForm)),
            ("+1", site, Err(Rule::IntegerForm)),
            ("1.0", site, Err(Rule::IntegerForm)),
            ("1 000", site, Err(Rule::IntegerForm)),
            ("١", site, Err(Rule::IntegerForm)),
            (
                "{0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0}",
                Kind::Uuid,
                Ok("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"),
            ),
            (
                "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f",
                Kind::Uuid,
                Err(Rule::UuidForm),
            ),
            ("2028-02-29", Kind::Date, Ok("2028-02-29")),
            ("2027-02-29", Kind::Date, Err(Rule::DateForm)),
            ("2027-2-09", Kind::Date, Err(Rule::DateForm)),
            ("09/02/2027", Kind::Date, Err(Rule::DateForm)),
            ("2027-02-09T00:00:00", Kind::Date, Err(Rule::DateForm)),
            ("0000-01-01", Kind::Date, Err(Rule::OutOfRange)),
            ("1799-12-31", Kind::Date, Err(Rule::OutOfRange)),
            ("9999-12-31", Kind::Date, Ok("9999-12-31")),
            ("TRUE", Kind::Boolean, Ok("t")),
            ("0", Kind::Boolean, Ok("f")),
            ("ja", Kind::Boolean, Err(Rule::BooleanForm)),
            ("001507", Kind::Instelnr, Ok("001507")),
            ("1507", Kind::Instelnr, Err(Rule::InstelnrForm)),
            ("00150a", Kind::Instelnr, Err(Rule::InstelnrForm)),
            ("211", Kind::Hfdstructuur, Ok("211")),
            ("21", Kind::Hfdstructuur, Err(Rule::HfdstructuurForm)),
            ("2026-27", Kind::Schooljaar, Ok("2026-27")),
            ("2099-00", Kind::Schooljaar, Ok("2099-00")),
            ("2026-28", Kind::Schooljaar, Err(Rule::SchooljaarForm)),
            ("2026-2027", Kind::Schooljaar, Err(Rule::SchooljaarForm)),
        ] {
            assert_eq!(
                written(text, kind),
                expected.map(str::to_owned),
                "{text:?} as {kind:?}"
            );
        }
    }

    #[test]
    fn texts_are_written_as_postgres_takes_them() {
        for (text, limit, expected) in [
            ("d'Hondt\\N", 9, Ok("d'Hondt\\\\N")),
            ("éééé", 4, Ok("éééé")),
            ("ééééé", 4, Err(Rule::TooLong)),
            ("a\0b", 9, Err(Rule::ControlCharacter)),
            ("a\tb", 9, Err(Rule::ControlCharacter)),
            ("a\nb", 9, Err(Rule::ControlCharacter)),
            ("a\u{85}b", 9, Err(Rule::ControlCharacter)),
            // Half a letter of a doubly encoded text is no control.
            ("\u{C3}\u{85}sa", 9, Ok("\u{C3}\u{85}sa")),
            ("\u{C3}\u{89}l\u{85}a", 9, Err(Rule::ControlCharacter)),
            ("\u{C3}\u{85}s\u{7F}a", 9, Err(Rule::ControlCharacter)),
        ] {
            let kind = Kind::Text(limit, TextUse::PersonName);
            assert_eq!(written(text, kind), expected.map(str::to_owned), "{text:?}");
        }
    }

    #[test]
    fn instants_without_zone_are_brussels_time() {
        for (text, expected) in [
            ("2026-09-01T08:30:00Z", Ok("2026-09-01T08:30:00Z")),
            ("2026-09-01T08:30:00z", Ok("2026-09-01T08:30:00.000000Z")),
            ("2026-02-29T08:30:00Z", Err(Rule::TimestampForm)),
            ("2026-09-01T08:30:00+02:00", Ok("2026-09-01T06:30:00.000000Z")),
            (
                "2026-09-01T08:30:00.123456789-01:00",
                Ok("2026-09-01T09:30:00.123456Z"),
            ),
            ("2026-09-01T08:30:00", Ok("2026-09-01T06:30:00.000000Z")),
            ("2026-01-01 08:30:00.5", Ok("2026-01-01T07:30:00.500000Z")),
            // Comes twice: the first.
            ("2026-10-25T02:30:00", Ok("2026-10-25T00:30:00.000000Z")),
            // Never comes: as if the clock still stood at winter time.
            ("2026-03-29T02:30:00", Ok("2026-03-29T01:30:00.000000Z")),
            ("2026-09-01", Err(Rule::TimestampForm)),
            ("2026-09-01T08:30", Err(Rule::TimestampForm)),
            ("2026-09-01T25:30:00", Err(Rule::TimestampForm)),
            ("2026-09-01T08:30:00 CET", Err(Rule::TimestampForm)),
            ("2026-09-01T08:30:0é", Err(Rule::TimestampForm)),
            ("0001-01-01T00:00:00", Err(Rule::OutOfRange)),
        ] {
            assert_eq!(
                written(text, Kind::Timestamp),
                expected.map(str::to_owned),
                "{text}"
            );
        }
    }
}
