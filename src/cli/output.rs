//! What commands print: reports on stdout, everything else on stderr.

use std::io::Write;

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Brussels;

/// Prints a line of a report on stdout. A reader that went away is no error.
pub(crate) fn line(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Prints the one JSON document of a report on stdout.
pub(crate) fn json(document: &impl serde::Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(document)?;
    line(text);
    Ok(())
}

/// Prints a remark for the person at the terminal on stderr.
pub(crate) fn remark(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints why a command failed, with its chain of causes, on stderr.
pub(crate) fn failure(error: &anyhow::Error) {
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "error: {error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(stderr, "  because: {cause}");
    }
}

/// Puts an instant in words for a person: to the second, in Brussels.
pub(crate) fn local(instant: DateTime<Utc>) -> impl std::fmt::Display {
    instant.with_timezone(&Brussels).format("%Y-%m-%d %H:%M:%S")
}
