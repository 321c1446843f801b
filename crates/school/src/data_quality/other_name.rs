//! Usernames that the system made of other names, by another format, or of another length than today's.

use oneroster_standard::Kind;

use super::facts::Facts;
use super::{Finding, Rule};
use crate::username::{Origin, is_name_of};

/// What a person typed or confirmed is theirs, whatever it looks like.
pub(super) fn examine(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    for person in facts.expected_people() {
        let made = facts
            .record(person.p_persoon)
            .filter(|record| record.origin == Origin::Generated);
        let Some(record) = made else { continue };
        if is_name_of(&record.local_part, person, facts.subject.configuration) {
            continue;
        }
        let id = facts.id(person.p_persoon);
        let what_to_do = if facts.subject.final_usernames.contains(&person.rowguid) {
            format!(
                "it was served, so an account hangs on it and it stays; nothing needs to be done. Only if the account and its \
                 mailbox should be renamed: {}",
                facts.command("usernames set", &format!("--user {id} NAME"))
            )
        } else {
            format!(
                "it was never served, so no account hangs on it yet: {} makes it anew",
                facts.command("usernames regenerate", &format!("--user {id}"))
            )
        };
        let message = format!(
            "{:?} was made of other names, by another username_format or of another length than today's: {what_to_do}",
            record.local_part
        );
        findings.push(Finding::new(
            Rule::UsernameNotOfThisName,
            Kind::Users,
            id,
            message,
        ));
    }
}
