//! The rules: pure functions over what was seen, one file per theme.
//!
//! A rule has a stable id and says in its detail what was seen; when it is broken, how often, the first offenders
//! and what is expected. A rule that could not examine everything, because a pull broke off, is not passed.

mod access;
mod answers;
mod common;
mod delta;
mod endpoints;
mod filters;
mod hierarchy;
mod objects;
mod paging;
mod record;
mod structure;
mod subject;
mod unique;
mod user;
mod variations;
mod words;

use oneroster_standard::{Kind, counted};

use super::RuleResult;
use super::collection::{Collection, Probes};
use super::evidence::Evidence;

/// How many offenders a rule names.
const NAMED: usize = 3;

/// Judges everything seen, in the order in which a report shows it.
pub(super) fn judge(evidence: &Evidence) -> Vec<RuleResult> {
    let mut results = access::judge(evidence);
    results.extend(answers::judge(evidence));
    results.extend(paging::judge(evidence));
    results.extend(filters::judge(evidence));
    results.extend(variations::judge(evidence));
    results.extend(delta::judge(evidence));
    results.extend(record::judge(evidence));
    results.extend(unique::judge(evidence));
    results.extend(hierarchy::judge(evidence));
    results.extend(objects::judge(evidence));
    results.extend(endpoints::judge(evidence));
    results
}

/// What one rule has found so far.
#[derive(Debug)]
pub(super) struct Findings {
    id: &'static str,
    /// What was examined, one and several: `answer`, `answers`.
    things: [&'static str; 2],
    /// What is right.
    expected: &'static str,
    examined: usize,
    offenders: usize,
    named: Vec<String>,
    unexamined: Vec<String>,
    remarks: Vec<String>,
}

impl Findings {
    fn new(id: &'static str, things: [&'static str; 2], expected: &'static str) -> Self {
        Self {
            id,
            things,
            expected,
            examined: 0,
            offenders: 0,
            named: Vec::new(),
            unexamined: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Examines one thing: `None` if it is right, else what is wrong with it.
    fn look(&mut self, problem: Option<String>) {
        self.examined += 1;
        if let Some(problem) = problem {
            self.offenders += 1;
            if self.named.len() < NAMED {
                self.named.push(problem);
            }
        }
    }

    /// Examines one thing that is right or not.
    fn expect(&mut self, good: bool, problem: impl FnOnce() -> String) {
        self.look((!good).then(problem));
    }

    /// Notes what could not be examined, which leaves the rule not passed.
    fn unexamined(&mut self, what: String) {
        self.unexamined.push(what);
    }

    /// Notes something worth knowing that breaks nothing.
    fn remark(&mut self, text: String) {
        self.remarks.push(text);
    }

    fn finish(self) -> RuleResult {
        let passed = self.offenders == 0 && self.unexamined.is_empty();
        let mut parts = Vec::new();
        let [one, many] = self.things;
        let examined = counted(self.examined, one, many);
        if self.offenders > 0 {
            let others = self.offenders - self.named.len();
            let more = if others > 0 {
                format!("; and {others} more")
            } else {
                String::new()
            };
            parts.push(format!(
                "{} of {examined}: {}{more}. Expected: {}",
                self.offenders,
                self.named.join("; "),
                self.expected
            ));
        } else {
            parts.push(examined);
        }
        if let Some(first) = self.unexamined.first() {
            parts.push(format!(
                "not fully examined ({}): {first}",
                counted(self.unexamined.len(), "time", "times")
            ));
        }
        parts.extend(self.remarks);
        RuleResult {
            id: self.id,
            passed,
            detail: parts.join(". "),
        }
    }
}

/// Runs a rule over the probes of every collection; a collection that could not be pulled is noted as such.
fn per_collection(
    evidence: &Evidence,
    mut findings: Findings,
    look: impl Fn(&mut Findings, &Collection, &Probes),
) -> RuleResult {
    for collection in &evidence.collections {
        if let Some(probes) = &collection.probes {
            look(&mut findings, collection, probes);
        } else {
            let reason = collection.full.broken.as_deref().unwrap_or_default();
            findings.unexamined(format!("{}: {reason}", not_pulled(collection.kind)));
        }
    }
    findings.finish()
}

/// Counts the rows of an answer in words.
fn counted_rows(count: usize) -> String {
    counted(count, "row", "rows")
}

fn not_pulled(kind: Kind) -> String {
    format!("{} could not be pulled", kind.collection())
}

#[cfg(test)]
mod tests {
    use super::Findings;

    fn detail(good: usize, bad: usize) -> String {
        let mut findings = Findings::new("rule", ["deleted row", "deleted rows"], "none");
        for place in 0..good + bad {
            findings.expect(place < good, || format!("row {place}"));
        }
        findings.finish().detail
    }

    #[test]
    fn what_was_looked_at_is_counted_in_words() {
        assert_eq!(detail(0, 0), "0 deleted rows");
        assert_eq!(detail(1, 0), "1 deleted row");
        assert_eq!(detail(0, 1), "1 of 1 deleted row: row 0. Expected: none");
        assert_eq!(detail(1, 1), "1 of 2 deleted rows: row 1. Expected: none");
        let mut findings = Findings::new("rule", ["row", "rows"], "none");
        findings.unexamined("orgs could not be pulled".to_owned());
        let detail = findings.finish().detail;
        assert_eq!(
            detail,
            "0 rows. not fully examined (1 time): orgs could not be pulled"
        );
    }
}
