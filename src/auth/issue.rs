//! Issuing a token: who asks, for which generation, until when.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::scope::granted_as_asked;
use super::secret::{self, SecretHash};
use super::ticket::Claims;
use super::{Auth, ClientSettings, Error, ScopeSet};
use crate::audit::{Lack, Sign};
use crate::db::{self, Lease, StillUnavailable, scope};
use crate::roster::{head, tickets, tickets::TicketRow};

/// In whose name a client that does not exist is looked up: no tenant has it.
const NO_TENANT: &str = "-";

/// A token, and what goes with it.
pub struct Issued {
    /// The token.
    pub access_token: String,
    /// Whole seconds until it expires.
    pub expires_in_s: i64,
    /// What it opens.
    pub scopes: ScopeSet,
    /// The same in words: spelt as they were asked for, or as URIs when none was asked.
    pub scope: String,
    /// The client it was issued to.
    pub client_id: String,
    /// Its tenant.
    pub tenant_id: String,
    /// Number of the generation it is a ticket to; `None` before the first publication.
    pub number: Option<i64>,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Issued")
            .field("client_id", &self.client_id)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// Why no token was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// Not a client, or not its secret.
    #[error("client authentication failed")]
    InvalidClient(ClientRefusal),
    /// Too many sign-ins from this address failed.
    #[error("too many failed sign-ins from this address")]
    TooManyFailures {
        /// How long it is to wait.
        retry_after: Duration,
    },
    /// Scopes were asked for, and none of them is known.
    #[error("none of the scopes asked for is offered")]
    InvalidScope,
    /// The database is out of reach: how it failed last, or nothing if it was still waited for.
    #[error("no answer from the database in time")]
    Unavailable(#[source] Option<Error>),
    /// The database lacks what audit files have: clients that were revoked may be among it.
    #[error("the database went back: run `oneroster recover`")]
    WentBack(Arc<Lack>),
    /// This machine's clock and the database's are too far apart: a token would begin and end at a wrong time.
    #[error("the clocks of this machine and of the database are {apart_s} s apart")]
    ClocksApart {
        /// How far, in seconds.
        apart_s: i64,
    },
    /// The database was brought forward, and what it has published last is not what consumers are to read.
    #[error("somebody was erased again by `oneroster recover`: no token before the next publication")]
    AwaitsPublication,
    /// A fault here.
    #[error("a token could not be issued")]
    Internal(#[source] Error),
}

/// Why a client was not let in. For the log: the client gets one answer for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientRefusal {
    /// No such client.
    #[error("unknown client")]
    UnknownClient,
    /// Not one of its secrets.
    #[error("wrong secret")]
    WrongSecret,
    /// It was revoked.
    #[error("revoked client")]
    Revoked,
}

fn internal(error: sqlx::Error) -> IssueError {
    IssueError::Internal(error.into())
}

/// What is known of a client that asks for a token.
#[derive(Default)]
struct Candidate {
    known: bool,
    revoked: bool,
    secrets: Vec<SecretHash>,
    settings: ClientSettings,
    /// Tokens issued in this second, in seconds since 1970, or before are refused.
    tokens_revoked_s: Option<i64>,
}

impl Auth {
    /// Issues a token to a client that shows its secret. `scope` is what it asks for, with blanks or commas between; nothing
    /// means everything. While the database is out of reach it tries again for 20 seconds.
    ///
    /// `address` is where the request comes from, if that is known. What fails is bounded by it: before the database is
    /// asked, credentials that this server does not know as right use up a little of what the address may fail.
    pub async fn issue(
        &self,
        client_id: &str,
        secret: &str,
        scope: Option<&str>,
        address: Option<IpAddr>,
    ) -> Result<Issued, IssueError> {
        if let Some(lack) = self.gate.lack() {
            return Err(IssueError::WentBack(lack));
        }
        if let Some(apart_s) = self.memory.clocks_apart_s() {
            return Err(IssueError::ClocksApart { apart_s });
        }
        let is_known = self.memory.knows_secret(client_id, secret);
        if !is_known && let Some(address) = address {
            self.failures
                .count(address)
                .map_err(|retry_after| IssueError::TooManyFailures { retry_after })?;
        }
        // Whoever is not known shares what no tenant has.
        let tenant_id = self.tenant_of(client_id);
        let tenant_id = tenant_id.as_deref().unwrap_or(NO_TENANT);
        let share = if is_known { tenant_id } else { NO_TENANT };
        let is_unavailable =
            |error: &IssueError| matches!(error, IssueError::Internal(error) if error.is_unavailable());
        let attempt = || async {
            let mut lease = self.requests.lend(share).await.map_err(internal)?;
            let issued = self
                .issue_once(&mut lease, tenant_id, client_id, (secret, scope))
                .await;
            lease.end();
            issued
        };
        match db::until_available(db::WAIT, is_unavailable, attempt).await {
            Ok(outcome) => {
                if is_known && let (Err(IssueError::InvalidClient(_)), Some(address)) = (&outcome, address) {
                    // Changed a moment ago: it counts, and is answered all the same.
                    let _ = self.failures.count(address);
                }
                outcome
            }
            Err(StillUnavailable(Some(IssueError::Internal(error)))) => {
                Err(IssueError::Unavailable(Some(error)))
            }
            Err(StillUnavailable(_)) => Err(IssueError::Unavailable(None)),
        }
    }

