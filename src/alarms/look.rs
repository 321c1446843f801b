//! Looks what is the matter, and writes alarms and messages in the transaction that saw it.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc, Weekday};
use oneroster_school::data_quality::Severity;
use oneroster_school::tenant::Configuration;

use super::kind::{AlarmKind, Standing, Words, for_operator};
use super::parts::Alarms;
use super::store::{Channel, NewMessage, settle};
use super::{disk, states, store};
use crate::db::scope;
use crate::desk::letter;
use crate::{auth, publication};

/// From this hour in Brussels on schools are told what they are told once a day.
const MORNING_H: u32 = 7;

/// The signing key ends within so many hours and none follows: rotation fails.
const KEY_ENDS_H: i64 = 24;

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
    #[error("the signing keys cannot be read")]
    Keys(#[from] auth::Error),
}

/// Looks at a tenant.
pub(super) async fn at_tenant(alarms: &Alarms, configuration: &Configuration) -> Result<(), LookError> {
    let tenant_id = configuration.id.as_str();
    let mut transaction = scope::begin(&alarms.pool, tenant_id).await?;
    let now = clock(&mut transaction).await?;
    let standing = states::of_tenant(&mut transaction, tenant_id, configuration, alarms.silence).await?;
    let messages = |alarm: &Standing, is_end| messages(alarms, configuration, alarm, is_end);
    settle(
        &mut transaction,
        tenant_id,
        (&standing, &|kind, _| ALWAYS.contains(&kind)),
        messages,
    )
    .await?;
    if let Some(today) = weekday_morning(now) {
        let waiting = states::names_waiting(&mut transaction, tenant_id, today).await?;
        let waiting: Vec<Standing> = waiting.into_iter().collect();
        settle(
            &mut transaction,
            tenant_id,
            (&waiting, &|kind, _| kind == AlarmKind::NamesWaiting),
            messages,
        )
        .await?;
    }
    store::forget(&mut transaction, tenant_id).await?;
    transaction.commit().await?;
    if let Some(today) = weekday_morning(now)
        && alarms.is_first_of_day(tenant_id, today)
        && !addresses(configuration).is_empty()
    {
        findings(alarms, configuration).await?;
    }
    Ok(())
}

/// Looks for findings that Microsoft would refuse: it takes seconds of work, and so is done once a day.
async fn findings(alarms: &Alarms, configuration: &Configuration) -> Result<(), LookError> {
    let tenant_id = configuration.id.as_str();
    let found = publication::examine(&alarms.pool, tenant_id).await?;
    let errors = found.iter().filter(|finding| finding.severity == Severity::Error);
    let count = errors.count();
    let standing: Vec<Standing> = (count > 0)
        .then(|| Standing {
            count,
            ..Standing::of(AlarmKind::Findings, String::new())
        })
        .into_iter()
        .collect();
    let mut transaction = scope::begin(&alarms.pool, tenant_id).await?;
    let messages = |alarm: &Standing, is_end| messages(alarms, configuration, alarm, is_end);
    settle(
        &mut transaction,
        tenant_id,
        (&standing, &|kind, _| kind == AlarmKind::Findings),
        messages,
    )
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// Looks at what is of no tenant: keys, and the disks of this machine.
pub(super) async fn at_service(alarms: &Alarms) -> Result<(), LookError> {
    let keys = auth::keys::list(&alarms.pool).await?;
    let folders: Vec<_> = alarms
        .folders
        .iter()
        .map(|(name, folder)| (*name, folder.as_path()))
        .collect();
    let mut standing = disk::nearly_full(&folders);
    let mut transaction = scope::begin(&alarms.pool, "").await?;
    let now = clock(&mut transaction).await?;
    // Without any, no server has made one yet.
    if let Some(last) = keys.iter().map(|key| key.signs_to).max()
        && (last - now).num_hours() < KEY_ENDS_H
    {
        let last = oneroster_standard::Moment::from(last);
        standing.push(Standing::of(
            AlarmKind::KeyEnds,
            format!("The last one signs until {last}; afterwards no tokens are issued."),
        ));
    }
    let messages = |alarm: &Standing, is_end| to_operator(alarms, "", alarm, is_end);
    // The disks of other machines are for these to look at.
    let is_own = |kind, subject: &str| {
        kind == AlarmKind::KeyEnds || (kind == AlarmKind::Disk && disk::is_of_this_machine(subject))
    };
    settle(&mut transaction, "", (&standing, &is_own), messages).await?;
    store::forget(&mut transaction, "").await?;
    transaction.commit().await?;
    Ok(())
}

async fn clock(connection: &mut sqlx::PgConnection) -> Result<DateTime<Utc>, sqlx::Error> {
    sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#)
        .fetch_one(connection)
        .await
}

/// Returns the day in Brussels if it is a weekday and the morning has begun.
fn weekday_morning(now: DateTime<Utc>) -> Option<NaiveDate> {
    let local = now.with_timezone(&chrono_tz::Europe::Brussels);
    let is_weekend = matches!(local.weekday(), Weekday::Sat | Weekday::Sun);
    (!is_weekend && local.hour() >= MORNING_H).then(|| local.date_naive())
}

/// Returns the messages about an alarm of a tenant, to the operator and to the school.
fn messages(
    alarms: &Alarms,
    configuration: &Configuration,
    alarm: &Standing,
    is_end: bool,
) -> Vec<NewMessage> {
    let mut messages = to_operator(alarms, configuration.id.as_str(), alarm, is_end);
    if let Some(about) = alarm.kind.letter()
        && alarms.outlets.reaches_schools()
    {
        let letter = letter(
            about,
            is_end,
            &configuration.name,
            alarm.count,
            &alarms.desk_address,
        );
        for address in addresses(configuration) {
            messages.push(NewMessage {
                channel: Channel::Mail,
                recipient: address.to_owned(),
                words: Words {
                    subject: letter.subject.clone(),
                    body: letter.body.clone(),
                },
            });
        }
    }
    messages
}

fn to_operator(alarms: &Alarms, tenant_id: &str, alarm: &Standing, is_end: bool) -> Vec<NewMessage> {
    if !alarm.kind.is_for_operator() {
        return Vec::new();
    }
    let channels = [
        (Channel::Mail, alarms.outlets.reaches_operator_by_mail()),
        (Channel::Webhook, alarms.outlets.reaches_operator_by_webhook()),
    ];
    let reached = channels.into_iter().filter(|(_, is_there)| *is_there);
    reached
        .map(|(channel, _)| NewMessage {
            channel,
            recipient: String::new(),
            words: for_operator(tenant_id, alarm, is_end),
        })
        .collect()
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
