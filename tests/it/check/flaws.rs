//! The ways in which a provider can be wrong, one at a time.

use oneroster_standard::Kind;
use serde_json::{Value, json};

use super::endpoint_flaws::endpoint_flaws;
use super::server::{DATES, ReceivedRequest, Reply, Roster, links};
use super::variation_flaws::variation_flaws;

/// One way to break one rule.
pub(super) struct Flaw {
    pub(super) rule: &'static str,
    pub(super) data: fn(&mut Roster),
    pub(super) before: fn(&mut ReceivedRequest),
    pub(super) after: fn(&ReceivedRequest, &mut Reply),
}

pub(super) const fn data(rule: &'static str, data: fn(&mut Roster)) -> Flaw {
    Flaw {
        rule,
        data,
        before: |_| (),
        after: |_, _| (),
    }
}

pub(super) const fn before(rule: &'static str, before: fn(&mut ReceivedRequest)) -> Flaw {
    Flaw {
        rule,
        data: |_| (),
        before,
        after: |_, _| (),
    }
}

pub(super) const fn after(rule: &'static str, after: fn(&ReceivedRequest, &mut Reply)) -> Flaw {
    Flaw {
        rule,
        data: |_| (),
        before: |_| (),
        after,
    }
}

/// The second row of a collection: no probe samples it, so nothing else is touched.
fn row(roster: &mut Roster, kind: Kind) -> &mut Value {
    &mut roster.get_mut(&kind).unwrap()[1]
}

fn remove(roster: &mut Roster, kind: Kind, member: &str) {
    row(roster, kind).as_object_mut().unwrap().remove(member).unwrap();
}

pub(super) fn set(roster: &mut Roster, kind: Kind, member: &str, value: Value) {
    row(roster, kind)[member] = value;
}

fn access_flaws() -> Vec<Flaw> {
    vec![
        after("token-no-scope", |ask, reply| {
            if ask.is_token && ask.parameter("scope").is_none() {
                reply.fail(400, "invalid_scope");
            }
        }),
        after("token-body-credentials", |ask, reply| {
            if ask.is_token && !ask.has_basic {
                reply.fail(401, "invalid_client");
            }
        }),
        after("token-no-store", |ask, reply| {
            if ask.is_token {
                reply.headers.remove("cache-control");
            }
        }),
        after("token-type-bearer", |ask, reply| {
            if ask.is_token && reply.status == 200 {
                reply.members[1].1 = json!("mac");
            }
        }),
        after("wrong-secret-401-invalid-client", |ask, reply| {
            if ask.is_token && reply.status == 401 {
                reply.status = 400;
            }
        }),
        after("wrong-secret-401-invalid-client", |ask, reply| {
            if ask.is_token && reply.status == 401 {
                reply.fail(401, "invalid_grant");
            }
        }),
        after("unauthenticated-401", |ask, reply| {
            if ask.bearer.as_deref() == Some("no-such-token") {
                reply.fail(403, "forbidden");
            }
        }),
    ]
}

fn answer_flaws() -> Vec<Flaw> {
    vec![
        after("http-200", |ask, reply| {
            if ask.is(Kind::Orgs) && ask.limit == 5000 && ask.offset == 0 {
                reply.status = 206;
            }
        }),
        after("content-type-json", |ask, reply| {
            if ask.is(Kind::Classes) {
                reply.headers.insert("content-type", "text/plain".to_owned());
            }
        }),
        after("envelope-key", |ask, reply| {
            if ask.is(Kind::Orgs) && ask.id.is_none() && reply.status == 200 {
                reply.members[0] = ("schools".to_owned(), reply.members[0].1.take());
            }
        }),
        after("collection-is-first-key", |ask, reply| {
            if ask.is(Kind::Users) && reply.status == 200 && ask.id.is_none() {
                reply.members.insert(0, ("statusInfoSet".to_owned(), json!({})));
            }
        }),
        after("total-count-present", |ask, reply| {
            if ask.is(Kind::Users) && ask.limit == 5000 {
                reply.headers.remove("x-total-count");
            }
        }),
        after("total-count-on-singles", |ask, reply| {
            if ask.id.is_some() {
                reply.headers.remove("x-total-count");
            }
        }),
        after("count-header-agrees", |ask, reply| {
            if ask.is(Kind::Users) && ask.limit == 5000 {
                reply.headers.insert("x-count", "100".to_owned());
            }
        }),
        after("one-generation-per-token", |ask, reply| {
            if ask.is(Kind::Enrollments) {
                reply
                    .headers
                    .insert("x-roster-generation", "generation-2".to_owned());
            }
        }),
    ]
}

