//! Tokens as tickets: what one says, and how one is verified (design §2.3).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Auth, ScopeSet};

/// Longest token that is looked at, in bytes. Ours have about 900.
const TOKEN_LENGTH_MAX: usize = 4096;

/// How many verified tokens are remembered, at least; twice as many at most.
const REMEMBERED: usize = 10_000;

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) aud: String,
    /// The client.
    pub(super) sub: String,
    pub(super) tenant: String,
    /// The generation it is a ticket to; none when the tenant had none.
    #[serde(rename = "gen", default, skip_serializing_if = "Option::is_none")]
    pub(super) generation_id: Option<Uuid>,
    /// Its number, for people.
    #[serde(rename = "num", default, skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<i64>,
    pub(super) scope: String,
    pub(super) iat: i64,
    pub(super) exp: i64,
    pub(super) jti: Uuid,
}

/// A verified token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The client it was issued to.
    pub client_id: String,
    /// The tenant whose data it opens.
    pub tenant_id: String,
    /// The generation everything read with it comes from; `None` when the tenant had not published yet.
    pub generation_id: Option<Uuid>,
    /// That generation's number.
    pub number: Option<i64>,
    /// The token's id (`jti`): what is read with it belongs together.
    pub token_id: Uuid,
    /// What it opens.
    pub scopes: ScopeSet,
    /// When it was issued, in seconds since 1970.
    pub issued_at: i64,
    /// From when on it is no good, in seconds since 1970.
    pub expires_at: i64,
}

impl Ticket {
    /// Returns `true` if it has ended by this instant, which is [`expiry_clock`]'s. A ticket has ended at the very instant it names.
    pub fn is_expired_at(&self, now: DateTime<Utc>) -> bool {
        now.timestamp_millis() >= self.expires_at.saturating_mul(1000)
    }
}

/// Returns the instant by which tickets end on a server: its own clock, or the database's when that is ahead.
///
/// The database's is the one last read, `database_then`, and the time passed `since`, by a clock that nobody sets. Were
/// tickets ended by the server's own clock alone, one would outlive the date of a generation it cannot see when that clock
/// is slow or set back.
pub fn expiry_clock(own: DateTime<Utc>, database_then: DateTime<Utc>, since: Duration) -> DateTime<Utc> {
    let since = TimeDelta::from_std(since).unwrap_or(TimeDelta::MAX);
    own.max(database_then.checked_add_signed(since).unwrap_or(own))
}

/// Why a token is no good. For the log: the client learns only that it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Not a token of this server: form, algorithm, key, signature, issuer or audience.
    #[error("not a token of this server")]
    Foreign,
    /// Past its end.
    #[error("expired")]
    Expired,
    /// Its client was revoked.
    #[error("the client is revoked")]
    Revoked,
}

/// Checks signatures, and remembers what it checked.
#[derive(Debug)]
pub(super) struct Verifier {
    validation: Validation,
    remembered: Mutex<Remembered>,
}

/// Two ages of verified tokens: when the young ones are many, the old ones are forgotten.
#[derive(Debug, Default)]
struct Remembered {
    young: HashMap<TokenDigest, Verified>,
    old: HashMap<TokenDigest, Verified>,
}

/// SHA-256 of a token.
type TokenDigest = [u8; 32];

/// A token whose signature was good, and the key it was good by: it ends with that key.
#[derive(Debug, Clone)]
struct Verified {
    ticket: Arc<Ticket>,
    key_id: Arc<str>,
}

impl Remembered {
    fn recall(&mut self, digest: &TokenDigest) -> Option<Verified> {
        if let Some(verified) = self.young.get(digest) {
            return Some(verified.clone());
        }
        let verified = self.old.remove(digest)?;
        self.insert(*digest, verified.clone());
        Some(verified)
    }

