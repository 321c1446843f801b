//! A plain reader of bundles, which knows the contract and none of the product's code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::NaiveDate;

/// A line of a file: its values by column.
pub(super) type Line = BTreeMap<String, String>;

/// Files by name.
pub(super) struct Bundle {
    pub(super) files: BTreeMap<String, Vec<Line>>,
    pub(super) tenant_file: String,
}

/// The active year of every bundle in these tests.
pub(super) const YEAR: &str = "2026-27";

impl Bundle {
    pub(super) fn read(directory: &Path) -> Self {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "csv") {
                let lines = csv::Reader::from_path(&path)
                    .unwrap()
                    .deserialize()
                    .map(Result::unwrap)
                    .collect();
                files.insert(path.file_stem().unwrap().to_str().unwrap().to_owned(), lines);
            }
        }
        Self {
            files,
            tenant_file: std::fs::read_to_string(directory.join("tenant.toml")).unwrap(),
        }
    }

    pub(super) fn table(&self, name: &str) -> &[Line] {
        &self.files[name]
    }

    /// Keys of the persons with a realised registration in the active year.
    pub(super) fn pupils(&self) -> BTreeSet<&str> {
        self.table("inschrijving")
            .iter()
            .filter(|line| line["schooljaar"] == YEAR && line["status"] == "0")
            .map(|line| line["p_persoon"].as_str())
            .collect()
    }

    /// The person with this `rowguid`.
    pub(super) fn person(&self, rowguid: &str) -> &Line {
        let found = self
            .table("persoon")
            .iter()
            .find(|line| line["rowguid"].eq_ignore_ascii_case(rowguid));
        found.unwrap_or_else(|| panic!("no person {rowguid}"))
    }

    /// The lines of a table about a person, in the order of the file.
    pub(super) fn of_person(&self, table: &str, rowguid: &str) -> Vec<&Line> {
        let key = &self.person(rowguid)["p_persoon"];
        self.table(table)
            .iter()
            .filter(|line| &line["p_persoon"] == key)
            .collect()
    }

    /// The realised registrations of a person in the active year, in the order of their start.
    pub(super) fn registrations(&self, rowguid: &str) -> Vec<&Line> {
        let mut lines = self.of_person("inschrijving", rowguid);
        lines.retain(|line| line["schooljaar"] == YEAR && line["status"] == "0");
        lines.sort_by_key(|line| &line["begindatum"]);
        lines
    }

    /// The classes (not subgroups) a registration is in: class registrations in the order of their start.
    pub(super) fn classes(&self, registration: &Line) -> Vec<&Line> {
        let main: BTreeSet<&str> = self
            .table("klassen")
            .iter()
            .filter(|line| line["groeptype"] == "0")
            .map(|line| line["p_klas"].as_str())
            .collect();
        let mut lines: Vec<&Line> = self
            .table("inschrklas")
            .iter()
            .filter(|line| {
                line["p_inschr"] == registration["p_inschr"] && main.contains(line["p_klas"].as_str())
            })
            .collect();
        lines.sort_by_key(|line| &line["vandatum"]);
        lines
    }
}

/// Reads a day.
pub(super) fn day(text: &str) -> NaiveDate {
    assert_eq!(text.len(), 10, "{text:?} is written YYYY-MM-DD");
    text.parse().unwrap_or_else(|_| panic!("{text:?} is a day"))
}
