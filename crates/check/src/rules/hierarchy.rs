//! Orgs and sessions that are parts of others: both sides say the same.

use std::collections::BTreeSet;

use oneroster_standard::Kind;

use super::Findings;
use crate::RuleResult;
use crate::client::clip;
use crate::evidence::Evidence;

pub(super) fn judge(evidence: &Evidence) -> Vec<RuleResult> {
    vec![parents(evidence)]
}

/// An object that lists no children says nothing about them: many providers leave them out.
fn parents(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "parent-and-children-agree",
        ["reference", "references"],
        "whom an object lists among its children has it as parent, and the other way round where it lists any",
    );
    for kind in [Kind::AcademicSessions, Kind::Orgs] {
        let pairs =
            |member| -> BTreeSet<(&str, &str)> { evidence.relations.references(kind, member).collect() };
        let (parents, children) = (pairs("parent"), pairs("children"));
        let listing: BTreeSet<&str> = children.iter().map(|(parent, _)| *parent).collect();
        let label = |id: &str| format!("{}/{}", kind.collection(), clip(id));
        // Whom a reference leads nowhere is for `references-resolve`.
        for (parent, child) in children
            .iter()
            .filter(|(_, child)| evidence.relations.has(kind, child, None))
        {
            findings.expect(parents.contains(&(*child, *parent)), || {
                format!(
                    "{} lists {}, which has another parent or none",
                    label(parent),
                    label(child)
                )
            });
        }
        for (child, parent) in parents.iter().filter(|(_, parent)| listing.contains(parent)) {
            findings.expect(children.contains(&(*parent, *child)), || {
                format!(
                    "{} has {} as parent, which does not list it",
                    label(child),
                    label(parent)
                )
            });
        }
    }
    findings.finish()
}
