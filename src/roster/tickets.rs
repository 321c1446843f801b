//! Tickets: each token is bound to the generation that was the newest when it was issued.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// A new ticket, from the one statement that issues it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketRow {
    /// The generation it is for; `None` while nothing is published: then it binds no publication.
    pub generation_id: Option<Uuid>,
    /// The number of that generation; 0 while nothing is published.
    pub number: i64,
    /// When it was issued, in seconds since 1970.
    pub issued_at_s: i64,
    /// When it expires, in seconds since 1970.
    pub expires_at_s: i64,
    /// How long that is from now.
    pub expires_in_s: i64,
    /// No ticket issued so far ends later: what is signed for before this one is handed out. `None` as long as none binds.
    pub signed_until: Option<DateTime<Utc>>,
    /// Whether none is to be handed out before the next publication ([`super::head::await_publication`]).
    pub awaits_publication: bool,
}

/// Raises the tenant's `tickets_until` and reads its newest generation, in one statement.
///
/// A publication locks the same row last, dates its generation by `tickets_until` and updates it. The second of the two
/// sees what the first wrote: RETURNING gives the row as it is after waiting for the lock. So no ticket expires after the
/// date of a generation it cannot see. The end is a whole second, never past `tickets_until`. What is signed for is raised in
/// steps of a minute, so that few tickets wait for a disk; generations are dated past it, since tickets that it covers may be lost
/// with the last commits and nobody see it.
pub async fn issue(
    connection: &mut PgConnection,
    tenant_id: &str,
    lifetime_s: u32,
) -> Result<TicketRow, sqlx::Error> {
    sqlx::query_as!(
        TicketRow,
        r#"with ticket as (
             insert into roster.head as head (tenant_id) values ($1)
             on conflict (tenant_id) do update
                set tickets_until = case when head.generation_id is null then head.tickets_until
                    else greatest(head.tickets_until, clock_timestamp() + make_interval(secs => $2) + interval '1 second') end,
                    tickets_signed = case
                        when head.generation_id is null
                             or head.tickets_signed >= greatest(head.tickets_until,
                                    clock_timestamp() + make_interval(secs => $2) + interval '2 seconds')
                        then head.tickets_signed
                        else greatest(head.tickets_until, clock_timestamp() + make_interval(secs => $2)) + interval '1 minute' end
             returning generation_id, number, tickets_signed, awaits_publication, clock_timestamp() as issued_at,
                       date_trunc('second', case when generation_id is null
                           then clock_timestamp() + make_interval(secs => $2)
                           else least(tickets_until, clock_timestamp() + make_interval(secs => $2)) end) as expires_at)
           select generation_id, number as "number!",
                  floor(extract(epoch from issued_at))::bigint as "issued_at_s!",
                  extract(epoch from expires_at)::bigint as "expires_at_s!",
                  greatest(0, floor(extract(epoch from expires_at - clock_timestamp())))::bigint as "expires_in_s!",
                  case when generation_id is not null then tickets_signed end as signed_until,
                  awaits_publication as "awaits_publication!"
             from ticket"#,
        tenant_id,
        f64::from(lifetime_s),
    )
    .fetch_one(connection)
    .await
}

/// What a tenant's head row says of tickets and of the generation they are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promised {
    /// The tenant.
    pub tenant_id: String,
    /// The number of the newest generation; 0 before the first.
    pub number: i64,
    /// Its id.
    pub generation_id: Option<Uuid>,
    /// No ticket issued so far ends later.
    pub tickets_signed: Option<DateTime<Utc>>,
}

/// Reads what the head rows of all tenants say of tickets, outside a scope.
pub async fn promised(connection: &mut PgConnection) -> Result<Vec<Promised>, sqlx::Error> {
    sqlx::query_as!(
        Promised,
        "select tenant_id, number, generation_id, tickets_signed from roster.head"
    )
    .fetch_all(connection)
    .await
}

/// Returns `true` if a generation that a ticket was issued to is another one or none today. Old ones may be deleted since.
pub async fn is_lost(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
    generation_id: Uuid,
) -> Result<bool, sqlx::Error> {
    let lost = sqlx::query_scalar!(
        r#"select h.number < $2 or coalesce(g.generation_id <> $3, false) as "lost!"
           from roster.head h
           left join roster.generation g on g.tenant_id = h.tenant_id and g.number = $2
           where h.tenant_id = $1"#,
        tenant_id,
        number,
        generation_id
    )
    .fetch_optional(connection)
    .await?;
    Ok(lost.unwrap_or(true))
}

/// Returns the moment that no ticket of a tenant ends after, if any was issued.
pub async fn signed(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let signed = sqlx::query_scalar!(
        "select tickets_signed from roster.head where tenant_id = $1",
        tenant_id
    )
    .fetch_optional(connection)
    .await?;
    Ok(signed.flatten())
}
