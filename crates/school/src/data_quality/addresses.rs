//! People without an address, where a client asks for addresses.

use oneroster_standard::Kind;

use super::facts::{Facts, counted, some};
use super::{Finding, Rule};

pub(super) fn examine(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    if !facts.subject.asks_for_addresses {
        return;
    }
    let roster = facts.roster;
    let without = roster.users.iter().filter(|user| {
        !user.content.username.contains('@') && !roster.email_domains.contains_key(&user.sourced_id)
    });
    let names: Vec<String> = without
        .map(|user| format!("{:?}", user.content.username))
        .collect();
    if names.is_empty() {
        return;
    }
    let message = format!(
        "{} of {} published would have no email, which a client asks for: no domain is known for {}; give email_domain, a \
         teacher_domain of their school or a pupil_domain of their site in the tenant file, and `oneroster tenant apply` that",
        names.len(),
        counted(roster.users.len(), "person", "people"),
        some(&names)
    );
    findings.push(Finding::new(
        Rule::EmailMissing,
        Kind::AcademicSessions,
        &facts.candidates.year.schooljaar,
        message,
    ));
}
