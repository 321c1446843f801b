//! The report of `oneroster tenant status`: how tenants are doing.

use std::fmt::{Display, Formatter};

use chrono::NaiveDate;
use oneroster_standard::Moment;
use serde::Serialize;

use super::hold::HoldReport;
use super::words::{counted, lines, printable};
use crate::mirror::memory::Refusal;
use crate::publication::TenantStatus;
use crate::synclog::{Ending, Mode, Run};

/// How tenants are doing: `tenant status`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatusesReport {
    /// Each, by id.
    pub tenants: Vec<StatusReport>,
}

/// How a tenant is doing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatusReport {
    /// The tenant.
    pub tenant: String,
    /// Its name.
    pub name: String,
    /// Its active school year.
    pub school_year: String,
    /// When a bundle was last loaded; `null` before the first.
    pub last_import: Option<Moment>,
    /// Who brought it; `null` before the first, and where nobody noted it.
    pub last_import_by: Option<String>,
    /// The last bundle that was refused; `null` if there is none, or one was loaded since.
    pub refused: Option<RefusedEntry>,
    /// Since when no bundle comes, though they used to come daily; `null` if that is not so.
    pub feed_silent_since: Option<Moment>,
    /// The newest generation; `null` before the first.
    pub last_publication: Option<PublicationEntry>,
    /// What is held; `null` if nothing is.
    pub held: Option<HoldReport>,
    /// That its inputs wait for a publication which does not come; `null` if that is not so.
    pub failing: Option<FailingEntry>,
    /// The last reading of a consumer; `null` before the first.
    pub last_pull: Option<PullEntry>,
    /// Since when nobody reads it who used to about twice a day; `null` if that is not so.
    pub silent_since: Option<Moment>,
    /// How many usernames of people in Informat's data wait for somebody to look at them.
    pub names_waiting: usize,
    /// How many usernames were never served.
    pub unserved: usize,
    /// The first day on which its roster can change without another import; `null` if there is none, or while it is not known.
    pub next_change: Option<NaiveDate>,
}

/// The newest generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicationEntry {
    /// Its number.
    pub generation: i64,
    /// When it was published, by the database's clock.
    pub at: Moment,
}

/// A bundle that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedEntry {
    /// When.
    pub at: Moment,
    /// Who brought it.
    pub by: String,
    /// How many faults it had.
    pub faults: u64,
    /// The guards that nobody had accepted.
    pub guards: Vec<String>,
}

impl From<Refusal> for RefusedEntry {
    fn from(refusal: Refusal) -> Self {
        Self {
            at: refusal.at.into(),
            by: refusal.by,
            faults: refusal.faults,
            guards: refusal.guards,
        }
    }
}

/// Inputs that wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailingEntry {
    /// Since when.
    pub since: Moment,
}

/// A reading of a consumer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PullEntry {
    /// When its last request was answered.
    pub at: Moment,
    /// The client.
    pub client_id: String,
    /// What kind of sync it was.
    pub mode: Mode,
    /// How it ended.
    pub ending: Ending,
}

impl From<&Run> for PullEntry {
    fn from(run: &Run) -> Self {
        Self {
            at: run.last_request_at.into(),
            client_id: run.client_id.clone(),
            mode: run.mode(),
            ending: run.ending(),
        }
    }
}

impl From<TenantStatus> for StatusReport {
    fn from(status: TenantStatus) -> Self {
        let (imported_at, imported_by) = status.last_import.map(|load| (load.at, load.by)).unzip();
        Self {
            tenant: status.tenant_id,
            name: status.name,
            school_year: status.school_year,
            last_import: imported_at.map(Moment::from),
            last_import_by: imported_by.filter(|by| !by.is_empty()),
            refused: status.refused.map(RefusedEntry::from),
            feed_silent_since: status.feed_silent_since.map(Moment::from),
            last_publication: status.last_publication.map(|(generation, at)| PublicationEntry {
                generation,
                at: at.into(),
            }),
            held: status.held.as_ref().map(HoldReport::from),
            failing: status
                .failing_since
                .map(|since| FailingEntry { since: since.into() }),
            last_pull: status.last_pull.as_ref().map(PullEntry::from),
            silent_since: status.silent_since.map(Moment::from),
            names_waiting: status.names_waiting,
            unserved: status.unserved,
            next_change: status.next_change,
        }
    }
}

impl From<Vec<TenantStatus>> for StatusesReport {
    fn from(statuses: Vec<TenantStatus>) -> Self {
        Self {
            tenants: statuses.into_iter().map(StatusReport::from).collect(),
        }
    }
}

impl Display for StatusesReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        lines(formatter, &self.tenants)
    }
}

