//! Probes for operators and load balancers: whether the process runs, and whether it can do all it should.

use std::net::IpAddr;

use axum::body::Body;
use axum::http::header::FORWARDED;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use oneroster_standard::Moment;
use serde_json::{Value, json};

use super::{App, reply};
use crate::audit::Lack;
use crate::auth::CONTACT_AGE_MAX;
use crate::feeding::SilentFeed;
use crate::publication::{FailingTenant, HeldTenant};

/// The process runs.
pub(super) fn healthz() -> Response {
    reply::json(StatusCode::OK, Body::from(json!({ "status": "ok" }).to_string()))
}

/// How many tenants of a kind an answer lists, and reasons of each that is held; the counts say how many there are.
const NAMED_SHOWN_MAX: usize = 50;

/// Returns `true` for a request from this machine that no proxy passed on.
pub(super) fn is_here(address: Option<IpAddr>, headers: &HeaderMap) -> bool {
    let is_passed_on = headers.contains_key("x-forwarded-for") || headers.contains_key(FORWARDED);
    // Without an address no connection stands behind it.
    address.is_none_or(|address| address.is_loopback()) && !is_passed_on
}

/// The process can do all it should: 200, else 503 with what is wrong. Without the database, tokens issued
/// before still open the rosters in memory. Held publications, tenants that cannot be published, and tenants that are no longer read, are counted and no
/// fault of the process: the last generations are served. Who may know which they are, gets them by name.
pub(super) async fn readyz(app: &App, may_name: bool) -> Response {
    let held = app.held.list();
    let failing = app.failing.list();
    let silent = app.sync_log.silent();
    let unfed = app.feed.silent();
    let contact_age = app.auth.contact_age();
    let mut body = json!({
        "status": "ok",
        "database": "ok",
        "contact_age_s": contact_age.as_secs(),
        "rosters_in_memory": app.snapshots.usage().snapshots,
        "held_tenants": held.len(),
        "failing_tenants": failing.len(),
        "silent_tenants": silent.len(),
        "silent_feeds": unfed.len(),
        "oldest_import_age_s": app.feed.oldest_import_age().map(|age| age.as_secs()),
    });
    if may_name && let Some(members) = body.as_object_mut() {
        let most = NAMED_SHOWN_MAX;
        let named: [(&str, Value); 4] = [
            ("held", held.iter().take(most).map(held_tenant).collect()),
            ("failing", failing.iter().take(most).map(failing_tenant).collect()),
            (
                "silent",
                silent.iter().take(most).map(|tenant| json!(tenant)).collect(),
            ),
            ("unfed", unfed.iter().take(most).map(silent_feed).collect()),
        ];
        members.extend(named.map(|(name, tenants)| (name.to_owned(), tenants)));
    }
    let answers = app.auth.database_answers().await;
    let is_fresh = contact_age <= CONTACT_AGE_MAX;
    let mut details: Vec<String> = of_contact(answers, is_fresh)
        .map(str::to_owned)
        .into_iter()
        .collect();
    let lack = app.auth.gate().lack();
    details.extend(of_tenants([
        !held.is_empty(),
        !failing.is_empty(),
        !silent.is_empty(),
        !unfed.is_empty(),
    ]));
    details.extend(of_trail(app, lack.as_deref(), may_name));
    let apart_s = app.auth.clocks_apart_s();
    details.extend(apart_s.map(|apart_s| {
        format!("this machine's clock and the database's are {apart_s} s apart: no new tokens until they agree within a minute; reading goes on")
    }));
    let is_ready = answers && is_fresh && lack.is_none() && apart_s.is_none();
    if let Some(members) = body.as_object_mut() {
        if !is_ready {
            members.insert("status".to_owned(), json!("degraded"));
        }
        if !answers {
            members.insert("database".to_owned(), json!("unreachable"));
        } else if lack.is_some() {
            members.insert("database".to_owned(), json!("went back"));
        }
        if !details.is_empty() {
            members.insert("detail".to_owned(), json!(details.join("; ")));
        }
    }
    let status = if is_ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    reply::json(status, Body::from(body.to_string()))
}

/// What is said of a database that does not answer, or has not for longer than it may.
const fn of_contact(answers: bool, is_fresh: bool) -> Option<&'static str> {
    if !answers {
        Some(
            "no new tokens; tokens issued before still open the rosters in memory; \
             revocations are known up to the last contact",
        )
    } else if !is_fresh {
        Some("revocations are known up to the last contact, which is longer ago than they may take")
    } else {
        None
    }
}

/// What is said of tenants, if there are some that are held, cannot be published, are no longer read, or are no longer fed.
fn of_tenants([held, failing, silent, unfed]: [bool; 4]) -> impl Iterator<Item = String> {
    [
        (held, "publications are held: the last generation is served until somebody decides"),
        (
            failing,
            "tenants cannot be published: the last generation is served; the log line `cannot publish` says why",
        ),
        (silent, "tenants that used to be read regularly no longer are (oneroster synclog)"),
        (unfed, "tenants whose bundles used to come daily no longer get any (oneroster tenant status)"),
    ]
    .into_iter()
    .filter(|(is_so, _)| *is_so)
    .map(|(_, text)| text.to_owned())
}

/// What is said of the audit trail, if the database went back or the folder fails.
fn of_trail(app: &App, lack: Option<&Lack>, may_name: bool) -> impl Iterator<Item = String> {
    let went_back = lack.map(|lack| {
        let what = if may_name {
            lack.to_string()
        } else {
            "it lacks what audit files have".to_owned()
        };
        format!(
            "the database went back: {what}; nothing is published and no token is issued until `oneroster recover`, tokens issued \
             before still open the rosters in memory"
        )
    });
    let unwritten = app.auth.gate().is_unwritten().then(|| {
        "the audit trail cannot be written to its folder: the log says why; a database lost now could not be brought forward"
            .to_owned()
    });
    went_back.into_iter().chain(unwritten)
}

fn failing_tenant(failing: &FailingTenant) -> Value {
    json!({
        "tenant": failing.tenant_id,
        "for_s": failing.for_s,
        "reason": failing.obstacle.as_str(),
    })
}

fn silent_feed(feed: &SilentFeed) -> Value {
    json!({ "tenant": feed.tenant_id, "since": Moment::from(feed.since) })
}

/// Which tests failed, where, for whom and since which state: ids only.
fn held_tenant(held: &HeldTenant) -> Value {
    let reasons = held.reasons.iter().take(NAMED_SHOWN_MAX).map(|reason| {
        let mut shown = json!({ "test": reason.test, "org": reason.org });
        if let Some(members) = shown.as_object_mut() {
            members.extend(reason.role.map(|role| ("role".to_owned(), json!(role))));
            members.extend(reason.since.map(|since| ("since".to_owned(), json!(since))));
        }
        shown
    });
    json!({
        "tenant": held.tenant_id,
        "since": Moment::from(held.since),
        "reasons_count": held.reasons.len(),
        "reasons": reasons.collect::<Vec<_>>(),
    })
}
