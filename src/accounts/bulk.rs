//! Switching the Sync flag of exactly the people whom somebody looked at.

use oneroster_school::username::Record;
use sqlx::PgPool;
use uuid::Uuid;

use super::reason::Reason;
use super::sync::PassedOver;
use super::{Author, Error, Refusal, begin_edit, commit_edit};
use crate::accounts::records;
use crate::accounts::records::edit::Remark;
use crate::roster::{ListingState, listing_state};

/// Whose flag is switched.
#[derive(Debug)]
pub struct BulkOrder<'a> {
    /// On or off.
    pub on: bool,
    /// The people. Those who wait are passed over when it goes on.
    pub people: &'a [Uuid],
    /// The state of everything that they were chosen from.
    pub state: ListingState,
    /// Why.
    pub reason: Option<&'a Reason>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkDone {
    /// The operation, by which it can be undone.
    pub operation: Uuid,
    /// Those whose flag changed, sorted.
    pub changed: Vec<Uuid>,
    /// Those who wait: only somebody who names them may release them.
    pub passed_over: Vec<PassedOver>,
}

/// Switches the Sync flag of these people as one operation. `None`, and nothing is changed, when what they were chosen from is
/// no longer as it was: they must be chosen again.
pub async fn bulk_sync(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    order: &BulkOrder<'_>,
) -> Result<Option<BulkDone>, Error> {
    let (mut transaction, _) = begin_edit(pool, tenant_id, by).await?;
    if order.on {
        // Somebody whom another one resembles may have left since the last load, as days passed: then they wait from now on.
        records::allocate(&mut transaction, tenant_id).await?;
    }
    // An import and a tenant file give out names before they end, for which they need the lock that this holds.
    let state = listing_state::read(&mut transaction, tenant_id).await?;
    if !state.lists_as(&order.state) {
        transaction.commit().await?;
        return Ok(None);
    }
    let records = records::read(&mut transaction, tenant_id).await?;
    let known = |rowguid: &Uuid| records.get(rowguid).ok_or(Refusal::UnknownPerson(*rowguid));
    let people: Vec<&Record> = order.people.iter().map(known).collect::<Result<_, _>>()?;
    let waits = |record: &&&Record| order.on && record.is_waiting();
    let passed_over = people
        .iter()
        .filter(waits)
        .filter_map(|record| PassedOver::of(record));
    let passed_over: Vec<PassedOver> = passed_over.collect();
    let mine = people.iter().filter(|record| !waits(record));
    let mine: Vec<Uuid> = mine.map(|record| record.rowguid).collect();
    let operation = Uuid::from_u128(rand::random());
    let remark = Remark {
        reason: order.reason.map(Reason::as_str),
        operation: Some(operation),
        undoes: None,
        is_single: false,
    };
    let mut changed =
        records::edit::set_sync(&mut transaction, tenant_id, by.as_str(), order.on, &mine, remark).await?;
    changed.sort_unstable();
    if changed.is_empty() {
        transaction.commit().await?;
    } else {
        commit_edit(transaction, tenant_id).await?;
        tracing::info!(
            tenant = tenant_id,
            on = order.on,
            people = changed.len(),
            "Sync flag set"
        );
    }
    Ok(Some(BulkDone {
        operation,
        changed,
        passed_over,
    }))
}
