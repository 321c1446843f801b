//! Files of a published generation: School Data Sync V1, its UK variant and V2.1, OneRoster CSV, Clever (`docs/files.md`).
//!
//! What is written is what the API serves of that generation, and everything comes from it alone. Rows stream: Postgres sorts
//! them, each is judged as it is written (`sheet`), and only orgs and sessions are kept at hand. Files are written to a draft,
//! read back, and put in place as a whole (`target`).

mod content;
mod fill;
mod format;
mod frame;
mod note;
mod password;
mod read_back;
mod rule;
mod run;
mod service;
mod sheet;
mod table;
mod target;
mod text;

use std::path::PathBuf;

use oneroster_standard::Kind;

pub use format::{Format, UnknownFormat};
pub use note::{IDS_SHOWN, Note, NoteRule};
pub use password::{PASSWORDS_BYTES_MAX, Passwords};
pub use rule::{Refusal, Rule};
pub use run::{Exported, Options, ROWS_MAX, Request, Wanted, export};
pub use service::{EXPORTS_MAX, EXPORTS_PER_TENANT, ExportService, Turn};
pub use table::Table;
pub use target::Destination;

use crate::roster;

/// The version of what files say of a generation. Raise it when their bytes change, so that a client that has them asks again.
pub const FILES_VERSION: u32 = 1;

/// An export could not be made. Whatever it is, the target is as it was.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule does not hold: nothing was written.
    #[error("{}", .0.rule.words())]
    Refused(Box<Refusal>),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The stored roster cannot be read.
    #[error(transparent)]
    Roster(roster::Error),
    /// No tenant has this id.
    #[error("no tenant has the id {0:?}; `oneroster tenant list` shows those there are")]
    UnknownTenant(String),
    /// Nothing has been published.
    #[error("nothing has been published yet")]
    NotPublished,
    /// There is no such generation, or it is no longer kept.
    #[error("generation {number} is not there: those from {oldest} to {newest} are")]
    UnknownGeneration {
        /// The one asked for.
        number: i64,
        /// The first one that is kept whole.
        oldest: i64,
        /// The newest.
        newest: i64,
    },
    /// What is to be told would have happened before it.
    #[error("generation {since} does not come before generation {number}")]
    WrongOrder {
        /// After which.
        since: i64,
        /// Up to which.
        number: i64,
    },
    /// The content of an object is not what this build writes.
    #[error("the content of {}/{sourced_id} cannot be read", kind.collection())]
    Content {
        /// Its kind.
        kind: Kind,
        /// Its id.
        sourced_id: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The database sorts in another way than by bytes: a fault of this program.
    #[error("the rows of {file} do not come in the order of their key")]
    Order {
        /// The file.
        file: &'static str,
    },
    /// A file is not as it was written.
    #[error("{file} is not as it was written: {what}")]
    ReadBack {
        /// The file.
        file: &'static str,
        /// What is wrong.
        what: &'static str,
    },
    /// The target holds something that the format does not write.
    #[error(
        "{path} holds {name:?}, which no export of format {format} writes: name a folder or zip of its own, which the export may replace"
    )]
    Foreign {
        /// The target.
        path: PathBuf,
        /// What it holds.
        name: String,
        /// The format.
        format: Format,
    },
    /// The target is there and is no folder.
    #[error("{0} is a file: name a folder, or a zip by a name that ends with .zip")]
    NotAFolder(PathBuf),
    /// A file or folder cannot be used.
    #[error("cannot {doing} {path}")]
    File {
        /// What failed.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file could not be written or read.
    #[error("cannot write the files")]
    Io(#[from] std::io::Error),
    /// A CSV could not be written or read.
    #[error("cannot write the files")]
    Csv(#[source] csv::Error),
    /// The zip could not be written or read.
    #[error("cannot write the zip")]
    Zip(#[from] zip::result::ZipError),
}

impl Error {
    /// Returns `true` if the database was out of reach or could not serve just now.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Database(error) if crate::db::is_transient(error))
    }
}

impl From<roster::Error> for Error {
    fn from(error: roster::Error) -> Self {
        match error {
            roster::Error::Database(error) => Self::Database(error),
            other @ (roster::Error::Inconsistent { .. } | roster::Error::LockLost) => Self::Roster(other),
        }
    }
}

impl From<csv::Error> for Error {
    fn from(error: csv::Error) -> Self {
        if !error.is_io_error() {
            return Self::Csv(error);
        }
        // What to do about a full disk is told by the error of the disk.
        if let csv::ErrorKind::Io(error) = error.into_kind() {
            Self::Io(error)
        } else {
            Self::Io(std::io::ErrorKind::Other.into())
        }
    }
}

/// Returns a refusal as an error.
fn refused(refusal: Refusal) -> Error {
    Error::Refused(Box::new(refusal))
}
