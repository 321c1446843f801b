//! The brake on rosters of every size, at and around its limits.

mod instalments;
mod turnover;

use chrono::DateTime;
use oneroster_school::projection::ClassFacts;
use oneroster_standard::StatusType;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::publication::roster_counts::{CountedClass, CountedUser, Membership};
use crate::roster::{Compared, Role, hash};

/// What is compared with, at some moment.
fn state(counts: &RosterCounts, compared: Compared) -> PublishedState {
    PublishedState {
        counts: counts.clone(),
        since: Since {
            generation: Uuid::nil(),
            published_at: DateTime::UNIX_EPOCH,
            compared,
        },
        accepted: BTreeSet::new(),
    }
}

fn last(counts: &RosterCounts) -> PublishedState {
    state(counts, Compared::LastPublished)
}

/// The limits on a day in November.
fn limits(percent: u32) -> Limits {
    limits_on("2026-11-02", percent)
}

fn limits_on(day: &str, percent: u32) -> Limits {
    Limits::new(percent, &"2026-27".parse().unwrap(), day.parse().unwrap())
}

/// Against the last generation alone.
fn judged(before: &RosterCounts, after: &RosterCounts, percent: u32) -> Vec<Reason> {
    judge(&last(before), None, after, limits(percent))
}

/// Orgs with users, classes and memberships numbered from 0 in each.
fn counts(orgs: &[(&str, usize, usize, usize)]) -> RosterCounts {
    let mut counts = RosterCounts::default();
    for (org, users, classes, memberships) in orgs {
        let org = (*org).to_owned();
        for number in 0..*users {
            let user = CountedUser {
                role: Role::Pupils,
                given_name: format!("Given {number}"),
                family_name: format!("Family {number}"),
                username: format!("{org}.{number}"),
                orgs: vec![org.clone()],
            };
            counts.users.insert(format!("{org}-u{number}"), user);
        }
        for number in 0..*classes {
            let class = CountedClass {
                title: format!("{number}"),
                org: org.clone(),
            };
            counts.classes.insert(format!("{org}-c{number}"), class);
        }
        for number in 0..*memberships {
            let membership = Membership {
                role: Role::Pupils,
                user: format!("{org}-u{number}"),
                class: format!("{org}-c{}", number % (*classes).max(1)),
                org: org.clone(),
            };
            counts.memberships.insert(format!("{org}-m{number}"), membership);
        }
    }
    counts
}

/// Gives the first `count` users of an org another username.
fn rename(counts: &mut RosterCounts, org: &str, count: usize) {
    for number in 0..count {
        let user = counts.users.get_mut(&format!("{org}-u{number}")).unwrap();
        user.username = format!("{}@typo.example", user.username);
    }
}

fn found(before: &RosterCounts, after: &RosterCounts, percent: u32) -> Vec<(Test, Option<String>)> {
    judged(before, after, percent)
        .into_iter()
        .map(|reason| (reason.test, reason.org))
        .collect()
}

/// Each test on the last number it allows and the first it does not, at 20 %, with one org that is the tenant.
#[test]
fn each_test_allows_its_limit_and_nothing_above() {
    use Test::{FewerMemberships, UsernamesChanged, UsersRemoved};
    let both = |test| vec![(test, None), (test, Some("a".to_owned()))];
    // Before, after, test that must fail.
    for (before, after, failing) in [
        (("a", 100, 0, 0), ("a", 80, 0, 0), None),
        (("a", 100, 0, 0), ("a", 79, 0, 0), Some(UsersRemoved)),
        (("a", 20, 0, 0), ("a", 16, 0, 0), None),
        (("a", 20, 0, 0), ("a", 15, 0, 0), Some(UsersRemoved)),
        (("a", 19, 0, 0), ("a", 1, 0, 0), None),
        (("a", 21, 0, 0), ("a", 17, 0, 0), None),
        (("a", 21, 0, 0), ("a", 16, 0, 0), Some(UsersRemoved)),
        (("a", 0, 0, 100), ("a", 0, 0, 80), None),
        (("a", 0, 0, 100), ("a", 0, 0, 79), Some(FewerMemberships)),
        (("a", 0, 0, 19), ("a", 0, 0, 1), None),
    ] {
        let expected = failing.map_or_else(Vec::new, both);
        assert_eq!(
            found(&counts(&[before]), &counts(&[after]), 20),
            expected,
            "{before:?} {after:?}"
        );
    }
    for (users, renamed, fails) in [
        (100, 20, false),
        (100, 21, true),
        (20, 4, false),
        (20, 5, true),
        (19, 19, false),
    ] {
        let before = counts(&[("a", users, 0, 0)]);
        let mut after = before.clone();
        rename(&mut after, "a", renamed);
        let expected = if fails { both(UsernamesChanged) } else { Vec::new() };
        assert_eq!(found(&before, &after, 20), expected, "{renamed} of {users}");
    }
}

