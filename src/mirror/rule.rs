//! The rules of a bundle.

use serde::Serialize;

use crate::tabular;

/// A fault of a bundle.
pub type Fault = tabular::Fault<Rule>;
/// The faults of a bundle.
pub type Faults = tabular::Faults<Rule>;

/// A rule of the bundle that can be broken. `docs/bundle.md` lists them by the id they serialise to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "docs/bundle.md explains each rule; a test sees to it")]
pub enum Rule {
    ActiveYearMissing,
    BooleanForm,
    CellCount,
    ControlCharacter,
    DateForm,
    DateOrder,
    DeltaColumn,
    DuplicateColumn,
    DuplicateFile,
    DuplicateKey,
    EmptyFile,
    ExtractedInFuture,
    HfdstructuurForm,
    InstelnrForm,
    IntegerForm,
    MissingColumn,
    MissingFile,
    NoKnownFile,
    NotUnique,
    NotUtf8,
    OlderThanLastLoad,
    OutOfRange,
    QuoteForm,
    ReplacementCharacter,
    Required,
    RowCount,
    SchooljaarForm,
    StillReferenced,
    TimestampForm,
    TooLarge,
    TooLong,
    TooManyFiles,
    UnknownReference,
    Unreadable,
    UuidForm,
    ZipPath,
}

impl Rule {
    /// Every rule, in the order of its id.
    pub const ALL: [Self; 36] = [
        Self::ActiveYearMissing,
        Self::BooleanForm,
        Self::CellCount,
        Self::ControlCharacter,
        Self::DateForm,
        Self::DateOrder,
        Self::DeltaColumn,
        Self::DuplicateColumn,
        Self::DuplicateFile,
        Self::DuplicateKey,
        Self::EmptyFile,
        Self::ExtractedInFuture,
        Self::HfdstructuurForm,
        Self::InstelnrForm,
        Self::IntegerForm,
        Self::MissingColumn,
        Self::MissingFile,
        Self::NoKnownFile,
        Self::NotUnique,
        Self::NotUtf8,
        Self::OlderThanLastLoad,
        Self::OutOfRange,
        Self::QuoteForm,
        Self::ReplacementCharacter,
        Self::Required,
        Self::RowCount,
        Self::SchooljaarForm,
        Self::StillReferenced,
        Self::TimestampForm,
        Self::TooLarge,
        Self::TooLong,
        Self::TooManyFiles,
        Self::UnknownReference,
        Self::Unreadable,
        Self::UuidForm,
        Self::ZipPath,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_explained_in_the_manual() {
        let manual = include_str!("../../docs/bundle.md");
        for rule in Rule::ALL {
            let id = serde_json::to_value(rule).unwrap();
            let row = format!("| `{}` |", id.as_str().unwrap());
            assert!(manual.contains(&row), "docs/bundle.md has no row {row:?}");
        }
    }
}
