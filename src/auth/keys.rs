//! The signing keys of a service as an operator sees them: list, rotate, retire; and changing the encryption key. What an operator does
//! with them is entered in the audit trail of no tenant; what servers do by themselves is not.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use super::key;
use super::{Error, Keyring, TOKENS_ENDED_AFTER_HOURS};
use crate::audit::{self, ACCOUNTS, KEY_RETIRED};
use crate::db::{locks, scope};
use crate::encryption::{self, EncryptionKey};

/// A signing key.
#[derive(Debug)]
pub struct KeyRecord {
    /// Its id: the `kid` of tokens and of the key set.
    pub key_id: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when it signs.
    pub signs_from: DateTime<Utc>,
    /// Until when it signs.
    pub signs_to: DateTime<Utc>,
    /// Until when tokens that it signed are good.
    pub verifies_until: DateTime<Utc>,
    /// Which encryption key it is sealed with; `None` for one of before keys were encrypted.
    pub sealed_with: Option<String>,
    /// What it does now.
    pub state: KeyState,
}

/// What a signing key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It is shown, and signs later.
    Announced,
    /// It signs.
    Signs,
    /// It signs no more; what it signed is still good.
    Verifies,
}

/// Lists the keys, the one that signs last first.
pub async fn list(pool: &PgPool) -> Result<Vec<KeyRecord>, Error> {
    let rows = sqlx::query!(
        r#"select key_id, created_at, coalesce(signs_from, created_at) as "signs_from!",
                  coalesce(signs_to, signs_until) as "signs_to!", verifies_until, sealed_with,
                  coalesce(signs_from, created_at) > clock_timestamp() as "is_announced!",
                  coalesce(signs_to, signs_until) > clock_timestamp() as "signs!"
             from auth.signing_key
            where verifies_until > clock_timestamp()
            order by 3 desc, key_id"#
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| KeyRecord {
            key_id: row.key_id,
            created_at: row.created_at,
            signs_from: row.signs_from,
            signs_to: row.signs_to,
            verifies_until: row.verifies_until,
            sealed_with: row.sealed_with,
            state: match (row.is_announced, row.signs) {
                (true, true) => KeyState::Announced,
                (false, true) => KeyState::Signs,
                (_, false) => KeyState::Verifies,
            },
        })
        .collect())
}

/// Makes a key that signs in five minutes, when every server knows it; the others sign until then. It signs at once if none of them does for
/// so long. Returns its id.
pub async fn rotate(pool: &PgPool, keyring: &Keyring) -> Result<String, Error> {
    let mut transaction = begin(pool).await?;
    let loaded = key::load(&mut transaction, keyring, &[]).await?;
    loaded.require_right_key(keyring)?;
    let key_id = key::make(&mut transaction, keyring, loaded.start_of_next()).await?;
    // Plain ones of before are not touched: servers of before sign with them until they are sealed.
    sqlx::query!(
        "update auth.signing_key old
            set signs_to = greatest(old.signs_from, new.signs_from),
                verifies_until = greatest(old.signs_from, new.signs_from) + make_interval(hours => $2)
           from auth.signing_key new
          where new.key_id = $1 and old.key_id <> $1 and old.signs_to > new.signs_from",
        key_id,
        TOKENS_ENDED_AFTER_HOURS,
    )
    .execute(&mut *transaction)
    .await?;
    note(&mut transaction, "key_rotated", &json!({ "key_id": key_id })).await?;
    transaction.commit().await?;
    Ok(key_id)
}

/// Ends a key at once, also in a database that goes back: every token that it signed is refused within five seconds. Another that
/// was announced signs from now on; if there is none, the next server that looks makes one.
pub async fn retire(pool: &PgPool, key_id: &str) -> Result<(), Error> {
    let mut transaction = begin(pool).await?;
    let retired = sqlx::query!("delete from auth.signing_key where key_id = $1", key_id)
        .execute(&mut *transaction)
        .await?;
    if retired.rows_affected() == 0 {
        return Err(Error::UnknownKey(key_id.to_owned()));
    }
    sqlx::query!(
        "update auth.signing_key set signs_from = clock_timestamp()
          where signs_from > clock_timestamp()
            and not exists (select from auth.signing_key where signs_from <= clock_timestamp() and signs_to > clock_timestamp())"
    )
    .execute(&mut *transaction)
    .await?;
    note(&mut transaction, KEY_RETIRED, &json!({ "key_id": key_id })).await?;
    transaction.commit().await?;
    Ok(())
}

/// Encrypts the signing keys with the key of another file, which is made if it is not there. Returns how many. Servers go on with the keys
/// they have, and read their file again when they meet one that does not open.
pub async fn change_encryption_key(pool: &PgPool, keyring: &Keyring, file: &Path) -> Result<usize, Error> {
    encryption::make(file).map_err(Error::KeyFile)?;
    let (old, new) = (keyring.key(), EncryptionKey::read(file).map_err(Error::KeyFile)?);
    let mut transaction = begin(pool).await?;
    let rows = sqlx::query!(
        r#"select key_id, sealed_key as "sealed_key!", sealed_with as "sealed_with!" from auth.signing_key
            where sealed_key is not null and verifies_until > clock_timestamp()"#
    )
    .fetch_all(&mut *transaction)
    .await?;
    let mut changed = 0;
    for row in rows {
        // A second run finds what the first one did.
        if new.open(&row.key_id, &row.sealed_key).is_some() {
            continue;
        }
        let Some(private_key) = old.open(&row.key_id, &row.sealed_key) else {
            return Err(key::wrong_key(keyring, row.sealed_with));
        };
        let sealed = new.seal(&row.key_id, &private_key).ok_or(Error::Random)?;
        sqlx::query!(
            "update auth.signing_key set sealed_key = $2, sealed_with = $3 where key_id = $1",
            row.key_id,
            sealed,
            new.id()
        )
        .execute(&mut *transaction)
        .await?;
        changed += 1;
    }
    if changed > 0 {
        let detail = json!({ "keys": changed, "encryption_key": new.id() });
        note(&mut transaction, "encryption_key_changed", &detail).await?;
    }
    transaction.commit().await?;
    Ok(changed)
}

/// Begins a change of the signing keys that somebody asked for: first the turn in the trail of no tenant, then the keys.
async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, Error> {
    let mut transaction = pool.begin().await?;
    let outer = scope::current(&mut transaction).await?;
    scope::enter(&mut transaction, ACCOUNTS).await?;
    audit::wait_turn(&mut transaction, ACCOUNTS).await?;
    scope::return_to(&mut transaction, &outer).await?;
    locks::signing_key(&mut transaction).await?;
    Ok(transaction)
}

/// Enters what was done with the keys in the trail of no tenant.
async fn note(transaction: &mut PgConnection, kind: &str, detail: &Value) -> Result<(), Error> {
    let outer = scope::current(transaction).await?;
    scope::enter(transaction, ACCOUNTS).await?;
    audit::note(transaction, ACCOUNTS, kind, detail).await?;
    scope::return_to(transaction, &outer).await?;
    Ok(())
}
