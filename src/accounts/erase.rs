//! Erasing a person (GDPR, article 17): no name, username or birth date of theirs stays in what this program keeps.
//!
//! What stays: their id, with a tombstone for consumers, who erased them and when, and hashes of their usernames
//! ([`records::erased`]). Servers drop what they have in memory, and write their files of the audit trail anew, within seconds
//! ([`audit::Trail`]). `recover` erases again what a restored database has once more.

use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::forget_name::forget_temporary_names;
use super::{Author, Error, Refusal, SwapRefusal, begin_edit_of_everything};
use crate::accounts::records::{self, absence::LongGone, erased, swaps};
use crate::audit;
use crate::db::scope;
use crate::mirror;
use crate::roster;
use crate::tenants::{self, Decision, DecisionKind, Input, PersonErasure};

/// What an erasure took away and left. Counts and ids only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    /// The other ids of the same person, which were erased with them: their name was handed from one to the other.
    pub others: Vec<Uuid>,
    /// Whether there was a username record.
    pub had_record: bool,
    /// Published versions that were blanked.
    pub versions: u64,
    /// Usernames that are kept as hashes.
    pub name_hashes: usize,
    /// When they were erased before, and by whom, if they were.
    pub before: Option<PersonErasure>,
    /// Whether consumers still get the tombstone.
    pub has_tombstone: bool,
}

/// Erases a person who is gone, under every id that their name was handed to or from. Refused while Informat's data still has them,
/// while they are published, and while tokens read a generation that has them.
pub async fn erase(pool: &PgPool, tenant_id: &str, by: &Author, person: Uuid) -> Result<Erased, Error> {
    let mut transaction = begin_edit_of_everything(pool, tenant_id, by).await?;
    let before = tenants::erasure_of(&mut transaction, tenant_id, person).await?;
    // Before anything goes: the history says it.
    let others = records::lookup::same_person(&mut transaction, tenant_id, person).await?;
    let mut erased = take_out(&mut transaction, tenant_id, by, person).await?;
    for other in &others {
        let more = take_out(&mut transaction, tenant_id, by, *other).await?;
        erased.had_record |= more.had_record;
        erased.versions += more.versions;
        erased.name_hashes += more.name_hashes;
        erased.has_tombstone |= more.has_tombstone;
    }
    erased.others = others;
    erased.before = before;
    transaction.commit().await?;
    tracing::info!(tenant = tenant_id, user = %person, "person erased");
    Ok(erased)
}

/// Erases a person as [`erase`] does if they have been gone for more than so many days; returns whether they had. Another server may have
/// erased them, or a load brought them back, since they were found.
pub(super) async fn erase_long_gone(
    pool: &PgPool,
    tenant_id: &str,
    person: Uuid,
    days: u32,
) -> Result<bool, Error> {
    let by = Author::system();
    let mut transaction = begin_edit_of_everything(pool, tenant_id, &by).await?;
    let mut ids = vec![person];
    ids.extend(records::lookup::same_person(&mut transaction, tenant_id, person).await?);
    for id in &ids {
        if !records::absence::is_gone_for(&mut transaction, tenant_id, *id, days).await? {
            return Ok(false);
        }
    }
    for id in ids {
        take_out(&mut transaction, tenant_id, &by, id).await?;
    }
    transaction.commit().await?;
    tracing::info!(tenant = tenant_id, user = %person, "person erased");
    Ok(true)
}

async fn take_out(
    connection: &mut PgConnection,
    tenant_id: &str,
    by: &Author,
    person: Uuid,
) -> Result<Erased, Error> {
    let record = records::read_one(connection, tenant_id, person).await?;
    let published = roster::erasure::find_user(connection, tenant_id, person).await?;
    let is_known = record.is_some() || published.versions > 0;
    if !is_known && !audit::has_traces(connection, tenant_id, person).await? {
        return Err(Refusal::UnknownPerson(person).into());
    }
    let source = mirror::read::read_some_people(connection, tenant_id, &[person]).await?;
    if records::identity(&source, person).is_some() {
        return Err(Refusal::StillInSource(person).into());
    }
    if published.is_active {
        return Err(Refusal::StillPublished(person).into());
    }
    if let Some(until) = published.read_until {
        return Err(Refusal::StillRead { person, until }.into());
    }
    if swaps::open_of(connection, tenant_id, person).await?.is_some() {
        return Err(SwapRefusal::InSwap.into());
    }
    forget_temporary_names(connection, tenant_id, by, person).await?;
    let names = records::lookup::names_of(connection, tenant_id, person).await?;
    let current = record.as_ref().map(|record| record.name().key());
    let name_hashes = erased::keep(connection, tenant_id, person, (&names, current.as_deref())).await?;
    decide(connection, tenant_id, by, person).await?;
    audit::erase(connection, tenant_id, person).await?;
    tenants::raise_input_version(connection, tenant_id, Input::Usernames).await?;
    Ok(Erased {
        others: Vec::new(),
        before: None,
        had_record: record.is_some(),
        versions: published.versions,
        name_hashes,
        has_tombstone: published.is_current,
    })
}

async fn decide(
    connection: &mut PgConnection,
    tenant_id: &str,
    by: &Author,
    person: Uuid,
) -> Result<(), sqlx::Error> {
    let decision = Decision {
        by: by.as_str().to_owned(),
        kind: DecisionKind::PersonErased,
        detail: json!({ "person": person }),
    };
    tenants::record_decision(connection, tenant_id, &decision).await
}

/// Returns who has been gone from Informat's data for more than so many days, while bundles are loaded.
pub(super) async fn gone_for(
    pool: &PgPool,
    tenant_id: &str,
    days: u32,
    load_age_days_max: i32,
) -> Result<LongGone, Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let gone = records::absence::gone_for(&mut transaction, tenant_id, days, load_age_days_max).await?;
    transaction.commit().await?;
    Ok(gone)
}
