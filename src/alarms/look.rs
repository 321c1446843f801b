//! Looks what is the matter, and writes alarms and messages in the transaction that saw it.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc, Weekday};
use oneroster_school::data_quality::Severity;
use oneroster_school::tenant::Configuration;

use super::kind::{AlarmKind, Standing, Words, for_operator};
use super::outbox::{self, Channel};
use super::parts::Alarms;
use super::store::{NewMessage, Seen, settle};
use super::storm::Round;
use super::{disk, states, store};
use crate::db::{locks, scope};
use crate::desk::letter;
use crate::publication::{self, Examination, Examinations};
use crate::{auth, tenants};

/// From this hour in Brussels on schools are told what they are told once a day.
const MORNING_H: u32 = 7;

/// The last signing key ends so soon and none follows: rotation fails, which makes the next one ten minutes ahead.
const KEY_ENDS: TimeDelta = TimeDelta::minutes(5);

/// The kinds of a tenant that each look sees.
const ALWAYS: [AlarmKind; 8] = [
    AlarmKind::Held,
    AlarmKind::Failing,
    AlarmKind::SilentFeed,
    AlarmKind::SilentPoll,
    AlarmKind::Refused,
    AlarmKind::SecretEnds,
    AlarmKind::FlowEnds,
    AlarmKind::NextYear,
];

