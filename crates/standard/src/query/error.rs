//! Why a question is refused. Every refusal is a 400; none is ever answered with data.

use crate::status_info::{CodeMinor, StatusInfo};

/// A question that cannot be answered: what is wrong, where (character, from 1), what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// `filter` is longer than it may be.
    #[error("filter: {length} characters, allowed are {max}")]
    FilterTooLong {
        /// Its length.
        length: usize,
        /// The limit.
        max: usize,
    },
    /// `filter` does not follow the grammar.
    #[error("filter: found {found} at character {position}, expected {expected}")]
    FilterSyntax {
        /// Where, from 1.
        position: usize,
        /// What was found there.
        found: String,
        /// What could stand there.
        expected: &'static str,
    },
    /// `filter` has a third clause.
    #[error(
        "filter: a third clause at character {position}, allowed are one clause, or two joined by one AND or OR"
    )]
    FilterThirdClause {
        /// Where, from 1.
        position: usize,
    },
    /// `filter` names a field that the collection does not have.
    #[error("filter: unknown field {field} at character {position}, expected one of {expected}")]
    FilterUnknownField {
        /// Where, from 1.
        position: usize,
        /// The name.
        field: String,
        /// The names allowed there.
        expected: String,
    },
    /// `filter` compares a field with a value that is not of its type.
    #[error("filter: value {value:?} of {field} at character {position}, expected {expected}")]
    FilterValue {
        /// Where, from 1.
        position: usize,
        /// The field.
        field: String,
        /// The value.
        value: String,
        /// What the field takes.
        expected: &'static str,
    },
    /// `filter` asks for an order of lists.
    #[error(
        "filter: {field} is a list, {predicate} at character {position} has no meaning, expected =, != or ~"
    )]
    FilterPredicate {
        /// Where, from 1.
        position: usize,
        /// The field.
        field: String,
        /// The predicate.
        predicate: &'static str,
    },
    /// A parameter is there twice.
    #[error("{0}: there twice, expected once")]
    Repeated(&'static str),
    /// `orderBy` is neither of its words.
    #[error("orderBy: {0:?}, expected asc or desc")]
    OrderBy(String),
    /// `fields` is there but names nothing.
    #[error("fields: blank, expected one or more names separated by commas")]
    BlankFields,
    /// `limit` is not a number in its range.
    #[error("limit: {value:?}, expected a whole number from 1 to {max}")]
    Limit {
        /// The value.
        value: String,
        /// The largest allowed.
        max: usize,
    },
    /// `offset` is not a number in its range.
    #[error("offset: {0:?}, expected a whole number from 0")]
    Offset(String),
}

impl QueryError {
    /// Returns the code of the refusal (`OneRoster` 1.1 §7.1).
    pub const fn code_minor(&self) -> CodeMinor {
        match self {
            Self::FilterUnknownField { .. } => CodeMinor::InvalidFilterField,
            Self::BlankFields => CodeMinor::InvalidBlankSelectionField,
            Self::FilterTooLong { .. }
            | Self::FilterSyntax { .. }
            | Self::FilterThirdClause { .. }
            | Self::FilterValue { .. }
            | Self::FilterPredicate { .. }
            | Self::Repeated(_)
            | Self::OrderBy(_)
            | Self::Limit { .. }
            | Self::Offset(_) => CodeMinor::InvalidData,
        }
    }

    /// Returns the refusal as a body holds it.
    pub fn status_info(&self) -> StatusInfo {
        StatusInfo::error(self.code_minor(), self.to_string())
    }
}

/// Shortens what a consumer wrote to what a message can show.
pub(super) fn excerpt(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
