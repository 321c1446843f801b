//! Alarms in the database, and the messages that they write. Each function works in the scope of a tenant, or of none: the empty one.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::kind::{AlarmKind, Standing, Words};
use super::outbox::Channel;
use crate::db::scope;

/// How long alarms that are over are kept, in days.
const KEPT_DAYS: i32 = 400;

/// An alarm about a disk that nobody looked at for so many days ends: the machine or the folder is gone.
const UNSEEN_DAYS: i32 = 1;

/// For how many minutes what is looked for once a day is left to whoever took it; so long it is not tried again either.
const DAY_LEASE_MINUTES: i32 = 60;

/// What a look saw.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    /// What should stand.
    pub(super) standing: &'a [Standing],
    /// Says of an alarm, by kind and subject, whether it was looked at.
    pub(super) looked_at: &'a (dyn Fn(AlarmKind, &str) -> bool + Sync),
    /// If one of these ends, nothing was mended.
    pub(super) unmended: &'a [AlarmKind],
}

/// A message to write.
#[derive(Debug, Clone)]
pub(super) struct NewMessage {
    pub(super) channel: Channel,
    /// An address of e-mail; empty for the webhook.
    pub(super) recipient: String,
    pub(super) words: Words,
}

/// An alarm of a tenant that stands.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) alarm_id: Uuid,
    pub(super) kind: String,
    pub(super) subject: String,
    /// Whether it was told with others of its kind.
    pub(super) is_grouped: bool,
    /// Whether somebody has no message about it.
    pub(super) is_untold: bool,
}

/// Lists the alarms of a tenant that stand. They are untold where one of these has no message: the address of an e-mail, or the empty one
/// of the webhook.
pub(super) async fn open(
    connection: &mut PgConnection,
    tenant_id: &str,
    recipients: &[String],
) -> Result<Vec<Open>, sqlx::Error> {
    sqlx::query_as!(
        Open,
        r#"select alarm_id, kind, subject, is_grouped,
               exists (
                   select from unnest($2::text[]) as p (recipient) where not exists (
                       select from alarm.message m
                       where m.tenant_id = a.tenant_id and m.alarm_id = a.alarm_id and not m.is_end and m.recipient = p.recipient)
               ) as "is_untold!"
           from alarm.alarm a where tenant_id = $1 and ended_at is null"#,
        tenant_id,
        recipients
    )
    .fetch_all(connection)
    .await
}

/// Returns the time of the database.
pub(super) async fn clock(connection: &mut PgConnection) -> Result<DateTime<Utc>, sqlx::Error> {
    sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#)
        .fetch_one(connection)
        .await
}

/// Brings the alarms of a tenant to what should stand of those that were looked at. Of each that stands it writes a message to everybody
/// who has none about it; of each that ended, to those who were told of it.
pub(super) async fn settle(
    connection: &mut PgConnection,
    tenant_id: &str,
    seen: Seen<'_>,
    messages: impl Fn(&Standing, bool) -> Vec<NewMessage>,
) -> Result<(), sqlx::Error> {
    for alarm in seen.standing {
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
        let Some(kind) = AlarmKind::of_id(&row.kind).filter(|kind| (seen.looked_at)(*kind, &row.subject))
        else {
            continue;
        };
        let is_so = |alarm: &Standing| alarm.kind == kind && alarm.subject == row.subject;
        if seen.standing.iter().any(is_so) {
            continue;
        }
        end(connection, tenant_id, row.alarm_id).await?;
        if kind.is_told_to_be_over() && !seen.unmended.contains(&kind) {
            let over = Standing {
                subject: row.subject,
                ..Standing::of(kind, String::new())
            };
            write(connection, tenant_id, (row.alarm_id, true), messages(&over, true)).await?;
        } else {
            drop_unsent(connection, tenant_id, row.alarm_id).await?;
        }
    }
    Ok(())
}

