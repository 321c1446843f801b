//! The ways in which order, fields, filters, methods and paths can be wrong.

use oneroster_standard::Kind;
use serde_json::json;

use super::flaws::{Flaw, after, before, data, set};

/// Every flaw of these.
pub(super) fn variation_flaws() -> Vec<Flaw> {
    let mut flaws = parameter_flaws();
    flaws.extend(request_flaws());
    flaws
}

fn parameter_flaws() -> Vec<Flaw> {
    vec![
        after("sort-ascending", |ask, reply| {
            if ask.parameter("sort") == Some("dateLastModified") && ask.parameter("orderBy").is_none() {
                reply.rows().unwrap().swap(1, 7);
            }
        }),
        after("sort-descending", |ask, reply| {
            if ask.parameter("orderBy") == Some("desc") {
                reply.rows().unwrap().reverse();
            }
        }),
        after("unknown-sort-200-warning", |ask, reply| {
            if ask.parameter("sort") == Some("noSuchField") {
                reply.fail(400, "invalid_sort_field");
            }
        }),
        after("unknown-selection-200-warning", |ask, reply| {
            if ask.parameter("fields") == Some("noSuchField") {
                reply.members.pop();
            }
        }),
        after("fields-exact", |ask, reply| {
            if ask.parameter("fields") == Some("sourcedId,status") {
                reply.rows().unwrap()[0]["username"] = json!("an");
            }
        }),
        before("blank-fields-400", |ask| {
            if ask.parameter("fields") == Some("") {
                ask.query.retain(|(name, _)| name != "fields");
            }
        }),
        before("bad-paging-400", |ask| ask.is_paging_bad = false),
        before("filter-syntax-400", |ask| {
            if ask.has_filter("status") {
                ask.filter = None;
            }
        }),
        before("filter-or", |ask| {
            if let Some(filter) = &mut ask.filter {
                *filter = filter.split(" OR ").next().unwrap().to_owned();
            }
        }),
        before("filter-not-equal", |ask| {
            if ask.has_filter("status!='tobedeleted'") {
                ask.filter = None;
            }
        }),
        before("filter-contains", |ask| {
            if let Some(filter) = &mut ask.filter {
                *filter = filter.replace('~', "=");
            }
        }),
        before("filter-dotted", |ask| {
            if ask
                .filter
                .as_deref()
                .is_some_and(|filter| filter.starts_with("class."))
            {
                ask.filter = None;
            }
        }),
    ]
}

fn request_flaws() -> Vec<Flaw> {
    vec![
        after("wrong-method-405", |ask, reply| {
            if ask.method == "PATCH" {
                reply.headers.remove("allow");
            }
        }),
        after("head-like-get", |ask, reply| {
            if ask.method == "HEAD" {
                reply.fail(405, "invalid data");
            }
        }),
        after("slashes-served", |ask, reply| {
            if ask.path.contains("//") {
                reply.fail(404, "unknown object");
            }
        }),
        after("body-on-get-served", |ask, reply| {
            if ask.body_length > 0 && !ask.is_token {
                reply.fail(400, "invalid data");
            }
        }),
        after("unknown-path-404", |ask, reply| {
            if ask.at("noSuchCollection") {
                reply.fail(403, "forbidden");
            }
        }),
        after("tombstone-single-200", |ask, reply| {
            if ask.at("users/user8") {
                reply.fail(404, "unknown object");
            }
        }),
        data("booleans-of-one-form", |roster| {
            set(roster, Kind::Users, "enabledUser", json!(true));
        }),
    ]
}
