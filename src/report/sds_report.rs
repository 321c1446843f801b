//! The report of `oneroster sds-report`: what School Data Sync said of a run, by code, with who and what each row is about.

use std::fmt::{Display, Formatter};

use oneroster_entra::sds::code_of;
use oneroster_standard::first_few;
use serde::Serialize;

use super::words::{counted, lines, printable};
use crate::microsoft::{Comparison, Group, Told, ToldRow, counted_word};

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

/// How many people without an account the summary names.
const UNMATCHED_NAMED: usize = 5;

/// The code of a person without an account.
const UNMATCHED: &str = "UnmatchedEntry";

impl SdsReport {
    /// Returns the run in one sentence, if it says how many people there are: what was published, what Microsoft counted, who has no
    /// account.
    fn summary(&self) -> Option<String> {
        let of = |word: &str| self.counts.iter().find(|count| count.of == word);
        let people = of("users")
            .map(|count| (count.published, count.counted))
            .or_else(|| {
                let (pupils, staff) = (of("pupils")?, of("staff")?);
                Some((
                    Some(pupils.published? + staff.published?),
                    pupils.counted + staff.counted,
                ))
            });
        let (published, counted) = people?;
        let unmatched: Vec<String> = self
            .errors
            .iter()
            .filter(|group| {
                group
                    .code
                    .as_deref()
                    .is_some_and(|code| code.eq_ignore_ascii_case(UNMATCHED))
            })
            .flat_map(|group| &group.rows)
            .flat_map(|row| &row.about)
            .map(|about| printable(&about.name))
            .collect();
        let is_unmatched = |count: &&CountReport| count.of == "unmatched";
        let told: u64 = self
            .counts
            .iter()
            .filter(is_unmatched)
            .map(|count| count.counted)
            .sum();
        let count = told.max(u64::try_from(unmatched.len()).unwrap_or(u64::MAX));
        let named = match (count, unmatched.is_empty()) {
            (0, _) => String::new(),
            (count, true) => format!(", {} unmatched", thousands(count)),
            (count, false) => format!(
                ", {} unmatched: {}",
                thousands(count),
                first_few(&unmatched, UNMATCHED_NAMED)
            ),
        };
        let (published, counted) = (thousands(published?), thousands(counted));
        Some(format!(
            "we published {published}, Microsoft counted {counted}{named}"
        ))
    }
}

/// Writes a number with a comma between its thousands.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
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
            of: counted_word(comparison.of),
            published: comparison.published,
            counted: comparison.counted,
            label: comparison.label,
        }
    }
}

impl Display for SdsReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let mut texts: Vec<String> = self.summary().into_iter().collect();
        texts.extend(self.counts.iter().map(count_line));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r143_a_run_is_told_in_one_sentence_with_who_has_no_account() {
        let count = |of, published, counted| CountReport {
            of,
            published,
            counted,
            label: of.to_owned(),
        };
        let about = AboutReport {
            kind: "users",
            sourced_id: "a".to_owned(),
            name: "Jan Janssens".to_owned(),
            published: true,
        };
        let row = RowReport {
            line: 2,
            about: vec![about],
            unknown_ids: Vec::new(),
            cells: Vec::new(),
        };
        let mut report = SdsReport {
            tenant: "zandpoort".to_owned(),
            errors: Vec::new(),
            counts: vec![
                count("pupils", Some(4400), 4397),
                count("staff", Some(412), 412),
                count("unmatched", None, 3),
            ],
            passed_over: 0,
        };
        let said = "we published 4,812, Microsoft counted 4,809, 3 unmatched";
        assert_eq!(report.summary().as_deref(), Some(said));
        report.errors.push(ErrorGroup {
            code: Some("UnmatchedEntry".to_owned()),
            count: 1,
            means: None,
            what_to_do: None,
            who: None,
            rows: vec![row],
        });
        assert_eq!(report.summary(), Some(format!("{said}: Jan Janssens")));
        report.counts.clear();
        assert_eq!(report.summary(), None);
    }
}
