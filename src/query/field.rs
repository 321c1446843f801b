//! The fields of each kind: what may be named in `filter`, `sort` and `fields` (`OneRoster` 1.1 §2.2).
//!
//! The tables hold every field of the standard. One that this provider never emits (`email`, `phone`, `sms`,
//! `middleName`, `location`, `password`) is known, so it is no error to name it; it has no value in any object.

use crate::oneroster::Kind;

/// What a field holds; it decides how a filter's value is read and compared (`OneRoster` 1.1 §5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A string, compared exactly: ids, names, years and the words of a closed list.
    Text,
    /// A string that is compared without regard to case: `username` and `email`.
    CaselessText,
    /// `YYYY-MM-DD`.
    Date,
    /// An instant.
    DateTime,
    /// `"true"` or `"false"`.
    Boolean,
    /// A list of strings.
    TextList,
    /// A reference to an object; named bare it means its `sourcedId`.
    Reference,
    /// A list of references; named bare it means their `sourcedId`.
    ReferenceList,
    /// A list of `{type, identifier}`; only its members can be filtered on.
    UserIds,
    /// An object with any members; only its members can be filtered on.
    Metadata,
}

impl Shape {
    /// Returns the members that a dotted name may reach; empty when there are none or, for metadata, when any will do.
    pub const fn members(self) -> &'static [&'static str] {
        match self {
            Self::Reference | Self::ReferenceList => &["sourcedId", "href", "type"],
            Self::UserIds => &["identifier", "type"],
            Self::Text
            | Self::CaselessText
            | Self::Date
            | Self::DateTime
            | Self::Boolean
            | Self::TextList
            | Self::Metadata => &[],
        }
    }
}

/// A field of a kind.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
}

const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape }
}

/// Finds the field of this name; in the standard's case, or else in any (`OneRoster` 1.1 §5.1).
pub(super) fn find(kind: Kind, name: &str) -> Option<&'static Field> {
    let table = fields(kind);
    table
        .iter()
        .find(|field| field.name == name)
        .or_else(|| table.iter().find(|field| field.name.eq_ignore_ascii_case(name)))
}

/// Returns the names of a kind's fields, for a message.
pub(super) fn names(kind: Kind) -> String {
    fields(kind)
        .iter()
        .map(|field| field.name)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Returns the fields of a kind, in the order of the standard.
pub const fn fields(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::AcademicSessions => ACADEMIC_SESSION,
        Kind::Orgs => ORG,
        Kind::Courses => COURSE,
        Kind::Classes => CLASS,
        Kind::Users => USER,
        Kind::Enrollments => ENROLLMENT,
    }
}

const ACADEMIC_SESSION: &[Field] = &[
    field("sourcedId", Shape::Text),
    field("status", Shape::Text),
    field("dateLastModified", Shape::DateTime),
    field("metadata", Shape::Metadata),
    field("title", Shape::Text),
    field("startDate", Shape::Date),
    field("endDate", Shape::Date),
    field("type", Shape::Text),
    field("parent", Shape::Reference),
    field("children", Shape::ReferenceList),
    field("schoolYear", Shape::Text),
];

const ORG: &[Field] = &[
    field("sourcedId", Shape::Text),
    field("status", Shape::Text),
    field("dateLastModified", Shape::DateTime),
    field("metadata", Shape::Metadata),
    field("name", Shape::Text),
    field("type", Shape::Text),
    field("identifier", Shape::Text),
    field("parent", Shape::Reference),
    field("children", Shape::ReferenceList),
];

const COURSE: &[Field] = &[
    field("sourcedId", Shape::Text),
    field("status", Shape::Text),
    field("dateLastModified", Shape::DateTime),
    field("metadata", Shape::Metadata),
    field("title", Shape::Text),
    field("schoolYear", Shape::Reference),
    field("courseCode", Shape::Text),
    field("grades", Shape::TextList),
    field("subjects", Shape::TextList),
    field("org", Shape::Reference),
    field("subjectCodes", Shape::TextList),
    field("resources", Shape::ReferenceList),
];

const CLASS: &[Field] = &[
    field("sourcedId", Shape::Text),
    field("status", Shape::Text),
    field("dateLastModified", Shape::DateTime),
    field("metadata", Shape::Metadata),
    field("title", Shape::Text),
    field("classCode", Shape::Text),
    field("classType", Shape::Text),
    field("location", Shape::Text),
    field("grades", Shape::TextList),
    field("subjects", Shape::TextList),
    field("course", Shape::Reference),
    field("school", Shape::Reference),
    field("terms", Shape::ReferenceList),
    field("subjectCodes", Shape::TextList),
    field("periods", Shape::TextList),
    field("resources", Shape::ReferenceList),
];

const USER: &[Field] = &[
    field("sourcedId", Shape::Text),
    field("status", Shape::Text),
    field("dateLastModified", Shape::DateTime),
    field("metadata", Shape::Metadata),
    field("username", Shape::CaselessText),
    field("userIds", Shape::UserIds),
    field("enabledUser", Shape::Boolean),
    field("givenName", Shape::Text),
    field("familyName", Shape::Text),
    field("middleName", Shape::Text),
    field("role", Shape::Text),
    field("identifier", Shape::Text),
    field("email", Shape::CaselessText),
    field("sms", Shape::Text),
    field("phone", Shape::Text),
    field("agents", Shape::ReferenceList),
    field("orgs", Shape::ReferenceList),
    field("grades", Shape::TextList),
    field("password", Shape::Text),
];

const ENROLLMENT: &[Field] = &[
    field("sourcedId", Shape::Text),
    field("status", Shape::Text),
    field("dateLastModified", Shape::DateTime),
    field("metadata", Shape::Metadata),
    field("user", Shape::Reference),
    field("class", Shape::Reference),
    field("school", Shape::Reference),
    field("role", Shape::Text),
    field("primary", Shape::Boolean),
    field("beginDate", Shape::Date),
    field("endDate", Shape::Date),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_begins_with_the_common_fields() {
        for kind in Kind::ALL {
            let names: Vec<&str> = fields(kind).iter().take(4).map(|field| field.name).collect();
            assert_eq!(names, ["sourcedId", "status", "dateLastModified", "metadata"]);
        }
    }

    #[test]
    fn a_name_is_found_in_any_case_but_the_exact_one_first() {
        assert_eq!(find(Kind::Users, "givenName").unwrap().name, "givenName");
        assert_eq!(find(Kind::Users, "GIVENNAME").unwrap().name, "givenName");
        assert_eq!(find(Kind::Users, "shoeSize"), None);
    }
}
