//! Releasing usernames, and holding them back again: the Sync flag (R59, R74, R91).

use oneroster_school::username::{Record, WaitReason};
use sqlx::PgPool;
use uuid::Uuid;

use super::edit::seen;
use super::reason::Reason;
use super::whom::{AllPeople, Whom, select};
use super::{Author, Error, Refusal, begin_edit, commit_edit};
use crate::accounts::records;
use crate::accounts::records::edit::{Answer, Remark};
use crate::accounts::records::operations;

/// The result of setting the flag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Synced {
    /// Those whose flag changed, sorted.
    pub changed: Vec<Uuid>,
    /// How many had that value already.
    pub unchanged: usize,
    /// Those a release in bulk passed over, since only somebody who names them may release them.
    pub passed_over: Vec<PassedOver>,
}

/// Somebody who waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassedOver {
    /// The person.
    pub rowguid: Uuid,
    /// Why they wait: the gravest reason.
    pub reason: WaitReason,
    /// Who they probably are.
    pub resembles: Option<Uuid>,
}

impl PassedOver {
    pub(super) fn of(record: &Record) -> Option<Self> {
        Some(Self {
            rowguid: record.rowguid,
            reason: record.waits_for.first().copied()?,
            resembles: record.resembles,
        })
    }
}

/// Switches the Sync flag on or off, for all these people or for none.
///
/// A release in bulk passes over those who wait; naming somebody who waits is the answer, and is recorded.
pub async fn sync(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    on: bool,
    whom: &Whom,
) -> Result<Synced, Error> {
    let (mut transaction, configuration) = begin_edit(pool, tenant_id, by).await?;
    let is_bulk = !matches!(whom, Whom::People(_));
    if on && is_bulk {
        // Somebody whom another one resembles may have left since the last load, as days passed.
        records::allocate(&mut transaction, tenant_id).await?;
    }
    let records = records::read(&mut transaction, tenant_id).await?;
    let all = if on {
        AllPeople::Published
    } else {
        AllPeople::WithRecord
    };
    let scope = (tenant_id, &configuration);
    let mut people = select(&mut transaction, scope, &records, whom, all).await?;
    let mut passed_over = Vec::new();
    if on && !is_bulk {
        records::edit::answer(&mut transaction, tenant_id, by.as_str(), Answer::Waiting, &people).await?;
    } else if on {
        let waits = |rowguid: &Uuid| PassedOver::of(records.get(rowguid)?);
        passed_over = people.iter().filter_map(waits).collect();
        people.retain(|rowguid| waits(rowguid).is_none());
    }
    let mut changed = records::edit::set_sync(
        &mut transaction,
        tenant_id,
        by.as_str(),
        on,
        &people,
        Remark::default(),
    )
    .await?;
    changed.sort_unstable();
    let unchanged = people.len().saturating_sub(changed.len());
    if changed.is_empty() {
        // An answer about a name of somebody released already is kept too.
        transaction.commit().await?;
    } else {
        commit_edit(transaction, tenant_id).await?;
        tracing::info!(tenant = tenant_id, on, people = changed.len(), "Sync flag set");
    }
    Ok(Synced {
        changed,
        unchanged,
        passed_over,
    })
}

/// A switch of one person's Sync flag.
#[derive(Debug, Clone, Copy)]
pub struct OneSwitch<'a> {
    /// Whose.
    pub person: Uuid,
    /// On or off.
    pub on: bool,
    /// The stamp of the record that was seen, if it must be that one.
    pub stamp: Option<u64>,
    /// Why.
    pub reason: Option<&'a Reason>,
    /// The operation that this one takes back: a switch of this person to the other value, since which nothing changed.
    pub undoes: Option<Uuid>,
}

/// Switches the Sync flag of one person whose record somebody saw, and answers what the person waits for when it goes on.
///
/// Returns the operation, by which it can be taken back, if the flag changed. Refused if the record is another than the one with
/// that stamp, or what is taken back is no such switch.
pub async fn sync_one(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    switch: &OneSwitch<'_>,
) -> Result<Option<Uuid>, Error> {
    let OneSwitch { person, on, .. } = *switch;
    let (mut transaction, _) = begin_edit(pool, tenant_id, by).await?;
    let record = records::read_one(&mut transaction, tenant_id, person)
        .await?
        .ok_or(Refusal::UnknownPerson(person))?;
    seen(&record, switch.stamp)?;
    if let Some(undoes) = switch.undoes {
        let switched = operations::people(&mut transaction, tenant_id, undoes).await?;
        let is_it =
            |was: &operations::Person| was.rowguid == person && was.on != on && was.changed_at.is_none();
        if !matches!(switched.as_slice(), [was] if is_it(was)) {
            return Err(Refusal::ChangedMeanwhile(person).into());
        }
    } else if on {
        let people = [person];
        records::edit::answer(&mut transaction, tenant_id, by.as_str(), Answer::Waiting, &people).await?;
    }
    let operation = Uuid::from_u128(rand::random());
    let remark = Remark {
        reason: switch.reason.map(Reason::as_str),
        operation: Some(operation),
        undoes: switch.undoes,
        is_single: true,
    };
    let changed =
        records::edit::set_sync(&mut transaction, tenant_id, by.as_str(), on, &[person], remark).await?;
    if changed.is_empty() {
        transaction.commit().await?;
        return Ok(None);
    }
    commit_edit(transaction, tenant_id).await?;
    tracing::info!(tenant = tenant_id, user = %person, on, "Sync flag set");
    Ok(Some(operation))
}
