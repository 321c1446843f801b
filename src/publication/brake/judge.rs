//! The brake: which changes are so large that a person should look before they are published. Pure.
//!
//! Eight tests, for the whole tenant and for each org (`docs/generations.md`); two of them for pupils and staff apart as well,
//! since all staff together are a small share of the users. Every test is asked twice: against the last generation, and
//! against the newest one that a complete pull has read, so that a loss in instalments is a loss.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use oneroster_school::door::Guard;
use oneroster_school::tenant::SchoolYear;
use oneroster_standard::Kind;

use super::count::{Part, Tallies, Tally};
use crate::publication::roster_counts::RosterCounts;
use crate::roster::{Action, Change, Reason, Since, Test};

/// From how many of what is counted a test applies, if not said otherwise: in a smaller school a few people are a large share.
pub const COUNTED_MIN: usize = 20;
/// From how many on it is held that nothing at all would be left of users or memberships.
const EMPTIED_MIN: usize = 5;
/// From how many classes with members on a share of them is judged; of fewer, only all of them.
const CLASSES_MIN: usize = 5;
/// Fewest classes of a share that is held.
const CLASSES_REMOVED_MIN: usize = 3;
/// Fewest classes of which losing all is held: where there is one class only, it may well be split or renamed.
const CLASSES_EMPTIED_MIN: usize = 2;
/// From how many pupils on who change classes a share of them is held; of fewer, more than half.
const MOVED_MIN: usize = 50;
/// Last day in September on which only the move of more than half of the pupils is held: until then classes are still made.
const CLASSES_MADE_UNTIL: u32 = 15;

/// By what a publication is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    percent: usize,
    classes_are_made: bool,
}

impl Limits {
    /// Returns the limits of a tenant: more than `percent` of a hundred lost, 100 = nothing is ever held. `reference_date` is
    /// the day of the roster that is judged.
    pub fn new(percent: u32, school_year: &SchoolYear, reference_date: NaiveDate) -> Self {
        let first = school_year.as_str().get(..4).and_then(|year| year.parse().ok());
        let made = first.and_then(|year| NaiveDate::from_ymd_opt(year, 9, CLASSES_MADE_UNTIL));
        Self {
            percent: usize::try_from(percent).unwrap_or(usize::MAX),
            classes_are_made: made.is_some_and(|made| reference_date <= made),
        }
    }

    /// Returns `true` if a test fails with a tally.
    const fn fails(self, test: Test, tally: Tally) -> bool {
        if self.percent >= 100 {
            return false;
        }
        let Tally { before, after } = tally;
        let lost = tally.lost();
        let is_large = lost.saturating_mul(100) > before.saturating_mul(self.percent);
        let is_half = lost.saturating_mul(2) > before;
        match test {
            Test::UsersRemoved | Test::FewerMemberships => {
                (before >= COUNTED_MIN && is_large) || (before >= EMPTIED_MIN && after == 0)
            }
            Test::ClassesRemoved => {
                (before >= CLASSES_MIN && lost >= CLASSES_REMOVED_MIN && is_large)
                    || (before >= CLASSES_EMPTIED_MIN && before < CLASSES_MIN && after == 0)
            }
            Test::PupilsMoved => {
                let is_many = is_half || (lost >= MOVED_MIN && !self.classes_are_made);
                before >= COUNTED_MIN && is_large && is_many
            }
            Test::UsernamesChanged | Test::NamesLost | Test::NamesChanged | Test::ClassesRetitled => {
                before >= COUNTED_MIN && is_large
            }
        }
    }
}

/// A published state that a publication is compared with.
#[derive(Debug, Clone)]
pub struct PublishedState {
    /// What is counted of it.
    pub counts: RosterCounts,
    /// Which generation it is, and why it is compared with.
    pub since: Since,
    /// The guards of the door that were accepted for imports since: what they answer is not asked again.
    pub accepted: BTreeSet<Guard>,
}

