//! What Postgres refused, in words for the person at the terminal.

use sqlx::Error;
use sqlx::postgres::PgDatabaseError;

/// SQLSTATE `disk_full`.
const DISK_FULL: &str = "53100";

/// SQLSTATE `lock_not_available`.
const LOCK_TIMEOUT: &str = "55P03";

/// SQLSTATE `idle_in_transaction_session_timeout`.
const FELL_SILENT: &str = "25P03";

/// Returns what the database said, with its hint and its code, or what to do if its disk is full; `None` for an error that
/// is not the database's answer.
///
/// The line of Postgres's own source that sqlx shows is left out.
pub fn refusal(error: &Error) -> Option<String> {
    let error = error.as_database_error()?.try_downcast_ref::<PgDatabaseError>()?;
    Some(text(error.code(), error.message(), error.hint()))
}

fn text(code: &str, message: &str, hint: Option<&str>) -> String {
    if code == DISK_FULL {
        return format!(
            "the disk of the database is full ({message}): make room on it, then do the same again"
        );
    }
    match code {
        LOCK_TIMEOUT => {
            return "another command or server holds what this waited for, and did not end in time: nothing was \
                    changed; do the same again later. Who holds it: select pid, state, query_start from \
                    pg_stat_activity where application_name = 'oneroster'; one that hangs is ended by \
                    select pg_terminate_backend(pid)"
                .to_owned();
        }
        FELL_SILENT => {
            return "this process stood still in the middle of a transaction, which the database therefore ended: \
                    nothing was changed; do the same again"
                .to_owned();
        }
        _ => {}
    }
    let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("the database said: {message}{hint} [{code}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named_with_what_to_do() {
        let said = text(
            DISK_FULL,
            "could not extend file \"base/5/16384\": No space left on device",
            None,
        );
        assert!(
            said.starts_with("the disk of the database is full (could not extend"),
            "{said}"
        );
        assert!(said.ends_with("then do the same again"), "{said}");
    }

    #[test]
    fn a_wait_that_ended_says_what_to_look_at() {
        let said = text(LOCK_TIMEOUT, "canceling statement due to lock timeout", None);
        assert!(
            said.contains("nothing was changed") && said.contains("pg_terminate_backend"),
            "{said}"
        );
    }

    #[test]
    fn what_the_database_said_stands_with_its_hint_and_code() {
        assert_eq!(
            text("42501", "permission denied for table head", Some("Grant it.")),
            "the database said: permission denied for table head (Grant it.) [42501]"
        );
        assert!(refusal(&Error::PoolTimedOut).is_none());
    }
}
