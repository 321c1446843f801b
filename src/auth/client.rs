//! The clients of a tenant: create, list, rotate, revoke, settings.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{PgConnection, PgPool};

use super::{ClientSettings, Error, secret};
use crate::db::scope::{self, Acting};
use crate::tenants::{self, Input};

/// How many days the secret before the newest stays valid.
const ROTATION_DAYS: i32 = 7;

/// How long after they were ended tokens may still be dated that are being issued meanwhile, in seconds: issuing lasts 20 s at most
/// ([`db::WAIT`](crate::db::WAIT)), and the transaction that ends them may be slow to commit.
const BEING_ISSUED_S: f64 = 30.0;

/// Longest name of a client, in characters.
const NAME_MAX_LENGTH: usize = 200;

/// A new client or a new secret. The secret is shown once and stored nowhere.
#[derive(Serialize)]
pub struct NewSecret {
    /// The client's id.
    pub client_id: String,
    /// The secret.
    pub client_secret: String,
}

impl std::fmt::Debug for NewSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("NewSecret")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// A client as an admin sees it.
#[derive(Debug)]
pub struct ClientRecord {
    /// Its id.
    pub client_id: String,
    /// What an admin calls it.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Since when it may no longer read.
    pub revoked_at: Option<DateTime<Utc>>,
    /// How many of its secrets are accepted now: one, or two while rotating.
    pub valid_secrets: i64,
    /// Until when the secret before the newest is accepted, while rotating.
    pub old_secret_until: Option<DateTime<Utc>>,
    /// Tokens issued until then are refused.
    pub tokens_revoked_at: Option<DateTime<Utc>>,
    /// Since when it is here, if it was carried over from another server.
    pub carried_over_at: Option<DateTime<Utc>>,
    /// Whether a secret that another server made is accepted.
    pub has_carried_over_secret: bool,
    /// What differs from the defaults.
    pub settings: serde_json::Value,
}

/// Makes a client with its first secret and the settings of every client.
pub async fn create(acting: impl Into<Acting<'_>>, tenant_id: &str, name: &str) -> Result<NewSecret, Error> {
    create_with(acting, tenant_id, name, ClientSettings::default()).await
}

/// Makes a client with its first secret and with settings.
pub async fn create_with(
    acting: impl Into<Acting<'_>>,
    tenant_id: &str,
    name: &str,
    settings: ClientSettings,
) -> Result<NewSecret, Error> {
    check_name(name)?;
    let mut transaction = acting.into().begin(tenant_id).await?;
    require_tenant(&mut transaction, tenant_id).await?;
    if settings.email == Some(true) {
        publish_addresses(&mut transaction, tenant_id).await?;
    }
    let client_id = secret::generate_client_id(tenant_id)?;
    sqlx::query!(
        "insert into auth.client (tenant_id, client_id, name) values ($1, $2, $3)",
        tenant_id,
        client_id,
        name,
    )
    .execute(&mut *transaction)
    .await?;
    if settings != ClientSettings::default() {
        store(&mut transaction, tenant_id, &client_id, settings).await?;
    }
    let client_secret = add_secret(&mut transaction, tenant_id, &client_id).await?;
    transaction.commit().await?;
    Ok(NewSecret {
        client_id,
        client_secret,
    })
}

/// Refuses what is no name of a client.
pub(super) fn check_name(name: &str) -> Result<(), Error> {
    let is_name = !name.trim().is_empty()
        && name.chars().count() <= NAME_MAX_LENGTH
        && !name.chars().any(char::is_control);
    if is_name { Ok(()) } else { Err(Error::Name) }
}

