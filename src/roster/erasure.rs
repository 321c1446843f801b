//! What was ever published of a person who is erased.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// What there is of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishedUser {
    /// Versions that are kept.
    pub versions: u64,
    /// Whether one of them is current: as a tombstone, if it is not active.
    pub is_current: bool,
    /// Whether the newest generation has them as active.
    pub is_active: bool,
    /// Until when tokens may read a generation that has them as active, if not past: a generation is dated later than the end of every
    /// token that was handed out before it.
    pub read_until: Option<DateTime<Utc>>,
}

/// Finds what is kept of a user.
pub async fn find_user(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
) -> Result<PublishedUser, sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(*) as "versions!", coalesce(bool_or(v.until_number is null), false) as "is_current!",
                  coalesce(bool_or(v.until_number is null and v.status = 'active'), false) as "is_active!",
                  max(g.published_at) filter (where v.status = 'active' and g.published_at > clock_timestamp()) as read_until
           from roster.object_version v
           left join roster.generation g on g.tenant_id = v.tenant_id and g.number = v.until_number
           where v.tenant_id = $1 and v.kind = 'users' and v.sourced_id = $2"#,
        tenant_id,
        person.to_string()
    )
    .fetch_one(connection)
    .await?;
    Ok(PublishedUser {
        versions: row.versions.unsigned_abs(),
        is_current: row.is_current,
        is_active: row.is_active,
        read_until: row.read_until,
    })
}

/// What there is of a user under one username.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishedName {
    /// Versions that have it.
    pub versions: u64,
    /// Whether the newest generation has them under it, as active.
    pub is_active: bool,
    /// Until when tokens may read a generation that has it, if not past.
    pub read_until: Option<DateTime<Utc>>,
}

/// Finds what is kept of a user under a username; `name` is a local part in lower case.
pub async fn find_name(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
    name: &str,
) -> Result<PublishedName, sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(*) as "versions!",
                  coalesce(bool_or(v.until_number is null and v.status = 'active'), false) as "is_active!",
                  max(g.published_at) filter (where v.status = 'active' and g.published_at > clock_timestamp()) as read_until
           from roster.object_version v
           left join roster.generation g on g.tenant_id = v.tenant_id and g.number = v.until_number
           where v.tenant_id = $1 and v.kind = 'users' and v.sourced_id = $2
             and audit.is_name(v.content::json ->> 'username', $3)"#,
        tenant_id,
        person.to_string(),
        name
    )
    .fetch_one(connection)
    .await?;
    Ok(PublishedName {
        versions: row.versions.unsigned_abs(),
        is_active: row.is_active,
        read_until: row.read_until,
    })
}

/// Returns the usernames that a user was ever published under, local parts in lower case.
pub async fn usernames_of(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distinct lower(split_part(content::json ->> 'username', '@', 1)) as "name!"
           from roster.object_version
           where tenant_id = $1 and kind = 'users' and sourced_id = $2 and content <> ''
             and content::json ->> 'username' is not null"#,
        tenant_id,
        person.to_string()
    )
    .fetch_all(connection)
    .await
}

/// Puts another username in the place of one in what was ever published of a user: whoever still reads an old generation renames nobody.
/// Generations that are in memory somewhere are not changed by it.
pub async fn forget_name(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
    (name, instead): (&str, &str),
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"select roster.forget_name($1, $2, $3, $4) as "forgotten!: ()""#,
        tenant_id,
        person,
        name,
        instead
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// Blanks what was ever published of a user, and makes tombstones of it: a consumer that read somebody as active under a blank name would
/// rename their account. Id, role and orgs stay. Generations that are in memory somewhere are not changed by it.
pub async fn erase_user(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"select roster.erase_user($1, $2) as "erased!: ()""#,
        tenant_id,
        person
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}
