//! Reads `roster.object_version`: what was emitted for each object, from one generation until before another.

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::{Stream, StreamExt, TryStreamExt};
use oneroster_school::projection::Cause;
use oneroster_standard::{Kind, StatusType};
use sqlx::PgConnection;
use sqlx::types::Json;

use super::{ContentHash, Error};

/// A version of an object, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The object's kind.
    pub kind: Kind,
    /// The object's `sourcedId`.
    pub sourced_id: String,
    /// First generation that holds it; its date is the object's `dateLastModified`.
    pub from_number: i64,
    /// First generation that no longer does; `None` while current.
    pub until_number: Option<i64>,
    /// Active, or a tombstone.
    pub status: StatusType,
    /// JSON without the three common members, with relative hrefs. Empty where the statement does not read it.
    pub content: String,
    /// Why it began, as far as publication recorded causes. Empty where the statement does not read them.
    pub causes: Vec<Cause>,
    /// Of a user, the domain of their address where the username has none. `None` where the statement does not read it.
    pub email_domain: Option<String>,
    /// Of a removed enrollment, the last day it was true. `None` where the statement does not read it.
    pub ended_on: Option<NaiveDate>,
}

/// An object as the newest generation holds it, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentObject {
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub sourced_id: String,
    /// Active, or a tombstone.
    pub status: StatusType,
    /// Hash of its content.
    pub hash: ContentHash,
    /// Its `dateLastModified`.
    pub modified: DateTime<Utc>,
}

/// The keys of objects, as a statement takes them: each collection with the id at the same index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectKeys {
    collections: Vec<String>,
    ids: Vec<String>,
}

impl ObjectKeys {
    /// Returns `true` if there are none.
    pub const fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Returns how many there are.
    pub const fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn collections(&self) -> &[String] {
        &self.collections
    }

    pub(super) fn ids(&self) -> &[String] {
        &self.ids
    }
}

impl<'a> FromIterator<(Kind, &'a str)> for ObjectKeys {
    fn from_iter<I: IntoIterator<Item = (Kind, &'a str)>>(keys: I) -> Self {
        let (collections, ids) = keys
            .into_iter()
            .map(|(kind, sourced_id)| (kind.collection().to_owned(), sourced_id.to_owned()))
            .unzip();
        Self { collections, ids }
    }
}

/// The columns that every statement here reads.
struct VersionRow {
    kind: String,
    sourced_id: String,
    from_number: i64,
    until_number: Option<i64>,
    status: String,
    content: String,
}

/// The columns of a version with what only some clients are told.
struct VersionRowToServe {
    kind: String,
    sourced_id: String,
    from_number: i64,
    until_number: Option<i64>,
    status: String,
    content: String,
    email_domain: Option<String>,
    ended_on: Option<NaiveDate>,
}

/// The columns of a version with its causes.
struct VersionRowWithCauses {
    kind: String,
    sourced_id: String,
    from_number: i64,
    until_number: Option<i64>,
    status: String,
    content: String,
    causes: Option<Json<Vec<serde_json::Value>>>,
}

impl TryFrom<VersionRow> for Version {
    type Error = Error;

    fn try_from(row: VersionRow) -> Result<Self, Error> {
        let (kind, status) = kind_and_status(&row.kind, &row.sourced_id, &row.status)?;
        Ok(Self {
            kind,
            sourced_id: row.sourced_id,
            from_number: row.from_number,
            until_number: row.until_number,
            status,
            content: row.content,
            causes: Vec::new(),
            email_domain: None,
            ended_on: None,
        })
    }
}

impl TryFrom<VersionRowToServe> for Version {
    type Error = Error;

    fn try_from(row: VersionRowToServe) -> Result<Self, Error> {
        let version = Self::try_from(VersionRow {
            kind: row.kind,
            sourced_id: row.sourced_id,
            from_number: row.from_number,
            until_number: row.until_number,
            status: row.status,
            content: row.content,
        })?;
        Ok(Self {
            email_domain: row.email_domain,
            ended_on: row.ended_on,
            ..version
        })
    }
}

impl TryFrom<VersionRowWithCauses> for Version {
    type Error = Error;

    fn try_from(row: VersionRowWithCauses) -> Result<Self, Error> {
        let causes = row.causes.map(|causes| causes.0).unwrap_or_default();
        let version = Self::try_from(VersionRow {
            kind: row.kind,
            sourced_id: row.sourced_id,
            from_number: row.from_number,
            until_number: row.until_number,
            status: row.status,
            content: row.content,
        })?;
        Ok(Self {
            // A cause that a newer build recorded is unknown to this one, and left out.
            causes: causes
                .into_iter()
                .filter_map(|cause| serde_json::from_value(cause).ok())
                .collect(),
            ..version
        })
    }
}

pub(super) fn kind_and_status(
    collection: &str,
    sourced_id: &str,
    status: &str,
) -> Result<(Kind, StatusType), Error> {
    Kind::from_collection(collection)
        .zip(StatusType::from_word(status))
        .ok_or_else(|| inconsistent(collection, sourced_id, "unknown kind or status"))
}

