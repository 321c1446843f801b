//! Order, fields, filters, faulty parameters, methods and paths.

use chrono::{DateTime, FixedOffset};
use oneroster_standard::{Kind, counted};

use super::access::other_than;
use super::{Findings, counted_rows};
use crate::RuleResult;
use crate::answer::{List, RawAnswer, ReceivedRow};
use crate::client::clip;
use crate::evidence::Evidence;

pub(super) fn judge(evidence: &Evidence) -> Vec<RuleResult> {
    let variations = &evidence.variations;
    vec![
        ordered(evidence, "sort-ascending", &variations.ascending, false),
        ordered(evidence, "sort-descending", &variations.descending, true),
        warned(
            "unknown-sort-200-warning",
            &variations.unknown_sort,
            "invalid_sort_field",
        ),
        fields(evidence),
        warned(
            "unknown-selection-200-warning",
            &variations.unknown_selection,
            "invalid_selection_field",
        ),
        all_refused(
            "blank-fields-400",
            "400 with a JSON object for fields without a name",
            std::slice::from_ref(&variations.blank_fields),
        ),
        all_refused(
            "bad-paging-400",
            "400 with a JSON object for a limit or offset that is no whole number or too small",
            &variations.bad_paging,
        ),
        all_refused(
            "filter-syntax-400",
            "400 with a JSON object for a filter that cannot be read: never all rows",
            &variations.bad_filters,
        ),
        either(evidence),
        not_equal(evidence),
        contains(evidence),
        dotted(evidence),
        wrong_method(evidence),
        head(evidence),
        served(
            "slashes-served",
            "slashes too many served in place",
            &variations.slashes,
        ),
        served(
            "body-on-get-served",
            "a body on GET ignored: some consumers send one",
            &variations.body_on_get,
        ),
        unknown_path(evidence),
        tombstones(evidence),
        booleans(evidence),
    ]
}

fn instant(row: &ReceivedRow) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(row.modified.as_deref()?).ok()
}

fn ordered(evidence: &Evidence, rule: &'static str, list: &List, is_descending: bool) -> RuleResult {
    let mut findings = Findings::new(
        rule,
        ["row", "rows"],
        "users in the order of dateLastModified, beginning with the oldest, or for desc with the newest",
    );
    let Some(rows) = &list.rows else {
        findings.look(Some(list.answer.trouble()));
        return findings.finish();
    };
    let all = evidence.of(Kind::Users).map_or(&[][..], |users| &users.full.rows);
    let all = all.iter().filter_map(instant);
    let end = if is_descending { all.max() } else { all.min() };
    let dates: Vec<_> = rows.iter().filter_map(instant).collect();
    findings.expect(dates.first() == end.as_ref(), || {
        format!("{}: does not begin at the end of the dates", list.answer.request)
    });
    for pair in dates.windows(2) {
        let is_good = if is_descending {
            pair.first() >= pair.last()
        } else {
            pair.first() <= pair.last()
        };
        findings.expect(is_good, || {
            format!("{}: two rows out of order", list.answer.request)
        });
    }
    findings.finish()
}

fn warned(rule: &'static str, raw: &RawAnswer, word: &'static str) -> RuleResult {
    let mut findings = Findings::new(
        rule,
        ["answer", "answers"],
        "200 with the data all the same, and a statusInfoSet that says what was not understood",
    );
    let problem = if raw.status == 200 {
        let has_row = raw.body.contains("\"sourcedId\"") && raw.body.contains("\"name\"");
        (!has_row || !raw.body.contains(word))
            .then(|| format!("{}: no whole row, or no {word}: {}", raw.request, clip(&raw.body)))
    } else {
        Some(format!("{} answered {}", raw.request, raw.described))
    };
    findings.look(problem);
    findings.finish()
}

fn fields(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "fields-exact",
        ["row", "rows"],
        "fields=sourcedId,status gives these two members and no other",
    );
    let list = &evidence.variations.fields;
    match &list.rows {
        None => findings.look(Some(list.answer.trouble())),
        Some(rows) => {
            for row in rows {
                let value = row.value();
                let mut names: Vec<&String> =
                    value.as_object().into_iter().flat_map(|row| row.keys()).collect();
                names.sort();
                findings.expect(names == ["sourcedId", "status"], || {
                    format!(
                        "{}: {}",
                        row.label(Kind::Users),
                        counted(names.len(), "member", "members")
                    )
                });
            }
        }
    }
    findings.finish()
}

fn all_refused(rule: &'static str, expected: &'static str, answers: &[RawAnswer]) -> RuleResult {
    let mut findings = Findings::new(rule, ["answer", "answers"], expected);
    for raw in answers {
        findings.look(other_than(raw, 400));
    }
    findings.finish()
}

