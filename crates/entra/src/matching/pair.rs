//! A person and an account: how well they fit, and what speaks against it.

use super::mark::Mark;
use crate::account::Account;
use crate::called::Called;
use crate::evidence::{Evidence, class, local_words};
use crate::likeness::{Likeness, NameLikeness, OtherName, PersonName};
use crate::name::{Part, words};
use crate::person::{Kind, Person};

/// With less than this in the names shown, the username alone says little.
const SUPPORT_MIN: u8 = 50;

/// From so much of the name on, the birth date makes it the same.
const SAME_WITH_BIRTH_DATE: u8 = 76;

/// What is known of an account before anybody is compared with it.
#[derive(Debug)]
pub(super) struct Known<'a> {
    pub(super) account: &'a Account,
    pub(super) evidence: Evidence,
    /// Given and family name, where both are there.
    parts: Option<(Part, Part)>,
    /// The name that is shown, if it is.
    shown: Option<OtherName>,
    /// The name in the username, and those in further addresses.
    addresses: Vec<OtherName>,
    /// Every name it has, as words.
    pub(super) names: Vec<Vec<String>>,
    /// Whose kind it is, the domain included.
    pub(super) kind: Option<Kind>,
}

impl<'a> Known<'a> {
    pub(super) fn of(account: &'a Account) -> Self {
        let (given, family) = (words(&account.given), words(&account.family));
        let evidence = Evidence::of(account);
        let mut addresses = vec![evidence.local.clone()];
        for address in account.aliases.iter().chain([&account.mail]) {
            let words = local_words(address);
            if !words.is_empty() && !addresses.contains(&words) {
                addresses.push(words);
            }
        }
        let is_split = !given.is_empty() && !family.is_empty();
        Self {
            account,
            kind: evidence.kind,
            parts: is_split.then(|| (Part::of_words(&given), Part::of_words(&family))),
            shown: (!evidence.shown.is_empty()).then(|| OtherName::of(&evidence.shown)),
            addresses: addresses.iter().map(|words| OtherName::of(words)).collect(),
            names: [vec![evidence.shown.clone(), given, family], addresses].concat(),
            evidence,
        }
    }
}

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
    /// Whether the name is the same, or less of it and the birth date, or the id.
    pub(super) is_same: bool,
    /// Whether the account is of a class years away from theirs.
    pub(super) is_of_other_class: bool,
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
    let (likeness, is_username_only) = name_likeness(name, known, called);
    let sis_id = &known.account.sis_id;
    let is_matched_before = !sis_id.is_empty() && sis_id.eq_ignore_ascii_case(&person.sourced_id);
    if likeness.points() < SUPPORT_MIN && !is_matched_before {
        return None;
    }
    let mut pair = Pair {
        account: place,
        score: likeness.points(),
        marks: vec![Mark::Family(likeness.family), Mark::Given(likeness.given)],
        is_same: likeness.is_same() && !is_username_only,
        is_of_other_class: false,
        against: Against::Nothing,
    };
    if is_username_only {
        pair.mark(Mark::UsernameOnly, -45);
    }
    match (&person.birth_date, &known.account.birth_date) {
        (Some(one), Some(other)) if one == other => {
            pair.mark(Mark::BirthDate, 10);
            pair.is_same |= likeness.points() >= SAME_WITH_BIRTH_DATE;
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
    weigh_place(&mut pair, person, known);
    if is_matched_before {
        // School Data Sync goes by the id, whatever else has changed.
        pair.mark(Mark::SisId, 100);
        pair.is_same = true;
        pair.against = Against::Nothing;
    }
    Some(pair)
}

/// Weighs what the account says of class and of its owner.
fn weigh_place(pair: &mut Pair, person: &Person, known: &Known<'_>) {
    let class_there = &known.evidence.class;
    let is_of_class = !class_there.is_empty() && person.classes.iter().any(|own| class(own) == *class_there);
    if is_of_class {
        pair.mark(Mark::SameClass, 4);
    }
    pair.is_of_other_class = !is_of_class && is_years_away(class_there, &person.classes);
    for (holds, mark, points) in [
        (known.account.is_enabled == Some(false), Mark::Blocked, 8),
        (known.evidence.is_former, Mark::Former, 14),
        (known.evidence.is_service, Mark::Service, 30),
    ] {
        if holds {
            pair.mark_against(mark, points, Against::Doubt);
        }
    }
}

/// Returns `true` if a department is a class whose number is none of, and none next to, those of somebody's classes.
fn is_years_away(department: &str, classes: &[String]) -> bool {
    let year = |text: &str| text.chars().next().and_then(|digit| digit.to_digit(10));
    let Some(there) = year(department) else {
        return false;
    };
    let mut years = classes.iter().filter_map(|own| year(&class(own))).peekable();
    years.peek().is_some() && years.all(|own| own.abs_diff(there) > 1)
}

/// Returns `true` for an id such as we send: others, such as a number of staff, say nothing.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4
}

/// Compares all names of an account. The second value says that the username alone has the name.
fn name_likeness(name: &PersonName, known: &Known<'_>, called: &Called) -> (NameLikeness, bool) {
    let shown = known
        .shown
        .as_ref()
        .map_or(NameLikeness::NONE, |shown| name.like(shown, called));
    if shown.is_same() {
        return (shown, false);
    }
    let parts = known
        .parts
        .as_ref()
        .map_or(NameLikeness::NONE, |(given, family)| {
            name.like_parts(given, family, called)
        });
    let shown = better(shown, parts);
    let addresses = known.addresses.iter().map(|address| name.like(address, called));
    let local = addresses.fold(NameLikeness::NONE, better);
    let says_nothing = known.shown.is_none() && known.parts.is_none();
    if local.points() <= shown.points() {
        return (shown, false);
    }
    (local, !says_nothing && shown.points() < SUPPORT_MIN)
}

fn better(one: NameLikeness, other: NameLikeness) -> NameLikeness {
    if other.points() > one.points() { other } else { one }
}
