//! Taking back an operation on many people, where nothing came in between.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use super::{Author, Error, begin_edit, begin_look, commit_edit};
use crate::accounts::records;
use crate::accounts::records::edit::Remark;
use crate::accounts::records::operations;

/// An operation on many people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its id.
    pub operation: Uuid,
    /// Whether it switched the flags on.
    pub on: bool,
    /// Who did it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, in their words.
    pub reason: Option<String>,
    /// The operation that it took back itself.
    pub undoes: Option<Uuid>,
    /// Whether another one took it back, for some of its people at least.
    pub is_undone: bool,
}

/// Somebody for whom an operation was not taken back: their flag, or what they wait for, changed since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotUndone {
    /// The person.
    pub rowguid: Uuid,
    /// Who changed it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// What was taken back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undone {
    /// Those whose flag is again as it was, sorted.
    pub changed: Vec<Uuid>,
    /// Those for whom something came in between.
    pub refused: Vec<NotUndone>,
}

/// Returns the newest operations of a tenant, the newest first, so many at the most.
pub async fn last_operations(pool: &PgPool, tenant_id: &str, limit: u32) -> Result<Vec<Operation>, Error> {
    let (mut transaction, _) = begin_look(pool, tenant_id).await?;
    let operations = operations::newest(&mut transaction, tenant_id, limit).await?;
    transaction.commit().await?;
    Ok(operations.into_iter().map(Operation::from).collect())
}

impl From<operations::Row> for Operation {
    fn from(row: operations::Row) -> Self {
        Self {
            operation: row.operation,
            on: row.on,
            by: row.by,
            at: row.at,
            reason: row.reason,
            undoes: row.undoes,
            is_undone: row.is_undone,
        }
    }
}

/// Returns whose flags an operation changed.
pub async fn operation_people(pool: &PgPool, tenant_id: &str, operation: Uuid) -> Result<Vec<Uuid>, Error> {
    let (mut transaction, _) = begin_look(pool, tenant_id).await?;
    let people = operations::people(&mut transaction, tenant_id, operation).await?;
    transaction.commit().await?;
    Ok(people.into_iter().map(|person| person.rowguid).collect())
}

/// Takes back an operation for those of its people who are among `mine`, as one operation: each gets the flag they had, unless
/// it, or what they wait for, changed since.
pub async fn undo(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    operation: Uuid,
    mine: &HashSet<Uuid>,
) -> Result<Undone, Error> {
    let (mut transaction, _) = begin_edit(pool, tenant_id, by).await?;
    let people = operations::people(&mut transaction, tenant_id, operation).await?;
    let mut undone = Undone::default();
    let mut back = Vec::new();
    let mut on = false;
    for person in people.into_iter().filter(|person| mine.contains(&person.rowguid)) {
        on = !person.on;
        match (person.changed_by, person.changed_at) {
            (Some(by), Some(at)) => undone.refused.push(NotUndone {
                rowguid: person.rowguid,
                by,
                at,
            }),
            (Some(_) | None, _) => back.push(person.rowguid),
        }
    }
    let remark = Remark {
        reason: None,
        operation: Some(Uuid::from_u128(rand::random())),
        undoes: Some(operation),
        is_single: false,
    };
    undone.changed =
        records::edit::set_sync(&mut transaction, tenant_id, by.as_str(), on, &back, remark).await?;
    undone.changed.sort_unstable();
    if undone.changed.is_empty() {
        transaction.commit().await?;
    } else {
        commit_edit(transaction, tenant_id).await?;
        tracing::info!(
            tenant = tenant_id,
            on,
            people = undone.changed.len(),
            "Sync flag set"
        );
    }
    Ok(undone)
}
