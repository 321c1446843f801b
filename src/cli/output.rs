//! What commands print: reports on stdout, everything else on stderr.

use std::fmt::Display;
use std::io::Write;

use serde::Serialize;

/// Prints a report on stdout: as its one JSON document, or as its text if it has any. A reader that left is no error.
pub(crate) fn report(report: &(impl Serialize + Display), json: bool) -> anyhow::Result<()> {
    let text = text(report, json)?;
    if !text.is_empty() {
        let _ = writeln!(std::io::stdout().lock(), "{text}");
    }
    Ok(())
}

/// Prints a report on stderr, beside a file on stdout.
pub(crate) fn report_aside(report: &(impl Serialize + Display), json: bool) -> anyhow::Result<()> {
    remark(text(report, json)?);
    Ok(())
}

fn text(report: &(impl Serialize + Display), json: bool) -> anyhow::Result<String> {
    if json {
        Ok(serde_json::to_string_pretty(report)?)
    } else {
        Ok(report.to_string())
    }
}

/// Prints a remark for the person at the terminal on stderr.
pub(crate) fn remark(text: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints warnings on stderr, a line each.
pub(crate) fn warn<T: Display>(warnings: impl IntoIterator<Item = T>) {
    for warning in warnings {
        remark(format_args!("warning: {warning}"));
    }
}

/// Prints why a command failed, with its chain of causes, on stderr.
pub(crate) fn failure(error: &anyhow::Error) {
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "error: {error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(stderr, "  because: {cause}");
    }
}
