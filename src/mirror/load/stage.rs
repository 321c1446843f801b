//! Fills staging tables.

use sqlx::{AssertSqlSafe, PgConnection};

use super::sql;
use crate::mirror::bundle::Staged;
use crate::mirror::layout::Table;

/// How much is sent to the database at a time, in bytes.
const CHUNK_BYTES: usize = 256 << 10;

/// Returns `true` if the mirror of a tenant has rows of a table.
pub(super) async fn is_filled(
    transaction: &mut PgConnection,
    tenant_id: &str,
    table: &Table,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(AssertSqlSafe(sql::is_filled(table)))
        .bind(tenant_id)
        .fetch_one(transaction)
        .await
}

/// Fills the staging table of a file. `progress` is called with the part that is done, 0 to 1.
///
/// Only what is compared with rows that are there (`is_compared`) needs an index and statistics.
pub(super) async fn stage(
    transaction: &mut PgConnection,
    staged: &Staged,
    is_compared: bool,
    progress: &(dyn Fn(f64) + Sync),
) -> Result<(), sqlx::Error> {
    sql::execute(transaction, sql::create_staging(staged.table)).await?;
    let mut copy = transaction.copy_in_raw(&sql::copy_staging(staged.table)).await?;
    let bytes = staged.copy.as_bytes();
    let mut sent = 0;
    for chunk in bytes.chunks(CHUNK_BYTES) {
        if let Err(error) = copy.send(chunk).await {
            // The connection is of no use any more; what made it so is the error to report.
            let _ = copy.abort("the load failed").await;
            return Err(error);
        }
        sent += chunk.len();
        #[expect(clippy::cast_precision_loss, reason = "for a progress bar")]
        progress(sent as f64 / bytes.len() as f64);
    }
    copy.finish().await?;
    if is_compared {
        sql::execute(transaction, sql::index_staging(staged.table)).await?;
        sql::execute(transaction, format!("analyze {}", sql::staging(staged.table))).await?;
    }
    Ok(())
}
