//! Erasures of people, and tenants that were taken away: each is an entry, after which what was entered of them before is gone, in the
//! database and in files.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::entry_file::Locked;
use super::{Entry, Error, Folder, blocking, entry};
use crate::db::{locks, scope};
use crate::roster;

/// The kind of an entry that tells that a person was erased.
const PERSON_ERASED: &str = "person_erased";

/// The kind of an entry that tells that a former username was forgotten.
const NAME_FORGOTTEN: &str = "name_forgotten";

/// The kind of an entry that tells that the tenant was taken away.
const TENANT_REMOVED: &str = "tenant_removed";

/// What is gone with all its traces, by an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Erasure {
    Person(Uuid),
    Tenant,
    /// A former username: only its hash is known, so it goes last ([`forgotten`]).
    Name,
}

/// That a former username was forgotten, as an entry says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgottenName {
    /// Whose it was.
    pub person: Uuid,
    /// Its hash, in base64.
    pub name_hash: String,
    at: DateTime<Utc>,
    position: i64,
}

fn erasure_of(entry: &Entry) -> Option<Erasure> {
    match entry.kind.as_str() {
        PERSON_ERASED => {
            let person = entry.after.as_ref()?.get("detail")?.get("person")?.as_str()?;
            Uuid::try_parse(person).ok().map(Erasure::Person)
        }
        NAME_FORGOTTEN => Some(Erasure::Name),
        TENANT_REMOVED => Some(Erasure::Tenant),
        _ => None,
    }
}

fn erasures(entries: &[Entry]) -> impl Iterator<Item = (Uuid, Erasure)> {
    entries
        .iter()
        .filter_map(|entry| Some((entry.entry_id, erasure_of(entry)?)))
}

/// How many entries are read at a time.
const BATCH: i64 = 1_000;

/// Reads every entry of a tenant, once it is the transaction's turn to enter something: nobody adds one until it ends.
pub async fn whole_trail(connection: &mut PgConnection, tenant_id: &str) -> Result<Vec<Entry>, sqlx::Error> {
    entry::wait_turn(connection, tenant_id).await?;
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let position = entries.last().map_or(0, |entry| entry.position);
        let batch = entry::after(connection, tenant_id, position, BATCH).await?;
        if batch.is_empty() {
            return Ok(entries);
        }
        entries.extend(batch);
    }
}

/// Takes a tenant away with everything of it, and what rows of it said out of every entry of its trail. That it was taken away is an entry:
/// the last one, unless a tenant of the same id comes later.
///
/// The caller holds the locks of publications, of loads, of inputs and of usernames.
pub async fn remove_tenant(connection: &mut PgConnection, tenant_id: &str) -> Result<(), sqlx::Error> {
    entry::wait_turn(connection, tenant_id).await?;
    erase_state(connection, tenant_id, Erasure::Tenant).await?;
    entry::note(connection, tenant_id, TENANT_REMOVED, &serde_json::json!({})).await?;
    let position = entry::end(connection, tenant_id).await?;
    erase_traces(connection, tenant_id, Erasure::Tenant, position).await
}

/// Returns `true` if entries say something of a person's username: also where it was forgotten, and there is no record any more.
pub async fn has_traces(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
               select from audit.entry where tenant_id = $1 and source like 'username.%'
                 and ($2 in (key ->> 'rowguid', after ->> 'rowguid', before ->> 'rowguid') or strpos(rows::text, $2) > 0)
           ) as "traces!""#,
        tenant_id,
        person.to_string()
    )
    .fetch_one(connection)
    .await
}

/// Erases a person, whose erasure was just put on record: takes them out of the usernames, the mirror and everything that was published, and
/// out of every entry of the trail before.
///
/// The caller holds the locks of publications, of loads and of usernames.
pub async fn erase(connection: &mut PgConnection, tenant_id: &str, person: Uuid) -> Result<(), sqlx::Error> {
    erase_state(connection, tenant_id, Erasure::Person(person)).await?;
    let position = entry::end(connection, tenant_id).await?;
    erase_traces(connection, tenant_id, Erasure::Person(person), position).await
}