pub(super) fn inconsistent(collection: &str, sourced_id: &str, problem: &'static str) -> Error {
    Error::Inconsistent {
        kind: collection.to_owned(),
        sourced_id: sourced_id.to_owned(),
        problem,
    }
}

fn version<R: TryInto<Version, Error = Error>>(row: Result<R, sqlx::Error>) -> Result<Version, Error> {
    row?.try_into()
}

/// Reads the versions that a generation consists of, tombstones included, by collection name and id.
pub fn of_generation<'a>(
    connection: &'a mut PgConnection,
    tenant_id: &'a str,
    number: i64,
) -> impl Stream<Item = Result<Version, Error>> + Send + 'a {
    sqlx::query_as!(
        VersionRowToServe,
        r#"select kind, sourced_id, from_number, until_number, status, content, email_domain,
                  case when kind = 'enrollments' and status = 'tobedeleted'
                      then coalesce(ended_on, roster.last_day_of_removed(tenant_id, sourced_id, from_number))
                  end as ended_on
           from roster.object_version
           where tenant_id = $1 and from_number <= $2 and (until_number is null or until_number > $2)
           order by kind, sourced_id"#,
        tenant_id,
        number
    )
    .fetch(connection)
    .map(version)
}

/// Reads the versions that began or ended after one generation and up to another, by collection name and id.
pub fn changed<'a>(
    connection: &'a mut PgConnection,
    tenant_id: &'a str,
    after: i64,
    up_to: i64,
) -> impl Stream<Item = Result<Version, Error>> + Send + 'a {
    sqlx::query_as!(
        VersionRowToServe,
        r#"select kind, sourced_id, from_number, until_number, status, content, email_domain,
                  case when kind = 'enrollments' and status = 'tobedeleted'
                      then coalesce(ended_on, roster.last_day_of_removed(tenant_id, sourced_id, from_number))
                  end as ended_on
           from roster.object_version
           where tenant_id = $1
             and (from_number > $2 and from_number <= $3 or until_number > $2 and until_number <= $3)
           order by kind, sourced_id"#,
        tenant_id,
        after,
        up_to
    )
    .fetch(connection)
    .map(version)
}

/// Reads the objects of the newest generation without their content, tombstones included, sorted by kind and id.
pub async fn current(connection: &mut PgConnection, tenant_id: &str) -> Result<Vec<CurrentObject>, Error> {
    let mut rows = sqlx::query!(
        "select v.kind, v.sourced_id, v.status, v.content_hash, g.published_at
         from roster.object_version v
         join roster.generation g on g.tenant_id = v.tenant_id and g.number = v.from_number
         where v.tenant_id = $1 and v.until_number is null",
        tenant_id
    )
    .fetch(connection);
    let mut current = Vec::new();
    while let Some(row) = rows.try_next().await? {
        let (kind, status) = kind_and_status(&row.kind, &row.sourced_id, &row.status)?;
        let hash = content_hash(&row.kind, &row.sourced_id, &row.content_hash)?;
        current.push(CurrentObject {
            kind,
            sourced_id: row.sourced_id,
            status,
            hash,
            modified: row.published_at,
        });
    }
    current.sort_unstable_by(|a, b| (a.kind, &a.sourced_id).cmp(&(b.kind, &b.sourced_id)));
    Ok(current)
}

fn content_hash(collection: &str, sourced_id: &str, stored: &[u8]) -> Result<ContentHash, Error> {
    stored
        .try_into()
        .map_err(|_| inconsistent(collection, sourced_id, "a hash of another length"))
}

/// Reads these objects as the newest generation holds them, in no order.
pub async fn current_of(
    connection: &mut PgConnection,
    tenant_id: &str,
    keys: &ObjectKeys,
) -> Result<Vec<Version>, Error> {
    sqlx::query_as!(
        VersionRow,
        "select v.kind, v.sourced_id, v.from_number, v.until_number, v.status, v.content
         from roster.object_version v
         join unnest($2::text[], $3::text[]) as asked (kind, sourced_id) using (kind, sourced_id)
         where v.tenant_id = $1 and v.until_number is null",
        tenant_id,
        keys.collections(),
        keys.ids()
    )
    .fetch(connection)
    .map(version)
    .try_collect()
    .await
}

/// Reads the objects of a kind that the newest generation holds as tombstones, in no order.
pub async fn removed(
    connection: &mut PgConnection,
    tenant_id: &str,
    kind: Kind,
) -> Result<Vec<Version>, Error> {
    sqlx::query_as!(
        VersionRow,
        "select kind, sourced_id, from_number, until_number, status, content
         from roster.object_version
         where tenant_id = $1 and kind = $2 and until_number is null and status = 'tobedeleted'",
        tenant_id,
        kind.collection()
    )
    .fetch(connection)
    .map(version)
    .try_collect()
    .await
}

