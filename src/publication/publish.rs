//! One publication, from lock to commit.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use super::diff::{Change, Summary, Wanted, diff, hash};
use super::inputs::{self, Inputs, Versions};
use super::{Error, lock_key, write};
use crate::projection::{self, Roster};

/// How to publish.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Compute and compare only.
    pub dry_run: bool,
    /// Give everything a new date, as after a restore from backup.
    pub redate: bool,
    /// When another publication of the tenant is under way: leave it to that one, instead of waiting for it.
    pub skip_if_locked: bool,
}

/// What a publication came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// A new generation.
    Published,
    /// Nothing to publish: no generation was made.
    Unchanged,
}

/// The outcome of a publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// What it came to.
    pub state: State,
    /// The newest generation after it; `None` before the first, and in a dry run that would make one.
    pub generation: Option<Uuid>,
    /// The date of that generation.
    pub published_at: Option<DateTime<Utc>>,
    /// How many objects it touched.
    pub summary: Summary,
    /// Which objects: in a dry run only.
    pub changes: Vec<Change>,
}

/// Publishes a tenant. `None` when somebody else is at it and the options say not to wait.
///
/// The lock is taken before the inputs are read, so that publications follow each other; it belongs to the connection
/// and goes with it.
pub async fn publish(pool: &PgPool, tenant_id: &str, options: Options) -> Result<Option<Publication>, Error> {
    let mut connection = pool.acquire().await?.detach();
    let key = lock_key(tenant_id);
    let locked = if options.skip_if_locked {
        sqlx::query_scalar!(
            r#"select pg_try_advisory_lock(hashtextextended($1, 0)) as "locked!""#,
            key
        )
        .fetch_one(&mut connection)
        .await?
    } else {
        sqlx::query!("select pg_advisory_lock(hashtextextended($1, 0))", key)
            .execute(&mut connection)
            .await?;
        true
    };
    let result = if locked {
        under_lock(&mut connection, tenant_id, options).await.map(Some)
    } else {
        Ok(None)
    };
    // Closing the connection gives the lock back, whatever state an error left it in.
    let _ = connection.close().await;
    result
}

async fn under_lock(
    connection: &mut PgConnection,
    tenant_id: &str,
    options: Options,
) -> Result<Publication, Error> {
    let always = options.redate || options.dry_run;
    let Some(inputs) = inputs::read(connection, tenant_id, always).await? else {
        return unchanged(connection, tenant_id).await;
    };
    let Inputs {
        versions,
        last,
        number,
        configuration,
        mirror,
        usernames,
    } = inputs;
    refuse_going_back(&versions, last.as_ref())?;
    // A large group takes seconds of CPU; requests that this process serves must not wait for it.
    let (wanted, reference_date, school_year) = tokio::task::spawn_blocking(move || {
        let year = configuration.active_school_year.clone();
        let roster = projection::project(&mirror, &usernames, &configuration, &year, versions.today)?;
        Ok::<_, Error>((wanted(&roster), roster.reference_date, year))
    })
    .await
    .map_err(|_| Error::Interrupted)??;
    let (current, now) = write::current(connection, tenant_id).await?;
    let changes = diff(current, wanted, now, options.redate);
    let summary = Summary::of(&changes);
    if options.dry_run {
        let state = if changes.is_empty() {
            State::Unchanged
        } else {
            State::Published
        };
        return Ok(Publication {
            state,
            generation: None,
            published_at: None,
            summary,
            changes,
        });
    }
    // The brake judges the changes here, between knowing them and writing them.
    if changes.is_empty() {
        write::evaluation(connection, tenant_id, &versions).await?;
        return unchanged(connection, tenant_id).await;
    }
    let draft = write::Draft {
        number: number + 1,
        versions,
        reference_date,
        school_year,
        summary,
        redate: options.redate,
    };
    write::generation(connection, tenant_id, draft, changes).await
}

fn refuse_going_back(versions: &Versions, last: Option<&Versions>) -> Result<(), Error> {
    match last {
        Some(last) if versions.goes_back_from(last) => Err(Error::GoesBack {
            input: format!("now {versions:?}, published {last:?}"),
        }),
        Some(_) | None => Ok(()),
    }
}

fn wanted(roster: &Roster) -> Vec<Wanted> {
    projection::contents(roster)
        .into_iter()
        .map(|(kind, sourced_id, content)| Wanted {
            kind,
            sourced_id,
            hash: hash(&content),
            content,
        })
        .collect()
}

async fn unchanged(connection: &mut PgConnection, tenant_id: &str) -> Result<Publication, Error> {
    let head = sqlx::query!(
        "select generation_id, published_at from roster.head where tenant_id = $1",
        tenant_id
    )
    .fetch_one(connection)
    .await?;
    Ok(Publication {
        state: State::Unchanged,
        generation: head.generation_id,
        published_at: head.published_at,
        summary: Summary::default(),
        changes: Vec::new(),
    })
}

/// Computes the roster that would be served on a day, with a school year other than the active one if named.
/// Stores nothing.
pub async fn preview(
    pool: &PgPool,
    tenant_id: &str,
    as_of: NaiveDate,
    school_year: Option<&str>,
) -> Result<Roster, Error> {
    let mut connection = pool.acquire().await?;
    let Some(inputs) = inputs::read(&mut connection, tenant_id, true).await? else {
        return Err(Error::Interrupted);
    };
    let year = school_year.unwrap_or(&inputs.configuration.active_school_year);
    Ok(projection::project(
        &inputs.mirror,
        &inputs.usernames,
        &inputs.configuration,
        year,
        as_of,
    )?)
}
