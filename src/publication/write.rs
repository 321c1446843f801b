//! Writing a publication: a generation with its causes, dated past every ticket.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use oneroster_standard::Moment;
use serde_json::json;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::Error;
use super::date::{self, Before};
use super::explain::{self, Evidence, Explained};
use super::outcome::{Publication, State};
use crate::audit;
use crate::roster::{
    self, Change, CurrentObject, Generation, Head, InputVersions, Summary, counted, evaluations, generations,
    head, holds, versions,
};
use crate::tenants::{Decision, record_decision};

/// A generation about to be written.
#[derive(Debug)]
pub(super) struct Draft {
    /// Its number.
    pub(super) number: i64,
    /// The inputs it was computed from.
    pub(super) versions: InputVersions,
    /// The day it is the state of.
    pub(super) reference_date: NaiveDate,
    /// The active school year.
    pub(super) school_year: String,
    /// How many objects it touches.
    pub(super) summary: Summary,
    /// The inputs and the roster they gave.
    pub(super) evidence: Arc<Evidence>,
    /// Whether somebody released what the brake would hold.
    pub(super) is_released: bool,
    /// The decision that lets it pass, where one was needed.
    pub(super) decision: Option<Decision>,
    /// Whether everything has a new date in it.
    pub(super) has_redated: bool,
    /// Whether it is dated far ahead, past what a restored database may have forgotten.
    pub(super) redate: bool,
}

/// Reads the objects of the newest generation, sorted by kind and id, and the database's clock before that.
pub(super) async fn current(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<(Vec<CurrentObject>, DateTime<Utc>), Error> {
    let now = head::get(connection, tenant_id).await?.now;
    Ok((versions::current(connection, tenant_id).await?, now))
}

/// Writes a generation in one transaction. It is dated last, under the lock that tickets are issued under.
pub(super) async fn generation(
    connection: &mut PgConnection,
    tenant_id: &str,
    draft: Draft,
    changes: Vec<Change>,
) -> Result<Publication, Error> {
    // In the first generation everything is there because it is the first.
    let Explained { causes, ended } = if draft.number > 1 {
        let day = draft.reference_date.min(draft.versions.today);
        let generation = (draft.number, day, changes.as_slice());
        explain::explained(connection, tenant_id, &draft.evidence, generation).await?
    } else {
        Explained::default()
    };
    let mut transaction = connection.begin().await?;
    roster::write::fill_last_days(&mut transaction, tenant_id).await?;
    roster::write::changes(
        &mut transaction,
        tenant_id,
        draft.number,
        &changes,
        (&causes, &ended),
    )
    .await?;
    counted::record_class_facts(&mut transaction, tenant_id, &draft.evidence.class_facts).await?;
    evaluations::record(
        &mut transaction,
        tenant_id,
        &draft.versions,
        draft.evidence.judged(),
    )
    .await?;
    holds::lift(&mut transaction, tenant_id).await?;
    if let Some(decision) = &draft.decision {
        record_decision(&mut transaction, tenant_id, decision).await?;
    }
    let (is_released, has_redated) = (draft.is_released, draft.has_redated);
    audit::wait_turn(&mut transaction, tenant_id).await?;
    let generation = dated(&mut transaction, tenant_id, draft).await?;
    generations::insert(&mut transaction, tenant_id, &generation).await?;
    if is_released {
        generations::mark_released(&mut transaction, tenant_id, generation.number).await?;
    }
    if has_redated {
        head::has_redated(&mut transaction, tenant_id).await?;
    }
    note(&mut transaction, tenant_id, &generation).await?;
    transaction.commit().await?;
    Ok(Publication {
        state: State::Published,
        generation: Some(generation.generation_id),
        published_at: Some(generation.published_at),
        summary: generation.summary,
        changes: Vec::new(),
        held: None,
        held_before: None,
    })
}

/// Enters the generation with its date: after a loss, what is published next is dated past it.
pub(super) async fn note(
    connection: &mut PgConnection,
    tenant_id: &str,
    generation: &Generation,
) -> Result<(), sqlx::Error> {
    let detail = json!({
        "number": generation.number,
        "generation": generation.generation_id,
        "published_at": Moment::from(generation.published_at),
    });
    audit::note(connection, tenant_id, audit::PUBLISHED, &detail).await
}

/// Returns the date of the generation after a head row that is locked; with `redate` past what a restored database may have
/// forgotten.
pub(super) fn date_after(head: &Head, redate: bool) -> DateTime<Utc> {
    let before = Before {
        now: head.now,
        tickets_until: head.tickets_until,
        tickets_signed: head.tickets_signed,
        previous: head.published_at,
    };
    date::date(&before, redate)
}

/// Locks the head row and dates the generation.
///
/// Issuing a ticket updates the same row: a ticket issued before this has raised `tickets_until`, which the date lies
/// five minutes past (I4); one issued after it waits for the commit and then sees this generation.
async fn dated(connection: &mut PgConnection, tenant_id: &str, draft: Draft) -> Result<Generation, Error> {
    let head = head::lock(connection, tenant_id).await?;
    Ok(Generation {
        number: draft.number,
        generation_id: Uuid::from_u128(rand::random()),
        published_at: date_after(&head, draft.redate),
        committed_at: head.now,
        school_year: draft.school_year,
        reference_date: draft.reference_date,
        versions: draft.versions,
        group_name: Some(draft.evidence.configuration.name.clone()),
        summary: draft.summary,
    })
}
