//! Whether names were published and read.

use chrono::{DateTime, Utc};
use oneroster_school::username::edit;
use oneroster_standard::{Kind, StatusType};
use serde::Deserialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Error;
use crate::roster::{ObjectKeys, versions};
use crate::synclog;

/// What became of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadNames {
    /// One of them is still published under another name.
    NotPublished,
    /// All are published so, but no complete pull has read that yet.
    Published,
    /// A complete pull has read them so: when the first one ended. `None` where nobody of them is published under any name.
    Read(Option<DateTime<Utc>>),
}

#[derive(Deserialize)]
struct User {
    username: String,
}

/// Returns what became of the names of people; whoever is not published under any name is left out.
pub(super) async fn of(
    connection: &mut PgConnection,
    tenant_id: &str,
    names: &[(Uuid, &str)],
) -> Result<ReadNames, Error> {
    let ids: Vec<String> = names
        .iter()
        .map(|(person, _)| person.hyphenated().to_string())
        .collect();
    let keys: ObjectKeys = ids.iter().map(|id| (Kind::Users, id.as_str())).collect();
    let versions = versions::of_objects(connection, tenant_id, &keys).await?;
    let mut newest = 0;
    for (id, (_, name)) in ids.iter().zip(names) {
        let current = versions
            .iter()
            .find(|version| version.sourced_id == *id && version.until_number.is_none());
        let Some(version) = current.filter(|version| version.status == StatusType::Active) else {
            continue;
        };
        let user: Option<User> = serde_json::from_str(&version.content).ok();
        let local_part = user.as_ref().and_then(|user| user.username.split('@').next());
        if local_part.map(edit::key) != Some(edit::key(name)) {
            return Ok(ReadNames::NotPublished);
        }
        // The version may be older than the name's: what it is called then is the same.
        newest = newest.max(version.from_number);
    }
    if newest == 0 {
        return Ok(ReadNames::Read(None));
    }
    let read = synclog::first_complete_pull(connection, tenant_id, newest).await?;
    Ok(read.map_or(ReadNames::Published, |at| ReadNames::Read(Some(at))))
}
