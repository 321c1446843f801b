//! What another tenant file would do to the roster, computed before it is published.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use oneroster_school::informat::Mirror;
use oneroster_school::informat::school_year::UnknownSchoolYear;
use oneroster_school::projection;
use oneroster_school::tenant::{Configuration, Domain};
use oneroster_school::username::Record;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Error;
use super::brake::compared;
use super::brake::judge::{self, Limits, PublishedState};
use super::inputs::{self, Inputs};
use super::roster_counts::{CountedUser, RosterCounts};
use crate::roster::{Reason, holds};

/// What a change of the configuration does to the roster of today.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Consequences {
    /// Ids of orgs.
    pub orgs: Movement<Vec<String>>,
    /// Classes, each a Team.
    pub classes: Movement<usize>,
    /// Classes that stay and get another title.
    pub classes_retitled: usize,
    /// Users.
    pub users: Movement<usize>,
    /// Users that stay and get another username.
    pub users_renamed: usize,
    /// Users that stay and keep their username, and get or lose an address or get another one: each has a new date. Counted only where a
    /// client is told addresses.
    pub addresses_changed: usize,
    /// Memberships: pairs of user and class.
    pub memberships: Movement<usize>,
    /// Tests of the brake that the next publication fails: it will be held.
    pub held: Vec<Reason>,
    /// Whether a publication that is held now will pass without a release.
    pub lifts_hold: bool,
}

/// What is added and removed. The names of its fields are those of the JSON reports.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Movement<T> {
    /// Published with the change only.
    pub come: T,
    /// Published without the change only.
    pub go: T,
}

impl Movement<Vec<String>> {
    fn ids<V>(before: &BTreeMap<String, V>, after: &BTreeMap<String, V>) -> Self {
        let only = |these: &BTreeMap<String, V>, others: &BTreeMap<String, V>| {
            let ids = these.keys().filter(|id| !others.contains_key(*id));
            ids.cloned().collect()
        };
        Self {
            come: only(after, before),
            go: only(before, after),
        }
    }

    fn count(&self) -> Movement<usize> {
        Movement {
            come: self.come.len(),
            go: self.go.len(),
        }
    }
}

/// A tenant's configuration and usernames as they were.
#[derive(Debug, Clone)]
pub struct Before {
    /// The configuration.
    pub configuration: Configuration,
    /// The username records by person.
    pub usernames: HashMap<Uuid, Record>,
}

/// Compares the rosters of today with the configuration and the usernames before a change and after it, which has been
/// made in the caller's transaction; and judges the difference as the brake will in the next publication.
///
/// The caller holds the locks of [`crate::tenants::lock_inputs`]. `None` while the active school year has not
/// been loaded: then nothing can be published.
pub async fn consequences(
    connection: &mut PgConnection,
    tenant_id: &str,
    before: Before,
) -> Result<Option<Consequences>, Error> {
    let Some(inputs) = inputs::read_within(connection, tenant_id, true).await? else {
        return Err(Error::Interrupted);
    };
    let published = if inputs.number > 0 {
        Some(published(connection, tenant_id, &inputs).await?)
    } else {
        None
    };
    let is_held = holds::find(connection, tenant_id).await?.is_some();
    let today = inputs.versions.today;
    tokio::task::spawn_blocking(move || {
        let of = |configuration: &Configuration, usernames: &HashMap<Uuid, Record>| {
            counted(&inputs.mirror, configuration, usernames, today)
        };
        let Some(after) = of(&inputs.configuration, &inputs.usernames)? else {
            return Ok(None);
        };
        let Some(before) = of(&before.configuration, &before.usernames)? else {
            return Ok(None);
        };
        let limits = Limits::new(
            inputs.configuration.brake_percent,
            &inputs.configuration.active_school_year,
            after.reference_date,
        );
        let addresses_changed = if inputs.tells_addresses {
            addresses_changed(&before, &after)
        } else {
            0
        };
        let (after, before) = (after.counts, before.counts);
        let held =
            published.map(|published| judge::judge(&published.last, published.read.as_ref(), &after, limits));
        Ok(Some(Consequences {
            lifts_hold: is_held && held.as_ref().is_some_and(Vec::is_empty),
            held: held.unwrap_or_default(),
            addresses_changed,
            ..compare(&before, &after)
        }))
    })
    .await
    .map_err(|_| Error::Interrupted)?
}

