//! The verdict for people: a tick or a cross per line, then one line that sums up.

use std::fmt::{Display, Formatter};

use oneroster_standard::{counted, counted_objects};

use super::{OK, Verdict};

/// One line per tick and rule, and a summary.
impl Display for Verdict {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let ticks = [
            ("URL", &self.url),
            ("credentials", &self.credentials),
            ("data access", &self.data_access),
        ];
        for (name, outcome) in ticks {
            line(formatter, outcome == OK, name, outcome)?;
        }
        if let Some(base) = &self.base {
            writeln!(formatter, "  base URL {base}")?;
        }
        for rule in &self.rules {
            line(formatter, rule.passed, rule.id, &rule.detail)?;
        }
        formatter.write_str(&summary(self))
    }
}

fn line(formatter: &mut Formatter<'_>, passed: bool, name: &str, detail: &str) -> std::fmt::Result {
    let mark = if passed { '✓' } else { '✗' };
    writeln!(formatter, "{mark} {name:<33} {detail}")
}

fn summary(verdict: &Verdict) -> String {
    let rows: Vec<String> = verdict
        .rows
        .iter()
        .map(|(kind, count)| counted_objects(*count, *kind))
        .collect();
    let rows = if rows.is_empty() {
        "no rows pulled".to_owned()
    } else {
        rows.join(", ")
    };
    let failed = verdict.rules.iter().filter(|rule| !rule.passed).count();
    let outcome = if verdict.passed() {
        "Passed".to_owned()
    } else if failed > 0 {
        format!(
            "Failed {failed} of {}",
            counted(verdict.rules.len(), "rule", "rules")
        )
    } else {
        "Failed".to_owned()
    };
    format!(
        "{outcome}: {rows}; {} in {:.1} s",
        counted(verdict.requests, "request", "requests"),
        verdict.elapsed.as_secs_f64()
    )
}
