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
