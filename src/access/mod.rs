//! Who may sign in to the desk and what they may do there: accounts, what they were given, passwords, sessions, and the wait of who
//! fails too often.
//!
//! The pages are in [`crate::desk`], the command in `cli::admin`. All of it works on connections of the desk
//! ([`crate::db::Database::desk`]): the roles of other connections know no account. What was given belongs to a tenant and is
//! changed in its scope; accounts belong to none, and a change of one is entered in the trail of every tenant it was given something in.
//!
//! Sessions have a table of their own instead of `tower-sessions`: what a request needs is one row, found by the hash of a token,
//! joined to its account, so that a disabled account and a raised epoch hold at once; that crate keeps opaque records by an id that
//! the database would hold in the clear.

pub mod account;
pub mod back_off;
pub mod claims;
pub mod grants;
mod password;
pub mod pending;
pub mod preferences;
pub mod sessions;
pub mod trail;

pub use account::{Account, Identity, NewAccount};
pub use grants::{Given, Place, StoredGrant};
pub use password::{
    Hashed, LENGTH_MAX as PASSWORD_LENGTH_MAX, LENGTH_MIN as PASSWORD_LENGTH_MIN, Passwords,
    generate_password,
};

/// What was asked of accounts or rights could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// An account cannot be called so.
    #[error(
        "a name has 1 to 100 characters of a-z, A-Z, 0-9 and . _ @ -, and is not \"system\"; a display name has 1 to 200 characters \
         without control characters"
    )]
    Name,
    /// Another account is called so, whatever the case.
    #[error("there is an account {0} already")]
    NameTaken(String),
    /// No account is called so.
    #[error("there is no account {0}; `oneroster admin list` shows those there are")]
    Unknown(String),
    /// A password is too short, too long, or the name itself.
    #[error(
        "a password has {} to {} characters and is not the name of the account",
        password::LENGTH_MIN,
        password::LENGTH_MAX
    )]
    Password,
    /// The account signs in by OpenID Connect and has no password.
    #[error("{0} signs in by OpenID Connect and has no password here")]
    NotLocal(String),
    /// No standard role is called so.
    #[error("no role is called {0:?}: write it as Informat does, such as \"iLeerlingen: Alles schrijven\"")]
    Role(String),
    /// There is no such tenant, or no such school in it.
    #[error("tenant {tenant_id} has no school {school}{}", site.map(|site| format!(" with a site {site}")).unwrap_or_default())]
    Place {
        /// The tenant.
        tenant_id: String,
        /// The school.
        school: String,
        /// The site.
        site: Option<i32>,
    },
    /// A manager is one of a school, not of a site.
    #[error("a manager is one of a whole school: leave the site out")]
    ManagerOfSite,
    /// No random numbers are to be had, or a password could not be hashed.
    #[error("the machine gave no random numbers, or too little memory for a password")]
    Machine,
    /// Too many passwords are being verified.
    #[error("too many people sign in at this moment; try again")]
    Busy,
}
