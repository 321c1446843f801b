//! The generations of a tenant, and the history of one object.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use oneroster_standard::Kind;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::content::{id, ids, members_of};
use super::explainer::{Event, Explainer};
use super::names::{self, Names};
use super::review::reviews;
use super::step::differences;
use super::store::{self, KeptGenerations};
use super::{Entry, Error, Generation, Generations, ObjectHistory, Range, ReasonWithText, reason_text};
use crate::roster::{self, ObjectKeys, Version, versions};

/// Lists the generations of a tenant that are kept.
pub async fn generations(pool: &PgPool, tenant_id: &str) -> Result<Generations, Error> {
    let mut snapshot = store::begin(pool, tenant_id).await?;
    let kept = store::kept(&mut snapshot, tenant_id).await?;
    snapshot.commit().await?;
    Ok(Generations {
        whole_from: kept.whole_from,
        generations: kept
            .generations
            .iter()
            .map(|facts| generation(facts, &kept))
            .collect(),
    })
}

pub(super) fn generation(facts: &roster::Generation, kept: &KeptGenerations) -> Generation {
    let previous = kept.get(facts.number - 1);
    Generation {
        number: facts.number,
        generation_id: facts.generation_id,
        published_at: facts.published_at.into(),
        committed_at: facts.committed_at.into(),
        school_year: facts.school_year.clone(),
        reference_date: facts.reference_date,
        since_previous: previous.map(|previous| differences(facts, previous)),
        summary: facts.summary.clone(),
    }
}

/// Returns the history of an object; that of a user or a class with the history of their enrollments.
pub async fn of_object(
    pool: &PgPool,
    tenant_id: &str,
    kind: Kind,
    sourced_id: &str,
    range: Range,
) -> Result<ObjectHistory, Error> {
    let mut snapshot = store::begin(pool, tenant_id).await?;
    let kept = store::kept(&mut snapshot, tenant_id).await?;
    for number in range.from.into_iter().chain(range.to) {
        kept.whole(number)?;
    }
    let versions = family(&mut snapshot, tenant_id, (kind, sourced_id)).await?;
    let is_own = |version: &Version| version.kind == kind && version.sourced_id == sourced_id;
    let Some(own) = versions.iter().rev().find(|version| is_own(version)) else {
        return Err(Error::UnknownObject {
            kind,
            sourced_id: sourced_id.to_owned(),
            oldest: kept.whole_from,
        });
    };
    let companions = companions(&mut snapshot, tenant_id, kind, &versions).await?;
    let people = people(kind, own, &versions);
    let audits = audits(&mut snapshot, tenant_id, &people).await?;
    let reviews = if kind == Kind::Users {
        let of_person = audits.get(sourced_id).map(Vec::as_slice).unwrap_or_default();
        let committed_at = |number| Some(kept.get(number)?.committed_at);
        let until = range
            .to
            .and_then(committed_at)
            .unwrap_or(DateTime::<Utc>::MAX_UTC);
        reviews(of_person, range.from.and_then(committed_at), until)
    } else {
        Vec::new()
    };
    let mut explainer = Explainer::new(&kept, audits);
    explainer.observe(versions.iter().chain(&companions));
    let last = range.to.unwrap_or(kept.newest);
    let mut events = explainer.events(&versions, (range.from.unwrap_or_default(), last));
    let has_enrollments = matches!(kind, Kind::Users | Kind::Classes);
    events.retain(|event| has_enrollments || is_own(event.version));
    events.sort_by_key(|event| (event.now.number, event.version.kind, &event.version.sourced_id));
    let names = read_names(&mut snapshot, tenant_id, referred(&versions), &events).await?;
    snapshot.commit().await?;
    // The history of a user or a class need not repeat its name.
    let within = has_enrollments.then_some(sourced_id);
    Ok(ObjectHistory {
        kind,
        sourced_id: sourced_id.to_owned(),
        label: label(&names, own, None),
        whole_from: kept.whole_from,
        reviews,
        entries: events.iter().map(|event| entry(event, &names, within)).collect(),
        names,
    })
}

/// Reads the versions of an object; of a user or a class with those of their enrollments, of an enrollment with those of
/// its user: leaving one class for another is one move.
async fn family(
    connection: &mut PgConnection,
    tenant_id: &str,
    (kind, sourced_id): (Kind, &str),
) -> Result<Vec<Version>, Error> {
    let own = BTreeSet::from([(kind, sourced_id.to_owned())]);
    let mut versions = read(connection, tenant_id, &own).await?;
    if versions.is_empty() {
        return Ok(versions);
    }
    let user = match kind {
        Kind::Users => Some(sourced_id.to_owned()),
        Kind::Enrollments => versions
            .first()
            .and_then(|version| id(&members_of(version), "user")),
        Kind::Classes => {
            versions.extend(versions::of_class(connection, tenant_id, sourced_id).await?);
            None
        }
        Kind::AcademicSessions | Kind::Orgs | Kind::Courses => None,
    };
    if let Some(user) = user {
        versions.retain(|version| version.kind != Kind::Enrollments);
        versions.extend(versions::of_enrollments(connection, tenant_id, &[user]).await?);
    }
    Ok(versions)
}

