//! The rules: pure functions over what was seen, one file per theme.
//!
//! A rule has a stable id and says in its detail what was seen; when it is broken, how often, the first offenders
//! and what is expected. A rule that could not look at everything, because a pull broke off, is not passed.

mod access;
mod answers;
mod common;
mod delta;
mod endpoints;
mod filters;
mod objects;
mod paging;
mod record;
mod structure;
mod subject;
mod unique;
mod user;
mod variations;
mod words;

use oneroster_standard::Kind;

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
    results.extend(objects::judge(evidence));
    results.extend(endpoints::judge(evidence));
    results
}

/// What one rule has found so far.
#[derive(Debug)]
pub(super) struct Findings {
    id: &'static str,
    /// What was looked at, in the plural: `answers`, `users`.
    things: &'static str,
    /// What is right.
    expected: &'static str,
    examined: usize,
    offenders: usize,
    named: Vec<String>,
    unexamined: Vec<String>,
    remarks: Vec<String>,
}

impl Findings {
    fn new(id: &'static str, things: &'static str, expected: &'static str) -> Self {
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

    /// Looks at one thing: `None` is good, else what is wrong with it.
    fn look(&mut self, problem: Option<String>) {
        self.examined += 1;
        if let Some(problem) = problem {
            self.offenders += 1;
            if self.named.len() < NAMED {
                self.named.push(problem);
            }
        }
    }

    /// Looks at one thing that is good or not.
    fn expect(&mut self, good: bool, problem: impl FnOnce() -> String) {
        self.look((!good).then(problem));
    }

    /// Notes what could not be looked at, which leaves the rule not passed.
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
        if self.offenders > 0 {
            let others = self.offenders - self.named.len();
            let more = if others > 0 {
                format!("; and {others} more")
            } else {
                String::new()
            };
            parts.push(format!(
                "{} of {} {}: {}{more}. Expected: {}",
                self.offenders,
                self.examined,
                self.things,
                self.named.join("; "),
                self.expected
            ));
        } else {
            parts.push(format!("{} {}", self.examined, self.things));
        }
        if let Some(first) = self.unexamined.first() {
            parts.push(format!(
                "not fully examined ({} times): {first}",
                self.unexamined.len()
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
        if let Some(probes) = &collection.more {
            look(&mut findings, collection, probes);
        } else {
            let reason = collection.full.broken.as_deref().unwrap_or_default();
            findings.unexamined(format!("{}: {reason}", not_pulled(collection.kind)));
        }
    }
    findings.finish()
}

fn not_pulled(kind: Kind) -> String {
    format!("{} could not be pulled", kind.collection())
}
