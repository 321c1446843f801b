//! The same of many school groups at once: the operator is told of it once, as an alarm of the service with a count and some ids.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::kind::{AlarmKind, Standing};
use super::store::{self, NewMessage, Open};
use crate::db::{locks, scope};

/// More alarms of a kind that begin in one look than so many are told as one.
const TOLD_APART_MAX: usize = 20;

/// So many of them are named.
const NAMED_MAX: usize = 10;

/// Which of several alarms of the service it is.
const SUBJECT: &str = "many school groups";

/// For so long those that follow are not told apart either.
const JOINED_FOR: TimeDelta = TimeDelta::hours(1);

/// Silence is told for sixty days at the most, and what then ends is not mended.
const TOLD_TO_BE_OVER_FOR: TimeDelta = TimeDelta::days(50);

/// An alarm of the service that stands for many.
#[derive(Debug, Clone, Copy)]
struct Storm {
    alarm_id: Uuid,
    began_at: DateTime<Utc>,
}

/// An alarm of a school group that the operator was not told of.
#[derive(Debug)]
struct Untold {
    tenant_id: String,
    alarm_id: Uuid,
    alarm: Standing,
}

/// One look at all school groups.
#[derive(Debug)]
pub(super) struct Round {
    storms: BTreeMap<AlarmKind, Storm>,
    untold: Vec<Untold>,
    /// The kinds of which alarms stand that were told with others.
    grouped: BTreeSet<AlarmKind>,
    /// Whether every school group could be looked at.
    is_complete: bool,
}

impl Round {
    /// Begins one.
    pub(super) async fn begin(pool: &PgPool) -> Result<Self, sqlx::Error> {
        let mut transaction = scope::begin(pool, "").await?;
        let storms = storms(&mut transaction).await?;
        transaction.commit().await?;
        Ok(Self {
            storms,
            untold: Vec::new(),
            grouped: BTreeSet::new(),
            is_complete: true,
        })
    }

    /// Notes that a school group could not be looked at.
    pub(super) const fn note_missing(&mut self) {
        self.is_complete = false;
    }

    /// Takes in the alarms that stand of a school group, and what was seen of them.
    pub(super) fn take_in(&mut self, tenant_id: &str, open: Vec<Open>, seen: &[Standing]) {
        for alarm in open {
            let Some(kind) = AlarmKind::of_id(&alarm.kind).filter(|kind| kind.is_for_operator()) else {
                continue;
            };
            if alarm.is_grouped && self.storms.contains_key(&kind) {
                self.grouped.insert(kind);
                continue;
            }
            let known = seen
                .iter()
                .find(|standing| standing.kind == kind && standing.subject == alarm.subject);
            if let Some(standing) = known.filter(|_| alarm.is_untold) {
                self.untold.push(Untold {
                    tenant_id: tenant_id.to_owned(),
                    alarm_id: alarm.alarm_id,
                    alarm: standing.clone(),
                });
            }
        }
    }

    /// Tells the operator what this look found, each alarm by itself or many as one, and the end of what was told as one.
    pub(super) async fn end(
        mut self,
        pool: &PgPool,
        messages: impl Fn(&str, &Standing, bool) -> Vec<NewMessage>,
    ) -> Result<(), sqlx::Error> {
        let mut by_kind: BTreeMap<AlarmKind, Vec<Untold>> = BTreeMap::new();
        for untold in std::mem::take(&mut self.untold) {
            by_kind.entry(untold.alarm.kind).or_default().push(untold);
        }
        for (kind, untold) in by_kind {
            if join(pool, kind, &untold, &messages).await? {
                self.grouped.insert(kind);
                for alarm in &untold {
                    note_grouped(pool, alarm).await?;
                }
            } else {
                for alarm in &untold {
                    tell(pool, alarm, &messages).await?;
                }
            }
        }
        if self.is_complete {
            self.storms.retain(|kind, _| !self.grouped.contains(kind));
            for (kind, storm) in &self.storms {
                end_storm(pool, *kind, *storm, &messages).await?;
            }
        }
        Ok(())
    }
}

/// Returns the alarms of the service that stand for many.
async fn storms(connection: &mut PgConnection) -> Result<BTreeMap<AlarmKind, Storm>, sqlx::Error> {
    let rows = sqlx::query!(
        "select kind, alarm_id, began_at from alarm.alarm where tenant_id = '' and subject = $1 and ended_at is null",
        SUBJECT
    )
    .fetch_all(connection)
    .await?;
    let storms = rows.into_iter().filter_map(|row| {
        let storm = Storm {
            alarm_id: row.alarm_id,
            began_at: row.began_at,
        };
        Some((AlarmKind::of_id(&row.kind)?, storm))
    });
    Ok(storms.collect())
}

/// Has these told as one where they are many, or follow upon many; returns whether they are.
async fn join(
    pool: &PgPool,
    kind: AlarmKind,
    untold: &[Untold],
    messages: &impl Fn(&str, &Standing, bool) -> Vec<NewMessage>,
) -> Result<bool, sqlx::Error> {
    let mut transaction = scope::begin(pool, "").await?;
    locks::alarms(&mut transaction, "").await?;
    let now = store::clock(&mut transaction).await?;
    // Read anew: another server may have begun one meanwhile.
    let standing = storms(&mut transaction).await?.remove(&kind);
    if standing.is_some_and(|storm| now - storm.began_at < JOINED_FOR) {
        return Ok(true);
    }
    if untold.len() <= TOLD_APART_MAX {
        return Ok(false);
    }
    if let Some(storm) = standing {
        // These are others: they get an alarm of their own.
        store::end(&mut transaction, "", storm.alarm_id).await?;
    }
    let alarm = as_one(kind, untold);
    if let Some(alarm_id) = store::begin(&mut transaction, "", &alarm).await? {
        let messages = messages("", &alarm, false);
        store::write(&mut transaction, "", (alarm_id, false), messages).await?;
    }
    transaction.commit().await?;
    Ok(true)
}

