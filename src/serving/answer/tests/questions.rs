//! Objects and questions as they may come.

use oneroster_standard::Kind;
use oneroster_standard::query::{ObjectForm, Policy};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::oracle::{Asked, Meant};
use super::{DOMAIN, ENDED, Object};

pub(super) fn reference(kind: &str, collection: &str, id: &str) -> Value {
    json!({"href": format!("/{collection}/{id}"), "sourcedId": id, "type": kind})
}

pub(super) fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "Ann",
            "ann",
            "Bert",
            "O'Brien",
            "Łukasz",
            "a\"b\\c",
            "\"href\":\"/x",
            "été",
            "-"
        ])
        .prop_map(str::to_owned),
        "[a-cA-C]{1,2}",
    ]
}

pub(super) fn words() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(select(vec!["01", "02", "PK", "pk"]).prop_map(str::to_owned), 0..3)
}

pub(super) fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-d]{1,2}",
        select(vec!["é", "A\"1", "b\\2", "a-1"]).prop_map(str::to_owned)
    ]
}

/// 2026-06-30T22:00:00Z is the start of 1 July in Brussels.
pub(super) const BRUSSELS_MIDNIGHT_MS: i64 = 1_782_856_800_000;

pub(super) fn date() -> impl Strategy<Value = i64> {
    (-2_i64..3).prop_map(|step| BRUSSELS_MIDNIGHT_MS + step)
}

pub(super) fn day() -> impl Strategy<Value = &'static str> {
    select(vec!["2026-06-30", "2026-07-01", "2026-07-02"])
}

pub(super) fn user() -> impl Strategy<Value = Value> {
    let optional = proptest::option::of(word());
    let orgs = proptest::collection::vec(id(), 1..3);
    let username = prop_oneof![3 => word(), 1 => Just("Ann@a.example".to_owned())];
    let domain = proptest::option::of(select(vec!["a.example", "b.example", "é.example"]));
    (username, word(), word(), any::<bool>(), any::<bool>(), optional, orgs, words(), domain).prop_map(
        |(username, given, family, enabled, teacher, identifier, orgs, grades, domain)| {
            let mut user = json!({
                "username": username, "givenName": given, "familyName": family,
                "enabledUser": enabled.to_string(), "role": if teacher { "teacher" } else { "student" },
                "userIds": orgs.iter().map(|id| json!({"type": "LDAP", "identifier": id})).collect::<Vec<_>>(),
                "agents": [], "grades": grades, "metadata": {},
                "orgs": orgs.iter().map(|id| reference("org", "orgs", id)).collect::<Vec<_>>(),
            });
            if let Some(identifier) = identifier {
                user["identifier"] = json!(identifier);
            }
            if let Some(domain) = domain {
                user[DOMAIN] = json!(domain);
            }
            user
        },
    )
}

pub(super) fn enrollment() -> impl Strategy<Value = Value> {
    let primary = proptest::option::of(any::<bool>());
    let days = proptest::array::uniform3(proptest::option::of(day()));
    (id(), id(), id(), any::<bool>(), primary, days).prop_map(
        |(user, class, school, teacher, primary, [begin, end, ended])| {
            let mut enrollment = json!({
                "user": reference("user", "users", &user), "class": reference("class", "classes", &class),
                "school": reference("org", "orgs", &school), "role": if teacher { "teacher" } else { "student" },
                "metadata": {},
            });
            if let Some(primary) = primary {
                enrollment["primary"] = json!(primary.to_string());
            }
            if let Some(begin) = begin {
                enrollment["beginDate"] = json!(begin);
            }
            if let Some(end) = end {
                enrollment["endDate"] = json!(end);
            }
            if let Some(ended) = ended {
                enrollment[ENDED] = json!(ended);
            }
            enrollment
        },
    )
}

pub(super) fn class() -> impl Strategy<Value = Value> {
    let terms = proptest::collection::vec(id(), 1..3);
    (word(), proptest::option::of(word()), id(), terms, words()).prop_map(|(title, code, school, terms, subjects)| {
        let mut class = json!({
            "title": title, "classType": "homeroom", "grades": [], "subjects": subjects, "subjectCodes": [],
            "course": reference("course", "courses", &school), "school": reference("org", "orgs", &school),
            "terms": terms.iter().map(|id| reference("academicSession", "academicSessions", id)).collect::<Vec<_>>(),
            "periods": [], "resources": [], "metadata": {},
        });
        if let Some(code) = code {
            class["classCode"] = json!(code);
        }
        class
    })
}

pub(super) fn objects(kind: Kind) -> BoxedStrategy<Vec<Object>> {
    let content = match kind {
        Kind::Users => user().boxed(),
        Kind::Enrollments => enrollment().boxed(),
        Kind::Classes | Kind::AcademicSessions | Kind::Orgs | Kind::Courses => class().boxed(),
    };
    proptest::collection::vec((id(), any::<bool>(), date(), content), 0..14).boxed()
}

