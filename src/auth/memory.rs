//! What a server remembers of the database to verify tokens without asking it: keys, revocations, client settings.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;

use super::key::{self, SigningKey};
use super::secret::{self, SecretHash};
use super::ticket::expiry_clock;
use super::{ClientSettings, Error, TOKENS_ENDED_AFTER_HOURS};
use crate::clock::Clock;

/// A token with an unknown key makes the server look for new keys, but not more often than this.
const KEY_SEARCH_INTERVAL: Duration = Duration::from_secs(1);
const KEY_SEARCH_TIMEOUT: Duration = Duration::from_secs(2);

/// Clocks further apart than this are worth a warning.
const CLOCK_DIFFERENCE_NOTED: TimeDelta = TimeDelta::seconds(60);

#[derive(Debug)]
pub(super) struct Memory {
    clock: Clock,
    state: RwLock<Arc<State>>,
    last_key_search: tokio::sync::Mutex<Option<Instant>>,
}

#[derive(Debug)]
struct State {
    keys: Vec<Arc<SigningKey>>,
    revoked: HashSet<String>,
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
}

impl Memory {
    pub(super) fn new(clock: Clock) -> Self {
        let state = State {
            keys: Vec::new(),
            revoked: HashSet::new(),
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
    pub(super) async fn refresh(&self, pool: &PgPool) -> Result<(), Error> {
        let keys = key::load(pool).await?.into_iter().map(Arc::new).collect();
        // A client that was revoked longer ago has no token left.
        let clients = sqlx::query!(
            r#"select client_id, settings, revoked_at is not null as "revoked!"
                 from auth.client
                where revoked_at > clock_timestamp() - make_interval(hours => $1)
                   or (revoked_at is null and settings <> '{}')"#,
            TOKENS_ENDED_AFTER_HOURS
        )
        .fetch_all(pool)
        .await?;
        let secrets = self.read_secrets(pool).await?;
        let mut connection = pool.acquire().await?;
        // Taken before the question, so that the time since is never counted short.
        let read_at = Instant::now();
        let database_now = sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#)
            .fetch_one(&mut *connection)
            .await?;
        let answered_at = Instant::now();
        let database_ahead = database_now - self.clock.now();
        let mut revoked = HashSet::new();
        let mut settings = HashMap::new();
        for client in clients {
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
            keys,
            revoked,
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
        Ok(Arc::new(KnownSecrets { version, of_client }))
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
            && database_ahead.abs() > CLOCK_DIFFERENCE_NOTED
            && before <= CLOCK_DIFFERENCE_NOTED
        {
            tracing::warn!(
                database_ahead_s = database_ahead.num_seconds(),
                "this machine's clock differs from the database's"
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

    pub(super) fn is_revoked(&self, client_id: &str) -> bool {
        self.state().revoked.contains(client_id)
    }

    pub(super) fn settings(&self, client_id: &str) -> ClientSettings {
        self.state().settings.get(client_id).copied().unwrap_or_default()
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
    pub(super) async fn find_key(&self, pool: &PgPool, key_id: &str) -> Option<Arc<SigningKey>> {
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
        let found = tokio::time::timeout(KEY_SEARCH_TIMEOUT, self.refresh(pool)).await;
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
