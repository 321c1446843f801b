//! `roster.evaluation`: the inputs of each tenant's last publication, whether it made a generation or not.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, PgPool};

/// The versions of the inputs of a publication. None of them ever decreases from one generation to the next (I1), but the
/// day of a redated one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputVersions {
    /// Committed changes of the mirror.
    pub mirror: i64,
    /// Committed changes of the configuration.
    pub configuration: i64,
    /// Committed changes of the username records.
    pub usernames: i64,
    /// The day in Brussels by the database's clock; the reference date follows from it.
    pub today: NaiveDate,
    /// Version of the projection's code.
    pub projection: i32,
}

impl InputVersions {
    /// Returns `true` if one of these lies before the other's.
    pub fn goes_back_from(&self, before: &Self) -> bool {
        self.mirror < before.mirror
            || self.configuration < before.configuration
            || self.usernames < before.usernames
            || self.today < before.today
            || self.projection < before.projection
    }

    /// Keeps the day of the last publication when the day lies before it: a database whose clock was set back over
    /// midnight must not take the roster back a day.
    #[must_use]
    pub fn on_no_earlier_day(self, last: Option<&Self>) -> Self {
        Self {
            today: last.map_or(self.today, |last| last.today.max(self.today)),
            ..self
        }
    }
}

/// Returns the inputs of the last publication of a tenant; `None` before the first.
pub async fn last(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Option<InputVersions>, sqlx::Error> {
    sqlx::query_as!(
        InputVersions,
        "select mirror_version as mirror, configuration_version as configuration,
                usernames_version as usernames, today, projection_version as projection
         from roster.evaluation where tenant_id = $1",
        tenant_id
    )
    .fetch_optional(connection)
    .await
}

/// What a publication came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// It is held: every new day it is judged again.
    Held,
    /// It made a generation, or nothing had changed.
    Passed {
        /// The first day on which the same inputs can give another roster; `None` if there is none.
        next_change: Option<NaiveDate>,
    },
}

/// Records the inputs of a publication, in its transaction.
pub async fn record(
    connection: &mut PgConnection,
    tenant_id: &str,
    versions: &InputVersions,
    judged: Judged,
) -> Result<(), sqlx::Error> {
    let (has_passed, next_change) = match judged {
        Judged::Held => (false, None),
        Judged::Passed { next_change } => (true, next_change),
    };
    sqlx::query!(
        "insert into roster.evaluation as e (
             tenant_id, mirror_version, configuration_version, usernames_version, today, projection_version,
             passed_mirror_version, next_change
         ) values ($1, $2::bigint, $3, $4, $5, $6, case when $7 then $2::bigint end,
                   case when $7 then coalesce($8::date, 'infinity') end)
         on conflict (tenant_id) do update set
             mirror_version = excluded.mirror_version,
             configuration_version = excluded.configuration_version,
             usernames_version = excluded.usernames_version,
             today = excluded.today,
             projection_version = excluded.projection_version,
             passed_mirror_version = coalesce(excluded.passed_mirror_version, e.passed_mirror_version),
             next_change = excluded.next_change,
             evaluated_at = clock_timestamp()",
        tenant_id,
        versions.mirror,
        versions.configuration,
        versions.usernames,
        versions.today,
        versions.projection,
        has_passed,
        next_change
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the version of the mirror in the last publication that was not held; 0 before the first.
pub async fn passed_mirror_version(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<i64, sqlx::Error> {
    let version = sqlx::query_scalar!(
        "select passed_mirror_version from roster.evaluation where tenant_id = $1",
        tenant_id
    )
    .fetch_optional(connection)
    .await?;
    Ok(version.flatten().unwrap_or_default())
}

/// Returns the tenants that have data and whose inputs lie past those of their last publication: those with changed data
/// before those with a new day alone, which counts once their roster can differ. One that a newer version of the projection has published is left to it.
pub async fn due(pool: &PgPool, projection: i32) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select t.tenant_id
           from tenant.tenant t
           cross join lateral (
               select coalesce(max(version) filter (where input = 'mirror'), 0) as mirror,
                      coalesce(max(version) filter (where input = 'configuration'), 0) as configuration,
                      coalesce(max(version) filter (where input = 'usernames'), 0) as usernames
               from tenant.input_version i where i.tenant_id = t.tenant_id
           ) v
           left join roster.evaluation e on e.tenant_id = t.tenant_id
           where v.mirror > 0
             and (e.tenant_id is null or (
                 e.projection_version <= $1 and (
                     v.mirror <> e.mirror_version
                     or v.configuration <> e.configuration_version
                     or v.usernames <> e.usernames_version
                     or (clock_timestamp() at time zone 'Europe/Brussels')::date
                         >= greatest(e.today + 1, e.next_change)
                     or e.projection_version < $1
                 )
             ))
           order by (v.mirror, v.configuration, v.usernames)
                    is not distinct from (e.mirror_version, e.configuration_version, e.usernames_version),
                    t.tenant_id"#,
        projection
    )
    .fetch_all(pool)
    .await
}

/// What is to come of a tenant's publications.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outlook {
    /// Since when inputs wait that no publication has judged; `None` if none do.
    pub waiting_since: Option<DateTime<Utc>>,
    /// The first day on which the same inputs can give another roster; `None` if there is none, or while it is not known.
    pub next_change: Option<NaiveDate>,
    /// The database's clock.
    pub now: DateTime<Utc>,
}

/// Returns what is to come of a tenant's publications.
pub async fn outlook(connection: &mut PgConnection, tenant_id: &str) -> Result<Outlook, sqlx::Error> {
    sqlx::query_as!(
        Outlook,
        r#"select clock_timestamp() as "now!",
                  (select min(i.changed_at) from tenant.input_version i
                   where i.tenant_id = $1 and i.version > case i.input
                       when 'mirror' then coalesce(e.mirror_version, 0)
                       when 'configuration' then coalesce(e.configuration_version, 0)
                       else coalesce(e.usernames_version, 0) end
                   and exists (select from tenant.input_version m
                               where m.tenant_id = $1 and m.input = 'mirror' and m.version > 0)) as waiting_since,
                  nullif(e.next_change, 'infinity') as next_change
           from (select $1::text as tenant_id) asked
           left join roster.evaluation e on e.tenant_id = $1"#,
        tenant_id
    )
    .fetch_one(connection)
    .await
}

/// Returns the tenants that have published or tried to.
pub async fn tenants(pool: &PgPool) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!("select tenant_id from roster.evaluation order by tenant_id")
        .fetch_all(pool)
        .await
}
