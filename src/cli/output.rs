//! What commands print: reports on stdout, everything else on stderr.

use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use serde::Serialize;

use crate::db;

/// After so long a wait is said.
const SAID_AFTER: Duration = Duration::from_secs(3);

/// How long a command waits for what somebody else is to write.
const WRITER_TIMEOUT: Duration = Duration::from_mins(30);

/// Does work that waits for what somebody else writes, such as a pipe: says after 3 s what for, and ends the command after
/// 30 min. For what is read before anything is changed.
pub(crate) fn said_if_long<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let what = what.to_owned();
    let (done, waiting) = mpsc::channel::<()>();
    std::thread::spawn(move || {
        let is_long = |limit| waiting.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
        if is_long(SAID_AFTER) {
            let minutes = WRITER_TIMEOUT.as_secs() / 60;
            remark(format_args!(
                "still waiting for {what}; Ctrl-C gives up, and after {minutes} minutes this ends by itself"
            ));
            if is_long(WRITER_TIMEOUT) {
                remark(format_args!(
                    "error: gave up waiting for {what}: nothing was changed"
                ));
                std::process::exit(1);
            }
        }
    });
    let result = work();
    drop(done);
    result
}

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
    for (index, text) in chain(error).iter().enumerate() {
        let _ = match index {
            0 => writeln!(stderr, "error: {text}"),
            _ => writeln!(stderr, "  because: {text}"),
        };
    }
}

/// Returns an error and its causes, each told once: what the database said without the driver's frame around it.
fn chain(error: &anyhow::Error) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.downcast_ref().and_then(db::refusal);
        let text = text
            .or_else(|| full_disk(cause))
            .unwrap_or_else(|| cause.to_string());
        if !told.last().is_some_and(|last| last.contains(&text)) {
            told.push(text);
        }
        // Below it stands only the same again, in the words of the driver.
        if cause.is::<sqlx::Error>() {
            break;
        }
    }
    told
}

/// Returns what to do about a full disk, which the operating system calls a device without space.
fn full_disk(cause: &(dyn std::error::Error + 'static)) -> Option<String> {
    let error = cause.downcast_ref::<std::io::Error>()?;
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
        .then(|| format!("the disk is full: make room on it, then do the same again ({error})"))
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read the tenants")]
    struct Outer(#[source] sqlx::Error);

    #[test]
    fn a_cause_is_told_once() {
        let error = anyhow::Error::new(Outer(sqlx::Error::PoolTimedOut)).context("cannot list");
        let timed_out = sqlx::Error::PoolTimedOut.to_string();
        assert_eq!(
            chain(&error),
            ["cannot list", "cannot read the tenants", timed_out.as_str()]
        );
        let said_already = anyhow!("no route").context("cannot connect: no route");
        assert_eq!(chain(&said_already), ["cannot connect: no route"]);
    }

    #[test]
    fn a_full_disk_is_named() {
        let full = std::io::Error::from(ErrorKind::StorageFull);
        let error = anyhow::Error::new(full).context("cannot write check.csv");
        let told = chain(&error);
        assert!(
            told.len() == 2 && told[1].starts_with("the disk is full: make room"),
            "{told:?}"
        );
    }
}
