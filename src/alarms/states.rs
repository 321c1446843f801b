//! What is the matter with a tenant now: read in its scope, by the transaction that writes the alarms.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use oneroster_school::tenant::{Configuration, SchoolYear};
use oneroster_standard::{Moment, counted};
use sqlx::PgConnection;

use super::kind::{AlarmKind, Standing};
use crate::mirror::memory::{self, Refusal};
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

/// What is the matter with a tenant.
#[derive(Debug, Default)]
pub(super) struct States {
    /// What should stand.
    pub(super) standing: Vec<Standing>,
    /// Of these nobody knows yet whether they should.
    pub(super) unknown: Vec<AlarmKind>,
    /// If one of these ends, it is because it is told no longer: nothing was mended.
    pub(super) unmended: Vec<AlarmKind>,
}

impl States {
    fn add(&mut self, kind: AlarmKind, detail: String) {
        self.standing.push(Standing::of(kind, detail));
    }
}

/// Looks what is the matter with a tenant, but for what is looked at once a day. `running` is for how long this server has published.
pub(super) async fn of_tenant(
    connection: &mut PgConnection,
    configuration: &Configuration,
    silence: Silence,
    running: TimeDelta,
) -> Result<States, sqlx::Error> {
    let tenant_id = configuration.id.as_str();
    let mut states = States::default();
    let outlook = evaluations::outlook(connection, tenant_id).await?;
    if let Some(hold) = holds::find(connection, tenant_id).await?
        && !hold.is_discarded
    {
        let tests = counted(hold.reasons.len(), "test holds", "tests hold");
        let since = Moment::from(hold.held_at);
        let detail =
            format!("Since {since}; {tests} it. The last generation is served until somebody decides.");
        states.add(AlarmKind::Held, detail);
    } else if let Some(since) = outlook.waiting_since {
        match is_failing(outlook.now - since, running) {
            Some(true) => {
                let since = Moment::from(since);
                let detail = format!("Changes wait since {since}. The last generation is served.");
                states.add(AlarmKind::Failing, detail);
            }
            Some(false) => {}
            None => states.unknown.push(AlarmKind::Failing),
        }
    }
    add_silence(connection, tenant_id, silence, &mut states).await?;
    if let Some(refusal) = memory::standing_refusal(connection, tenant_id).await? {
        states.add(AlarmKind::Refused, refused(tenant_id, refusal));
    }
    states
        .standing
        .extend(secrets_that_end(connection, tenant_id).await?);
    let today = brussels(outlook.now);
    states
        .standing
        .extend(of_the_year(&configuration.active_school_year, today));
    Ok(states)
}

/// Returns whether changes that wait are not published; `None` as long as a server that has just started had no time to publish what came
/// while none ran.
fn is_failing(waiting: TimeDelta, running: TimeDelta) -> Option<bool> {
    if waiting < FAILING_AFTER {
        Some(false)
    } else {
        (running >= FAILING_AFTER).then_some(true)
    }
}

/// Adds that bundles no longer come, or that nobody reads any more.
async fn add_silence(
    connection: &mut PgConnection,
    tenant_id: &str,
    silence: Silence,
    states: &mut States,
) -> Result<(), sqlx::Error> {
    let loads = memory::last_loads(connection, Some(tenant_id)).await?;
    let loads = loads.first();
    if let Some(since) = loads.and_then(|loads| loads.silent_since(silence.import)) {
        let since = Moment::from(since);
        let detail = format!("They used to come daily; the last one was loaded at {since}.");
        states.add(AlarmKind::SilentFeed, detail);
    } else if loads.is_none_or(|loads| !loads.is_fed_within(silence.import)) {
        states.unmended.push(AlarmKind::SilentFeed);
    }
    if let Some(since) = synclog::silent_since_within(connection, tenant_id, silence.poll).await? {
        let since = Moment::from(since);
        let detail = format!("It used to be read twice a day; it was last read at {since}.");
        states.add(AlarmKind::SilentPoll, detail);
    } else if !synclog::is_read_within(connection, tenant_id, silence.poll).await? {
        states.unmended.push(AlarmKind::SilentPoll);
    }
    Ok(())
}

/// Says why a bundle was refused. Clients are named; who brought it by hand may be a person, and a message leaves the program.
fn refused(tenant_id: &str, refusal: Refusal) -> String {
    let faults = (refusal.faults > 0).then(|| counted(refusal.faults, "fault", "faults"));
    let reasons: Vec<String> = faults.into_iter().chain(refusal.guards).collect();
    let (at, reasons) = (Moment::from(refusal.at), reasons.join(", "));
    if refusal.by.starts_with("client:") {
        let by = refusal.by;
        format!("At {at}, brought by {by}: {reasons}. What was loaded before stays.")
    } else {
        format!(
            "At {at}: {reasons}. What was loaded before stays. `oneroster tenant status {tenant_id}` says who brought it."
        )
    }
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

    #[test]
    fn what_came_while_no_server_ran_is_not_failing_until_one_had_time() {
        let minutes = TimeDelta::minutes;
        assert_eq!(is_failing(minutes(4), minutes(600)), Some(false));
        assert_eq!(is_failing(minutes(600), minutes(4)), None);
        assert_eq!(is_failing(minutes(5), minutes(5)), Some(true));
    }

    #[test]
    fn a_refusal_names_a_client_and_no_person() {
        let by = |by: &str| {
            refused(
                "zandpoort",
                Refusal {
                    at: DateTime::UNIX_EPOCH,
                    by: by.to_owned(),
                    faults: 1,
                    guards: Vec::new(),
                },
            )
        };
        let said = by("client:zandpoort.k7");
        assert!(said.contains("client:zandpoort.k7"), "{said}");
        let said = by("Els De Smet");
        assert!(
            !said.contains("Els") && said.contains("oneroster tenant status zandpoort"),
            "{said}"
        );
    }
}
