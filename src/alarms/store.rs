//! Alarms and messages in the database. Each function works in the scope of a tenant, or of none: the empty one.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::kind::{AlarmKind, Standing, Words};
use crate::db::scope;

/// How long alarms that are over are kept, in days.
const KEPT_DAYS: i32 = 400;

/// How a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    Mail,
    Webhook,
}

impl Channel {
    const fn id(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
        }
    }
}

/// Says of an alarm, by kind and subject, whether it was looked at.
type LookedAt<'a> = &'a (dyn Fn(AlarmKind, &str) -> bool + Sync);

/// A message to write.
#[derive(Debug, Clone)]
pub(super) struct NewMessage {
    pub(super) channel: Channel,
    /// An address of the school; empty for the operator.
    pub(super) recipient: String,
    pub(super) words: Words,
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

/// Brings the alarms of a tenant to what should stand of those that were looked at, by kind and subject, and writes messages about those that began or
/// ended. Whoever does so at the same time waits, and finds it done.
pub(super) async fn settle(
    connection: &mut PgConnection,
    tenant_id: &str,
    (standing, looked_at): (&[Standing], LookedAt<'_>),
    messages: impl Fn(&Standing, bool) -> Vec<NewMessage>,
) -> Result<(), sqlx::Error> {
    for alarm in standing {
        if let Some(alarm_id) = begin(connection, tenant_id, alarm).await? {
            write(connection, tenant_id, (alarm_id, false), messages(alarm, false)).await?;
        }
    }
    let open = sqlx::query!(
        "select alarm_id, kind, subject from alarm.alarm where tenant_id = $1 and ended_at is null order by began_at",
        tenant_id
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in open {
        // One that this build does not know is for another to end.
        let known = AlarmKind::ALL.into_iter().find(|kind| kind.id() == row.kind);
        let Some(kind) = known.filter(|kind| looked_at(*kind, &row.subject)) else {
            continue;
        };
        if standing
            .iter()
            .any(|alarm| alarm.kind == kind && alarm.subject == row.subject)
        {
            continue;
        }
        let ended = sqlx::query_scalar!(
            "update alarm.alarm set ended_at = clock_timestamp()
             where tenant_id = $1 and alarm_id = $2 and ended_at is null returning alarm_id",
            tenant_id,
            row.alarm_id
        )
        .fetch_optional(&mut *connection)
        .await?;
        if let Some(alarm_id) = ended
            && !kind.is_daily()
        {
            let over = Standing {
                subject: row.subject,
                ..Standing::of(kind, String::new())
            };
            write(connection, tenant_id, (alarm_id, true), messages(&over, true)).await?;
        }
    }
    Ok(())
}

/// Begins an alarm, unless it stands already; one that is told daily, unless it was told that day.
async fn begin(
    connection: &mut PgConnection,
    tenant_id: &str,
    alarm: &Standing,
) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "insert into alarm.alarm (tenant_id, kind, subject)
         select $1, $2, $3 where not ($4 and exists (
             select from alarm.alarm where tenant_id = $1 and kind = $2 and subject = $3))
         on conflict (tenant_id, kind, subject) where ended_at is null do nothing returning alarm_id",
        tenant_id,
        alarm.kind.id(),
        alarm.subject,
        alarm.kind.is_daily()
    )
    .fetch_optional(connection)
    .await
}

async fn write(
    connection: &mut PgConnection,
    tenant_id: &str,
    (alarm_id, is_end): (Uuid, bool),
    messages: Vec<NewMessage>,
) -> Result<(), sqlx::Error> {
    for message in messages {
        sqlx::query!(
            "insert into alarm.message (tenant_id, alarm_id, is_end, channel, recipient, subject, body)
             values ($1, $2, $3, $4, $5, $6, $7)",
            tenant_id,
            alarm_id,
            is_end,
            message.channel.id(),
            message.recipient,
            message.words.subject,
            message.words.body
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Deletes alarms that were over long ago, with what was sent about them.
pub(super) async fn forget(connection: &mut PgConnection, tenant_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from alarm.alarm where tenant_id = $1 and ended_at < clock_timestamp() - make_interval(days => $2)",
        tenant_id,
        KEPT_DAYS
    )
    .execute(connection)
    .await
    .map(drop)
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
             select message_id from alarm.message
             where tenant_id = $1 and next_try_at <= clock_timestamp() and channel = $3
             order by next_try_at, written_at limit 1 for update skip locked)
         returning m.tenant_id, m.message_id, m.alarm_id, a.kind, m.is_end, m.channel, m.recipient, m.subject, m.body,
                   m.written_at, m.tries",
        tenant_id,
        lease_s,
        channel.id()
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

/// Notes why a message could not be sent, and when it is tried again.
pub(super) async fn note_failed(
    pool: &PgPool,
    message: &Message,
    error: &str,
    retry_after_s: f64,
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