/// A tenant, or the service, could not be looked at.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookError {
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    #[error("its data cannot be examined")]
    Examine(#[from] publication::Error),
    #[error("its configuration cannot be read")]
    Tenant(#[from] tenants::Error),
    #[error("the signing keys cannot be read")]
    Keys(#[from] auth::Error),
}

/// Looks at a tenant. What began is for the operator to be told once all were looked at: `round` takes it in.
pub(super) async fn at_tenant(alarms: &Alarms, tenant_id: &str, round: &mut Round) -> Result<(), LookError> {
    let mut transaction = scope::begin(&alarms.pool, tenant_id).await?;
    // Before anything is read.
    locks::alarms(&mut transaction, tenant_id).await?;
    let configuration = tenants::get(&mut transaction, tenant_id).await?;
    forget(alarms, &mut transaction, tenant_id).await?;
    let states =
        states::of_tenant(&mut transaction, &configuration, alarms.silence, alarms.running()).await?;
    let seen = Seen {
        standing: &states.standing,
        looked_at: &|kind, _| ALWAYS.contains(&kind) && !states.unknown.contains(&kind),
        unmended: &states.unmended,
    };
    settle(&mut transaction, tenant_id, seen, |alarm, is_end| {
        let mut messages = to_school(alarms, &configuration, alarm, is_end);
        if is_end {
            messages.extend(to_operator(alarms, tenant_id, alarm, true));
        }
        messages
    })
    .await?;
    let recipients: Vec<String> = operators(alarms).map(|(_, recipient)| recipient).collect();
    let open = store::open(&mut transaction, tenant_id, &recipients).await?;
    transaction.commit().await?;
    round.take_in(tenant_id, open, &states.standing);
    Ok(())
}

/// Tells the operator what a look at all tenants found.
pub(super) async fn tell(alarms: &Alarms, round: Round) -> Result<(), sqlx::Error> {
    round
        .end(&alarms.pool, |tenant_id, alarm, is_end| {
            to_operator(alarms, tenant_id, alarm, is_end)
        })
        .await
}

/// Looks for what a school is told once a day, if it is a weekday morning, there is somebody to tell, and no server has done it yet. It
/// takes seconds of work.
pub(super) async fn daily(alarms: &Alarms, configuration: &Configuration) -> Result<(), LookError> {
    let tenant_id = configuration.id.as_str();
    if !alarms.outlets.reaches_schools() || addresses(configuration).is_empty() {
        return Ok(());
    }
    let now = store::clock(&mut *alarms.pool.acquire().await?).await?;
    let Some(today) = weekday_morning(now) else {
        return Ok(());
    };
    if !store::take_day(&alarms.pool, tenant_id, today).await? {
        return Ok(());
    }
    let examination = Examinations::default().of(&alarms.pool, tenant_id).await?;
    let standing = daily_alarms(&examination, today);
    let mut transaction = scope::begin(&alarms.pool, tenant_id).await?;
    locks::alarms(&mut transaction, tenant_id).await?;
    let configuration = tenants::get(&mut transaction, tenant_id).await?;
    let seen = Seen {
        standing: &standing,
        looked_at: &|kind, _| matches!(kind, AlarmKind::NamesWaiting | AlarmKind::Findings),
        unmended: &[],
    };
    settle(&mut transaction, tenant_id, seen, |alarm, is_end| {
        to_school(alarms, &configuration, alarm, is_end)
    })
    .await?;
    store::note_day_done(&mut transaction, tenant_id).await?;
    transaction.commit().await?;
    Ok(())
}

/// Returns how many usernames somebody must look at, counted as on the overview, and how many findings Microsoft would refuse.
fn daily_alarms(examination: &Examination, today: NaiveDate) -> Vec<Standing> {
    let findings = examination.findings.iter();
    let errors = findings.filter(|placed| placed.finding.severity == Severity::Error);
    let names = Standing {
        subject: today.to_string(),
        count: examination.waiting.len() + examination.to_review,
        ..Standing::of(AlarmKind::NamesWaiting, String::new())
    };
    let findings = Standing {
        count: errors.count(),
        ..Standing::of(AlarmKind::Findings, String::new())
    };
    let both = [names, findings].into_iter();
    both.filter(|standing| standing.count > 0).collect()
}

/// Looks at what is of no tenant: keys, and the disks of this machine.
pub(super) async fn at_service(alarms: &Alarms) -> Result<(), LookError> {
    let folders = alarms.folders.clone();
    // A folder may be on a share. Where the look itself fails, nothing was seen: no alarm of a disk begins or ends.
    let disks = tokio::task::spawn_blocking(move || disk::look(&folders))
        .await
        .unwrap_or_default();
    let mut transaction = scope::begin(&alarms.pool, "").await?;
    locks::alarms(&mut transaction, "").await?;
    let keys = auth::keys::list(&alarms.pool).await?;
    forget(alarms, &mut transaction, "").await?;
    let now = store::clock(&mut transaction).await?;
    let mut standing = disks.full;
    // Without any, no server has made one yet.
    if let Some(last) = keys.iter().map(|key| key.signs_to).max()
        && last - now < KEY_ENDS
    {
        let last = oneroster_standard::Moment::from(last);
        standing.push(Standing::of(
            AlarmKind::KeyEnds,
            format!("The last one signs until {last}; afterwards no tokens are issued."),
        ));
    }
    let seen = Seen {
        standing: &standing,
        // The disks of other machines are for these to look at.
        looked_at: &|kind, subject| {
            kind == AlarmKind::KeyEnds
                || (kind == AlarmKind::Disk && disks.roomy.iter().any(|roomy| roomy == subject))
        },
        unmended: &[],
    };
    settle(&mut transaction, "", seen, |alarm, is_end| {
        to_operator(alarms, "", alarm, is_end)
    })
    .await?;
    store::note_disks(&mut transaction, &disks.seen).await?;
    transaction.commit().await?;
    Ok(())
}

/// Deletes what is kept no longer, and messages that nobody sends.
async fn forget(
    alarms: &Alarms,
    connection: &mut sqlx::PgConnection,
    tenant_id: &str,
) -> Result<(), sqlx::Error> {
    store::forget(connection, tenant_id).await?;
    let dropped = outbox::drop_unsendable(connection, tenant_id, &alarms.outlets.channels()).await?;
    if dropped.given_up > 0 {
        alarms.counts.given_up.inc_by(dropped.given_up);
        tracing::warn!(
            tenant = tenant_id,
            "messages about alarms were given up: they could not be sent for days"
        );
    }
    if dropped.homeless > 0 {
        tracing::warn!(
            tenant = tenant_id,
            "messages about alarms were deleted: the settings have no place for them any more"
        );
    }
    Ok(())
}

/// Returns the day in Brussels if it is a weekday and the morning has begun.
fn weekday_morning(now: DateTime<Utc>) -> Option<NaiveDate> {
    let local = now.with_timezone(&chrono_tz::Europe::Brussels);
    let is_weekend = matches!(local.weekday(), Weekday::Sat | Weekday::Sun);
    (!is_weekend && local.hour() >= MORNING_H).then(|| local.date_naive())
}

/// Returns the messages about an alarm to the school.
fn to_school(
    alarms: &Alarms,
    configuration: &Configuration,
    alarm: &Standing,
    is_end: bool,
) -> Vec<NewMessage> {
    let Some(about) = alarm.kind.letter().filter(|_| alarms.outlets.reaches_schools()) else {
        return Vec::new();
    };
    let (name, desk) = (&configuration.name, &alarms.desk_address);
    let letter = letter(about, is_end, name, alarm.count, desk);
    let to = |address: &str| NewMessage {
        channel: Channel::Mail,
        recipient: address.to_owned(),
        words: Words {
            subject: letter.subject.clone(),
            body: letter.body.clone(),
        },
    };
    let mut addresses = addresses(configuration);
    // Whoever is both is told as the operator.
    addresses.retain(|address| !(alarm.kind.is_for_operator() && alarms.outlets.is_operator(address)));
    addresses.into_iter().map(to).collect()
}

/// Returns how the operator is reached. A message for each: an address that takes none silences no other.
fn operators(alarms: &Alarms) -> impl Iterator<Item = (Channel, String)> {
    let by_mail = alarms.outlets.operator().iter();
    let by_mail = by_mail.map(|address| (Channel::Mail, address.clone()));
    let by_webhook = alarms.outlets.has_webhook();
    by_mail.chain(by_webhook.then(|| (Channel::Webhook, String::new())))
}

/// Returns the messages about an alarm to the operator: of a tenant, or of the service where the id is empty.
fn to_operator(alarms: &Alarms, tenant_id: &str, alarm: &Standing, is_end: bool) -> Vec<NewMessage> {
    if !alarm.kind.is_for_operator() {
        return Vec::new();
    }
    let message = |(channel, recipient)| NewMessage {
        channel,
        recipient,
        words: for_operator(tenant_id, alarm, is_end),
    };
    operators(alarms).map(message).collect()
}

/// Returns the addresses of a school group, each once.
fn addresses(configuration: &Configuration) -> Vec<&str> {
    let of_schools = configuration
        .schools
        .iter()
        .filter_map(|school| school.contact_mail.as_deref());
    let mut addresses: Vec<&str> = configuration
        .contact_mail
        .as_deref()
        .into_iter()
        .chain(of_schools)
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn schools_are_written_to_in_the_morning_of_weekdays() {
        let at = |day, hour| {
            let moment = chrono_tz::Europe::Brussels.with_ymd_and_hms(2026, 11, day, hour, 30, 0);
            weekday_morning(moment.unwrap().to_utc())
        };
        assert_eq!(at(27, 6), None);
        assert_eq!(at(27, 7), NaiveDate::from_ymd_opt(2026, 11, 27), "a Friday");
        assert_eq!(at(27, 23), NaiveDate::from_ymd_opt(2026, 11, 27));
        assert_eq!((at(28, 12), at(29, 12)), (None, None));
        assert!(at(30, 8).is_some());
    }
}
