//! What the data quality rules find in the new school year, counted by rule.

use std::collections::BTreeMap;

use oneroster_school::data_quality::{Finding, Rule, Severity};
use oneroster_school::informat::school_year::UnknownSchoolYear;
use serde::Serialize;

use crate::publication::Error;
use crate::publication::examine::{self, Known};
use crate::publication::inputs::Inputs;

/// How many findings of a rule are given as examples.
const EXAMPLES: usize = 3;

/// The findings of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleCount {
    /// The rule.
    pub rule: Rule,
    /// How bad its findings are.
    pub severity: Severity,
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub examples: Vec<Finding>,
}

/// Examines inputs in which the new year is active, and gives them back. Other tenants are not looked at.
pub(super) async fn examine(inputs: Inputs, known: Known) -> Result<(Inputs, Vec<RuleCount>), Error> {
    let examined = tokio::task::spawn_blocking(move || {
        let findings = examine::findings(&inputs, &known, &[])?;
        Ok::<_, UnknownSchoolYear>((inputs, counted(findings)))
    });
    Ok(examined.await.map_err(|_| Error::Interrupted)??)
}

/// Counts findings by rule, the worst first.
fn counted(findings: Vec<Finding>) -> Vec<RuleCount> {
    let mut of_rule: BTreeMap<(Severity, &'static str), RuleCount> = BTreeMap::new();
    for finding in findings {
        let (rule, severity) = (finding.rule, finding.severity);
        let counted = of_rule.entry((severity, rule.id())).or_insert_with(|| RuleCount {
            rule,
            severity,
            count: 0,
            examples: Vec::new(),
        });
        counted.count += 1;
        if counted.examples.len() < EXAMPLES {
            counted.examples.push(finding);
        }
    }
    of_rule.into_values().collect()
}

#[cfg(test)]
mod tests {
    use oneroster_standard::Kind;

    use super::*;

    #[test]
    fn findings_are_counted_by_rule_the_worst_first_with_a_few_examples() {
        let finding = |rule: Rule, number: usize| Finding {
            rule,
            severity: rule.severity(),
            kind: Kind::Users,
            sourced_id: number.to_string(),
            message: String::new(),
        };
        let mut findings: Vec<Finding> = (0..4)
            .map(|number| finding(Rule::UnreleasedPeople, number))
            .collect();
        findings.push(finding(Rule::UsernameMissing, 9));
        let counts = counted(findings);
        let named: Vec<_> = counts
            .iter()
            .map(|counted| (counted.rule, counted.count, counted.examples.len()))
            .collect();
        assert_eq!(
            named,
            [(Rule::UsernameMissing, 1, 1), (Rule::UnreleasedPeople, 4, 3)]
        );
    }
}
