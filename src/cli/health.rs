//! `oneroster health`: what Microsoft would refuse, or what is probably not as meant, before it is synchronised.

use clap::Args;
use oneroster_school::data_quality::{Rule, Severity};

use super::argument::Tenant;
use super::{Global, Outcome, Purpose, output};
use crate::publication;
use crate::report::data_quality::{FindingsReport, LISTED_MAX};

/// Say what Microsoft would refuse, or what is probably not as meant, before it is synchronised.
///
/// Exit code 0 whether it finds something or not; 1 if the data cannot be examined. docs/health.md explains every rule.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oneroster health --tenant zandpoort --severity error")]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
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
    let database = global.open(Purpose::Read).await?;
    let findings = publication::examine(database.pool(), &arguments.tenant.id).await;
    database.close().await;
    let mut findings = findings?;
    let Arguments { rule, severity, .. } = &arguments;
    findings.retain(|finding| {
        (rule.is_empty() || rule.contains(&finding.rule))
            && (severity.is_empty() || severity.contains(&finding.severity))
    });
    let listed_max = if rule.is_empty() { LISTED_MAX } else { usize::MAX };
    output::report(&FindingsReport { findings, listed_max }, global.json)?;
    Ok(Outcome::Done)
}
