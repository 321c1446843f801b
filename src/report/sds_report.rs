//! The report of `oneroster sds-report`: what School Data Sync said of a run, by code, with who and what each row is about.

use std::fmt::{Display, Formatter};

use oneroster_entra::sds::{Counted, code_of};
use serde::Serialize;

use super::words::{counted, lines, printable};
use crate::microsoft::{Comparison, Group, Told, ToldRow};

/// How many rows of a code are shown to people; `--json` has all.
const SHOWN_MAX: usize = 20;

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SdsReport {
    /// The tenant.
    pub tenant: String,
    /// By code, the most rows first.
    pub errors: Vec<ErrorGroup>,
    /// Numbers of ours beside Microsoft's.
    pub counts: Vec<CountReport>,
    /// Rows of which nothing could be made.
    pub passed_over: u64,
}

/// The rows with one code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorGroup {
    /// The code, as Microsoft writes it.
    pub code: Option<String>,
    /// How many rows have it.
    pub count: usize,
    /// What it means; `None` for a code that is not known here.
    pub means: Option<&'static str>,
    /// What to do.
    pub what_to_do: Option<&'static str>,
    /// Who can: `school`, `informat`, `microsoft-admin`, `nobody`.
    pub who: Option<&'static str>,
    /// The rows.
    pub rows: Vec<RowReport>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowReport {
    /// Its line.
    pub line: u64,
    /// Who and what it is about.
    pub about: Vec<AboutReport>,
    /// Ids that are nobody's here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown_ids: Vec<String>,
    /// Its other cells.
    pub cells: Vec<String>,
}

/// A person or a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AboutReport {
    /// `users` or `classes`.
    pub kind: &'static str,
    /// Its id.
    pub sourced_id: String,
    /// What it is called.
    pub name: String,
    /// Whether it is published now.
    pub published: bool,
}

/// A number of Microsoft's, and ours beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountReport {
    /// What is counted: `users`, `pupils`, `staff`, `classes`, `memberships`, `orgs`, `unmatched`, `errors`, `warnings`.
    pub of: &'static str,
    /// How many are published now.
    pub published: Option<u64>,
    /// How many Microsoft counted.
    pub counted: u64,
    /// The words beside Microsoft's number.
    pub label: String,
}

impl SdsReport {
    /// Reports what a report of Microsoft's comes to.
    pub fn new(tenant_id: &str, told: Told) -> Self {
        Self {
            tenant: tenant_id.to_owned(),
            errors: told.groups.into_iter().map(ErrorGroup::from).collect(),
            counts: told.counts.into_iter().map(CountReport::from).collect(),
            passed_over: told.passed_over,
        }
    }
}

impl From<Group> for ErrorGroup {
    fn from(group: Group) -> Self {
        let remedy = group.code.as_deref().and_then(code_of).map(|code| code.remedy);
        Self {
            code: group.code,
            count: group.rows.len(),
            means: remedy.map(|remedy| remedy.means),
            what_to_do: remedy.map(|remedy| remedy.what_to_do),
            who: remedy.map(|remedy| remedy.who.as_str()),
            rows: group.rows.into_iter().map(RowReport::from).collect(),
        }
    }
}

impl From<ToldRow> for RowReport {
    fn from(row: ToldRow) -> Self {
        let about = row.about.into_iter().map(|whom| AboutReport {
            kind: whom.kind.collection(),
            sourced_id: whom.sourced_id,
            name: whom.name,
            published: whom.is_published,
        });
        Self {
            line: row.line,
            about: about.collect(),
            unknown_ids: row.unknown_ids,
            cells: row.cells,
        }
    }
}

impl From<Comparison> for CountReport {
    fn from(comparison: Comparison) -> Self {
        Self {
            of: match comparison.of {
                Counted::Users => "users",
                Counted::Pupils => "pupils",
                Counted::Staff => "staff",
                Counted::Classes => "classes",
                Counted::Memberships => "memberships",
                Counted::Orgs => "orgs",
                Counted::Unmatched => "unmatched",
                Counted::Errors => "errors",
                Counted::Warnings => "warnings",
            },
            published: comparison.published,
            counted: comparison.counted,
            label: comparison.label,
        }
    }
}

impl Display for SdsReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let mut texts: Vec<String> = self.counts.iter().map(count_line).collect();
        for group in &self.errors {
            texts.extend(group_lines(group));
        }
        if texts.is_empty() {
            texts.push("no errors and no counts are in it".to_owned());
        }
        if self.passed_over > 0 {
            texts.push(format!(
                "{} with neither an id, a code nor a count",
                counted(self.passed_over, "row", "rows")
            ));
        }
        lines(formatter, texts)
    }
}

fn count_line(count: &CountReport) -> String {
    let CountReport {
        of,
        published,
        counted,
        label,
    } = count;
    let label = printable(label);
    match published {
        Some(published) if published == counted => {
            format!("{of}: {published} published, as many counted ({label})")
        }
        Some(published) => format!(
            "{of}: {published} published, {counted} counted ({label}): {} {}",
            published.abs_diff(*counted),
            if published > counted { "fewer" } else { "more" }
        ),
        None => format!("{of}: {counted} ({label})"),
    }
}

fn group_lines(group: &ErrorGroup) -> Vec<String> {
    let code = group
        .code
        .as_deref()
        .map_or_else(|| "no code".to_owned(), printable);
    let rows = counted(group.count, "row", "rows");
    let mut texts = vec![match (group.means, group.what_to_do, group.who) {
        (Some(means), Some(what_to_do), Some(who)) => {
            format!("{code}, {rows}: {means}\n  {who}: {what_to_do}")
        }
        _ => format!("{code}, {rows}: this code is not known here; the cells are Microsoft's own words"),
    }];
    texts.extend(group.rows.iter().take(SHOWN_MAX).map(|row| {
        let about = row.about.iter().map(|about| {
            let published = if about.published { "" } else { ", not published" };
            format!("{} [{}{published}]", printable(&about.name), about.sourced_id)
        });
        let unknown = row.unknown_ids.iter().map(|id| format!("{id} [nobody's here]"));
        let about: Vec<String> = about.chain(unknown).collect();
        let cells: Vec<String> = row.cells.iter().map(|cell| printable(cell)).collect();
        format!("  line {}\t{}\t{}", row.line, about.join(", "), cells.join(" | "))
    }));
    if group.rows.len() > SHOWN_MAX {
        texts.push(format!(
            "  and {} more; --json has all",
            group.rows.len() - SHOWN_MAX
        ));
    }
    texts
}
