//! The brake: which changes are so large that a person should look before they are published. Pure.
//!
//! Four tests, for the whole tenant and for each org (design §2.3). Each compares the last generation with the one that
//! would follow it, and only where the last one has at least [`COUNTED_MIN`] of what the test counts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::census::Census;
use super::diff::{Action, Change};
use crate::oneroster::Kind;

/// From how many of what is counted a test applies: in a smaller school a few people are a large share.
pub const COUNTED_MIN: usize = 20;

/// A test of the brake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// (a) Active users would go. A user who leaves an org for another counts as gone from the one he leaves.
    UsersRemoved,
    /// (b) Active classes would go; likewise.
    ClassesRemoved,
    /// (c) There would be fewer memberships (pairs of user and class), new ones made up against lost ones.
    FewerMemberships,
    /// (d) Users that stay would get another username.
    UsernamesChanged,
}

impl Test {
    /// Returns its word in reports, logs and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UsersRemoved => "users_removed",
            Self::ClassesRemoved => "classes_removed",
            Self::FewerMemberships => "fewer_memberships",
            Self::UsernamesChanged => "usernames_changed",
        }
    }
}

/// A test that a publication fails.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reason {
    /// The test.
    pub test: Test,
    /// The org it fails in; `None` = the whole tenant.
    pub org: Option<String>,
    /// How many there are.
    pub before: usize,
    /// How many of them would be left; of (c): how many there would be; of (d): how many would keep their username.
    pub after: usize,
}

impl Reason {
    /// Returns the share that would be lost or changed, in per cent, rounded up.
    pub fn percent(&self) -> usize {
        let lost = self.before.saturating_sub(self.after).saturating_mul(100);
        lost.checked_div(self.before).unwrap_or_default()
            + usize::from(lost.checked_rem(self.before).unwrap_or_default() > 0)
    }
}

/// How many there are and would be, by test and by org (`None` = the whole tenant).
type Counts<'a> = BTreeMap<(Test, Option<&'a str>), (usize, usize)>;

/// Returns the tests that going from `before` to `after` fails: more than `percent` of a hundred lost. 100 = none ever.
pub fn judge(before: &Census, after: &Census, percent: u32) -> Vec<Reason> {
    let mut counts = Counts::new();
    count_users(&mut counts, before, after);
    count_classes(&mut counts, before, after);
    count_memberships(&mut counts, before, after);
    let percent = usize::try_from(percent).unwrap_or(usize::MAX);
    counts
        .into_iter()
        .filter(|(_, (before, after))| {
            let lost = before.saturating_sub(*after);
            *before >= COUNTED_MIN && lost.saturating_mul(100) > before.saturating_mul(percent)
        })
        .map(|((test, org), (before, after))| Reason {
            test,
            org: org.map(str::to_owned),
            before,
            after,
        })
        .collect()
}

fn count<'a>(counts: &mut Counts<'a>, test: Test, org: Option<&'a str>, is_left: bool) {
    let (before, after) = counts.entry((test, org)).or_default();
    *before += 1;
    *after += usize::from(is_left);
}

fn count_users<'a>(counts: &mut Counts<'a>, before: &'a Census, after: &Census) {
    for (id, user) in &before.users {
        let now = after.users.get(id);
        let keeps_name = now.map(|now| now.username == user.username);
        count(counts, Test::UsersRemoved, None, now.is_some());
        if let Some(keeps_name) = keeps_name {
            count(counts, Test::UsernamesChanged, None, keeps_name);
        }
        let orgs: BTreeSet<&str> = user.orgs.iter().map(String::as_str).collect();
        for org in orgs {
            let stays = now.is_some_and(|now| now.orgs.iter().any(|other| other == org));
            count(counts, Test::UsersRemoved, Some(org), stays);
            if let Some(keeps_name) = keeps_name.filter(|_| stays) {
                count(counts, Test::UsernamesChanged, Some(org), keeps_name);
            }
        }
    }
}

fn count_classes<'a>(counts: &mut Counts<'a>, before: &'a Census, after: &Census) {
    for (id, class) in &before.classes {
        let now = after.classes.get(id);
        count(counts, Test::ClassesRemoved, None, now.is_some());
        let stays = now.is_some_and(|now| now.org == class.org);
        count(counts, Test::ClassesRemoved, Some(&class.org), stays);
    }
}

fn count_memberships<'a>(counts: &mut Counts<'a>, before: &'a Census, after: &'a Census) {
    let mut add = |census: &'a Census, is_before: bool| {
        for membership in census.memberships.values() {
            for org in [None, Some(membership.org.as_str())] {
                let (before, after) = counts.entry((Test::FewerMemberships, org)).or_default();
                *(if is_before { before } else { after }) += 1;
            }
        }
    };
    add(before, true);
    add(after, false);
}

/// Says whether changes could fail a test at all; if not, nothing needs to be counted.
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

/// Returns the fingerprint of what changes would do to readers, in hexadecimal. Tombstones that leave by age do not
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
