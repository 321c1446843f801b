//! The people whom an operation is about: named, in an org, or all.

use std::collections::HashMap;

use oneroster_school::projection::People;
use oneroster_school::tenant::Configuration;
use oneroster_school::username::Record;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, ORGS_SHOWN, Refusal, everyone};

/// The people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// These people.
    People(Vec<Uuid>),
    /// Everyone who is in this org now or later, also who is in another until then.
    Org(String),
    /// All, as the operation means it.
    All,
}

/// Who all are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AllPeople {
    /// Everyone who would be published now or later.
    Published,
    /// Everyone who has a username, so that nobody who returns is published by surprise.
    WithRecord,
}

/// Returns the people who are meant and have a record, sorted. Somebody named who has none is refused, and so is an unknown org.
pub(super) async fn select(
    connection: &mut PgConnection,
    (tenant_id, configuration): (&str, &Configuration),
    records: &HashMap<Uuid, Record>,
    whom: &Whom,
    all: AllPeople,
) -> Result<Vec<Uuid>, Error> {
    let mut people: Vec<Uuid> = match (whom, all) {
        (Whom::People(people), _) => {
            let unknown = people.iter().find(|rowguid| !records.contains_key(rowguid));
            if let Some(unknown) = unknown {
                return Err(Refusal::UnknownPerson(*unknown).into());
            }
            people.clone()
        }
        (Whom::All, AllPeople::WithRecord) => records.keys().copied().collect(),
        (Whom::All, AllPeople::Published) => {
            published_ever(&everyone(connection, tenant_id, configuration).await?, None)
        }
        (Whom::Org(org), _) => {
            let everyone = everyone(connection, tenant_id, configuration).await?;
            if !everyone.org_ids.contains(org) {
                return Err(unknown_org(org, &everyone).into());
            }
            published_ever(&everyone, Some(org))
        }
    };
    people.retain(|rowguid| records.contains_key(rowguid));
    people.sort_unstable();
    people.dedup();
    Ok(people)
}

/// Returns who is published now or later once released, in an org if one is named: now or later, too.
fn published_ever(everyone: &People, org: Option<&str>) -> Vec<Uuid> {
    let people = everyone.people.iter().filter(|person| {
        person.published_as.is_some() && org.is_none_or(|org| person.org_ids.iter().any(|id| id == org))
    });
    people.map(|person| person.rowguid).collect()
}

/// Refuses an org that is not published, and names those that are.
pub(super) fn unknown_org(org: &str, everyone: &People) -> Refusal {
    let known: Vec<&str> = everyone
        .org_ids
        .iter()
        .take(ORGS_SHOWN)
        .map(String::as_str)
        .collect();
    let more = if everyone.org_ids.len() > ORGS_SHOWN {
        ", …"
    } else {
        ""
    };
    Refusal::UnknownOrg {
        org: org.to_owned(),
        known: known.join(", ") + more,
    }
}
