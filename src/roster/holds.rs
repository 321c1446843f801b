//! `roster.hold`: the held publication of each tenant, at most one. What it would publish is kept as a fingerprint only.

use chrono::{DateTime, Utc};
use oneroster_standard::RoleType;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use super::Summary;

/// A test of the brake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// (a) Active users would be removed. A user who leaves an org for another counts as removed from the one they leave.
    UsersRemoved,
    /// (b) Active classes would be removed; likewise.
    ClassesRemoved,
    /// (c) There would be fewer memberships (pairs of user and class), new ones made up against lost ones.
    FewerMemberships,
    /// (d) Users that stay would get another username.
    UsernamesChanged,
    /// (e) Users that stay would lose a given or a family name: it would be sent as `-`.
    NamesLost,
}

impl Test {
    /// Returns its word in reports, logs and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UsersRemoved => "users_removed",
            Self::ClassesRemoved => "classes_removed",
            Self::FewerMemberships => "fewer_memberships",
            Self::UsernamesChanged => "usernames_changed",
            Self::NamesLost => "names_lost",
        }
    }
}

/// A test that a publication fails.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reason {
    /// The test.
    pub test: Test,
    /// The org it fails in; `None` = the whole tenant.
    pub org: Option<String>,
    /// The role it fails for alone; `None` = both together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// How many there are.
    pub before: usize,
    /// How many of them would be left; of (c): how many there would be; of (d) and (e): how many would keep their username,
    /// or their names.
    pub after: usize,
}

impl Reason {
    /// Returns the share that would be lost or changed, in per cent, rounded up.
    pub fn percent(&self) -> usize {
        let lost = self.before.saturating_sub(self.after).saturating_mul(100);
        lost.checked_div(self.before).unwrap_or_default()
            + usize::from(lost.checked_rem(self.before).unwrap_or_default() > 0)
    }
}

/// Pupil or staff: they are in different files of an export, so that one can be cut off alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// People who are registered.
    Pupils,
    /// All others.
    Staff,
}

impl Role {
    /// Returns its word in reports and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pupils => "pupils",
            Self::Staff => "staff",
        }
    }
}

impl From<RoleType> for Role {
    fn from(role: RoleType) -> Self {
        if role == RoleType::Student {
            Self::Pupils
        } else {
            Self::Staff
        }
    }
}

/// A publication that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// What it would do in hexadecimal; also what people call it by.
    pub fingerprint: String,
    /// Which tests it fails.
    pub reasons: Vec<Reason>,
    /// How many objects it would touch.
    pub summary: Summary,
    /// Since when publications have been held without a break.
    pub held_at: DateTime<Utc>,
    /// When it was last computed with this outcome; not before `held_at`, though the database's clock be set back.
    pub seen_at: DateTime<Utc>,
    /// Whether it was discarded: it stays held, and is not announced.
    pub is_discarded: bool,
}

impl Hold {
    /// Returns `true` if its fingerprint begins so; `None` matches any.
    pub fn matches(&self, beginning: Option<&str>) -> bool {
        beginning.is_none_or(|beginning| self.fingerprint.starts_with(beginning))
    }

    /// Returns what is recorded of it with a decision about it.
    pub fn detail(&self) -> serde_json::Value {
        json!({ "hold": self.fingerprint, "held_at": self.held_at, "reasons": self.reasons })
    }
}

/// A publication to be held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHold {
    /// What it would do, in hexadecimal.
    pub fingerprint: String,
    /// Which tests it fails.
    pub reasons: Vec<Reason>,
    /// How many objects it would touch.
    pub summary: Summary,
}

/// Returns the held publication of a tenant.
pub async fn find(connection: &mut PgConnection, tenant_id: &str) -> Result<Option<Hold>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select fingerprint, reasons as "reasons: Json<Vec<Reason>>", summary as "summary: Json<Summary>",
                  held_at, seen_at, discarded_at is not null as "is_discarded!"
           from roster.hold where tenant_id = $1"#,
        tenant_id
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Hold {
        fingerprint: row.fingerprint,
        reasons: row.reasons.0,
        summary: row.summary.0,
        held_at: row.held_at,
        seen_at: row.seen_at,
        is_discarded: row.is_discarded,
    }))
}

/// Holds a publication, in the caller's transaction. `continues` keeps since when, and that it was discarded.
pub async fn put(
    connection: &mut PgConnection,
    tenant_id: &str,
    new: NewHold,
    continues: bool,
) -> Result<Hold, sqlx::Error> {
    let NewHold {
        fingerprint,
        reasons,
        summary,
    } = new;
    let row = sqlx::query!(
        r#"insert into roster.hold as h (tenant_id, fingerprint, reasons, summary, held_at, seen_at)
           values ($1, $2, $3, $4, clock_timestamp(), clock_timestamp())
           on conflict (tenant_id) do update set
               fingerprint = excluded.fingerprint,
               reasons = excluded.reasons,
               summary = excluded.summary,
               held_at = case when $5 then h.held_at else excluded.held_at end,
               seen_at = greatest(excluded.seen_at, case when $5 then h.held_at end),
               discarded_at = case when $5 then h.discarded_at end,
               discarded_by = case when $5 then h.discarded_by end
           returning held_at, seen_at, discarded_at is not null as "is_discarded!""#,
        tenant_id,
        fingerprint,
        Json(&reasons) as _,
        Json(&summary) as _,
        continues
    )
    .fetch_one(connection)
    .await?;
    Ok(Hold {
        fingerprint,
        reasons,
        summary,
        held_at: row.held_at,
        seen_at: row.seen_at,
        is_discarded: row.is_discarded,
    })
}

/// Deletes the held publication of a tenant, if there is one, in the transaction of a publication that passes.
pub async fn lift(connection: &mut PgConnection, tenant_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from roster.hold where tenant_id = $1", tenant_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Marks the held publication of a tenant as discarded, in the caller's transaction.
pub async fn discard(connection: &mut PgConnection, tenant_id: &str, by: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update roster.hold set discarded_at = clock_timestamp(), discarded_by = $2 where tenant_id = $1",
        tenant_id,
        by
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A tenant whose publications are held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldTenant {
    /// The tenant.
    pub tenant_id: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Returns every tenant with a held publication that was not discarded, by id.
pub async fn tenants(pool: &PgPool) -> Result<Vec<HeldTenant>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select tenant_id, held_at, reasons as "reasons: Json<Vec<Reason>>" from roster.hold
           where discarded_at is null order by tenant_id"#
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| HeldTenant {
            tenant_id: row.tenant_id,
            since: row.held_at,
            reasons: row.reasons.0,
        })
        .collect())
}
