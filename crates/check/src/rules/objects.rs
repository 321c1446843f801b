//! Single objects, references followed, and what is refused.

use super::access::other_than;
use super::{Findings, per_collection};
use crate::RuleResult;
use crate::client::clip;
use crate::evidence::Evidence;

pub(super) fn judge(evidence: &Evidence) -> Vec<RuleResult> {
    vec![
        single_equals(evidence),
        href_resolves(evidence),
        unknown_object(evidence),
        unknown_field(evidence),
    ]
}

fn single_equals(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "single-equals-collection",
        ["single object", "single objects"],
        "/collection/sourcedId answers 200 with the object exactly as the collection shows it",
    );
    per_collection(evidence, findings, |findings, _, probes| {
        for single in &probes.singles {
            let problem = single.difference.as_ref();
            findings.look(problem.map(|problem| format!("{}: {problem}", single.label)));
        }
    })
}

fn href_resolves(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "href-resolves",
        ["reference", "references"],
        "an absolute URL on the same host where the object referred to can be read",
    );
    per_collection(evidence, findings, |findings, _, probes| {
        for followed in &probes.followed {
            let problem = followed.problem.as_ref();
            findings.look(problem.map(|problem| format!("{}: {problem}", followed.label)));
        }
    })
}

fn unknown_object(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "unknown-object-404",
        ["collection", "collections"],
        "404 with a JSON object for an id that does not exist",
    );
    per_collection(evidence, findings, |findings, _, probes| {
        findings.look(other_than(&probes.unknown_object, 404));
    })
}

fn unknown_field(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "invalid-filter-field-400",
        ["collection", "collections"],
        "400 with a JSON object that says invalid_filter_field (OneRoster 1.1 §3.4.3)",
    );
    per_collection(evidence, findings, |findings, _, probes| {
        let refusal = &probes.unknown_field;
        let says_so = refusal.body.contains("invalid_filter_field");
        findings.look(other_than(refusal, 400).or_else(|| {
            (!says_so).then(|| format!("{}: the body says {}", refusal.request, clip(&refusal.body)))
        }));
    })
}
