//! A person and an account: how well they fit, and what speaks against it.

use super::fit::{Fit, SUPPORT_MIN};
use super::known::Known;
use super::mark::Mark;
use crate::called::Called;
use crate::evidence::class;
use crate::likeness::{Likeness, PersonName};
use crate::person::Person;

/// From so much of the name on, the birth date makes it the same.
const SAME_WITH_BIRTH_DATE: u8 = 76;

/// What the same class adds.
const SAME_CLASS_POINTS: u8 = 4;

/// How old, in years, somebody is at least when they get an account.
const AGE_MIN: u16 = 2;

/// What speaks against a pair, each more than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Against {
    Nothing,
    /// Something says that the account is nobody's who is here.
    Doubt,
    /// The account looks like the other kind's.
    OtherKind,
    /// It cannot be this person.
    Contradiction,
}

/// A person with an account.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) account: usize,
    pub(super) score: u8,
    pub(super) marks: Vec<Mark>,
    /// Whether the name is the same, or the given name and the birth date, or the id.
    pub(super) is_same: bool,
    /// Whether given and family name stand in each other's columns.
    pub(super) is_exchanged: bool,
    /// Whether something says that the account is of the person's own kind.
    pub(super) is_of_own_kind: bool,
    /// Whether both say a class, and that of the account is years away.
    pub(super) is_of_other_class: Option<bool>,
    against: Against,
}

impl Pair {
    fn mark(&mut self, mark: Mark, points: i16) {
        self.marks.push(mark);
        let score = (i16::from(self.score) + points).clamp(0, 100);
        self.score = u8::try_from(score).unwrap_or_default();
    }

    fn mark_against(&mut self, mark: Mark, points: i16, against: Against) {
        self.mark(mark, -points);
        self.against = self.against.max(against);
    }

    /// Notes that the class speaks against it.
    pub(super) fn doubt_class(&mut self) {
        self.mark_against(Mark::OtherClass, 6, Against::Doubt);
    }

    /// Notes that somebody else of the very name left.
    pub(super) fn doubt_namesake(&mut self) {
        self.mark_against(Mark::NamesakeLeft, 6, Against::Doubt);
    }

    /// Notes that given and family name stand in each other's columns, where they do not in the whole file.
    pub(super) fn doubt_order(&mut self) {
        self.mark(Mark::Exchanged, -6);
        self.is_same = false;
    }

    /// Notes that somebody wrote the username of the account for the person.
    pub(super) fn choose(&mut self) {
        self.mark(Mark::Chosen, 10);
    }

    /// Returns `true` unless it cannot be this person.
    pub(super) fn is_possible(&self) -> bool {
        self.against < Against::Contradiction
    }

    /// Returns `true` if both names are equal letter by letter.
    pub(super) fn is_exact(&self) -> bool {
        self.is_same && self.has_given_name() && self.marks.contains(&Mark::Family(Likeness::Equal))
    }

    /// Returns `true` if the birth date is the person's.
    pub(super) fn has_birth_date(&self) -> bool {
        self.marks.contains(&Mark::BirthDate)
    }

    /// Returns `true` if nothing speaks against it.
    pub(super) fn is_clear(&self) -> bool {
        self.against == Against::Nothing
    }

    /// Returns `true` if it cannot be this person, or looks like the other kind's.
    pub(super) fn is_contradicted(&self) -> bool {
        self.against >= Against::OtherKind
    }

    /// Returns `true` if the most that speaks against it is that the account looks like the other kind's.
    pub(super) fn is_of_other_kind_only(&self) -> bool {
        self.against == Against::OtherKind
    }

    /// Returns `true` if the account carries the person's id: School Data Sync goes by that, whatever else has changed.
    pub(super) fn has_sis_id(&self) -> bool {
        self.marks.contains(&Mark::SisId)
    }

    /// Forgets that the class is the same: departments are out of date.
    pub(super) fn forget_class(&mut self) {
        if self.marks.contains(&Mark::SameClass) {
            self.marks.retain(|mark| *mark != Mark::SameClass);
            self.score = self.score.saturating_sub(SAME_CLASS_POINTS);
        }
    }

    /// Returns `true` if more than the name says that it is this person.
    pub(super) fn is_corroborated(&self) -> bool {
        [Mark::BirthDate, Mark::SisId, Mark::SameClass]
            .iter()
            .any(|mark| self.marks.contains(mark))
    }

    /// Returns `true` if the given names are equal.
    pub(super) fn has_given_name(&self) -> bool {
        self.marks.contains(&Mark::Given(Likeness::Equal))
    }
}

