//! The fields of each type of object: what may be named in `filter`, `sort` and `fields` (`OneRoster` 1.1 §2.2).
//!
//! The tables hold every field of the standard. One that this provider never emits (`phone`, `sms`, `middleName`,
//! `location`, `password`) is known, so it is no error to name it; it has no value in any object. `email` has one only for clients
//! that are told addresses.

use crate::{Kind, ObjectType};

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

/// A field of a type of object.
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
pub(super) fn find(object_type: ObjectType, name: &str) -> Option<&'static Field> {
    let table = fields(object_type);
    table
        .iter()
        .find(|field| field.name == name)
        .or_else(|| table.iter().find(|field| field.name.eq_ignore_ascii_case(name)))
}

/// Returns the names of the fields, for a message.
pub(super) fn names(object_type: ObjectType) -> String {
    fields(object_type)
        .iter()
        .map(|field| field.name)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Returns the fields of a type of object, in the order of the standard.
pub fn fields(object_type: impl Into<ObjectType>) -> &'static [Field] {
    match object_type.into() {
        ObjectType::Published(Kind::AcademicSessions) => ACADEMIC_SESSION,
        ObjectType::Published(Kind::Orgs) => ORG,
        ObjectType::Published(Kind::Courses) => COURSE,
        ObjectType::Published(Kind::Classes) => CLASS,
        ObjectType::Published(Kind::Users) => USER,
        ObjectType::Published(Kind::Enrollments) => ENROLLMENT,
        ObjectType::Demographics => DEMOGRAPHICS,
        ObjectType::Resource => RESOURCE,
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

const DEMOGRAPHICS: &[Field] = &[
    field("sourcedId", Shape::Text),
    field("status", Shape::Text),
    field("dateLastModified", Shape::DateTime),
    field("metadata", Shape::Metadata),
    field("birthDate", Shape::Date),
    field("sex", Shape::Text),
    field("americanIndianOrAlaskaNative", Shape::Boolean),
    field("asian", Shape::Boolean),
    field("blackOrAfricanAmerican", Shape::Boolean),
    field("nativeHawaiianOrOtherPacificIslander", Shape::Boolean),
    field("white", Shape::Boolean),
    field("demographicRaceTwoOrMoreRaces", Shape::Boolean),
    field("hispanicOrLatinoEthnicity", Shape::Boolean),
    field("countryOfBirthCode", Shape::Text),
    field("stateOfBirthAbbreviation", Shape::Text),
    field("cityOfBirth", Shape::Text),
    field("publicSchoolResidenceStatus", Shape::Text),
];

const RESOURCE: &[Field] = &[
    field("sourcedId", Shape::Text),
    field("status", Shape::Text),
    field("dateLastModified", Shape::DateTime),
    field("metadata", Shape::Metadata),
    field("title", Shape::Text),
    field("roles", Shape::TextList),
    field("importance", Shape::Text),
    field("vendorResourceId", Shape::Text),
    field("vendorId", Shape::Text),
    field("applicationId", Shape::Text),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_begins_with_the_common_fields() {
        for object_type in ObjectType::ALL {
            let names: Vec<&str> = fields(object_type)
                .iter()
                .take(4)
                .map(|field| field.name)
                .collect();
            assert_eq!(names, ["sourcedId", "status", "dateLastModified", "metadata"]);
        }
    }

    #[test]
    fn a_name_is_found_in_any_case_but_the_exact_one_first() {
        assert_eq!(find(Kind::Users.into(), "givenName").unwrap().name, "givenName");
        assert_eq!(find(Kind::Users.into(), "GIVENNAME").unwrap().name, "givenName");
        assert_eq!(find(Kind::Users.into(), "shoeSize"), None);
    }
}
