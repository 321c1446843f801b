//! Chosen objects get a new date, and only these: consumers that missed them read them again.
//!
//! Nothing is computed: the new generation is the newest one as it stands, from the same inputs, with another date for what was
//! chosen. So it needs no brake, takes along nothing that waits or is held, and leaves a hold as it is.

use std::collections::{BTreeMap, BTreeSet};

use oneroster_standard::{Kind, StatusType, first_few};
use serde_json::json;
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use super::lock::lock;
use super::outcome::{Publication, State};
use super::write::{date_after, note};
use super::{Error, publish};
use crate::audit;
use crate::roster::{self, Action, Change, Generation, ObjectKeys, Summary, generations, head, versions};
use crate::telemetry::run_id;
use crate::tenants::{self, Decision, DecisionKind, record_decision};

/// How many objects can be sent again at once. For more, everything is redated.
pub const TOUCHED_MAX: usize = 2_000;

/// How many unknown objects a message names.
const UNKNOWN_SHOWN: usize = 10;

/// An object that is to be sent again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touched {
    /// Its kind; `None` = a person or a class, whichever has the id.
    pub kind: Option<Kind>,
    /// Its `sourcedId`.
    pub sourced_id: String,
}

impl Touched {
    /// Returns what it may be.
    fn keys(&self) -> impl Iterator<Item = (Kind, &str)> {
        let kinds = self
            .kind
            .map_or_else(|| vec![Kind::Users, Kind::Classes], |kind| vec![kind]);
        kinds.into_iter().map(|kind| (kind, self.sourced_id.as_str()))
    }

    fn name(&self) -> String {
        match self.kind {
            Some(kind) => format!("{}/{}", kind.collection(), self.sourced_id),
            None => self.sourced_id.clone(),
        }
    }
}

/// A request to give chosen objects a new date.
#[derive(Debug, Clone, Copy)]
pub struct Touch<'a> {
    /// Who asks, for the record.
    pub by: &'a str,
    /// The objects, tombstones too; at most [`TOUCHED_MAX`].
    pub objects: &'a BTreeSet<Touched>,
    /// Show which objects they are; store nothing.
    pub dry_run: bool,
}

/// Makes a generation in which chosen objects have a new date, and records who asked for it. Everything else keeps content,
/// status and date.
///
/// Refuses more than [`TOUCHED_MAX`] objects, objects that the newest generation does not have, and a database that was brought
/// forward after a loss: there the next publication gives everything a new date.
#[tracing::instrument(
    level = "error",
    name = "publication",
    skip_all,
    fields(tenant = tenant_id, run_id = %run_id())
)]
pub async fn touch(pool: &PgPool, tenant_id: &str, touch: Touch<'_>) -> Result<Publication, Error> {
    let count = touch.objects.len();
    if count > TOUCHED_MAX {
        return Err(Error::TooManyTouched { count });
    }
    let mut connection = lock(pool, tenant_id).await?;
    connection.act_as(touch.by).await?;
    let result = under_lock(&mut connection, tenant_id, touch).await;
    connection.leave().await;
    if let Ok(publication) = &result {
        publish::log_published(publication);
    }
    result
}

async fn under_lock(
    connection: &mut PgConnection,
    tenant_id: &str,
    touch: Touch<'_>,
) -> Result<Publication, Error> {
    tenants::get(connection, tenant_id).await?;
    if head::get(connection, tenant_id).await?.redates {
        return Err(Error::RedatesAnyway);
    }
    let changes = changes(connection, tenant_id, touch.objects).await?;
    let newest = generations::list(connection, tenant_id).await?.pop();
    let Some(newest) = newest.filter(|_| !touch.dry_run) else {
        return Ok(Publication {
            state: State::Published,
            generation: None,
            published_at: None,
            summary: Summary::of(&changes),
            changes,
            held: None,
            held_before: None,
        });
    };
    write(connection, tenant_id, (touch, newest), &changes).await
}

/// Returns the new dates of objects as changes, by kind and id.
async fn changes(
    connection: &mut PgConnection,
    tenant_id: &str,
    objects: &BTreeSet<Touched>,
) -> Result<Vec<Change>, Error> {
    let asked: ObjectKeys = objects.iter().flat_map(Touched::keys).collect();
    let found: BTreeMap<(Kind, String), StatusType> = versions::current_of(connection, tenant_id, &asked)
        .await?
        .into_iter()
        .map(|version| ((version.kind, version.sourced_id), version.status))
        .collect();
    let is_found = |object: &Touched| {
        let mut keys = object.keys();
        keys.any(|(kind, sourced_id)| found.contains_key(&(kind, sourced_id.to_owned())))
    };
    let unknown: Vec<String> = objects
        .iter()
        .filter(|object| !is_found(object))
        .map(Touched::name)
        .collect();
    if !unknown.is_empty() {
        let objects = first_few(&unknown, UNKNOWN_SHOWN);
        return Err(Error::NotPublished { objects });
    }
    let redated = found.into_iter().map(|((kind, sourced_id), status)| Change {
        action: Action::Redated,
        kind,
        sourced_id,
        status,
        content: None,
        email_domain: None,
    });
    Ok(redated.collect())
}

async fn write(
    connection: &mut PgConnection,
    tenant_id: &str,
    (touch, newest): (Touch<'_>, Generation),
    changes: &[Change],
) -> Result<Publication, Error> {
    let number = newest.number + 1;
    let generation_id = Uuid::from_u128(rand::random());
    let objects = changes
        .iter()
        .map(|change| format!("{}/{}", change.kind.collection(), change.sourced_id));
    let decision = Decision {
        by: touch.by.to_owned(),
        kind: DecisionKind::Touch,
        detail: json!({ "generation": generation_id, "objects": objects.collect::<Vec<_>>() }),
    };
    let mut transaction = connection.begin().await?;
    let nothing = (&roster::Causes::default(), &roster::EndedEnrollments::default());
    roster::write::changes(&mut transaction, tenant_id, number, changes, nothing).await?;
    record_decision(&mut transaction, tenant_id, &decision).await?;
    audit::wait_turn(&mut transaction, tenant_id).await?;
    let head = head::lock(&mut transaction, tenant_id).await?;
    let generation = Generation {
        number,
        generation_id,
        published_at: date_after(&head, false),
        committed_at: head.now,
        summary: Summary::of(changes),
        // It is the same state, from the same inputs.
        ..newest
    };
    generations::insert(&mut transaction, tenant_id, &generation).await?;
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
