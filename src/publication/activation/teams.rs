//! The Teams of the school year that ends, for whoever cleans them up in Microsoft 365 (R146).

use std::collections::HashMap;

use oneroster_standard::{Class, Kind, StatusType};
use sqlx::PgConnection;

use crate::publication::Error;
use crate::publication::roster_counts::{RosterCounts, Unreadable};
use crate::roster::{CurrentObject, ObjectKeys, Role, versions};

/// A class of the old year as it was served: Microsoft made a Team of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldTeam {
    /// The class's `sourcedId`, which School Data Sync keeps as the SIS ID of the group.
    pub sourced_id: String,
    /// The title, which is the name of the Team unless somebody renamed it in Microsoft 365.
    pub title: String,
    /// The class's code.
    pub class_code: String,
    /// The org.
    pub org: String,
    /// The org's name; empty when the org is no longer served.
    pub org_name: String,
    /// The school year.
    pub school_year: String,
    /// Whether the class was served to the end; else it was removed during the year, and its Team may still be there.
    pub is_active: bool,
    /// How many pupils it has.
    pub pupils: usize,
    /// How many class teachers.
    pub teachers: usize,
}

/// The newest generation, as far as the list needs it.
pub(super) struct Newest<'a> {
    /// Its objects, tombstones included.
    pub(super) objects: &'a [CurrentObject],
    /// What is counted of it.
    pub(super) counts: &'a RosterCounts,
}

/// Lists every class of `school_year` in the newest generation, removed ones included, by org, title and id.
pub(super) async fn of_year(
    connection: &mut PgConnection,
    tenant_id: &str,
    school_year: &str,
    newest: Newest<'_>,
) -> Result<Vec<OldTeam>, Error> {
    let before = newest.counts;
    let mut members: HashMap<&str, [usize; 2]> = HashMap::new();
    for membership in before.memberships.values() {
        let [pupils, teachers] = members.entry(&membership.class).or_default();
        match membership.role {
            Role::Pupils => *pupils += 1,
            Role::Staff => *teachers += 1,
        }
    }
    let mut teams = Vec::new();
    let classes: ObjectKeys = newest
        .objects
        .iter()
        .filter(|object| object.kind == Kind::Classes)
        .map(|object| (object.kind, object.sourced_id.as_str()))
        .collect();
    for version in versions::current_of(connection, tenant_id, &classes).await? {
        let sourced_id = version.sourced_id;
        let class: Class = serde_json::from_str(&version.content).map_err(|source| Unreadable {
            kind: Kind::Classes,
            sourced_id: sourced_id.clone(),
            source,
        })?;
        if !class.terms.iter().any(|term| term.sourced_id == school_year) {
            continue;
        }
        let org = class.school.sourced_id;
        let [pupils, teachers] = members.get(sourced_id.as_str()).copied().unwrap_or_default();
        teams.push(OldTeam {
            title: class.title,
            class_code: class.class_code.unwrap_or_default(),
            org_name: before.orgs.get(&org).cloned().unwrap_or_default(),
            org,
            school_year: school_year.to_owned(),
            is_active: version.status == StatusType::Active,
            pupils,
            teachers,
            sourced_id,
        });
    }
    teams.sort_by(|a, b| (&a.org, &a.title, &a.sourced_id).cmp(&(&b.org, &b.title, &b.sourced_id)));
    Ok(teams)
}