/// Returns the tests that going on to `after` fails: from the last generation, and from the newest one that a complete pull has
/// read, if that is another one.
///
/// Against the latter only what this publication adds to it is held: what was published since has been judged. A test that
/// fails for both roles together is not reported for one of them too, nor changed names where names are lost, nor what
/// fails against the last generation once more against the other.
pub fn judge(
    last: &PublishedState,
    read: Option<&PublishedState>,
    after: &RosterCounts,
    limits: Limits,
) -> Vec<Reason> {
    let mut reasons = failures(last, after, limits);
    if let Some(read) = read {
        let older = failures(read, after, limits);
        if !older.is_empty() {
            let published = Tallies::of(&read.counts, &last.counts);
            reasons.extend(older.into_iter().filter(|reason| {
                let tally = published.0.get(&part(reason)).copied().unwrap_or_default();
                reason.lost() > tally.lost()
            }));
        }
    }
    // The reasons against the last generation come first, and stay.
    let mut told = BTreeSet::new();
    reasons.retain(|reason| told.insert((reason.test, reason.org.clone(), reason.role)));
    let is_told = |test, org: &Option<String>| told.contains(&(test, org.clone(), None));
    reasons.retain(|reason| {
        let of_both = reason.role.is_some() && is_told(reason.test, &reason.org);
        let as_lost = reason.test == Test::NamesChanged && is_told(Test::NamesLost, &reason.org);
        !of_both && !as_lost
    });
    reasons.sort();
    reasons
}

fn part(reason: &Reason) -> Part<'_> {
    (reason.test, reason.org.as_deref(), reason.role)
}

/// Returns every test that fails against one state and was not answered at the door.
fn failures(state: &PublishedState, after: &RosterCounts, limits: Limits) -> Vec<Reason> {
    let tallies = Tallies::of(&state.counts, after);
    let failed = tallies.0.iter().filter(|((test, ..), tally)| {
        limits.fails(*test, **tally) && !state.accepted.iter().any(|guard| answers(*guard, *test))
    });
    failed
        .map(|(&(test, org, role), tally)| Reason {
            test,
            org: org.map(str::to_owned),
            role,
            before: tally.before,
            after: tally.after,
            since: Some(state.since),
        })
        .collect()
}

/// Returns `true` if whoever accepted a guard of the door for an import has answered what a test asks.
const fn answers(guard: Guard, test: Test) -> bool {
    match guard {
        Guard::PersonIdsChanged => matches!(test, Test::UsersRemoved),
        Guard::ClassIdsChanged => matches!(test, Test::ClassesRemoved | Test::PupilsMoved),
        Guard::NamesChanged => matches!(test, Test::NamesLost | Test::NamesChanged),
        Guard::DamagedText => matches!(test, Test::NamesChanged | Test::ClassesRetitled),
        Guard::OtherGroup => true,
        Guard::OlderThanLastLoad
        | Guard::ExtractedInFuture
        | Guard::ActiveYearMissing
        | Guard::ReplacementCharacter => false,
    }
}

/// How many objects a brake could judge changes touch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Touched {
    /// Classes removed or changed.
    pub classes: usize,
    /// Classes, users and enrollments removed or changed.
    pub all: usize,
}

impl Touched {
    /// Counts changes.
    pub fn by(changes: &[Change]) -> Self {
        let harmful = changes
            .iter()
            .filter(|change| matches!(change.action, Action::Removed | Action::Changed));
        let mut touched = Self::default();
        for change in harmful {
            touched.add(change.kind, 1);
        }
        touched
    }

    /// Counts more objects of a kind.
    pub fn add(&mut self, kind: Kind, count: usize) {
        match kind {
            Kind::Classes => {
                self.classes += count;
                self.all += count;
            }
            Kind::Users | Kind::Enrollments => self.all += count,
            Kind::AcademicSessions | Kind::Orgs | Kind::Courses => {}
        }
    }

    /// Returns both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            classes: self.classes + other.classes,
            all: self.all + other.all,
        }
    }

    /// Returns `true` if so much could fail a test at all; if not, nothing needs to be counted.
    ///
    /// To fail one takes more than the tenant's share of [`COUNTED_MIN`] objects of one kind; or all of five users or
    /// memberships, or of two classes, which count in every org and role.
    pub fn could_fail(self, percent: u32) -> bool {
        let percent = usize::try_from(percent).unwrap_or(usize::MAX);
        percent < 100
            && (self.classes >= CLASSES_EMPTIED_MIN
                || self.all >= EMPTIED_MIN
                || self.all.saturating_mul(100) > COUNTED_MIN.saturating_mul(percent))
    }
}

#[cfg(test)]
mod tests;
