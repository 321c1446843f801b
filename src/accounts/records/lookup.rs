//! Looking up who holds or held which name, and what became of records.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// A name whose holder was renamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired {
    /// The local part, in lower case.
    pub name: String,
    /// Who held it last.
    pub rowguid: Uuid,
}

/// One change of a record: who, when, from, to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub changed_at: DateTime<Utc>,
    /// Who: `system`, or somebody's account.
    pub changed_by: String,
    /// What: `created`, `local_part`, `domain`, `sync`, `handed_to`, `handed_from`.
    pub field: String,
    /// The value before.
    pub old_value: Option<String>,
    /// The value after.
    pub new_value: Option<String>,
    /// Why, in the words of who did it.
    pub reason: Option<String>,
    /// Whether it took a switch of the flag back.
    pub is_undo: bool,
}

/// Returns who holds a name; `key` is a local part in lower case.
pub async fn holder(
    connection: &mut PgConnection,
    tenant_id: &str,
    key: &str,
) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "select rowguid from username.record where tenant_id = $1 and lower(local_part) = $2",
        tenant_id,
        key
    )
    .fetch_optional(connection)
    .await
}

/// Returns who held a name last that nobody holds now; `key` is a local part in lower case.
pub async fn last_holder(
    connection: &mut PgConnection,
    tenant_id: &str,
    key: &str,
) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "select rowguid from username.retired where tenant_id = $1 and name = $2",
        tenant_id,
        key
    )
    .fetch_optional(connection)
    .await
}

/// Returns the retired names of a tenant, by name.
pub async fn retired(connection: &mut PgConnection, tenant_id: &str) -> Result<Vec<Retired>, sqlx::Error> {
    sqlx::query_as!(
        Retired,
        "select name, rowguid from username.retired where tenant_id = $1 order by name",
        tenant_id
    )
    .fetch_all(connection)
    .await
}

/// Returns the names that nobody else may get on account of a person, in lower case: theirs, and those that retired with them.
pub async fn names_of(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select lower(local_part) as "name!" from username.record where tenant_id = $1 and rowguid = $2
           union select name from username.retired where tenant_id = $1 and rowguid = $2
           order by 1"#,
        tenant_id,
        person
    )
    .fetch_all(connection)
    .await
}

/// Returns which of these people ever had a name; `key` is a local part in lower case.
pub async fn who_had(
    connection: &mut PgConnection,
    tenant_id: &str,
    people: &[Uuid],
    key: &str,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select rowguid as "rowguid!" from username.change
           where tenant_id = $1 and rowguid = any($2) and field in ('created', 'local_part')
             and (audit.is_name(old_value, $3) or audit.is_name(new_value, $3))
           union select rowguid from username.retired where tenant_id = $1 and rowguid = any($2) and name = $3
           order by 1"#,
        tenant_id,
        people,
        key
    )
    .fetch_all(connection)
    .await
}

/// Returns every name that a person has or had, local parts in lower case.
pub async fn all_names_of(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select lower(split_part(name, '@', 1)) as "name!"
           from username.change cross join lateral (values (old_value), (new_value)) as had (name)
           where tenant_id = $1 and rowguid = $2 and field in ('created', 'local_part') and name is not null
           union select name from username.retired where tenant_id = $1 and rowguid = $2"#,
        tenant_id,
        person
    )
    .fetch_all(connection)
    .await
}

/// Returns the other ids with a record that a person's name was handed to or from, at however many removes: they are one person.
pub async fn same_person(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "with recursive linked as (
             select $2::uuid as rowguid
             union
             select case when c.rowguid = l.rowguid then c.new_value::uuid else c.rowguid end
             from linked l
             join username.change c on c.tenant_id = $1 and c.field in ('handed_to', 'handed_from')
                  and (c.rowguid = l.rowguid or c.new_value = l.rowguid::text)
         )
         select r.rowguid from linked l join username.record r on r.tenant_id = $1 and r.rowguid = l.rowguid
         where l.rowguid <> $2 order by r.rowguid",
        tenant_id,
        person
    )
    .fetch_all(connection)
    .await
}

/// Returns the local parts that each of these people held before, in lower case.
pub async fn former_names(
    connection: &mut PgConnection,
    tenant_id: &str,
    people: &[Uuid],
) -> Result<Vec<(Uuid, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select rowguid, lower(old_value) as "name!" from username.change
           where tenant_id = $1 and rowguid = any($2) and field = 'local_part' and old_value is not null"#,
        tenant_id,
        people
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.rowguid, row.name)).collect())
}

/// Returns when somebody had a name first, by local part in lower case, as far as the history of records goes.
pub async fn held_since(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<HashMap<String, DateTime<Utc>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select lower(split_part(name, '@', 1)) as "name!", min(changed_at) as "since!"
           from username.change cross join lateral (values (old_value), (new_value)) as had (name)
           where tenant_id = $1 and field in ('created', 'local_part') and name is not null
           group by 1"#,
        tenant_id
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.since)).collect())
}

/// Returns those whose name was handed on, with whom it went to.
pub async fn handed_on(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Vec<(Uuid, Uuid)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select rowguid, handed_to as "handed_to!" from username.record
           where tenant_id = $1 and handed_to is not null"#,
        tenant_id
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.rowguid, row.handed_to)).collect())
}

/// Returns the history of a person's record, oldest first.
pub async fn history(
    connection: &mut PgConnection,
    tenant_id: &str,
    rowguid: Uuid,
) -> Result<Vec<Change>, sqlx::Error> {
    sqlx::query_as!(
        Change,
        r#"select changed_at, changed_by, field, old_value, new_value, reason, undoes is not null as "is_undo!"
           from username.change where tenant_id = $1 and rowguid = $2 order by change_id"#,
        tenant_id,
        rowguid
    )
    .fetch_all(connection)
    .await
}

/// Returns whose Sync flag somebody ever switched by hand; of a few people, if some are named. A switch that was taken back counts
/// as none, and so does taking it back.
pub async fn switched_by_hand(
    connection: &mut PgConnection,
    tenant_id: &str,
    people: Option<&[Uuid]>,
) -> Result<HashSet<Uuid>, sqlx::Error> {
    let people = sqlx::query_scalar!(
        "select distinct c.rowguid from username.change c
         where c.tenant_id = $1 and c.field = 'sync' and c.changed_by <> 'system' and c.undoes is null
           and ($2::uuid[] is null or c.rowguid = any($2))
           and not exists (select from username.change u
                           where u.tenant_id = $1 and u.rowguid = c.rowguid and u.undoes = c.operation)",
        tenant_id,
        people
    )
    .fetch_all(connection)
    .await?;
    Ok(people.into_iter().collect())
}

/// Returns the people whose record changed after a change of the history. `None` if a record was made or handed over since.
pub async fn changed_since(
    connection: &mut PgConnection,
    tenant_id: &str,
    change_id: i64,
) -> Result<Option<Vec<Uuid>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select rowguid, bool_or(field in ('created', 'handed_to', 'handed_from')) as "is_new!"
           from username.change where tenant_id = $1 and change_id > $2 group by rowguid"#,
        tenant_id,
        change_id
    )
    .fetch_all(connection)
    .await?;
    let is_new = rows.iter().any(|row| row.is_new);
    Ok((!is_new).then(|| rows.into_iter().map(|row| row.rowguid).collect()))
}
