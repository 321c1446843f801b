//! Flags and moments as other servers and spreadsheets write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound, TimeZone, Utc};
use chrono_tz::Europe::Brussels;

/// What a Sync flag may be written as, in lower case.
const ON: [&str; 9] = ["on", "true", "1", "yes", "y", "ja", "j", "aan", "waar"];
const OFF: [&str; 9] = ["off", "false", "0", "no", "n", "nee", "neen", "uit", "onwaar"];

/// Forms of a moment without a zone, and of a day; their time is that of Brussels.
const MOMENTS: [&str; 7] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
];
const DAYS: [&str; 3] = ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"];

/// Reads a Sync flag.
pub(super) fn flag(cell: &str) -> Option<bool> {
    let word = cell.to_lowercase();
    if ON.contains(&word.as_str()) {
        Some(true)
    } else {
        OFF.contains(&word.as_str()).then_some(false)
    }
}

/// Reads a moment; a day is its first moment, and it is as exact as the database is, to the microsecond. One that the clocks skip in spring is none.
pub(super) fn moment(cell: &str) -> Option<DateTime<Utc>> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(cell) {
        return Some(moment.to_utc().trunc_subsecs(6));
    }
    let of_moment = |form: &&str| NaiveDateTime::parse_from_str(cell, form).ok();
    let of_day = |form: &&str| NaiveDate::parse_from_str(cell, form).ok()?.and_hms_opt(0, 0, 0);
    let local = MOMENTS.iter().find_map(of_moment);
    let local = local.or_else(|| DAYS.iter().find_map(of_day))?;
    Some(
        Brussels
            .from_local_datetime(&local)
            .earliest()?
            .to_utc()
            .trunc_subsecs(6),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_read_in_the_words_of_programs_and_people() {
        for (cell, expected) in [
            ("On", Some(true)),
            ("WAAR", Some(true)),
            ("1", Some(true)),
            ("Neen", Some(false)),
            ("false", Some(false)),
            ("", None),
            ("misschien", None),
            ("2", None),
        ] {
            assert_eq!(flag(cell), expected, "{cell:?}");
        }
    }

    #[test]
    fn a_moment_is_read_as_programs_and_spreadsheets_write_it() {
        for (cell, expected) in [
            ("2025-09-01T06:30:00Z", Some("2025-09-01T06:30:00Z")),
            ("2025-09-01 08:30:00+02:00", Some("2025-09-01T06:30:00Z")),
            ("2025-09-01T08:30:00.123", Some("2025-09-01T06:30:00.123Z")),
            (
                "2025-09-01T08:30:00.1234567+02:00",
                Some("2025-09-01T06:30:00.123456Z"),
            ),
            ("1/9/2025 8:30", Some("2025-09-01T06:30:00Z")),
            ("01-12-2025", Some("2025-11-30T23:00:00Z")),
            ("2025-12-01", Some("2025-11-30T23:00:00Z")),
            ("26/10/2025 02:30", Some("2025-10-26T00:30:00Z")),
            ("30/03/2025 02:30", None),
            ("45000", None),
            ("31/02/2025", None),
            ("gisteren", None),
        ] {
            let expected = expected.map(|text| text.parse::<DateTime<Utc>>().unwrap());
            assert_eq!(moment(cell), expected, "{cell:?}");
        }
    }
}
