//! Signing keys in the trail of no tenant: those that were retired do not come back with a database that went back.

use sqlx::PgConnection;

use super::Entry;
use crate::db::{locks, scope};

/// The kind of an entry that tells that a signing key was retired, in the trail of no tenant.
pub const KEY_RETIRED: &str = "key_retired";

/// Returns the signing key that an entry says was retired.
pub(super) fn retired(entry: &Entry) -> Option<&str> {
    let key_id = entry.detail.as_ref()?.get("key_id")?.as_str()?;
    (entry.kind == KEY_RETIRED).then_some(key_id)
}

/// Ends the signing keys again that these entries say were retired. The scope of the transaction stays as it is.
pub(super) async fn retire_again(
    connection: &mut PgConnection,
    entries: &[Entry],
) -> Result<(), sqlx::Error> {
    let outer = scope::current(connection).await?;
    scope::leave(connection).await?;
    locks::signing_key(connection).await?;
    for key_id in entries.iter().filter_map(retired) {
        sqlx::query!("delete from auth.signing_key where key_id = $1", key_id)
            .execute(&mut *connection)
            .await?;
    }
    scope::return_to(connection, &outer).await
}
