//! What is the matter with a tenant now: read in its scope, by the transaction that writes the alarms.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use oneroster_school::tenant::{Configuration, SchoolYear};
use oneroster_standard::{Moment, counted};
use sqlx::PgConnection;

use super::kind::{AlarmKind, Standing};
use crate::accounts::records;
use crate::mirror::memory;
use crate::roster::{evaluations, holds};
use crate::synclog;

/// Inputs that wait for so long count as failing: publications of large tenants take their time.
const FAILING_AFTER: TimeDelta = TimeDelta::minutes(5);

/// For so many days before the end of the school year the school is told that its synchronisation ends.
const FLOW_ENDS_DAYS: i64 = 14;

/// After how long silence counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Silence {
    pub(super) poll: TimeDelta,
    pub(super) import: TimeDelta,
}

/// Returns the alarms that should stand in a tenant, but for those that are looked at once a day.
pub(super) async fn of_tenant(
    connection: &mut PgConnection,
    tenant_id: &str,
    configuration: &Configuration,
    silence: Silence,
) -> Result<Vec<Standing>, sqlx::Error> {
    let mut standing = Vec::new();
    let mut add = |kind, detail: String| standing.push(Standing::of(kind, detail));
    let outlook = evaluations::outlook(connection, tenant_id).await?;
    if let Some(hold) = holds::find(connection, tenant_id).await?
        && !hold.is_discarded
    {
        let tests = counted(hold.reasons.len(), "test holds", "tests hold");
        let since = Moment::from(hold.held_at);
        add(
            AlarmKind::Held,
            format!("Since {since}; {tests} it. The last generation is served until somebody decides."),
        );
    } else if let Some(since) = outlook.waiting_since
        && outlook.now - since >= FAILING_AFTER
    {
        let since = Moment::from(since);
        add(
            AlarmKind::Failing,
            format!("Changes wait since {since}. The last generation is served."),
        );
    }
    let loads = memory::last_loads(connection, Some(tenant_id)).await?;
    if let Some(since) = loads.first().and_then(|loads| loads.silent_since(silence.import)) {
        let since = Moment::from(since);
        add(
            AlarmKind::SilentFeed,
            format!("They used to come daily; the last one was loaded at {since}."),
        );
    }
    if let Some(since) = synclog::silent_since_within(connection, tenant_id, silence.poll).await? {
        let since = Moment::from(since);
        add(
            AlarmKind::SilentPoll,
            format!("It used to be read twice a day; it was last read at {since}."),
        );
    }
    if let Some(refusal) = memory::standing_refusal(connection, tenant_id).await? {
        let faults = (refusal.faults > 0).then(|| counted(refusal.faults, "fault", "faults"));
        let reasons: Vec<String> = faults.into_iter().chain(refusal.guards).collect();
        let (at, reasons) = (Moment::from(refusal.at), reasons.join(", "));
        add(
            AlarmKind::Refused,
            format!(
                "At {at}, brought by {}: {reasons}. What was loaded before stays.",
                refusal.by
            ),
        );
    }
    standing.extend(secrets_that_end(connection, tenant_id).await?);
    let today = brussels(outlook.now);
    standing.extend(of_the_year(&configuration.active_school_year, today));
    Ok(standing)
}

/// Returns the clients whose earlier secret ends within two days.
async fn secrets_that_end(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Vec<Standing>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select s.client_id, min(s.expires_at) as "ends_at!"
           from auth.client_secret s
           join auth.client c on c.tenant_id = s.tenant_id and c.client_id = s.client_id
           where s.tenant_id = $1 and c.revoked_at is null
             and s.expires_at > clock_timestamp() and s.expires_at < clock_timestamp() + interval '2 days'
           group by s.client_id order by s.client_id"#,
        tenant_id
    )
    .fetch_all(connection)
    .await?;
    let ends = rows.into_iter().map(|row| Standing {
        subject: row.client_id,
        ..Standing::of(
            AlarmKind::SecretEnds,
            format!(
                "It ends at {}: by then the consumer must have the new one.",
                Moment::from(row.ends_at)
            ),
        )
    });
    Ok(ends.collect())
}

/// Returns what a day of the school year asks of a school.
fn of_the_year(active: &SchoolYear, today: NaiveDate) -> Option<Standing> {
    let end = last_june_day(active)?;
    let ends_soon = (end - today).num_days() <= FLOW_ENDS_DAYS && today <= end;
    // From August of the year in which the active one ends.
    let is_august = today.year() > end.year() || (today.year() == end.year() && today.month() >= 8);
    let kind = match (ends_soon, is_august) {
        (true, _) => AlarmKind::FlowEnds,
        (false, true) => AlarmKind::NextYear,
        (false, false) => return None,
    };
    Some(Standing::of(kind, String::new()))
}

/// Returns the day on which the synchronisation of a school year ends (R144).
fn last_june_day(year: &SchoolYear) -> Option<NaiveDate> {
    let begins: i32 = year.to_string().get(..4)?.parse().ok()?;
    NaiveDate::from_ymd_opt(begins + 1, 6, 30)
}

/// Returns the day in Brussels.
pub(super) fn brussels(now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&chrono_tz::Europe::Brussels).date_naive()
}

/// Returns how many usernames wait for somebody to look at them, as an alarm of the day.
pub(super) async fn names_waiting(
    connection: &mut PgConnection,
    tenant_id: &str,
    today: NaiveDate,
) -> Result<Option<Standing>, sqlx::Error> {
    let count = records::waiting_count(connection, tenant_id).await?;
    Ok((count > 0).then(|| Standing {
        subject: today.to_string(),
        count,
        ..Standing::of(AlarmKind::NamesWaiting, String::new())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_school_is_told_of_the_end_of_the_flow_and_of_august() {
        let year: SchoolYear = "2026-27".parse().unwrap();
        let on = |month, day| {
            let today = NaiveDate::from_ymd_opt(2027, month, day).unwrap();
            of_the_year(&year, today).map(|standing| standing.kind)
        };
        assert_eq!(on(6, 15), None);
        assert_eq!(on(6, 16), Some(AlarmKind::FlowEnds));
        assert_eq!(on(6, 30), Some(AlarmKind::FlowEnds));
        assert_eq!(on(7, 1), None);
        assert_eq!(on(8, 1), Some(AlarmKind::NextYear));
        assert_eq!(on(12, 31), Some(AlarmKind::NextYear));
        let next: SchoolYear = "2027-28".parse().unwrap();
        assert_eq!(
            of_the_year(&next, NaiveDate::from_ymd_opt(2027, 8, 20).unwrap()),
            None
        );
    }
}
