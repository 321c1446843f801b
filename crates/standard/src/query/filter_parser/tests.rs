use proptest::prelude::*;

use super::*;
use crate::Kind;
use crate::query::{Operand, fields};
use crate::status_info::CodeMinor;

fn users(text: &str) -> Result<Filter, QueryError> {
    parse(Kind::Users, text)
}

#[test]
fn what_consumers_send_is_read() {
    for (kind, text, written) in [
        (Kind::Users, "status='active'", "status='active'"),
        (
            Kind::Users,
            "dateLastModified>'2015-01-01'",
            "dateLastModified>'2015-01-01'",
        ),
        (
            Kind::Users,
            "role='student' AND dateLastModified>'2020-01-01T01:00:00.000Z'",
            "role='student' AND dateLastModified>'2020-01-01T01:00:00.000Z'",
        ),
        (
            Kind::Users,
            "username='stud1' OR email~'stud1'",
            "username='stud1' OR email~'stud1'",
        ),
        (
            Kind::Users,
            "givenName='Colin Robert'",
            "givenName='Colin Robert'",
        ),
        (Kind::Users, "sourcedId='norecords'", "sourcedId='norecords'"),
        (Kind::Users, "status='norecords'", "status='norecords'"),
        (
            Kind::AcademicSessions,
            "schoolYear='2026' AND status='active'",
            "schoolYear='2026' AND status='active'",
        ),
        (Kind::Courses, "courseCode='TG'", "courseCode='TG'"),
        (Kind::Enrollments, "class='ID'", "class.sourcedId='ID'"),
        (
            Kind::Enrollments,
            "class.sourcedid != 'ID'",
            "class.sourcedId!='ID'",
        ),
        (
            Kind::Classes,
            "  TITLE ~ 'x'   AND   terms.sourcedId='t' ",
            "title~'x' AND terms.sourcedId='t'",
        ),
        (Kind::Users, "userIds.identifier='9'", "userIds.identifier='9'"),
        (
            Kind::Users,
            "metadata.vendor.home-language='en'",
            "metadata.vendor.home-language='en'",
        ),
        (Kind::Users, "enabledUser='TRUE'", "enabledUser='TRUE'"),
        (
            Kind::Users,
            "orgs.sourcedId>='a' OR familyName<='b'",
            "orgs.sourcedId>='a' OR familyName<='b'",
        ),
    ] {
        assert_eq!(
            parse(kind, text).map(|filter| filter.to_string()),
            Ok(written.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn quotes_inside_a_value_stand_for_themselves() {
    for (text, value) in [
        ("familyName=''", ""),
        ("familyName='O'Brien'", "O'Brien"),
        ("familyName='O''Brien'", "O'Brien"),
        ("familyName=''''", "'"),
        ("familyName='''", "'"),
        ("familyName='a'''", "a'"),
        ("familyName='a''", "a'"),
        ("familyName='a' ", "a"),
        ("familyName='d'Arts AND Crafts'", "d'Arts AND Crafts"),
        ("familyName='Arts AND Crafts'", "Arts AND Crafts"),
        ("familyName='a''b''''c'", "a'b''c"),
        ("familyName='''t Hooft'", "'t Hooft"),
        ("familyName=''t Hooft'", "'t Hooft"),
        ("familyName='a'' AND role=''b'", "a' AND role='b"),
    ] {
        let filter = users(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(
            (filter.first.value.as_str(), filter.second),
            (value, None),
            "{text}"
        );
    }
    let filter = users("familyName='O'Brien' OR givenName='D'Arcy'").unwrap();
    assert_eq!(filter.first.value, "O'Brien");
    assert_eq!(
        filter.second.map(|(_, clause)| clause.value),
        Some("D'Arcy".to_owned())
    );
}

#[test]
fn a_fault_of_grammar_is_named_with_its_place_and_what_is_allowed() {
    for (text, message) in [
        (
            "",
            "filter: found the end at character 1, expected the name of a field",
        ),
        (
            "='x'",
            "filter: found \"='x'\" at character 1, expected the name of a field",
        ),
        (
            "(status='active')",
            "filter: found \"(status='active')\" at character 1, expected the name of a field",
        ),
        (
            "status",
            "filter: found the end at character 7, expected one of = != > >= < <= ~",
        ),
        (
            "status ! 'x'",
            "filter: found \"! 'x'\" at character 8, expected one of = != > >= < <= ~",
        ),
        (
            "status=active",
            "filter: found \"active\" at character 8, expected a value in single quotes",
        ),
        (
            "status=\"active\"",
            "filter: found \"\\\"active\\\"\" at character 8, expected a value in single quotes",
        ),
        (
            "status='active",
            "filter: found \"'active\" at character 8, expected a value with a closing quote",
        ),
        (
            "status=='active'",
            "filter: found \"='active'\" at character 8, expected a value in single quotes",
        ),
        (
            "status='active')",
            "filter: found \"'active')\" at character 8, expected a value with a closing quote",
        ),
        (
            "status='active' AND",
            "filter: found the end at character 20, expected the name of a field",
        ),
        (
            "status='a' AND role='b' OR role='c'",
            "filter: a third clause at character 25, allowed are one clause, or two joined by one AND or OR",
        ),
    ] {
        assert_eq!(users(text).unwrap_err().to_string(), message, "{text}");
    }
}

#[test]
fn a_fault_of_field_or_type_is_named_with_its_place_and_what_is_allowed() {
    for (text, message) in [
        (
            "dateLastModified>'abc'",
            "filter: value \"abc\" of dateLastModified at character 18, expected a date YYYY-MM-DD or a date and time",
        ),
        (
            "enabledUser='ja'",
            "filter: value \"ja\" of enabledUser at character 13, expected true or false",
        ),
        (
            "grades>'01'",
            "filter: grades is a list, > at character 7 has no meaning, expected =, != or ~",
        ),
        (
            "orgs.name='x'",
            "filter: unknown field orgs.name at character 1, expected one of orgs.sourcedId, orgs.href, orgs.type",
        ),
        (
            "userIds='x'",
            "filter: unknown field userIds at character 1, expected one of userIds.identifier, userIds.type",
        ),
        (
            "metadata='x'",
            "filter: unknown field metadata at character 1, expected one of metadata. and the name of a member",
        ),
        (
            "role.x='y'",
            "filter: unknown field role.x at character 1, expected one of role, which has no members",
        ),
    ] {
        assert_eq!(users(text).unwrap_err().to_string(), message, "{text}");
    }
}

#[test]
fn clauses_without_a_connective_are_not_taken_for_one_value() {
    for (text, found) in [
        (
            "status='active' and role='x'",
            "filter: found \"and role='x'\" at character 17",
        ),
        (
            "status='active' role='x'",
            "filter: found \"role='x'\" at character 17",
        ),
        (
            "familyName='é'' AND role='x'",
            "filter: found \"x'\" at character 27",
        ),
    ] {
        let expected = "expected AND, OR or the end (a quote inside a value is written twice)";
        assert_eq!(
            users(text).unwrap_err().to_string(),
            format!("{found}, {expected}"),
            "{text}"
        );
    }
}

#[test]
fn an_unknown_field_is_named_with_the_known_ones() {
    let error = parse(Kind::Orgs, "status='active' AND shoeSize='44'").unwrap_err();
    assert_eq!(error.code_minor(), CodeMinor::InvalidFilterField);
    assert_eq!(
        error.to_string(),
        "filter: unknown field shoeSize at character 21, expected one of sourcedId, status, dateLastModified, \
         metadata, name, type, identifier, parent, children"
    );
}

#[test]
fn fields_we_never_emit_are_known() {
    for name in [
        "email",
        "phone",
        "sms",
        "middleName",
        "grades",
        "agents",
        "password",
    ] {
        assert!(users(&format!("{name}='x'")).is_ok(), "{name}");
    }
    assert!(parse(Kind::Classes, "location='x' OR subjects='y'").is_ok());
    assert!(parse(Kind::Orgs, "parent='x' OR parent.sourcedId='y'").is_ok());
}

#[test]
fn a_filter_has_at_most_2048_characters() {
    let longest = format!(
        "familyName='{}'",
        "é".repeat(FILTER_CHARACTERS_MAX - "familyName=''".len())
    );
    assert!(users(&longest).is_ok());
    let error = users(&format!("{longest} ")).unwrap_err();
    assert_eq!(error.to_string(), "filter: 2049 characters, allowed are 2048");
}

#[test]
fn a_date_without_zone_is_one_in_brussels() {
    let filter = users("dateLastModified>='2026-07-01'").unwrap();
    let expected = chrono::DateTime::parse_from_rfc3339("2026-06-30T22:00:00Z")
        .unwrap()
        .to_utc();
    assert_eq!(filter.first.operand, Operand::Instant(expected));
}

fn any_clause(kind: Kind) -> impl Strategy<Value = String> {
    let name = (0..fields(kind).len()).prop_map(move |index| fields(kind)[index].name);
    let predicate = proptest::sample::select(Predicate::ALL.as_slice());
    (name, predicate, "[a-zA-Z0-9'=<> ,é]{0,12}|true|2026-09-01").prop_map(|(name, predicate, value)| {
        let dotted = match name {
            "metadata" => "metadata.x",
            "userIds" => "userIds.identifier",
            name => name,
        };
        format!("{dotted}{}'{}'", predicate.as_str(), value.replace('\'', "''"))
    })
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}|([a-zA-Z.]{1,10}(=|!=|~|>) ?'[^\"]{0,8}' ?(AND|OR)? ?){0,4}") {
        for kind in Kind::ALL {
            if let Err(error) = parse(kind, &text) {
                let _ = error.status_info();
            }
        }
    }

    #[test]
    fn a_filter_written_out_reads_back_the_same(
        first in any_clause(Kind::Users),
        second in proptest::option::of((any::<bool>(), any_clause(Kind::Users))),
    ) {
        let text = match second {
            None => first,
            Some((and, second)) => format!("{first} {} {second}", if and { "AND" } else { "OR" }),
        };
        if let Ok(filter) = users(&text) {
            prop_assert_eq!(users(&filter.to_string()), Ok(filter));
        }
    }
}