/// Returns the alarm of the service that stands for these.
fn as_one(kind: AlarmKind, untold: &[Untold]) -> Standing {
    let ids: BTreeSet<&str> = untold.iter().map(|untold| untold.tenant_id.as_str()).collect();
    let named: Vec<&str> = ids.iter().copied().take(NAMED_MAX).collect();
    let more = match ids.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let lists = if kind == AlarmKind::SecretEnds {
        "oneroster client list"
    } else {
        "oneroster tenant status"
    };
    let detail = format!(
        "{} at once, in {} school groups: {}{more}. `{lists}` lists them all. They are not told one by one, and those \
         that follow within the hour are not either.",
        untold.len(),
        ids.len(),
        named.join(", ")
    );
    Standing {
        subject: SUBJECT.to_owned(),
        count: untold.len(),
        ..Standing::of(kind, detail)
    }
}

async fn note_grouped(pool: &PgPool, untold: &Untold) -> Result<(), sqlx::Error> {
    let mut transaction = scope::begin(pool, &untold.tenant_id).await?;
    sqlx::query!(
        "update alarm.alarm set is_grouped = true where tenant_id = $1 and alarm_id = $2 and ended_at is null",
        untold.tenant_id,
        untold.alarm_id
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}

/// Writes the messages about an alarm of a school group, if it stands still.
async fn tell(
    pool: &PgPool,
    untold: &Untold,
    messages: &impl Fn(&str, &Standing, bool) -> Vec<NewMessage>,
) -> Result<(), sqlx::Error> {
    let tenant_id = untold.tenant_id.as_str();
    let mut transaction = scope::begin(pool, tenant_id).await?;
    locks::alarms(&mut transaction, tenant_id).await?;
    let stands = sqlx::query_scalar!(
        r#"select exists (
               select from alarm.alarm where tenant_id = $1 and alarm_id = $2 and ended_at is null) as "stands!""#,
        tenant_id,
        untold.alarm_id
    )
    .fetch_one(&mut *transaction)
    .await?;
    if stands {
        let messages = messages(tenant_id, &untold.alarm, false);
        store::write(&mut transaction, tenant_id, (untold.alarm_id, false), messages).await?;
    }
    transaction.commit().await
}

/// Ends an alarm of the service that stood for many of which none stands any more.
async fn end_storm(
    pool: &PgPool,
    kind: AlarmKind,
    storm: Storm,
    messages: &impl Fn(&str, &Standing, bool) -> Vec<NewMessage>,
) -> Result<(), sqlx::Error> {
    let mut transaction = scope::begin(pool, "").await?;
    locks::alarms(&mut transaction, "").await?;
    store::end(&mut transaction, "", storm.alarm_id).await?;
    let now = store::clock(&mut transaction).await?;
    if kind.is_told_to_be_over() && now - storm.began_at < TOLD_TO_BE_OVER_FOR {
        let over = Standing {
            subject: SUBJECT.to_owned(),
            ..Standing::of(kind, String::new())
        };
        let messages = messages("", &over, true);
        store::write(&mut transaction, "", (storm.alarm_id, true), messages).await?;
    }
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn untold(number: usize) -> Untold {
        Untold {
            tenant_id: format!("t{number:02}"),
            alarm_id: Uuid::from_u128(1),
            alarm: Standing::of(AlarmKind::Refused, String::new()),
        }
    }

    #[test]
    fn many_are_counted_and_some_are_named() {
        let many: Vec<Untold> = (0..31).map(untold).collect();
        let said = as_one(AlarmKind::Refused, &many).detail;
        assert!(
            said.starts_with("31 at once, in 31 school groups: t00, t01, t02, t03, t04, t05, t06, t07, t08, t09 and 21 more."),
            "{said}"
        );
        // Several of one school group, such as clients.
        let few: Vec<Untold> = (0..30).map(|number| untold(number % 2)).collect();
        let said = as_one(AlarmKind::SecretEnds, &few).detail;
        assert!(
            said.starts_with("30 at once, in 2 school groups: t00, t01."),
            "{said}"
        );
    }

    #[test]
    fn what_was_told_with_others_is_not_told_again_while_that_stands() {
        let storm = Storm {
            alarm_id: Uuid::from_u128(2),
            began_at: DateTime::UNIX_EPOCH,
        };
        let open = |kind: AlarmKind| Open {
            alarm_id: Uuid::from_u128(3),
            kind: kind.id().to_owned(),
            subject: String::new(),
            is_grouped: true,
            is_untold: true,
        };
        let mut round = Round {
            storms: BTreeMap::from([(AlarmKind::Refused, storm)]),
            untold: Vec::new(),
            grouped: BTreeSet::new(),
            is_complete: true,
        };
        let seen = [AlarmKind::Refused, AlarmKind::Held].map(|kind| Standing::of(kind, String::new()));
        let alarms = vec![
            open(AlarmKind::Refused),
            open(AlarmKind::Held),
            open(AlarmKind::Findings),
        ];
        round.take_in("t", alarms, &seen);
        let told: Vec<AlarmKind> = round.untold.iter().map(|untold| untold.alarm.kind).collect();
        // Its group is over: it is told by itself.
        assert_eq!(told, [AlarmKind::Held]);
        assert_eq!(round.grouped, BTreeSet::from([AlarmKind::Refused]));
    }
}
