//! The report of `oneroster health`: what Microsoft would refuse, or what is probably not as meant.

use std::collections::BTreeSet;
use std::fmt::{Display, Formatter};

use oneroster_school::data_quality::{Finding, Severity};
use serde::Serialize;

use super::words::counted;

/// How many findings of a rule are listed for people, unless the rule is asked for by name.
pub const LISTED_MAX: usize = 20;

/// What was found in a tenant's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingsReport {
    /// The findings.
    pub findings: Vec<Finding>,
    /// How many of a rule are listed for people.
    #[serde(skip)]
    pub listed_max: usize,
}

/// By severity and rule, each with its count.
impl Display for FindingsReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let mut counts = Vec::new();
        for severity in Severity::ALL {
            let of_severity = || {
                let findings = self.findings.iter();
                findings.filter(move |finding| finding.severity == severity)
            };
            let (one, many) = match severity {
                Severity::Error => ("error", "errors"),
                Severity::Warning => ("warning", "warnings"),
                Severity::Info => ("info", "info"),
            };
            counts.push(counted(of_severity().count(), one, many));
            let ids: BTreeSet<&str> = of_severity().map(|finding| finding.rule.id()).collect();
            for id in ids {
                let of_rule: Vec<&Finding> =
                    of_severity().filter(|finding| finding.rule.id() == id).collect();
                writeln!(formatter, "{} {id}: {}", severity.as_str(), of_rule.len())?;
                for finding in of_rule.iter().take(self.listed_max) {
                    let kind = finding.kind.collection();
                    writeln!(formatter, "  {kind}/{}: {}", finding.sourced_id, finding.message)?;
                }
                let more = of_rule.len().saturating_sub(self.listed_max);
                if more > 0 {
                    writeln!(formatter, "  and {more} more: --rule {id} lists all")?;
                }
                writeln!(formatter)?;
            }
        }
        write!(formatter, "findings: {}", counts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use oneroster_school::data_quality::Rule;
    use oneroster_standard::Kind;

    use super::*;
    use crate::report::snapshot;

    fn finding(rule: Rule, sourced_id: &str) -> Finding {
        Finding {
            rule,
            severity: rule.severity(),
            kind: Kind::Users,
            sourced_id: sourced_id.to_owned(),
            message: "edit it".to_owned(),
        }
    }

    #[test]
    fn findings_are_grouped_by_severity_and_rule_and_long_lists_are_cut() {
        let findings = vec![
            finding(Rule::UsernameTooLong, "a"),
            finding(Rule::RegistrationGap, "b"),
            finding(Rule::RegistrationGap, "c"),
            finding(Rule::TwoRegistrations, "d"),
        ];
        snapshot::assert(
            "health",
            &FindingsReport {
                findings,
                listed_max: 1,
            },
        );
        let none = FindingsReport {
            findings: Vec::new(),
            listed_max: 1,
        };
        assert_eq!(none.to_string(), "findings: 0 errors, 0 warnings, 0 info");
    }
}
