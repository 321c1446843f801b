//! Deltas: what `dateLastModified>'…'` must bring, and what not.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, FixedOffset};

use super::{Findings, counted_rows, per_collection};
use crate::RuleResult;
use crate::answer::Delta;
use crate::client::clip;
use crate::collection::{Collection, Probes};
use crate::evidence::Evidence;

pub(super) fn judge(evidence: &Evidence) -> Vec<RuleResult> {
    vec![
        complete(evidence),
        tombstones(evidence),
        agrees(evidence),
        after_middle(evidence),
        after_newest(evidence),
        by_day(evidence),
    ]
}

fn instant(text: Option<&String>) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text?).ok()
}

fn complete(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "delta-complete",
        ["row", "rows"],
        "every active row, and as many rows as X-Total-Count says, in one answer or along rel=\"next\"",
    );
    per_collection(evidence, findings, |findings, collection, probes| {
        let delta = &probes.delta_all;
        let name = collection.kind.collection();
        if let Some(reason) = &delta.broken {
            findings.unexamined(reason.clone());
            return;
        }
        if delta.page_count > 1 {
            findings.remark(format!("{name} came in {} pages", delta.page_count));
        }
        let ids: HashSet<&str> = delta.rows.iter().filter_map(|row| row.id.as_deref()).collect();
        for id in collection.full.rows.iter().filter_map(|row| row.id.as_deref()) {
            findings.expect(ids.contains(id), || {
                format!("{name}/{} is not in the delta since 1970", clip(id))
            });
        }
        if let Some(total) = delta.total.filter(|total| *total > delta.rows.len()) {
            findings.look(Some(format!(
                "{name}: {} of {} came",
                delta.rows.len(),
                counted_rows(total)
            )));
        }
    })
}

fn tombstones(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "delta-has-tombstones-or-none",
        ["deleted row", "deleted rows"],
        "the delta since 1970 holds every row that status='tobedeleted' counts",
    );
    let mut result = per_collection(evidence, findings, |findings, collection, probes| {
        let delta = &probes.delta_all;
        if delta.broken.is_some() {
            findings.unexamined(super::not_pulled(collection.kind));
            return;
        }
        let in_delta = delta.rows.iter().filter(|row| row.is_tombstone).count();
        let counted = probes.tombstone_count.answer.total().unwrap_or(0);
        // One more than was received shows the fault; the count is the provider's and may be anything.
        for place in 0..counted.min(in_delta + 1) {
            findings.expect(place < in_delta, || {
                format!(
                    "{}: {in_delta} in the delta, {counted} counted",
                    collection.kind.collection()
                )
            });
        }
    });
    let is_none = evidence
        .collections
        .iter()
        .all(|collection| collection.inactive.is_empty());
    if is_none && result.passed {
        result.detail.push_str(". Nothing is deleted at the moment");
    }
    result
}

/// An active row of the delta that the full pull did not have was either added since or wrongly left out.
fn agrees(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "delta-agrees-with-full",
        ["row", "rows"],
        "no active row that the full pull lacked, and each row with the same date as there, or a newer one",
    );
    per_collection(evidence, findings, |findings, collection, probes| {
        let dates: HashMap<&str, Option<DateTime<FixedOffset>>> = collection
            .full
            .rows
            .iter()
            .filter_map(|row| Some((row.id.as_deref()?, instant(row.modified.as_ref()))))
            .collect();
        let newest = dates.values().max().copied().flatten();
        for row in probes.delta_all.rows.iter().filter(|row| row.is_active) {
            let Some(id) = row.id.as_deref() else { continue };
            let date = instant(row.modified.as_ref());
            let is_good = match dates.get(id) {
                Some(known) => date >= *known,
                None => date > newest,
            };
            findings.expect(is_good, || {
                let what = if dates.contains_key(id) {
                    "has an older date than"
                } else {
                    "is active but was not in"
                };
                format!(
                    "{}/{} {what} the full pull",
                    collection.kind.collection(),
                    clip(id)
                )
            });
        }
    })
}

fn after_middle(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "delta-filters-by-date",
        ["row", "rows"],
        "exactly the rows modified after the instant asked for, to the millisecond",
    );
    per_collection(evidence, findings, |findings, collection, probes| {
        let Some(delta) = &probes.delta_middle else {
            findings.remark(format!("{} has only one date", collection.kind.collection()));
            return;
        };
        let Some(after) = later_rows(findings, collection, delta) else {
            return;
        };
        let came: HashSet<&str> = delta.rows.iter().filter_map(|row| row.id.as_deref()).collect();
        for row in &probes.delta_all.rows {
            if let (Some(date), Some(id)) = (instant(row.modified.as_ref()), row.id.as_deref())
                && date > after
            {
                findings.expect(came.contains(id), || {
                    format!(
                        "{}/{} is missing after {}",
                        collection.kind.collection(),
                        clip(id),
                        clip(&delta.after)
                    )
                });
            }
        }
    })
}

fn after_newest(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "delta-after-newest-empty",
        ["collection", "collections"],
        "nothing after the newest date seen, unless it is newer still",
    );
    per_collection(evidence, findings, |findings, collection, probes| {
        let Some(delta) = &probes.delta_newest else { return };
        if later_rows(findings, collection, delta).is_some() && !delta.rows.is_empty() {
            let count = delta.rows.len();
            findings.remark(format!(
                "{}: {} of a newer state",
                collection.kind.collection(),
                counted_rows(count)
            ));
        }
        if delta.rows.is_empty() && delta.broken.is_none() {
            findings.look(None);
        }
    })
}

/// Looks at each row of a delta: it must be newer than what was asked for. Returns the instant asked for.
fn later_rows(
    findings: &mut Findings,
    collection: &Collection,
    delta: &Delta,
) -> Option<DateTime<FixedOffset>> {
    if let Some(reason) = &delta.broken {
        findings.unexamined(reason.clone());
        return None;
    }
    let after = DateTime::parse_from_rfc3339(&delta.after).ok()?;
    for row in &delta.rows {
        let date = instant(row.modified.as_ref());
        findings.expect(date.is_some_and(|date| date > after), || {
            let id = row
                .id
                .as_deref()
                .map_or_else(|| "(no sourcedId)".to_owned(), clip);
            let modified = row.modified.as_deref().map_or_else(|| "no date".to_owned(), clip);
            format!(
                "{}/{id} has {modified}, asked after {}",
                collection.kind.collection(),
                clip(&delta.after)
            )
        });
    }
    Some(after)
}

fn by_day(evidence: &Evidence) -> RuleResult {
    let findings = Findings::new(
        "delta-by-day",
        ["collection", "collections"],
        "a date without a time is understood too: as many rows as with one",
    );
    per_collection(evidence, findings, |findings, _, probes: &Probes| {
        let answer = &probes.delta_by_day.answer;
        if probes.delta_by_day.rows.is_none() {
            findings.look(Some(answer.trouble()));
        } else if let (Some(total), Some(all)) = (answer.total(), probes.delta_all.total) {
            findings.expect(total >= all, || {
                format!("{}: {} instead of {all}", answer.request, counted_rows(total))
            });
        }
    })
}
