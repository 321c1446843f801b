//! What can go wrong in the module besides a refusal.

use std::path::PathBuf;

use super::settings;
use crate::encryption::KeyFileError;
use crate::{causes, db};

/// An operation on clients, keys or tokens failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database did not do as asked.
    #[error("the database did not answer as expected")]
    Database(#[from] sqlx::Error),
    /// No randomness to be had.
    #[error("the system gives no random bytes")]
    Random,
    /// A signing key could not be made or read.
    #[error("signing key {key_id}: not usable")]
    Key {
        /// Which.
        key_id: String,
    },
    /// The file of the encryption key cannot be used.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The signing keys are encrypted with another key.
    #[error(
        "the encryption key file {file} has another key (id {has}) than the signing keys of this database are encrypted with (id \
         {needs}). Put the right file there, or name it in `keys.encryption_key_file` (ONEROSTER_ENCRYPTION_KEY_FILE). If it is lost \
         for good: put a new one in place on every server, then `oneroster keys list`, and `oneroster keys retire ID` for each; consumers \
         then ask for new tokens"
    )]
    WrongEncryptionKey {
        /// The file.
        file: PathBuf,
        /// Id of the key in the file.
        has: String,
        /// Id of the key that is needed.
        needs: String,
    },
    /// No such signing key.
    #[error("there is no signing key `{0}`; `oneroster keys list` names them")]
    UnknownKey(String),
    /// A token could not be signed.
    #[error("a token could not be signed")]
    Sign(#[source] jsonwebtoken::errors::Error),
    /// No such tenant.
    #[error("there is no tenant `{0}`; `oneroster tenant list` names them")]
    UnknownTenant(String),
    /// No such client in the tenant.
    #[error(
        "tenant `{tenant_id}` has no client `{client_id}`; `oneroster client list --tenant {tenant_id}` names them"
    )]
    UnknownClient {
        /// The tenant.
        tenant_id: String,
        /// The client asked for.
        client_id: String,
    },
    /// The client was revoked.
    #[error("client `{client_id}` is revoked; create a new one")]
    Revoked {
        /// The client.
        client_id: String,
    },
    /// A client needs a name of 1 to 200 characters.
    #[error("a client's name has 1 to 200 characters, and no control characters")]
    Name,
    /// An id that cannot be carried over.
    #[error(
        "{0:?} is no client id that can be carried over: it has 1 to 200 letters without accents, digits and - . _ ~ @ / = ! * ( ) $ # & , ;"
    )]
    ClientId(String),
    /// An id that a client has already.
    #[error(
        "there is a client `{0}` already, and an id names one client of one tenant. If it is this tenant's, `oneroster client list` has it, \
         revoked ones included: `oneroster client rotate` gives it another secret"
    )]
    ClientIdTaken(String),
    /// A secret of which nothing is left without the blanks around it.
    #[error("the secret is empty")]
    EmptySecret,
    /// A setting is not what it should be.
    #[error(transparent)]
    Setting(#[from] settings::Error),
}

impl Error {
    /// Returns `true` if the database was out of reach or could not serve just now: the same request may succeed later.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Database(error) if db::is_transient(error))
    }

    /// Returns the message with those of its causes, for a log line.
    pub fn with_causes(&self) -> String {
        causes::with_causes(self)
    }
}
