//! Whether two rows are about one person.

use super::change::Person;
use crate::username::comparable;

/// What can be told of two rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// Name or birth date are the same.
    Same,
    /// Something that would tell is missing.
    CannotTell,
    /// Name and birth date both differ.
    SomebodyElse,
}

/// Compares two rows by what people are told apart by. Names are compared in the form in which spellings do not count, also
/// with given and family name exchanged.
pub fn likeness(one: &Person, other: &Person) -> Likeness {
    let same_birth_date = match (one.birth_date, other.birth_date) {
        (Some(one), Some(other)) => Some(one == other),
        _ => None,
    };
    match (same_name(one, other), same_birth_date) {
        (Some(true), _) | (_, Some(true)) => Likeness::Same,
        (Some(false), Some(false)) => Likeness::SomebodyElse,
        _ => Likeness::CannotTell,
    }
}

/// `None` where one of them has no name at all.
fn same_name(one: &Person, other: &Person) -> Option<bool> {
    let (given, family) = comparable_names(one);
    let (other_given, other_family) = comparable_names(other);
    let is_nameless = |given: &str, family: &str| given.is_empty() && family.is_empty();
    if is_nameless(&given, &family) || is_nameless(&other_given, &other_family) {
        return None;
    }
    let as_written = given == other_given && family == other_family;
    let exchanged = given == other_family && family == other_given;
    Some(as_written || exchanged)
}

/// Returns given and family name in the form in which spellings do not count; a missing one is empty.
pub(super) fn comparable_names(person: &Person) -> (String, String) {
    let form = |name: &Option<String>| name.as_deref().map(comparable).unwrap_or_default();
    (form(&person.given), form(&person.family))
}
