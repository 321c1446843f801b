//! The name that a person's names make, before it is made unique, and what is doubtful about it.

use std::collections::BTreeSet;

use super::allocate::{is_made_from, shorten};
use super::fill::fill;
use super::wait_reason::WaitReason;
use crate::informat::Persoon;
use crate::tenant::username_format::{LOCAL_PART_MAX_LENGTH, NamePart, Piece};
use crate::tenant::{Configuration, UsernameFormat};
use crate::text::{TextUse, is_placeholder_person, judge};

/// What a name is made unique from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// The name without a suffix; never empty.
    pub base: String,
    /// Why somebody should look at it.
    pub doubts: BTreeSet<WaitReason>,
}

/// Returns `true` if the system would still make this name of this person: by the names, the format and the length of today,
/// whatever number it ends in. The case does not count.
pub fn is_name_of(local_part: &str, person: &Persoon, configuration: &Configuration) -> bool {
    let base = generate(person, &configuration.username_format).base;
    is_made_from(local_part, &base, configuration.username_max_length)
}

/// Returns the name that the system would make of a person before it is made unique, by the format and the length of a
/// configuration, and whether somebody would have to look at it.
pub fn made_name(person: &Persoon, configuration: &Configuration) -> (String, bool) {
    let made = generate(person, &configuration.username_format);
    let length = configuration.username_max_length.min(LOCAL_PART_MAX_LENGTH);
    (shorten(&made.base, length), !made.doubts.is_empty())
}

/// Makes a person's name by the format: `u` and the `p_persoon` if nothing is left of the names.
///
/// Only the names that the format takes are looked at, but for placeholder people.
pub fn generate(person: &Persoon, format: &UsernameFormat) -> Generated {
    let given = person.voornaam.as_deref().unwrap_or_default();
    let family = person.naam.as_deref().unwrap_or_default();
    let filled = fill(format, given, family);
    let mut doubts = BTreeSet::new();
    let is_damaged = format.pieces().iter().any(|piece| {
        let name = match piece {
            Piece::Name {
                part: NamePart::Given,
                ..
            } => given,
            Piece::Name {
                part: NamePart::Family,
                ..
            } => family,
            Piece::Separator(_) => return false,
        };
        judge(name, TextUse::PersonName).is_some()
    });
    if is_damaged {
        doubts.insert(WaitReason::DamagedText);
    }
    if is_placeholder_person(given, family) {
        doubts.insert(WaitReason::Placeholder);
    }
    if filled.needs_review || filled.text.is_empty() {
        doubts.insert(WaitReason::Review);
    }
    let base = if filled.text.is_empty() {
        format!("u{}", person.p_persoon)
    } else {
        filled.text
    };
    Generated { base, doubts }
}
