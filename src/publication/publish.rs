//! One publication, from lock to commit.

use std::sync::Arc;

use chrono::NaiveDate;
use oneroster_school::projection::{self, Roster};
use oneroster_standard::{Kind, Moment};
use sqlx::{Connection, PgConnection, PgPool};

use super::brake::decision::{self, FailedPublication, Verdict};
use super::diff::{DesiredObject, diff};
use super::explain::Evidence;
use super::inputs::{self, Inputs};
use super::lock::{lock, try_lock};
use super::options::{Options, Release};
use super::outcome::{Publication, State, held_or_unchanged, unchanged};
use super::{Error, write};
use crate::causes;
use crate::roster::{Change, InputVersions, Summary, counted, evaluations, hash, head, holds};
use crate::telemetry::run_id;

/// Publishes a tenant. `None` in the background when another publication of the tenant is under way.
///
/// The lock is taken before the inputs are read, so that publications follow each other; it belongs to the connection
/// and ends with it.
#[tracing::instrument(
    level = "error",
    name = "publication",
    skip_all,
    fields(tenant = tenant_id, run_id = %run_id())
)]
pub async fn publish(pool: &PgPool, tenant_id: &str, options: Options) -> Result<Option<Publication>, Error> {
    let result = publish_locked(pool, tenant_id, options).await;
    match &result {
        Ok(Some(publication)) => log_published(publication),
        // Another server or command is publishing it.
        Ok(None) => {}
        // A command reports its error itself.
        Err(error) => {
            if options.is_background {
                log_failure(error);
            }
        }
    }
    result
}

async fn publish_locked(
    pool: &PgPool,
    tenant_id: &str,
    options: Options,
) -> Result<Option<Publication>, Error> {
    let locked = if options.is_background {
        try_lock(pool, tenant_id).await?
    } else {
        Some(lock(pool, tenant_id).await?)
    };
    let Some(mut connection) = locked else {
        return Ok(None);
    };
    let result = under_lock(&mut connection, tenant_id, options, None).await;
    connection.leave().await;
    result.map(Some)
}

/// Publishes a tenant, what is held included, if that is still what would be published; records who released it.
///
/// Otherwise it is a publication like any other, which may be held in its turn: then [`Publication::held_before`] is what was
/// held before.
#[tracing::instrument(
    level = "error",
    name = "publication",
    skip_all,
    fields(tenant = tenant_id, run_id = %run_id())
)]
pub async fn release(
    pool: &PgPool,
    tenant_id: &str,
    options: Options,
    release: Release<'_>,
) -> Result<Publication, Error> {
    let mut connection = lock(pool, tenant_id).await?;
    connection.act_as(release.by).await?;
    let result = under_lock(&mut connection, tenant_id, options, Some(release)).await;
    connection.leave().await;
    if let Ok(publication) = &result {
        log_published(publication);
    }
    result
}

pub(super) fn log_published(publication: &Publication) {
    let (state, published_at) = (publication.state, publication.published_at);
    if let (State::Published, Some(generation_id), Some(published_at)) =
        (state, publication.generation, published_at)
    {
        let published_at = Moment::from(published_at).rfc3339();
        tracing::info!(%generation_id, published_at, "published");
    }
}

fn log_failure(error: &Error) {
    tracing::error!(error = %error, causes = causes::of(error), "cannot publish");
}

