//! What a server remembers of the database to verify tokens without asking it: keys, revocations, client settings.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;

use super::key::{self, Due, Loaded, SigningKey};
use super::keyring::Keyring;
use super::secret::{self, SecretHash};
use super::ticket::{Ticket, expiry_clock};
use super::{ClientSettings, Error, TOKENS_ENDED_AFTER_HOURS};
use crate::clock::Clock;

/// A token with an unknown key makes the server look for new keys, but not more often than this.
const KEY_SEARCH_INTERVAL: Duration = Duration::from_secs(1);
const KEY_SEARCH_TIMEOUT: Duration = Duration::from_secs(2);

/// With clocks further apart than this no token is issued.
const CLOCK_DIFFERENCE_MAX: TimeDelta = TimeDelta::seconds(60);

#[derive(Debug)]
pub(super) struct Memory {
    clock: Clock,
    state: RwLock<Arc<State>>,
    last_key_search: tokio::sync::Mutex<Option<Instant>>,
}

#[derive(Debug)]
struct State {
    keys: Vec<Arc<SigningKey>>,
    keys_due: Due,
    revoked: HashSet<String>,
    /// Tokens that were issued in this second, since 1970, or before are refused, by client.
    tokens_revoked: HashMap<String, i64>,
    settings: HashMap<String, ClientSettings>,
    secrets: Arc<KnownSecrets>,
    /// How far the database's clock was ahead of this machine's; negative when behind.
    database_ahead: TimeDelta,
    /// The database's clock when this was read; `None` before the first time.
    database_then: Option<DateTime<Utc>>,
    /// When this was read: no later than `database_then`.
    read_at: Instant,
    /// When the answer was there: no earlier than `database_then`.
    answered_at: Instant,
}

/// The secrets of all clients, as they were when they last changed.
#[derive(Debug, Default)]
struct KnownSecrets {
    /// Tells one state of them from another: the newest, and how many are valid.
    version: (i64, i64),
    /// The valid ones by client, the newest two.
    of_client: HashMap<String, Vec<SecretHash>>,
    /// The tenants of clients that were carried over, whose ids do not tell.
    carried_over: HashMap<String, String>,
}

