//! How long Postgres lets a session wait, by what the session is for (design §6 "Everything that waits has a bound").
//!
//! A limit that passes ends the statement or the session in Postgres itself: what waited behind it goes on, also when the
//! process that held it was stopped or its network cut.

use std::fmt::Write as _;

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKind {
    /// Requests of clients: tokens and rosters.
    Requests,
    /// Revocations, keys, clocks and probes: small reads that every server makes each second.
    Housekeeping,
    /// Commands, and what a server does in the background.
    Work,
    /// One publication: it holds the publication lock of its tenant, also between transactions.
    Publication,
}

/// The limits of a session, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// How long a statement waits for a lock, advisory locks included.
    pub lock_ms: u32,
    /// How long a statement takes, waiting included.
    pub statement_ms: u32,
    /// How long a transaction waits for the next statement.
    pub idle_in_transaction_ms: u32,
    /// How long a session outside a transaction waits for the next statement; 0: for ever.
    pub idle_session_ms: u32,
}

/// How long a peer that went silent is believed in: keepalives after 10 s, three of them 5 s apart; sent data that is not
/// acknowledged for 25 s ends the connection; while a statement runs Postgres looks each second whether its client is gone.
const PEER_LIMITS: &str = "set tcp_keepalives_idle = '10s'; set tcp_keepalives_interval = '5s'; \
    set tcp_keepalives_count = 3; set tcp_user_timeout = '25s'; set client_connection_check_interval = '1s'";

impl SessionKind {
    /// Returns the limits of such a session.
    pub const fn limits(self) -> SessionLimits {
        match self {
            // A token request tries again for 20 s: each try is short, so that the connection serves others in between.
            Self::Requests => SessionLimits {
                lock_ms: 1_000,
                statement_ms: 10_000,
                idle_in_transaction_ms: 10_000,
                idle_session_ms: 0,
            },
            Self::Housekeeping => SessionLimits {
                lock_ms: 1_000,
                statement_ms: 2_000,
                idle_in_transaction_ms: 5_000,
                idle_session_ms: 0,
            },
            // A first import of 100,000 pupils takes a minute on a slow machine, and may stand behind another.
            Self::Work => SessionLimits {
                lock_ms: 10 * 60_000,
                statement_ms: 30 * 60_000,
                idle_in_transaction_ms: 2 * 60_000,
                idle_session_ms: 0,
            },
            // Tokens of the tenant wait for the row of its head: 10 s of silence are less than they can wait. Between its
            // transactions a publication computes, for seconds in a large group.
            Self::Publication => SessionLimits {
                lock_ms: 60_000,
                statement_ms: 5 * 60_000,
                idle_in_transaction_ms: 10_000,
                idle_session_ms: 2 * 60_000,
            },
        }
    }

    /// Returns the statements that give a session these limits.
    pub(super) fn statements(self) -> String {
        let limits = self.limits();
        let mut text = PEER_LIMITS.to_owned();
        for (name, limit_ms) in [
            ("lock_timeout", limits.lock_ms),
            ("statement_timeout", limits.statement_ms),
            (
                "idle_in_transaction_session_timeout",
                limits.idle_in_transaction_ms,
            ),
            ("idle_session_timeout", limits.idle_session_ms),
        ] {
            // Writing to a String cannot fail.
            let _ = write!(text, "; set {name} = {limit_ms}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [SessionKind; 4] = [
        SessionKind::Requests,
        SessionKind::Housekeeping,
        SessionKind::Work,
        SessionKind::Publication,
    ];

    /// How long a token request tries (design §2.4).
    const TOKEN_WAIT_MS: u32 = 20_000;

    #[test]
    fn each_wait_has_a_bound() {
        for kind in ALL {
            let limits = kind.limits();
            assert!(
                limits.lock_ms > 0 && limits.lock_ms < limits.statement_ms,
                "{kind:?}"
            );
            assert!(limits.idle_in_transaction_ms > 0, "{kind:?}");
        }
        assert!(
            SessionKind::Publication.limits().idle_session_ms > 0,
            "it holds a lock outside transactions too"
        );
    }

    #[test]
    fn a_publication_that_fell_silent_ends_before_the_tokens_behind_it_are_given_up() {
        let silent_ms = SessionKind::Publication.limits().idle_in_transaction_ms;
        let try_ms = SessionKind::Requests.limits().lock_ms;
        assert!(silent_ms + 2 * try_ms < TOKEN_WAIT_MS);
    }
}