/// Compares a person with an account; `None` if they have nothing in common.
pub(super) fn compare(
    (person, name): (&Person, &PersonName),
    (place, known): (usize, &Known<'_>),
    called: &Called,
) -> Option<Pair> {
    let fit = Fit::find(name, known, called);
    let likeness = fit.likeness;
    let sis_id = &known.account.sis_id;
    let is_matched_before = !sis_id.is_empty() && sis_id.eq_ignore_ascii_case(&person.sourced_id);
    if likeness.points() < SUPPORT_MIN && !is_matched_before {
        return None;
    }
    let mut pair = Pair {
        account: place,
        score: likeness.points(),
        marks: vec![Mark::Family(likeness.family), Mark::Given(likeness.given)],
        is_same: fit.is_same,
        is_exchanged: fit.is_exchanged,
        is_of_own_kind: known.kind == Some(person.kind),
        is_of_other_class: None,
        against: Against::Nothing,
    };
    weigh_names(&mut pair, &fit);
    match (&person.birth_date, &known.account.birth_date) {
        (Some(one), Some(other)) if one == other => {
            pair.mark(Mark::BirthDate, 10);
            // Of twins the family name and the birth date are equal, and given names are alike more often than not.
            pair.is_same |=
                likeness.given.is_same() && likeness.points() >= SAME_WITH_BIRTH_DATE && pair.is_clear();
        }
        (Some(_), Some(_)) => pair.mark_against(Mark::OtherBirthDate, 45, Against::Contradiction),
        (None, _) | (_, None) => {}
    }
    if is_id(sis_id) && !is_matched_before {
        pair.mark_against(Mark::OtherSisId, 20, Against::Contradiction);
    }
    if known.kind.is_some_and(|kind| kind != person.kind) {
        pair.mark_against(Mark::OtherKind, 25, Against::OtherKind);
    }
    weigh_place(&mut pair, (person, name), known);
    if is_matched_before {
        // School Data Sync goes by the id, whatever else has changed.
        pair.mark(Mark::SisId, 100);
        pair.is_same = true;
        pair.against = Against::Nothing;
    }
    Some(pair)
}

/// Weighs names of the account that are somebody else's.
fn weigh_names(pair: &mut Pair, fit: &Fit) {
    if let Some(points) = fit.contradiction {
        pair.mark_against(Mark::UsernameOnly, -points, Against::Doubt);
        pair.is_same = false;
    }
    if fit.has_other_username {
        pair.mark_against(Mark::OtherUsername, 6, Against::Doubt);
    }
}

/// Weighs what the account says of class and of its owner.
fn weigh_place(pair: &mut Pair, (person, name): (&Person, &PersonName), known: &Known<'_>) {
    let class_there = &known.evidence.class;
    let is_of_class = !class_there.is_empty() && person.classes.iter().any(|own| class(own) == *class_there);
    if is_of_class {
        pair.mark(Mark::SameClass, i16::from(SAME_CLASS_POINTS));
    }
    pair.is_of_other_class = if is_of_class {
        Some(false)
    } else {
        is_years_away(class_there, &person.classes)
    };
    let is_too_old = |born: &str| {
        let born: Option<u16> = born.get(..4).and_then(|year| year.parse().ok());
        born.zip(known.account.created_year)
            .is_some_and(|(born, made)| made < born + AGE_MIN)
    };
    if person.birth_date.as_deref().is_some_and(is_too_old) {
        pair.mark_against(Mark::OlderThanPerson, 30, Against::Contradiction);
    }
    let names = name.words();
    for (holds, mark, points) in [
        (known.account.is_enabled == Some(false), Mark::Blocked, 8),
        (known.evidence.is_former_for(&names), Mark::Former, 14),
        (known.evidence.is_service_for(&names), Mark::Service, 30),
    ] {
        if holds {
            pair.mark_against(mark, points, Against::Doubt);
        }
    }
}

/// Returns `true` if a department is a class whose number is none of, and none next to, those of somebody's classes; `None` where
/// one of the two has none.
fn is_years_away(department: &str, classes: &[String]) -> Option<bool> {
    let year = |text: &str| text.chars().next().and_then(|digit| digit.to_digit(10));
    let there = year(department)?;
    let mut years = classes.iter().filter_map(|own| year(&class(own))).peekable();
    years.peek()?;
    Some(years.all(|own| own.abs_diff(there) > 1))
}

/// Returns `true` for an id such as we send: others, such as a number of staff, say nothing.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4
}
