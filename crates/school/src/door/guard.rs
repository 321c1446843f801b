//! What can be refused at the door, by name.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// A guard of the door: it speaks when a load would do what is hard to undo, until a person accepts it by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guard {
    /// The bundle was extracted before the last one that was loaded.
    OlderThanLastLoad,
    /// The bundle says that it was extracted in the future.
    ExtractedInFuture,
    /// The active school year would be missing.
    ActiveYearMissing,
    /// Text columns hold the replacement character U+FFFD.
    ReplacementCharacter,
    /// Known people come with ids that nobody had before.
    PersonIdsChanged,
    /// Known classes come with ids that no class of their school year had before.
    ClassIdsChanged,
    /// Many of the people that stay get another name, or lose one.
    NamesChanged,
    /// Most people are strangers, and most of those known are gone.
    OtherGroup,
    /// Texts that were healthy come doubtful.
    DamagedText,
}

impl Guard {
    /// Every guard, in the order in which they are reported.
    pub const ALL: [Self; 9] = [
        Self::OlderThanLastLoad,
        Self::ExtractedInFuture,
        Self::ActiveYearMissing,
        Self::ReplacementCharacter,
        Self::PersonIdsChanged,
        Self::ClassIdsChanged,
        Self::NamesChanged,
        Self::OtherGroup,
        Self::DamagedText,
    ];

    /// The name by which it is reported, accepted and stored.
    pub const fn id(self) -> &'static str {
        match self {
            Self::OlderThanLastLoad => "older-than-last-load",
            Self::ExtractedInFuture => "extracted-in-future",
            Self::ActiveYearMissing => "active-year-missing",
            Self::ReplacementCharacter => "replacement-character",
            Self::PersonIdsChanged => "person-ids-changed",
            Self::ClassIdsChanged => "class-ids-changed",
            Self::NamesChanged => "names-changed",
            Self::OtherGroup => "other-group",
            Self::DamagedText => "damaged-text",
        }
    }

    /// Returns `true` if a general permission opens it only to somebody who gave their name: what it lets in is about
    /// people, classes or their names, and may become permanent in accounts and Teams.
    pub const fn needs_a_name(self) -> bool {
        !matches!(
            self,
            Self::OlderThanLastLoad | Self::ExtractedInFuture | Self::ActiveYearMissing
        )
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

/// There is no such guard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no guard {name:?}; there are {}", Guard::ALL.map(Guard::id).join(", "))]
pub struct UnknownGuard {
    name: String,
}

impl FromStr for Guard {
    type Err = UnknownGuard;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|guard| guard.id() == text)
            .ok_or_else(|| UnknownGuard {
                name: text.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_is_named_by_its_id_and_an_unknown_name_is_answered_with_those_there_are() {
        for guard in Guard::ALL {
            assert_eq!(guard.to_string().parse(), Ok(guard));
            assert_eq!(serde_json::to_value(guard).unwrap(), guard.id());
        }
        let message = "names_changed".parse::<Guard>().unwrap_err().to_string();
        for guard in Guard::ALL {
            assert!(message.contains(guard.id()), "{message}");
        }
    }
}