/// What the next publication is compared with.
pub(super) struct Published {
    pub(super) last: PublishedState,
    pub(super) read: Option<PublishedState>,
}

/// Reads what the next publication is compared with.
pub(super) async fn published(
    connection: &mut PgConnection,
    tenant_id: &str,
    inputs: &Inputs,
) -> Result<Published, Error> {
    let (number, school_year) = (inputs.number, inputs.configuration.active_school_year.as_str());
    let last = compared::last(connection, tenant_id, number).await?;
    let read = match compared::read_generation(connection, tenant_id, number, school_year).await? {
        Some(read) => Some(compared::read(connection, tenant_id, &read).await?),
        None => None,
    };
    Ok(Published { last, read })
}

/// A roster as counted.
pub(super) struct CountedRoster {
    pub(super) counts: RosterCounts,
    pub(super) reference_date: NaiveDate,
    /// The domain of each user's address where the username has none.
    email_domains: BTreeMap<String, Domain>,
}

/// Counts the roster of a day; `None` without its school year.
pub(super) fn counted(
    mirror: &Mirror,
    configuration: &Configuration,
    usernames: &HashMap<Uuid, Record>,
    today: NaiveDate,
) -> Result<Option<CountedRoster>, Error> {
    let year = &configuration.active_school_year;
    let roster = match projection::project(mirror, usernames, configuration, year, today) {
        Ok(roster) => roster,
        Err(UnknownSchoolYear(_)) => return Ok(None),
    };
    let mut counts = RosterCounts {
        class_facts: projection::class_facts(mirror, configuration, year, today)?,
        ..RosterCounts::default()
    };
    for (kind, sourced_id, content) in projection::contents(&roster) {
        counts.add(kind, &sourced_id, &content)?;
    }
    Ok(Some(CountedRoster {
        counts,
        reference_date: roster.reference_date,
        email_domains: roster.email_domains,
    }))
}

/// Counts the users that stay and keep their username, but not their address.
fn addresses_changed(before: &CountedRoster, after: &CountedRoster) -> usize {
    let stays = |(id, user): &(&String, &CountedUser)| {
        let now = after.counts.users.get(*id);
        now.is_some_and(|now| now.username == user.username)
            && before.email_domains.get(*id) != after.email_domains.get(*id)
    };
    before.counts.users.iter().filter(stays).count()
}

/// Compares two rosters; what the brake says of it is left open.
fn compare(before: &RosterCounts, after: &RosterCounts) -> Consequences {
    let retitled = before.classes.iter().filter(|(id, class)| {
        let now = after.classes.get(*id);
        now.is_some_and(|now| now.title != class.title)
    });
    let renamed = before.users.iter().filter(|(id, user)| {
        let now = after.users.get(*id);
        now.is_some_and(|now| now.username != user.username)
    });
    let pairs = |counts: &RosterCounts| -> BTreeSet<(String, String)> {
        let memberships = counts.memberships.values();
        memberships
            .map(|membership| (membership.user.clone(), membership.class.clone()))
            .collect()
    };
    let (pairs_before, pairs_after) = (pairs(before), pairs(after));
    Consequences {
        orgs: Movement::ids(&before.orgs, &after.orgs),
        classes: Movement::ids(&before.classes, &after.classes).count(),
        classes_retitled: retitled.count(),
        users: Movement::ids(&before.users, &after.users).count(),
        users_renamed: renamed.count(),
        memberships: Movement {
            come: pairs_after.difference(&pairs_before).count(),
            go: pairs_before.difference(&pairs_after).count(),
        },
        addresses_changed: 0,
        held: Vec::new(),
        lifts_hold: false,
    }
}