/// Where there are few, one or two are a large share, and none left is a loss all the same.
#[test]
fn nothing_left_of_five_users_or_memberships_is_held() {
    use Test::{FewerMemberships, UsersRemoved};
    let both = |test| vec![(test, None), (test, Some("a".to_owned()))];
    for (count, fails) in [(4, false), (5, true), (19, true)] {
        let expected = |test| if fails { both(test) } else { Vec::new() };
        let users = counts(&[("a", count, 0, 0)]);
        assert_eq!(
            found(&users, &counts(&[("a", 0, 0, 0)]), 20),
            expected(UsersRemoved),
            "{count}"
        );
        assert_eq!(found(&users, &counts(&[("a", 1, 0, 0)]), 20), [], "{count}");
        let members = counts(&[("a", 0, 0, count)]);
        let none = counts(&[("a", 0, 0, 0)]);
        assert_eq!(found(&members, &none, 20), expected(FewerMemberships), "{count}");
        // Beside a hundred pupils, who stay.
        let before = with_staff(count, 100 + count);
        let mut after = before.clone();
        after.users.retain(|_, user| user.role == Role::Pupils);
        after
            .memberships
            .retain(|_, membership| membership.role == Role::Pupils);
        let staff = Some(Role::Staff);
        let told = [(UsersRemoved, staff, false), (UsersRemoved, staff, true)]
            .into_iter()
            .chain([(FewerMemberships, staff, false), (FewerMemberships, staff, true)]);
        let expected: Vec<_> = told.filter(|_| fails).collect();
        assert_eq!(reported(&before, &after), expected, "{count} of the staff");
    }
    assert_eq!(
        found(&counts(&[("a", 9, 0, 0)]), &counts(&[]), 100),
        [],
        "100 % holds nothing"
    );
}

/// Removes the first classes of an org.
fn without_classes(before: &RosterCounts, org: &str, count: usize) -> RosterCounts {
    let mut after = before.clone();
    for number in 0..count {
        after.classes.remove(&format!("{org}-c{number}"));
    }
    after
}

#[test]
fn classes_are_counted_if_they_have_members_three_of_five_and_all_of_fewer() {
    let both = |test| vec![(test, None), (test, Some("a".to_owned()))];
    // Classes, members, removed.
    for (classes, members, removed, fails) in [
        (20, 20, 4, false),
        (20, 20, 5, true),
        (14, 14, 2, false),
        (14, 14, 3, true),
        (5, 5, 2, false),
        (5, 5, 3, true),
        (4, 4, 3, false),
        (4, 4, 4, true),
        (2, 2, 1, false),
        (2, 2, 2, true),
        (1, 1, 1, false),
        // Of these only the first three have members.
        (20, 3, 2, false),
        (20, 3, 3, true),
    ] {
        let before = counts(&[("a", 0, classes, members)]);
        let after = without_classes(&before, "a", removed);
        let expected = if fails {
            both(Test::ClassesRemoved)
        } else {
            Vec::new()
        };
        assert_eq!(
            found(&before, &after, 20),
            expected,
            "{removed} of {classes}, {members} members"
        );
    }
    let mut tidied = counts(&[("a", 0, 40, 10)]);
    let before = tidied.clone();
    for number in 10..40 {
        tidied.classes.remove(&format!("a-c{number}"));
    }
    assert_eq!(found(&before, &tidied, 20), [], "empty subgroups are tidied up");
}

#[test]
fn the_limit_is_the_tenants_own() {
    let before = counts(&[("a", 100, 0, 0)]);
    for (percent, left, fails) in [
        (1, 99, false),
        (1, 98, true),
        (50, 50, false),
        (50, 49, true),
        (99, 0, true),
        (100, 0, false),
    ] {
        let after = counts(&[("a", left, 0, 0)]);
        assert_eq!(
            !found(&before, &after, percent).is_empty(),
            fails,
            "{percent} {left}"
        );
    }
}

/// One school of twelve: a small share of the tenant, and all of its own.
#[test]
fn one_org_can_fail_while_the_tenant_does_not() {
    let orgs: Vec<String> = (0..12).map(|number| format!("o{number:02}")).collect();
    let full: Vec<_> = orgs.iter().map(|org| (org.as_str(), 30, 3, 30)).collect();
    let mut truncated = full.clone();
    truncated[7] = ("o07", 0, 3, 0);
    let org = Some("o07".to_owned());
    assert_eq!(
        found(&counts(&full), &counts(&truncated), 20),
        [(Test::UsersRemoved, org.clone()), (Test::FewerMemberships, org)]
    );
}

