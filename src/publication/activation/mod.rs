//! Activating a school year (the switch in August), with the publication that follows from it, in one transaction.

pub mod guard;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use self::guard::Refusal;
use super::diff::diff;
use super::inputs::{self, Inputs};
use super::movement::{OrgMovement, movements};
use super::roster_counts::{self, RosterCounts};
use super::{Error, lock, publish, write};
use crate::accounts::records;
use crate::db::locks;
use crate::roster::{Change, Hold, Summary, holds};
use crate::telemetry::run_id;
use crate::tenants::{self, Decision, DecisionKind, Input};

/// How to activate a school year.
#[derive(Debug, Clone, Copy)]
pub struct Activate<'a> {
    /// The year, such as `2027-28`.
    pub year: &'a str,
    /// Judge and list only; nothing is stored.
    pub dry_run: bool,
    /// Do it against every refusal that can be overridden.
    pub force: bool,
    /// The account that activates it, for the record.
    pub by: &'a str,
}

/// The result of an activation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// The year that was active.
    pub active_before: String,
    /// Why it is refused, or what was overridden.
    pub refusals: Vec<Refusal>,
    /// Whether it is allowed: nothing speaks against it, or all that does was overridden.
    pub is_allowed: bool,
    /// The roster that would follow; `None` when there can be none.
    pub outcome: Option<Outcome>,
    /// The generation it was published as; `None` if refused or in a dry run.
    pub published: Option<(Uuid, DateTime<Utc>)>,
}

/// The publication that follows from the activation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The day it is the state of: the first of the year, unless that is past.
    pub reference_date: NaiveDate,
    /// How many objects it touches.
    pub summary: Summary,
    /// What is added and removed, by org.
    pub orgs: Vec<OrgMovement>,
    /// Usernames that had to be made.
    pub usernames_created: usize,
    /// What is held, and would be replaced by it.
    pub held: Option<Hold>,
}

/// Activates a school year and publishes what follows from it, or returns why not.
///
/// All in one transaction, under the publication lock and with all inputs locked: what is judged is what is published,
/// and no publication sees the new year without the judgement. The brake does not judge it; data imported
/// afterwards make a publication of their own, which the brake judges against the new year's roster.
#[tracing::instrument(
    level = "error",
    name = "activation",
    skip_all,
    fields(tenant = tenant_id, run_id = %run_id())
)]
pub async fn activate(pool: &PgPool, tenant_id: &str, request: Activate<'_>) -> Result<Activation, Error> {
    let mut connection = lock::lock(pool, tenant_id).await?;
    let result = under_lock(&mut connection, tenant_id, request).await;
    lock::unlock(connection).await;
    result
}

async fn under_lock(
    connection: &mut PgConnection,
    tenant_id: &str,
    request: Activate<'_>,
) -> Result<Activation, Error> {
    // Dropped without a commit, it leaves everything as it was.
    let mut transaction = connection.begin().await?;
    lock_inputs(&mut transaction, tenant_id).await?;
    let Some(inputs) = inputs::read_within(&mut transaction, tenant_id, true).await? else {
        return Err(Error::Interrupted);
    };
    publish::refuse_going_back(&inputs.versions, inputs.last.as_ref())?;
    let active_before = inputs.configuration.active_school_year.to_string();
    let years: Vec<(&str, NaiveDate)> = inputs
        .mirror
        .schooljaar
        .iter()
        .map(|year| (year.schooljaar.as_str(), year.begindatum))
        .collect();
    let mut refusals = guard::of_year(&years, &active_before, request.year, inputs.versions.today);
    if !refusals.iter().all(Refusal::can_be_forced) {
        return Ok(Activation {
            active_before,
            refusals,
            is_allowed: false,
            outcome: None,
            published: None,
        });
    }
    let prepared = prepare(&mut transaction, tenant_id, request.year, inputs).await?;
    refusals.extend(guard::of_hold(prepared.outcome.held.as_ref()));
    refusals.extend(guard::of_orgs(&prepared.outcome.orgs));
    let is_allowed = refusals.is_empty() || request.force;
    let mut activation = Activation {
        active_before,
        refusals,
        is_allowed,
        outcome: None,
        published: None,
    };
    let Prepared {
        outcome,
        mut draft,
        changes,
    } = prepared;
    if is_allowed && !request.dry_run {
        draft.decision = Some(decision(&activation, &outcome, request));
        let publication = write::generation(&mut transaction, tenant_id, draft, changes).await?;
        transaction.commit().await?;
        activation.published = publication.generation.zip(publication.published_at);
    }
    activation.outcome = Some(outcome);
    Ok(activation)
}

