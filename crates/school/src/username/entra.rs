//! What Microsoft Entra takes as a user principal name (informat-domain §7).
//!
//! 64 characters before the `@` and 48 after it; the 113 in all that Entra also names follow from these.

use super::edit::{LOCAL_PART_SIGNS, is_for_local_part};
use crate::tenant::Domain;
use crate::tenant::domain::DOMAIN_MAX_LENGTH;
use crate::tenant::username_format::LOCAL_PART_MAX_LENGTH;

/// Why Entra would refuse a username.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpnProblem {
    /// Nothing before the `@`.
    #[error("there is nothing before the @")]
    Empty,
    /// A character that may not stand before the `@`.
    #[error(
        "{character:?} at character {position} is not allowed: only letters without accents, digits and {LOCAL_PART_SIGNS} are"
    )]
    Character {
        /// The character.
        character: char,
        /// Where it stands, counted from 1.
        position: usize,
    },
    /// A dot where none may stand.
    #[error("a dot stands at the beginning, before the @, or beside another dot")]
    Dot,
    /// What stands after the `@` is no domain.
    #[error("{0:?} is no domain")]
    Domain(String),
    /// Too much before the `@`.
    #[error("{0} characters before the @ are too many: at most {LOCAL_PART_MAX_LENGTH}")]
    LocalPartLength(usize),
    /// Too much after it.
    #[error("{0} characters after the @ are too many: at most {DOMAIN_MAX_LENGTH}")]
    DomainLength(usize),
}

/// Lists why Entra would refuse a username, `local` or `local@domain`: first characters, then lengths.
pub fn problems(username: &str) -> Vec<UpnProblem> {
    let (local_part, domain) = match username.split_once('@') {
        Some((local_part, domain)) => (local_part, Some(domain)),
        None => (username, None),
    };
    let mut problems = Vec::new();
    let bad = |character: &char| !is_for_local_part(*character);
    if local_part.is_empty() {
        problems.push(UpnProblem::Empty);
    } else if let Some((index, character)) = local_part
        .chars()
        .enumerate()
        .find(|(_, character)| bad(character))
    {
        problems.push(UpnProblem::Character {
            character,
            position: index + 1,
        });
    } else if local_part.starts_with('.') || local_part.ends_with('.') || local_part.contains("..") {
        problems.push(UpnProblem::Dot);
    }
    let domain_length = domain.map_or(0, |domain| domain.chars().count());
    // A domain may be invalid for its length only: that is reported once.
    let is_domain = |domain: &str| domain.parse::<Domain>().is_ok();
    if let Some(domain) = domain.filter(|domain| domain_length <= DOMAIN_MAX_LENGTH && !is_domain(domain)) {
        problems.push(UpnProblem::Domain(domain.to_owned()));
    }
    let local_length = local_part.chars().count();
    if local_length > LOCAL_PART_MAX_LENGTH {
        problems.push(UpnProblem::LocalPartLength(local_length));
    }
    if domain_length > DOMAIN_MAX_LENGTH {
        problems.push(UpnProblem::DomainLength(domain_length));
    }
    problems
}

impl UpnProblem {
    /// Returns `true` if it is about a length, and not about characters.
    pub const fn is_length(&self) -> bool {
        matches!(self, Self::LocalPartLength(_) | Self::DomainLength(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_entra_takes() {
        let longest = format!("{}@{}.example", "a".repeat(64), "d".repeat(40));
        for username in [
            "bert.ameel2",
            "o'neill",
            "b.bal_EX",
            "a!#^~-",
            "7",
            "a@school.example",
            &longest,
        ] {
            assert_eq!(problems(username), [], "{username}");
        }
    }

    #[test]
    fn what_entra_refuses() {
        let character = |character, position| vec![UpnProblem::Character { character, position }];
        let long = "a".repeat(65);
        let far = format!("{}.example", "d".repeat(41));
        for (username, expected) in [
            ("", vec![UpnProblem::Empty]),
            ("@school.example", vec![UpnProblem::Empty]),
            ("zoé", character('é', 3)),
            ("jan peters", character(' ', 4)),
            ("a&b", character('&', 2)),
            (".a", vec![UpnProblem::Dot]),
            ("a.@school.example", vec![UpnProblem::Dot]),
            ("a..b", vec![UpnProblem::Dot]),
            (
                "a@b@school.example",
                vec![UpnProblem::Domain("b@school.example".to_owned())],
            ),
            ("a@school", vec![UpnProblem::Domain("school".to_owned())]),
            (&long, vec![UpnProblem::LocalPartLength(65)]),
            (&format!("a@{far}"), vec![UpnProblem::DomainLength(49)]),
            (
                &format!("é{long}@{far}"),
                vec![
                    UpnProblem::Character {
                        character: 'é',
                        position: 1,
                    },
                    UpnProblem::LocalPartLength(66),
                    UpnProblem::DomainLength(49),
                ],
            ),
        ] {
            assert_eq!(problems(username), expected, "{username}");
        }
    }
}
