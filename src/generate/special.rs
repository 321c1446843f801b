//! Which pupils are special, and how: a small share, each kind from the size on at which it fits.

use unicode_normalization::UnicodeNormalization;

use super::CaseName;
use super::classes::Class;
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
        total / 20 * 2
    } else {
        total / 12
    };
    let skipped = if total < NAMESAKES_FROM { 2 } else { 0 };
    let mut wanted: Vec<(CaseName, u32)> = Vec::new();
    wanted.extend(KINDS.iter().skip(skipped).map(|(case, _)| (*case, 1)));
    wanted.extend(
        KINDS
            .iter()
            .map(|(case, share)| (*case, (total / 1000 * share).saturating_sub(1))),
    );
    let mut made = 0_u32;
    for (case, count) in wanted {
        for _ in 0..count.min(budget) {
            if deal_one(records, &mut pupils, classes, case, made) {
                budget -= 1;
            }
            made += 1;
        }
    }
    pupils
}

/// Gives the story to the first pupil it fits from a random one on; says whether there was one.
fn deal_one<'a>(
    records: &mut Records,
    pupils: &mut [Pupil<'a>],
    classes: &'a [Class],
    case: CaseName,
    number: u32,
) -> bool {
    let start = records.dice.index(pupils.len());
    let (before, after) = pupils.split_at_mut(start);
    for pupil in after.iter_mut().chain(before) {
        let published = matches!(pupil.class.listing, Listing::Released);
        if published
            && matches!(pupil.story, Story::Ordinary)
            && let Some(story) = story(records, classes, pupil.class, case, number)
        {
            pupil.story = story;
            return true;
        }
    }
    false
}

/// Returns the story of `case` for a pupil of `class`, if it is possible there.
fn story<'a>(
    records: &mut Records,
    classes: &'a [Class],
    class: &'a Class,
    case: CaseName,
    number: u32,
) -> Option<Story<'a>> {
    let another = |test: &dyn Fn(&Class) -> bool| {
        let open = |other: &Class| matches!(other.listing, Listing::Released) && other.key != class.key;
        classes.iter().find(|other| open(other) && test(other))
    };
    let (here, grade) = (&class.place, class.grade);
    let grown_up = matches!((grade.hfdstructuur, grade.year), ("312", _) | ("311", 6));
    match case {
        CaseName::ClassChange => {
            another(&|to| to.place == *here && to.grade == grade).map(Story::ClassChange)
        }
        CaseName::SiteMove => another(&|to| {
            to.place.instelnr == here.instelnr && to.place.vestnr != here.vestnr && to.grade == grade
        })
        .map(Story::SiteMove),
        CaseName::ProgrammeChange => another(&|to| {
            grade.hfdstructuur == "311"
                && grade.year >= 5
                && to.grade.hfdstructuur == "312"
                && (&to.place.instelnr, to.place.vestnr) == (&here.instelnr, here.vestnr)
        })
        .map(Story::ProgrammeChange),
        CaseName::TwoRegistrations | CaseName::ParallelElsewhere => {
            let other = another(&|to| to.place.instelnr != here.instelnr && to.grade == grade)?;
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