/// Many small schools that each lose a little too much: none of them is counted, the tenant is.
#[test]
fn the_tenant_can_fail_while_no_org_does() {
    let orgs: Vec<String> = (0..12).map(|number| format!("o{number:02}")).collect();
    let full: Vec<_> = orgs.iter().map(|org| (org.as_str(), 19, 2, 0)).collect();
    let less: Vec<_> = orgs.iter().map(|org| (org.as_str(), 12, 2, 0)).collect();
    assert_eq!(
        found(&counts(&full), &counts(&less), 20),
        [(Test::UsersRemoved, None)]
    );
}

#[test]
fn growth_is_never_held_and_makes_up_for_memberships_but_not_for_people() {
    let before = counts(&[("a", 40, 20, 40)]);
    assert!(judged(&before, &counts(&[("a", 400, 200, 400)]), 1).is_empty());
    // Other people in the place of half of them.
    let mut after = counts(&[("a", 20, 20, 40), ("b", 20, 0, 0)]);
    for user in after.users.values_mut() {
        user.orgs = vec!["a".to_owned()];
    }
    let (test, org) = (Test::UsersRemoved, Some("a".to_owned()));
    assert_eq!(found(&before, &after, 20), [(test, None), (test, org)]);
}

/// A user who leaves a school for another of the group is removed from the first one only.
#[test]
fn a_move_to_another_org_counts_where_it_leaves() {
    let before = counts(&[("a", 30, 0, 0), ("b", 30, 0, 0)]);
    let mut after = before.clone();
    for number in 0..10 {
        after.users.get_mut(&format!("a-u{number}")).unwrap().orgs = vec!["b".to_owned()];
    }
    assert_eq!(
        found(&before, &after, 20),
        [(Test::UsersRemoved, Some("a".to_owned()))]
    );
    // With two orgs a user still has the first.
    for number in 0..10 {
        after.users.get_mut(&format!("a-u{number}")).unwrap().orgs = vec!["b".to_owned(), "a".to_owned()];
    }
    assert!(judged(&before, &after, 20).is_empty());
}

#[test]
fn a_reason_carries_the_counts_and_a_percentage_rounded_up() {
    let reasons = judged(&counts(&[("a", 300, 0, 0)]), &counts(&[("a", 239, 0, 0)]), 20);
    assert_eq!(
        (reasons[0].before, reasons[0].after, reasons[0].percent()),
        (300, 239, 21)
    );
    let json = serde_json::to_value(&reasons[1]).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "test": "users_removed", "org": "a", "before": 300, "after": 239,
            "since": {
                "generation": "00000000-0000-0000-0000-000000000000",
                "published_at": "1970-01-01T00:00:00.000Z",
                "compared": "last_published",
            },
        })
    );
    assert_eq!(serde_json::from_value::<Reason>(json).unwrap(), reasons[1]);
    assert_eq!(Test::UsersRemoved.as_str(), "users_removed");
}

/// An org of which the first so many are staff, each with a membership.
fn with_staff(staff: usize, users: usize) -> RosterCounts {
    let mut counts = counts(&[("a", users, 1, users)]);
    for number in 0..staff {
        counts.users.get_mut(&format!("a-u{number}")).unwrap().role = Role::Staff;
        counts.memberships.get_mut(&format!("a-m{number}")).unwrap().role = Role::Staff;
    }
    counts
}

/// Test, role and whether it is about an org.
fn reported(before: &RosterCounts, after: &RosterCounts) -> Vec<(Test, Option<Role>, bool)> {
    let reasons = judged(before, after, 20);
    reasons
        .iter()
        .map(|reason| (reason.test, reason.role, reason.org.is_some()))
        .collect()
}

