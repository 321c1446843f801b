//! Which errors of the database are transient.

use sqlx::Error;
use sqlx::error::DatabaseError;

/// Returns `true` if the database was out of reach or could not serve just now: the same request may succeed later.
pub fn is_transient(error: &Error) -> bool {
    matches!(
        error,
        Error::Io(_)
            | Error::Tls(_)
            | Error::Protocol(_)
            | Error::PoolTimedOut
            | Error::PoolClosed
            | Error::WorkerCrashed
    ) || error
        .as_database_error()
        .and_then(DatabaseError::code)
        .is_some_and(|code| is_transient_state(&code))
}

/// Connection trouble, lack of resources, a server starting, stopping or demoted to read-only, a lost race.
fn is_transient_state(sqlstate: &str) -> bool {
    ["08", "53", "57P"]
        .iter()
        .any(|class| sqlstate.starts_with(class))
        || ["25006", "40001", "40P01", "55P03", "57014"].contains(&sqlstate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_reach_is_transient_and_what_is_not_allowed_or_not_understood_is_not() {
        for transient in [
            Error::PoolTimedOut,
            Error::PoolClosed,
            Error::Io(std::io::ErrorKind::ConnectionRefused.into()),
        ] {
            assert!(is_transient(&transient), "{transient}");
        }
        for lasting in [Error::Decode("its role is unknown".into()), Error::RowNotFound] {
            assert!(!is_transient(&lasting), "{lasting}");
        }
        for (state, expected) in [
            ("08006", true),
            ("57P03", true),
            ("53300", true),
            ("40001", true),
            ("42501", false),
            ("42P01", false),
            ("22P02", false),
        ] {
            assert_eq!(is_transient_state(state), expected, "{state}");
        }
    }
}
