//! Usernames of people who were erased: kept as hashes, so that nobody else gets one and the same person gets it back.
//!
//! The key of the hashes is in the database, encrypted with the encryption key that lies in a file outside it. So who has a dump cannot try
//! names, and another encryption key leaves the hashes good. The file is the one that the session was opened with ([`crate::db::Actor`]);
//! it is read only where somebody was erased.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use aws_lc_rs::hmac;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Error;
use crate::encryption::{EncryptionKey, KeyFileError};

/// Length of the key of the hashes, in bytes.
const KEY_LENGTH: usize = 32;

/// Names of people who were erased cannot be told, or not be kept.
#[derive(Debug, thiserror::Error)]
pub enum NameKeyError {
    /// No file of an encryption key is named.
    #[error(
        "usernames of people who were erased are kept as hashes, so that nobody else gets one, and their key is encrypted: name the file \
         of the encryption key in `keys.encryption_key_file` (ONEROSTER_ENCRYPTION_KEY_FILE), as servers do"
    )]
    NotNamed,
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// It has another key.
    #[error(
        "the key of the usernames of erased people is encrypted with another encryption key (id {needs}) than the one in {file} (id \
         {has}). Put the right file there. If it is lost for good, nobody can tell those names any more: docs/privacy.md says how to let go \
         of them"
    )]
    OtherKey {
        /// The file.
        file: PathBuf,
        /// Id of the key in it.
        has: String,
        /// Id of the key that is needed.
        needs: String,
    },
    /// No randomness to be had.
    #[error("the system gives no random bytes")]
    Random,
}

/// The names of people who were erased from a tenant.
#[derive(Debug, Default)]
pub struct ErasedNames {
    key: Option<hmac::Key>,
    owners: HashMap<Vec<u8>, Uuid>,
}

impl ErasedNames {
    /// Reads them. Where nobody was erased there are none, and no key is needed.
    pub async fn read(connection: &mut PgConnection, tenant_id: &str) -> Result<Self, Error> {
        let rows = sqlx::query!(
            "select name_hash, rowguid from username.erased_name where tenant_id = $1",
            tenant_id
        )
        .fetch_all(&mut *connection)
        .await?;
        if rows.is_empty() {
            return Ok(Self::default());
        }
        Ok(Self {
            key: key_of(connection, tenant_id).await?,
            owners: rows.into_iter().map(|row| (row.name_hash, row.rowguid)).collect(),
        })
    }

    /// Returns whose a name was who was erased; `name` is a local part in lower case.
    pub fn owner(&self, name: &str) -> Option<Uuid> {
        let key = self.key.as_ref()?;
        self.owners.get(hash(key, name).as_slice()).copied()
    }

    /// Returns whether a name was that of somebody else who was erased.
    pub fn is_of_another(&self, name: &str, person: Uuid) -> bool {
        self.owner(name).is_some_and(|owner| owner != person)
    }
}

fn hash(key: &hmac::Key, name: &str) -> Vec<u8> {
    hmac::sign(key, name.as_bytes()).as_ref().to_vec()
}

/// Keeps names of a person, local parts in lower case, as hashes; returns how many. Makes the key of a tenant's first.
///
/// The caller holds [`crate::db::locks::usernames`].
pub async fn keep(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
    names: &[String],
) -> Result<usize, Error> {
    if names.is_empty() {
        return Ok(0);
    }
    let key = match key_of(connection, tenant_id).await? {
        Some(key) => key,
        None => make_key(connection, tenant_id).await?,
    };
    let hashes: Vec<Vec<u8>> = names.iter().map(|name| hash(&key, name)).collect();
    sqlx::query!(
        "insert into username.erased_name (tenant_id, name_hash, rowguid)
         select $1, name_hash, $2 from unnest($3::bytea[]) as name_hash
         on conflict (tenant_id, name_hash) do update set rowguid = excluded.rowguid, erased_at = excluded.erased_at",
        tenant_id,
        person,
        &hashes
    )
    .execute(connection)
    .await?;
    Ok(names.len())
}

async fn encryption_key(connection: &mut PgConnection) -> Result<(EncryptionKey, PathBuf), Error> {
    let file = sqlx::query_scalar!("select current_setting('oneroster.encryption_key_file', true)")
        .fetch_one(connection)
        .await?;
    let file = file
        .filter(|file| !file.is_empty())
        .ok_or(NameKeyError::NotNamed)?;
    let file = PathBuf::from(file);
    let key = EncryptionKey::read(&file).map_err(NameKeyError::from)?;
    Ok((key, file))
}

async fn key_of(connection: &mut PgConnection, tenant_id: &str) -> Result<Option<hmac::Key>, Error> {
    let row = sqlx::query!(
        "select sealed_key, sealed_with from username.name_key where tenant_id = $1",
        tenant_id
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (encryption_key, file) = encryption_key(connection).await?;
    let bytes = encryption_key
        .open(&bound_to(tenant_id), &row.sealed_key)
        .ok_or_else(|| NameKeyError::OtherKey {
            file,
            has: encryption_key.id().to_owned(),
            needs: row.sealed_with,
        })?;
    Ok(Some(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
}

async fn make_key(connection: &mut PgConnection, tenant_id: &str) -> Result<hmac::Key, Error> {
    let (encryption_key, _) = encryption_key(connection).await?;
    let mut bytes = [0_u8; KEY_LENGTH];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| NameKeyError::Random)?;
    let sealed = encryption_key
        .seal(&bound_to(tenant_id), &bytes)
        .ok_or(NameKeyError::Random)?;
    sqlx::query!(
        "insert into username.name_key (tenant_id, sealed_key, sealed_with) values ($1, $2, $3)",
        tenant_id,
        sealed,
        encryption_key.id()
    )
    .execute(connection)
    .await?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

/// Returns the tenants that have a key of names, outside a scope.
pub async fn tenants_with_key(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(r#"select tenant_id as "tenant_id!" from username.name_key order by tenant_id"#)
        .fetch_all(connection)
        .await
}

/// Encrypts the key of a tenant's names with another encryption key, if it has one; the hashes stay good. A second run finds what the first
/// one did.
pub async fn change_encryption_key(
    connection: &mut PgConnection,
    tenant_id: &str,
    (old, old_file): (&EncryptionKey, &Path),
    new: &EncryptionKey,
) -> Result<(), Error> {
    let row = sqlx::query!(
        "select sealed_key, sealed_with from username.name_key where tenant_id = $1",
        tenant_id
    )
    .fetch_optional(&mut *connection)
    .await?;
    let bound = bound_to(tenant_id);
    let Some(row) = row.filter(|row| new.open(&bound, &row.sealed_key).is_none()) else {
        return Ok(());
    };
    let bytes = old
        .open(&bound, &row.sealed_key)
        .ok_or_else(|| NameKeyError::OtherKey {
            file: old_file.to_owned(),
            has: old.id().to_owned(),
            needs: row.sealed_with,
        })?;
    let sealed = new.seal(&bound, &bytes).ok_or(NameKeyError::Random)?;
    sqlx::query!(
        "update username.name_key set sealed_key = $2, sealed_with = $3 where tenant_id = $1",
        tenant_id,
        sealed,
        new.id()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What a tenant's key is bound to: in another tenant's row it does not open.
fn bound_to(tenant_id: &str) -> String {
    format!("names of {tenant_id}")
}
