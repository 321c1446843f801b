//! What a new school year does to each org.

use std::collections::{BTreeMap, HashSet};

use oneroster_standard::Kind;

use crate::publication::Error;
use crate::publication::movement::{OrgMovement, movements};
use crate::publication::roster_counts::RosterCounts;
use crate::roster::{Action, Change};

/// Changes with what they do to each org.
pub(super) struct Effect {
    /// The changes.
    pub(super) changes: Vec<Change>,
    /// What is added to and removed from each org.
    pub(super) orgs: Vec<OrgMovement>,
    /// The titles of classes whose id was served before, by org.
    pub(super) reused: BTreeMap<String, Vec<String>>,
}

/// Lists what changes do to each org.
pub(super) async fn effect(before: RosterCounts, changes: Vec<Change>) -> Result<Effect, Error> {
    tokio::task::spawn_blocking(move || {
        let after = before.after(&changes)?;
        Ok(Effect {
            orgs: movements(&before, &after),
            reused: reused_classes(&before, &after, &changes),
            changes,
        })
    })
    .await
    .map_err(|_| Error::Interrupted)?
}

/// Returns the titles of classes whose id was served before the switch, by org: every class of a year has an id of its own
/// (R117). Tombstones count: their Teams may still be there.
fn reused_classes(
    before: &RosterCounts,
    after: &RosterCounts,
    changes: &[Change],
) -> BTreeMap<String, Vec<String>> {
    let returned: HashSet<&str> = changes
        .iter()
        .filter(|change| change.kind == Kind::Classes && change.action == Action::Returned)
        .map(|change| change.sourced_id.as_str())
        .collect();
    let mut of_org: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, class) in &after.classes {
        if before.classes.contains_key(id) || returned.contains(id.as_str()) {
            of_org
                .entry(class.org.clone())
                .or_default()
                .push(class.title.clone());
        }
    }
    of_org
}