/// Begins an alarm, unless it stands already, and returns its id; one that is told daily, unless it was told that day.
pub(super) async fn begin(
    connection: &mut PgConnection,
    tenant_id: &str,
    alarm: &Standing,
) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query!(
        "insert into alarm.alarm (tenant_id, kind, subject)
         select $1, $2, $3 where not ($4 and exists (
             select from alarm.alarm where tenant_id = $1 and kind = $2 and subject = $3))
         on conflict (tenant_id, kind, subject) where ended_at is null do nothing",
        tenant_id,
        alarm.kind.id(),
        alarm.subject,
        alarm.kind.is_daily()
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query_scalar!(
        "select alarm_id from alarm.alarm where tenant_id = $1 and kind = $2 and subject = $3 and ended_at is null",
        tenant_id,
        alarm.kind.id(),
        alarm.subject
    )
    .fetch_optional(connection)
    .await
}

/// Notes that an alarm is over.
pub(super) async fn end(
    connection: &mut PgConnection,
    tenant_id: &str,
    alarm_id: Uuid,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update alarm.alarm set ended_at = clock_timestamp() where tenant_id = $1 and alarm_id = $2",
        tenant_id,
        alarm_id
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Deletes what was not sent yet about an alarm whose end nobody is told of: it would come too late.
async fn drop_unsent(
    connection: &mut PgConnection,
    tenant_id: &str,
    alarm_id: Uuid,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from alarm.message where tenant_id = $1 and alarm_id = $2 and next_try_at is not null",
        tenant_id,
        alarm_id
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Writes messages to those who have none; of an end, to those who were or will be told that it began.
pub(super) async fn write(
    connection: &mut PgConnection,
    tenant_id: &str,
    (alarm_id, is_end): (Uuid, bool),
    messages: Vec<NewMessage>,
) -> Result<(), sqlx::Error> {
    for message in messages {
        sqlx::query!(
            "insert into alarm.message (tenant_id, alarm_id, is_end, channel, recipient, subject, body, written_at)
             select $1, $2, $3, $4, $5, $6, $7, clock_timestamp()
             where not $3 or exists (
                 select from alarm.message where tenant_id = $1 and alarm_id = $2 and not is_end and channel = $4 and recipient = $5
                    and (next_try_at is not null or last_error = ''))
             on conflict (tenant_id, alarm_id, is_end, channel, recipient) do nothing",
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

/// Notes which disks were looked at, by their subjects, and ends without a message the alarms of those that nobody looks at any more.
pub(super) async fn note_disks(connection: &mut PgConnection, seen: &[String]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update alarm.alarm set seen_at = clock_timestamp()
         where tenant_id = '' and kind = $1 and ended_at is null and subject = any($2)",
        AlarmKind::Disk.id(),
        seen
    )
    .execute(&mut *connection)
    .await?;
    let unseen = sqlx::query_scalar!(
        "update alarm.alarm set ended_at = clock_timestamp()
         where tenant_id = '' and kind = $1 and ended_at is null
           and seen_at < clock_timestamp() - make_interval(days => $2) returning alarm_id",
        AlarmKind::Disk.id(),
        UNSEEN_DAYS
    )
    .fetch_all(&mut *connection)
    .await?;
    for alarm_id in unseen {
        drop_unsent(connection, "", alarm_id).await?;
    }
    Ok(())
}

/// Takes what is looked for once a day in a tenant; returns whether somebody else has not.
pub(super) async fn take_day(pool: &PgPool, tenant_id: &str, today: NaiveDate) -> Result<bool, sqlx::Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let taken = sqlx::query_scalar!(
        r#"insert into alarm.daily as d (tenant_id, day, free_from)
           values ($1, $2, clock_timestamp() + make_interval(mins => $3))
           on conflict (tenant_id) do update set day = excluded.day, is_done = false, free_from = excluded.free_from
           where d.day <> excluded.day or (not d.is_done and d.free_from <= clock_timestamp())
           returning true as "is_taken!""#,
        tenant_id,
        today,
        DAY_LEASE_MINUTES
    )
    .fetch_optional(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(taken.is_some())
}

/// Notes that what is looked for once a day was done.
pub(super) async fn note_day_done(connection: &mut PgConnection, tenant_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update alarm.daily set is_done = true where tenant_id = $1",
        tenant_id
    )
    .execute(connection)
    .await
    .map(drop)
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
