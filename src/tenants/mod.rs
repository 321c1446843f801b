//! Tenants in the database: their configuration, the versions of their inputs, and what was decided about them.

mod decision;
mod revision;

use oneroster_school::tenant::Configuration;
use oneroster_school::tenant::change::difference;
use sqlx::PgConnection;

pub use decision::{
    Decision, DecisionKind, PersonErasure, RecordedDecision, decisions, erasure_of, record_decision,
};
pub use revision::{Revision, Source, revision};

use crate::db::locks;
use crate::roster::head;

/// A tenant could not be stored or found.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The stored configuration is not what this build writes.
    #[error("the stored configuration of tenant {tenant_id} cannot be read")]
    Stored {
        /// The tenant.
        tenant_id: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// No tenant has this id.
    #[error("no tenant has the id {0:?}; `oneroster tenant list` shows those there are")]
    Unknown(String),
    /// The file names another active school year than the tenant has.
    #[error(
        "the tenant's active school year is {active}, the file says {file}: \
         the file sets it at creation only, later `oneroster tenant activate-year` moves it"
    )]
    SchoolYear {
        /// The tenant's.
        active: String,
        /// The file's.
        file: String,
    },
    /// The form of org ids would change after they have been published.
    #[error(
        "org_id_with_hoofdstructuur would change after the first publication: every org would get another id, \
         and Microsoft would lose the groups made for it; --force does it all the same"
    )]
    OrgIdForm,
    /// The file is older than what is stored.
    #[error(
        "{why}. What the file would change:\n{}\nTake `oneroster tenant show {tenant_id}` and change that; --force applies \
         this file all the same",
        .difference.iter().map(|line| format!("  - {line}")).collect::<Vec<_>>().join("\n")
    )]
    Older {
        /// The tenant.
        tenant_id: String,
        /// What was changed since.
        why: OlderFile,
        /// What differs, a line for each value.
        difference: Vec<String>,
    },
}

/// Why a tenant file counts as older than what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OlderFile {
    /// It says the revision that it was written from, and there is a newer one.
    #[error(
        "the file is of revision {file}, the tenant is at revision {stored}: somebody changed it meanwhile"
    )]
    Revision {
        /// The file's.
        file: i64,
        /// The stored one.
        stored: i64,
    },
    /// It says none, and somebody changed the configuration on the desk since the last file was applied.
    #[error(
        "the tenant was changed on the desk since a file was last applied, and the file says no revision"
    )]
    ChangedOnDesk,
}

/// What applying a tenant file did.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Applied {
    /// A new tenant.
    Created,
    /// Its configuration changed.
    Changed,
    /// It was so already.
    Unchanged,
}

/// Stores the configuration of a tenant file that says no revision, idempotently. `force` allows another form of org ids after
/// the first publication, and a file that is older than what is stored.
///
/// Runs in the caller's transaction.
pub async fn apply(
    connection: &mut PgConnection,
    configuration: &Configuration,
    force: bool,
) -> Result<Applied, Error> {
    store(connection, configuration, Source::File { revision: None }, force).await
}

/// Stores a configuration as [`apply`] does, wherever it comes from.
pub async fn store(
    connection: &mut PgConnection,
    configuration: &Configuration,
    source: Source,
    force: bool,
) -> Result<Applied, Error> {
    let tenant_id = configuration.id.as_str();
    let document = serde_json::to_value(configuration).map_err(|source| Error::Stored {
        tenant_id: tenant_id.to_owned(),
        source,
    })?;
    let created = sqlx::query!(
        "insert into tenant.tenant (tenant_id, configuration) values ($1, $2) on conflict do nothing",
        tenant_id,
        document
    )
    .execute(&mut *connection)
    .await?;
    if created.rows_affected() == 1 {
        head::create(connection, tenant_id).await?;
        raise_input_version(connection, tenant_id, Input::Configuration).await?;
        return Ok(Applied::Created);
    }
    // Not `for update`, which would wait for an import: that holds the tenant's key from the start, and counts its change
    // at the end, for which it waits until the inputs are unlocked.
    let row = sqlx::query!(
        "select configuration, revision, changed_on_desk from tenant.tenant where tenant_id = $1 for no key update",
        tenant_id
    )
    .fetch_one(&mut *connection)
    .await?;
    let before = read(tenant_id, row.configuration)?;
    if before == *configuration {
        return Ok(Applied::Unchanged);
    }
    let stored = Revision {
        number: row.revision,
        is_changed_on_desk: row.changed_on_desk,
    };
    if let Some(why) = stored.older(source).filter(|_| !force) {
        return Err(Error::Older {
            tenant_id: tenant_id.to_owned(),
            why,
            difference: difference(&before, configuration),
        });
    }
    if before.active_school_year != configuration.active_school_year {
        return Err(Error::SchoolYear {
            active: before.active_school_year.to_string(),
            file: configuration.active_school_year.to_string(),
        });
    }
    let changes_org_ids = before.org_id_with_hoofdstructuur != configuration.org_id_with_hoofdstructuur;
    if changes_org_ids && !force && head::get(connection, tenant_id).await?.number > 0 {
        return Err(Error::OrgIdForm);
    }
    sqlx::query!(
        "update tenant.tenant set configuration = $2, configured_at = clock_timestamp(), revision = revision + 1,
             changed_on_desk = $3
         where tenant_id = $1",
        tenant_id,
        document,
        matches!(source, Source::Desk { .. })
    )
    .execute(&mut *connection)
    .await?;
    raise_input_version(connection, tenant_id, Input::Configuration).await?;
    Ok(Applied::Changed)
}

