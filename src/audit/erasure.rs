//! Erasures of people in the trail: each is an entry, after which what was entered of the person before is gone, in the database and in files.

use std::collections::HashMap;

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::entry_file::Locked;
use super::{Entry, Error, blocking, entry};
use crate::db::{locks, scope};
use crate::roster;

/// The kind of an entry that tells that a person was erased.
const PERSON_ERASED: &str = "person_erased";

/// Returns the person whom an entry says was erased.
pub(super) fn person_of(entry: &Entry) -> Option<Uuid> {
    if entry.kind != PERSON_ERASED {
        return None;
    }
    let person = entry.after.as_ref()?.get("detail")?.get("person")?.as_str()?;
    Uuid::try_parse(person).ok()
}

/// Erases a person, whose erasure was just put on record: takes them out of the usernames, the mirror and everything that was published, and
/// out of every entry of the trail before.
///
/// The caller holds the locks of publications, of loads and of usernames.
pub async fn erase(connection: &mut PgConnection, tenant_id: &str, person: Uuid) -> Result<(), sqlx::Error> {
    erase_state(connection, tenant_id, person).await?;
    let position = entry::end(connection, tenant_id).await?;
    erase_traces(connection, tenant_id, person, position).await
}

async fn erase_state(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"select audit.erase_state($1, $2) as "erased!: ()""#,
        tenant_id,
        person
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

async fn erase_traces(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
    position: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"select audit.erase_entries($1, $2, $3) as "erased!: ()""#,
        tenant_id,
        person,
        position
    )
    .fetch_one(&mut *connection)
    .await?;
    roster::erasure::erase_user(connection, tenant_id, person).await
}

/// Begins to erase again whom entries say were erased, before their changes are made again: what the files have of these people before is
/// nothing, so what the database has of them goes first. Takes the locks that come before that of usernames.
pub(super) async fn begin_again(
    connection: &mut PgConnection,
    tenant_id: &str,
    entries: &[Entry],
) -> Result<(), sqlx::Error> {
    if !entries.iter().any(|entry| person_of(entry).is_some()) {
        return Ok(());
    }
    locks::publication_until_the_end(connection, tenant_id).await?;
    locks::load(connection, tenant_id).await
}

/// Takes those people out of what is known now.
pub(super) async fn state_again(
    connection: &mut PgConnection,
    tenant_id: &str,
    entries: &[Entry],
) -> Result<bool, sqlx::Error> {
    let mut is_any = false;
    for person in entries.iter().filter_map(person_of) {
        erase_state(connection, tenant_id, person).await?;
        is_any = true;
    }
    Ok(is_any)
}

/// Takes them out of what was published and entered before, last of all.
pub(super) async fn traces_again(
    connection: &mut PgConnection,
    tenant_id: &str,
    entries: &[Entry],
) -> Result<(), sqlx::Error> {
    for entry in entries {
        let Some(person) = person_of(entry) else { continue };
        let made_again = entry::present(connection, tenant_id, &[entry.entry_id]).await?;
        if let Some((_, position)) = made_again.first() {
            erase_traces(connection, tenant_id, person, *position).await?;
        }
    }
    Ok(())
}

/// Writes a file anew if entries that are about to be appended tell of an erasure: lines from before say no more than the database.
pub(super) async fn clean(
    pool: &PgPool,
    tenant_id: &str,
    locked: Locked,
    entries: &[Entry],
) -> Result<Locked, Error> {
    if !entries.iter().any(|entry| person_of(entry).is_some()) {
        return Ok(locked);
    }
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let erased = entry::erased(&mut transaction, tenant_id).await?;
    transaction.commit().await?;
    let erased: HashMap<Uuid, Entry> = erased.into_iter().map(|entry| (entry.entry_id, entry)).collect();
    blocking(move || locked.rewrite(&erased)).await
}
