//! Since when the mirror no longer has the people of records: after years they are erased.

use sqlx::PgConnection;
use uuid::Uuid;

/// Notes of whom the mirror has nobody any more, and who is back. After a load that changed the mirror.
pub async fn note(connection: &mut PgConnection, tenant_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update username.record r
         set absent_since = case when p.rowguid is null then (clock_timestamp() at time zone 'Europe/Brussels')::date end
         from username.record o
         left join informat.persoon p on p.tenant_id = $1 and p.rowguid = o.rowguid
         where r.tenant_id = $1 and o.tenant_id = $1 and r.rowguid = o.rowguid
           and (p.rowguid is null) <> (o.absent_since is not null)",
        tenant_id
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Who has been gone for long, of how many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LongGone {
    /// Who, the longest first.
    pub people: Vec<Uuid>,
    /// How many records there are.
    pub records: i64,
}

/// Returns who has been gone for more than so many days; nobody if no bundle was loaded within the last `load_age_days_max` days. The days
/// of whoever has a record since later than their absence begin with the record.
pub async fn gone_for(
    connection: &mut PgConnection,
    tenant_id: &str,
    days: u32,
    load_age_days_max: i32,
) -> Result<LongGone, sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(*) as "records!",
                  coalesce(array_agg(rowguid order by absent_since, rowguid) filter (
                      where greatest(absent_since, (created_at at time zone 'Europe/Brussels')::date)
                            < (clock_timestamp() at time zone 'Europe/Brussels')::date - $2::integer
                        and absent_since is not null
                        and exists (select from informat.lading l where l.tenant_id = $1
                                    and abs(extract(epoch from clock_timestamp() - l.geladen_op)) < $3::integer * 86400.0)
                  ), '{}') as "people!"
           from username.record where tenant_id = $1"#,
        tenant_id,
        i32::try_from(days).unwrap_or(i32::MAX),
        load_age_days_max
    )
    .fetch_one(connection)
    .await?;
    Ok(LongGone {
        people: row.people,
        records: row.records,
    })
}

/// Returns `true` if somebody has been gone for more than so many days, as [`gone_for`] counts them.
pub async fn is_gone_for(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
    days: u32,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
               select from username.record
               where tenant_id = $1 and rowguid = $2 and absent_since is not null
                 and greatest(absent_since, (created_at at time zone 'Europe/Brussels')::date)
                     < (clock_timestamp() at time zone 'Europe/Brussels')::date - $3::integer
           ) as "gone!""#,
        tenant_id,
        person,
        i32::try_from(days).unwrap_or(i32::MAX)
    )
    .fetch_one(connection)
    .await
}