fn paging_flaws() -> Vec<Flaw> {
    vec![
        data("collections-not-empty", |roster| {
            roster.get_mut(&Kind::Enrollments).unwrap().clear();
        }),
        after("total-count-matches", |ask, reply| {
            if ask.is(Kind::Users) && ask.limit == 5000 {
                reply.headers.insert("x-total-count", "9".to_owned());
            }
        }),
        before("offset-honoured", |ask| {
            if ask.is(Kind::Users) && ask.offset == 2 && ask.limit == 1 {
                ask.offset = 0;
            }
        }),
        after("limit-honoured", |ask, reply| {
            if ask.is(Kind::Users) && ask.offset == 2 && ask.limit == 1 {
                reply.rows().unwrap().push(json!({"sourcedId": "user3"}));
            }
        }),
        after("short-page-only-at-the-end", |ask, reply| {
            if ask.is(Kind::Users) && ask.limit == 2 {
                reply.rows().unwrap().truncate(1);
                reply
                    .headers
                    .insert("link", links(ask, ask.offset + 1, 8).unwrap());
            }
        }),
        after("paging-stable", |ask, reply| {
            if ask.is(Kind::Users) && ask.limit == 2 && ask.offset == 2 {
                reply.rows().unwrap()[0] = json!({"sourcedId": "user0"});
            }
        }),
    ]
}

fn link_flaws() -> Vec<Flaw> {
    vec![
        after("link-header-form", |_, reply| {
            if let Some(link) = reply.headers.get_mut("link") {
                *link = link.replace('"', "");
            }
        }),
        after("link-header-form", |_, reply| {
            if let Some(link) = reply.headers.get_mut("link") {
                *link = link.replace("127.0.0.1", "localhost");
            }
        }),
        after("link-next-agrees", |_, reply| {
            reply.headers.remove("link");
        }),
        after("link-next-agrees", |_, reply| {
            if let Some(link) = reply.headers.get_mut("link") {
                *link = link.replace("status", "role");
            }
        }),
    ]
}

fn filter_flaws() -> Vec<Flaw> {
    vec![
        before("limit-10000-honoured", |ask| {
            if ask.limit == 10_000 {
                ask.limit = 2;
            }
        }),
        after("page-past-end-empty", |ask, reply| {
            if ask.offset > 0 && ask.limit == 5000 {
                reply.fail(404, "unknown object");
            }
        }),
        after("unfiltered-total-count", |ask, reply| {
            if ask.is(Kind::Users) && ask.query.len() == 1 && ask.limit == 1 {
                reply.headers.insert("x-total-count", "11".to_owned());
            }
        }),
        before("status-filter-honoured", |ask| {
            if ask.is(Kind::Enrollments) && ask.has_filter("status='active'") {
                ask.filter = None;
            }
        }),
        after("no-records-empty", |ask, reply| {
            if ask.has_filter("sourcedId='norecords'") {
                reply.fail(404, "unknown object");
            }
        }),
        after("enum-outside-vocabulary-empty", |ask, reply| {
            if ask.has_filter("status='norecords'") {
                reply.fail(400, "invalid data");
            }
        }),
        before("filter-by-sourced-id", |ask| {
            if ask
                .filter
                .as_deref()
                .is_some_and(|filter| filter == "sourcedId='user0'")
            {
                ask.filter = None;
            }
        }),
        before("filter-two-clauses", |ask| {
            if ask
                .filter
                .as_deref()
                .is_some_and(|filter| filter.contains(" AND "))
            {
                ask.filter = Some("status='active'".to_owned());
            }
        }),
        after("unknown-parameter-ignored", |ask, reply| {
            if ask.parameter("limit ").is_some() {
                reply.fail(400, "invalid data");
            }
        }),
    ]
}

