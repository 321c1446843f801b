//! An entry: one type in the database, in files and for whoever reads the trail.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// An entry of the audit trail. A changed row has `source`, `key` and its columns `before` and `after`; many new rows of one
/// statement have `source`, the names of the columns of their `key`, and `rows`; an event has `detail`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The tenant.
    pub tenant_id: String,
    /// Its id, the same in the database and in files.
    pub entry_id: Uuid,
    /// Counts up within the tenant, in the order of commits.
    pub position: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: String,
    /// From where.
    pub origin: String,
    /// What, in a word.
    pub kind: String,
    /// Ids, counts and dates of an event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Value>,
    /// The table of a changed row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What identifies the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Value>,
    /// Its columns as they were; `None` for a new row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// Its columns as they are; `None` for a deleted row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// The columns of many new rows, in an array.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Value>,
    /// When what it said of a person was taken out, who was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<DateTime<Utc>>,
}

impl Entry {
    /// Returns how many rows or events it stands for.
    pub(super) fn count(&self) -> usize {
        self.rows.as_ref().and_then(Value::as_array).map_or(1, Vec::len)
    }
}

/// The kind of an entry that tells of a generation.
pub const PUBLISHED: &str = "generation_published";

/// Enters what is no changed row, in the transaction that does it: ids, counts and dates only.
pub async fn note(
    connection: &mut PgConnection,
    tenant_id: &str,
    kind: &str,
    detail: &Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"select audit.note($1, $2, $3) as "noted!: ()""#,
        tenant_id,
        kind,
        detail
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// Waits until it is the transaction's turn to enter something of a tenant. Who also locks its row in `roster.head` does so after.
pub async fn wait_turn(connection: &mut PgConnection, tenant_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(r#"select audit.lock_head($1) as "locked!: ()""#, tenant_id)
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Returns the position of the newest entry of a tenant; 0 before the first.
pub async fn end(connection: &mut PgConnection, tenant_id: &str) -> Result<i64, sqlx::Error> {
    let position = sqlx::query_scalar!("select position from audit.head where tenant_id = $1", tenant_id)
        .fetch_optional(connection)
        .await?;
    Ok(position.unwrap_or_default())
}

/// Returns `true` if a row of one of these tables changed past a position.
pub async fn has_changed(
    connection: &mut PgConnection,
    tenant_id: &str,
    tables: &[&str],
    position: i64,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
               select from audit.entry where tenant_id = $1 and position > $2 and source = any($3)
           ) as "changed!""#,
        tenant_id,
        position,
        tables as &[&str]
    )
    .fetch_one(connection)
    .await
}

/// How much of rows is read at a time, in bytes as they are stored.
const ROWS_BYTES_MAX: i64 = 2 << 20;

/// Reads entries of a tenant past a position, in order: so many at the most, and no more than their rows allow.
pub(super) async fn after(
    connection: &mut PgConnection,
    tenant_id: &str,
    position: i64,
    limit: i64,
) -> Result<Vec<Entry>, sqlx::Error> {
    sqlx::query_as!(
        Entry,
        "select tenant_id, entry_id, position, at, by, origin, kind, detail, source, key, before, after, rows, erased_at
         from (
             select *, coalesce(sum(pg_column_size(rows)) over (order by position rows unbounded preceding exclude current row), 0) as size
             from audit.entry where tenant_id = $1 and position > $2 order by position limit $3
         ) entry
         where size < $4 order by position",
        tenant_id,
        position,
        limit,
        ROWS_BYTES_MAX
    )
    .fetch_all(connection)
    .await
}

/// Reads the entries of a tenant that somebody was erased from, in order.
pub(super) async fn erased(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Vec<Entry>, sqlx::Error> {
    sqlx::query_as!(
        Entry,
        "select tenant_id, entry_id, position, at, by, origin, kind, detail, source, key, before, after, rows, erased_at
         from audit.entry where tenant_id = $1 and erased_at is not null order by position",
        tenant_id
    )
    .fetch_all(connection)
    .await
}

/// Returns the id of the entry at a position.
pub(super) async fn at(
    connection: &mut PgConnection,
    tenant_id: &str,
    position: i64,
) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "select entry_id from audit.entry where tenant_id = $1 and position = $2",
        tenant_id,
        position
    )
    .fetch_optional(connection)
    .await
}

/// Returns which of these entries the database has, each with its position.
pub(super) async fn present(
    connection: &mut PgConnection,
    tenant_id: &str,
    entries: &[Uuid],
) -> Result<Vec<(Uuid, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select entry_id, position from audit.entry where tenant_id = $1 and entry_id = any($2)",
        tenant_id,
        entries
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.entry_id, row.position)).collect())
}

/// The newest entry of a tenant in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// The tenant.
    pub(super) tenant_id: String,
    /// Its position; 0 before the first.
    pub(super) position: i64,
    /// Its id.
    pub(super) entry_id: Option<Uuid>,
    /// Who noticed that entries are missing.
    pub(super) lacking_by: Option<String>,
    /// Before which position somebody was erased from the entries last.
    pub(super) erased_before: Option<i64>,
}

/// Reads the newest entry of every tenant, outside a scope.
pub(super) async fn heads(connection: &mut PgConnection) -> Result<Vec<Head>, sqlx::Error> {
    sqlx::query_as!(
        Head,
        "select tenant_id, position, entry_id, lacking_by, erased_before from audit.head"
    )
    .fetch_all(connection)
    .await
}

/// Marks a tenant as lacking entries: the database accepts none until it is brought forward. Everybody sees it.
pub(super) async fn mark(
    connection: &mut PgConnection,
    tenant_id: &str,
    entry_id: Uuid,
    noticed_by: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into audit.head as h (tenant_id, lacking, lacking_since, lacking_by)
         values ($1, $2, clock_timestamp(), $3)
         on conflict (tenant_id) do update set
             lacking = coalesce(h.lacking, excluded.lacking),
             lacking_since = coalesce(h.lacking_since, excluded.lacking_since),
             lacking_by = coalesce(h.lacking_by, excluded.lacking_by)",
        tenant_id,
        entry_id,
        noticed_by
    )
    .execute(connection)
    .await?;
    Ok(())
}