    /// Returns the tenant a client belongs to: as known of one that was carried over, else by the form of its id alone.
    pub fn tenant_of(&self, client_id: &str) -> Option<String> {
        let carried_over = self.memory.tenant_of_carried_over(client_id);
        carried_over.or_else(|| secret::tenant_of(client_id).map(str::to_owned))
    }

    /// Returns `true` if these credentials are right as far as this server knows.
    pub fn knows_secret(&self, client_id: &str, secret: &str) -> bool {
        self.memory.knows_secret(client_id, secret)
    }

    async fn issue_once(
        &self,
        lease: &mut Lease,
        tenant_id: &str,
        client_id: &str,
        (secret, scope): (&str, Option<&str>),
    ) -> Result<Issued, IssueError> {
        // A text that cannot be a client id is looked up all the same, under a name no tenant has: equal work.
        let sought = if tenant_id == NO_TENANT {
            NO_TENANT
        } else {
            client_id
        };
        let mut transaction = lease.begin(tenant_id).await.map_err(internal)?;
        let candidate = find(&mut transaction, tenant_id, sought)
            .await
            .map_err(IssueError::Internal)?;
        let matched = secret::matches(secret, &candidate.secrets);
        let refusal = match (candidate.known, matched, candidate.revoked) {
            (false, _, _) => Some(ClientRefusal::UnknownClient),
            (true, false, _) => Some(ClientRefusal::WrongSecret),
            (true, true, true) => Some(ClientRefusal::Revoked),
            (true, true, false) => None,
        };
        if let Some(refusal) = refusal {
            return Err(IssueError::InvalidClient(refusal));
        }
        let (scopes, scope) = match scope.map(str::trim) {
            None | Some("") => (ScopeSet::ALL, ScopeSet::ALL.to_string()),
            Some(asked) => (ScopeSet::parse(asked), granted_as_asked(asked)),
        };
        if scopes.is_empty() {
            return Err(IssueError::InvalidScope);
        }
        let lifetime_s = candidate
            .settings
            .token_lifetime_s
            .unwrap_or(self.default_lifetime_s);
        let ticket = tickets::issue(&mut transaction, tenant_id, lifetime_s)
            .await
            .map_err(internal)?;
        if ticket.awaits_publication {
            return Err(IssueError::AwaitsPublication);
        }
        // Committed before anyone holds the token: otherwise no publication would be bound by it.
        transaction.commit().await.map_err(internal)?;
        self.sign_for(tenant_id, &ticket).await;
        let number = ticket.generation_id.map(|_| ticket.number);
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: client_id.to_owned(),
            tenant: tenant_id.to_owned(),
            generation_id: ticket.generation_id,
            number,
            scope: scopes.to_string(),
            // One that was issued before the moment up to which tokens are ended is dated a second past it.
            iat: candidate
                .tokens_revoked_s
                .map_or(ticket.issued_at_s, |revoked_s| {
                    ticket.issued_at_s.max(revoked_s + 1)
                }),
            exp: ticket.expires_at_s,
            jti: Uuid::from_u128(rand::random()),
        };
        let access_token = self.sign(&claims).await.map_err(IssueError::Internal)?;
        Ok(Issued {
            access_token,
            expires_in_s: ticket.expires_in_s,
            scopes,
            scope,
            client_id: claims.sub,
            tenant_id: claims.tenant,
            number,
        })
    }

