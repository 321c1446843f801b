//! Which errors of the database are transient, and waiting until they have passed.

use std::time::Duration;

use sqlx::Error;
use sqlx::error::DatabaseError;

/// How long a request waits for a database out of reach (design §2.4).
pub const WAIT: Duration = Duration::from_secs(20);

/// The pause before another try.
const RETRY_PAUSE: Duration = Duration::from_millis(250);

/// The time to wait for the database has passed, with how it failed last; nothing if it was still waited for.
#[derive(Debug)]
pub struct StillUnavailable<E>(pub Option<E>);

/// Tries again while the database is out of reach, for so long.
pub async fn until_available<T, E, F: Future<Output = Result<T, E>>>(
    wait: Duration,
    is_unavailable: impl Fn(&E) -> bool,
    attempt: impl Fn() -> F,
) -> Result<Result<T, E>, StillUnavailable<E>> {
    let mut last = None;
    let attempts = async {
        loop {
            match attempt().await {
                Err(error) if is_unavailable(&error) => {
                    last = Some(error);
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
                outcome => return outcome,
            }
        }
    };
    match tokio::time::timeout(wait, attempts).await {
        Ok(outcome) => Ok(outcome),
        Err(_elapsed) => Err(StillUnavailable(last)),
    }
}

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

/// Returns `true` if a lock was waited for in vain.
pub fn is_lock_timeout(error: &Error) -> bool {
    error
        .as_database_error()
        .and_then(DatabaseError::code)
        .is_some_and(|code| code == "55P03")
}

/// Connection trouble, lack of resources, a server starting, stopping or demoted to read-only, a database that is
/// not there (3D000), as between `dropdb` and `createdb` of a restore, a lost race, a limit of [`super::SessionLimits`].
fn is_transient_state(sqlstate: &str) -> bool {
    ["08", "53", "57P"]
        .iter()
        .any(|class| sqlstate.starts_with(class))
        || ["25006", "25P03", "3D000", "40001", "40P01", "55P03", "57014"].contains(&sqlstate)
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
            ("25006", true),
            ("25P03", true),
            ("55P03", true),
            ("57P05", true),
            ("57014", true),
            ("3D000", true),
            ("42501", false),
            ("42P01", false),
            ("22P02", false),
        ] {
            assert_eq!(is_transient_state(state), expected, "{state}");
        }
    }

    #[tokio::test]
    async fn what_does_not_pass_in_time_says_how_it_failed_last() {
        let wait = Duration::from_millis(1);
        let failing = || async { Err::<(), _>(Error::PoolTimedOut) };
        assert!(matches!(
            until_available(wait, is_transient, failing).await,
            Err(StillUnavailable(Some(Error::PoolTimedOut)))
        ));
        let hanging = std::future::pending::<Result<(), Error>>;
        assert!(matches!(
            until_available(wait, is_transient, hanging).await,
            Err(StillUnavailable(None))
        ));
        let lasting = || async { Err::<(), _>(Error::RowNotFound) };
        assert!(matches!(
            until_available(wait, is_transient, lasting).await,
            Ok(Err(Error::RowNotFound))
        ));
    }
}
