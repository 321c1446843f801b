//! What the brake counts in two rosters: for each test, org and role how many there are, and how many of them are left as they
//! were. Pure.

use std::collections::{BTreeMap, BTreeSet};

use oneroster_school::projection::{ClassFacts, NO_NAME};
use oneroster_school::text::{TextUse, judge};
use oneroster_school::username::comparable;

use crate::publication::roster_counts::{CountedClass, CountedUser, RosterCounts};
use crate::roster::{Role, Test};

/// What is counted apart: a test, an org (`None` = the whole tenant), a role (`None` = everybody).
pub(super) type Part<'a> = (Test, Option<&'a str>, Option<Role>);

/// How many there are, and how many of them would be left as they were. Of memberships: how many there would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) before: usize,
    pub(super) after: usize,
}

impl Tally {
    /// How many are lost or changed.
    pub(super) const fn lost(self) -> usize {
        self.before.saturating_sub(self.after)
    }
}

/// The tallies of two rosters.
#[derive(Debug, Default)]
pub(super) struct Tallies<'a>(pub(super) BTreeMap<Part<'a>, Tally>);

impl<'a> Tallies<'a> {
    /// Counts what every test asks for.
    pub(super) fn of(before: &'a RosterCounts, after: &'a RosterCounts) -> Self {
        let mut tallies = Self::default();
        tallies.count_users(before, after);
        tallies.count_classes(before, after);
        tallies.count_memberships(before, after);
        tallies.count_moves(before, after);
        tallies
    }

    fn count(&mut self, part: Part<'a>, is_left: bool) {
        let tally = self.0.entry(part).or_default();
        tally.before += 1;
        tally.after += usize::from(is_left);
    }

    fn count_users(&mut self, before: &'a RosterCounts, after: &RosterCounts) {
        for (id, user) in &before.users {
            let now = after.users.get(id);
            let kept = now.map(|now| (keeps_names(user, now), has_names_as_before(user, now)));
            for org in places(user) {
                let now = now.filter(|now| org.is_none_or(|org| now.is_in(org)));
                self.count((Test::UsersRemoved, org, None), now.is_some());
                // A user whose role changes counts as removed from the old role, as one who leaves an org does from that.
                let has_role = now.is_some_and(|now| now.role == user.role);
                self.count((Test::UsersRemoved, org, Some(user.role)), has_role);
                if let (Some(now), Some((keeps, same))) = (now, kept) {
                    let keeps_username = now.username == user.username;
                    self.count((Test::UsernamesChanged, org, None), keeps_username);
                    self.count((Test::NamesLost, org, None), keeps);
                    self.count((Test::NamesChanged, org, None), same);
                }
            }
        }
    }

    fn count_classes(&mut self, before: &'a RosterCounts, after: &RosterCounts) {
        let with_members: BTreeSet<&str> = before
            .memberships
            .values()
            .map(|membership| membership.class.as_str())
            .collect();
        for (id, class) in &before.classes {
            let now = after.classes.get(id);
            let stays = now.filter(|now| now.org == class.org);
            if with_members.contains(id.as_str()) {
                self.count((Test::ClassesRemoved, None, None), now.is_some());
                self.count((Test::ClassesRemoved, Some(&class.org), None), stays.is_some());
            }
            let Some(now) = now else { continue };
            let facts = (before.class_facts.get(id), after.class_facts.get(id));
            let keeps_title = !is_retitled((class, now), facts);
            self.count((Test::ClassesRetitled, None, None), keeps_title);
            if stays.is_some() {
                self.count((Test::ClassesRetitled, Some(&class.org), None), keeps_title);
            }
        }
    }

    fn count_memberships(&mut self, before: &'a RosterCounts, after: &'a RosterCounts) {
        for (roster, is_before) in [(before, true), (after, false)] {
            for membership in roster.memberships.values() {
                for org in [None, Some(membership.org.as_str())] {
                    for role in [None, Some(membership.role)] {
                        let tally = self.0.entry((Test::FewerMemberships, org, role)).or_default();
                        *(if is_before {
                            &mut tally.before
                        } else {
                            &mut tally.after
                        }) += 1;
                    }
                }
            }
        }
    }

