//! The second state that a publication is compared with, and what was answered at the door.

use super::*;

/// So many of a hundred users.
fn left(users: usize) -> RosterCounts {
    counts(&[("a", users, 0, 0)])
}

fn told(reasons: &[Reason]) -> Vec<(Test, bool, usize, Option<Compared>)> {
    let reasons = reasons.iter();
    reasons
        .map(|reason| {
            let compared = reason.since.map(|since| since.compared);
            (reason.test, reason.org.is_some(), reason.after, compared)
        })
        .collect()
}

#[test]
fn a_loss_in_instalments_is_held_against_what_was_read_and_says_so() {
    let read = state(&left(100), Compared::LastRead);
    let last = last(&left(85));
    assert_eq!(judge(&last, None, &left(70), limits(20)), [], "15 of 85 are 18 %");
    let reasons = judge(&last, Some(&read), &left(70), limits(20));
    let since = Some(Compared::LastRead);
    assert_eq!(
        told(&reasons),
        [
            (Test::UsersRemoved, false, 70, since),
            (Test::UsersRemoved, true, 70, since)
        ]
    );
    let within = judge(&last, Some(&read), &left(80), limits(20));
    assert_eq!(within, [], "20 of 100 in two steps");
}

/// What fails in both is told once, of the last generation.
#[test]
fn what_fails_against_the_last_generation_is_not_told_again() {
    let read = state(&left(100), Compared::LastRead);
    let reasons = judge(&last(&left(90)), Some(&read), &left(10), limits(20));
    let since = Some(Compared::LastPublished);
    assert_eq!(
        told(&reasons),
        [
            (Test::UsersRemoved, false, 10, since),
            (Test::UsersRemoved, true, 10, since)
        ]
    );
}

/// What was published since has been judged, or was let go by somebody: the rest of the day goes on.
#[test]
fn only_what_a_publication_adds_to_the_loss_is_held() {
    let read = state(&left(100), Compared::LastRead);
    let last = last(&left(60));
    assert_eq!(judge(&last, Some(&read), &left(60), limits(20)), []);
    assert_eq!(judge(&last, Some(&read), &left(61), limits(20)), []);
    assert_eq!(judge(&last, Some(&read), &left(59), limits(20)).len(), 2);
}

#[test]
fn guards_that_were_accepted_answer_their_tests_and_no_others() {
    use Test::{ClassesRemoved, ClassesRetitled, NamesChanged, NamesLost, PupilsMoved, UsersRemoved};
    for (guard, answered) in [
        (Guard::PersonIdsChanged, &[UsersRemoved][..]),
        (Guard::ClassIdsChanged, &[ClassesRemoved, PupilsMoved]),
        (Guard::NamesChanged, &[NamesLost, NamesChanged]),
        (Guard::DamagedText, &[NamesChanged, ClassesRetitled]),
        (Guard::OtherGroup, &Test::ALL),
        (Guard::OlderThanLastLoad, &[]),
        (Guard::ExtractedInFuture, &[]),
        (Guard::ActiveYearMissing, &[]),
        (Guard::ReplacementCharacter, &[]),
    ] {
        for test in Test::ALL {
            assert_eq!(answers(guard, test), answered.contains(&test), "{guard} {test:?}");
        }
    }
    let mut accepted = last(&left(100));
    accepted.accepted = BTreeSet::from([Guard::NamesChanged, Guard::PersonIdsChanged]);
    assert_eq!(judge(&accepted, None, &left(10), limits(20)), []);
    let read = state(&left(100), Compared::LastRead);
    assert_eq!(
        judge(&accepted, Some(&read), &left(10), limits(20)).len(),
        2,
        "each state has its own imports since"
    );
}
