//! Which fields of each object: `fields` (`OneRoster` 1.1 §6).

use super::error::{QueryError, excerpt};
use super::field;
use crate::ObjectType;
use crate::status_info::{CodeMinor, StatusInfo};

/// The fields asked for. They are emitted in the order of the object, whatever the order of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Select {
    /// The whole object.
    Everything,
    /// These fields, exactly: `sourcedId` too only if it is among them.
    Only(Vec<&'static str>),
}

impl Select {
    /// Reads the parameter. An unknown name selects everything, with a warning that says which name.
    pub(super) fn parse(
        object_type: ObjectType,
        text: &str,
    ) -> Result<(Self, Option<StatusInfo>), QueryError> {
        let names: Vec<&str> = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        if names.is_empty() {
            return Err(QueryError::BlankFields);
        }
        let mut selected: Vec<&'static str> = Vec::new();
        for name in names {
            let Some(field) = field::find(object_type, name) else {
                let warning = StatusInfo::warning(
                    CodeMinor::InvalidSelectionField,
                    format!(
                        "fields: unknown field {}, all fields are given; known are {}",
                        excerpt(name),
                        field::names(object_type)
                    ),
                );
                return Ok((Self::Everything, Some(warning)));
            };
            if !selected.contains(&field.name) {
                selected.push(field.name);
            }
        }
        Ok((Self::Only(selected), None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn known_fields_are_selected_once() {
        let (select, warning) = Select::parse(Kind::Users.into(), " sourcedId ,EMAIL,,sourcedId").unwrap();
        assert_eq!(select, Select::Only(vec!["sourcedId", "email"]));
        assert_eq!(warning, None);
    }

    #[test]
    fn an_unknown_field_selects_everything_with_a_warning_that_names_it() {
        let (select, warning) = Select::parse(Kind::Users.into(), "sourcedId,shoeSize").unwrap();
        assert_eq!(select, Select::Everything);
        let warning = warning.unwrap();
        assert_eq!(warning.code_minor, CodeMinor::InvalidSelectionField);
        assert!(
            warning.description.contains("shoeSize"),
            "{}",
            warning.description
        );
    }

    #[test]
    fn a_blank_selection_is_refused() {
        for blank in ["", " ", ",", " , ,"] {
            assert_eq!(
                Select::parse(Kind::Users.into(), blank),
                Err(QueryError::BlankFields)
            );
        }
    }
}
