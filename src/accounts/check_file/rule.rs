//! The rules a check file can break.

use oneroster_school::username::edit::UsernameError;
use serde::{Serialize, Serializer};

/// A rule of the check file. `docs/usernames.md` lists them by the id they serialise to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "docs/usernames.md explains each rule; a test sees to it"
)]
pub enum Rule {
    CellCount,
    DomainForm,
    DuplicateColumn,
    DuplicatePerson,
    EmptyFile,
    IdForm,
    MissingColumn,
    NameForm,
    NameHeld,
    NameLength,
    NameSwap,
    NameTwice,
    NotText,
    NotThisPerson,
    OtherOrg,
    QuoteForm,
    ReadOnly,
    SpreadsheetCell,
    TooLarge,
    UnknownPerson,
    WorkbookForm,
}

impl Rule {
    /// Every rule, in the order of its id.
    #[cfg(test)]
    const ALL: [Self; 21] = [
        Self::CellCount,
        Self::DomainForm,
        Self::DuplicateColumn,
        Self::DuplicatePerson,
        Self::EmptyFile,
        Self::IdForm,
        Self::MissingColumn,
        Self::NameForm,
        Self::NameHeld,
        Self::NameLength,
        Self::NameSwap,
        Self::NameTwice,
        Self::NotText,
        Self::NotThisPerson,
        Self::OtherOrg,
        Self::QuoteForm,
        Self::ReadOnly,
        Self::SpreadsheetCell,
        Self::TooLarge,
        Self::UnknownPerson,
        Self::WorkbookForm,
    ];

    /// Returns the id of the rule.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CellCount => "cell-count",
            Self::DomainForm => "domain-form",
            Self::DuplicateColumn => "duplicate-column",
            Self::DuplicatePerson => "duplicate-person",
            Self::EmptyFile => "empty-file",
            Self::IdForm => "id-form",
            Self::MissingColumn => "missing-column",
            Self::NameForm => "name-form",
            Self::NameHeld => "name-held",
            Self::NameLength => "name-length",
            Self::NameSwap => "name-swap",
            Self::NameTwice => "name-twice",
            Self::NotText => "not-text",
            Self::NotThisPerson => "not-this-person",
            Self::OtherOrg => "other-org",
            Self::QuoteForm => "quote-form",
            Self::ReadOnly => "read-only",
            Self::SpreadsheetCell => "spreadsheet-cell",
            Self::TooLarge => "too-large",
            Self::UnknownPerson => "unknown-person",
            Self::WorkbookForm => "workbook-form",
        }
    }

    /// Returns the rule that a text broke which is no username.
    pub const fn of_name(error: &UsernameError) -> Self {
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
        for rule in Rule::ALL {
            let row = format!("| `{}` |", rule.as_str());
            assert!(manual.contains(&row), "docs/usernames.md has no row {row:?}");
        }
    }
}
