//! How the names of an account fit a person: what is shown, what stands in columns of its own, and what the addresses have.

use super::known::Known;
use crate::called::Called;
use crate::likeness::{Likeness, NameLikeness, PersonName};

/// With less than this in the names shown, the addresses alone say little.
pub(super) const SUPPORT_MIN: u8 = 50;

/// So much an address with the name counts where nothing else has it.
const ADDRESS_ALONE: i16 = -45;

/// So much it counts beside half of the name.
const ADDRESS_BESIDE: i16 = 15;

/// So much it counts that given and family name stand apart and are another's.
const OTHER_COLUMNS: i16 = -20;

/// How the names fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fit {
    pub(super) likeness: NameLikeness,
    /// Whether it is the person's name, and no name of the account is somebody else's.
    pub(super) is_same: bool,
    /// Where one of its names is the person's and another is somebody else's: how much that takes from the score, or adds to it.
    pub(super) contradiction: Option<i16>,
    /// Whether the username has another given name than what is shown.
    pub(super) has_other_username: bool,
    /// Whether given and family name stand in each other's columns.
    pub(super) is_exchanged: bool,
}

impl Fit {
    const fn of(likeness: NameLikeness, is_same: bool) -> Self {
        Self {
            likeness,
            is_same,
            contradiction: None,
            has_other_username: false,
            is_exchanged: false,
        }
    }

    /// Compares all names of an account.
    pub(super) fn find(name: &PersonName, known: &Known<'_>, called: &Called) -> Self {
        let shown = known.shown.iter().map(|shown| name.like(shown, called));
        let shown = shown.fold(NameLikeness::NONE, better);
        let addresses = known.addresses.iter().map(|address| name.like(address, called));
        let addresses: Vec<NameLikeness> = addresses.collect();
        let local = addresses.first().copied().unwrap_or(NameLikeness::NONE);
        let address = addresses.into_iter().fold(NameLikeness::NONE, better);
        if known.shown.is_empty() && known.parts.is_none() {
            let is_same = local.is_same();
            return Self {
                contradiction: (!is_same && address.is_same()).then_some(ADDRESS_ALONE),
                ..Self::of(if is_same { local } else { address }, is_same)
            };
        }
        let mut fit = Self::displayed(name, known, (shown, called));
        if fit.likeness.is_same() {
            let is_other = local.family.is_same() && local.given == Likeness::Different;
            fit.has_other_username = is_other;
            fit.is_same &= !is_other;
            return fit;
        }
        if address.points() <= fit.likeness.points() {
            return fit;
        }
        let agrees =
            fit.likeness.agrees() || (known.parts.is_none() && name.has_words(&known.evidence.shown));
        if agrees {
            return if local.is_same() {
                Self::of(local, true)
            } else {
                fit
            };
        }
        if fit.likeness.points() < SUPPORT_MIN {
            fit.likeness = address;
            fit.contradiction = Some(ADDRESS_ALONE);
        } else {
            fit.contradiction = Some(ADDRESS_BESIDE);
        }
        fit
    }

    /// Compares what is shown, and given and family name where they stand apart.
    fn displayed(name: &PersonName, known: &Known<'_>, (shown, called): (NameLikeness, &Called)) -> Self {
        let Some((given, family)) = &known.parts else {
            return Self::of(shown, shown.is_same());
        };
        let parts = name.like_parts(given, family, called);
        if parts.is_same() {
            return Self::of(parts, true);
        }
        let exchanged = name.like_parts(family, given, called);
        if exchanged.is_same() {
            return Self {
                is_exchanged: true,
                ..Self::of(exchanged, true)
            };
        }
        if shown.is_same() {
            // Columns that name somebody else.
            return if parts.agrees() {
                Self::of(shown, true)
            } else {
                Self {
                    contradiction: Some(OTHER_COLUMNS),
                    ..Self::of(shown, false)
                }
            };
        }
        Self::of(better(shown, parts), false)
    }
}

fn better(one: NameLikeness, other: NameLikeness) -> NameLikeness {
    if other.points() > one.points() { other } else { one }
}
