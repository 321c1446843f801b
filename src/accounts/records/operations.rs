//! Operations, by the changes that belong to them.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// An operation.
pub(in crate::accounts) struct Row {
    pub(in crate::accounts) operation: Uuid,
    pub(in crate::accounts) on: bool,
    pub(in crate::accounts) by: String,
    pub(in crate::accounts) at: DateTime<Utc>,
    pub(in crate::accounts) reason: Option<String>,
    pub(in crate::accounts) undoes: Option<Uuid>,
    pub(in crate::accounts) is_undone: bool,
}

/// A person of an operation, and the first change since that stands in the way of taking it back.
pub(in crate::accounts) struct Person {
    pub(in crate::accounts) rowguid: Uuid,
    pub(in crate::accounts) on: bool,
    pub(in crate::accounts) changed_by: Option<String>,
    pub(in crate::accounts) changed_at: Option<DateTime<Utc>>,
}

/// Returns the newest operations on many people, the newest first.
pub(in crate::accounts) async fn newest(
    connection: &mut PgConnection,
    tenant_id: &str,
    limit: u32,
) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"select c.operation as "operation!", c.new_value = 'true' as "on!", c.changed_by as "by!", c.changed_at as "at!",
                  c.reason, c.undoes,
                  exists (select from username.change u where u.tenant_id = $1 and u.operation is not null
                            and u.undoes = c.operation) as "is_undone!"
           from (
               select distinct on (operation) operation, change_id from username.change
               where tenant_id = $1 and operation is not null and is_single is null
               order by operation, change_id desc
           ) newest
           join username.change c on c.tenant_id = $1 and c.change_id = newest.change_id
           order by c.change_id desc limit $2"#,
        tenant_id,
        i64::from(limit)
    )
    .fetch_all(connection)
    .await
}

/// Returns the people of an operation, by id.
pub(in crate::accounts) async fn people(
    connection: &mut PgConnection,
    tenant_id: &str,
    operation: Uuid,
) -> Result<Vec<Person>, sqlx::Error> {
    sqlx::query_as!(
        Person,
        r#"select c.rowguid as "rowguid!", c.new_value = 'true' as "on!", later.changed_by as "changed_by?",
                  later.changed_at as "changed_at?"
           from username.change c
           left join lateral (
               select l.changed_by, l.changed_at from username.change l
               where l.tenant_id = $1 and l.rowguid = c.rowguid and l.change_id > c.change_id
                 and l.field in ('sync', 'waits_for', 'handed_to', 'handed_from')
               order by l.change_id limit 1
           ) later on true
           where c.tenant_id = $1 and c.operation = $2 and c.field = 'sync'
           order by c.rowguid"#,
        tenant_id,
        operation
    )
    .fetch_all(connection)
    .await
}
