//! Filters and other parameters: what they select, and what they must not refuse.

use oneroster_standard::Kind;

use super::paging::not_empty_200;
use super::{Findings, counted_rows, per_collection};
use crate::RuleResult;
use crate::answer::List;
use crate::collection::Probes;
use crate::evidence::Evidence;

pub(super) fn judge(evidence: &Evidence) -> Vec<RuleResult> {
    vec![
        unfiltered(evidence),
        status_filter(evidence),
        empty_answer(
            evidence,
            "no-records-empty",
            "sourcedId that does not exist",
            |probes| &probes.no_records,
        ),
        empty_answer(
            evidence,
            "enum-outside-vocabulary-empty",
            "status that does not exist",
            |probes| &probes.outside_vocabulary,
        ),
        by_id(evidence),
        two_clauses(evidence),
        stray_parameter(evidence),
    ]
}

fn status_filter(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "status-filter-honoured",
        ["row", "rows"],
        "no deleted row behind the filter status='active'",
    );
    per_collection(evidence, findings, |findings, collection, _| {
        for row in &collection.full.rows {
            findings.expect(!row.is_tombstone(), || {
                format!("{} is tobedeleted", row.label(collection.kind))
            });
        }
    })
}

fn empty_answer(
    evidence: &Evidence,
    id: &'static str,
    what: &'static str,
    probe: impl Fn(&Probes) -> &List,
) -> RuleResult {
    let findings = Findings::new(
        id,
        ["collection", "collections"],
        "200 and an empty array under the collection's key",
    );
    let mut result = per_collection(evidence, findings, |findings, _, probes| {
        findings.look(not_empty_200(probe(probes)));
    });
    if result.passed {
        result.detail = format!("{} asked for a {what}", result.detail);
    }
    result
}

fn by_id(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "filter-by-sourced-id",
        ["collection", "collections"],
        "exactly the row whose sourcedId the filter names",
    );
    per_collection(evidence, findings, |findings, collection, probes| {
        let Some(list) = &probes.by_id else { return };
        let wanted = collection.full.rows.first().and_then(|row| row.id.as_deref());
        findings.look(match list.rows.as_deref() {
            None => Some(list.answer.trouble()),
            Some([row]) if row.id.as_deref() == wanted => None,
            Some(rows) => Some(format!("{}: {}", list.answer.request, counted_rows(rows.len()))),
        });
    })
}

fn two_clauses(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "filter-two-clauses",
        ["filter with AND", "filters with AND"],
        "as many rows as match both clauses, by X-Total-Count",
    );
    let list = &evidence.active_students;
    let users = evidence.of(Kind::Users).filter(|users| users.probes.is_some());
    let Some(users) = users else {
        findings.unexamined(super::not_pulled(Kind::Users));
        return findings.finish();
    };
    let students = users
        .full
        .rows
        .iter()
        .filter(|row| row.value().get("role").is_some_and(|role| role == "student"));
    let students = students.count();
    findings.look(if list.rows.is_none() {
        Some(list.answer.trouble())
    } else {
        let total = list.answer.total().filter(|total| *total != students);
        total.map(|total| {
            format!(
                "{}: {} instead of {students}",
                list.answer.request,
                counted_rows(total)
            )
        })
    });
    findings.finish()
}

fn stray_parameter(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "unknown-parameter-ignored",
        ["collection", "collections"],
        "200 in spite of an unknown parameter: a request of Microsoft's carries one",
    );
    per_collection(evidence, findings, |findings, _, probes| {
        let answer = &probes.stray_parameter.answer;
        findings.expect(answer.status == 200, || answer.trouble());
    })
}

fn unfiltered(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "unfiltered-total-count",
        ["collection", "collections"],
        "without a filter, a last row exactly where X-Total-Count says: Microsoft's converter counts on it",
    );
    per_collection(evidence, findings, |findings, _, probes| {
        let Some(last) = &probes.unfiltered_last else {
            findings.look(
                probes
                    .unfiltered
                    .rows
                    .is_none()
                    .then(|| probes.unfiltered.answer.trouble()),
            );
            return;
        };
        findings.look(match &last.rows {
            None => Some(last.answer.trouble()),
            Some(rows) => {
                (rows.len() != 1).then(|| format!("{}: {}", last.answer.request, counted_rows(rows.len())))
            }
        });
    })
}
