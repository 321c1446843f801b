//! Deleting what stopped being current long ago, and `roster.history`: from which generation on everything is kept.

use sqlx::PgConnection;

/// Returns the first generation of a tenant that is kept whole. Older ones are kept as long as a version began with them.
pub async fn whole_from(connection: &mut PgConnection, tenant_id: &str) -> Result<i64, sqlx::Error> {
    let whole_from = sqlx::query_scalar!(
        "select whole_from from roster.history where tenant_id = $1",
        tenant_id
    )
    .fetch_optional(connection)
    .await?;
    Ok(whole_from.unwrap_or(1))
}

/// Returns the oldest generation to keep whole: the last one that was still current `history_days` ago. Less than 1 when
/// the first is younger than that.
pub async fn oldest_to_keep(
    connection: &mut PgConnection,
    tenant_id: &str,
    history_days: i32,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select coalesce(
               (select min(number) from roster.generation
                where tenant_id = $1 and committed_at >= clock_timestamp() - make_interval(days => $2)),
               (select number + 1 from roster.head where tenant_id = $1)
           ) - 1 as "number!""#,
        tenant_id,
        history_days
    )
    .fetch_one(connection)
    .await
}

/// Records that no generation before this one is kept whole. Never lowers the number.
pub async fn raise_whole_from(
    connection: &mut PgConnection,
    tenant_id: &str,
    whole_from: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into roster.history as h (tenant_id, whole_from) values ($1, $2)
         on conflict (tenant_id) do update set whole_from = excluded.whole_from, purged_at = clock_timestamp()
         where h.whole_from < excluded.whole_from",
        tenant_id,
        whole_from
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes versions that the oldest state to keep no longer holds, at most `rows_max`; returns how many.
pub async fn delete_versions(
    connection: &mut PgConnection,
    tenant_id: &str,
    whole_from: i64,
    rows_max: i64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "delete from roster.object_version v
         using (select kind, sourced_id, from_number from roster.object_version
                where tenant_id = $1 and until_number <= $2 limit $3) as old
         where v.tenant_id = $1 and v.kind = old.kind and v.sourced_id = old.sourced_id
           and v.from_number = old.from_number and v.until_number is not null",
        tenant_id,
        whole_from,
        rows_max
    )
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected())
}

/// Deletes older generations that no version began with; returns how many.
///
/// A generation holds the date of the versions that began with it, and deleting it would delete them too; so the statement
/// asks, and the publication lock keeps it true.
pub async fn delete_generations(
    connection: &mut PgConnection,
    tenant_id: &str,
    whole_from: i64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "delete from roster.generation g
         where g.tenant_id = $1 and g.number < $2
           and not exists (select from roster.object_version v
                           where v.tenant_id = $1 and v.from_number = g.number)",
        tenant_id,
        whole_from
    )
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected())
}
