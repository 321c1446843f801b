//! Which usernames were served: a username is final once it stands in a visible generation, read or not.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, retention};

/// What is known of the usernames that a tenant's generations hold or held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Served {
    /// Local parts in lower case.
    names: HashSet<String>,
    /// Ids of users, in lower case.
    users: HashSet<String>,
    /// What was served before this moment may have been deleted since; `None` if everything is kept.
    unknown_until: Option<DateTime<Utc>>,
}

impl Served {
    /// Returns `true` if a username was served, to whomever, or if it cannot be shown that it never was.
    ///
    /// `local_part` is in lower case; `held_since` is when somebody had the name first.
    pub fn has_username(&self, local_part: &str, held_since: DateTime<Utc>) -> bool {
        self.names.contains(local_part) || self.is_unknown(held_since)
    }

    /// Returns `true` if a user was served, under whatever name, or if it cannot be shown that they never were.
    /// `known_since` is when they got a username first.
    pub fn has_user(&self, rowguid: Uuid, known_since: DateTime<Utc>) -> bool {
        self.users.contains(&rowguid.to_string()) || self.is_unknown(known_since)
    }

    fn is_unknown(&self, since: DateTime<Utc>) -> bool {
        self.unknown_until.is_some_and(|until| since <= until)
    }
}

/// Reads what the visible generations of a tenant say, tombstones included.
///
/// A publication under way may make more visible at any moment: take `db::locks::publication_until_the_end` before where
/// that matters.
pub async fn read(connection: &mut PgConnection, tenant_id: &str) -> Result<Served, Error> {
    let rows = sqlx::query!(
        r#"select distinct sourced_id, lower(split_part(content::json ->> 'username', '@', 1)) as name
           from roster.object_version where tenant_id = $1 and kind = 'users'"#,
        tenant_id
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut served = Served {
        unknown_until: unknown_until(connection, tenant_id).await?,
        ..Served::default()
    };
    for row in rows {
        served.users.insert(row.sourced_id.to_lowercase());
        served.names.extend(row.name);
    }
    Ok(served)
}

/// From when to when a user stood in the generations of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    /// The user.
    pub rowguid: Uuid,
    /// The first generation.
    pub from_number: i64,
    /// The first generation no more; `None` while they stand there.
    pub until_number: Option<i64>,
}

impl Presence {
    /// Returns `true` if a generation holds the user.
    pub fn contains(&self, number: i64) -> bool {
        self.from_number <= number && self.until_number.is_none_or(|until| number < until)
    }
}

/// Reads when the users of a tenant stood in its generations as active, by user and generation, as far as they are kept.
pub async fn presence(connection: &mut PgConnection, tenant_id: &str) -> Result<Vec<Presence>, sqlx::Error> {
    let rows = sqlx::query!(
        "select sourced_id, from_number, until_number from roster.object_version
         where tenant_id = $1 and kind = 'users' and status = 'active' order by sourced_id, from_number",
        tenant_id
    )
    .fetch_all(connection)
    .await?;
    let presence = rows.into_iter().filter_map(|row| {
        Some(Presence {
            rowguid: row.sourced_id.parse().ok()?,
            from_number: row.from_number,
            until_number: row.until_number,
        })
    });
    Ok(presence.collect())
}

/// Returns `true` if a user was served, under whatever name, or if it cannot be shown that they never were. `known_since` is
/// when they got a username first.
pub async fn has_user(
    connection: &mut PgConnection,
    tenant_id: &str,
    rowguid: Uuid,
    known_since: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let is_served = sqlx::query_scalar!(
        r#"select exists (select from roster.object_version
                          where tenant_id = $1 and kind = 'users' and sourced_id = $2) as "is_served!""#,
        tenant_id,
        rowguid.hyphenated().to_string()
    )
    .fetch_one(&mut *connection)
    .await?;
    let unknown_until = unknown_until(connection, tenant_id).await?;
    Ok(is_served || unknown_until.is_some_and(|until| known_since <= until))
}

/// Returns since when every version is known, if not since ever: older ones may be deleted, or were lost with a database.
pub async fn unknown_until(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let recovered_at = sqlx::query_scalar!(
        "select recovered_at from roster.head where tenant_id = $1",
        tenant_id
    )
    .fetch_optional(&mut *connection)
    .await?;
    Ok(kept_from(connection, tenant_id)
        .await?
        .max(recovered_at.flatten()))
}

/// Returns since when every version is kept, if not since ever.
async fn kept_from(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let whole_from = retention::whole_from(connection, tenant_id).await?;
    if whole_from <= 1 {
        return Ok(None);
    }
    let committed_at = sqlx::query_scalar!(
        "select committed_at from roster.generation where tenant_id = $1 and number = $2",
        tenant_id,
        whole_from
    )
    .fetch_optional(connection)
    .await?;
    // Without that generation nothing can be shown of anybody.
    Ok(Some(committed_at.unwrap_or(DateTime::<Utc>::MAX_UTC)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_been_deleted_counts_as_served() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let person = Uuid::from_u128(0xAB);
        let kept = Served {
            names: HashSet::from(["jan".to_owned()]),
            users: HashSet::from([person.to_string()]),
            unknown_until: None,
        };
        assert!(kept.has_username("jan", at(0)) && kept.has_user(person, at(0)));
        assert!(!kept.has_username("an", at(0)) && !kept.has_user(Uuid::nil(), at(0)));
        let purged = Served {
            unknown_until: Some(at(10)),
            ..kept
        };
        for (since, expected) in [(9, true), (10, true), (11, false)] {
            assert_eq!(purged.has_username("an", at(since)), expected, "{since}");
            assert_eq!(purged.has_user(Uuid::nil(), at(since)), expected, "{since}");
        }
    }
}
