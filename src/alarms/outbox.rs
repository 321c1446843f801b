//! Messages in the database that wait to be sent. Each function works in the scope of a tenant, or of none: the empty one.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::db::scope;

/// For how many days a message is tried.
const TRIED_DAYS: i32 = 7;

/// How a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    Mail,
    Webhook,
}

impl Channel {
    pub(super) const fn id(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
        }
    }
}

/// A message to send.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_field_names,
    reason = "named as in the database, beside the ids of others"
)]
pub(super) struct Message {
    pub(super) tenant_id: String,
    pub(super) message_id: Uuid,
    pub(super) alarm_id: Uuid,
    pub(super) kind: String,
    pub(super) is_end: bool,
    pub(super) channel: String,
    pub(super) recipient: String,
    pub(super) subject: String,
    pub(super) body: String,
    pub(super) written_at: DateTime<Utc>,
    pub(super) tries: i32,
}

/// How many messages were deleted that nobody sends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dropped {
    /// They were tried for [`TRIED_DAYS`].
    pub(super) given_up: u64,
    /// There is no place for them.
    pub(super) homeless: u64,
}

/// Deletes messages that nobody sends: those that were tried for [`TRIED_DAYS`], and those for which this server has no place, once others
/// had an hour. Whatever still stands is told anew where there is a place.
pub(super) async fn drop_unsendable(
    connection: &mut PgConnection,
    tenant_id: &str,
    channels: &[Channel],
) -> Result<Dropped, sqlx::Error> {
    let channels: Vec<String> = channels.iter().map(|channel| channel.id().to_owned()).collect();
    let dropped = sqlx::query_scalar!(
        r#"delete from alarm.message
           where tenant_id = $1 and next_try_at is not null
             and (written_at < clock_timestamp() - make_interval(days => $2)
                  or (channel <> all ($3) and written_at < clock_timestamp() - interval '1 hour'))
           returning channel = any ($3) as "has_place!""#,
        tenant_id,
        TRIED_DAYS,
        &channels
    )
    .fetch_all(connection)
    .await?;
    let given_up = dropped.iter().filter(|has_place| **has_place).count() as u64;
    Ok(Dropped {
        given_up,
        homeless: dropped.len() as u64 - given_up,
    })
}

/// Returns the tenants with messages to send, the empty one too.
pub(super) async fn tenants_to_tell(pool: &PgPool) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select distinct tenant_id from alarm.message where next_try_at <= clock_timestamp() order by tenant_id"
    )
    .fetch_all(pool)
    .await
}

/// Takes the next message of a tenant that is sent this way, for so long: nobody else gets it until then.
pub(super) async fn take(
    pool: &PgPool,
    tenant_id: &str,
    channel: Channel,
    lease_s: f64,
) -> Result<Option<Message>, sqlx::Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let message = sqlx::query_as!(
        Message,
        "update alarm.message m
         set next_try_at = clock_timestamp() + make_interval(secs => $2), tries = m.tries + 1
         from alarm.alarm a
         where a.tenant_id = m.tenant_id and a.alarm_id = m.alarm_id and m.tenant_id = $1 and m.message_id = (
             select message_id from alarm.message w
             where tenant_id = $1 and next_try_at <= clock_timestamp() and channel = $3
               and written_at > clock_timestamp() - make_interval(days => $4)
               and not (is_end and exists (
                   select from alarm.message b
                   where b.tenant_id = w.tenant_id and b.alarm_id = w.alarm_id and not b.is_end and b.channel = w.channel
                     and b.recipient = w.recipient and b.next_try_at is not null))
             order by next_try_at, written_at limit 1 for update skip locked)
         returning m.tenant_id, m.message_id, m.alarm_id, a.kind, m.is_end, m.channel, m.recipient, m.subject, m.body,
                   m.written_at, m.tries",
        tenant_id,
        lease_s,
        channel.id(),
        TRIED_DAYS
    )
    .fetch_optional(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(message)
}

/// Notes that a message was sent.
pub(super) async fn note_sent(pool: &PgPool, message: &Message) -> Result<(), sqlx::Error> {
    let mut transaction = scope::begin(pool, &message.tenant_id).await?;
    sqlx::query!(
        "update alarm.message set next_try_at = null, last_error = '' where tenant_id = $1 and message_id = $2",
        message.tenant_id,
        message.message_id
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}

/// Notes why a message could not be sent, and when it is tried again; `None`: never.
pub(super) async fn note_failed(
    pool: &PgPool,
    message: &Message,
    error: &str,
    retry_after_s: Option<f64>,
) -> Result<(), sqlx::Error> {
    let mut transaction = scope::begin(pool, &message.tenant_id).await?;
    sqlx::query!(
        "update alarm.message set next_try_at = clock_timestamp() + make_interval(secs => $3), last_error = $4
         where tenant_id = $1 and message_id = $2",
        message.tenant_id,
        message.message_id,
        retry_after_s,
        error
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}
