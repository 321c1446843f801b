//! `roster.head`: the newest generation of each tenant, and how long tickets live.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// The head row of a tenant, with the database's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of the newest generation; 0 before the first.
    pub number: i64,
    /// Its id; `None` before the first.
    pub generation_id: Option<Uuid>,
    /// Its date.
    pub published_at: Option<DateTime<Utc>>,
    /// No ticket issued so far expires later than this.
    pub tickets_until: Option<DateTime<Utc>>,
    /// Nor does one that was issued and is lost with the last commits, unless audit files show that.
    pub tickets_signed: Option<DateTime<Utc>>,
    /// Whether the next publication gives everything a new date: generations were lost.
    pub redates: bool,
    /// The database's clock, read together with the row.
    pub now: DateTime<Utc>,
}

/// Makes the head row of a new tenant, in the transaction that makes the tenant.
pub async fn create(connection: &mut PgConnection, tenant_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("insert into roster.head (tenant_id) values ($1)", tenant_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Returns the head row of a tenant; `None` for an unknown tenant.
pub async fn find(connection: &mut PgConnection, tenant_id: &str) -> Result<Option<Head>, sqlx::Error> {
    sqlx::query_as!(
        Head,
        r#"select number, generation_id, published_at, tickets_until, tickets_signed, redates, clock_timestamp() as "now!"
           from roster.head where tenant_id = $1"#,
        tenant_id
    )
    .fetch_optional(connection)
    .await
}

/// Returns the head row of a tenant. An unknown tenant is [`sqlx::Error::RowNotFound`].
pub async fn get(connection: &mut PgConnection, tenant_id: &str) -> Result<Head, sqlx::Error> {
    find(connection, tenant_id).await?.ok_or(sqlx::Error::RowNotFound)
}

/// Locks the head row of a tenant until the transaction ends, and returns it: no ticket is issued meanwhile.
///
/// The clock is read once the row is locked: what comes out of the inner query has waited for it.
pub async fn lock(connection: &mut PgConnection, tenant_id: &str) -> Result<Head, sqlx::Error> {
    sqlx::query_as!(
        Head,
        r#"with head as materialized (
               select number, generation_id, published_at, tickets_until, tickets_signed, redates
               from roster.head where tenant_id = $1 for update
           )
           select number, generation_id, published_at, tickets_until, tickets_signed, redates, clock_timestamp() as "now!" from head"#,
        tenant_id
    )
    .fetch_one(connection)
    .await
}

/// What a lost database had promised to consumers, as far as files say it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LostPromises {
    /// No lost generation is dated later, and no lost ticket ends later.
    pub until: Option<DateTime<Utc>>,
    /// Whether generations were lost: consumers may hold what they said.
    pub generations: bool,
}

/// Makes what is published from now on follow what was lost: dated later than all of it, and with every object redated by the
/// next publication if generations were lost. Usernames count as served.
pub async fn follow_lost(
    connection: &mut PgConnection,
    tenant_id: &str,
    lost: LostPromises,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into roster.head as head (tenant_id, tickets_until, tickets_signed, redates, recovered_at)
         values ($1, $2, $2, $3, clock_timestamp())
         on conflict (tenant_id) do update set
             tickets_until = greatest(head.tickets_until, excluded.tickets_until),
             tickets_signed = greatest(head.tickets_signed, excluded.tickets_signed),
             redates = head.redates or excluded.redates,
             recovered_at = excluded.recovered_at",
        tenant_id,
        lost.until,
        lost.generations
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Has no token issued until the next publication: the newest generation has somebody as a tombstone whose memberships it has as active.
/// That publication makes a generation, with everything redated: what consumers were told since is lost.
pub async fn await_publication(connection: &mut PgConnection, tenant_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update roster.head set awaits_publication = true, redates = true where tenant_id = $1",
        tenant_id
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Has tokens issued again, after a publication that found nothing to change. One that makes a generation does so by itself.
pub async fn has_published(connection: &mut PgConnection, tenant_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update roster.head set awaits_publication = false where tenant_id = $1 and awaits_publication",
        tenant_id
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Everything has its new date: later publications date what changed only.
pub async fn has_redated(connection: &mut PgConnection, tenant_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update roster.head set redates = false where tenant_id = $1 and redates",
        tenant_id
    )
    .execute(connection)
    .await?;
    Ok(())
}