/// Lists the clients of a tenant, the oldest first, revoked ones included.
pub async fn list(pool: &PgPool, tenant_id: &str) -> Result<Vec<ClientRecord>, Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    require_tenant(&mut transaction, tenant_id).await?;
    let records = sqlx::query_as!(
        ClientRecord,
        r#"select client_id, name, created_at, revoked_at, settings, tokens_revoked_at, carried_over_at,
                  exists (select from auth.client_secret s
                    where s.tenant_id = c.tenant_id and s.client_id = c.client_id and c.revoked_at is null
                      and s.is_carried_over and (s.expires_at is null or s.expires_at > clock_timestamp()))
                      as "has_carried_over_secret!",
                  (select max(expires_at) from auth.client_secret s
                    where s.tenant_id = c.tenant_id and s.client_id = c.client_id and c.revoked_at is null
                      and s.expires_at > clock_timestamp()) as old_secret_until,
                  (select count(*) from auth.client_secret s
                    where s.tenant_id = c.tenant_id and s.client_id = c.client_id and c.revoked_at is null
                      and (s.expires_at is null or s.expires_at > clock_timestamp())) as "valid_secrets!"
             from auth.client c
            where tenant_id = $1
            order by created_at, client_id"#,
        tenant_id,
    )
    .fetch_all(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(records)
}

/// Returns `true` if a client of the tenant that may read is told the addresses of users.
pub async fn asks_for_addresses(connection: &mut PgConnection, tenant_id: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists(select from auth.client
                          where tenant_id = $1 and revoked_at is null and settings @> '{"email": true}') as "asks!""#,
        tenant_id,
    )
    .fetch_one(connection)
    .await
}

