//! Usernames of people who were erased: kept as hashes, so that nobody else gets one and the same person gets it back.
//!
//! The key of the hashes is in the database, encrypted with the encryption key that lies in a file outside it. So who has a dump cannot try
//! names, and another encryption key leaves the hashes good. The file is the one that the session was opened with ([`crate::db::Actor`]);
//! it is read only where somebody was erased, and a name is given out or edited.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use aws_lc_rs::hmac;
use oneroster_school::username::ErasedName;
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

/// The names of people who were erased from a tenant. Their key is opened when a name is asked for first.
#[derive(Debug, Default)]
pub struct ErasedNames {
    sealed: Option<SealedKey>,
    key: OnceLock<Result<hmac::Key, NameKeyError>>,
    names: HashMap<Vec<u8>, ErasedName>,
}

impl ErasedNames {
    /// Reads them. Where nobody was erased there are none, and no key is needed. A key that cannot be opened is an error.
    pub async fn read(connection: &mut PgConnection, tenant_id: &str) -> Result<Self, Error> {
        let mut names = Self::read_sealed(connection, tenant_id).await?;
        if let Some(sealed) = &names.sealed {
            names.key = OnceLock::from(Ok(sealed.open()?));
        }
        Ok(names)
    }

    /// Reads them as [`Self::read`] does, and opens the key only when a name is asked for: where none is, nobody needs the file. Ask
    /// [`Self::opened`] afterwards.
    pub async fn read_sealed(connection: &mut PgConnection, tenant_id: &str) -> Result<Self, Error> {
        let rows = sqlx::query!(
            "select name_hash, rowguid, is_current from username.erased_name where tenant_id = $1",
            tenant_id
        )
        .fetch_all(&mut *connection)
        .await?;
        if rows.is_empty() {
            return Ok(Self::default());
        }
        let names = rows.into_iter().map(|row| {
            let name = ErasedName {
                owner: row.rowguid,
                is_current: row.is_current,
            };
            (row.name_hash, name)
        });
        Ok(Self {
            sealed: SealedKey::read(connection, tenant_id).await?,
            key: OnceLock::new(),
            names: names.collect(),
        })
    }

    /// Refuses what was answered if the key was needed and could not be opened.
    pub fn opened(self) -> Result<(), NameKeyError> {
        self.key.into_inner().map_or(Ok(()), |opened| opened.map(|_| ()))
    }

    /// Returns whose a name was who was erased; `name` is a local part in lower case.
    pub fn find(&self, name: &str) -> Option<ErasedName> {
        let sealed = self.sealed.as_ref()?;
        let key = self.key.get_or_init(|| sealed.open()).as_ref().ok()?;
        self.names.get(hash(key, name).as_slice()).copied()
    }

    /// Returns whether a name was that of somebody else who was erased.
    pub fn is_of_another(&self, name: &str, person: Uuid) -> bool {
        self.find(name).is_some_and(|erased| erased.owner != person)
    }
}

/// The key of the hashes of a tenant as the database has it, and the file that opens it.
#[derive(Debug)]
struct SealedKey {
    tenant_id: String,
    bytes: Vec<u8>,
    sealed_with: String,
    file: Option<PathBuf>,
}

impl SealedKey {
    async fn read(connection: &mut PgConnection, tenant_id: &str) -> Result<Option<Self>, Error> {
        let row = sqlx::query!(
            "select sealed_key, sealed_with from username.name_key where tenant_id = $1",
            tenant_id
        )
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Self {
            tenant_id: tenant_id.to_owned(),
            bytes: row.sealed_key,
            sealed_with: row.sealed_with,
            file: key_file(connection).await?,
        }))
    }

    fn open(&self) -> Result<hmac::Key, NameKeyError> {
        let file = self.file.clone().ok_or(NameKeyError::NotNamed)?;
        let encryption_key = EncryptionKey::read(&file)?;
        let bytes = encryption_key
            .open(&bound_to(&self.tenant_id), &self.bytes)
            .ok_or_else(|| NameKeyError::OtherKey {
                file,
                has: encryption_key.id().to_owned(),
                needs: self.sealed_with.clone(),
            })?;
        Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
    }
}

fn hash(key: &hmac::Key, name: &str) -> Vec<u8> {
    hmac::sign(key, name.as_bytes()).as_ref().to_vec()
}

