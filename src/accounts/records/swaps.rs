//! Swaps of two usernames, step by step. The caller holds [`crate::db::locks::usernames`] for whatever it changes.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// A swap as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwapRow {
    /// Its id.
    pub swap_id: Uuid,
    /// Who gets the name of the other.
    pub person_a: Uuid,
    /// The other.
    pub person_b: Uuid,
    /// Local part before.
    pub from_a: String,
    /// Local part before.
    pub from_b: String,
    /// Local part meanwhile.
    pub temporary_a: String,
    /// Local part meanwhile.
    pub temporary_b: String,
    /// Local part afterwards.
    pub to_a: String,
    /// Local part afterwards.
    pub to_b: String,
    /// `temporary`, `alias`, `done` or `cancelled`.
    pub step: String,
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// Who began it.
    pub began_by: String,
    /// When somebody said that the aliases are removed.
    pub alias_removed_at: Option<DateTime<Utc>>,
    /// Who said so.
    pub alias_removed_by: Option<String>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// Returns the swap of a person that has not ended.
pub async fn open_of(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
) -> Result<Option<SwapRow>, sqlx::Error> {
    sqlx::query_as!(
        SwapRow,
        "select swap_id, person_a, person_b, from_a, from_b, temporary_a, temporary_b, to_a, to_b, step, began_at, began_by,
                alias_removed_at, alias_removed_by, ended_at
         from username.swap
         where tenant_id = $1 and (person_a = $2 or person_b = $2) and ended_at is null
         order by began_at limit 1",
        tenant_id,
        person
    )
    .fetch_optional(connection)
    .await
}

/// Returns the swaps that have not ended, and then those that were done in the last days, the newest first.
pub async fn recent(
    connection: &mut PgConnection,
    tenant_id: &str,
    days: i32,
) -> Result<Vec<SwapRow>, sqlx::Error> {
    sqlx::query_as!(
        SwapRow,
        "select swap_id, person_a, person_b, from_a, from_b, temporary_a, temporary_b, to_a, to_b, step, began_at, began_by,
                alias_removed_at, alias_removed_by, ended_at
         from username.swap
         where tenant_id = $1 and (ended_at is null or step = 'done' and ended_at > clock_timestamp() - make_interval(days => $2))
         order by ended_at desc nulls first, began_at desc",
        tenant_id,
        days
    )
    .fetch_all(connection)
    .await
}

/// Returns what the partners of a person's cancelled swaps were called meanwhile, with who they are: the name in lower case was made from
/// that of the person.
pub async fn temporary_names_of_partners(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
) -> Result<Vec<(Uuid, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select distinct case when person_a = $2 then person_b else person_a end as "partner!",
                  lower(case when person_a = $2 then temporary_b else temporary_a end) as "name!"
           from username.swap
           where tenant_id = $1 and $2 in (person_a, person_b) and step = 'cancelled'
             and lower(case when person_a = $2 then to_b else to_a end) = lower(case when person_a = $2 then from_a else from_b end)
           order by 1, 2"#,
        tenant_id,
        person
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.partner, row.name)).collect())
}

/// Keeps a swap that begins, under an id that the database makes.
pub async fn begin(connection: &mut PgConnection, tenant_id: &str, row: &SwapRow) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into username.swap (tenant_id, swap_id, person_a, person_b, from_a, from_b, temporary_a, temporary_b, to_a, to_b,
                                    began_by)
         values ($1, gen_random_uuid(), $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tenant_id,
        row.person_a,
        row.person_b,
        row.from_a,
        row.from_b,
        row.temporary_a,
        row.temporary_b,
        row.to_a,
        row.to_b,
        row.began_by
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that somebody said that the aliases are removed.
pub async fn note_alias_removed(
    connection: &mut PgConnection,
    tenant_id: &str,
    swap_id: Uuid,
    by: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update username.swap set step = 'alias', alias_removed_at = clock_timestamp(), alias_removed_by = $3
         where tenant_id = $1 and swap_id = $2",
        tenant_id,
        swap_id,
        by
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends a swap: `done` or `cancelled`.
pub async fn end(
    connection: &mut PgConnection,
    tenant_id: &str,
    swap_id: Uuid,
    step: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update username.swap set step = $3, ended_at = clock_timestamp() where tenant_id = $1 and swap_id = $2",
        tenant_id,
        swap_id,
        step
    )
    .execute(connection)
    .await?;
    Ok(())
}
