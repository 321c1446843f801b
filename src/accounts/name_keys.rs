//! The keys that names of erased people are kept by, when the encryption key is changed.

use std::path::Path;

use sqlx::PgPool;

use super::Error;
use super::records::{self, erased};
use crate::db::{locks, scope};
use crate::encryption::{self, EncryptionKey};

/// Encrypts the key of every tenant's names with the key of another file, which is made if it is not there; a transaction for each tenant.
/// Names can be told with the new file only, from then on.
pub async fn change_encryption_key(pool: &PgPool, file: &Path, new_file: &Path) -> Result<(), Error> {
    let of_file = |error| Error::Usernames(records::Error::ErasedNames(erased::NameKeyError::File(error)));
    encryption::make(new_file).map_err(of_file)?;
    let old = EncryptionKey::read(file).map_err(of_file)?;
    let new = EncryptionKey::read(new_file).map_err(of_file)?;
    let tenants = erased::tenants_with_key(&mut *pool.acquire().await?).await?;
    for tenant_id in tenants.iter().map(String::as_str) {
        let mut transaction = scope::begin(pool, tenant_id).await?;
        locks::usernames(&mut transaction, tenant_id).await?;
        erased::change_encryption_key(&mut transaction, tenant_id, (&old, file), &new).await?;
        transaction.commit().await?;
    }
    Ok(())
}
