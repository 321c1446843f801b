//! Which pupils are special, and how: a small share, each kind from the size on at which it fits.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::CaseName;
use super::classes::{Class, Grade};
use super::names::Name;
use super::records::Records;
use super::schools::Listing;

/// What happens to a pupil in the active year.
#[derive(Debug, Clone)]
pub(super) enum Story<'a> {
    /// Starts on the first day in one class and stays.
    Ordinary,
    /// As ordinary, with a name that is the case.
    Named(CaseName, Name),
    /// Changes to another class of the same year of study.
    ClassChange(&'a Class),
    /// Moves to another site, whose pupils have another domain.
    SiteMove(&'a Class),
    /// Changes programme on contiguous dates.
    ProgrammeChange(&'a Class),
    /// Two registrations with a weekend between them.
    WeekendGap,
    /// Starts after Christmas.
    FutureStart,
    /// Leaves.
    Leaver,
    /// Leaves, and returns to the same class.
    LeaveAndReturn,
    /// Is registered at two schools at once.
    TwoRegistrations(&'a Class),
    /// Has a parallel registration (status 3) at another school, which does not count.
    ParallelElsewhere(&'a Class),
    /// Is in no class.
    NoClass,
    /// Leaves, and is in service from the next day.
    BecomesStaff,
    /// Is in service while still a pupil.
    PupilAndStaff,
}

/// A pupil before there are rows.
#[derive(Debug, Clone)]
pub(super) struct Pupil<'a> {
    pub(super) class: &'a Class,
    pub(super) story: Story<'a>,
}

/// From how many pupils on there are three Bert Ameels; below it the one teacher would be no namesake.
pub(super) const NAMESAKES_FROM: u32 = 40;

/// The kinds, the most telling first, with their share of a thousand pupils; 0 = just one.
const KINDS: [(CaseName, u32); 21] = [
    (CaseName::BertAmeel, 0),
    (CaseName::BertAmeel, 0),
    (CaseName::LeaveAndReturn, 2),
    (CaseName::Leaver, 8),
    (CaseName::FutureStart, 8),
    (CaseName::SiteMove, 4),
    (CaseName::ClassChange, 10),
    (CaseName::ProgrammeChange, 3),
    (CaseName::TwoRegistrations, 3),
    (CaseName::WeekendGap, 2),
    (CaseName::NoClass, 5),
    (CaseName::OneName, 0),
    (CaseName::OneName, 1),
    (CaseName::LongName, 0),
    (CaseName::ParallelElsewhere, 2),
    (CaseName::BecomesStaff, 1),
    (CaseName::PupilAndStaff, 1),
    (CaseName::Namesakes, 0),
    (CaseName::Namesakes, 0),
    (CaseName::Namesakes, 0),
    (CaseName::Namesakes, 0),
];

/// Deals the special stories to pupils of `classes`: at most one pupil in twelve, one of each kind first.
pub(super) fn pupils<'a>(records: &mut Records, classes: &'a [Class]) -> Vec<Pupil<'a>> {
    let mut pupils: Vec<Pupil<'a>> = classes
        .iter()
        .flat_map(|class| {
            (0..class.size).map(move |_| Pupil {
                class,
                story: Story::Ordinary,
            })
        })
        .collect();
    let total = u32::try_from(pupils.len()).unwrap_or(u32::MAX);
    let mut budget = if total < NAMESAKES_FROM {
        total / 20
    } else {
        total / 12
    };
    let skipped = if total < NAMESAKES_FROM { 2 } else { 0 };
    let mut wanted: Vec<(CaseName, u32)> = Vec::new();
    wanted.extend(KINDS.iter().skip(skipped).map(|(case, _)| (*case, 1)));
    wanted.extend(
        KINDS
            .iter()
            .map(|(case, share)| (*case, (total * share / 1000).saturating_sub(1))),
    );
    let choices = Choices::new(classes);
    let mut made = 0_u32;
    for (case, count) in wanted {
        for _ in 0..count.min(budget) {
            if deal_one(records, &mut pupils, &choices, case, made) {
                budget -= 1;
            }
            made += 1;
        }
    }
    pupils
}

/// The classes of sites whose names are released, by what a story looks for.
struct Choices<'a> {
    by_school: BTreeMap<&'a str, Vec<&'a Class>>,
    by_grade: BTreeMap<Grade, Vec<&'a Class>>,
}

impl<'a> Choices<'a> {
    fn new(classes: &'a [Class]) -> Self {
        let mut choices = Self {
            by_school: BTreeMap::new(),
            by_grade: BTreeMap::new(),
        };
        for class in classes.iter().filter(|class| class.listing == Listing::Released) {
            choices
                .by_school
                .entry(&class.place.instelnr)
                .or_default()
                .push(class);
            choices.by_grade.entry(class.grade).or_default().push(class);
        }
        choices
    }

