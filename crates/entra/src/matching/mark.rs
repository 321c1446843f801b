//! What makes a person and an account more likely to belong together, or less.

use std::fmt;

use crate::likeness::Likeness;

/// Something that makes a pair more likely, or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// How the family names are alike.
    Family(Likeness),
    /// How the given names are alike.
    Given(Likeness),
    /// The username has the name, what is shown has another.
    UsernameOnly,
    /// One birth date.
    BirthDate,
    /// Two birth dates.
    OtherBirthDate,
    /// School Data Sync has matched the account with this person.
    SisId,
    /// It has matched it with another id.
    OtherSisId,
    /// The account says the class of the person.
    SameClass,
    /// It says a class that is years away.
    OtherClass,
    /// It looks like staff for a pupil, or the other way round.
    OtherKind,
    /// Signing in is blocked.
    Blocked,
    /// It is marked as somebody's who left.
    Former,
    /// It is a guest, or nobody's first account.
    Service,
    /// Nobody else has this part of the name.
    Rare,
    /// It has the person's username, and looks like somebody else's.
    NameOfAnother,
    /// It has the person's username, and School Data Sync has matched it with another id.
    NameOfOtherId,
    /// The name that is shown is the person's, the username has another given name.
    OtherUsername,
    /// Given and family name stand in each other's columns.
    Exchanged,
    /// It was made before the person was two years old.
    OlderThanPerson,
    /// Informat has somebody else of that name, who left or is not published.
    NamesakeLeft,
    /// Somebody wrote the username for this person.
    Chosen,
}

impl fmt::Display for Mark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (part, likeness) = match self {
            Self::Family(likeness) => ("family name", likeness),
            Self::Given(likeness) => ("given name", likeness),
            Self::UsernameOnly => {
                return formatter
                    .write_str("the username or an alias has the name, what is shown has another");
            }
            Self::BirthDate => return formatter.write_str("birth date equal"),
            Self::OtherBirthDate => return formatter.write_str("another birth date"),
            Self::SisId => return formatter.write_str("School Data Sync has matched it with this person"),
            Self::OtherSisId => {
                return formatter.write_str("School Data Sync has matched it with another id");
            }
            Self::SameClass => return formatter.write_str("same class"),
            Self::OtherClass => return formatter.write_str("of a class years away"),
            Self::OtherKind => {
                return formatter.write_str("looks like staff for a pupil, or the other way round");
            }
            Self::Blocked => return formatter.write_str("signing in is blocked"),
            Self::Former => return formatter.write_str("is marked as somebody's who left"),
            Self::Service => return formatter.write_str("looks like a guest or a second account"),
            Self::NameOfAnother => {
                return formatter.write_str("has this name and looks like somebody else's");
            }
            Self::NameOfOtherId => {
                return formatter
                    .write_str("has this name, and School Data Sync has matched it with another id");
            }
            Self::OtherUsername => return formatter.write_str("the username has another given name"),
            Self::Exchanged => {
                return formatter.write_str("given and family name stand in each other's columns");
            }
            Self::OlderThanPerson => {
                return formatter.write_str("was made before this person was two years old");
            }
            Self::NamesakeLeft => {
                return formatter
                    .write_str("Informat has somebody of this name who left or is not published");
            }
            Self::Chosen => return formatter.write_str("somebody wrote this username for this person"),
            Self::Rare => return formatter.write_str("nobody else here has this part of the name"),
        };
        let how = match likeness {
            Likeness::Equal => "equal",
            Likeness::Spelling => "equal but for accents",
            Likeness::Shorter => "with fewer parts",
            Likeness::Called => "in another form",
            Likeness::Typo => "but for a letter or two",
            Likeness::Sound => "of the same sound",
            Likeness::Shortened => "shortened",
            Likeness::Initial => "by its first letter",
            Likeness::Different => "another",
        };
        write!(formatter, "{part} {how}")
    }
}