/// Has the tenant published again, since whether a client is told addresses decides about what is a change of a user. Comes before
/// whatever the audit trail holds: see [`crate::db::locks`].
pub(super) async fn publish_addresses(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<(), sqlx::Error> {
    tenants::raise_input_version(connection, tenant_id, Input::Configuration).await
}

/// Makes a new secret and ends every other one at once, and the tokens that the client was issued so far within five seconds: whoever has
/// a secret that leaked takes no token between one step and the next.
pub async fn rotate_and_revoke_tokens(
    acting: impl Into<Acting<'_>>,
    tenant_id: &str,
    client_id: &str,
) -> Result<NewSecret, Error> {
    let mut transaction = acting.into().begin(tenant_id).await?;
    lock(&mut transaction, tenant_id, client_id).await?;
    sqlx::query!(
        "delete from auth.client_secret where tenant_id = $1 and client_id = $2",
        tenant_id,
        client_id,
    )
    .execute(&mut *transaction)
    .await?;
    let client_secret = add_secret(&mut transaction, tenant_id, client_id).await?;
    // Those issued since the last time are dated up to a second after it.
    sqlx::query!(
        "update auth.client
            set tokens_revoked_at = greatest(clock_timestamp() + make_interval(secs => $3), tokens_revoked_at + interval '1 second')
          where tenant_id = $1 and client_id = $2",
        tenant_id,
        client_id,
        BEING_ISSUED_S,
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(NewSecret {
        client_id: client_id.to_owned(),
        client_secret,
    })
}

/// Makes a new secret. The one before stays valid for `ROTATION_DAYS` days or until the next rotation, any older one ends now.
pub async fn rotate(
    acting: impl Into<Acting<'_>>,
    tenant_id: &str,
    client_id: &str,
) -> Result<NewSecret, Error> {
    let mut transaction = acting.into().begin(tenant_id).await?;
    let client_secret = rotate_in(&mut transaction, tenant_id, client_id).await?;
    transaction.commit().await?;
    Ok(NewSecret {
        client_id: client_id.to_owned(),
        client_secret,
    })
}

async fn rotate_in(
    transaction: &mut PgConnection,
    tenant_id: &str,
    client_id: &str,
) -> Result<String, Error> {
    lock(transaction, tenant_id, client_id).await?;
    sqlx::query!(
        "delete from auth.client_secret where tenant_id = $1 and client_id = $2 and expires_at is not null",
        tenant_id,
        client_id,
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "update auth.client_secret set expires_at = clock_timestamp() + make_interval(days => $3)
          where tenant_id = $1 and client_id = $2",
        tenant_id,
        client_id,
        ROTATION_DAYS,
    )
    .execute(&mut *transaction)
    .await?;
    add_secret(transaction, tenant_id, client_id).await
}

/// Ends a client: no new token at once, its tokens within five seconds. Returns since when; a second time changes nothing.
pub async fn revoke(
    acting: impl Into<Acting<'_>>,
    tenant_id: &str,
    client_id: &str,
) -> Result<DateTime<Utc>, Error> {
    let mut transaction = acting.into().begin(tenant_id).await?;
    if asks_for_addresses(&mut transaction, tenant_id).await? {
        publish_addresses(&mut transaction, tenant_id).await?;
    }
    let revoked_at = sqlx::query_scalar!(
        r#"update auth.client set revoked_at = coalesce(revoked_at, clock_timestamp())
            where tenant_id = $1 and client_id = $2
        returning revoked_at as "revoked_at!""#,
        tenant_id,
        client_id,
    )
    .fetch_optional(&mut *transaction)
    .await?
    .ok_or_else(|| unknown(tenant_id, client_id))?;
    transaction.commit().await?;
    Ok(revoked_at)
}

/// Changes settings by `KEY=VALUE` entries: all of them or, if one is refused, none. Returns the settings after it.
pub async fn set(
    acting: impl Into<Acting<'_>>,
    tenant_id: &str,
    client_id: &str,
    entries: &[String],
) -> Result<ClientSettings, Error> {
    let mut transaction = acting.into().begin(tenant_id).await?;
    let stored = lock(&mut transaction, tenant_id, client_id).await?;
    let before = ClientSettings::from_stored(&stored)?;
    let settings = before.with(entries)?;
    if settings.email.unwrap_or(false) != before.email.unwrap_or(false) {
        publish_addresses(&mut transaction, tenant_id).await?;
    }
    store(&mut transaction, tenant_id, client_id, settings).await?;
    transaction.commit().await?;
    Ok(settings)
}

async fn store(
    connection: &mut PgConnection,
    tenant_id: &str,
    client_id: &str,
    settings: ClientSettings,
) -> Result<(), Error> {
    sqlx::query!(
        "update auth.client set settings = $3 where tenant_id = $1 and client_id = $2",
        tenant_id,
        client_id,
        sqlx::types::Json(settings) as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn require_tenant(connection: &mut PgConnection, tenant_id: &str) -> Result<(), Error> {
    sqlx::query_scalar!(
        r#"select 1 as "one!" from tenant.tenant where tenant_id = $1"#,
        tenant_id
    )
    .fetch_optional(connection)
    .await?
    .map(|_| ())
    .ok_or_else(|| Error::UnknownTenant(tenant_id.to_owned()))
}

/// Locks a client that may still be used and returns its stored settings.
async fn lock(
    connection: &mut PgConnection,
    tenant_id: &str,
    client_id: &str,
) -> Result<serde_json::Value, Error> {
    let row = sqlx::query!(
        "select settings, revoked_at from auth.client where tenant_id = $1 and client_id = $2 for update",
        tenant_id,
        client_id,
    )
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| unknown(tenant_id, client_id))?;
    if row.revoked_at.is_some() {
        return Err(Error::Revoked {
            client_id: client_id.to_owned(),
        });
    }
    Ok(row.settings)
}

async fn add_secret(
    connection: &mut PgConnection,
    tenant_id: &str,
    client_id: &str,
) -> Result<String, Error> {
    let client_secret = secret::generate()?;
    let hash = secret::hash(&client_secret);
    sqlx::query!(
        "insert into auth.client_secret (tenant_id, client_id, secret_sha256) values ($1, $2, $3)",
        tenant_id,
        client_id,
        hash.as_slice(),
    )
    .execute(connection)
    .await?;
    Ok(client_secret)
}

fn unknown(tenant_id: &str, client_id: &str) -> Error {
    Error::UnknownClient {
        tenant_id: tenant_id.to_owned(),
        client_id: client_id.to_owned(),
    }
}
