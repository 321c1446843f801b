//! Brings a table of the mirror to what its staging table says.

use sqlx::PgConnection;

use super::sql;
use crate::mirror::bundle::Mode;
use crate::mirror::layout::Table;

/// How many rows a merge touched.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub(super) inserted: u64,
    pub(super) updated: u64,
    pub(super) deleted: u64,
}

impl Merged {
    /// Returns `true` if it touched any.
    pub(super) const fn is_any(&self) -> bool {
        self.inserted + self.updated + self.deleted > 0
    }
}

/// Merges a table that holds rows of the tenant.
pub(super) async fn merge(
    transaction: &mut PgConnection,
    tenant_id: &str,
    table: &Table,
    mode: Mode,
) -> Result<Merged, sqlx::Error> {
    Ok(Merged {
        deleted: sql::execute_for(transaction, sql::delete(table, mode), tenant_id).await?,
        updated: sql::execute_for(transaction, sql::update(table), tenant_id).await?,
        inserted: sql::execute_for(transaction, sql::insert(table), tenant_id).await?,
    })
}

/// Fills a table that holds none.
pub(super) async fn fill(
    transaction: &mut PgConnection,
    tenant_id: &str,
    table: &Table,
) -> Result<Merged, sqlx::Error> {
    let inserted = sql::execute_for(transaction, sql::insert_all(table), tenant_id).await?;
    Ok(Merged {
        inserted,
        ..Merged::default()
    })
}
