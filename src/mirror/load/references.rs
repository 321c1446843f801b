//! The references within the mirror, proved set by set at the end of a load instead of row by row.

use sqlx::{Connection, PgConnection};

/// Tells the database not to check references row by row, or to do so again.
pub(super) async fn are_proved_at_the_end(
    transaction: &mut PgConnection,
    is_so: bool,
) -> Result<(), sqlx::Error> {
    let setting = if is_so { "on" } else { "off" };
    sqlx::query_scalar!("select set_config('oneroster.loading', $1, true)", setting)
        .fetch_one(transaction)
        .await?;
    Ok(())
}

/// Returns `true` if every reference from or to these tables holds.
pub(super) async fn hold(
    transaction: &mut PgConnection,
    tenant_id: &str,
    changed_tables: &[&str],
) -> Result<bool, sqlx::Error> {
    let mut attempt = transaction.begin().await?;
    match prove(&mut attempt, tenant_id, changed_tables).await {
        Ok(()) => {
            attempt.commit().await?;
            Ok(true)
        }
        Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {
            attempt.rollback().await?;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Proves every reference from or to these tables once more, by the database's own list of them. What a bundle does wrong was
/// found before, with its lines.
pub(super) async fn prove(
    transaction: &mut PgConnection,
    tenant_id: &str,
    changed_tables: &[&str],
) -> Result<(), sqlx::Error> {
    let tables: Vec<String> = changed_tables
        .iter()
        .map(|table| format!("informat.{table}"))
        .collect();
    sqlx::query!(
        "select informat.prove_references($1, $2::text[]::regclass[])",
        tenant_id,
        &tables
    )
    .fetch_one(transaction)
    .await?;
    Ok(())
}
