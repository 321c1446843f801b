//! Users: pupils and staff with a released username (R91, R109, R124).

use std::collections::{BTreeMap, HashMap};

use oneroster_standard::{Boolean, GuidRef, RefType, User};
use uuid::Uuid;

use super::naming::Naming;
use super::person::ActivePerson;
use super::{Identified, ProjectionContext};
use crate::informat::Persoon;
use crate::tenant::Domain;
use crate::username::Record;

/// A published user with the person it stands for.
pub(super) struct PublishedUser {
    /// The person.
    pub(super) p_persoon: i64,
    /// The user.
    pub(super) user: Identified<User>,
    /// The domain of their address where the username has none.
    pub(super) email_domain: Option<Domain>,
}

/// Makes the users, sorted by id. Nobody of whom no domain is known although we send it.
pub(super) fn users(
    context: &ProjectionContext<'_>,
    people: &BTreeMap<i64, ActivePerson<'_>>,
    usernames: &HashMap<Uuid, Record>,
) -> Vec<PublishedUser> {
    let mut users: Vec<PublishedUser> = context
        .source
        .persoon
        .iter()
        .filter_map(|person| {
            let active = people.get(&person.p_persoon)?;
            let record = usernames.get(&person.rowguid).filter(|record| record.sync)?;
            let naming = Naming::of(context.configuration, active)?;
            let user = user_from_persoon(person, active, &naming, naming.username(record)?);
            Some(PublishedUser {
                p_persoon: person.p_persoon,
                user,
                email_domain: naming.added_domain().cloned(),
            })
        })
        .collect();
    users.sort_by(|a, b| a.user.sourced_id.cmp(&b.user.sourced_id));
    users
}

fn user_from_persoon(
    person: &Persoon,
    active: &ActivePerson<'_>,
    naming: &Naming,
    username: String,
) -> Identified<User> {
    let sourced_id = person.rowguid.hyphenated().to_string();
    Identified {
        content: User {
            username,
            user_ids: Vec::new(),
            // R124: always false; it does not mean that the account is closed.
            enabled_user: Boolean(false),
            given_name: name(person.voornaam.as_deref()),
            family_name: name(person.naam.as_deref()),
            role: naming.role,
            identifier: Some(sourced_id.clone()),
            agents: Vec::new(),
            orgs: active
                .org_ids()
                .into_iter()
                .map(|id| GuidRef::new(RefType::Org, id))
                .collect(),
            grades: Vec::new(),
            metadata: serde_json::Map::new(),
        },
        sourced_id,
    }
}

/// What is sent for a name part that is empty, since consumers want both.
pub const NO_NAME: &str = "-";

/// Returns a name part as it is sent.
fn name(part: Option<&str>) -> String {
    match part.map(str::trim) {
        None | Some("") => NO_NAME.to_owned(),
        Some(name) => name.to_owned(),
    }
}
