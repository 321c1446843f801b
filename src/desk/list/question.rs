//! What is asked of the list: a filter, an order, a range.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A column of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// Official family name.
    FamilyName,
    /// Official given name.
    GivenName,
    /// Whether the person is released.
    Sync,
    /// The username.
    Username,
    /// The domain that is configured for the person's place.
    Domain,
    /// The school.
    School,
    /// The site.
    Site,
    /// The class.
    Class,
    /// Birth date.
    BirthDate,
    /// When the username was made.
    CreatedAt,
    /// When Microsoft last read the person.
    LastRead,
}

impl Column {
    /// Every column, in the order of the page.
    pub const ALL: [Self; 11] = [
        Self::FamilyName,
        Self::GivenName,
        Self::Sync,
        Self::Username,
        Self::Domain,
        Self::School,
        Self::Site,
        Self::Class,
        Self::BirthDate,
        Self::CreatedAt,
        Self::LastRead,
    ];
}

/// What a column must hold: all that is given counts. Case and accents do not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnFilter {
    /// This text stands in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// It begins with this text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts: Option<String>,
    /// It is this text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equals: Option<String>,
    /// It is empty, or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blank: Option<bool>,
    /// It is this day or later, in Brussels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// It is this day or earlier, in Brussels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// The flag is this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is: Option<bool>,
}

/// Pupils or staff. Who is both is staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A pupil.
    Pupil,
    /// A member of staff.
    Staff,
}

/// What of a person asks for attention, or how far they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The flag is off, and nobody ever set it.
    New,
    /// Somebody switched the flag off.
    Off,
    /// The flag is on.
    On,
    /// Somebody should look at the name.
    Review,
    /// The names of somebody else make the same username.
    Namesake,
    /// Probably somebody who has a username already.
    ProbablyMerged,
    /// Entra would refuse the name for its length.
    TooLong,
    /// The person waits for an answer.
    Waits,
}

/// Which people are meant: all that is given counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Filter {
    /// Words, each of which is found in some column.
    pub search: String,
    /// By column.
    pub columns: BTreeMap<Column, ColumnFilter>,
    /// Pupils or staff only.
    pub kind: Option<Kind>,
    /// Those with this mark only.
    pub mark: Option<Mark>,
}

/// A column to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sort {
    /// The column.
    pub column: Column,
    /// The greatest first.
    #[serde(default)]
    pub descending: bool,
}
