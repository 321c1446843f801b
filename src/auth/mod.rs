//! Who may read: clients and their secrets, signing keys, tokens that are tickets, scopes.
//!
//! A token is a ticket to one generation of its client's tenant (design §2.3). Issuing one raises the tenant's
//! `tickets_until` and reads the newest generation in a single statement, so that it cannot race a publication.
//! Verifying one needs no database: signing keys, revocations and client settings are kept in memory and
//! refreshed every second; with Postgres out of reach the last known ones stay.

mod carry_over;
pub mod client;
mod error;
mod failures;
mod issue;
mod key;
mod keyring;
pub mod keys;
mod memory;
mod pair;
mod preset;
pub mod scope;
pub mod secret;
pub mod settings;
pub mod ticket;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sqlx::PgPool;

pub use crate::encryption::KeyFileError;
pub use carry_over::{CarriedOver, carry_over};
pub use error::Error;
pub use issue::{ClientRefusal, IssueError, Issued, is_valid};
pub use keyring::Keyring;
pub use preset::{Preset, UnknownPreset};
pub use scope::{Scope, ScopeSet};
pub use settings::ClientSettings;
pub use ticket::{Rejection, Ticket, expiry_clock};

use crate::audit::Gate;
use crate::clock::Clock;
use crate::db::{RequestPool, is_transient};
pub use failures::FailedSignIns;
use memory::Memory;
use ticket::Verifier;

/// Longest life of a token, in seconds.
pub const TOKEN_LIFETIME_MAX_S: u32 = 43_200;
/// After so many hours every token issued before has ended: the longest life of one, and an hour more. So long revocations are
/// remembered, and so long a key verifies after it signed its last token.
const TOKENS_ENDED_AFTER_HOURS: i32 = 13;
/// Shortest life of a token, in seconds.
pub const TOKEN_LIFETIME_MIN_S: u32 = 60;

/// How often keys, revocations and settings are read again.
const REFRESH_INTERVAL: Duration = Duration::from_secs(1);

/// How long one such round may take. One may fail or hang, and a revocation still takes effect within five seconds: a
/// pause, the round that is lost, and the next, which begins at once after one that hung.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(2);

/// A last contact longer ago than this means that a revocation may not take effect as promised.
pub const CONTACT_AGE_MAX: Duration = Duration::from_secs(5);

const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// The database is asked for a sign of life no more often than this, however many want to know.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// Issues and verifies tokens. One per server, shared by its requests.
#[derive(Debug)]
pub struct Auth {
    requests: RequestPool,
    housekeeping: PgPool,
    failures: FailedSignIns,
    gate: Gate,
    keyring: Keyring,
    issuer: String,
    audience: String,
    default_lifetime_s: u32,
    memory: Memory,
    /// When the database was last asked for a sign of life, and whether it gave one.
    last_probe: tokio::sync::Mutex<Option<(Instant, bool)>>,
    verifier: Verifier,
}

impl Auth {
    /// Reads keys, revocations and settings, and makes the first signing key when there is none.
    ///
    /// `base_url` is where consumers reach the server, without a slash at the end: the issuer of its tokens.
    /// `default_lifetime_s` is how long a token lives unless its client has its own setting. While `gate` is shut no token is
    /// issued; it signs for those that are. Requests use connections of `requests`; what must be known each second is read by
    /// `housekeeping`, which no request can use up. Refused if `keyring` opens none of the signing keys there are.
    pub async fn start(
        (requests, housekeeping): (RequestPool, PgPool),
        (failures, gate): (FailedSignIns, Gate),
        keyring: Keyring,
        clock: Clock,
        base_url: &str,
        default_lifetime_s: u32,
    ) -> Result<Arc<Self>, Error> {
        let issuer = base_url.to_owned();
        let audience = format!("{base_url}/ims/oneroster/v1p1");
        let auth = Self {
            verifier: Verifier::new(&issuer, &audience),
            memory: Memory::new(clock),
            last_probe: tokio::sync::Mutex::default(),
            requests,
            housekeeping,
            failures,
            gate,
            keyring,
            issuer,
            audience,
            default_lifetime_s,
        };
        key::ensure(&auth.housekeeping, &auth.keyring).await?;
        auth.memory.refresh(&auth.housekeeping, &auth.keyring).await?;
        Ok(Arc::new(auth))
    }