async fn under_lock(
    connection: &mut PgConnection,
    tenant_id: &str,
    options: Options,
    release: Option<Release<'_>>,
) -> Result<Publication, Error> {
    let pending = holds::find(connection, tenant_id).await?;
    // What was discarded is judged again when it is asked for, and announced again if it still fails.
    let is_judged_again = !options.is_background && pending.as_ref().is_some_and(|hold| hold.is_discarded);
    let head = head::find(connection, tenant_id).await?;
    // After a loss too, until a publication has done so: consumers may hold what lost generations said.
    let redates = options.redate || head.is_some_and(|head| head.redates);
    let always = redates || options.dry_run || release.is_some() || is_judged_again;
    let Some(mut inputs) = inputs::read(connection, tenant_id, always).await? else {
        return held_or_unchanged(connection, tenant_id, pending).await;
    };
    refuse_going_back(&inputs.versions, inputs.last.as_ref())?;
    if options.redate {
        // The way back from a clock that was far ahead: every consumer reads everything again, the state of this day too.
        inputs.versions.today = inputs.clock_day;
    }
    let (number, versions) = (inputs.number, inputs.versions);
    // What is current is read while the roster is computed on another thread: neither needs the other.
    let (computed, (current, now)) =
        tokio::try_join!(compute(inputs), write::current(connection, tenant_id))?;
    let changes = diff(current, computed.objects, now, redates);
    let summary = Summary::of(&changes);
    let (changes, reasons) =
        decision::judge(connection, tenant_id, number, changes, &computed.evidence).await?;
    let decision = match decision::verdict(reasons, &changes, pending.as_ref(), release) {
        Verdict::Passed => None,
        Verdict::Released(decision) => Some(decision),
        Verdict::Held(new) => {
            let holding = FailedPublication {
                new,
                pending,
                versions,
                changes,
            };
            return holding
                .hold(connection, tenant_id, options, release.is_some())
                .await;
        }
    };
    if options.dry_run {
        return Ok(would_be(summary, changes));
    }
    if changes.is_empty() {
        // In one transaction: once these inputs are recorded as judged, no publication judges them again to lift the hold.
        let mut transaction = connection.begin().await?;
        evaluations::record(&mut transaction, tenant_id, &versions, computed.evidence.judged()).await?;
        counted::record_class_facts(&mut transaction, tenant_id, &computed.evidence.class_facts).await?;
        holds::lift(&mut transaction, tenant_id).await?;
        head::has_published(&mut transaction, tenant_id).await?;
        transaction.commit().await?;
        return unchanged(connection, tenant_id).await;
    }
    let draft = write::Draft {
        number: number + 1,
        versions,
        reference_date: computed.reference_date,
        school_year: computed.school_year,
        summary,
        evidence: computed.evidence,
        is_released: decision.is_some(),
        decision,
        has_redated: redates,
        redate: options.redate,
    };
    write::generation(connection, tenant_id, draft, changes).await
}

/// A roster computed from inputs.
pub(super) struct ComputedRoster {
    /// Its objects.
    pub(super) objects: Vec<DesiredObject>,
    /// The day it is the state of.
    pub(super) reference_date: NaiveDate,
    /// The active school year.
    pub(super) school_year: String,
    /// The roster itself, and what it was computed from.
    pub(super) evidence: Arc<Evidence>,
}

/// Computes the roster on a thread for blocking work: a large group takes seconds of CPU.
pub(super) async fn compute(inputs: Inputs) -> Result<ComputedRoster, Error> {
    let Inputs {
        versions,
        configuration,
        mirror,
        usernames,
        tells_addresses,
        ..
    } = inputs;
    tokio::task::spawn_blocking(move || {
        let school_year = configuration.active_school_year.to_string();
        let roster = projection::project(&mirror, &usernames, &configuration, &school_year, versions.today)?;
        let class_facts = projection::class_facts(&mirror, &configuration, &school_year, versions.today)?;
        let next_change = projection::next_change(&mirror, &configuration, &school_year, versions.today)?;
        Ok(ComputedRoster {
            objects: desired_objects(&roster, tells_addresses),
            reference_date: roster.reference_date,
            school_year,
            evidence: Arc::new(Evidence {
                mirror,
                usernames,
                configuration,
                today: versions.today,
                roster,
                class_facts,
                next_change,
            }),
        })
    })
    .await
    .map_err(|_| Error::Interrupted)?
}

/// The outcome of a dry run that the brake lets through.
fn would_be(summary: Summary, changes: Vec<Change>) -> Publication {
    Publication {
        state: if changes.is_empty() {
            State::Unchanged
        } else {
            State::Published
        },
        generation: None,
        published_at: None,
        summary,
        changes,
        held: None,
        held_before: None,
    }
}

pub(super) fn refuse_going_back(versions: &InputVersions, last: Option<&InputVersions>) -> Result<(), Error> {
    match last {
        Some(last) if versions.goes_back_from(last) => Err(Error::GoesBack {
            input: format!("now {versions:?}, published {last:?}"),
        }),
        Some(_) | None => Ok(()),
    }
}

/// Where no client is told addresses, another address is no change: nobody reads users again who cannot see it.
fn desired_objects(roster: &Roster, tells_addresses: bool) -> Vec<DesiredObject> {
    projection::contents(roster)
        .into_iter()
        .map(|(kind, sourced_id, content)| {
            let domain = (kind == Kind::Users).then(|| roster.email_domains.get(&sourced_id));
            let email_domain = domain.flatten().map(|domain| domain.as_str().to_owned());
            DesiredObject {
                kind,
                sourced_id,
                hash: hash(&content, email_domain.as_deref().filter(|_| tells_addresses)),
                content,
                email_domain,
            }
        })
        .collect()
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
