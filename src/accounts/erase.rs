//! Erasing a person (GDPR, article 17): no name, username or birth date of theirs stays in what this program keeps.
//!
//! What stays: their id, with a tombstone for consumers, who erased them and when, and hashes of their usernames
//! ([`records::erased`]). Servers drop what they have in memory, and write their files of the audit trail anew, within seconds
//! ([`audit::Trail`]). `recover` erases again what a restored database has once more.

use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{Author, Error, Refusal, SwapRefusal, begin_edit_of_everything};
use crate::accounts::records::{self, erased, swaps};
use crate::audit;
use crate::db::scope;
use crate::mirror;
use crate::roster;
use crate::tenants::{self, Decision, DecisionKind, Input};

/// What an erasure took away and left. Counts only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// Whether there was a username record.
    pub had_record: bool,
    /// Published versions that were blanked.
    pub versions: u64,
    /// Usernames that are kept as hashes.
    pub name_hashes: usize,
    /// Whether consumers still get the tombstone.
    pub has_tombstone: bool,
}

/// Erases a person who is gone. Refused while Informat's data still has them, or while they are published.
pub async fn erase(pool: &PgPool, tenant_id: &str, by: &Author, person: Uuid) -> Result<Erased, Error> {
    let mut transaction = begin_edit_of_everything(pool, tenant_id, by).await?;
    let connection = &mut *transaction;
    let record = records::read_one(connection, tenant_id, person).await?;
    let published = roster::erasure::find_user(connection, tenant_id, person).await?;
    if record.is_none() && published.versions == 0 {
        return Err(Refusal::UnknownPerson(person).into());
    }
    let source = mirror::read::read_some_people(connection, tenant_id, &[person]).await?;
    if records::identity(&source, person).is_some() {
        return Err(Refusal::StillInSource(person).into());
    }
    if published.is_active {
        return Err(Refusal::StillPublished(person).into());
    }
    if swaps::open_of(connection, tenant_id, person).await?.is_some() {
        return Err(SwapRefusal::InSwap.into());
    }
    let names = records::lookup::names_of(connection, tenant_id, person).await?;
    let name_hashes = erased::keep(connection, tenant_id, person, &names).await?;
    decide(connection, tenant_id, by, person).await?;
    audit::erase(connection, tenant_id, person).await?;
    tenants::raise_input_version(connection, tenant_id, Input::Usernames).await?;
    transaction.commit().await?;
    tracing::info!(tenant = tenant_id, user = %person, "person erased");
    Ok(Erased {
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

/// Returns who has been gone from Informat's data for more than so many days, the longest first, at most so many.
pub(super) async fn gone_for(
    pool: &PgPool,
    tenant_id: &str,
    days: u32,
    limit: u32,
) -> Result<Vec<Uuid>, Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let gone = records::absence::gone_for(&mut transaction, tenant_id, days, limit).await?;
    transaction.commit().await?;
    Ok(gone)
}
