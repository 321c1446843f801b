//! The people of one org, when a check file is written or read for that org only.

use std::collections::HashSet;

use oneroster_school::projection::Person;
use uuid::Uuid;

use super::row::{CheckRow, Remark, RemarkKind};
use super::{HEADER, Rule, fault_in};
use crate::accounts::Holder;
use crate::tabular::Fault;

/// An org, and who is there now or later.
#[derive(Debug)]
pub(super) struct OrgMembers {
    /// Its id.
    pub(super) id: String,
    /// Who is there now or later, also who is elsewhere until then.
    pub(super) members: HashSet<Uuid>,
}

impl OrgMembers {
    /// Finds who is at an org.
    pub(super) fn of(id: &str, people: &[Person]) -> Self {
        let members = people
            .iter()
            .filter(|person| person.org_ids.iter().any(|org| org == id));
        Self {
            id: id.to_owned(),
            members: members.map(|person| person.rowguid).collect(),
        }
    }

    /// Refuses a correction of somebody who is not there.
    pub(super) fn fault(&self, at: (&str, u64), row: &CheckRow, holder: &Holder) -> Fault<Rule> {
        let org = &self.id;
        let message = format!(
            "{holder} is not at {org}: leave the correction out, have it made in the file of their own school, or read the \
             file without --org"
        );
        fault_in(at, HEADER[2], &row.wanted, Rule::OtherOrg, message)
    }

    /// Says how many rows ask for nothing and are of people elsewhere.
    pub(super) fn passed_over(&self, count: usize) -> Remark {
        let (rows, people) = if count == 1 {
            ("1 row".to_owned(), "somebody who is")
        } else {
            (format!("{count} rows"), "people who are")
        };
        Remark {
            line: None,
            sourced_id: None,
            message: format!("{rows} of {people} not at {} passed over", self.id),
            kind: RemarkKind::OtherOrg { count },
        }
    }
}
