//! The report of `oneroster teams-cleanup`: which Teams of a school year are in the file to upload, and which are not, and why.

use std::fmt::{Display, Formatter};

use oneroster_entra::usage::{Judged, OfClass, Verdict};
use serde::Serialize;

use super::words::{counted, lines, printable};

/// How many rows of a reason are shown to people; `--json` has all.
const SHOWN_MAX: usize = 10;

/// What a file of Teams came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TeamsCleanupReport {
    /// The tenant.
    pub tenant: String,
    /// The school year whose Teams are to be archived.
    pub school_year: String,
    /// The school year that is active.
    pub active_year: String,
    /// Where the file to upload is; `null` if none was written.
    pub written: Option<String>,
    /// How many classes were published in that year.
    pub published: usize,
    /// The rows in it.
    pub kept: Vec<TeamRow>,
    /// The rows that are not, with the reason.
    pub left_out: Vec<LeftOut>,
}

/// A row with the class it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TeamRow {
    /// The line.
    pub line: u64,
    /// The class; `null` where only its name is in the row.
    pub sourced_id: Option<String>,
    /// What it is called.
    pub name: String,
}

/// A row that is not in the file to upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The line.
    pub line: u64,
    /// Why: `active_year`, `other_year`, `unknown`, `empty`.
    pub why: &'static str,
    /// The class, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its school year, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub school_year: Option<String>,
}

/// The reasons, with the words for people.
const REASONS: [(&str, &str); 4] = [
    ("active_year", "a class of the active year"),
    ("other_year", "a class of another year"),
    ("unknown", "no class that was published here"),
    ("empty", "nothing in it"),
];

impl TeamsCleanupReport {
    /// Reports what the rows of a file come to.
    pub fn new(
        tenant_id: &str,
        (school_year, active_year): (&str, &str),
        published: usize,
        judged: &Judged,
    ) -> Self {
        let mut report = Self {
            tenant: tenant_id.to_owned(),
            school_year: school_year.to_owned(),
            active_year: active_year.to_owned(),
            written: None,
            published,
            kept: Vec::new(),
            left_out: Vec::new(),
        };
        for row in &judged.rows {
            let (why, class) = match &row.verdict {
                Verdict::Kept(OfClass { sourced_id, name, .. }) => {
                    report.kept.push(TeamRow {
                        line: row.line,
                        sourced_id: sourced_id.clone(),
                        name: name.clone(),
                    });
                    continue;
                }
                Verdict::OfActiveYear(class) => ("active_year", Some(class)),
                Verdict::OfOtherYear(class) => ("other_year", Some(class)),
                Verdict::Unknown => ("unknown", None),
                Verdict::Empty => ("empty", None),
            };
            report.left_out.push(LeftOut {
                line: row.line,
                why,
                name: class.map(|class| class.name.clone()),
                school_year: class.map(|class| class.school_year.clone()),
            });
        }
        report
    }
}

impl Display for TeamsCleanupReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let kept = counted(self.kept.len(), "row is", "rows are");
        let published = counted(self.published, "class was", "classes were");
        let year = &self.school_year;
        let mut texts = vec![format!(
            "{kept} a class of {year}, in which {published} published: to be archived"
        )];
        for (why, words) in REASONS {
            let rows: Vec<&LeftOut> = self.left_out.iter().filter(|row| row.why == why).collect();
            if rows.is_empty() {
                continue;
            }
            texts.push(format!(
                "{} left out: {words}",
                counted(rows.len(), "row is", "rows are")
            ));
            let named = rows
                .iter()
                .filter(|row| why != "empty" && row.name.is_some() || why == "unknown");
            texts.extend(named.take(SHOWN_MAX).map(|row| {
                let name = row.name.as_deref().map(printable).unwrap_or_default();
                format!("  line {} {name}", row.line).trim_end().to_owned()
            }));
            if rows.len() > SHOWN_MAX && why != "empty" {
                texts.push(format!("  and {} more; --json has all", rows.len() - SHOWN_MAX));
            }
        }
        texts.push(match &self.written {
            Some(path) => format!("the file to upload is {}", printable(path)),
            None => "nothing was written; --write DIR writes the file to upload".to_owned(),
        });
        lines(formatter, texts)
    }
}

#[cfg(test)]
mod tests {
    use oneroster_entra::usage::{ClassYears, Sheet};

    use super::*;
    use crate::report::snapshot;

    #[test]
    fn r146_it_says_how_many_are_archived_and_why_others_are_not() {
        let mut years = ClassYears::default();
        for (id, name, year) in [
            ("2a", "2024-25 2A", "2024-25"),
            ("3a", "2025-26 3A", "2025-26"),
            ("4a", "2026-27 4A", "2026-27"),
        ] {
            years.add(id, name, year);
        }
        let file = "Name,Members\n2025-26 3A,20\n2026-27 4A,19\n2024-25 2A,0\nSchaakclub,8\n,\n";
        let sheet = Sheet::read(file.as_bytes()).unwrap();
        let judged = years.judge(&sheet, "2025-26", "2026-27");
        let mut report = TeamsCleanupReport::new("zandpoort", ("2025-26", "2026-27"), 1, &judged);
        report.written = Some("archive/SectionUsage.csv".to_owned());
        snapshot::assert("teams_cleanup", &report);
    }
}