/// The fields and members of them that are filtered on in the test.
pub(super) const fn filterable(kind: Kind) -> &'static str {
    match kind {
        Kind::Users => {
            "sourcedId status dateLastModified username userIds.identifier enabledUser givenName familyName \
             middleName role identifier email agents.sourcedId orgs.sourcedId orgs orgs.type orgs.href \
             grades metadata.x"
        }
        Kind::Enrollments => {
            "sourcedId status dateLastModified user.sourcedId class class.sourcedId school.sourcedId \
             school.type role primary beginDate endDate"
        }
        Kind::Classes | Kind::AcademicSessions | Kind::Orgs | Kind::Courses => {
            "sourcedId status dateLastModified title classCode classType location subjects course.sourcedId \
             school terms.sourcedId periods"
        }
    }
}

pub(super) fn meant(kind: Kind) -> impl Strategy<Value = Meant> {
    let names: Vec<&'static str> = filterable(kind).split_whitespace().collect();
    let predicate = select(vec!["=", "!=", ">", ">=", "<", "<=", "~"]);
    (select(names), predicate).prop_flat_map(|(name, predicate)| {
        let list = ["grades", "subjects", "periods"].contains(&name);
        let predicate = if list && predicate.contains(['<', '>']) {
            "~"
        } else {
            predicate
        };
        let value = match name {
            "dateLastModified" | "beginDate" | "endDate" if predicate == "~" => {
                select(vec!["2026", "-07-", "T22", ".001z"])
                    .prop_map(str::to_owned)
                    .boxed()
            }
            "dateLastModified" | "beginDate" | "endDate" => select(vec![
                "2026-07-01",
                "2026-06-30T22:00:00.000Z",
                "2026-06-30T22:00:00.0005Z",
                "2026-07-01T00:00:00.001+02:00",
                "2026-06-30T21:59:59.999999999Z",
                "2026-06-30",
            ])
            .prop_map(str::to_owned)
            .boxed(),
            "enabledUser" | "primary" => select(vec!["true", "false"]).prop_map(str::to_owned).boxed(),
            "status" => select(vec!["active", "tobedeleted", "norecords", "Active", "b"])
                .prop_map(str::to_owned)
                .boxed(),
            "role" => select(vec!["student", "teacher", "STUDENT", "te", "x"])
                .prop_map(str::to_owned)
                .boxed(),
            "email" => prop_oneof![
                word(),
                select(vec!["Ann@a.example", "ann@B.example", "@b", "a\"b\\c@a.example"])
                    .prop_map(str::to_owned),
            ]
            .boxed(),
            _ if list => words().prop_map(|words| words.join(", ")).boxed(),
            _ => prop_oneof![word(), id(), Just("norecords".to_owned())].boxed(),
        };
        value.prop_map(move |value| (name, predicate, value))
    })
}

pub(super) fn form() -> impl Strategy<Value = ObjectForm> {
    let often = proptest::bool::weighted(0.3);
    (often, any::<[bool; 4]>()).prop_map(
        |(native_booleans, [email, enabled_users, ended_enrollments, district_org])| ObjectForm {
            native_booleans,
            email,
            enabled_users,
            ended_enrollments,
            district_org,
        },
    )
}

pub(super) fn asked(kind: Kind) -> impl Strategy<Value = Asked> {
    let (sorts, names): (Vec<&'static str>, Vec<&'static str>) = match kind {
        Kind::Users => (
            vec![
                "sourcedId",
                "familyName",
                "identifier",
                "dateLastModified",
                "status",
                "role",
                "orgs",
                "grades",
                "email",
                "enabledUser",
            ],
            vec![
                "sourcedId",
                "email",
                "familyName",
                "orgs",
                "enabledUser",
                "status",
            ],
        ),
        Kind::Enrollments => (
            vec![
                "sourcedId",
                "class",
                "beginDate",
                "endDate",
                "primary",
                "dateLastModified",
            ],
            vec!["user", "primary", "endDate", "dateLastModified"],
        ),
        Kind::Classes | Kind::AcademicSessions | Kind::Orgs | Kind::Courses => (
            vec!["title", "classCode", "terms", "school"],
            vec!["title", "location", "terms"],
        ),
    };
    let policy = (any::<[bool; 3]>(), form()).prop_map(|([include, delta, full], form)| Policy {
        include_tombstones_unfiltered: include,
        unpaged_delta: delta,
        unpaged_full: full,
        form,
    });
    (
        proptest::option::weighted(0.9, meant(kind)),
        proptest::option::of((any::<bool>(), meant(kind))),
        proptest::option::of((select(sorts), any::<bool>())),
        proptest::option::weighted(0.3, proptest::sample::subsequence(names.clone(), 1..=names.len())),
        policy,
    )
        .prop_map(|(first, second, sort, fields, policy)| {
            let second = second.filter(|_| first.is_some());
            Asked {
                first,
                second,
                sort,
                fields,
                policy,
            }
        })
}
