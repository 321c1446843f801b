//! Why a database could not be opened.

use std::path::PathBuf;

use sqlx::migrate::MigrateError;

use super::{Location, scope};

/// The database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No database was chosen.
    #[cfg(feature = "demo")]
    #[error(
        "no database is chosen. There are three ways: set DATABASE_URL to the address of a Postgres that you run; write \
         that address as `url` in section [database] of the settings file; or name the folder of an embedded Postgres with \
         --data-dir (or ONEROSTER_DATA_DIR, or `data_dir` in the same section)"
    )]
    NoDatabase,
    /// No database was chosen.
    #[cfg(not(feature = "demo"))]
    #[error(
        "no database is chosen: set DATABASE_URL to the address of a Postgres that you run, or write that address as \
         `url` in section [database] of the settings file"
    )]
    NoDatabase,
    /// An address and a data directory were given.
    #[error("{url} and {data_dir} each name a database: take one of the two away")]
    TwoDatabases {
        /// What gave the address.
        url: &'static str,
        /// What gave the data directory.
        data_dir: &'static str,
    },
    /// The addresses of the two users name two databases.
    #[error("{owner_url} names another database than {url}: they are two users of the same one")]
    TwoNames {
        /// What gave the address.
        url: &'static str,
        /// What gave the owner's address.
        owner_url: &'static str,
    },
    /// The owner's address is there and the other is not.
    #[error(
        "{owner_url} is set, and no address for servers and commands is: set DATABASE_URL (`database.url`) too, to the same database as a \
         user that owns nothing (`oneroster migrate --print-roles`), or leave {owner_url} out. An embedded Postgres has both users by itself"
    )]
    OwnerAlone {
        /// What gave the owner's address.
        owner_url: &'static str,
    },
    /// Postgres is too old.
    #[error("{location} is Postgres {found}; oneroster needs Postgres 15 or newer")]
    TooOld {
        /// Which database, and what gave its address; never the password.
        location: String,
        /// Its version.
        found: String,
    },
    /// The database keeps its texts in another encoding.
    #[error(
        "{location} keeps its texts in {found}; oneroster needs UTF8: create database NAME encoding 'UTF8' template template0"
    )]
    Encoding {
        /// Which database, and what gave its address; never the password.
        location: String,
        /// Its encoding.
        found: String,
    },
    /// The user may not see which migrations the database has.
    #[error(
        "the database user {user} may not see which migrations the database has: its owner brings it up to date first, by `oneroster \
         migrate` with the owner's address in `database.owner_url` (ONEROSTER_DATABASE_OWNER_URL)"
    )]
    Unread {
        /// The user of the address.
        user: String,
    },
    /// A data directory was given to a build without the embedded Postgres.
    #[error(
        "{data_dir} names a data directory, but this build has no embedded Postgres to keep in one: it was built without \
         the feature `demo`. Set DATABASE_URL, or `url` in section [database] of the settings file, instead"
    )]
    NoEmbedded {
        /// What gave the data directory.
        data_dir: &'static str,
    },
    /// The address cannot be understood.
    #[error(
        "{origin} must have the form postgres://USER:PASSWORD@HOST:PORT/DATABASE; in USER and PASSWORD write # as %23, \
         / as %2F, ? as %3F, @ as %40 and % as %25"
    )]
    Address {
        /// What gave the address.
        origin: &'static str,
        /// Why; without the address.
        #[source]
        source: sqlx::Error,
    },
    /// The data directory holds no database.
    #[error(
        "{path} holds no database. `oneroster serve`, `oneroster migrate` and `oneroster demo` make one; other commands \
         only use one that is there"
    )]
    NothingThere {
        /// The data directory.
        path: PathBuf,
    },
    /// No connection.
    #[error("cannot connect to {location}")]
    Connect {
        /// Which database, and what gave its address; never the password.
        location: String,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// It takes no writes.
    #[error(
        "{location} takes no writes: it is a standby, or `default_transaction_read_only` is on for it. The address must lead to the \
         primary"
    )]
    ReadOnly {
        /// Which database, and what gave its address; never the password.
        location: String,
    },
    /// No answer at all.
    #[error("{location} did not answer within {timeout_s} s")]
    Unanswered {
        /// Which database, and what gave its address; never the password.
        location: String,
        /// How long it was waited for, in seconds.
        timeout_s: u64,
    },
    /// The embedded Postgres does not run.
    #[cfg(feature = "demo")]
    #[error("cannot run the embedded Postgres")]
    Embedded(#[source] oneroster_embedded_postgres::Error),
    /// The database has been used by a newer build.
    #[error(
        "the database has migration {applied}, which this build (up to {known}) does not know: \
         it has been used by a newer version of oneroster, which took away what this one needs; run that version, or restore a backup from before"
    )]
    Newer {
        /// The migration that is not ours.
        applied: i64,
        /// The last one of this build.
        known: i64,
    },
    /// The database lacks migrations, and this command applies none.
    #[error(
        "the database lacks {count} of the migrations of this version of oneroster, the first of them {first}: run \
         `oneroster migrate`"
    )]
    Older {
        /// The first that it lacks.
        first: i64,
        /// How many it lacks.
        count: usize,
    },
    /// The migrations could not be read or applied.
    #[error("cannot bring the database up to date")]
    Migrate(#[source] MigrateError),
    /// The database user may not take on the roles the program works under.
    #[error(
        "the database user {user} cannot act as {service}, {tenant}, {desk} and {desk_tenant}, which this program works \
         under; as an administrator make sure that these roles exist (`oneroster migrate --print-roles` prints how), then: \
         grant {service}, {tenant}, {desk}, {desk_tenant} to {user}",
        service = scope::SERVICE_ROLE, tenant = scope::TENANT_ROLE, desk = scope::DESK_ROLE,
        desk_tenant = scope::DESK_TENANT_ROLE
    )]
    Role {
        /// The user of the address.
        user: String,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// Row-level security does not keep tenants apart.
    #[error(
        "row-level security is not in force for {role}: it was switched off on a table, or the role was made a \
         superuser or given bypassrls; as an administrator undo that"
    )]
    Unbound {
        /// The role.
        role: &'static str,
    },
}

impl Error {
    /// Says that the user may not take on the roles.
    pub(super) fn role(user: &str, source: sqlx::Error) -> Self {
        Self::Role {
            user: user.to_owned(),
            source,
        }
    }

    /// Says which database could not be connected to, and why.
    pub(super) fn connect(location: &Location, source: sqlx::Error) -> Self {
        Self::Connect {
            location: location.with_origin(),
            source,
        }
    }
}
