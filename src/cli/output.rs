//! What commands print: reports on stdout, everything else on stderr.

use std::io::Write;

use oneroster_standard::Moment;

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

/// Returns a moment as people read it.
pub(crate) fn local(moment: impl Into<Moment>) -> Moment {
    moment.into()
}
