//! Known keys that come with another id.

use std::collections::HashSet;
use std::hash::Hash;

use uuid::Uuid;

use super::change::{Change, Class, OrgShare, Person, Share};
use super::likeness::{Likeness, likeness};

/// A key of Informat that a load brought with an id nobody had before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdChange {
    /// `p_persoon` or `p_klas`, as the verdict says.
    pub key: i64,
    /// The `rowguid` or `scoodle_id` it had.
    pub before: Uuid,
    /// The one it has now.
    pub after: Uuid,
    /// What it means.
    pub verdict: IdVerdict,
}

/// What another id under a known key means. Its name is also that of the remark and of the health rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IdVerdict {
    /// A person; name or birth date are the same, or it cannot be told that both differ.
    PersonIdChanged,
    /// A person whose name and birth date are both known to differ: somebody else.
    PersonKeyReused,
    /// A class of the same school year.
    ClassIdChanged,
}

impl IdVerdict {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::PersonIdChanged, Self::PersonKeyReused, Self::ClassIdChanged];

    /// The name by which it is stored and reported.
    pub const fn id(self) -> &'static str {
        match self {
            Self::PersonIdChanged => "person-id-changed",
            Self::PersonKeyReused => "person-key-reused",
            Self::ClassIdChanged => "class-id-changed",
        }
    }
}

/// A change of an id as a load brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundIdChange {
    /// The line of the bundle.
    pub line: Option<u64>,
    /// What changed.
    pub change: IdChange,
    /// Whether it is certainly the same person or class: only these count for the guards, and only these people may be
    /// handed a username over.
    pub is_same: bool,
}

/// Most keys that may come with other ids in a tenant, whatever its size.
const KEYS_LIMIT: u64 = 5;
/// The same in percent of those known, when that is more.
const KEYS_PERCENT: u64 = 1;
/// Fewest keys that speak for an org.
pub const ORG_LEAST: u64 = 3;
/// How much of an org may come with other ids, in percent.
const ORG_PERCENT: u64 = 20;

/// Finds known people with an id that no row had before. `had_before` are ids of rows that are gone by now.
///
/// An id known under another key only got another number, and is left out.
pub fn person_id_changes(changes: &[Change<Person>], had_before: &HashSet<Uuid>) -> Vec<FoundIdChange> {
    let candidates = with_new_id(changes, |person| person.id);
    let found = candidates.filter(|(_, _, after)| !had_before.contains(&after.id));
    found
        .map(|(line, before, after)| {
            let likeness = likeness(before, after);
            let verdict = match likeness {
                Likeness::Same | Likeness::CannotTell => IdVerdict::PersonIdChanged,
                Likeness::SomebodyElse => IdVerdict::PersonKeyReused,
            };
            FoundIdChange {
                line,
                change: IdChange {
                    key: before.key,
                    before: before.id,
                    after: after.id,
                    verdict,
                },
                is_same: likeness == Likeness::Same,
            }
        })
        .collect()
}

/// Finds known classes of the same school year with an id that no class of that year had before.
pub fn class_id_changes(changes: &[Change<Class>], had_before: &HashSet<Uuid>) -> Vec<FoundIdChange> {
    let candidates = with_new_id(changes, |class| (class.school_year.clone(), class.id));
    let found = candidates.filter(|(_, before, after)| {
        before.school_year == after.school_year && !had_before.contains(&after.id)
    });
    found
        .map(|(line, before, after)| FoundIdChange {
            line,
            change: IdChange {
                key: before.key,
                before: before.id,
                after: after.id,
                verdict: IdVerdict::ClassIdChanged,
            },
            is_same: true,
        })
        .collect()
}

/// Known keys whose id no row had before: line, row before, row after.
fn with_new_id<'c, T, I: Eq + Hash + 'c>(
    changes: &'c [Change<T>],
    id: impl Fn(&T) -> I + Copy + 'c,
) -> impl Iterator<Item = (Option<u64>, &'c T, &'c T)> {
    // An id is unique, so a row that does not change has none of those that come.
    let known: HashSet<I> = changes
        .iter()
        .filter_map(|change| change.before.as_ref())
        .map(id)
        .collect();
    changes.iter().filter_map(move |change| {
        let (before, after) = (change.before.as_ref()?, change.after.as_ref()?);
        (!known.contains(&id(after))).then_some((change.line, before, after))
    })
}

/// Returns `true` if so many keys come with other ids that the load is refused: more than 5 (or 1 %, if that is more) of
/// those known in the tenant, or more than a fifth and at least 3 in an org.
pub fn too_many_ids_changed(of_tenant: Share, of_orgs: &[OrgShare]) -> bool {
    let in_tenant = of_tenant.count > KEYS_LIMIT && of_tenant.is_above(KEYS_PERCENT);
    in_tenant || of_orgs.iter().any(speaks_for_org)
}

/// Returns `true` if the share of one org is enough to refuse a load.
pub fn speaks_for_org(of_org: &OrgShare) -> bool {
    of_org.share.count >= ORG_LEAST && of_org.share.is_above(ORG_PERCENT)
}