fn delta_flaws() -> Vec<Flaw> {
    vec![
        after("delta-complete", |ask, reply| {
            if ask.is(Kind::Users) && ask.is_delta_of_all() {
                reply.rows().unwrap().remove(0);
            }
        }),
        after("delta-has-tombstones-or-none", |ask, reply| {
            if ask.is(Kind::Users) && ask.is_delta_of_all() {
                reply.rows().unwrap().retain(|row| row["status"] == "active");
                reply.headers.insert("x-total-count", "8".to_owned());
            }
        }),
        after("delta-agrees-with-full", |ask, reply| {
            if ask.is(Kind::Users) && ask.is_delta_of_all() {
                reply.rows().unwrap()[0]["dateLastModified"] = json!("2000-01-01T00:00:00.000Z");
            }
        }),
        before("delta-filters-by-date", |ask| {
            if ask.is(Kind::Users) && ask.has_filter(&format!("dateLastModified>'{}'", DATES[0])) {
                ask.filter = Some("dateLastModified>'2026-09-01'".to_owned());
            }
        }),
        before("delta-filters-by-date", |ask| {
            if ask.is(Kind::Users) && ask.has_filter(&format!("dateLastModified>'{}'", DATES[0])) {
                ask.filter = Some(format!("dateLastModified>'{}'", DATES[1]));
            }
        }),
        before("delta-after-newest-empty", |ask| {
            if ask.is(Kind::Users) && ask.has_filter(&format!("dateLastModified>'{}'", DATES[2])) {
                ask.filter = Some(format!("dateLastModified>'{}'", DATES[1]));
            }
        }),
        after("delta-by-day", |ask, reply| {
            if ask.has_filter("dateLastModified>'1970-01-01'") {
                reply.fail(400, "invalid data");
            }
        }),
    ]
}

/// A reference to an org, like the one that the first course has.
fn org(roster: &mut Roster, id: &str) -> Value {
    let text = row(roster, Kind::Courses)["org"].to_string();
    text.replace("org0", id).parse().unwrap()
}

fn common_record_flaws() -> Vec<Flaw> {
    vec![
        data("sourced-id-string", |roster| {
            set(roster, Kind::Enrollments, "sourcedId", json!(17));
        }),
        data("status-vocabulary", |roster| {
            set(roster, Kind::Enrollments, "status", json!("inactive"));
        }),
        data("date-last-modified-form", |roster| {
            set(
                roster,
                Kind::Users,
                "dateLastModified",
                json!("2026-09-01T06:00:00Z"),
            );
        }),
        data("no-null-or-empty-scalars", |roster| {
            set(roster, Kind::Users, "email", json!(""));
        }),
        data("no-null-or-empty-scalars", |roster| {
            set(roster, Kind::Orgs, "parent", Value::Null);
        }),
        data("references-resolve", |roster| {
            row(roster, Kind::Enrollments)["user"]["sourcedId"] = json!("ghost");
        }),
        data("references-resolve", |roster| {
            row(roster, Kind::Enrollments)["user"]["sourcedId"] = json!("user8");
        }),
        data("ids-unique", |roster| {
            let copy = row(roster, Kind::Enrollments).clone();
            roster.get_mut(&Kind::Enrollments).unwrap().insert(2, copy);
        }),
        data("parent-and-children-agree", |roster| {
            let child = org(roster, "org2");
            set(roster, Kind::Orgs, "children", json!([child]));
        }),
        data("parent-and-children-agree", |roster| {
            let (parent, child) = (org(roster, "org0"), org(roster, "org1"));
            let orgs = roster.get_mut(&Kind::Orgs).unwrap();
            orgs[0]["children"] = json!([child]);
            orgs[1]["parent"] = parent.clone();
            orgs[2]["parent"] = parent;
        }),
        data("entity-form", |roster| {
            set(roster, Kind::Users, "enabledUser", json!("perhaps"));
        }),
        data("entity-form", |roster| remove(roster, Kind::Classes, "classType")),
        data("entity-form", |roster| {
            set(roster, Kind::Enrollments, "beginDate", json!("1/9/2026"));
        }),
    ]
}

fn object_flaws() -> Vec<Flaw> {
    vec![
        after("single-equals-collection", |ask, reply| {
            if ask.id.as_deref() == Some("class0") {
                reply.members[0].1["title"] = json!("Another");
            }
        }),
        data("href-resolves", |roster| {
            roster.get_mut(&Kind::Classes).unwrap()[0]["course"]["href"] = json!("/courses/course0");
        }),
        data("href-resolves", |roster| {
            let href = &mut roster.get_mut(&Kind::Classes).unwrap()[0]["course"]["href"];
            *href = json!(href.as_str().unwrap().replace("course0", "course1"));
        }),
        after("unknown-object-404", |ask, reply| {
            if ask.id.as_deref() == Some("no-such-object") {
                reply.fail(400, "invalid data");
            }
        }),
        before("invalid-filter-field-400", |ask| {
            if ask.has_filter("noSuchField='1'") && ask.kind.is_some() {
                ask.filter = None;
            }
        }),
        after("invalid-filter-field-400", |ask, reply| {
            if ask.has_filter("noSuchField='1'") {
                reply.fail(400, "invalid data");
            }
        }),
    ]
}

