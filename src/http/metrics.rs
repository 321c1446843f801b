//! Figures for monitoring, in the text format that Prometheus and its like read, on a listener of their own.
//!
//! Labels are operations and status codes only: no tenant, no client, no person.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::get;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::{App, probes, process_figures};
use crate::alarms;

/// The version with, in a release build from a git checkout, the commit and its date (`build.rs`).
const VERSION: &str = env!("VERSION_WITH_COMMIT");

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper ends of the classes that durations are counted in, in seconds.
const DURATION_CLASSES_S: [f64; 10] = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 10.0, 60.0];

/// What is counted while requests are answered. Clones count together.
#[derive(Debug, Clone)]
pub struct Metrics {
    requests: Family<RequestLabels, Counter>,
    durations: Family<DurationLabels, Histogram, fn() -> Histogram>,
    rows: Counter,
    bytes: Counter,
    /// Of the messages about alarms, which are sent beside requests.
    pub(crate) alarm_messages: alarms::Counts,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DurationLabels {
    path: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    path: &'static str,
    status: u16,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(DURATION_CLASSES_S)),
            rows: Counter::default(),
            bytes: Counter::default(),
            alarm_messages: alarms::Counts::default(),
        }
    }
}

/// One request, as counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Observation {
    /// The path with placeholders instead of ids.
    pub(super) path: &'static str,
    pub(super) status: StatusCode,
    pub(super) duration: Duration,
    pub(super) rows: usize,
    pub(super) bytes: u64,
}

impl Metrics {
    pub(super) fn observe(&self, request: &Observation) {
        let (path, status) = (request.path, request.status.as_u16());
        self.requests.get_or_create(&RequestLabels { path, status }).inc();
        self.durations
            .get_or_create(&DurationLabels { path })
            .observe(request.duration.as_secs_f64());
        self.rows.inc_by(request.rows as u64);
        self.bytes.inc_by(request.bytes);
    }

    fn register(&self, registry: &mut Registry) {
        registry.register(
            "http_requests",
            "Requests answered, by path and status",
            self.requests.clone(),
        );
        registry.register_with_unit(
            "http_request_duration",
            "How long answers took, up to the beginning of the body",
            Unit::Seconds,
            self.durations.clone(),
        );
        registry.register(
            "objects_served",
            "OneRoster objects in answers",
            self.rows.clone(),
        );
        registry.register_with_unit(
            "body",
            "Bytes of answers before compression",
            Unit::Bytes,
            self.bytes.clone(),
        );
        registry.register(
            "alarm_messages_failed",
            "Tries to send a message about an alarm that failed",
            self.alarm_messages.failed.clone(),
        );
        registry.register(
            "alarm_messages_given_up",
            "Messages about alarms that no receiver took, and that are not tried any more",
            self.alarm_messages.given_up.clone(),
        );
    }
}

/// Returns the routes `/metrics`, and `/readyz` with tenants by name. They ask for no credentials: listen where only
/// monitoring reaches them.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/metrics", get(respond))
        .route("/readyz", get(readiness))
        .with_state(app)
}

async fn respond(State(app): State<App>) -> Response {
    let mut registry = Registry::default();
    let own = registry.sub_registry_with_prefix("oneroster");
    app.metrics.register(own);
    app.register_gauges(own);
    own.register("build", "The program", Info::new(vec![("version", VERSION)]));
    process_figures::register(&mut registry);
    let mut text = String::new();
    // Writing into a string does not fail.
    let _ = encode(&mut text, &registry);
    let mut response = Response::new(Body::from(text));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(OPENMETRICS));
    app.dated(response)
}

async fn readiness(State(app): State<App>) -> Response {
    app.dated(probes::readyz(&app, true).await)
}

impl App {
    fn register_gauges(&self, registry: &mut Registry) {
        let usage = self.snapshots.usage();
        let gauge = |value: usize| ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
        registry.register(
            "rosters_in_memory",
            "Generations in memory",
            gauge(usage.snapshots),
        );
        registry.register_with_unit(
            "rosters_in_memory",
            "Memory that generations take",
            Unit::Bytes,
            gauge(usage.bytes),
        );
        registry.register(
            "roster_loads_so_far",
            "Generations loaded since the start",
            gauge(usize::try_from(usage.loads).unwrap_or(usize::MAX)),
        );
        registry.register_with_unit(
            "database_contact_age",
            "How long ago keys, revocations and settings were read",
            Unit::Seconds,
            ConstGauge::new(self.auth.contact_age().as_secs_f64()),
        );
        registry.register(
            "database_went_back",
            "Whether the database lacks what the audit folder has: 1 until oneroster recover",
            gauge(self.auth.gate().is_shut().into()),
        );
        registry.register(
            "held_tenants",
            "Tenants whose publication the brake holds",
            gauge(self.held.list().len()),
        );
        registry.register(
            "failing_tenants",
            "Tenants that cannot be published",
            gauge(self.failing.list().len()),
        );
        registry.register(
            "silent_feeds",
            "Tenants whose bundles used to come daily and no longer do",
            gauge(self.feed.silent().len()),
        );
        if let Some(age) = self.feed.oldest_import_age() {
            registry.register_with_unit(
                "oldest_import_age",
                "How long ago the tenant got its last bundle that has waited longest for one",
                Unit::Seconds,
                ConstGauge::new(age.as_secs_f64()),
            );
        }
        let log = self.sync_log.figures();
        registry.register(
            "silent_tenants",
            "Tenants that used to be read regularly and no longer are",
            gauge(log.silent_tenants),
        );
        registry.register(
            "sync_log_notes_waiting",
            "Notes of what was read that wait to be written",
            gauge(log.waiting),
        );
        registry.register(
            "sync_log_notes_dropped_so_far",
            "Notes of what was read that were lost since the start",
            gauge(usize::try_from(log.dropped).unwrap_or(usize::MAX)),
        );
    }
}
