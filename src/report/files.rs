//! Reports of `oneroster export`: what was written as files, or why nothing was.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};
use std::path::PathBuf;

use oneroster_standard::{Moment, first_few};
use serde::Serialize;

use super::words::{Word, counted, printable};
use crate::export::{Exported, Format, IDS_SHOWN, Note, Refusal};

/// How many ids of a note a person is shown.
const IDS_LISTED: usize = 3;

/// An export that was made. Ids only, no names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FilesReport {
    /// The tenant.
    pub tenant: String,
    /// The format.
    pub format: Format,
    /// The generation.
    pub generation: i64,
    /// Its date.
    pub published_at: Moment,
    /// Of a delta: the generation before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
    /// Where the files are.
    pub path: PathBuf,
    /// The orgs that were exported.
    pub orgs: Vec<String>,
    /// How many rows each file has below its header.
    pub rows: BTreeMap<&'static str, u64>,
    /// What is to be known of it.
    pub notes: Vec<Note>,
    /// Whether nothing was to be written.
    pub dry_run: bool,
}

impl FilesReport {
    /// Reports an export.
    pub fn new(
        tenant_id: &str,
        (format, since): (Format, Option<i64>),
        (path, dry_run): (PathBuf, bool),
        exported: Exported,
    ) -> Self {
        Self {
            tenant: tenant_id.to_owned(),
            format,
            generation: exported.generation,
            published_at: exported.published_at.into(),
            since,
            path,
            orgs: exported.org_ids,
            rows: exported.rows,
            notes: exported.notes,
            dry_run,
        }
    }
}

impl Display for FilesReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let orgs = counted(self.orgs.len(), "org", "orgs");
        write!(
            formatter,
            "{}  generation {} of {}  {orgs}",
            self.format, self.generation, self.published_at
        )?;
        if let Some(since) = self.since {
            write!(formatter, "  changes after generation {since}")?;
        }
        let width = self.rows.keys().map(|file| file.len()).max().unwrap_or_default();
        let files = self.format.tables().iter().map(|table| table.file);
        for (file, rows) in files.filter_map(|file| Some((file, self.rows.get(file)?))) {
            let rows = counted(*rows, "row", "rows");
            write!(formatter, "\n  {file:width$}  {rows}")?;
        }
        for note in &self.notes {
            write!(
                formatter,
                "\nnote {} ({}): {}",
                Word(&note.rule),
                note.count,
                note.rule.words()
            )?;
            if !note.sourced_ids.is_empty() {
                let named = note.sourced_ids.len().min(IDS_LISTED);
                let ids = note.sourced_ids.get(..named).unwrap_or_default().join(", ");
                let more = note.count.saturating_sub(named as u64);
                write!(formatter, "\n  {ids}")?;
                if more > 0 {
                    write!(formatter, " and {more} more; --json names the first {IDS_SHOWN}")?;
                }
            }
        }
        let path = self.path.display();
        if self.dry_run {
            write!(formatter, "\ndry run: nothing was written to {path}")
        } else {
            write!(formatter, "\nwritten to {path}")
        }
    }
}

/// An export that was refused: a rule does not hold, and nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FilesRefusalReport {
    /// The tenant.
    pub tenant: String,
    /// The format.
    pub format: Format,
    /// Why.
    pub refusal: Refusal,
}

impl Display for FilesRefusalReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let refusal = &self.refusal;
        write!(
            formatter,
            "refused, nothing was written: {} ({})",
            Word(&refusal.rule),
            refusal.rule.words()
        )?;
        if let Some(file) = &refusal.file {
            write!(formatter, "\n  {file}")?;
            if let Some(column) = &refusal.column {
                write!(formatter, ", column {column}")?;
            }
        }
        if let Some(sourced_id) = &refusal.sourced_id {
            let kind = refusal.kind.map_or("object", |kind| kind.singular());
            write!(formatter, "\n  {kind} {}", printable(sourced_id))?;
        }
        if let Some(detail) = &refusal.detail {
            write!(formatter, "\n  {}", printable(detail))?;
        }
        for (file, rows) in &refusal.rows {
            write!(formatter, "\n  {file}  {}", counted(*rows, "row", "rows"))?;
        }
        if !refusal.rows_by_org.is_empty() {
            let rows = refusal.rows_by_org.iter();
            let listed: Vec<String> = rows.map(|(org, rows)| format!("{org} {rows}")).collect();
            write!(
                formatter,
                "\n  by school: {}\n  decide which schools go together, and export each part with --org",
                first_few(&listed, listed.len())
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{NoteRule, Rule};
    use crate::report::snapshot::{self, instant};

    #[test]
    fn an_export_is_reported_with_its_rows_and_notes() {
        let exported = Exported {
            generation: 7,
            published_at: instant(0),
            org_ids: vec!["001507-1".to_owned()],
            rows: BTreeMap::from([("School.csv", 1), ("Student.csv", 2_000)]),
            notes: vec![
                Note {
                    rule: NoteRule::PublicationHeld,
                    count: 1,
                    sourced_ids: Vec::new(),
                },
                Note {
                    rule: NoteRule::MoreSchools,
                    count: 4,
                    sourced_ids: ["a", "b", "c", "d"].map(str::to_owned).into(),
                },
            ],
            response: None,
        };
        let report = FilesReport::new(
            "zandpoort",
            (Format::SdsV1, None),
            (PathBuf::from("sds"), false),
            exported,
        );
        snapshot::assert("export", &report);
        let rehearsed = FilesReport {
            since: Some(3),
            dry_run: true,
            ..report
        };
        snapshot::assert("export_dry_run", &rehearsed);
    }

    #[test]
    fn a_refusal_names_rule_object_and_column() {
        let refusal: Refusal = Refusal {
            rule: Rule::UnresolvedReference,
            file: Some("Section.csv".to_owned()),
            column: Some("School SIS ID".to_owned()),
            sourced_id: Some("3a".to_owned()),
            kind: None,
            detail: Some("refers to 001507-9".to_owned()),
            rows: BTreeMap::new(),
            rows_by_org: BTreeMap::new(),
        };
        let report = FilesRefusalReport {
            tenant: "zandpoort".to_owned(),
            format: Format::SdsV1,
            refusal: refusal.clone(),
        };
        snapshot::assert("export_refused", &report);
        let too_many = Refusal {
            rule: Rule::TooManyRows,
            file: Some("Student.csv".to_owned()),
            column: None,
            sourced_id: None,
            detail: Some("at most 500000".to_owned()),
            rows: BTreeMap::from([("Student.csv".to_owned(), 500_001)]),
            rows_by_org: BTreeMap::from([("001507-1".to_owned(), 500_000), ("001507-2".to_owned(), 1)]),
            ..refusal
        };
        snapshot::assert(
            "export_too_many_rows",
            &FilesRefusalReport {
                refusal: too_many,
                ..report
            },
        );
    }
}