/// Returns the ids of other tenants that are synchronised to the same Entra tenant (R139).
pub async fn sharing_entra_tenant(
    connection: &mut PgConnection,
    configuration: &Configuration,
) -> Result<Vec<String>, Error> {
    let Some(entra_tenant_id) = &configuration.entra_tenant_id else {
        return Ok(Vec::new());
    };
    Ok(sqlx::query_scalar!(
        "select tenant_id from tenant.tenant
         where tenant_id <> $1 and lower(configuration ->> 'entra_tenant_id') = lower($2) order by tenant_id",
        configuration.id.as_str(),
        entra_tenant_id
    )
    .fetch_all(connection)
    .await?)
}

/// Returns a tenant's configuration.
pub async fn get(connection: &mut PgConnection, tenant_id: &str) -> Result<Configuration, Error> {
    let document = sqlx::query_scalar!(
        "select configuration from tenant.tenant where tenant_id = $1",
        tenant_id
    )
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| Error::Unknown(tenant_id.to_owned()))?;
    read(tenant_id, document)
}

/// Returns `true` if there is such a tenant.
pub async fn exists(connection: &mut PgConnection, tenant_id: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from tenant.tenant where tenant_id = $1) as "there!""#,
        tenant_id
    )
    .fetch_one(connection)
    .await
}

/// Returns every tenant's configuration, by id.
pub async fn list(connection: &mut PgConnection) -> Result<Vec<Configuration>, Error> {
    let rows = sqlx::query!("select tenant_id, configuration from tenant.tenant order by tenant_id")
        .fetch_all(connection)
        .await?;
    rows.into_iter()
        .map(|row| read(&row.tenant_id, row.configuration))
        .collect()
}

fn read(tenant_id: &str, document: serde_json::Value) -> Result<Configuration, Error> {
    serde_json::from_value(document).map_err(|source| Error::Stored {
        tenant_id: tenant_id.to_owned(),
        source,
    })
}

/// What a roster is computed from, besides the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Informat's data.
    Mirror,
    /// The tenant file.
    Configuration,
    /// The username records.
    Usernames,
}

impl Input {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Mirror => "mirror",
            Self::Configuration => "configuration",
            Self::Usernames => "usernames",
        }
    }
}

/// What Postgres tells of changed inputs on, once they are committed: servers of other versions listen too.
pub const INPUTS_CHANNEL: &str = "oneroster_inputs";

/// Counts a change of an input, in the transaction that makes it, and tells of it when that commits.
///
/// The row stays locked until that transaction ends, so versions rise in the order of commits.
pub async fn raise_input_version(
    connection: &mut PgConnection,
    tenant_id: &str,
    input: Input,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into tenant.input_version as v (tenant_id, input, version) values ($1, $2, 1)
         on conflict (tenant_id, input) do update set version = v.version + 1, changed_at = clock_timestamp()",
        tenant_id,
        input.as_str()
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(r#"select pg_notify($1, '') as "told!: ()""#, INPUTS_CHANNEL)
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Keeps everybody else from changing the configuration and the mirror of a tenant until the transaction ends; then no
/// one can change the usernames either who allocates them by [`crate::accounts::records::allocate`].
///
/// The order of locks is everybody's: tenant, configuration, mirror, usernames.
pub async fn lock_inputs(connection: &mut PgConnection, tenant_id: &str) -> Result<(), Error> {
    sqlx::query!(
        "select tenant_id from tenant.tenant where tenant_id = $1 for no key update",
        tenant_id
    )
    .fetch_optional(&mut *connection)
    .await?
    .ok_or_else(|| Error::Unknown(tenant_id.to_owned()))?;
    for input in [Input::Configuration, Input::Mirror] {
        lock_input(connection, tenant_id, input).await?;
    }
    Ok(())
}

/// Keeps everybody else from loading, publishing or editing anything of a tenant until the transaction ends.
pub async fn lock_everything(connection: &mut PgConnection, tenant_id: &str) -> Result<(), Error> {
    locks::publication_until_the_end(&mut *connection, tenant_id).await?;
    locks::load(&mut *connection, tenant_id).await?;
    lock_inputs(&mut *connection, tenant_id).await?;
    locks::usernames(connection, tenant_id).await?;
    Ok(())
}

/// Keeps everybody else from changing one input until the transaction ends: they could not count the change.
pub async fn lock_input(
    connection: &mut PgConnection,
    tenant_id: &str,
    input: Input,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into tenant.input_version as v (tenant_id, input) values ($1, $2)
         on conflict (tenant_id, input) do update set version = v.version",
        tenant_id,
        input.as_str()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Moves the active school year, in the caller's transaction. Whether that may be is the caller's question.
pub async fn set_active_school_year(
    connection: &mut PgConnection,
    tenant_id: &str,
    school_year: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update tenant.tenant set
             configuration = jsonb_set(configuration, '{active_school_year}', to_jsonb($2::text)),
             configured_at = clock_timestamp()
         where tenant_id = $1",
        tenant_id,
        school_year
    )
    .execute(&mut *connection)
    .await?;
    raise_input_version(connection, tenant_id, Input::Configuration).await
}