    /// Has the audit folder say for how long and to which generation tickets are out, before this one is. A disk that fails stops
    /// no token: what it costs is that a restored database may date a generation too early.
    async fn sign_for(&self, tenant_id: &str, ticket: &TicketRow) {
        let Some((generation_id, until)) = ticket.generation_id.zip(ticket.signed_until) else {
            return;
        };
        let sign = Sign {
            until,
            number: ticket.number,
            generation_id,
        };
        if let Err(error) = self.gate.sign(tenant_id, sign).await {
            tracing::error!(tenant = tenant_id, %error, "cannot sign for a token in the audit folder");
        }
    }

    async fn sign(&self, claims: &Claims) -> Result<String, Error> {
        if self.memory.signing_key().is_none() {
            self.ensure_keys().await?;
            self.memory.refresh(&self.housekeeping, &self.keyring).await?;
        }
        let key = self.memory.signing_key().ok_or_else(|| Error::Key {
            key_id: "(new)".to_owned(),
        })?;
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
        header.kid = Some(key.key_id.clone());
        jsonwebtoken::encode(&header, claims, &key.encoding).map_err(Error::Sign)
    }

    /// Returns `true` if a tenant has published by now: then a token without a ticket is out of date.
    pub async fn has_published(&self, tenant_id: &str) -> Result<bool, Error> {
        let mut lease = self.requests.lend(tenant_id).await?;
        let found = async {
            let mut transaction = lease.begin(tenant_id).await?;
            let head = head::find(&mut transaction, tenant_id).await?;
            transaction.commit().await?;
            Ok::<_, sqlx::Error>(head)
        };
        let found = found.await;
        lease.end();
        let head = found?;
        Ok(head.is_some_and(|head| head.generation_id.is_some()))
    }
}

/// Returns `true` if a client would get a token for this secret. Unlike issuing one it leaves no ticket behind.
pub async fn is_valid(pool: &PgPool, client_id: &str, secret: &str) -> Result<bool, Error> {
    let Some(tenant_id) = secret::tenant_of(client_id) else {
        return Ok(false);
    };
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let candidate = find(&mut transaction, tenant_id, client_id).await?;
    transaction.commit().await?;
    Ok(secret::matches(secret, &candidate.secrets) && candidate.known && !candidate.revoked)
}

/// Reads a client with its valid secrets, the newest two.
async fn find(connection: &mut PgConnection, tenant_id: &str, client_id: &str) -> Result<Candidate, Error> {
    let row = sqlx::query!(
        r#"select settings, revoked_at is not null as "revoked!",
                  floor(extract(epoch from tokens_revoked_at))::bigint as tokens_revoked_s,
                  array(select secret_sha256 from auth.client_secret s
                         where s.tenant_id = c.tenant_id and s.client_id = c.client_id
                           and (s.expires_at is null or s.expires_at > clock_timestamp())
                         order by secret_id desc limit 2) as "secrets!"
             from auth.client c
            where tenant_id = $1 and client_id = $2"#,
        tenant_id,
        client_id,
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        return Ok(Candidate::default());
    };
    Ok(Candidate {
        known: true,
        revoked: row.revoked,
        tokens_revoked_s: row.tokens_revoked_s,
        secrets: row
            .secrets
            .iter()
            .filter_map(|hash| hash.as_slice().try_into().ok())
            .collect(),
        // Settings of a newer version: the defaults, as for everything else this server answers.
        settings: ClientSettings::from_stored(&row.settings).unwrap_or_default(),
    })
}
