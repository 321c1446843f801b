//! In which order: `sort` and `orderBy` (`OneRoster` 1.1 §4).

use super::error::{QueryError, excerpt};
use super::field::{self, Field, Shape};
use crate::ObjectType;
use crate::status_info::{CodeMinor, StatusInfo};

/// Up or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `asc`, and when nothing is said.
    Ascending,
    /// `desc`
    Descending,
}

/// The order asked for: by a field's value in code-point order; objects without a value first (last when descending);
/// equal ones by `sourcedId`, ascending always. References sort by `sourcedId`, lists element by element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The field.
    pub field: &'static Field,
    /// Up or down.
    pub direction: Direction,
}

impl Sort {
    /// Reads the parameters; `None` is one that was not given. `orderBy` alone is about `sourcedId`.
    /// An unknown field means the default order, with a warning that says which field.
    pub(super) fn parse(
        object_type: ObjectType,
        sort: Option<&str>,
        order_by: Option<&str>,
    ) -> Result<(Option<Self>, Option<StatusInfo>), QueryError> {
        let direction = match order_by.map(str::trim) {
            None => Direction::Ascending,
            Some(word) if word.eq_ignore_ascii_case("asc") => Direction::Ascending,
            Some(word) if word.eq_ignore_ascii_case("desc") => Direction::Descending,
            Some(word) => return Err(QueryError::OrderBy(excerpt(word))),
        };
        let name = match sort.map(str::trim) {
            None if order_by.is_none() => return Ok((None, None)),
            None => "sourcedId",
            Some(name) => name,
        };
        // `parent.sourcedId` sorts as `parent`; other members have no order of their own.
        let bare = name.strip_suffix(".sourcedId").unwrap_or(name);
        let field = field::find(object_type, bare).filter(|field| match field.shape {
            Shape::Reference | Shape::ReferenceList => true,
            Shape::UserIds | Shape::Metadata => false,
            Shape::Text
            | Shape::CaselessText
            | Shape::Date
            | Shape::DateTime
            | Shape::Boolean
            | Shape::TextList => bare == name,
        });
        let Some(field) = field else {
            let warning = StatusInfo::warning(
                CodeMinor::InvalidSortField,
                format!("sort: unknown field {}, the order is by sourcedId", excerpt(name)),
            );
            return Ok((None, Some(warning)));
        };
        Ok((Some(Self { field, direction }), None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    fn parsed(sort: Option<&str>, order_by: Option<&str>) -> (Option<(&'static str, Direction)>, bool) {
        let (sort, warning) = Sort::parse(Kind::Classes.into(), sort, order_by).unwrap();
        (
            sort.map(|sort| (sort.field.name, sort.direction)),
            warning.is_some(),
        )
    }

    #[test]
    fn sort_is_ascending_unless_told_otherwise() {
        assert_eq!(parsed(None, None), (None, false));
        assert_eq!(
            parsed(Some("title"), None),
            (Some(("title", Direction::Ascending)), false)
        );
        assert_eq!(
            parsed(Some("title"), Some("DESC")),
            (Some(("title", Direction::Descending)), false)
        );
        assert_eq!(
            parsed(None, Some("desc")),
            (Some(("sourcedId", Direction::Descending)), false)
        );
        assert_eq!(
            parsed(Some("school.sourcedId"), None),
            (Some(("school", Direction::Ascending)), false)
        );
    }

    #[test]
    fn an_unknown_sort_field_is_a_warning_and_the_default_order() {
        for name in ["shoeSize", "", "metadata", "title.sourcedId"] {
            assert_eq!(parsed(Some(name), Some("desc")), (None, true), "{name}");
        }
    }

    #[test]
    fn order_by_is_asc_or_desc() {
        let refused = Sort::parse(Kind::Users.into(), Some("familyName"), Some("up")).unwrap_err();
        assert_eq!(refused.to_string(), "orderBy: \"up\", expected asc or desc");
    }
}
