//! Whose rows a check file may hold: everyone's, those of one org, those of somebody's places.

use std::collections::HashSet;

use oneroster_school::projection::{People, Person};
use oneroster_school::rights::{Access, Rights};
use oneroster_standard::counted;
use uuid::Uuid;

use super::row::{CheckRow, Remark, RemarkKind};
use super::{HEADER, Rule, fault_in};
use crate::tabular::Fault;

/// Whose rows a check file may hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bounds<'a> {
    /// One org; `None` = every org.
    pub org: Option<&'a str>,
    /// What whoever asks may see and change; `None` = all, as on the command line.
    pub rights: Option<&'a Rights>,
}

impl Bounds<'_> {
    /// Takes out who is not at a place that may be seen, now or later, and the orgs that may not.
    pub(super) fn leave_visible(&self, everyone: &mut People) {
        let Some(rights) = self.rights else { return };
        everyone
            .org_ids
            .retain(|org| rights.org_access(org) > Access::None);
        everyone
            .people
            .retain(|person| access(rights, person) > Access::None);
    }
}

/// Whom somebody may see and change, by the places where people are now or later. Others are to them as nobody.
#[derive(Debug, Default)]
pub(in crate::accounts) struct Reach {
    visible: HashSet<Uuid>,
    writable: HashSet<Uuid>,
}

impl Reach {
    /// Finds who is within reach.
    pub(in crate::accounts) fn of(rights: &Rights, people: &[Person]) -> Self {
        let mut reach = Self::default();
        for person in people {
            let access = access(rights, person);
            if access > Access::None {
                reach.visible.insert(person.rowguid);
            }
            if access == Access::Write {
                reach.writable.insert(person.rowguid);
            }
        }
        reach
    }

    /// Returns `true` if they may see the person.
    pub(in crate::accounts) fn sees(&self, rowguid: Uuid) -> bool {
        self.visible.contains(&rowguid)
    }

    /// Returns `true` if they may change the person's username: whoever may at one of the person's places.
    pub(in crate::accounts) fn writes(&self, rowguid: Uuid) -> bool {
        self.writable.contains(&rowguid)
    }
}

fn access(rights: &Rights, person: &Person) -> Access {
    rights.access_at_any(person.org_ids.iter().map(String::as_str))
}

/// Refuses a correction of somebody who may be seen and not changed.
pub(super) fn read_only_fault(at: (&str, u64), row: &CheckRow) -> Fault<Rule> {
    let message = "you may see this person and not change the username: leave the correction out";
    fault_in(at, HEADER[2], &row.wanted, Rule::ReadOnly, message)
}

/// Says how many rows ask for nothing and are of people who may be seen and not changed.
pub(super) fn read_only_remark(count: usize) -> Remark {
    let rows = counted(count, "row", "rows");
    Remark {
        line: None,
        sourced_id: None,
        message: format!("{rows} of people whose username you may not change passed over"),
        kind: RemarkKind::ReadOnly { count },
    }
}