impl Memory {
    pub(super) fn new(clock: Clock) -> Self {
        let state = State {
            keys: Vec::new(),
            keys_due: Due::default(),
            revoked: HashSet::new(),
            tokens_revoked: HashMap::new(),
            settings: HashMap::new(),
            secrets: Arc::default(),
            database_ahead: TimeDelta::zero(),
            database_then: None,
            read_at: Instant::now(),
            answered_at: Instant::now(),
        };
        Self {
            clock,
            state: RwLock::new(Arc::new(state)),
            last_key_search: tokio::sync::Mutex::new(None),
        }
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads everything again.
    pub(super) async fn refresh(&self, pool: &PgPool, keyring: &Keyring) -> Result<(), Error> {
        let loaded = self.read_keys(pool, keyring).await?;
        // A client that was revoked longer ago has no token left.
        let clients = sqlx::query!(
            r#"select client_id, settings, revoked_at is not null as "revoked!",
                      floor(extract(epoch from tokens_revoked_at))::bigint as tokens_revoked_s
                 from auth.client
                where revoked_at > clock_timestamp() - make_interval(hours => $1)
                   or tokens_revoked_at > clock_timestamp() - make_interval(hours => $1)
                   or (revoked_at is null and settings <> '{}')"#,
            TOKENS_ENDED_AFTER_HOURS
        )
        .fetch_all(pool)
        .await?;
        let secrets = self.read_secrets(pool).await?;
        let mut connection = pool.acquire().await?;
        // Taken before the question, so that the time since is never counted short.
        let read_at = Instant::now();
        // The machine's own clock is asked for by its full name: it is what is compared, whatever the time of the data is.
        let database = sqlx::query!(
            r#"select clock_timestamp() as "now!", pg_catalog.clock_timestamp() as "of_machine!""#
        )
        .fetch_one(&mut *connection)
        .await?;
        let database_now = database.now;
        let answered_at = Instant::now();
        let database_ahead = database.of_machine - self.clock.now();
        let mut revoked = HashSet::new();
        let mut settings = HashMap::new();
        let mut tokens_revoked = HashMap::new();
        for client in clients {
            if let Some(revoked_s) = client.tokens_revoked_s {
                tokens_revoked.insert(client.client_id.clone(), revoked_s);
            }
            if client.revoked {
                revoked.insert(client.client_id);
            } else if let Ok(read) = ClientSettings::from_stored(&client.settings) {
                settings.insert(client.client_id, read);
            } else {
                tracing::warn!(
                    client = client.client_id,
                    "settings of a newer version: this client gets the defaults"
                );
            }
        }
        self.note_clocks(database_ahead);
        let state = State {
            keys: loaded.keys,
            keys_due: loaded.due,
            revoked,
            tokens_revoked,
            settings,
            secrets,
            database_ahead,
            database_then: Some(database_now),
            read_at,
            answered_at,
        };
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
        Ok(())
    }

    /// Reads the signing keys; with the encryption key that is in its file now, if one does not open with the one in memory.
    async fn read_keys(&self, pool: &PgPool, keyring: &Keyring) -> Result<Loaded, Error> {
        let known = self.state();
        let mut connection = pool.acquire().await?;
        let loaded = key::load(&mut connection, keyring, &known.keys).await?;
        if !loaded.shut.is_empty() && keyring.read_again().unwrap_or(false) {
            return key::load(&mut connection, keyring, &known.keys).await;
        }
        Ok(loaded)
    }

    /// Reads the secrets again if they are not those in memory: thousands of them, which rarely change.
    async fn read_secrets(&self, pool: &PgPool) -> Result<Arc<KnownSecrets>, Error> {
        let version = sqlx::query!(
            r#"select coalesce(max(secret_id), 0) as "newest!",
                      count(*) filter (where expires_at is null or expires_at > clock_timestamp()) as "valid!"
                 from auth.client_secret"#
        )
        .fetch_one(pool)
        .await?;
        let version = (version.newest, version.valid);
        let known = Arc::clone(&self.state().secrets);
        if known.version == version {
            return Ok(known);
        }
        let rows = sqlx::query!(
            "select client_id, secret_sha256 from auth.client_secret
              where expires_at is null or expires_at > clock_timestamp()
              order by client_id, secret_id desc"
        )
        .fetch_all(pool)
        .await?;
        let mut of_client: HashMap<String, Vec<SecretHash>> = HashMap::new();
        for row in rows {
            if let Ok(hash) = row.secret_sha256.as_slice().try_into() {
                of_client.entry(row.client_id).or_default().push(hash);
            }
        }
        let rows =
            sqlx::query!("select client_id, tenant_id from auth.client where carried_over_at is not null")
                .fetch_all(pool)
                .await?;
        Ok(Arc::new(KnownSecrets {
            version,
            of_client,
            carried_over: rows
                .into_iter()
                .map(|row| (row.client_id, row.tenant_id))
                .collect(),
        }))
    }

    /// Returns the tenant of a client that was carried over, as far as this server knows.
    pub(super) fn tenant_of_carried_over(&self, client_id: &str) -> Option<String> {
        self.state().secrets.carried_over.get(client_id).cloned()
    }

    /// Returns `true` if these credentials are right as far as this server knows. Only the database can say for sure.
    pub(super) fn knows_secret(&self, client_id: &str, presented: &str) -> bool {
        let state = self.state();
        let stored = state.secrets.of_client.get(client_id);
        let is_right = secret::matches(presented, stored.map_or(&[], Vec::as_slice));
        is_right && !state.revoked.contains(client_id)
    }

    /// Warns when this machine's clock and the database's drift apart, once each time they do.
    fn note_clocks(&self, database_ahead: TimeDelta) {
        let before = self.state().database_ahead.abs();
        if matches!(self.clock, Clock::System)
            && database_ahead.abs() > CLOCK_DIFFERENCE_MAX
            && before <= CLOCK_DIFFERENCE_MAX
        {
            tracing::warn!(
                database_ahead_s = database_ahead.num_seconds(),
                "this machine's clock and the database's are more than a minute apart: no token is issued until they agree again"
            );
        }
    }

    /// Returns the instant by which tickets end here.
    pub(super) fn now(&self) -> DateTime<Utc> {
        let own = self.clock.now();
        let state = self.state();
        match (self.clock, state.database_then) {
            (Clock::System, Some(database_then)) => expiry_clock(own, database_then, state.read_at.elapsed()),
            (Clock::System, None) | (Clock::Fixed(_), _) => own,
        }
    }

    /// Returns the database's clock as it was last read, and the time since by a clock that nobody sets: never ahead.
    pub(super) fn database_clock(&self) -> DateTime<Utc> {
        let state = self.state();
        match (self.clock, state.database_then) {
            (Clock::System, Some(then)) => then + state.answered_at.elapsed(),
            (Clock::System, None) | (Clock::Fixed(_), _) => self.clock.now(),
        }
    }

    pub(super) fn age(&self) -> Duration {
        self.state().read_at.elapsed()
    }

    /// Returns `true` if the client of a token was revoked, or its tokens of that time.
    pub(super) fn is_revoked(&self, ticket: &Ticket) -> bool {
        let state = self.state();
        state.revoked.contains(&ticket.client_id)
            || state
                .tokens_revoked
                .get(&ticket.client_id)
                .is_some_and(|revoked_s| ticket.issued_at <= *revoked_s)
    }

    /// Returns how far this machine's clock and the database's are apart, in seconds, if that is too much to issue tokens.
    pub(super) fn clocks_apart_s(&self) -> Option<i64> {
        let state = self.state();
        let apart = state.database_ahead.abs();
        let is_too_much = matches!(self.clock, Clock::System) && apart > CLOCK_DIFFERENCE_MAX;
        is_too_much.then(|| apart.num_seconds())
    }

    pub(super) fn settings(&self, client_id: &str) -> ClientSettings {
        self.state().settings.get(client_id).copied().unwrap_or_default()
    }

    /// Returns `true` if there is something to do about the signing keys.
    pub(super) fn has_keys_due(&self) -> bool {
        let state = self.state();
        state.keys_due.is_any() || !state.keys.iter().any(|key| key.signs)
    }

    /// Returns the key to sign with; `None` when the last one is too old.
    pub(super) fn signing_key(&self) -> Option<Arc<SigningKey>> {
        self.state().keys.iter().find(|key| key.signs).map(Arc::clone)
    }

    /// Returns `true` if tokens signed with this key are good.
    pub(super) fn knows_key(&self, key_id: &str) -> bool {
        self.key(key_id).is_some()
    }

    fn key(&self, key_id: &str) -> Option<Arc<SigningKey>> {
        self.state()
            .keys
            .iter()
            .find(|key| key.key_id == key_id)
            .map(Arc::clone)
    }

    /// Returns the key with this id; an unknown one makes it look whether another server made a new key.
    pub(super) async fn find_key(
        &self,
        pool: &PgPool,
        keyring: &Keyring,
        key_id: &str,
    ) -> Option<Arc<SigningKey>> {
        if let Some(key) = self.key(key_id) {
            return Some(key);
        }
        let mut last = self.last_key_search.lock().await;
        if let Some(key) = self.key(key_id) {
            return Some(key);
        }
        if last.is_some_and(|instant| instant.elapsed() < KEY_SEARCH_INTERVAL) {
            return None;
        }
        let found = tokio::time::timeout(KEY_SEARCH_TIMEOUT, self.refresh(pool, keyring)).await;
        *last = Some(Instant::now());
        match found {
            Ok(Ok(())) => self.key(key_id),
            Ok(Err(_)) | Err(_) => None,
        }
    }

    /// Returns the public keys, those that only verify included.
    pub(super) fn key_set(&self) -> serde_json::Value {
        let keys: Vec<serde_json::Value> = self.state().keys.iter().map(|key| key.public.clone()).collect();
        serde_json::json!({ "keys": keys })
    }
}
