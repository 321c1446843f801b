//! What switching Sync flags would do to the roster of today, computed before it is done.

use std::collections::{BTreeSet, HashSet};

use sqlx::PgPool;
use uuid::Uuid;

use super::Error;
use super::brake::judge::{self, Limits};
use super::consequences::{counted, published};
use super::inputs::{self, Inputs};
use super::roster_counts::RosterCounts;
use crate::db::scope;
use crate::roster::{Reason, holds};

/// What switching flags does to the roster of today.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlagConsequences {
    /// Who is published with it only, by `sourcedId`.
    pub come: Vec<String>,
    /// How many are published without it only.
    pub go: usize,
    /// Which Teams those leave.
    pub teams_left: Vec<LeftTeam>,
    /// Tests of the brake that the next publication fails: it will be held.
    pub held: Vec<Reason>,
    /// Whether publications are held already.
    pub is_held: bool,
}

/// Somebody who leaves the Team of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftTeam {
    /// Who, by `sourcedId`.
    pub user: String,
    /// The class.
    pub class: String,
    /// The class's org.
    pub org: String,
}

/// Compares the rosters of today without and with the flags of these people switched, and judges the second as the brake will in
/// the next publication. Who waits stays as they are.
///
/// `None` while the active school year has not been loaded: then nothing can be published.
pub async fn flag_consequences(
    pool: &PgPool,
    tenant_id: &str,
    on: bool,
    people: HashSet<Uuid>,
) -> Result<Option<FlagConsequences>, Error> {
    let mut snapshot = scope::begin_look(pool, tenant_id).await?;
    let Some(inputs) = inputs::read_within(&mut snapshot, tenant_id, true).await? else {
        return Err(Error::Interrupted);
    };
    let published = if inputs.number > 0 {
        Some(published(&mut snapshot, tenant_id, &inputs).await?)
    } else {
        None
    };
    let is_held = holds::find(&mut snapshot, tenant_id).await?.is_some();
    snapshot.commit().await?;
    let work = move || {
        let Some((before, after, limits)) = rosters(inputs, on, &people)? else {
            return Ok(None);
        };
        let held =
            published.map(|published| judge::judge(&published.last, published.read.as_ref(), &after, limits));
        Ok(Some(FlagConsequences {
            held: held.unwrap_or_default(),
            is_held,
            ..compare(&before, &after)
        }))
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Error::Interrupted)?
}

/// Makes the rosters without and with the flags switched, and the limits that the second is judged by.
fn rosters(
    inputs: Inputs,
    on: bool,
    people: &HashSet<Uuid>,
) -> Result<Option<(RosterCounts, RosterCounts, Limits)>, Error> {
    let Inputs {
        versions,
        configuration,
        mirror,
        mut usernames,
        ..
    } = inputs;
    let Some(before) = counted(&mirror, &configuration, &usernames, versions.today)? else {
        return Ok(None);
    };
    for record in usernames.values_mut() {
        if people.contains(&record.rowguid) && !(on && record.is_waiting()) {
            record.sync = on;
        }
    }
    let Some(after) = counted(&mirror, &configuration, &usernames, versions.today)? else {
        return Ok(None);
    };
    let limits = Limits::new(
        configuration.brake_percent,
        &configuration.active_school_year,
        after.reference_date,
    );
    Ok(Some((before.counts, after.counts, limits)))
}

fn compare(before: &RosterCounts, after: &RosterCounts) -> FlagConsequences {
    let come = after.users.keys().filter(|id| !before.users.contains_key(*id));
    let go: BTreeSet<&str> = before
        .users
        .keys()
        .filter(|id| !after.users.contains_key(*id))
        .map(String::as_str)
        .collect();
    let memberships = before.memberships.values();
    let left = memberships.filter(|membership| go.contains(membership.user.as_str()));
    FlagConsequences {
        come: come.cloned().collect(),
        go: go.len(),
        teams_left: left
            .map(|membership| LeftTeam {
                user: membership.user.clone(),
                class: membership.class.clone(),
                org: membership.org.clone(),
            })
            .collect(),
        ..FlagConsequences::default()
    }
}