    /// Counts the pupils that stay and had a class; left as they were are those who are still in one of the classes they had.
    fn count_moves(&mut self, before: &'a RosterCounts, after: &RosterCounts) {
        let now_in: BTreeSet<(&str, &str)> = after
            .memberships
            .values()
            .map(|membership| (membership.user.as_str(), membership.class.as_str()))
            .collect();
        // Of each pupil and place: whether they are still in a class that they had there.
        let mut stays: BTreeMap<(&str, Option<&'a str>), bool> = BTreeMap::new();
        for membership in before.memberships.values() {
            if membership.role != Role::Pupils || !is_class(before, after, &membership.class) {
                continue;
            }
            let is_left = now_in.contains(&(membership.user.as_str(), membership.class.as_str()));
            for org in [None, Some(membership.org.as_str())] {
                if stays_as_pupil(before, after, &membership.user, org) {
                    *stays.entry((membership.user.as_str(), org)).or_default() |= is_left;
                }
            }
        }
        for ((_, org), is_left) in stays {
            self.count((Test::PupilsMoved, org, None), is_left);
        }
    }
}

/// Each org of a user, and the whole tenant.
fn places(user: &CountedUser) -> BTreeSet<Option<&str>> {
    let orgs = user.orgs.iter().map(|org| Some(org.as_str()));
    orgs.chain([None]).collect()
}

const fn names(user: &CountedUser) -> [&String; 2] {
    [&user.given_name, &user.family_name]
}

/// Returns `true` if neither name is lost.
fn keeps_names(before: &CountedUser, after: &CountedUser) -> bool {
    let mut both = names(before).into_iter().zip(names(after));
    both.all(|(before, after)| before == NO_NAME || after != NO_NAME)
}

/// Returns `true` if every name that there was is still there in the form in which names are compared. A name that is filled
/// in is no change.
fn has_names_as_before(before: &CountedUser, after: &CountedUser) -> bool {
    let mut both = names(before).into_iter().zip(names(after));
    both.all(|(before, after)| {
        before == after || before == NO_NAME || (after != NO_NAME && comparable(before) == comparable(after))
    })
}

/// Returns `true` if a class gets another title although nothing that titles share changed, or one that turns doubtful.
///
/// Where it is not known what the title shared before, it counts as if nothing of that had changed.
fn is_retitled(
    (before, after): (&CountedClass, &CountedClass),
    (known, now): (Option<&ClassFacts>, Option<&ClassFacts>),
) -> bool {
    if before.title == after.title {
        return false;
    }
    let shares_the_same = match (known, now) {
        (Some(known), Some(now)) => known.title_frame == now.title_frame,
        (Some(_) | None, _) => true,
    };
    let doubtful = |class: &CountedClass, facts: Option<&ClassFacts>| {
        facts.map_or_else(
            || judge(&class.title, TextUse::Title).is_some(),
            |facts| facts.is_doubtful,
        )
    };
    shares_the_same || (doubtful(after, now) && !doubtful(before, known))
}

/// Returns `true` if what pupils are in is a class, `false` for a subgroup. Where it is not known what it was, it counts as
/// what it is now, and if it is gone as a class.
fn is_class(before: &RosterCounts, after: &RosterCounts, class: &str) -> bool {
    let known = before
        .class_facts
        .get(class)
        .or_else(|| after.class_facts.get(class));
    known.is_none_or(ClassFacts::is_class)
}

fn stays_as_pupil(before: &RosterCounts, after: &RosterCounts, user: &str, org: Option<&str>) -> bool {
    [before, after].into_iter().all(|roster| {
        let user = roster.users.get(user);
        user.is_some_and(|user| user.role == Role::Pupils && org.is_none_or(|org| user.is_in(org)))
    })
}
