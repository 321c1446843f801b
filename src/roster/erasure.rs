//! What was ever published of a person who is erased.

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
}

/// Finds what is kept of a user.
pub async fn find_user(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
) -> Result<PublishedUser, sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(*) as "versions!", coalesce(bool_or(until_number is null), false) as "is_current!",
                  coalesce(bool_or(until_number is null and status = 'active'), false) as "is_active!"
           from roster.object_version where tenant_id = $1 and kind = 'users' and sourced_id = $2"#,
        tenant_id,
        person.to_string()
    )
    .fetch_one(connection)
    .await?;
    Ok(PublishedUser {
        versions: row.versions.unsigned_abs(),
        is_current: row.is_current,
        is_active: row.is_active,
    })
}

/// Blanks what was ever published of a user; id, role and orgs stay. Generations that are in memory somewhere are not changed by it.
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