    /// Keeps keys, revocations and settings fresh until told to stop.
    pub async fn refresh_until(self: Arc<Self>, mut stop: tokio::sync::watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(REFRESH_INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let refreshing = async {
            loop {
                ticks.tick().await;
                self.refresh_once().await;
            }
        };
        tokio::select! {
            () = refreshing => {}
            _ = stop.wait_for(|stopped| *stopped) => {}
        }
    }

    async fn refresh_once(&self) {
        let round = async {
            // Revocations are read also when there is no key to be had.
            if self.memory.has_keys_due() {
                self.keyring.note_ensured(self.ensure_keys().await);
            }
            self.memory.refresh(&self.housekeeping, &self.keyring).await
        };
        self.failures.forget_old();
        let failure = match tokio::time::timeout(REFRESH_TIMEOUT, round).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.with_causes(),
            Err(_) => "no answer in time".to_owned(),
        };
        tracing::warn!(
            error = failure,
            "revocations, settings and keys are as of the last contact"
        );
    }

    /// Does what is due about the signing keys, with the encryption key that is in its file now: the one held may be lost.
    async fn ensure_keys(&self) -> Result<(), Error> {
        // A file that cannot be read leaves the key that is held; where that is no longer good, it is said.
        let _ = self.keyring.read_again();
        key::ensure(&self.housekeeping, &self.keyring).await
    }

    /// Returns the settings of a client; the defaults for one that set nothing.
    pub fn settings(&self, client_id: &str) -> ClientSettings {
        self.memory.settings(client_id)
    }

    /// Returns how far this machine's clock and the database's are apart, in seconds, if that is too much to issue tokens.
    pub fn clocks_apart_s(&self) -> Option<i64> {
        self.memory.clocks_apart_s()
    }

    /// Returns how long ago keys, revocations and settings were last read.
    pub fn contact_age(&self) -> Duration {
        self.memory.age()
    }

    /// Returns the time by the database's clock, as far as it is known: never ahead of it, and right again as soon as it is.
    pub fn database_clock(&self) -> DateTime<Utc> {
        self.memory.database_clock()
    }

    /// Asks the database for a sign of life, for at most two seconds; tells again what it said within the last second.
    ///
    /// Anybody may ask: they must not use up the connections that revocations are read by.
    pub async fn database_answers(&self) -> bool {
        let mut last = self.last_probe.lock().await;
        if let Some((asked_at, answered)) = *last
            && asked_at.elapsed() < PROBE_INTERVAL
        {
            return answered;
        }
        let answered = tokio::time::timeout(PROBE_TIMEOUT, self.probe())
            .await
            .unwrap_or(false);
        *last = Some((Instant::now(), answered));
        answered
    }

    /// Asks once for each connection that may be broken since the database was restarted or restored, and once on a new one.
    async fn probe(&self) -> bool {
        for _ in 0..=self.housekeeping.options().get_max_connections() {
            let probe = sqlx::query_scalar!(r#"select 1 as "one!""#).fetch_one(&self.housekeeping);
            match probe.await {
                Ok(_) => return true,
                Err(error) if is_transient(&error) => {}
                Err(_) => return false,
            }
        }
        false
    }

    /// Returns whether the database went back, as far as this server knows.
    pub const fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Returns the issuer of the tokens: the address consumers reach the server at.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the public keys as a JSON Web Key Set (RFC 7517).
    pub fn key_set(&self) -> serde_json::Value {
        self.memory.key_set()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revocation_takes_effect_within_five_seconds_also_when_one_round_is_lost() {
        let hangs = REFRESH_INTERVAL + REFRESH_TIMEOUT + REFRESH_TIMEOUT;
        let fails_at_once = REFRESH_INTERVAL + REFRESH_INTERVAL + REFRESH_TIMEOUT;
        assert!(hangs <= CONTACT_AGE_MAX && fails_at_once <= CONTACT_AGE_MAX);
    }
}
