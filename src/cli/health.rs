//! `oneroster health`: what Microsoft would refuse, or what is probably not as meant, before it is synchronised.

use std::collections::BTreeSet;

use clap::Args;
use oneroster_school::data_quality::{Finding, Rule, Severity};
use serde_json::json;

use super::{Global, Outcome, output};
use crate::db::Database;
use crate::publication;

/// How many findings of a rule are listed for people, unless the rule is asked for by name.
const LISTED: usize = 20;

/// Say what Microsoft would refuse, or what is probably not as meant, before it is synchronised.
///
/// Exit code 0 whether it finds something or not; 1 if the data cannot be examined. docs/health.md explains every rule.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The tenant.
    #[arg(long, value_name = "ID")]
    tenant: String,
    /// Findings of this rule only, all of them; may be given more than once.
    #[arg(long, value_name = "RULE", value_parser = rule)]
    rule: Vec<Rule>,
    /// Findings of this severity only: error, warning or info; may be given more than once.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    severity: Vec<Severity>,
}

fn rule(id: &str) -> Result<Rule, String> {
    let found = Rule::ALL.iter().copied().find(|rule| rule.id() == id);
    found.ok_or_else(|| {
        let ids: Vec<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        format!("the rules are {}", ids.join(", "))
    })
}

fn severity(word: &str) -> Result<Severity, String> {
    let found = Severity::ALL
        .into_iter()
        .find(|severity| severity.as_str() == word);
    found.ok_or_else(|| "use error, warning or info".to_owned())
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let database = Database::open(&global.settings()?).await?;
    let findings = publication::examine(database.pool(), &arguments.tenant).await;
    database.close().await;
    let mut findings = findings?;
    let Arguments { rule, severity, .. } = &arguments;
    findings.retain(|finding| {
        (rule.is_empty() || rule.contains(&finding.rule))
            && (severity.is_empty() || severity.contains(&finding.severity))
    });
    if global.json {
        output::json(&json!({"findings": findings}))?;
    } else {
        let listed = if rule.is_empty() { LISTED } else { usize::MAX };
        report(&findings, listed).iter().for_each(output::line);
    }
    Ok(Outcome::Done)
}

/// Lays findings out by severity and rule, each with its count, and lists `listed` of a rule at the most.
fn report(findings: &[Finding], listed: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut counts = Vec::new();
    for severity in Severity::ALL {
        let of_severity = findings.iter().filter(|finding| finding.severity == severity);
        let ids: BTreeSet<&str> = of_severity.clone().map(|finding| finding.rule.id()).collect();
        counts.push(format!("{} {}", of_severity.clone().count(), severity.as_str()));
        for id in ids {
            let of_rule: Vec<&Finding> = of_severity
                .clone()
                .filter(|finding| finding.rule.id() == id)
                .collect();
            lines.push(format!("{} {id}: {}", severity.as_str(), of_rule.len()));
            let shown = of_rule.iter().take(listed);
            lines.extend(shown.map(|finding| {
                let kind = finding.kind.collection();
                format!("  {kind}/{}: {}", finding.sourced_id, finding.message)
            }));
            if of_rule.len() > listed {
                lines.push(format!(
                    "  and {} more: --rule {id} lists all",
                    of_rule.len() - listed
                ));
            }
            lines.push(String::new());
        }
    }
    lines.push(format!("findings: {}", counts.join(", ")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use oneroster_standard::Kind;

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
        let findings = [
            finding(Rule::UsernameTooLong, "a"),
            finding(Rule::RegistrationGap, "b"),
            finding(Rule::RegistrationGap, "c"),
            finding(Rule::TwoRegistrations, "d"),
        ];
        let expected = "\
error username-too-long: 1
  users/a: edit it

warning registration-gap: 2
  users/b: edit it
  and 1 more: --rule registration-gap lists all

warning two-registrations: 1
  users/d: edit it

findings: 1 error, 3 warning, 0 info";
        assert_eq!(report(&findings, 1).join("\n"), expected);
        assert_eq!(report(&[], 1), ["findings: 0 error, 0 warning, 0 info"]);
    }
}
