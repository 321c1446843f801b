//! Which column is what: by its name, or as the caller says.

use std::str::FromStr;

use crate::field::{Field, NAMES, field_of, folded};

/// A column that the caller names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnChoice {
    /// What it holds.
    pub field: Field,
    /// Its name in the header.
    pub column: String,
}

/// A choice cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not of the form FIELD=COLUMN, with FIELD one of {fields}", fields = field_names())]
pub struct ColumnChoiceError(String);

fn field_names() -> String {
    let names: Vec<&str> = NAMES.iter().map(|(_, name, _)| *name).collect();
    names.join(", ")
}

impl FromStr for ColumnChoice {
    type Err = ColumnChoiceError;

    fn from_str(text: &str) -> Result<Self, ColumnChoiceError> {
        let choice = text.split_once('=').and_then(|(wanted, column)| {
            let wanted = folded(wanted);
            let (field, ..) = NAMES.iter().find(|(_, name, _)| *name == wanted)?;
            let column = column.trim();
            (!column.is_empty()).then(|| Self {
                field: *field,
                column: column.to_owned(),
            })
        });
        choice.ok_or_else(|| ColumnChoiceError(text.to_owned()))
    }
}

/// Where the fields stand in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Columns {
    /// Field and place.
    pub(crate) places: Vec<(Field, usize)>,
    /// How many columns the header has.
    pub(crate) count: usize,
    /// The columns that are used.
    pub(crate) used: Vec<ColumnUse>,
    /// The names of the others.
    pub(crate) unused: Vec<String>,
}

/// A column that is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnUse {
    /// What it holds.
    pub field: Field,
    /// Its name in the header.
    pub column: String,
}

/// Why a header cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HeaderFault {
    /// A column that the caller named is not there.
    NoSuchColumn(String),
    /// There is no user principal name.
    NoUsername,
}

impl Columns {
    /// Finds the columns of a header.
    pub(crate) fn find<T: AsRef<str>>(header: &[T], choices: &[ColumnChoice]) -> Result<Self, HeaderFault> {
        let mut places: Vec<(Field, usize)> = Vec::new();
        for choice in choices {
            let wanted = folded(&choice.column);
            let place = header.iter().position(|name| folded(name.as_ref()) == wanted);
            let place = place.ok_or_else(|| HeaderFault::NoSuchColumn(choice.column.clone()))?;
            places.push((choice.field, place));
        }
        let mut found: Vec<(Field, usize, usize)> = Vec::new();
        for (place, name) in header.iter().enumerate() {
            if let Some((field, rank)) = field_of(name.as_ref()) {
                found.push((field, rank, place));
            }
        }
        found.sort_by_key(|(_, rank, place)| (*rank, *place));
        for (field, _, place) in found {
            let is_used = places
                .iter()
                .any(|(known, at)| *at == place || (*known == field && field != Field::SisId));
            if !is_used {
                places.push((field, place));
            }
        }
        if !places.iter().any(|(field, _)| *field == Field::Upn) {
            return Err(HeaderFault::NoUsername);
        }
        let name = |place: usize| {
            header
                .get(place)
                .map_or("", |name| name.as_ref().trim())
                .to_owned()
        };
        let used = places.iter().map(|(field, place)| ColumnUse {
            field: *field,
            column: name(*place),
        });
        let is_used = |place: &usize| places.iter().any(|(_, at)| at == place);
        Ok(Self {
            count: header.len(),
            used: used.collect(),
            unused: (0..header.len())
                .filter(|place| !is_used(place))
                .map(name)
                .filter(|name| !name.is_empty())
                .collect(),
            places,
        })
    }
}
