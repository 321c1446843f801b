//! `oneroster keys`: the keys that sign tokens, and the key that they are encrypted with.

use std::path::PathBuf;

use super::account::By;
use super::opened::Opened;
use super::{Global, Outcome, Purpose, output};
use crate::accounts;
use crate::auth::{Keyring, keys};
use crate::report::keys::{EncryptionKeyReport, KeyRetiredReport, KeyRotatedReport, KeysReport};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oneroster keys list")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the keys that sign or verify tokens.
    #[command(after_help = "Example:\n  oneroster keys list")]
    List,
    /// Make a new key, which signs after five minutes, when every server knows it. Tokens stay good until they end. Servers do so by
    /// themselves (`keys.rotate_days`).
    #[command(after_help = "Example:\n  oneroster keys rotate")]
    Rotate {
        #[command(flatten)]
        by: By,
    },
    /// End a key at once: tokens that it signed are refused within five seconds, and consumers ask for new ones.
    #[command(after_help = "Example:\n  oneroster keys retire 2xk1n9Q4x1w8Zt0mJ7c5yVbLr3sD6fGhAeUoIiPqKjM")]
    Retire {
        /// The key, as `keys list` has it.
        #[arg(value_name = "KEY_ID", allow_hyphen_values = true)]
        key_id: String,
        #[command(flatten)]
        by: By,
    },
    /// Encrypt the signing keys with the key of another file; it is made if it is not there.
    #[command(after_help = "Example:\n  oneroster keys change-encryption-key new-encryption-key")]
    ChangeEncryptionKey {
        /// The other file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        by: By,
    },
}

/// Does what is asked with the signing keys.
pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<Outcome> {
    let opened = match &args.action {
        Action::List => global.open(Purpose::Read).await,
        Action::Rotate { by } | Action::Retire { by, .. } | Action::ChangeEncryptionKey { by, .. } => {
            global.open_by(Purpose::Change, by).await
        }
    };
    let database = opened?;
    let outcome = act(args.action, &database, global).await;
    database.close().await;
    outcome.map(|()| Outcome::Done)
}

async fn act(action: Action, database: &Opened, global: &Global) -> anyhow::Result<()> {
    let pool = database.pool();
    match action {
        Action::List => output::report(&KeysReport::from(keys::list(pool).await?), global.json),
        Action::Rotate { by: _ } => {
            let keyring = Keyring::open(global.settings(), pool).await?;
            let key_id = keys::rotate(pool, &keyring).await?;
            database.record().await?;
            output::report(
                &KeyRotatedReport::new(key_id, keys::list(pool).await?),
                global.json,
            )
        }
        Action::Retire { key_id, by: _ } => {
            keys::retire(pool, &key_id).await?;
            database.record().await?;
            output::report(&KeyRetiredReport { key_id }, global.json)
        }
        Action::ChangeEncryptionKey { file, by: _ } => {
            let keyring = Keyring::open(global.settings(), pool).await?;
            accounts::change_encryption_key(pool, keyring.file(), &file).await?;
            let keys = keys::change_encryption_key(pool, &keyring, &file).await?;
            database.record().await?;
            let report = EncryptionKeyReport {
                keys,
                file,
                replaces: keyring.file().to_owned(),
            };
            output::report(&report, global.json)
        }
    }
}