/// Locks every input of the roster until the transaction ends.
async fn lock_inputs(connection: &mut PgConnection, tenant_id: &str) -> Result<(), Error> {
    tenants::lock_inputs(connection, tenant_id).await?;
    locks::usernames(connection, tenant_id).await?;
    tenants::lock_input(connection, tenant_id, Input::Usernames).await?;
    Ok(())
}

/// The new year, put in place within the transaction, and what publishing it would do.
struct Prepared {
    outcome: Outcome,
    draft: write::Draft,
    changes: Vec<Change>,
}

async fn prepare(
    connection: &mut PgConnection,
    tenant_id: &str,
    year: &str,
    mut inputs: Inputs,
) -> Result<Prepared, Error> {
    let held = holds::find(connection, tenant_id).await?;
    tenants::set_active_school_year(connection, tenant_id, year).await?;
    // As after every change of the configuration.
    let usernames_created = records::allocate(connection, tenant_id).await?.created;
    inputs.configuration = tenants::get(connection, tenant_id).await?;
    inputs.usernames = records::read(connection, tenant_id).await?;
    inputs.versions = inputs::current_versions(connection, tenant_id, inputs.last).await?;
    let (number, versions) = (inputs.number, inputs.versions);
    let computed = publish::compute(inputs).await?;
    let before = roster_counts::of_newest(connection, tenant_id).await?;
    let (current, now) = write::current(connection, tenant_id).await?;
    let changes = diff(current, computed.objects, now, false);
    let (changes, orgs) = listed(before, changes).await?;
    let summary = Summary::of(&changes);
    let draft = write::Draft {
        number: number + 1,
        versions,
        reference_date: computed.reference_date,
        school_year: computed.school_year,
        summary: summary.clone(),
        evidence: computed.evidence,
        is_released: false,
        decision: None,
        redate: false,
    };
    let outcome = Outcome {
        reference_date: computed.reference_date,
        summary,
        orgs,
        usernames_created,
        held,
    };
    Ok(Prepared {
        outcome,
        draft,
        changes,
    })
}

/// Lists what changes do to each org; gives them back.
async fn listed(
    before: RosterCounts,
    changes: Vec<Change>,
) -> Result<(Vec<Change>, Vec<OrgMovement>), Error> {
    tokio::task::spawn_blocking(move || {
        let orgs = movements(&before, &before.after(&changes)?);
        Ok((changes, orgs))
    })
    .await
    .map_err(|_| Error::Interrupted)?
}

/// Returns the decision to record: the account, both years, and the refusals that were overridden.
fn decision(activation: &Activation, outcome: &Outcome, request: Activate<'_>) -> Decision {
    let overridden: Vec<_> = activation
        .refusals
        .iter()
        .map(|refusal| json!({ "rule": refusal.rule(), "org": refusal.org() }))
        .collect();
    Decision {
        by: request.by.to_owned(),
        kind: DecisionKind::ActivateYear,
        detail: json!({
            "from": activation.active_before,
            "to": request.year,
            "reference_date": outcome.reference_date,
            "overridden": overridden,
            "replaced_hold": outcome.held.as_ref().map(Hold::detail),
        }),
    }
}