async fn erase_state(
    connection: &mut PgConnection,
    tenant_id: &str,
    erasure: Erasure,
) -> Result<(), sqlx::Error> {
    match erasure {
        Erasure::Person(person) => {
            sqlx::query!(
                r#"select audit.erase_state($1, $2) as "erased!: ()""#,
                tenant_id,
                person
            )
            .fetch_one(connection)
            .await?;
        }
        Erasure::Tenant => {
            sqlx::query!(r#"select audit.remove_tenant($1) as "removed!: ()""#, tenant_id)
                .fetch_one(connection)
                .await?;
        }
        Erasure::Name => {}
    }
    Ok(())
}

async fn erase_traces(
    connection: &mut PgConnection,
    tenant_id: &str,
    erasure: Erasure,
    position: i64,
) -> Result<(), sqlx::Error> {
    match erasure {
        Erasure::Person(person) => {
            sqlx::query!(
                r#"select audit.erase_entries($1, $2, $3) as "erased!: ()""#,
                tenant_id,
                person,
                position
            )
            .fetch_one(&mut *connection)
            .await?;
            let published = roster::erasure::find_user(connection, tenant_id, person).await?;
            if published.is_active {
                // Only in a database that went back: nobody is erased who is published.
                roster::head::await_publication(connection, tenant_id).await?;
            }
            roster::erasure::erase_user(connection, tenant_id, person).await?;
        }
        Erasure::Tenant => {
            sqlx::query!(
                r#"select audit.erase_tenant_entries($1, $2) as "erased!: ()""#,
                tenant_id,
                position
            )
            .fetch_one(connection)
            .await?;
        }
        Erasure::Name => {}
    }
    Ok(())
}

/// Forgets a former username, a local part in lower case, which was just put on record: takes it out of the history of the record, of
/// everything that was published, where another one stands instead, and of every entry of the trail before.
///
/// The caller holds the locks of publications, of loads and of usernames.
pub async fn forget_name(
    connection: &mut PgConnection,
    tenant_id: &str,
    (person, name): (Uuid, &str),
    instead: &str,
) -> Result<(), sqlx::Error> {
    let position = entry::end(connection, tenant_id).await?;
    take_name_out(connection, tenant_id, (person, name, instead), (None, position)).await
}

/// Forgets a former username as [`forget_name`] does, in a database that went back: only what is older than the entry that says so.
pub async fn forget_name_again(
    connection: &mut PgConnection,
    tenant_id: &str,
    (forgotten, name): (&ForgottenName, &str),
    instead: &str,
) -> Result<(), sqlx::Error> {
    let before = (Some(forgotten.at), forgotten.position);
    take_name_out(connection, tenant_id, (forgotten.person, name, instead), before).await
}

async fn take_name_out(
    connection: &mut PgConnection,
    tenant_id: &str,
    (person, name, instead): (Uuid, &str, &str),
    (at, position): (Option<DateTime<Utc>>, i64),
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"select audit.forget_name_state($1, $2, $3, coalesce($4, clock_timestamp())) as "state!: ()",
                  audit.forget_name_entries($1, $2, $3, $5) as "entries!: ()""#,
        tenant_id,
        person,
        name,
        at,
        position
    )
    .fetch_one(&mut *connection)
    .await?;
    roster::erasure::forget_name(connection, tenant_id, person, (name, instead)).await
}

