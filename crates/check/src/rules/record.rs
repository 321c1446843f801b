//! Rules about one object at a time: one table row each. Every object is parsed once and shown to every rule.

use super::subject::{Index, RecordRule, Subject};
use super::{Findings, common, not_pulled, structure, user};
use crate::RuleResult;
use crate::evidence::Evidence;

/// Judges every object by every rule that concerns it.
pub(super) fn judge(evidence: &Evidence) -> Vec<RuleResult> {
    let index = Index::new(evidence);
    let rules: Vec<&RecordRule> = common::RULES
        .iter()
        .chain(&user::RULES)
        .chain(&structure::RULES)
        .collect();
    let last = common::LAST;
    let mut rules: Vec<(&RecordRule, Findings)> = rules
        .into_iter()
        .chain([&last])
        .map(|rule| (rule, Findings::new(rule.id, ["row", "rows"], rule.expected)))
        .collect();
    for collection in &evidence.collections {
        let kind = collection.kind;
        if collection.full.broken.is_some() {
            for (rule, findings) in &mut rules {
                if rule.kinds.contains(&kind) {
                    findings.unexamined(not_pulled(kind));
                }
            }
        }
        let active = collection.full.rows.iter().map(|row| (row, false));
        let inactive = collection.inactive.iter().map(|row| (row, true));
        for (row, is_inactive) in active.chain(inactive) {
            let value = row.value();
            let mut subject = Subject {
                kind,
                value: &value,
                index: &index,
                is_faulty: false,
            };
            for (rule, findings) in &mut rules {
                if !rule.kinds.contains(&kind) || (is_inactive && !rule.inactive) {
                    continue;
                }
                let problem = (rule.check)(&subject);
                subject.is_faulty |= problem.is_some();
                findings.look(problem.map(|problem| format!("{}: {problem}", row.label(kind))));
            }
        }
    }
    rules.into_iter().map(|(_, findings)| findings.finish()).collect()
}