fn user_flaws() -> Vec<Flaw> {
    vec![
        data("user-required-fields", |roster| {
            remove(roster, Kind::Users, "identifier");
        }),
        data("user-required-fields", |roster| {
            remove(roster, Kind::Users, "username");
        }),
        data("user-required-fields", |roster| {
            set(roster, Kind::Users, "givenName", json!(" "));
        }),
        data("user-role", |roster| {
            set(roster, Kind::Users, "role", json!("pupil"));
        }),
        data("user-orgs-not-empty", |roster| {
            set(roster, Kind::Users, "orgs", json!([]));
        }),
        data("user-org-ref-type", |roster| {
            row(roster, Kind::Users)["orgs"][0]["type"] = json!("campus");
        }),
        data("username-unique", |roster| {
            set(roster, Kind::Users, "username", json!("Gebruiker.5"));
        }),
        data("username-entra-characters", |roster| {
            set(roster, Kind::Users, "username", json!("zoé"));
        }),
        data("username-entra-characters", |roster| {
            set(roster, Kind::Users, "username", json!("a".repeat(65)));
        }),
        data("email-form", |roster| {
            set(roster, Kind::Users, "email", json!("an at school"));
        }),
        data("phone-e164", |roster| {
            set(roster, Kind::Users, "sms", json!("0471 23 45 67"));
        }),
        data("grades-vocabulary", |roster| {
            set(roster, Kind::Users, "grades", json!(["3e leerjaar"]));
        }),
    ]
}

fn structure_flaws() -> Vec<Flaw> {
    vec![
        data("session-fields", |roster| {
            remove(roster, Kind::AcademicSessions, "title");
        }),
        data("session-fields", |roster| {
            set(roster, Kind::AcademicSessions, "endDate", json!("2026-08-31"));
        }),
        data("session-type", |roster| {
            set(roster, Kind::AcademicSessions, "type", json!("quarter"));
        }),
        data("school-year-four-digit-string", |roster| {
            set(roster, Kind::AcademicSessions, "schoolYear", json!(2027));
        }),
        data("school-year-four-digit-string", |roster| {
            set(roster, Kind::AcademicSessions, "schoolYear", json!("2026-27"));
        }),
        data("org-name", |roster| remove(roster, Kind::Orgs, "name")),
        data("org-identifier", |roster| {
            remove(roster, Kind::Orgs, "identifier");
        }),
        data("org-type", |roster| {
            set(roster, Kind::Orgs, "type", json!("campus"));
        }),
        data("course-fields", |roster| {
            remove(roster, Kind::Courses, "courseCode");
        }),
        data("course-org-ref", |roster| {
            row(roster, Kind::Courses)["org"]["type"] = json!("course");
        }),
        data("class-title", |roster| remove(roster, Kind::Classes, "title")),
        data("class-school-ref", |roster| {
            row(roster, Kind::Classes)["school"]
                .as_object_mut()
                .unwrap()
                .remove("type");
        }),
        data("class-course-ref", |roster| {
            remove(roster, Kind::Classes, "course");
        }),
        data("class-terms-not-empty", |roster| {
            set(roster, Kind::Classes, "terms", json!([]));
        }),
        data("class-term-ref", |roster| {
            row(roster, Kind::Classes)["terms"][0]["type"] = json!("year");
        }),
        data("enrollment-refs", |roster| {
            row(roster, Kind::Enrollments)["class"]["type"] = json!("course");
        }),
        data("enrollment-role", |roster| {
            set(roster, Kind::Enrollments, "role", json!("pupil"));
        }),
    ]
}

/// Every flaw; some rules have several.
pub(super) fn flaws() -> Vec<Flaw> {
    let mut flaws = access_flaws();
    flaws.extend(answer_flaws());
    flaws.extend(paging_flaws());
    flaws.extend(link_flaws());
    flaws.extend(filter_flaws());
    flaws.extend(delta_flaws());
    flaws.extend(common_record_flaws());
    flaws.extend(object_flaws());
    flaws.extend(user_flaws());
    flaws.extend(structure_flaws());
    flaws.extend(endpoint_flaws());
    flaws.extend(variation_flaws());
    flaws
}