impl StatusReport {
    /// Writes what is wrong with what comes in.
    fn fmt_feed(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        if let Some(refused) = &self.refused {
            let by = printable(&refused.by);
            write!(formatter, "\n  REFUSED: a bundle at {}, {by}: ", refused.at)?;
            let faults = (refused.faults > 0).then(|| counted(refused.faults, "fault", "faults"));
            let reasons: Vec<String> = faults.into_iter().chain(refused.guards.iter().cloned()).collect();
            formatter.write_str(&reasons.join(", "))?;
        }
        if let Some(since) = &self.feed_silent_since {
            write!(
                formatter,
                "\n  NOT FED: no bundle since {since}, though they used to come daily"
            )?;
        }
        Ok(())
    }
}

impl Display for StatusReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let moment = |moment: Option<&Moment>| moment.map_or_else(|| "never".to_owned(), ToString::to_string);
        write!(
            formatter,
            "tenant {}: {}, school year {}\n  last import: {}",
            self.tenant,
            printable(&self.name),
            self.school_year,
            moment(self.last_import.as_ref()),
        )?;
        if let Some(by) = &self.last_import_by {
            write!(formatter, ", {}", printable(by))?;
        }
        self.fmt_feed(formatter)?;
        write!(
            formatter,
            "\n  last publication: {}",
            moment(self.last_publication.as_ref().map(|publication| &publication.at)),
        )?;
        if let Some(publication) = &self.last_publication {
            write!(formatter, ", generation {}", publication.generation)?;
        }
        if let Some(held) = &self.held {
            formatter.write_str("\n  HELD:")?;
            super::publication::indented(formatter, held, 4)?;
        }
        if let Some(failing) = &self.failing {
            write!(
                formatter,
                "\n  FAILING: changes wait for a publication since {}",
                failing.since
            )?;
        }
        write!(
            formatter,
            "\n  last pull: {}",
            moment(self.last_pull.as_ref().map(|pull| &pull.at))
        )?;
        if let Some(pull) = &self.last_pull {
            let broken = if pull.ending == Ending::BrokenOff {
                ", BROKEN OFF"
            } else {
                ""
            };
            write!(formatter, ", {}{broken}", pull.client_id)?;
        }
        if let Some(since) = &self.silent_since {
            write!(
                formatter,
                "\n  SILENT: not read since {since}, though it used to be twice a day"
            )?;
        }
        if self.names_waiting > 0 {
            let names = counted(self.names_waiting, "username waits", "usernames wait");
            write!(formatter, "\n  {names} for somebody to look at them")?;
        }
        if self.unserved > 0 {
            let names = counted(self.unserved, "username was", "usernames were");
            write!(formatter, "\n  {names} never served")?;
        }
        if let Some(day) = self.next_change {
            write!(formatter, "\n  next change: {day}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::hold::tests::hold;
    use super::*;
    use crate::mirror::memory::LastLoad;
    use crate::report::snapshot::{self, instant};

    #[test]
    fn a_tenant_is_shown_with_what_is_wrong_and_what_comes() {
        let new = TenantStatus {
            tenant_id: "duinen".to_owned(),
            name: "Scholengroep Duinen".to_owned(),
            school_year: "2026-27".to_owned(),
            last_import: None,
            refused: None,
            feed_silent_since: None,
            last_publication: None,
            held: None,
            failing_since: None,
            last_pull: None,
            silent_since: None,
            names_waiting: 0,
            unserved: 0,
            next_change: None,
        };
        let run = Run {
            client_id: "zandpoort.h3".to_owned(),
            token_id: Uuid::from_u128(0x57),
            run_number: 1,
            generation_number: Some(57),
            first_request_at: instant(0),
            last_request_at: instant(41),
            is_complete: false,
            readings: Vec::new(),
        };
        let troubled = TenantStatus {
            tenant_id: "zandpoort".to_owned(),
            name: "Scholengroep Zandpoort".to_owned(),
            last_import: Some(LastLoad {
                at: instant(0),
                by: "client:zandpoort.x1".to_owned(),
            }),
            refused: Some(Refusal {
                at: instant(5),
                by: "os:feed".to_owned(),
                faults: 2,
                guards: vec!["names-changed".to_owned()],
            }),
            feed_silent_since: Some(instant(0)),
            last_publication: Some((57, instant(10))),
            held: Some(hold()),
            failing_since: Some(instant(20)),
            last_pull: Some(run),
            silent_since: Some(instant(41)),
            names_waiting: 3,
            unserved: 12,
            next_change: NaiveDate::from_ymd_opt(2026, 12, 1),
            ..new.clone()
        };
        snapshot::assert("tenant_status", &StatusesReport::from(vec![new, troubled]));
    }
}
