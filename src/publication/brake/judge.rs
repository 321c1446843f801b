//! The brake: which changes are so large that a person should look before they are published. Pure.
//!
//! Five tests, for the whole tenant and for each org (`docs/generations.md`); two of them for pupils and staff apart as well, since all
//! staff together are a small share of the users. Each compares the last generation with the one that
//! would follow it, and only where the last one has at least [`COUNTED_MIN`] of what the test counts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use oneroster_standard::Kind;
use sha2::{Digest, Sha256};

use crate::publication::roster_counts::RosterCounts;
use crate::roster::{Action, Change, Reason, Role, Test};

/// From how many of what is counted a test applies: in a smaller school a few people are a large share.
pub const COUNTED_MIN: usize = 20;

/// What is counted apart: a test, an org (`None` = the whole tenant), a role (`None` = everybody).
type CountKey<'a> = (Test, Option<&'a str>, Option<Role>);

/// How many there are and would be.
type Counts<'a> = BTreeMap<CountKey<'a>, (usize, usize)>;

/// Returns the tests that going from `before` to `after` fails: more than `percent` of a hundred lost. 100 = none ever.
///
/// A test that fails for both roles together is not reported for one of them too.
pub fn judge(before: &RosterCounts, after: &RosterCounts, percent: u32) -> Vec<Reason> {
    let mut counts = Counts::new();
    count_users(&mut counts, before, after);
    count_classes(&mut counts, before, after);
    count_memberships(&mut counts, before, after);
    let percent = usize::try_from(percent).unwrap_or(usize::MAX);
    counts.retain(|_, (before, after)| {
        let lost = before.saturating_sub(*after);
        *before >= COUNTED_MIN && lost.saturating_mul(100) > before.saturating_mul(percent)
    });
    counts
        .iter()
        .filter(|((test, org, role), _)| role.is_none() || !counts.contains_key(&(*test, *org, None)))
        .map(|(&(test, org, role), &(before, after))| Reason {
            test,
            org: org.map(str::to_owned),
            role,
            before,
            after,
        })
        .collect()
}

fn count<'a>(counts: &mut Counts<'a>, part: CountKey<'a>, is_left: bool) {
    let (before, after) = counts.entry(part).or_default();
    *before += 1;
    *after += usize::from(is_left);
}

fn count_users<'a>(counts: &mut Counts<'a>, before: &'a RosterCounts, after: &RosterCounts) {
    for (id, user) in &before.users {
        let now = after.users.get(id);
        let places: BTreeSet<_> = user.orgs.iter().map(|org| Some(org.as_str())).collect();
        for org in places.into_iter().chain([None]) {
            let now = now.filter(|now| org.is_none_or(|org| now.orgs.iter().any(|other| other == org)));
            count(counts, (Test::UsersRemoved, org, None), now.is_some());
            // A user whose role changes counts as removed from the old role, as one who leaves an org does from that.
            let has_role = now.is_some_and(|now| now.role == user.role);
            count(counts, (Test::UsersRemoved, org, Some(user.role)), has_role);
            if let Some(now) = now {
                let keeps_username = now.username == user.username;
                count(counts, (Test::UsernamesChanged, org, None), keeps_username);
                let mut names = user.has_names.iter().zip(now.has_names);
                let keeps_names = names.all(|(had, has)| has || !had);
                count(counts, (Test::NamesLost, org, None), keeps_names);
            }
        }
    }
}

fn count_classes<'a>(counts: &mut Counts<'a>, before: &'a RosterCounts, after: &RosterCounts) {
    for (id, class) in &before.classes {
        let now = after.classes.get(id);
        count(counts, (Test::ClassesRemoved, None, None), now.is_some());
        let stays = now.is_some_and(|now| now.org == class.org);
        count(counts, (Test::ClassesRemoved, Some(&class.org), None), stays);
    }
}

fn count_memberships<'a>(counts: &mut Counts<'a>, before: &'a RosterCounts, after: &'a RosterCounts) {
    let mut add = |roster: &'a RosterCounts, is_before: bool| {
        for membership in roster.memberships.values() {
            for org in [None, Some(membership.org.as_str())] {
                for role in [None, Some(membership.role)] {
                    let part = (Test::FewerMemberships, org, role);
                    let (before, after) = counts.entry(part).or_default();
                    *(if is_before { before } else { after }) += 1;
                }
            }
        }
    };
    add(before, true);
    add(after, false);
}

/// Returns `true` if changes could fail a test at all; if not, nothing needs to be counted.
///
/// To fail one takes more than `percent` of [`COUNTED_MIN`] objects of one kind, each removed or changed.
pub fn could_fail(changes: &[Change], percent: u32) -> bool {
    let touched = changes
        .iter()
        .filter(|change| matches!(change.kind, Kind::Classes | Kind::Users | Kind::Enrollments))
        .filter(|change| matches!(change.action, Action::Removed | Action::Changed))
        .count();
    let percent = usize::try_from(percent).unwrap_or(usize::MAX);
    touched.saturating_mul(100) > COUNTED_MIN.saturating_mul(percent)
}

/// Returns the fingerprint of what changes would do to readers, in hexadecimal. Tombstones removed by age do not
/// count, nor new dates alone.
pub fn fingerprint(changes: &[Change]) -> String {
    let mut digest = Sha256::new();
    for change in changes {
        let content: &[u8] = match (change.action, &change.content) {
            (Action::Purged | Action::Redated, _) => continue,
            (Action::Added | Action::Returned | Action::Changed, Some((_, hash))) => hash,
            (Action::Removed, _) | (Action::Added | Action::Returned | Action::Changed, None) => b"removed",
        };
        for part in [
            change.kind.collection().as_bytes(),
            change.sourced_id.as_bytes(),
            content,
        ] {
            // Each part with its length, so that no two lists of changes run together.
            digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(part);
        }
    }
    digest.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
