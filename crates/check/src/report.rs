//! The verdict for people: a tick or a cross per line, then one line that sums up.

use std::fmt::Write;

use super::{OK, Verdict};

/// Writes the verdict as text, one line per tick and rule.
pub fn text(verdict: &Verdict) -> String {
    let mut text = String::new();
    let ticks = [
        ("URL", &verdict.url),
        ("credentials", &verdict.credentials),
        ("data access", &verdict.data_access),
    ];
    for (name, outcome) in ticks {
        line(&mut text, outcome == OK, name, outcome);
    }
    if let Some(base) = &verdict.base {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  base URL {base}");
    }
    for rule in &verdict.rules {
        line(&mut text, rule.passed, rule.id, &rule.detail);
    }
    let _ = write!(text, "{}", summary(verdict));
    text
}

fn line(text: &mut String, passed: bool, name: &str, detail: &str) {
    let mark = if passed { '✓' } else { '✗' };
    let _ = writeln!(text, "{mark} {name:<33} {detail}");
}

fn summary(verdict: &Verdict) -> String {
    let rows: Vec<String> = verdict
        .rows
        .iter()
        .map(|(kind, count)| format!("{count} {}", kind.collection()))
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
        format!("Failed {failed} of {} rules", verdict.rules.len())
    } else {
        "Failed".to_owned()
    };
    format!(
        "{outcome}: {rows}; {} requests in {:.1} s",
        verdict.requests,
        verdict.elapsed.as_secs_f64()
    )
}
