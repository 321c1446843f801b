//! The report of `oneroster compare`: what differs between two servers.

use std::fmt::{Display, Formatter};
use std::path::PathBuf;

use oneroster_check::compare::{Difference, Differences, KINDS, Roster};
use oneroster_standard::Kind;
use serde::Serialize;

use super::words::{counted, printable};
use crate::tabular::sheet;

/// What differs between two servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CompareReport {
    /// The old server.
    pub old: String,
    /// The new one, or the tenant.
    pub new: String,
    /// How many active objects each has, by collection.
    pub rows: Vec<RowCounts>,
    /// How many differences there are.
    pub differences: usize,
    /// The differences by collection and what differs.
    pub groups: Vec<Group>,
    /// The file that lists all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<PathBuf>,
}

/// How many active objects of a collection two servers have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowCounts {
    /// The collection.
    pub collection: Kind,
    /// On the old server.
    pub old: usize,
    /// On the new one.
    pub new: usize,
}

/// Differences of one sort.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The collection.
    pub collection: Kind,
    /// What differs: `only_old`, `only_new`, `sourcedId` (written otherwise), `repeated`, or a member.
    pub what: &'static str,
    /// How many.
    pub count: usize,
    /// The first of them.
    pub first: Vec<DifferenceReport>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DifferenceReport {
    /// The id, as the old server writes it if it has it.
    pub sourced_id: String,
    /// What people call the object.
    pub label: String,
    /// The value on the old server.
    pub old: String,
    /// The value on the new one.
    pub new: String,
}

impl DifferenceReport {
    fn of(difference: &Difference) -> Self {
        Self {
            sourced_id: difference.id.clone(),
            label: difference.label.clone(),
            old: difference.old.clone(),
            new: difference.new.clone(),
        }
    }
}

impl CompareReport {
    /// Reports what differs between two servers, the first so many of each sort.
    pub fn new(
        (old, old_roster): (String, &Roster),
        (new, new_roster): (String, &Roster),
        differences: &Differences,
        shown: usize,
    ) -> Self {
        let groups = differences.iter().map(|((kind, aspect), list)| Group {
            collection: *kind,
            what: aspect.as_str(),
            count: list.len(),
            first: list.iter().take(shown).map(DifferenceReport::of).collect(),
        });
        Self {
            old,
            new,
            rows: KINDS
                .map(|kind| RowCounts {
                    collection: kind,
                    old: old_roster.count(kind),
                    new: new_roster.count(kind),
                })
                .into(),
            differences: differences.iter().map(|(_, list)| list.len()).sum(),
            groups: groups.collect(),
            written: None,
        }
    }
}

/// Writes all differences as a table for a spreadsheet.
pub fn table(differences: &Differences) -> String {
    let header = ["collection", "what", "sourcedId", "name", "old", "new"].map(str::to_owned);
    let rows = differences.iter().flat_map(|((kind, aspect), list)| {
        list.iter().map(|one| {
            [
                kind.collection().to_owned(),
                aspect.as_str().to_owned(),
                one.id.clone(),
                one.label.clone(),
                one.old.clone(),
                one.new.clone(),
            ]
        })
    });
    sheet(std::iter::once(header).chain(rows))
}

impl Display for CompareReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        for RowCounts { collection, old, new } in &self.rows {
            writeln!(formatter, "{}\t{old} old\t{new} new", collection.collection())?;
        }
        for group in &self.groups {
            writeln!(
                formatter,
                "{} {}: {}",
                group.collection.collection(),
                group.what,
                group.count
            )?;
            for one in &group.first {
                let texts = [&one.sourced_id, &one.label, &one.old, &one.new].map(|text| printable(text));
                let [id, label, old, new] = texts;
                writeln!(formatter, "  {id}\t{label}\t{old} → {new}")?;
            }
            if group.count > group.first.len() {
                writeln!(formatter, "  and {} more", group.count - group.first.len())?;
            }
        }
        match self.differences {
            0 => formatter.write_str("no differences")?,
            count => formatter.write_str(&counted(count, "difference", "differences"))?,
        }
        if let Some(file) = &self.written {
            write!(formatter, ", all in {}", file.display())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use oneroster_check::compare::differences;
    use serde_json::json;

    use super::*;
    use crate::report::snapshot;

    fn roster(usernames: &[(&str, &str)]) -> Roster {
        let users: Vec<serde_json::Value> = usernames
            .iter()
            .map(|(id, username)| {
                json!({
                    "sourcedId": id, "username": username, "givenName": "Jan\u{1b}", "familyName": "=Maes",
                    "role": "student"
                })
            })
            .collect();
        Roster::of_document(&json!({ "users": users }))
    }

    #[test]
    fn differences_are_reported_by_sort_and_written_whole() {
        let old = roster(&[("A", "jan"), ("b", "lotte"), ("c", "els")]);
        let new = roster(&[("a", "jan.m"), ("b", "lotte.p"), ("d", "els")]);
        let found = differences(&old, &new);
        let name = |text: &str| text.to_owned();
        let mut report = CompareReport::new(
            (name("https://old.example"), &old),
            (name("zandpoort"), &new),
            &found,
            1,
        );
        report.written = Some(PathBuf::from("differences.csv"));
        snapshot::assert("compare", &report);
        let lines: Vec<String> = table(&found).lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 1 + report.differences);
        assert_eq!(lines[1], "users;only_old;c;Jan\u{1b} =Maes;c;");
        let same = CompareReport::new(
            (name("old"), &old),
            (name("new"), &old),
            &differences(&old, &old),
            1,
        );
        assert!(same.to_string().ends_with("no differences"), "{same}");
    }
}