/// Returns the former usernames that entries, which were made again, say were forgotten.
pub(super) async fn forgotten(
    connection: &mut PgConnection,
    tenant_id: &str,
    entries: &[Entry],
) -> Result<Vec<ForgottenName>, sqlx::Error> {
    let mut names = Vec::new();
    for entry in entries.iter().filter(|entry| entry.kind == NAME_FORGOTTEN) {
        let detail = entry.after.as_ref().and_then(|after| after.get("detail"));
        let text = |member: &str| detail.and_then(|detail| detail.get(member)?.as_str());
        let person = text("person").and_then(|person| Uuid::try_parse(person).ok());
        let made_again = entry::present(connection, tenant_id, &[entry.entry_id]).await?;
        if let (Some(person), Some(name_hash), Some((_, position))) =
            (person, text("name_hash"), made_again.first())
        {
            names.push(ForgottenName {
                person,
                name_hash: name_hash.to_owned(),
                at: entry.at,
                position: *position,
            });
        }
    }
    Ok(names)
}

/// Begins to erase again what entries say was erased, before their changes are made again. Takes the locks that come before that of
/// usernames.
pub(super) async fn begin_again(
    connection: &mut PgConnection,
    tenant_id: &str,
    entries: &[Entry],
) -> Result<(), sqlx::Error> {
    if erasures(entries).next().is_none() {
        return Ok(());
    }
    locks::publication_until_the_end(connection, tenant_id).await?;
    locks::load(connection, tenant_id).await
}

/// Takes it out of what is known now, before anything is made again: what the files have of it from before is nothing. Returns whether
/// there was any.
pub(super) async fn state_again(
    connection: &mut PgConnection,
    tenant_id: &str,
    entries: &[Entry],
) -> Result<bool, sqlx::Error> {
    let mut is_any = false;
    for (_, erasure) in erasures(entries) {
        erase_state(connection, tenant_id, erasure).await?;
        if erasure == Erasure::Tenant {
            // Now, while there is none: one of the same id may be made again. What the files have from before has no rows any more.
            let all = entry::end(connection, tenant_id).await?.saturating_add(1);
            erase_traces(connection, tenant_id, erasure, all).await?;
        }
        is_any = true;
    }
    Ok(is_any)
}

/// Takes people out of what was published and entered before, last of all.
pub(super) async fn traces_again(
    connection: &mut PgConnection,
    tenant_id: &str,
    entries: &[Entry],
) -> Result<(), sqlx::Error> {
    let people = erasures(entries).filter(|(_, erasure)| matches!(erasure, Erasure::Person(_)));
    for (entry_id, erasure) in people {
        let made_again = entry::present(connection, tenant_id, &[entry_id]).await?;
        if let Some((_, position)) = made_again.first() {
            erase_traces(connection, tenant_id, erasure, *position).await?;
        }
    }
    Ok(())
}

/// Returns `true` if the trail says past a position that the tenant was taken away.
pub(super) async fn is_removed_after(
    connection: &mut PgConnection,
    tenant_id: &str,
    position: i64,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
               select from audit.entry where tenant_id = $1 and position > $2 and kind = $3
           ) as "removed!""#,
        tenant_id,
        position,
        TENANT_REMOVED
    )
    .fetch_one(connection)
    .await
}

/// Writes a file anew if entries that are about to be appended tell of an erasure: lines from before say no more than the database. A tenant
/// that was taken away has promised nothing any more.
pub(super) async fn clean(
    pool: &PgPool,
    folder: &Folder,
    tenant_id: &str,
    (locked, entries): (Locked, &[Entry]),
) -> Result<Locked, Error> {
    if erasures(entries).next().is_none() {
        return Ok(locked);
    }
    let is_removed = erasures(entries).any(|(_, erasure)| erasure == Erasure::Tenant);
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let erased = entry::erased(&mut transaction, tenant_id).await?;
    transaction.commit().await?;
    let erased: HashMap<Uuid, Entry> = erased.into_iter().map(|entry| (entry.entry_id, entry)).collect();
    let (folder, tenant) = (folder.clone(), tenant_id.to_owned());
    blocking(move || {
        if is_removed {
            folder.forget_sign(&tenant)?;
        }
        locked.rewrite(&erased)
    })
    .await
}