fn either(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "filter-or",
        ["filter with OR", "filters with OR"],
        "exactly the rows that match one clause or the other",
    );
    if let Some((wanted, list)) = &evidence.variations.either {
        findings.look(match &list.rows {
            None => Some(list.answer.trouble()),
            Some(rows) => {
                let mut ids: Vec<&str> = rows.iter().filter_map(|row| row.id.as_deref()).collect();
                let mut wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
                ids.sort_unstable();
                wanted.sort_unstable();
                wanted.dedup();
                (ids != wanted).then(|| format!("{}: {}", list.answer.request, counted_rows(rows.len())))
            }
        });
    }
    findings.finish()
}

fn not_equal(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "filter-not-equal",
        ["filter with !=", "filters with !="],
        "as many rows as do not have the value, by X-Total-Count",
    );
    let list = &evidence.variations.not_equal;
    let active = evidence
        .of(Kind::Users)
        .map(|users| users.full.rows.iter().filter(|row| row.is_active()).count());
    findings.look(if list.rows.is_none() {
        Some(list.answer.trouble())
    } else {
        let total = list.answer.total().filter(|total| Some(*total) != active);
        total.map(|total| format!("{}: {}", list.answer.request, counted_rows(total)))
    });
    findings.finish()
}

fn contains(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "filter-contains",
        ["filter with ~", "filters with ~"],
        "the rows whose value contains the text, whatever its capitals",
    );
    if let Some((id, list)) = &evidence.variations.contains {
        findings.look(match &list.rows {
            None => Some(list.answer.trouble()),
            Some(rows) => {
                let is_there = rows.iter().any(|row| row.id.as_ref() == Some(id));
                let all = rows.iter().filter_map(|row| row.id.as_deref());
                let part = id.to_lowercase();
                let is_all = all.into_iter().all(|id| id.to_lowercase().contains(&part));
                (!is_there || !is_all)
                    .then(|| format!("{}: {}", list.answer.request, counted_rows(rows.len())))
            }
        });
    }
    findings.finish()
}

fn dotted(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "filter-dotted",
        [
            "filter on a member of a reference",
            "filters on a member of a reference",
        ],
        "the rows whose reference has that sourcedId",
    );
    if let Some((class, list)) = &evidence.variations.dotted {
        findings.look(match &list.rows {
            None => Some(list.answer.trouble()),
            Some(rows) => {
                let refers = |row: &ReceivedRow| {
                    let value = row.value();
                    value.pointer("/class/sourcedId").and_then(|id| id.as_str()) == Some(class)
                };
                (rows.is_empty() || !rows.iter().all(refers))
                    .then(|| format!("{}: {}", list.answer.request, counted_rows(rows.len())))
            }
        });
    }
    findings.finish()
}

fn wrong_method(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "wrong-method-405",
        ["request", "requests"],
        "405 with an Allow header for a method that the standard does not have (RFC 9110 §15.5.6)",
    );
    let raw = &evidence.variations.wrong_method;
    let is_good = raw.status == 405 && raw.allow.as_deref().is_some_and(|allow| allow.contains("GET"));
    findings.expect(is_good, || {
        format!(
            "{} answered {}, Allow {:?}",
            raw.request, raw.described, raw.allow
        )
    });
    findings.finish()
}

fn head(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "head-like-get",
        ["request", "requests"],
        "HEAD answered as GET, with the same X-Total-Count and no body",
    );
    let (get, head) = (&evidence.variations.get, &evidence.variations.head);
    let is_good = (head.status, &head.total_count) == (get.status, &get.total_count) && head.body.is_empty();
    findings.expect(is_good, || {
        format!(
            "{} answered {}, GET {}",
            head.request, head.described, get.described
        )
    });
    findings.finish()
}

fn served(rule: &'static str, expected: &'static str, raw: &RawAnswer) -> RuleResult {
    let mut findings = Findings::new(rule, ["request", "requests"], expected);
    findings.expect(raw.status == 200 && raw.json, || {
        format!("{} answered {}", raw.request, raw.described)
    });
    findings.finish()
}

fn unknown_path(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "unknown-path-404",
        ["request", "requests"],
        "404 with a JSON object for a path that the standard does not have",
    );
    findings.look(other_than(&evidence.variations.unknown_path, 404));
    findings.finish()
}

fn tombstones(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "tombstone-single-200",
        ["deleted object", "deleted objects"],
        "200 with status tobedeleted when read on its own",
    );
    for (label, problem) in &evidence.variations.tombstones {
        findings.look(problem.as_ref().map(|problem| format!("{label}: {problem}")));
    }
    if findings.examined == 0 {
        findings.remark("nothing is deleted at the moment".to_owned());
    }
    findings.finish()
}

fn booleans(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "booleans-of-one-form",
        ["boolean", "booleans"],
        "all of them strings \"true\" and \"false\", or all of them JSON booleans",
    );
    let (native, text) = (
        &evidence.relations.native_booleans,
        &evidence.relations.text_booleans,
    );
    let (few, many) = if native.0 > text.0 {
        (text, native)
    } else {
        (native, text)
    };
    for _ in 0..many.0 {
        findings.look(None);
    }
    for _ in 0..few.0 {
        findings.look(Some(few.1.clone().unwrap_or_default()));
    }
    findings.finish()
}
