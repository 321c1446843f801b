//! What may happen to a school group: in Informat, in the bundles, in the usernames, in time.

use proptest::prelude::*;

/// How many names there are to have.
pub(super) const NAMES: [(&str, &str); 8] = [
    ("Jan", "Maes"),
    ("José", "Maes"),
    ("Jan", "Claes"),
    ("Zoë", "D'Hondt"),
    ("Maes", "Jan"),
    ("N.", "N."),
    ("JAN", "maes"),
    ("An", "Claes"),
];

/// The formats a group changes between.
pub(super) const FORMATS: [&str; 3] = [
    "{voornaam}.{familienaam}",
    "{familienaam.voornaam}",
    "{voornaam:1}{naam}",
];

/// A step. People are numbers: of the rows there ever were, or of those who have a username, whichever there are then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A new row with a registration, a future one if `is_later`.
    Join {
        name: usize,
        born: Option<u32>,
        is_later: bool,
    },
    /// A second row of somebody, without a registration.
    Twin {
        who: usize,
    },
    /// The registration ends yesterday.
    Leave {
        who: usize,
    },
    /// The row goes, with all it has.
    Drop {
        who: usize,
    },
    /// The row is there again, and registered.
    Return {
        who: usize,
    },
    Rename {
        who: usize,
        name: usize,
    },
    Born {
        who: usize,
        born: Option<u32>,
    },
    /// The row gets another `rowguid`.
    Rekey {
        who: usize,
    },
    Merge {
        lost: usize,
        survivor: usize,
        is_dropped: bool,
    },
    /// Every row gets another `p_persoon`.
    Renumber,
    /// Bundles are encoded twice from now on, or no longer.
    Damage {
        on: bool,
    },
    /// A bundle is imported, whatever the door says.
    Load,
    Publish,
    Days {
        days: u64,
    },
    NextYear,
    Format {
        format: usize,
    },
    /// Somebody is given a name, also one that another gave up.
    Set {
        who: usize,
        name: usize,
    },
    Transfer {
        from: usize,
        to: usize,
        force: bool,
    },
    Sync {
        who: usize,
        on: bool,
    },
    SyncAll {
        on: bool,
    },
    Regenerate,
    Forget {
        who: Option<usize>,
    },
}

/// The courses: everyone's first bundle, then anything.
pub(super) fn course(longest: usize) -> impl Strategy<Value = Vec<Step>> {
    let joins = prop::collection::vec(join(), 2..5);
    (joins, prop::collection::vec(step(), 5..longest)).prop_map(|(joins, steps)| {
        let begin = joins.into_iter().chain([Step::Load, Step::Publish]);
        begin.chain(steps).chain([Step::Load, Step::Publish]).collect()
    })
}

fn join() -> impl Strategy<Value = Step> {
    (0..NAMES.len(), born(), prop::bool::weighted(0.2)).prop_map(|(name, born, is_later)| Step::Join {
        name,
        born,
        is_later,
    })
}

fn born() -> impl Strategy<Value = Option<u32>> {
    prop::option::weighted(0.8, 1..4_u32)
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 0..12_usize;
    let name = || 0..NAMES.len();
    prop_oneof![
        10 => Just(Step::Load),
        8 => Just(Step::Publish),
        3 => join(),
        2 => who().prop_map(|who| Step::Twin { who }),
        2 => who().prop_map(|who| Step::Leave { who }),
        2 => who().prop_map(|who| Step::Drop { who }),
        2 => who().prop_map(|who| Step::Return { who }),
        2 => (who(), name()).prop_map(|(who, name)| Step::Rename { who, name }),
        1 => (who(), born()).prop_map(|(who, born)| Step::Born { who, born }),
        3 => who().prop_map(|who| Step::Rekey { who }),
        2 => (who(), who(), any::<bool>()).prop_map(|(lost, survivor, is_dropped)| Step::Merge {
            lost,
            survivor,
            is_dropped,
        }),
        1 => Just(Step::Renumber),
        1 => any::<bool>().prop_map(|on| Step::Damage { on }),
        1 => (1..40_u64).prop_map(|days| Step::Days { days }),
        1 => Just(Step::NextYear),
        1 => (0..FORMATS.len()).prop_map(|format| Step::Format { format }),
        2 => (who(), name()).prop_map(|(who, name)| Step::Set { who, name }),
        3 => (who(), who(), prop::bool::weighted(0.2)).prop_map(|(from, to, force)| Step::Transfer {
            from,
            to,
            force,
        }),
        2 => (who(), any::<bool>()).prop_map(|(who, on)| Step::Sync { who, on }),
        4 => prop::bool::weighted(0.8).prop_map(|on| Step::SyncAll { on }),
        2 => Just(Step::Regenerate),
        1 => prop::option::of(who()).prop_map(|who| Step::Forget { who }),
    ]
}
