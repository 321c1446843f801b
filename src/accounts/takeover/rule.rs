//! The rules that an export of another server can break.

use oneroster_school::username::edit::UsernameError;
use serde::{Serialize, Serializer};

/// A rule. `docs/usernames.md` lists them by the id they serialise to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "docs/usernames.md explains each rule; a test sees to it"
)]
pub enum Rule {
    CellCount,
    CreatedForm,
    DomainForm,
    DuplicateColumn,
    DuplicatePerson,
    EmptyFile,
    FlagForm,
    IdForm,
    NameForm,
    NameHeld,
    NameLength,
    NameServed,
    NameTwice,
    NotText,
    NothingLoaded,
    QuoteForm,
    TooLarge,
    WorkbookForm,
}

impl Rule {
    /// Every rule, in the order of its id.
    #[cfg(test)]
    const ALL: [Self; 18] = [
        Self::CellCount,
        Self::CreatedForm,
        Self::DomainForm,
        Self::DuplicateColumn,
        Self::DuplicatePerson,
        Self::EmptyFile,
        Self::FlagForm,
        Self::IdForm,
        Self::NameForm,
        Self::NameHeld,
        Self::NameLength,
        Self::NameServed,
        Self::NameTwice,
        Self::NotText,
        Self::NothingLoaded,
        Self::QuoteForm,
        Self::TooLarge,
        Self::WorkbookForm,
    ];

    /// Returns the id of the rule.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CellCount => "cell-count",
            Self::CreatedForm => "created-form",
            Self::DomainForm => "domain-form",
            Self::DuplicateColumn => "duplicate-column",
            Self::DuplicatePerson => "duplicate-person",
            Self::EmptyFile => "empty-file",
            Self::FlagForm => "flag-form",
            Self::IdForm => "id-form",
            Self::NameForm => "name-form",
            Self::NameHeld => "name-held",
            Self::NameLength => "name-length",
            Self::NameServed => "name-served",
            Self::NameTwice => "name-twice",
            Self::NotText => "not-text",
            Self::NothingLoaded => "nothing-loaded",
            Self::QuoteForm => "quote-form",
            Self::TooLarge => "too-large",
            Self::WorkbookForm => "workbook-form",
        }
    }

    /// Returns the rule that a text broke which is no username.
    pub(super) const fn of_name(error: &UsernameError) -> Self {
        match error {
            UsernameError::Empty
            | UsernameError::Character { .. }
            | UsernameError::Dot
            | UsernameError::AtSign => Self::NameForm,
            UsernameError::TooLong(_) => Self::NameLength,
            UsernameError::DomainRefused
            | UsernameError::DomainMissing(_)
            | UsernameError::DomainUnknown { .. } => Self::DomainForm,
        }
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_explained_in_the_manual() {
        let manual = include_str!("../../../docs/usernames.md");
        let section = manual
            .split("## Names that another server served")
            .nth(1)
            .unwrap();
        for rule in Rule::ALL {
            let row = format!("`{}`", rule.as_str());
            let rows = section.lines().filter(|line| line.starts_with("| `"));
            let is_explained = rows
                .filter_map(|line| line.split(" | ").next())
                .any(|cell| cell.contains(&row));
            assert!(is_explained, "docs/usernames.md has no row of {row}");
        }
    }
}
