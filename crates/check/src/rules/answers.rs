//! What every answer has in common: status, headers, envelope, time.

use std::collections::BTreeMap;

use super::{Findings, counted_rows};
use crate::RuleResult;
use crate::answer::{Answer, ExpectedBody};
use crate::client::clip;
use crate::evidence::Evidence;

pub(super) fn judge(evidence: &Evidence) -> Vec<RuleResult> {
    vec![
        http_200(evidence),
        in_time(evidence),
        content_type(evidence),
        envelope_key(evidence),
        first_key(evidence),
        total_count(evidence),
        total_count_on_singles(evidence),
        one_generation(evidence),
        count_header(evidence),
    ]
}

/// Answers with status 2xx; the others are judged by `http-200` or by a rule of their own.
fn good(evidence: &Evidence) -> impl Iterator<Item = &Answer> {
    evidence
        .answers
        .iter()
        .filter(|answer| (200..300).contains(&answer.status))
}

fn lists(evidence: &Evidence) -> impl Iterator<Item = &Answer> {
    good(evidence).filter(|answer| matches!(answer.wanted, ExpectedBody::List(_)))
}

fn http_200(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new("http-200", ["page", "pages"], "status 200");
    for answer in evidence
        .answers
        .iter()
        .filter(|answer| !answer.edge && !answer.timed_out)
    {
        findings.expect(answer.status == 200, || {
            format!("{}: {}", answer.request, answer.described)
        });
    }
    findings.finish()
}

fn in_time(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "response-under-30-s",
        ["answer", "answers"],
        "every answer complete within 30 s",
    );
    for answer in &evidence.answers {
        findings.expect(!answer.timed_out, || {
            format!(
                "{}: no complete answer within {} s",
                answer.request,
                evidence.limit.as_secs_f64()
            )
        });
    }
    if let Some(slowest) = good(evidence).max_by_key(|answer| answer.elapsed) {
        findings.remark(format!(
            "the slowest took {:.2} s: {}",
            slowest.elapsed.as_secs_f64(),
            slowest.request
        ));
    }
    findings.finish()
}

fn content_type(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "content-type-json",
        ["answer", "answers"],
        "a Content-Type of application/json",
    );
    for answer in good(evidence) {
        findings.expect(answer.says_json(), || {
            let sent = answer
                .content_type
                .as_deref()
                .map_or_else(|| "none".to_owned(), clip);
            format!("{}: {sent}", answer.request)
        });
    }
    findings.finish()
}

fn envelope_key(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "envelope-key",
        ["answer", "answers"],
        "a JSON object with the collection's name as key (of a single object: its singular)",
    );
    for answer in good(evidence) {
        let key = wanted_key(answer);
        let problem = if let Some(problem) = &answer.body_problem {
            Some(format!("{}: {problem}", answer.request))
        } else {
            (!answer.has_key).then(|| format!("{}: no member {key:?}", answer.request))
        };
        findings.look(problem);
    }
    findings.finish()
}

fn wanted_key(answer: &Answer) -> &'static str {
    match answer.wanted {
        ExpectedBody::List(kind) => kind.collection(),
        ExpectedBody::Single(kind) => kind.singular(),
    }
}

fn first_key(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "collection-is-first-key",
        ["answer", "answers"],
        "the collection before any other member: some consumers take the first",
    );
    // An answer without the key is reported by `envelope-key`.
    for answer in lists(evidence).filter(|answer| answer.has_key) {
        findings.expect(answer.first_key.as_deref() == Some(wanted_key(answer)), || {
            format!(
                "{}: begins with {:?}",
                answer.request,
                answer.first_key.as_deref().unwrap_or_default()
            )
        });
    }
    findings.finish()
}

fn total_count(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "total-count-present",
        ["page", "pages"],
        "the header X-Total-Count with a whole number",
    );
    for answer in lists(evidence) {
        findings.look(total_problem(answer));
    }
    findings.finish()
}

fn total_count_on_singles(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "total-count-on-singles",
        ["single object", "single objects"],
        "X-Total-Count here too: Microsoft's older tests ask for it",
    );
    for answer in good(evidence).filter(|answer| matches!(answer.wanted, ExpectedBody::Single(_))) {
        findings.look(total_problem(answer));
    }
    findings.finish()
}

fn total_problem(answer: &Answer) -> Option<String> {
    if answer.total().is_some() {
        return None;
    }
    let sent = answer
        .total_count
        .as_deref()
        .map_or_else(|| "missing".to_owned(), clip);
    Some(format!("{}: X-Total-Count is {sent}", answer.request))
}

fn count_header(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "count-header-agrees",
        ["page with X-Count", "pages with X-Count"],
        "X-Count, where a provider sends it, is the number of rows in the page",
    );
    for answer in lists(evidence) {
        let Some(count) = &answer.count else { continue };
        findings.expect(count.trim().parse() == Ok(answer.row_count), || {
            format!(
                "{}: X-Count {}, {}",
                answer.request,
                clip(count),
                counted_rows(answer.row_count)
            )
        });
    }
    if findings.examined == 0 {
        findings.remark("the provider does not send it".to_owned());
    }
    findings.finish()
}

fn one_generation(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "one-generation-per-token",
        ["answer that names a generation", "answers that name a generation"],
        "one X-Roster-Generation for all that is read with one token",
    );
    let mut generations: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for answer in good(evidence) {
        if let Some(generation) = answer.generation.as_deref() {
            generations.entry(generation).or_insert((&answer.request, 0)).1 += 1;
        }
    }
    let usual = generations.values().map(|(_, count)| *count).max().unwrap_or(0);
    let mut is_usual_seen = false;
    for (generation, (request, count)) in generations {
        let is_usual = count == usual && !is_usual_seen;
        is_usual_seen |= is_usual;
        for _ in 0..count {
            findings.expect(is_usual, || format!("{request}: generation {}", clip(generation)));
        }
    }
    if findings.examined == 0 {
        findings.remark("the provider does not say which state it serves".to_owned());
    }
    findings.finish()
}
