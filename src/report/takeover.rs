//! Report of `oneroster usernames import` of an export of another server.

use std::fmt::{Display, Formatter};

use oneroster_school::username::edit::Username;
use serde::Serialize;
use uuid::Uuid;

use super::words::{counted, fmt_refused};
use crate::accounts::takeover::{Rule, TakenOver, Takeover};
use crate::tabular::Fault;
use crate::tabular::text::READ_AS_WINDOWS_1252;

/// What taking names over came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TakeoverReport {
    /// The tenant.
    pub tenant: String,
    /// Whether it was applied; false = refused for its faults.
    pub accepted: bool,
    /// Whether nothing was to be changed.
    pub dry_run: bool,
    /// How many people the file lists.
    pub rows: usize,
    /// How many usernames are taken over; the others were before.
    pub taken_over: usize,
    /// How many of them were others here.
    pub changed: usize,
    /// How many Sync flags change.
    pub flags_changed: usize,
    /// Which usernames and flags change, in the order of the file.
    pub changes: Vec<TakenOverReport>,
    /// Names of people who are not in Informat's data: nobody else gets them.
    pub unknown: Vec<TakenOverReport>,
    /// What the admin should know of the file.
    pub warnings: Vec<&'static str>,
    /// What is wrong with the file: the first faults.
    pub faults: Vec<Fault<Rule>>,
    /// How many more there are.
    pub faults_left_off: u64,
}

/// A username that is taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TakenOverReport {
    /// The line of the file.
    pub line: u64,
    /// The person.
    pub sourced_id: Uuid,
    /// The name here before; `None` without one.
    pub from: Option<String>,
    /// The name that was served.
    pub to: String,
    /// The Sync flag.
    pub sync: bool,
}

impl TakenOverReport {
    fn of(one: &TakenOver) -> Self {
        Self {
            line: one.line,
            sourced_id: one.rowguid,
            from: one.from.as_ref().map(Username::to_string),
            to: one.to.to_string(),
            sync: one.sync,
        }
    }
}

impl TakeoverReport {
    /// Reports what taking names over came to.
    pub fn new(tenant_id: &str, takeover: &Takeover, dry_run: bool) -> Self {
        let taken = &takeover.taken;
        let is_new_name = |one: &&TakenOver| {
            one.from
                .as_ref()
                .is_none_or(|from| from.to_string() != one.to.to_string())
        };
        let is_new_flag = |one: &&TakenOver| one.sync != one.sync_before;
        let changes = taken.iter().filter(|one| is_new_name(one) || is_new_flag(one));
        let unknown = taken.iter().filter(|one| !one.is_known);
        Self {
            tenant: tenant_id.to_owned(),
            accepted: takeover.faults.is_empty(),
            dry_run,
            rows: takeover.rows,
            taken_over: taken.len(),
            changed: taken.iter().filter(is_new_name).count(),
            flags_changed: taken.iter().filter(is_new_flag).count(),
            changes: changes.map(TakenOverReport::of).collect(),
            unknown: unknown.map(TakenOverReport::of).collect(),
            warnings: takeover
                .is_windows_1252
                .then_some(READ_AS_WINDOWS_1252)
                .into_iter()
                .collect(),
            faults: takeover.faults.list().to_vec(),
            faults_left_off: takeover.faults.left_off(),
        }
    }

    fn fmt_accepted(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        for one in &self.changes {
            let from = one.from.as_deref().unwrap_or("(none)");
            let flag = if one.sync { "on" } else { "off" };
            writeln!(
                formatter,
                "line {}\t{}\t{from} → {}\tsync {flag}",
                one.line, one.sourced_id, one.to
            )?;
        }
        if !self.unknown.is_empty() {
            let people = counted(self.unknown.len(), "person is", "people are");
            writeln!(
                formatter,
                "{people} not in Informat's data; their names are kept from everybody else:"
            )?;
            for one in &self.unknown {
                writeln!(formatter, "line {}\t{}\t{}", one.line, one.sourced_id, one.to)?;
            }
        }
        let people = counted(self.rows, "person", "people");
        let usernames = counted(self.taken_over, "username", "usernames");
        let flags = counted(self.flags_changed, "Sync flag", "Sync flags");
        let (changed, state) = (
            self.changed,
            if self.dry_run {
                "would be taken over"
            } else {
                "taken over"
            },
        );
        write!(
            formatter,
            "{people}, {usernames} {state}: {changed} of another name here before, {flags} switched"
        )?;
        if self.dry_run {
            formatter.write_str("; dry run: nothing was kept")?;
        }
        Ok(())
    }
}

impl Display for TakeoverReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        if self.accepted {
            self.fmt_accepted(formatter)
        } else {
            fmt_refused(formatter, &self.faults, self.faults_left_off)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::snapshot::{self, instant};
    use crate::tabular::Faults;

    fn name(local_part: &str) -> Username {
        Username {
            local_part: local_part.to_owned(),
            domain: None,
        }
    }

    fn takeover() -> Takeover {
        let one = |line, from: Option<&str>, to: &str, (sync_before, sync), is_known| TakenOver {
            line,
            rowguid: Uuid::from_u128(line.into()),
            is_known,
            from: from.map(name),
            to: name(to),
            sync_before,
            sync,
            created_at: instant(0),
        };
        Takeover {
            rows: 4,
            taken: vec![
                one(2, Some("jan.janssens"), "janssens.jan", (false, true), true),
                one(3, Some("lotte"), "lotte", (true, true), true),
                one(5, None, "els", (false, false), false),
            ],
            is_windows_1252: true,
            faults: Faults::default(),
        }
    }

    #[test]
    fn what_is_taken_over_is_reported_line_by_line() {
        snapshot::assert(
            "usernames_take_over",
            &TakeoverReport::new("zandpoort", &takeover(), false),
        );
        let rehearsed = TakeoverReport::new("zandpoort", &takeover(), true).to_string();
        assert!(rehearsed.ends_with("would be taken over: 2 of another name here before, 1 Sync flag switched; dry run: nothing was kept"));
    }

    #[test]
    fn a_refused_export_is_reported_with_its_faults() {
        let mut faults = Faults::default();
        faults.push(Fault::of_file(
            "export.csv",
            Rule::NothingLoaded,
            "nothing is loaded",
        ));
        let refused = Takeover {
            taken: Vec::new(),
            faults,
            ..takeover()
        };
        snapshot::assert(
            "usernames_take_over_refused",
            &TakeoverReport::new("zandpoort", &refused, false),
        );
    }
}
