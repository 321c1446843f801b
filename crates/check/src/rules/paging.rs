//! Pages: counted right, complete, as large as asked, linked.

use std::collections::HashSet;

use super::{Findings, counted_rows, per_collection};
use crate::RuleResult;
use crate::answer::{List, WalkPage};
use crate::client::clip;
use crate::collection::Collection;
use crate::evidence::Evidence;
use crate::link;
use crate::pull::{LARGEST_PAGE_ROWS, PAGE_ROWS, continues};

pub(super) fn judge(evidence: &Evidence) -> Vec<RuleResult> {
    vec![
        not_empty(evidence),
        total_matches(evidence),
        offset_honoured(evidence),
        limit_honoured(evidence),
        short_page(evidence),
        paging_stable(evidence),
        link_form(evidence),
        link_next(evidence),
        ten_thousand(evidence),
        past_end(evidence),
    ]
}

fn not_empty(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "collections-not-empty",
        ["collection", "collections"],
        "at least one active row: a sync needs all six",
    );
    for collection in &evidence.collections {
        if collection.full.broken.is_some() {
            findings.unexamined(super::not_pulled(collection.kind));
            continue;
        }
        findings.expect(!collection.full.rows.is_empty(), || {
            format!("{} is empty", collection.kind.collection())
        });
    }
    findings.finish()
}

fn total_matches(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "total-count-matches",
        ["page", "pages"],
        "X-Total-Count equal to the rows that match the filter, on every page",
    );
    per_collection(evidence, findings, |findings, collection, _| {
        let rows = collection.full.rows.len();
        for page in &collection.full.pages {
            if let Some(total) = page.total() {
                findings.expect(total == rows, || {
                    format!(
                        "{}: X-Total-Count {total}, but {} came",
                        page.request,
                        counted_rows(rows)
                    )
                });
            }
        }
    })
}

fn offset_honoured(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "offset-honoured",
        ["collection", "collections"],
        "offset=2&limit=1 gives another row than the first of the full pull",
    );
    per_collection(evidence, findings, |findings, collection, probes| {
        let rows = &collection.full.rows;
        if rows.len() < 3 {
            findings.remark(format!(
                "{} has too few rows ({}) to tell",
                collection.kind.collection(),
                rows.len()
            ));
            return;
        }
        let third = probes
            .third
            .rows
            .as_deref()
            .and_then(<[_]>::first)
            .and_then(|row| row.id.as_deref());
        let first = rows.first().and_then(|row| row.id.as_deref());
        findings.look(if third.is_none() {
            Some(format!("{} gave no row", probes.third.answer.trouble()))
        } else {
            (third == first).then(|| format!("{} gave the first row again", probes.third.answer.request))
        });
    })
}

fn limit_honoured(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "limit-honoured",
        ["page", "pages"],
        "never more rows than the limit asked for",
    );
    per_collection(evidence, findings, |findings, collection, probes| {
        for page in &probes.walk.pages {
            findings.expect(page.ids.len() <= probes.walk.limit, || {
                format!("{}: {}", page.answer.request, counted_rows(page.ids.len()))
            });
        }
        for page in &collection.full.pages {
            findings.expect(page.row_count <= PAGE_ROWS, || {
                format!("{}: {}", page.request, counted_rows(page.row_count))
            });
        }
        let count = probes.third.answer.row_count;
        findings.expect(count <= 1, || {
            format!("{}: {}", probes.third.answer.request, counted_rows(count))
        });
    })
}

fn short_page(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "short-page-only-at-the-end",
        ["page", "pages"],
        "as many rows as asked while more exist: many consumers stop at a short page",
    );
    per_collection(evidence, findings, |findings, collection, probes| {
        let rows = collection.full.rows.len();
        for page in &probes.walk.pages {
            let count = page.ids.len();
            let is_short_early = count < probes.walk.limit && page.offset + count < rows;
            findings.expect(!is_short_early, || {
                format!(
                    "{}: {}, but the collection has {rows}",
                    page.answer.request,
                    counted_rows(count)
                )
            });
        }
    })
}

