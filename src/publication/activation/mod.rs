//! Activating a school year (the switch in August), with the publication that follows from it, in one transaction.

mod effect;
mod findings;
pub mod guard;
mod teams;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use self::effect::{Effect, effect};
pub use self::findings::RuleCount;
use self::guard::{ACCEPTABLE_RULES, Refusal};
pub use self::teams::OldTeam;
use super::diff::diff;
use super::inputs::{self, Inputs};
use super::movement::OrgMovement;
use super::roster_counts;
use super::{Error, examine, lock, publish, write};
use crate::accounts::records;
use crate::db::{locks, scope};
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
    /// What is accepted: rules, and orgs of which everything is.
    pub accept: &'a [String],
    /// Accept every refusal that can be accepted.
    pub force: bool,
    /// Whether the Teams of the year that ends are listed.
    pub lists_teams: bool,
    /// The account that activates it, for the record.
    pub by: &'a str,
}

impl Activate<'_> {
    /// Returns `true` if what speaks against it is accepted.
    pub fn accepts(&self, refusal: &Refusal) -> bool {
        let is_named = |value: &String| {
            let value = Some(value.as_str());
            value == Some(refusal.rule()) || value == refusal.org()
        };
        refusal.can_be_forced() && (self.force || self.accept.iter().any(is_named))
    }

    fn judged(&self, refusals: Vec<Refusal>) -> Vec<Objection> {
        let judged = refusals.into_iter().map(|refusal| Objection {
            is_accepted: self.accepts(&refusal),
            refusal,
        });
        judged.collect()
    }
}

/// Something that speaks against a school year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// What it is.
    pub refusal: Refusal,
    /// Whether it was accepted.
    pub is_accepted: bool,
}

/// The result of an activation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// The year that was active.
    pub active_before: String,
    /// What speaks against it, org by org.
    pub objections: Vec<Objection>,
    /// Whether it is allowed: nothing speaks against it, or all that does was accepted.
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
    /// What the data quality rules find in the new year.
    pub findings: Vec<RuleCount>,
    /// The Teams of the year that ends; `None` unless asked for.
    pub teams: Option<Vec<OldTeam>>,
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
    connection.leave().await;
    result
}

async fn under_lock(
    connection: &mut PgConnection,
    tenant_id: &str,
    request: Activate<'_>,
) -> Result<Activation, Error> {
    // Dropped without a commit, it leaves everything as it was.
    let mut transaction = connection.begin().await?;
    scope::act_as(&mut transaction, request.by).await?;
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
            objections: request.judged(refusals),
            is_allowed: false,
            outcome: None,
            published: None,
        });
    }
    let prepared = prepare(&mut transaction, tenant_id, request, inputs).await?;
    refuse_unknown(request.accept, &prepared.outcome.orgs)?;
    refusals.extend(guard::of_hold(prepared.outcome.held.as_ref()));
    refusals.extend(guard::of_orgs(&prepared.outcome.orgs, &prepared.reused));
    let objections = request.judged(refusals);
    let is_allowed = objections.iter().all(|objection| objection.is_accepted);
    let mut activation = Activation {
        active_before,
        objections,
        is_allowed,
        outcome: None,
        published: None,
    };
    let Prepared {
        outcome,
        mut draft,
        changes,
        ..
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

/// Refuses to accept what could not be refused: it is misspelt, or meant for another tenant.
fn refuse_unknown(accept: &[String], orgs: &[OrgMovement]) -> Result<(), Error> {
    let is_known = |value: &&String| {
        ACCEPTABLE_RULES.contains(&value.as_str()) || orgs.iter().any(|movement| movement.org == **value)
    };
    match accept.iter().find(|value| !is_known(value)) {
        None => Ok(()),
        Some(value) => {
            let orgs: Vec<&str> = orgs.iter().map(|movement| movement.org.as_str()).collect();
            Err(Error::UnknownAcceptance {
                value: value.clone(),
                rules: ACCEPTABLE_RULES.join(", "),
                orgs: orgs.join(", "),
            })
        }
    }
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
    /// The titles of classes whose id was served before, by org.
    reused: BTreeMap<String, Vec<String>>,
}

async fn prepare(
    connection: &mut PgConnection,
    tenant_id: &str,
    request: Activate<'_>,
    mut inputs: Inputs,
) -> Result<Prepared, Error> {
    let held = holds::find(connection, tenant_id).await?;
    let before = roster_counts::of_newest(connection, tenant_id).await?;
    let old_year = inputs.configuration.active_school_year.to_string();
    let (current, now) = write::current(connection, tenant_id).await?;
    let teams = if request.lists_teams {
        let newest = teams::Newest {
            objects: &current,
            counts: &before,
        };
        Some(teams::of_year(connection, tenant_id, &old_year, newest).await?)
    } else {
        None
    };
    tenants::set_active_school_year(connection, tenant_id, request.year).await?;
    // As after every change of the configuration.
    let usernames_created = records::allocate(connection, tenant_id).await?.created;
    inputs.configuration = tenants::get(connection, tenant_id).await?;
    inputs.usernames = records::read(connection, tenant_id).await?;
    inputs.versions = inputs::current_versions(connection, tenant_id, inputs.last).await?;
    let (number, versions) = (inputs.number, inputs.versions);
    let known = examine::known(connection, tenant_id, &inputs.usernames).await?;
    let (inputs, findings) = findings::examine(inputs, known).await?;
    let computed = publish::compute(inputs).await?;
    let changes = diff(current, computed.objects, now, false);
    let Effect {
        changes,
        orgs,
        reused,
    } = effect(before, changes).await?;
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
        has_redated: false,
        redate: false,
    };
    let outcome = Outcome {
        reference_date: computed.reference_date,
        summary,
        orgs,
        usernames_created,
        findings,
        teams,
        held,
    };
    Ok(Prepared {
        outcome,
        draft,
        changes,
        reused,
    })
}

/// Returns the decision to record: the account, both years, what was accepted, and the refusals that were overridden by it.
fn decision(activation: &Activation, outcome: &Outcome, request: Activate<'_>) -> Decision {
    let overridden: Vec<_> = activation
        .objections
        .iter()
        .map(|Objection { refusal, .. }| {
            json!({ "rule": refusal.rule(), "org": refusal.org(), "role": refusal.role() })
        })
        .collect();
    Decision {
        by: request.by.to_owned(),
        kind: DecisionKind::ActivateYear,
        detail: json!({
            "from": activation.active_before,
            "to": request.year,
            "reference_date": outcome.reference_date,
            "accepted": request.accept,
            "forced": request.force,
            "overridden": overridden,
            "replaced_hold": outcome.held.as_ref().map(Hold::detail),
        }),
    }
}