/// Reads every version that is kept of the objects of a kind, in no order.
pub async fn of_kind(
    connection: &mut PgConnection,
    tenant_id: &str,
    kind: Kind,
) -> Result<Vec<Version>, Error> {
    sqlx::query_as!(
        VersionRow,
        "select sourced_id, kind, from_number, until_number, status, content
         from roster.object_version where tenant_id = $1 and kind = $2",
        tenant_id,
        kind.collection()
    )
    .fetch(connection)
    .map(version)
    .try_collect()
    .await
}

/// Reads every version of these objects with its causes, by collection name, id and generation.
pub async fn of_objects(
    connection: &mut PgConnection,
    tenant_id: &str,
    keys: &ObjectKeys,
) -> Result<Vec<Version>, Error> {
    sqlx::query_as!(
        VersionRowWithCauses,
        r#"select v.kind, v.sourced_id, v.from_number, v.until_number, v.status, v.content,
                  v.causes as "causes: Json<Vec<serde_json::Value>>"
           from roster.object_version v
           join unnest($2::text[], $3::text[]) as asked (kind, sourced_id) using (kind, sourced_id)
           where v.tenant_id = $1
           order by v.kind, v.sourced_id, v.from_number"#,
        tenant_id,
        keys.collections(),
        keys.ids()
    )
    .fetch(connection)
    .map(version)
    .try_collect()
    .await
}

/// Reads every version of the enrollments of these users with its causes, by id and generation.
pub async fn of_enrollments(
    connection: &mut PgConnection,
    tenant_id: &str,
    users: &[String],
) -> Result<Vec<Version>, Error> {
    // The id of an enrollment is the user's, a hyphen, and the class's number; a full stop is what follows a hyphen.
    sqlx::query_as!(
        VersionRowWithCauses,
        r#"select v.sourced_id, v.kind, v.from_number, v.until_number, v.status, v.content,
                  v.causes as "causes: Json<Vec<serde_json::Value>>"
           from unnest($2::text[]) as asked (user_id)
           join roster.object_version v
             on v.tenant_id = $1 and v.kind = 'enrollments'
            and v.sourced_id > asked.user_id || '-' and v.sourced_id < asked.user_id || '.'
           order by v.sourced_id, v.from_number"#,
        tenant_id,
        users
    )
    .fetch(connection)
    .map(version)
    .try_collect()
    .await
}

/// Reads every version of the enrollments in a class with its causes, by id and generation.
///
/// Nothing but their content names the class: this reads through all enrollments of the tenant.
pub async fn of_class(
    connection: &mut PgConnection,
    tenant_id: &str,
    class: &str,
) -> Result<Vec<Version>, Error> {
    sqlx::query_as!(
        VersionRowWithCauses,
        r#"select sourced_id, kind, from_number, until_number, status, content,
                  causes as "causes: Json<Vec<serde_json::Value>>"
           from roster.object_version
           where tenant_id = $1 and kind = 'enrollments'
             and strpos(content, $2) > 0 and content::json -> 'class' ->> 'sourcedId' = $2
           order by sourced_id, from_number"#,
        tenant_id,
        class
    )
    .fetch(connection)
    .map(version)
    .try_collect()
    .await
}

/// Reads what began or ended after one generation and up to another, without content, each with the hash of its content;
/// by collection name, id and generation.
pub async fn changed_hashes(
    connection: &mut PgConnection,
    tenant_id: &str,
    after: i64,
    up_to: i64,
) -> Result<Vec<(Version, ContentHash)>, Error> {
    let rows = sqlx::query!(
        "select sourced_id, kind, from_number, until_number, status, content_hash
         from roster.object_version
         where tenant_id = $1
           and (from_number > $2 and from_number <= $3 or until_number > $2 and until_number <= $3)
         order by kind, sourced_id, from_number",
        tenant_id,
        after,
        up_to
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let hash = content_hash(&row.kind, &row.sourced_id, &row.content_hash)?;
            let row = VersionRow {
                kind: row.kind,
                sourced_id: row.sourced_id,
                from_number: row.from_number,
                until_number: row.until_number,
                status: row.status,
                content: String::new(),
            };
            Ok((row.try_into()?, hash))
        })
        .collect()
}

/// Reads the last version of each of these objects, be it one that no generation holds any more.
pub async fn last_of(
    connection: &mut PgConnection,
    tenant_id: &str,
    keys: &ObjectKeys,
) -> Result<Vec<Version>, Error> {
    sqlx::query_as!(
        VersionRow,
        "select distinct on (v.kind, v.sourced_id)
                v.kind, v.sourced_id, v.from_number, v.until_number, v.status, v.content
         from roster.object_version v
         join unnest($2::text[], $3::text[]) as asked (kind, sourced_id) using (kind, sourced_id)
         where v.tenant_id = $1
         order by v.kind, v.sourced_id, v.from_number desc",
        tenant_id,
        keys.collections(),
        keys.ids()
    )
    .fetch(connection)
    .map(version)
    .try_collect()
    .await
}