fn paging_stable(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "paging-stable",
        ["row", "rows"],
        "the same rows, each once, whatever the size of the pages: the order must not move",
    );
    per_collection(evidence, findings, |findings, collection, probes| {
        if let Some(reason) = &probes.walk.broken {
            findings.unexamined(reason.clone());
            return;
        }
        let name = collection.kind.collection();
        let full: HashSet<&str> = collection
            .full
            .rows
            .iter()
            .filter_map(|row| row.id.as_deref())
            .collect();
        let mut walked = HashSet::new();
        for id in probes.walk.pages.iter().flat_map(|page| &page.ids).flatten() {
            let is_known = full.contains(id.as_str());
            // A row that is twice in the full pull already is for `ids-unique`.
            let is_new = walked.insert(id.as_str()) || full.len() < collection.full.rows.len();
            findings.expect(is_known && is_new, || {
                let what = if is_known {
                    "came twice"
                } else {
                    "was not in the full pull"
                };
                format!("{name}/{id} {what} in pages of {}", probes.walk.limit)
            });
        }
        for id in full.difference(&walked) {
            findings.look(Some(format!(
                "{name}/{id} is missing in pages of {}",
                probes.walk.limit
            )));
        }
    })
}

fn link_form(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "link-header-form",
        ["Link header", "Link headers"],
        "<absolute URL on the same host>; rel=\"next\", … with first, prev, next, last at most once each",
    );
    for collection in &evidence.collections {
        let Some(probes) = &collection.probes else {
            findings.unexamined(super::not_pulled(collection.kind));
            continue;
        };
        for page in &probes.walk.pages {
            let Some(links) = &page.answer.links else { continue };
            let problem = match links {
                Err(problem) => Some(problem.clone()),
                Ok(links) => foreign_link(evidence, links),
            };
            findings.look(problem.map(|problem| format!("{}: {problem}", page.answer.request)));
        }
    }
    findings.finish()
}

fn foreign_link(evidence: &Evidence, links: &link::Links) -> Option<String> {
    let foreign = links.first_foreign(&evidence.base)?;
    Some(format!(
        "{} is on another host than the base URL",
        clip(foreign.as_str())
    ))
}

fn link_next(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "link-next-agrees",
        ["page", "pages"],
        "rel=\"next\" exactly while more rows exist, going on where the page ends, with the same limit and filter",
    );
    per_collection(evidence, findings, |findings, collection, probes| {
        for page in &probes.walk.pages {
            // A header that cannot be read is reported by `link-header-form`.
            if matches!(page.answer.links, Some(Err(_))) {
                continue;
            }
            findings.look(next_problem(page, probes.walk.limit, collection));
        }
    })
}

fn next_problem(page: &WalkPage, limit: usize, collection: &Collection) -> Option<String> {
    let end = page.offset + page.ids.len();
    let next = page.answer.links().and_then(|links| links.get("next"));
    let request = &page.answer.request;
    match next {
        None if end < collection.full.rows.len() => {
            Some(format!("{request}: no next, though more rows exist"))
        }
        None => None,
        Some(_) if end >= collection.full.rows.len() => {
            Some(format!("{request}: a next, though no more rows exist"))
        }
        Some(next) => {
            (!continues(next, end, limit)).then(|| format!("{request}: next is {}", clip(next.as_str())))
        }
    }
}

fn ten_thousand(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "limit-10000-honoured",
        ["collection", "collections"],
        "limit=10000 gives 10,000 rows, or all there are",
    );
    per_collection(evidence, findings, |findings, collection, probes| {
        let rows = collection.full.rows.len().min(LARGEST_PAGE_ROWS);
        let came = &probes.ten_thousand;
        findings.look(match &came.rows {
            None => Some(came.answer.trouble()),
            Some(found) => (found.len() != rows).then(|| {
                format!(
                    "{}: {} instead of {rows}",
                    came.answer.request,
                    counted_rows(found.len())
                )
            }),
        });
    })
}

fn past_end(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "page-past-end-empty",
        ["collection", "collections"],
        "200 and an empty array at an offset past the end",
    );
    per_collection(evidence, findings, |findings, _, probes| {
        findings.look(not_empty_200(&probes.past_end));
    })
}

/// Returns what is wrong with an answer that should be 200 and an empty array.
pub(super) fn not_empty_200(list: &List) -> Option<String> {
    match &list.rows {
        Some(rows) if rows.is_empty() && list.answer.status == 200 => None,
        Some(rows) if !rows.is_empty() => {
            Some(format!("{}: {}", list.answer.request, counted_rows(rows.len())))
        }
        Some(_) | None => Some(list.answer.trouble()),
    }
}