    fn of_school(&self, class: &Class) -> &[&'a Class] {
        self.by_school
            .get(class.place.instelnr.as_str())
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    fn of_grade(&self, grade: Grade) -> &[&'a Class] {
        self.by_grade.get(&grade).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Returns the first class that passes the test, from a random one on.
fn draw<'a>(
    records: &mut Records,
    classes: &[&'a Class],
    test: impl Fn(&Class) -> bool,
) -> Option<&'a Class> {
    let (before, after) = classes.split_at(records.dice.index(classes.len()));
    after.iter().chain(before).copied().find(|class| test(class))
}

/// Gives the story to a random pupil it fits. Returns `true` if there was one.
fn deal_one<'a>(
    records: &mut Records,
    pupils: &mut [Pupil<'a>],
    choices: &Choices<'a>,
    case: CaseName,
    number: u32,
) -> bool {
    /// In a large group this finds somebody for every story; going through all would pile up on the first who fits.
    const DRAWS: u32 = 300;
    for _ in 0..DRAWS {
        let index = records.dice.index(pupils.len());
        if pupils
            .get_mut(index)
            .is_some_and(|pupil| give(records, pupil, choices, case, number))
        {
            return true;
        }
    }
    pupils
        .iter_mut()
        .any(|pupil| give(records, pupil, choices, case, number))
}

/// Gives the story to a pupil who has none yet, if it fits.
fn give<'a>(
    records: &mut Records,
    pupil: &mut Pupil<'a>,
    choices: &Choices<'a>,
    case: CaseName,
    number: u32,
) -> bool {
    let free = pupil.class.listing == Listing::Released && matches!(pupil.story, Story::Ordinary);
    let story = if free {
        story(records, choices, pupil.class, case, number)
    } else {
        None
    };
    story.map(|story| pupil.story = story).is_some()
}

/// Returns the story of `case` for a pupil of `class`, if it is possible there.
fn story<'a>(
    records: &mut Records,
    choices: &Choices<'a>,
    class: &Class,
    case: CaseName,
    number: u32,
) -> Option<Story<'a>> {
    let (here, grade) = (&class.place, class.grade);
    let grown_up = matches!((grade.hfdstructuur, grade.year), ("312", _) | ("311", 6));
    match case {
        CaseName::ClassChange => {
            let same = |to: &Class| to.place == *here && to.grade == grade && to.key != class.key;
            draw(records, choices.of_school(class), same).map(Story::ClassChange)
        }
        CaseName::SiteMove => {
            let beside = |to: &Class| to.place.vestnr != here.vestnr && to.grade == grade;
            draw(records, choices.of_school(class), beside).map(Story::SiteMove)
        }
        CaseName::ProgrammeChange => {
            let full_time = grade.hfdstructuur == "311" && grade.year >= 5;
            let part_time = |to: &Class| to.grade.hfdstructuur == "312" && to.place.vestnr == here.vestnr;
            let to = draw(records, choices.of_school(class), part_time).filter(|_| full_time);
            to.map(Story::ProgrammeChange)
        }
        CaseName::TwoRegistrations | CaseName::ParallelElsewhere => {
            let elsewhere = |to: &Class| to.place.instelnr != here.instelnr;
            let other = draw(records, choices.of_grade(grade), elsewhere)?;
            let twice = case == CaseName::TwoRegistrations;
            Some(if twice {
                Story::TwoRegistrations(other)
            } else {
                Story::ParallelElsewhere(other)
            })
        }
        CaseName::WeekendGap => Some(Story::WeekendGap),
        CaseName::FutureStart => Some(Story::FutureStart),
        CaseName::Leaver => Some(Story::Leaver),
        CaseName::LeaveAndReturn => Some(Story::LeaveAndReturn),
        CaseName::NoClass => Some(Story::NoClass),
        CaseName::BecomesStaff => grown_up.then_some(Story::BecomesStaff),
        CaseName::PupilAndStaff => grown_up.then_some(Story::PupilAndStaff),
        CaseName::BertAmeel => Some(Story::Named(case, Name::new("Bert", "Ameel"))),
        CaseName::OneName => {
            let as_given = number.is_multiple_of(2);
            Some(Story::Named(
                case,
                records.names.single(&mut records.dice, as_given),
            ))
        }
        CaseName::LongName => Some(Story::Named(case, longest_name())),
        CaseName::Namesakes => Some(Story::Named(case, namesake(number))),
        CaseName::RefusedRegistration
        | CaseName::LastYearOnly
        | CaseName::NextYearOnly
        | CaseName::FormerPupilNowStaff
        | CaseName::TwoSchools
        | CaseName::ReplacementWithGap
        | CaseName::FutureStaff
        | CaseName::FormerStaff
        | CaseName::LeavingStaff
        | CaseName::EmptyClass
        | CaseName::ExcludedSite
        | CaseName::UnnamedSite
        | CaseName::UnreleasedSite
        | CaseName::ClosedSite => None,
    }
}

fn longest_name() -> Name {
    Name::new(
        "Maximiliaan-Alexander Emmanuel Ferdinand",
        "Van Den Abbeele-Vanderstraeten de la Kethulle de Ryhove",
    )
}

/// Returns one of two pairs of different names that make one username; the last has its accent as a separate
/// character.
fn namesake(number: u32) -> Name {
    match number % 4 {
        0 => Name::new("Lotte", "Van den Broeck"),
        1 => Name::new("Lotte", "Vandenbroeck"),
        2 => Name::new("Zoë", "D'Hondt"),
        _ => Name::new(&"Zoë".nfd().collect::<String>(), "D’Hondt"),
    }
}
