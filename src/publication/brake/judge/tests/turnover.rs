//! Names, classes and titles that change under people who stay.

use super::*;

/// Gives a class facts.
fn know(roster: &mut RosterCounts, class: &str, group_type: i32, title_frame: &str) {
    let facts = ClassFacts {
        group_type,
        title_frame: title_frame.to_owned(),
        is_doubtful: false,
    };
    roster.class_facts.insert(class.to_owned(), facts);
}

/// One org of so many pupils in so many classes, everybody in one class and everybody in the subgroup `a-s`.
fn school(pupils: usize, classes: usize) -> RosterCounts {
    let mut roster = counts(&[("a", pupils, classes, pupils)]);
    for number in 0..classes {
        know(&mut roster, &format!("a-c{number}"), 0, "{klas}");
    }
    let subgroup = CountedClass {
        title: "Koor".to_owned(),
        org: "a".to_owned(),
    };
    roster.classes.insert("a-s".to_owned(), subgroup);
    know(&mut roster, "a-s", 1, "{klas}");
    for number in 0..pupils {
        let membership = Membership {
            class: "a-s".to_owned(),
            ..roster.memberships[&format!("a-m{number}")].clone()
        };
        roster.memberships.insert(format!("a-s{number}"), membership);
    }
    roster
}

/// Puts the first pupils in the next class.
fn move_on(roster: &RosterCounts, count: usize, classes: usize) -> RosterCounts {
    let mut after = roster.clone();
    for number in 0..count {
        let membership = after.memberships.get_mut(&format!("a-m{number}")).unwrap();
        membership.class = format!("a-c{}", (number + 1) % classes);
    }
    after
}

fn fails_with(before: &RosterCounts, after: &RosterCounts, day: &str, test: Test) -> bool {
    let reasons = judge(&last(before), None, after, limits_on(day, 20));
    assert!(
        reasons.iter().all(|reason| reason.test == test),
        "{reasons:?} beside {test:?}"
    );
    !reasons.is_empty()
}

#[test]
fn pupils_who_change_classes_are_held_from_fifty_or_half_on_until_15_september_above_half() {
    for (day, pupils, moved, fails) in [
        ("2026-11-02", 400, 80, false),
        ("2026-11-02", 400, 81, true),
        ("2026-11-02", 200, 49, false),
        ("2026-11-02", 200, 50, true),
        ("2026-11-02", 60, 30, false),
        ("2026-11-02", 60, 31, true),
        ("2026-11-02", 19, 19, false),
        ("2026-11-02", 20, 10, false),
        ("2026-11-02", 20, 11, true),
        ("2026-09-16", 400, 81, true),
        ("2026-09-15", 400, 200, false),
        ("2026-09-15", 400, 201, true),
        ("2026-09-01", 400, 200, false),
        ("2027-06-30", 400, 81, true),
    ] {
        let before = school(pupils, 10);
        let after = move_on(&before, moved, 10);
        assert_eq!(
            fails_with(&before, &after, day, Test::PupilsMoved),
            fails,
            "{moved} of {pupils} on {day}"
        );
    }
}

#[test]
fn the_share_that_may_change_classes_is_the_tenants_own() {
    let before = school(400, 10);
    for (percent, moved, fails) in [(40, 160, false), (40, 161, true), (100, 400, false)] {
        let reasons = judged(&before, &move_on(&before, moved, 10), percent);
        assert_eq!(!reasons.is_empty(), fails, "{moved} at {percent}");
    }
}

/// R107: on 1 February everybody is in other subgroups, and in the class they had.
#[test]
fn r107_pupils_who_change_subgroups_have_not_moved() {
    let before = school(200, 10);
    let mut after = before.clone();
    for number in 0..200 {
        let membership = after.memberships.get_mut(&format!("a-s{number}")).unwrap();
        membership.class = "a-other".to_owned();
    }
    assert_eq!(judged(&before, &after, 20), []);
    // The other way round: in the subgroup they had, and in other classes.
    let moved = move_on(&before, 200, 10);
    assert!(fails_with(&before, &moved, "2026-11-02", Test::PupilsMoved));
}

/// A pupil may be in two classes at once: who keeps one of them has not moved.
#[test]
fn who_is_still_in_one_of_their_classes_has_not_moved() {
    let mut before = school(100, 10);
    for membership in before.memberships.values_mut() {
        if membership.class == "a-s" {
            membership.class = "a-c9".to_owned();
        }
    }
    assert_eq!(judged(&before, &move_on(&before, 100, 9), 20), []);
}

#[test]
fn pupils_who_have_no_class_any_more_have_moved_and_who_leaves_has_not() {
    let before = school(100, 10);
    let mut without = before.clone();
    for number in 0..51 {
        without.memberships.remove(&format!("a-m{number}"));
    }
    let moved = judged(&before, &without, 20);
    let of = |test: Test| moved.iter().find(|reason| reason.test == test);
    let counted = of(Test::PupilsMoved).map(|reason| (reason.before, reason.after));
    assert_eq!(counted, Some((100, 49)));
    let mut gone = before.clone();
    for number in 0..60 {
        gone.users.remove(&format!("a-u{number}"));
        gone.memberships.remove(&format!("a-m{number}"));
        gone.memberships.remove(&format!("a-s{number}"));
    }
    let left = judged(&before, &gone, 20);
    assert!(
        left.iter().all(|reason| reason.test != Test::PupilsMoved),
        "{left:?}"
    );
}

