//! The report of `oneroster generate`: a school group that was written.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};
use std::path::PathBuf;

use oneroster_generate::{Case, SchoolGroup, SchoolYear};
use serde::Serialize;

use super::words::{Word, counted};

/// A synthetic school group that was written as a bundle with its tenant file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchoolGroupReport {
    /// The folder.
    pub directory: PathBuf,
    /// How many pupils it has.
    pub pupils: usize,
    /// How many members of staff.
    pub staff: usize,
    /// How many classes and subgroups.
    pub classes: usize,
    /// Rows per file.
    pub files: BTreeMap<&'static str, usize>,
    /// Where the special cases are.
    pub cases: Vec<Case>,
    /// The active school year.
    #[serde(skip)]
    pub school_year: SchoolYear,
}

impl SchoolGroupReport {
    /// Reports a group that was written to a folder.
    pub fn new(group: SchoolGroup, directory: PathBuf, school_year: SchoolYear) -> Self {
        Self {
            directory,
            pupils: group.pupils,
            staff: group.staff,
            classes: group.classes,
            files: group.files().into_iter().collect(),
            cases: group.cases,
            school_year,
        }
    }
}

impl Display for SchoolGroupReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        writeln!(
            formatter,
            "Wrote a school group with {}, {} staff and {} and subgroups in {}, to {}.\n",
            counted(self.pupils, "pupil", "pupils"),
            self.staff,
            counted(self.classes, "class", "classes"),
            self.school_year.label(),
            self.directory.display()
        )?;
        for (file, rows) in &self.files {
            let noun = if *rows == 1 { "row" } else { "rows" };
            writeln!(formatter, "  {file:<24}{rows:>9} {noun}")?;
        }
        write!(formatter, "\nSpecial cases (--json lists them all):")?;
        for case in &self.cases {
            let first = case.ids.first().map(String::as_str).unwrap_or_default();
            let name = Word(&case.name).to_string();
            write!(formatter, "\n  {name:<24}{:>6}  such as {first}", case.ids.len())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use oneroster_generate::CaseName;

    use super::*;
    use crate::report::snapshot;

    #[test]
    fn a_group_is_reported_with_its_files_and_special_cases() {
        let report = SchoolGroupReport {
            directory: PathBuf::from("group"),
            pupils: 200,
            staff: 24,
            classes: 1,
            files: BTreeMap::from([("persoon.csv", 240), ("school.csv", 1)]),
            cases: vec![Case {
                name: CaseName::OneName,
                ids: vec!["4c6e".to_owned()],
            }],
            school_year: "2026-27".parse().unwrap(),
        };
        snapshot::assert("generate", &report);
    }
}
