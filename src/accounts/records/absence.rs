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

/// Returns who has been gone for more than so many days, the longest first, at most so many.
pub async fn gone_for(
    connection: &mut PgConnection,
    tenant_id: &str,
    days: u32,
    limit: u32,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "select rowguid from username.record
         where tenant_id = $1 and absent_since < (clock_timestamp() at time zone 'Europe/Brussels')::date - $2::integer
         order by absent_since, rowguid limit $3",
        tenant_id,
        i32::try_from(days).unwrap_or(i32::MAX),
        i64::from(limit)
    )
    .fetch_all(connection)
    .await
}