/// What a class was before this was recorded: what it is now, and if it is gone, a class.
#[test]
fn a_class_of_which_nothing_is_known_counts_as_what_it_is_now_or_as_a_class() {
    let mut before = school(100, 10);
    let after = move_on(&before, 100, 10);
    before.class_facts.clear();
    assert!(
        fails_with(&before, &after, "2026-11-02", Test::PupilsMoved),
        "the subgroup, which they keep, is known to be one now"
    );
    let mut without_subgroup = before.clone();
    without_subgroup.classes.remove("a-s");
    without_subgroup
        .memberships
        .retain(|_, membership| membership.class != "a-s");
    let reasons = judged(&before, &without_subgroup, 20);
    assert!(
        reasons.iter().all(|reason| reason.test != Test::PupilsMoved),
        "they keep their classes: {reasons:?}"
    );
}

fn with_names(count: usize, of: usize, name: impl Fn(&str) -> String) -> (RosterCounts, RosterCounts) {
    let before = counts(&[("a", of, 0, 0)]);
    let mut after = before.clone();
    for number in 0..count {
        let user = after.users.get_mut(&format!("a-u{number}")).unwrap();
        user.given_name = name(&user.given_name);
    }
    (before, after)
}

#[test]
fn other_names_are_held_above_the_limit_and_other_spellings_never() {
    for (of, count, fails) in [(100, 20, false), (100, 21, true), (20, 5, true), (19, 19, false)] {
        let (before, after) = with_names(count, of, |_| "Somebody".to_owned());
        assert_eq!(
            fails_with(&before, &after, "2026-11-02", Test::NamesChanged),
            fails,
            "{count} of {of}"
        );
    }
    let (before, after) = with_names(100, 100, str::to_uppercase);
    assert_eq!(judged(&before, &after, 20), [], "names corrected from capitals");
    assert_eq!(judged(&after, &before, 20), []);
    let (before, filled_in) = with_names(100, 100, str::to_owned);
    let mut nameless = before;
    for user in nameless.users.values_mut() {
        user.given_name = "-".to_owned();
    }
    assert_eq!(judged(&nameless, &filled_in, 20), [], "who had none and gets one");
}

/// Some names that are emptied and some that are exchanged are one accident.
#[test]
fn names_that_are_lost_count_as_changed_and_are_told_once() {
    let (before, mut after) = with_names(15, 100, |_| "-".to_owned());
    assert_eq!(judged(&before, &after, 20), []);
    for number in 15..30 {
        after.users.get_mut(&format!("a-u{number}")).unwrap().family_name = "Other".to_owned();
    }
    let told: Vec<_> = judged(&before, &after, 20)
        .iter()
        .map(|reason| (reason.test, reason.before, reason.after))
        .collect();
    assert_eq!(told, [(Test::NamesChanged, 100, 70); 2]);
    for number in 15..30 {
        after.users.get_mut(&format!("a-u{number}")).unwrap().given_name = "-".to_owned();
    }
    let told: BTreeSet<Test> = judged(&before, &after, 20)
        .iter()
        .map(|reason| reason.test)
        .collect();
    assert_eq!(told, BTreeSet::from([Test::NamesLost]));
}

/// So many classes, of which the first so many get another title and frame.
fn retitled(of: usize, count: usize, frame: &str, is_doubtful: bool) -> (RosterCounts, RosterCounts) {
    let mut before = counts(&[("a", 0, of, 0)]);
    for number in 0..of {
        know(&mut before, &format!("a-c{number}"), 0, "{klas} - Markt");
    }
    let mut after = before.clone();
    for number in 0..count {
        let id = format!("a-c{number}");
        after.classes.get_mut(&id).unwrap().title = format!("Other {number}");
        know(&mut after, &id, 0, frame);
        after.class_facts.get_mut(&id).unwrap().is_doubtful = is_doubtful;
    }
    (before, after)
}

#[test]
fn titles_that_change_by_themselves_are_held_and_those_that_change_with_what_they_share_are_not() {
    let day = "2026-11-02";
    for (of, count, fails) in [(20, 4, false), (20, 5, true), (19, 19, false), (100, 21, true)] {
        let (before, after) = retitled(of, count, "{klas} - Markt", false);
        assert_eq!(
            fails_with(&before, &after, day, Test::ClassesRetitled),
            fails,
            "{count} of {of}"
        );
    }
    for frame in ["{klas} - Kade", "{klascode}", "2026-27 {klas} - Markt"] {
        let (before, after) = retitled(20, 20, frame, false);
        assert_eq!(
            judged(&before, &after, 20),
            [],
            "a renamed site, another format: {frame}"
        );
        let (before, after) = retitled(20, 5, frame, true);
        assert!(
            fails_with(&before, &after, day, Test::ClassesRetitled),
            "the new name of the site is damaged"
        );
    }
}

#[test]
fn titles_that_were_doubtful_before_do_not_turn_so_and_of_unknown_ones_all_count() {
    let (mut before, after) = retitled(20, 20, "{klas} - Kade", true);
    for facts in before.class_facts.values_mut() {
        facts.is_doubtful = true;
    }
    assert_eq!(judged(&before, &after, 20), []);
    let (mut before, after) = retitled(20, 20, "{klas} - Kade", false);
    before.class_facts.clear();
    assert!(
        fails_with(&before, &after, "2026-11-02", Test::ClassesRetitled),
        "it is not known what they shared before"
    );
}