/// Keeps names of a person, local parts in lower case, as hashes, with which of them is the current one; returns how many. Makes the key of
/// a tenant's first.
///
/// The caller holds [`crate::db::locks::usernames`].
pub async fn keep(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
    (names, current): (&[String], Option<&str>),
) -> Result<usize, Error> {
    if names.is_empty() {
        return Ok(0);
    }
    let key = open_or_make_key(connection, tenant_id).await?;
    let hashes: Vec<Vec<u8>> = names.iter().map(|name| hash(&key, name)).collect();
    let are_current: Vec<bool> = names.iter().map(|name| Some(name.as_str()) == current).collect();
    sqlx::query!(
        "insert into username.erased_name (tenant_id, name_hash, rowguid, is_current)
         select $1, n.name_hash, $2, n.is_current from unnest($3::bytea[], $4::boolean[]) as n (name_hash, is_current)
         on conflict (tenant_id, name_hash) do update
         set rowguid = excluded.rowguid, erased_at = excluded.erased_at, is_current = excluded.is_current",
        tenant_id,
        person,
        &hashes,
        &are_current
    )
    .execute(connection)
    .await?;
    Ok(names.len())
}

/// Returns the hash of a name, a local part in lower case. Makes the key of a tenant's first.
pub async fn hash_of(connection: &mut PgConnection, tenant_id: &str, name: &str) -> Result<Vec<u8>, Error> {
    let key = open_or_make_key(connection, tenant_id).await?;
    Ok(hash(&key, name))
}

/// Returns which of some names, local parts in lower case, has a hash. Where there are none no key is needed.
pub async fn find_by_hash(
    connection: &mut PgConnection,
    tenant_id: &str,
    names: BTreeSet<String>,
    name_hash: &[u8],
) -> Result<Option<String>, Error> {
    if names.is_empty() {
        return Ok(None);
    }
    let Some(sealed) = SealedKey::read(connection, tenant_id).await? else {
        return Ok(None);
    };
    let key = sealed.open()?;
    Ok(names.into_iter().find(|name| hash(&key, name) == name_hash))
}

async fn open_or_make_key(connection: &mut PgConnection, tenant_id: &str) -> Result<hmac::Key, Error> {
    match SealedKey::read(connection, tenant_id).await? {
        Some(sealed) => Ok(sealed.open()?),
        None => make_key(connection, tenant_id).await,
    }
}

/// Lets go of the hashes of names that people have again; `names` are local parts in lower case with who has them. From then on such a name
/// passes on like any other. Where none of these people was erased no key is needed.
///
/// The caller holds [`crate::db::locks::usernames`].
pub async fn let_go(
    connection: &mut PgConnection,
    tenant_id: &str,
    names: &[(Uuid, String)],
) -> Result<(), Error> {
    let people: Vec<Uuid> = names.iter().map(|(person, _)| *person).collect();
    let erased = sqlx::query_scalar!(
        "select distinct rowguid from username.erased_name where tenant_id = $1 and rowguid = any($2)",
        tenant_id,
        &people
    )
    .fetch_all(&mut *connection)
    .await?;
    let theirs = names.iter().filter(|(person, _)| erased.contains(person));
    let theirs: Vec<(Uuid, &str)> = theirs.map(|(person, name)| (*person, name.as_str())).collect();
    if theirs.is_empty() {
        return Ok(());
    }
    let Some(sealed) = SealedKey::read(connection, tenant_id).await? else {
        return Ok(());
    };
    let key = sealed.open()?;
    let (people, hashes): (Vec<Uuid>, Vec<Vec<u8>>) = theirs
        .into_iter()
        .map(|(person, name)| (person, hash(&key, name)))
        .unzip();
    sqlx::query!(
        "delete from username.erased_name e using unnest($2::uuid[], $3::bytea[]) as n (rowguid, name_hash)
         where e.tenant_id = $1 and e.rowguid = n.rowguid and e.name_hash = n.name_hash",
        tenant_id,
        &people,
        &hashes
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn key_file(connection: &mut PgConnection) -> Result<Option<PathBuf>, sqlx::Error> {
    let file = sqlx::query_scalar!("select current_setting('oneroster.encryption_key_file', true)")
        .fetch_one(connection)
        .await?;
    Ok(file.filter(|file| !file.is_empty()).map(PathBuf::from))
}

async fn make_key(connection: &mut PgConnection, tenant_id: &str) -> Result<hmac::Key, Error> {
    let file = key_file(connection).await?.ok_or(NameKeyError::NotNamed)?;
    let encryption_key = EncryptionKey::read(&file).map_err(NameKeyError::from)?;
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
