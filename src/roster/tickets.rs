//! Tickets: each token is bound to the generation that was the newest when it was issued.

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
}

/// Raises the tenant's `tickets_until` and reads its newest generation, in one statement.
///
/// A publication locks the same row last, dates its generation by `tickets_until` and updates it. The second of the two
/// sees what the first wrote: RETURNING gives the row as it is after waiting for the lock. So no ticket expires after the
/// date of a generation it cannot see. The end is a whole second, never past `tickets_until`.
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
                    else greatest(head.tickets_until, clock_timestamp() + make_interval(secs => $2) + interval '1 second') end
             returning generation_id, number, clock_timestamp() as issued_at,
                       date_trunc('second', case when generation_id is null
                           then clock_timestamp() + make_interval(secs => $2)
                           else least(tickets_until, clock_timestamp() + make_interval(secs => $2)) end) as expires_at)
           select generation_id, number as "number!",
                  floor(extract(epoch from issued_at))::bigint as "issued_at_s!",
                  extract(epoch from expires_at)::bigint as "expires_at_s!",
                  greatest(0, floor(extract(epoch from expires_at - clock_timestamp())))::bigint as "expires_in_s!"
             from ticket"#,
        tenant_id,
        f64::from(lifetime_s),
    )
    .fetch_one(connection)
    .await
}
