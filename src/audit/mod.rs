//! The audit trail: who changed what only we own, when and from where; its files outside the database; and the way forward from them.
//!
//! Triggers of the database enter every changed row ([`Entry`]), whoever changes it; [`note`] enters what is no row. The row of
//! a tenant in `audit.head` stays locked from its first entry until the transaction ends, so that entries become visible in the
//! order of their positions: whoever has copied one has copied all before it ([`Trail`]).
//!
//! Files are only appended to, one for each tenant, but for what is erased. An entry that a file has and the database lacks shows that the database went
//! back: nothing is changed, published or issued until [`recover()`] has made those changes again.

mod accounts;
mod background;
mod entry;
mod entry_file;
mod erasure;
mod folder;
mod gate;
mod keys;
mod lack;
mod listed;
mod promised;
mod recover;
mod sign;
mod trail;

use std::path::PathBuf;

pub use accounts::ACCOUNTS;
pub use background::run;
pub use entry::{Entry, PUBLISHED, end, has_changed, note, wait_turn};
pub use entry_file::write_down;
pub use erasure::{
    ForgottenName, erase, forget_name, forget_name_again, has_traces, remove_tenant, whole_trail,
};
pub use folder::Folder;
pub use gate::Gate;
pub use keys::KEY_RETIRED;
pub use lack::{Lack, TenantLack};
pub use listed::{Listed, Page, Wanted, listed, page};
pub use promised::promised;
pub use recover::{Recovered, RecoveredTenant, recover};
pub use sign::Sign;
pub use trail::Trail;

/// The audit trail could not be read, written or followed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A file or the folder cannot be used.
    #[error("cannot use {path} for the audit trail (`audit.dir`, ONEROSTER_AUDIT_DIR)")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A line in the middle of a file is none of this program.
    #[error("{path}, line {line}, is no entry of an audit trail: the file is damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// There is no folder to keep it in.
    #[error(
        "no folder is chosen for the audit trail, without which a restored database cannot be brought forward: set `dir` in section \
         [audit] of the settings file, or ONEROSTER_AUDIT_DIR, to one outside the database"
    )]
    NoFolder,
    /// It is root who asks, and the folder is somebody else's.
    #[error(
        "the audit trail in {path} belongs to {owner}, whose servers could not append to what root writes there: run this as \
         {owner} (`runuser -u {owner} -- oneroster …`)"
    )]
    OfAnotherUser {
        /// The folder.
        path: PathBuf,
        /// The user, by name if there is one.
        owner: String,
    },
    /// Which database it is beside cannot be told.
    #[error("cannot tell where the audit trail is kept")]
    Place(#[source] Box<crate::db::Error>),
    /// Another process keeps a file for itself.
    #[error("another process has held {path} for {seconds} s")]
    Held {
        /// The file.
        path: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The database lacks what the files have.
    #[error(
        "the database went back: {0}. Nothing is changed until `oneroster recover` has brought it forward"
    )]
    Behind(Lack),
    /// The disk of the folder takes too long.
    #[error("the folder of the audit trail could not be written to in time")]
    Slow,
    /// Work on files broke off: a fault of this program, or it is stopping.
    #[error("work on the files of the audit trail was interrupted")]
    Interrupted,
    /// The tenant cannot be brought forward.
    #[error("tenant {tenant_id} cannot be brought forward; nothing of it was changed")]
    Replay {
        /// The tenant.
        tenant_id: String,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// Usernames that were forgotten cannot be forgotten again.
    #[error(
        "tenant {tenant_id}: usernames that were forgotten cannot be forgotten again; nothing of it was changed"
    )]
    Forget {
        /// The tenant.
        tenant_id: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What was published cannot be read.
    #[error("cannot read what was published")]
    Roster(#[from] crate::roster::Error),
}

/// Returns from where something is done: a command or server, and the host.
pub fn origin(command: &str) -> String {
    let host = nix::unistd::gethostname().ok();
    let host = host.map_or_else(
        || "unknown host".into(),
        |host| host.to_string_lossy().into_owned(),
    );
    format!("{command} on {host}")
}

/// Does work on files on a thread for blocking work.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(Error::Interrupted))
}
