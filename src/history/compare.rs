//! Two generations compared.

use std::collections::{BTreeMap, BTreeSet};

use oneroster_standard::{Kind, StatusType};
use sqlx::PgPool;

use super::explainer::{Event, Explainer};
use super::gather::{audits, entry, generation, read, read_names, referred};
use super::names::Names;
use super::store;
use super::{Compared, Comparison, Entry, Error, Happening, LISTED_MAX, Range};
use crate::roster::{ContentHash, Version, versions};

/// Compares two generations: what is different from end to end, and each step on the way.
///
/// The later one is the newest unless named, the earlier one that before it.
pub async fn between(pool: &PgPool, tenant_id: &str, range: Range) -> Result<Comparison, Error> {
    let mut snapshot = store::begin(pool, tenant_id).await?;
    let kept = store::kept(&mut snapshot, tenant_id).await?;
    let to = range.to.unwrap_or(kept.newest);
    let from = range.from.unwrap_or(to - 1);
    let (earlier, later) = (kept.whole(from)?, kept.whole(to)?);
    if from >= to {
        return Err(Error::WrongOrder { from, to });
    }
    let changed = versions::changed_hashes(&mut snapshot, tenant_id, from, to).await?;
    let mut comparison = Comparison {
        from: generation(earlier, &kept),
        to: generation(later, &kept),
        added: BTreeMap::new(),
        changed: BTreeMap::new(),
        removed: BTreeMap::new(),
        objects: Vec::new(),
        not_listed: 0,
        names: Names::default(),
    };
    let different = count(&mut comparison, net(&changed, (from, to)));
    let listed: BTreeSet<(Kind, String)> = different.keys().cloned().collect();
    let versions = read(&mut snapshot, tenant_id, &listed).await?;
    let owners = referred(&versions);
    // Why an enrollment was removed may be known of its user or class only, listed or not.
    let companions: BTreeSet<_> = owners.difference(&listed).cloned().collect();
    let companions = read(&mut snapshot, tenant_id, &companions).await?;
    let people: Vec<String> = owners
        .iter()
        .chain(&listed)
        .filter(|(kind, _)| *kind == Kind::Users)
        .map(|(_, id)| id.clone())
        .collect();
    let audits = audits(&mut snapshot, tenant_id, &people).await?;
    let mut explainer = Explainer::new(&kept, audits);
    explainer.observe(changed.iter().map(|(version, _)| version));
    explainer.observe(versions.iter().chain(&companions));
    let events = explainer.events(&versions, (from, to));
    let names = read_names(&mut snapshot, tenant_id, owners, &events).await?;
    snapshot.commit().await?;
    comparison.objects = compared(different, &events, &names);
    comparison.names = names;
    Ok(comparison)
}

/// Counts what is different; returns as much of it as is listed.
fn count<'a>(
    comparison: &mut Comparison,
    net: impl Iterator<Item = ((Kind, &'a str), Happening)>,
) -> BTreeMap<(Kind, String), Happening> {
    let mut different = BTreeMap::new();
    for ((kind, sourced_id), happening) in net {
        let counts = if happening == Happening::Added {
            &mut comparison.added
        } else if happening == Happening::Removed {
            &mut comparison.removed
        } else {
            &mut comparison.changed
        };
        *counts.entry(kind).or_default() += 1;
        different.insert((kind, sourced_id.to_owned()), happening);
    }
    comparison.not_listed = different.len().saturating_sub(LISTED_MAX);
    while different.len() > LISTED_MAX {
        different.pop_last();
    }
    different
}

/// Returns what happened to each object from one generation to another; unchanged objects are left out.
fn net(
    changed: &[(Version, ContentHash)],
    (from, to): (i64, i64),
) -> impl Iterator<Item = ((Kind, &str), Happening)> {
    changed
        .chunk_by(|(a, _), (b, _)| (a.kind, &a.sourced_id) == (b.kind, &b.sourced_id))
        .filter_map(move |versions| {
            let held_at = |number| {
                let held = versions.iter().find(|(version, _)| {
                    version.from_number <= number && version.until_number.is_none_or(|until| until > number)
                });
                held.filter(|(version, _)| version.status == StatusType::Active)
            };
            let happening = match (held_at(from), held_at(to)) {
                (None, Some(_)) => Happening::Added,
                (Some(_), None) => Happening::Removed,
                (Some((_, before)), Some((_, after))) if before != after => Happening::Changed,
                (Some(_), Some(_)) | (None, None) => return None,
            };
            let (first, _) = versions.first()?;
            Some(((first.kind, first.sourced_id.as_str()), happening))
        })
}

fn compared(
    different: BTreeMap<(Kind, String), Happening>,
    events: &[Event<'_>],
    names: &Names,
) -> Vec<Compared> {
    let mut steps: BTreeMap<(Kind, String), Vec<Entry>> = BTreeMap::new();
    for event in events {
        let step = entry(event, names, None);
        let of_object = steps.entry((step.kind, step.sourced_id.clone())).or_default();
        of_object.push(step);
    }
    different
        .into_iter()
        .map(|(object, happening)| {
            let steps = steps.remove(&object).unwrap_or_default();
            let (kind, sourced_id) = object;
            let label = steps
                .last()
                .map_or_else(|| sourced_id.clone(), |step| step.label.clone());
            Compared {
                kind,
                sourced_id,
                label,
                happening,
                steps,
            }
        })
        .collect()
}
