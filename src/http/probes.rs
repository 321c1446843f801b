//! Probes for operators and load balancers: whether the process runs, and whether it can do all it should.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use oneroster_standard::Moment;
use serde_json::json;

use super::{App, reply};
use crate::publication::HeldTenant;

/// The process runs.
pub(super) fn healthz() -> Response {
    reply::json(StatusCode::OK, Body::from(json!({ "status": "ok" }).to_string()))
}

/// How many held tenants, and reasons of each, an answer lists; the counts say how many there are.
const HELD_SHOWN_MAX: usize = 50;

/// How many tenants that cannot be published an answer lists.
const FAILING_SHOWN_MAX: usize = 50;

/// How many silent tenants an answer lists.
const SILENT_SHOWN_MAX: usize = 50;

/// The process can do all it should: 200, else 503 with what is wrong. Without the database, tokens issued
/// before still open the rosters in memory. Held publications, tenants that cannot be published, and tenants that are no longer read, are listed and no
/// fault of the process: the last generations are served.
pub(super) async fn readyz(app: &App) -> Response {
    let held = app.held.list();
    let failing = app.failing.list();
    let silent = app.sync_log.silent();
    let mut body = json!({
        "status": "ok",
        "database": "ok",
        "contact_age_s": app.auth.contact_age().as_secs(),
        "rosters_in_memory": app.snapshots.usage().snapshots,
        "held_tenants": held.len(),
        "held": held.iter().take(HELD_SHOWN_MAX).map(held_tenant).collect::<Vec<_>>(),
        "failing_tenants": failing.len(),
        "failing": failing.iter().take(FAILING_SHOWN_MAX).collect::<Vec<_>>(),
        "silent_tenants": silent.len(),
        "silent": silent.iter().take(SILENT_SHOWN_MAX).collect::<Vec<_>>(),
    });
    let is_ready = app.auth.database_answers().await;
    let mut details = Vec::new();
    if !is_ready {
        details.push(
            "no new tokens; tokens issued before still open the rosters in memory; \
             revocations are known up to the last contact",
        );
    }
    if !held.is_empty() {
        details.push("publications are held: the last generation is served until somebody decides");
    }
    if !failing.is_empty() {
        details.push("tenants cannot be published: the last generation is served; the log line `cannot publish` says why");
    }
    if !silent.is_empty() {
        details.push("tenants that used to be read regularly no longer are (oneroster synclog)");
    }
    if let Some(members) = body.as_object_mut() {
        if !is_ready {
            members.insert("status".to_owned(), json!("degraded"));
            members.insert("database".to_owned(), json!("unreachable"));
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

/// Which tests failed, where, for whom and since which state: ids only, since anyone who reaches the server can read it.
fn held_tenant(held: &HeldTenant) -> serde_json::Value {
    let reasons = held.reasons.iter().take(HELD_SHOWN_MAX).map(|reason| {
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
