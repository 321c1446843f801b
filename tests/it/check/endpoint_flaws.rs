//! The ways in which scopes, parts of collections and associations can be wrong.

use oneroster_standard::Kind;

use super::flaws::{Flaw, after, before};
use super::server::{ReceivedRequest, Reply};

/// A list at a path that lacks its first row.
macro_rules! lacking {
    ($rule:literal, $path:literal) => {
        after($rule, |ask, reply| drop_first(ask, reply, $path))
    };
}

/// Takes the first row out of a list at a path.
fn drop_first(ask: &ReceivedRequest, reply: &mut Reply, path: &str) {
    if ask.at(path)
        && ask.offset == 0
        && let Some(rows) = reply.rows()
        && !rows.is_empty()
    {
        rows.remove(0);
    }
}

/// Every flaw of these.
pub(super) fn endpoint_flaws() -> Vec<Flaw> {
    let mut flaws = scope_flaws();
    flaws.extend(part_flaws());
    flaws.extend(association_flaws());
    flaws.extend(other_endpoint_flaws());
    flaws
}

fn scope_flaws() -> Vec<Flaw> {
    vec![
        after("scope-core-opens-base", |ask, reply| {
            if ask.has_scope("-roster-core.readonly") {
                reply.fail(403, "forbidden");
            }
        }),
        after("scope-roster-opens-all", |ask, reply| {
            if ask.has_scope("-roster.readonly") && ask.segments.len() > 2 {
                reply.fail(403, "forbidden");
            }
        }),
        before("scope-other-403", |ask| {
            if ask.has_scope("-resource.readonly") {
                ask.bearer = ask
                    .bearer
                    .take()
                    .map(|token| token.replace("-resource.readonly", ""));
            }
        }),
        after("error-shape", |ask, reply| {
            if ask.has_filter("noSuchField='1'") && ask.is(Kind::Orgs) {
                reply.text = Some("{\"error\": \"invalid_filter_field\"}".to_owned());
            }
        }),
    ]
}

fn part_flaws() -> Vec<Flaw> {
    vec![
        after("schools-endpoint", |ask, reply| drop_first(ask, reply, "schools")),
        lacking!("students-endpoint", "students"),
        lacking!("teachers-endpoint", "teachers"),
        after("terms-endpoint", |ask, reply| drop_first(ask, reply, "terms")),
        lacking!("grading-periods-endpoint", "gradingPeriods"),
        // Also: a part that is the whole, and a single that is not to be had.
        before("students-endpoint", |ask| {
            if ask.at("students") {
                ask.segments = vec!["users".to_owned()];
            }
        }),
        after("teachers-endpoint", |ask, reply| {
            if ask.at("teachers/user0") {
                reply.fail(404, "unknown object");
            }
        }),
        before("single-of-another-part-404", |ask| {
            if ask.at("students/user0") {
                ask.segments = vec!["users".to_owned(), "user0".to_owned()];
            }
        }),
    ]
}

fn association_flaws() -> Vec<Flaw> {
    vec![
        lacking!("courses-for-school", "schools/*/courses"),
        lacking!("classes-for-school", "schools/*/classes"),
        lacking!("enrollments-for-school", "schools/*/enrollments"),
        lacking!("students-for-school", "schools/*/students"),
        lacking!("teachers-for-school", "schools/*/teachers"),
        lacking!("terms-for-school", "schools/*/terms"),
        lacking!(
            "enrollments-for-class-in-school",
            "schools/*/classes/*/enrollments"
        ),
        lacking!("students-for-class-in-school", "schools/*/classes/*/students"),
        lacking!("teachers-for-class-in-school", "schools/*/classes/*/teachers"),
        lacking!("classes-for-term", "terms/*/classes"),
        lacking!("grading-periods-for-term", "terms/*/gradingPeriods"),
        lacking!("classes-for-course", "courses/*/classes"),
        lacking!("classes-for-student", "students/*/classes"),
        lacking!("classes-for-teacher", "teachers/*/classes"),
        lacking!("classes-for-user", "users/*/classes"),
        lacking!("students-for-class", "classes/*/students"),
        lacking!("teachers-for-class", "classes/*/teachers"),
        // Everybody instead of the members, everybody in the class instead of its students, not there at all.
        before("students-for-class", |ask| {
            if ask.at("classes/*/students") && ask.segments[1] != "no-such-parent" {
                ask.segments = vec!["students".to_owned()];
            }
        }),
        before("students-for-class-in-school", |ask| {
            if ask.at("schools/*/classes/*/students") {
                "teachers".clone_into(&mut ask.segments[4]);
            }
        }),
        after("classes-for-user", |ask, reply| {
            if ask.at("users/*/classes") {
                reply.fail(404, "unknown object");
            }
        }),
    ]
}

fn other_endpoint_flaws() -> Vec<Flaw> {
    vec![
        before("association-paged", |ask| {
            if ask.segments.len() > 2 && ask.offset == 1 {
                ask.limit = 100;
            }
        }),
        after("association-paged", |ask, reply| {
            if ask.segments.len() > 2 && ask.offset == 1 {
                reply.headers.insert("x-total-count", "1".to_owned());
            }
        }),
        before("association-filter-field-400", |ask| {
            if ask.segments.len() > 2 && ask.has_filter("noSuchField='1'") {
                ask.filter = None;
            }
        }),
        after("unknown-parent", |ask, reply| {
            if ask.at("schools/no-such-parent/classes") {
                reply.fail(404, "unknown object");
            }
        }),
        before("unknown-parent", |ask| {
            if ask.at("schools/no-such-parent/classes") {
                ask.segments = vec!["classes".to_owned()];
            }
        }),
        after("demographics-endpoint", |ask, reply| {
            if ask.at("demographics") && reply.status == 200 {
                "demographic".clone_into(&mut reply.members[0].0);
            }
        }),
        after("demographics-endpoint", |ask, reply| {
            if ask.at("demographics") {
                reply.fail(500, "internal");
            }
        }),
        after("resources-endpoint", |ask, reply| {
            if ask.at("resources") {
                reply.status = 404;
                reply.text = Some("<html>not found</html>".to_owned());
            }
        }),
    ]
}
