//! Whether a tenant was ever read whole.

use sqlx::PgConnection;

/// Returns `true` if a consumer has read every user to the last row, as far as the log goes back. Works in the tenant's scope.
pub async fn was_read_completely(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
               select from synclog.run
               where tenant_id = $1 and is_complete
               and (readings @> '[{"path": "/users"}]'
                    or readings @> '[{"path": "/students"}, {"path": "/teachers"}]')
           ) as "exists!""#,
        tenant_id
    )
    .fetch_one(connection)
    .await
}
