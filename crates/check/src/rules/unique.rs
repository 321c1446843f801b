//! What may occur only once.

use std::collections::HashMap;

use oneroster_standard::Kind;

use super::Findings;
use crate::RuleResult;
use crate::client::clip;
use crate::evidence::Evidence;

pub(super) fn judge(evidence: &Evidence) -> Vec<RuleResult> {
    vec![ids(evidence), usernames(evidence)]
}

fn ids(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "ids-unique",
        ["row", "rows"],
        "each sourcedId once in its collection",
    );
    for collection in &evidence.collections {
        if collection.full.broken.is_some() {
            findings.unexamined(super::not_pulled(collection.kind));
        }
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for row in &collection.full.rows {
            let Some(id) = row.id.as_deref() else { continue };
            let count = counts.entry(id).or_default();
            *count += 1;
            findings.expect(*count == 1, || format!("{} again", row.label(collection.kind)));
        }
    }
    findings.finish()
}

fn usernames(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "username-unique",
        ["username", "usernames"],
        "each username once, whatever its capitals",
    );
    let Some(users) = evidence
        .of(Kind::Users)
        .filter(|users| users.full.broken.is_none())
    else {
        findings.unexamined(super::not_pulled(Kind::Users));
        return findings.finish();
    };
    let mut holders: HashMap<String, String> = HashMap::new();
    for row in &users.full.rows {
        let value = row.value();
        let Some(username) = value.get("username").and_then(|name| name.as_str()) else {
            continue;
        };
        let label = row.label(Kind::Users);
        // The same user twice is for `ids-unique`.
        let holder = holders
            .entry(username.to_lowercase())
            .or_insert_with(|| label.clone());
        let problem = (*holder != label).then(|| format!("{label} and {holder} are both {}", clip(username)));
        findings.look(problem);
    }
    findings.finish()
}
