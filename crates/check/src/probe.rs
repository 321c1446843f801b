//! The single questions about one collection: what its answers are at the edges.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, FixedOffset};
use oneroster_standard::{Kind, counted};
use reqwest::Url;
use serde_json::Value;

use super::answer::{Delta, FullPull, List, RawAnswer, ReceivedRow};
use super::client::clip;
use super::collection::{Collection, Followed, Probes, Single};
use super::pull::{self, ACTIVE, LARGEST_PAGE_ROWS, LONG_AGO};
use super::session::Session;

/// Objects read on their own, and references followed, per collection and reference.
const SAMPLES: usize = 3;

/// Gathers everything about one collection. `step` reports progress.
pub(super) async fn collection(session: &mut Session<'_>, kind: Kind, step: impl Fn(&str)) -> Collection {
    let name = kind.collection();
    let full = pull::full(session, kind, |rows| {
        step(&format!("{name}: {}", counted(rows, "row", "rows")));
    })
    .await;
    if full.broken.is_some() {
        return Collection {
            kind,
            full,
            inactive: Vec::new(),
            probes: None,
        };
    }
    step(&format!("{name}: small pages"));
    let walk = pull::walk(session, kind, full.rows.len()).await;
    step(&format!("{name}: delta"));
    let mut inactive = Vec::new();
    let delta_all = pull::delta(session, kind, LONG_AGO, |row| {
        if !row.is_active() {
            inactive.push(row);
        }
    })
    .await;
    let instants = instants(&full, &delta_all);
    let (delta_middle, delta_newest) = later_deltas(session, kind, &instants).await;
    step(&format!("{name}: single requests"));
    let edges = edges(session, kind, &full).await;
    let (unknown_object, unknown_field) = refusals(session, kind).await;
    let singles = singles(session, kind, &full).await;
    let followed = follow(session, kind, &full).await;
    let probes = Probes {
        walk,
        third: edges.third,
        past_end: edges.past_end,
        ten_thousand: edges.ten_thousand,
        unfiltered: edges.unfiltered,
        unfiltered_last: edges.unfiltered_last,
        no_records: edges.no_records,
        outside_vocabulary: edges.outside_vocabulary,
        by_id: edges.by_id,
        stray_parameter: edges.stray_parameter,
        tombstone_count: edges.tombstone_count,
        delta_by_day: edges.delta_by_day,
        delta_all,
        delta_middle,
        delta_newest,
        unknown_object,
        unknown_field,
        singles,
        followed,
    };
    Collection {
        kind,
        full,
        inactive,
        probes: Some(Box::new(probes)),
    }
}

/// Every instant a row was modified at, oldest first, each as first seen.
fn instants(full: &FullPull, delta: &Delta) -> Vec<String> {
    let rows = full.rows.iter().filter_map(|row| row.modified.as_deref());
    let deltas = delta.rows.iter().filter_map(|row| row.modified.as_deref());
    let mut found: BTreeMap<DateTime<FixedOffset>, &str> = BTreeMap::new();
    for text in rows.chain(deltas) {
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            found.entry(instant).or_insert(text);
        }
    }
    found.into_values().map(str::to_owned).collect()
}

async fn later_deltas(
    session: &mut Session<'_>,
    kind: Kind,
    instants: &[String],
) -> (Option<Delta>, Option<Delta>) {
    let middle = instants
        .len()
        .checked_sub(2)
        .and_then(|last| instants.get(last / 2));
    let middle = match middle {
        Some(instant) => Some(pull::delta(session, kind, instant, |_| ()).await),
        None => None,
    };
    let newest = match instants.last() {
        Some(instant) => Some(pull::delta(session, kind, instant, |_| ()).await),
        None => None,
    };
    (middle, newest)
}

struct Edges {
    third: List,
    past_end: List,
    ten_thousand: List,
    unfiltered: List,
    unfiltered_last: Option<List>,
    no_records: List,
    outside_vocabulary: List,
    by_id: Option<List>,
    stray_parameter: List,
    tombstone_count: List,
    delta_by_day: List,
}