/// Staff are one user in fifteen: all of them are seven per cent of everybody.
#[test]
fn pupils_and_staff_are_counted_apart_too_from_twenty_of_them_on() {
    use Test::{FewerMemberships, UsersRemoved};
    let staff = Some(Role::Staff);
    for (of_staff, gone, fails) in [(20, 4, false), (20, 5, true), (19, 18, false)] {
        let before = with_staff(of_staff, 300);
        let mut after = before.clone();
        for number in 0..gone {
            after.users.remove(&format!("a-u{number}"));
        }
        let both = |test| vec![(test, staff, false), (test, staff, true)];
        let expected = if fails { both(UsersRemoved) } else { Vec::new() };
        assert_eq!(reported(&before, &after), expected, "{gone} of {of_staff}");
        let mut after = before.clone();
        for number in 0..gone {
            after.memberships.remove(&format!("a-m{number}"));
        }
        let expected = if fails { both(FewerMemberships) } else { Vec::new() };
        assert_eq!(reported(&before, &after), expected, "{gone} of {of_staff}");
    }
    // Staff sent as pupils are no longer staff.
    let before = with_staff(20, 300);
    let turned = with_staff(0, 300);
    let tests: Vec<Test> = reported(&before, &turned)
        .into_iter()
        .map(|(test, ..)| test)
        .collect();
    assert_eq!(
        tests,
        [UsersRemoved, UsersRemoved, FewerMemberships, FewerMemberships]
    );
    let none = reported(&before, &RosterCounts::default());
    assert!(
        none.iter().all(|(_, role, _)| role.is_none()),
        "reported once: {none:?}"
    );
}

#[test]
fn names_that_become_empty_are_counted_among_the_users_that_stay() {
    for (users, emptied, fails) in [(100, 20, false), (100, 21, true), (20, 5, true), (19, 19, false)] {
        for which in [0, 1] {
            let before = counts(&[("a", users, 0, 0)]);
            let mut after = before.clone();
            for number in 0..emptied {
                let user = after.users.get_mut(&format!("a-u{number}")).unwrap();
                *[&mut user.given_name, &mut user.family_name][which] = "-".to_owned();
            }
            let test = Test::NamesLost;
            let expected: &[_] = if fails {
                &[(test, None, false), (test, None, true)]
            } else {
                &[]
            };
            assert_eq!(reported(&before, &after), expected, "{emptied} of {users}");
            assert!(judged(&after, &before, 1).is_empty(), "names that are filled in");
            assert!(
                judged(&after, &after, 1).is_empty(),
                "names that were never there"
            );
        }
    }
}

fn change(action: Action, sourced_id: &str, content: &str) -> Change {
    Change {
        action,
        kind: Kind::Users,
        sourced_id: sourced_id.to_owned(),
        status: StatusType::Active,
        content: (action != Action::Removed).then(|| (content.to_owned(), hash(content, None))),
        email_domain: None,
    }
}

proptest! {
    /// What is not counted because it could not fail would not have failed.
    #[test]
    fn nothing_that_fails_is_passed_over(
        (users, removed, renamed) in (0..60usize, 0..60usize, 0..60usize),
        (classes, classes_removed) in (1..8usize, 0..8usize),
        (memberships, members_removed) in (0..40usize, 0..40usize),
        percent in 1..=100u32,
    ) {
        let (removed, renamed) = (removed.min(users), renamed.min(users));
        let (classes_removed, members_removed) = (classes_removed.min(classes), members_removed.min(memberships));
        let before = counts(&[("a", users, classes, memberships)]);
        let mut after = before.clone();
        rename(&mut after, "a", renamed);
        let gone = |kind: Kind, letter: char, count: usize| {
            (0..count).map(move |number| Change { kind, ..change(Action::Removed, &format!("a-{letter}{number}"), "") })
        };
        let mut changes: Vec<Change> = gone(Kind::Users, 'u', removed)
            .chain(gone(Kind::Classes, 'c', classes_removed))
            .chain(gone(Kind::Enrollments, 'm', members_removed))
            .collect();
        for change in &changes {
            after.users.remove(&change.sourced_id);
            after.classes.remove(&change.sourced_id);
            after.memberships.remove(&change.sourced_id);
        }
        changes.extend((removed..renamed).map(|number| change(Action::Changed, &format!("a-u{number}"), "x")));
        changes.push(change(Action::Added, "new", "x"));
        if !judged(&before, &after, percent).is_empty() {
            prop_assert!(Touched::by(&changes).could_fail(percent));
        }
    }

    /// The brake in the words of the rule, for one org.
    #[test]
    fn users_are_held_exactly_above_the_limit(users in 0..200usize, removed in 0..200usize, percent in 1..100u32) {
        let removed = removed.min(users);
        let before = counts(&[("a", users, 0, 0)]);
        let after = counts(&[("a", users - removed, 0, 0)]);
        // More than so many per cent, in whole people; or everybody.
        let allowed = users * usize::try_from(percent).unwrap() / 100;
        let expected = (users >= 20 && removed > allowed) || (users >= 5 && removed == users);
        prop_assert_eq!(!judged(&before, &after, percent).is_empty(), expected);
    }
}