/// Reads the versions of what a family refers to and, of a class, where else its people are enrolled: who left it may have
/// gone to another.
async fn companions(
    connection: &mut PgConnection,
    tenant_id: &str,
    kind: Kind,
    family: &[Version],
) -> Result<Vec<Version>, Error> {
    let known: HashSet<(Kind, &str)> = family
        .iter()
        .map(|version| (version.kind, version.sourced_id.as_str()))
        .collect();
    let mut owners = referred(family);
    owners.retain(|(kind, id)| !known.contains(&(*kind, id.as_str())));
    let mut companions = read(connection, tenant_id, &owners).await?;
    if kind == Kind::Classes {
        let users: Vec<String> = owners
            .into_iter()
            .filter_map(|(kind, id)| (kind == Kind::Users).then_some(id))
            .collect();
        let mut elsewhere = versions::of_enrollments(connection, tenant_id, &users).await?;
        elsewhere.retain(|version| !known.contains(&(version.kind, version.sourced_id.as_str())));
        companions.extend(elsewhere);
    }
    Ok(companions)
}

/// Returns the ids of the people a history is about: their edits explain it.
fn people(kind: Kind, own: &Version, family: &[Version]) -> Vec<String> {
    let user_of = |version: &Version| id(&members_of(version), "user");
    match kind {
        Kind::Users => vec![own.sourced_id.clone()],
        Kind::Enrollments => user_of(own).into_iter().collect(),
        Kind::Classes => {
            let users: BTreeSet<String> = family.iter().filter_map(user_of).collect();
            users.into_iter().collect()
        }
        Kind::AcademicSessions | Kind::Orgs | Kind::Courses => Vec::new(),
    }
}

pub(super) async fn read(
    connection: &mut PgConnection,
    tenant_id: &str,
    objects: &BTreeSet<(Kind, String)>,
) -> Result<Vec<Version>, Error> {
    Ok(versions::of_objects(connection, tenant_id, &keys(objects)).await?)
}

fn keys(objects: &BTreeSet<(Kind, String)>) -> ObjectKeys {
    let objects = objects.iter();
    objects
        .map(|(kind, sourced_id)| (*kind, sourced_id.as_str()))
        .collect()
}

pub(super) async fn audits(
    connection: &mut PgConnection,
    tenant_id: &str,
    people: &[String],
) -> Result<HashMap<String, Vec<store::Audit>>, Error> {
    let people: Vec<Uuid> = people.iter().filter_map(|id| Uuid::try_parse(id).ok()).collect();
    store::audits(connection, tenant_id, &people).await
}

/// The users, classes and orgs that versions refer to.
pub(super) fn referred(versions: &[Version]) -> BTreeSet<(Kind, String)> {
    let mut found = BTreeSet::new();
    for version in versions {
        let members = members_of(version);
        for (kind, field) in [
            (Kind::Users, "user"),
            (Kind::Classes, "class"),
            (Kind::Orgs, "school"),
            (Kind::Orgs, "org"),
        ] {
            found.extend(id(&members, field).map(|id| (kind, id)));
        }
        found.extend(ids(&members, "orgs").into_iter().map(|id| (Kind::Orgs, id)));
    }
    found
}

/// Reads the names of every object that is mentioned.
pub(super) async fn read_names(
    connection: &mut PgConnection,
    tenant_id: &str,
    mut objects: BTreeSet<(Kind, String)>,
    events: &[Event<'_>],
) -> Result<Names, Error> {
    for event in events {
        for reason in &event.reasons {
            names::mentioned(reason, &mut objects);
        }
    }
    let mut found = Names::default();
    for version in versions::last_of(connection, tenant_id, &keys(&objects)).await? {
        found.add(&version);
    }
    Ok(found)
}

/// Returns the label of an object; within the history of a user or a class, an enrollment is labelled with the other only.
fn label(names: &Names, version: &Version, within: Option<&str>) -> String {
    let members = members_of(version);
    if let Some(label) = names::label(version.kind, &members) {
        return label;
    }
    let owner = |kind, field| {
        let found = id(&members, field).filter(|id| Some(id.as_str()) != within);
        found.map(|id| names.of(kind, &id))
    };
    let parts: Vec<String> = owner(Kind::Users, "user")
        .into_iter()
        .chain(owner(Kind::Classes, "class"))
        .collect();
    if parts.is_empty() {
        return version.sourced_id.clone();
    }
    parts.join(" in ")
}

/// Makes the entry of an event; `within` is the user or class whose history it stands in.
pub(super) fn entry(event: &Event<'_>, names: &Names, within: Option<&str>) -> Entry {
    Entry {
        generation: event.now.number,
        published_at: event.now.published_at.into(),
        committed_at: event.now.committed_at.into(),
        reference_date: event.now.reference_date,
        kind: event.version.kind,
        sourced_id: event.version.sourced_id.clone(),
        label: label(names, event.version, within),
        happening: event.happening,
        orgs: event.orgs.clone(),
        reasons: event
            .reasons
            .iter()
            .map(|reason| ReasonWithText {
                reason: reason.clone(),
                text: reason_text::text_of(reason, names),
            })
            .collect(),
    }
}