async fn edges(session: &mut Session<'_>, kind: Kind, full: &FullPull) -> Edges {
    let rows = full.rows.len();
    let total = full
        .pages
        .first()
        .and_then(super::answer::Answer::total)
        .unwrap_or(rows)
        .max(rows);
    let past = total.to_string();
    let unfiltered = session.edge(kind, &[("limit", "1")]).await;
    let unfiltered_last = match unfiltered.answer.total().and_then(|total| total.checked_sub(1)) {
        Some(last) => {
            let last = last.to_string();
            Some(session.edge(kind, &[("offset", &last), ("limit", "10")]).await)
        }
        None => None,
    };
    let by_id = match full
        .rows
        .first()
        .and_then(|row| row.id.as_deref())
        .filter(|id| !id.contains('\''))
    {
        Some(id) => Some(
            session
                .edge(kind, &[("filter", &format!("sourcedId='{id}'"))])
                .await,
        ),
        None => None,
    };
    Edges {
        third: session
            .edge(kind, &[("offset", "2"), ("limit", "1"), ACTIVE])
            .await,
        past_end: session
            .edge(kind, &[("offset", &past), ("limit", "5000"), ACTIVE])
            .await,
        ten_thousand: session
            .edge(kind, &[("limit", &LARGEST_PAGE_ROWS.to_string()), ACTIVE])
            .await,
        unfiltered,
        unfiltered_last,
        no_records: session.edge(kind, &[("filter", "sourcedId='norecords'")]).await,
        outside_vocabulary: session.edge(kind, &[("filter", "status='norecords'")]).await,
        by_id,
        // One Classic request carries a blank in the name of the parameter.
        stray_parameter: session
            .edge(kind, &[("limit ", "100"), ("limit", "1"), ACTIVE])
            .await,
        tombstone_count: session
            .edge(kind, &[("limit", "1"), ("filter", "status='tobedeleted'")])
            .await,
        delta_by_day: session
            .edge(
                kind,
                &[("limit", "1"), ("filter", "dateLastModified>'1970-01-01'")],
            )
            .await,
    }
}

async fn refusals(session: &mut Session<'_>, kind: Kind) -> (RawAnswer, RawAnswer) {
    let token = Some(session.token);
    let object = session
        .raw(&[kind.collection(), "no-such-object"], &[], token)
        .await;
    let field = session
        .raw(&[kind.collection()], &[("filter", "noSuchField='1'")], token)
        .await;
    (object, field)
}

/// First, middle and last row, each once.
fn samples(rows: &[ReceivedRow]) -> Vec<&ReceivedRow> {
    let places = [0, rows.len() / 2, rows.len().saturating_sub(1)];
    let mut seen = HashSet::new();
    places
        .iter()
        .filter(|place| seen.insert(**place))
        .filter_map(|place| rows.get(*place))
        .collect()
}

async fn singles(session: &mut Session<'_>, kind: Kind, full: &FullPull) -> Vec<Single> {
    let mut singles = Vec::new();
    for row in samples(&full.rows) {
        let Some(id) = row.id.as_deref() else { continue };
        let (answer, object) = session.single(kind, id).await;
        let difference = match object {
            None => Some(answer.trouble()),
            Some(object) => difference(&row.value(), &object),
        };
        singles.push(Single {
            label: row.label(kind),
            difference,
        });
    }
    singles
}

/// Names the members in which two objects differ.
fn difference(listed: &Value, single: &Value) -> Option<String> {
    if listed == single {
        return None;
    }
    let (Some(listed), Some(single)) = (listed.as_object(), single.as_object()) else {
        return Some("one of the two is no object".to_owned());
    };
    let names: HashSet<&String> = listed.keys().chain(single.keys()).collect();
    let mut different: Vec<String> = names
        .into_iter()
        .filter(|name| listed.get(*name) != single.get(*name))
        .map(|name| clip(name))
        .collect();
    different.sort();
    Some(format!(
        "the single differs from the collection in {}",
        different.join(", ")
    ))
}

/// Follows a few references of each member that holds any.
async fn follow(session: &mut Session<'_>, kind: Kind, full: &FullPull) -> Vec<Followed> {
    let mut followed = Vec::new();
    for row in samples(&full.rows) {
        let Value::Object(object) = row.value() else {
            continue;
        };
        for (member, value) in &object {
            let references = match value {
                Value::Array(items) => items.iter().take(SAMPLES).collect(),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                    vec![value]
                }
            };
            for reference in references {
                let Some(href) = reference.get("href") else {
                    continue;
                };
                let label = format!("{} {}", row.label(kind), clip(member));
                let problem = follow_one(session, href, reference.get("sourcedId")).await.err();
                followed.push(Followed { label, problem });
            }
        }
    }
    followed
}

async fn follow_one(session: &mut Session<'_>, href: &Value, id: Option<&Value>) -> Result<(), String> {
    let text = href
        .as_str()
        .ok_or_else(|| format!("href {href} is not a string"))?;
    let url = Url::parse(text).map_err(|_| format!("href {:?} is not an absolute URL", clip(text)))?;
    let object = session
        .follow(url)
        .await
        .map_err(|reason| format!("{}: {reason}", clip(text)))?;
    if object.get("sourcedId") == id {
        return Ok(());
    }
    Err(format!("{} leads to another object", clip(text)))
}

/// Two clauses joined with AND, counted: students that are active.
pub(super) async fn active_students(session: &mut Session<'_>) -> List {
    session
        .edge(
            Kind::Users,
            &[("limit", "1"), ("filter", "role='student' AND status='active'")],
        )
        .await
}

/// A data request without a token, and one with a token nobody issued.
pub(super) async fn without_token(session: &mut Session<'_>) -> Vec<RawAnswer> {
    let mut refusals = Vec::new();
    for token in [None, Some("no-such-token")] {
        let mut refusal = session
            .raw(&[Kind::Users.collection()], &[("limit", "1")], token)
            .await;
        refusal.request.push_str(if token.is_some() {
            " with a made-up token"
        } else {
            " without a token"
        });
        refusals.push(refusal);
    }
    refusals
}