    fn insert(&mut self, digest: TokenDigest, verified: Verified) {
        if self.young.len() >= REMEMBERED {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(digest, verified);
    }
}

impl Verifier {
    pub(super) fn new(issuer: &str, audience: &str) -> Self {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.leeway = 0;
        // The library would read the machine's clock; `Auth::verify` checks the end by ours.
        validation.validate_exp = false;
        Self {
            validation,
            remembered: Mutex::default(),
        }
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Auth {
    /// Verifies a token: signature, issuer, audience, end, and that neither its client was revoked nor its key taken
    /// away. Asks the database only when the token names a signing key that is not known.
    pub async fn verify(&self, token: &str) -> Result<Arc<Ticket>, Rejection> {
        if token.len() > TOKEN_LENGTH_MAX {
            return Err(Rejection::Foreign);
        }
        let digest: TokenDigest = Sha256::digest(token.as_bytes()).into();
        let recalled = self.verifier.remembered().recall(&digest);
        let Verified { ticket, key_id, .. } = match recalled {
            Some(verified) if self.memory.knows_key(&verified.key_id) => verified,
            Some(_) | None => {
                let verified = Box::pin(self.check_signature(token)).await?;
                self.verifier.remembered().insert(digest, verified.clone());
                verified
            }
        };
        if ticket.is_expired_at(self.memory.now()) {
            return Err(Rejection::Expired);
        }
        if self.gate.is_retired(&key_id) {
            return Err(Rejection::Foreign);
        }
        if self.is_revoked(&ticket) {
            return Err(Rejection::Revoked);
        }
        Ok(ticket)
    }

    /// Returns `true` if the client of a token that was good was revoked meanwhile, or the token.
    pub fn is_revoked(&self, ticket: &Ticket) -> bool {
        self.memory.is_revoked(ticket) || self.gate.is_revoked(&ticket.client_id, ticket.issued_at)
    }

    async fn check_signature(&self, token: &str) -> Result<Verified, Rejection> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Rejection::Foreign)?;
        if header.alg != Algorithm::ES256 {
            return Err(Rejection::Foreign);
        }
        let key_id = header.kid.ok_or(Rejection::Foreign)?;
        let key = self
            .memory
            .find_key(&self.housekeeping, &self.keyring, &key_id)
            .await
            .ok_or(Rejection::Foreign)?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &self.verifier.validation)
            .map_err(|_| Rejection::Foreign)?
            .claims;
        let ticket = Ticket {
            client_id: claims.sub,
            tenant_id: claims.tenant,
            generation_id: claims.generation_id,
            number: claims.number,
            token_id: claims.jti,
            scopes: ScopeSet::parse(&claims.scope),
            issued_at: claims.iat,
            expires_at: claims.exp,
        };
        Ok(Verified {
            ticket: Arc::new(ticket),
            key_id: key_id.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_clock_that_is_slow_or_set_back_does_not_let_a_ticket_live_on() {
        let noon: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        let minutes = |count| TimeDelta::minutes(count);
        let passed = Duration::from_mins(30);
        let ends = |own| expiry_clock(own, noon, passed);
        assert_eq!(ends(noon + minutes(30)), noon + minutes(30));
        assert_eq!(
            ends(noon + minutes(26)),
            noon + minutes(30),
            "set back since the database was last asked"
        );
        assert_eq!(
            ends(noon + minutes(34)),
            noon + minutes(34),
            "its own when that is ahead"
        );
        assert_eq!(expiry_clock(noon, noon, Duration::MAX), noon);
    }

    #[test]
    fn no_more_tokens_are_remembered_than_twice_the_bound_however_they_are_seen_again() {
        let verified = Verified {
            ticket: Arc::new(Ticket {
                client_id: String::new(),
                tenant_id: String::new(),
                generation_id: None,
                number: None,
                token_id: Uuid::nil(),
                scopes: ScopeSet::ALL,
                issued_at: 0,
                expires_at: 0,
            }),
            key_id: "k".into(),
        };
        let digest = |number: usize| -> TokenDigest { Sha256::digest(number.to_le_bytes()).into() };
        let mut remembered = Remembered::default();
        for number in 0..2 * REMEMBERED {
            remembered.insert(digest(number), verified.clone());
        }
        for number in 0..2 * REMEMBERED {
            remembered.recall(&digest(number));
        }
        assert!(remembered.young.len() <= REMEMBERED, "{}", remembered.young.len());
        assert!(remembered.old.len() <= REMEMBERED, "{}", remembered.old.len());
        let newest = digest(2 * REMEMBERED);
        remembered.insert(newest, verified);
        assert!(remembered.recall(&newest).is_some());
    }
}
