//! Parts of collections, associations, and the endpoints a sync does not need.

use std::collections::{BTreeMap, BTreeSet};

use super::access::other_than;
use super::paging::not_empty_200;
use super::{Findings, counted_rows};
use crate::RuleResult;
use crate::answer::RawAnswer;
use crate::client::clip;
use crate::endpoints::{ASSOCIATIONS, PARTS, Visit};
use crate::evidence::Evidence;

pub(super) fn judge(evidence: &Evidence) -> Vec<RuleResult> {
    let mut results: Vec<RuleResult> = PARTS.iter().map(|part| part_rows(evidence, part.rule)).collect();
    results.push(other_part(evidence));
    results.extend(
        ASSOCIATIONS
            .iter()
            .map(|association| association_rows(evidence, association.rule)),
    );
    results.push(paged(evidence));
    results.push(unknown_field(evidence));
    results.push(unknown_parent(evidence));
    results.push(optional(
        "demographics-endpoint",
        "demographics",
        &evidence.endpoints.demographics,
    ));
    results.push(optional(
        "resources-endpoint",
        "resources",
        &evidence.endpoints.resources,
    ));
    results
}

fn part_rows(evidence: &Evidence, rule: &'static str) -> RuleResult {
    let mut findings = Findings::new(
        rule,
        ["row", "rows"],
        "exactly the objects of the collection that have this role or type, under the collection's key, and each on \
         its own too; a session that a class names is a term, and who is enrolled as one can be read as one",
    );
    visits(evidence, rule, &mut findings);
    for single in evidence
        .endpoints
        .part_singles
        .iter()
        .filter(|single| single.rule == rule)
    {
        findings.look(match &single.found {
            Ok(id) if *id == single.id => None,
            Ok(id) => Some(format!("{} instead of {}", clip(id), clip(&single.id))),
            Err(reason) => Some(reason.clone()),
        });
    }
    findings.finish()
}

fn association_rows(evidence: &Evidence, rule: &'static str) -> RuleResult {
    let mut findings = Findings::new(
        rule,
        ["row", "rows"],
        "exactly the active objects that the collections say belong there (docs/check.md)",
    );
    if visits(evidence, rule, &mut findings) == 0 {
        findings.remark("no object has any".to_owned());
    }
    findings.finish()
}

/// Compares the rows received with those expected. Returns the number of paths visited.
fn visits(evidence: &Evidence, rule: &str, findings: &mut Findings) -> usize {
    let visits = evidence
        .endpoints
        .visits
        .iter()
        .filter(|visit| visit.rule == rule);
    visits.map(|visit| compare(visit, findings)).count()
}

fn compare(visit: &Visit, findings: &mut Findings) {
    if let Some(reason) = &visit.pull.broken {
        findings.look(Some(reason.clone()));
        return;
    }
    let expected: BTreeSet<&str> = visit.expected.iter().map(String::as_str).collect();
    let mut counts: BTreeMap<&str, usize> = expected.iter().map(|id| (*id, 0)).collect();
    for id in visit.pull.rows.iter().filter_map(|row| row.id.as_deref()) {
        *counts.entry(id).or_default() += 1;
    }
    for (id, count) in counts {
        findings.look(match (expected.contains(id), count) {
            (true, 1) => None,
            (true, 0) => Some(format!("{}: {} is missing", visit.path(), clip(id))),
            (true, _) => Some(format!("{}: {} came {count} times", visit.path(), clip(id))),
            (false, _) => Some(format!("{}: {} does not belong there", visit.path(), clip(id))),
        });
    }
}

fn other_part(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "single-of-another-part-404",
        ["object", "objects"],
        "404 with a JSON object for an object of another role or type: a teacher under /students",
    );
    for raw in &evidence.endpoints.other_singles {
        findings.look(other_than(raw, 404));
    }
    findings.finish()
}

fn paged(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "association-paged",
        ["page", "pages"],
        "offset=1&limit=1 gives one row that belongs there, and X-Total-Count tells how many there are",
    );
    let Some(second) = &evidence.endpoints.second_row else {
        findings.remark("no association with three rows was seen".to_owned());
        return findings.finish();
    };
    let answer = &second.list.answer;
    findings.look(match second.list.rows.as_deref() {
        None => Some(answer.trouble()),
        Some([row])
            if answer.total() == Some(second.expected.len())
                && row.id.as_ref().is_some_and(|id| second.expected.contains(id)) =>
        {
            None
        }
        Some(rows) => Some(format!(
            "{}: {}, X-Total-Count {}, of {}",
            answer.request,
            counted_rows(rows.len()),
            answer
                .total_count
                .as_deref()
                .map_or_else(|| "missing".to_owned(), clip),
            second.expected.len()
        )),
    });
    findings.finish()
}

fn unknown_field(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "association-filter-field-400",
        ["association", "associations"],
        "400 with a JSON object for a filter on a field that does not exist",
    );
    if let Some(raw) = &evidence.endpoints.unknown_field {
        findings.look(other_than(raw, 400));
    }
    findings.finish()
}

fn unknown_parent(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "unknown-parent",
        ["association", "associations"],
        "200 and an empty array under a parent that does not exist, or 404 with a JSON object: the same everywhere",
    );
    let endpoints = &evidence.endpoints;
    for list in &endpoints.unknown_parents {
        findings.look(not_empty_200(list));
    }
    for raw in &endpoints.unknown_parents_raw {
        findings.look(other_than(raw, 404));
    }
    match (
        endpoints.unknown_parents.first(),
        endpoints.unknown_parents_raw.first(),
    ) {
        (Some(list), Some(raw)) => findings.look(Some(format!(
            "{} answered {}, {} did not",
            raw.request, raw.described, list.answer.request
        ))),
        (Some(_), None) => findings.remark("they are empty".to_owned()),
        (None, Some(_)) => findings.remark("they are 404".to_owned()),
        (None, None) => {}
    }
    findings.finish()
}

/// Judges an endpoint that a provider may have: an array under its key, or a refusal in JSON.
fn optional(rule: &'static str, key: &'static str, raw: &RawAnswer) -> RuleResult {
    let mut findings = Findings::new(
        rule,
        ["answer", "answers"],
        "200 with an array under the collection's key; or 403 or 404 with a JSON object",
    );
    let has_array = || {
        let compact: String = raw.body.split_whitespace().collect();
        raw.json && compact.contains(&format!("\"{key}\":["))
    };
    findings.look(match raw.status {
        200 => (!has_array()).then(|| format!("{}: no array {key:?}", raw.request)),
        403 | 404 => other_than(raw, raw.status),
        _ => Some(format!("{} answered {}", raw.request, raw.described)),
    });
    if matches!(raw.status, 403 | 404) {
        findings.remark(format!("it is not open to this client: {}", raw.status));
    }
    findings.finish()
}
