//! `PUT /operator/bundle`: a bundle from an extractor on another machine (`docs/bundle.md`).
//!
//! It is received into a file, bounded, and then imported as the command does. The import goes on if the caller hangs up: behind a
//! proxy with a shorter patience it would otherwise never end.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;

use super::App;
use super::bundle_error::BundleError;
use super::error::ApiError;
use super::reply;
use super::request_facts::RequestFacts;
use super::roster::bearer;
use crate::auth::{Rejection, Ticket};
use crate::causes;
use crate::edge::{self, GuardError, KeepError, Patience, query_parameters};
use crate::feeding::{Archive, Error, Turn, UPLOAD_BYTES_MAX};
use crate::mirror::Mode;
use crate::report::import::ImportReport;
use crate::telemetry::request;

/// The method that the path takes.
pub(super) const METHOD: &str = "PUT";

/// How long receiving it may take.
const ARRIVAL_TIMEOUT: Duration = Duration::from_mins(10);

/// How long the whole may take until the caller is told to come back: receiving, waiting for other imports, importing.
pub(super) const TIMEOUT: Duration = Duration::from_mins(30);

/// What it is called in the report.
const FILE: &str = "bundle.zip";

/// How many faults of a refused bundle are named in the log, without what is in its cells.
const FAULTS_LOGGED: usize = 10;

/// The parameter that says that its rows are upserts and deletes.
pub(super) const DELTA: &str = "delta";

/// Receives a bundle, imports it, and answers with the report: 200 if it was loaded, 422 if it was refused.
pub(super) async fn respond(app: &App, request: Request, facts: &RequestFacts) -> Result<Response, ApiError> {
    if request.method() != Method::PUT {
        return Err(ApiError::MethodNotAllowed { allow: METHOD });
    }
    let (head, body) = request.into_parts();
    let ticket = app.auth.verify(bearer(&head)?).await?;
    facts.caller(&ticket);
    may_import(app, &ticket)?;
    let mode = mode(&head)?;
    let turn = app
        .uploads
        .take_turn(&ticket.tenant_id)
        .map_err(BundleError::from)?;
    let file = receive(body).await?;
    let archive = Archive {
        name: FILE.to_owned(),
        file,
        mode,
        delivery: None,
    };
    let importing = import(app.clone(), ticket, turn, archive);
    let report = tokio::spawn(request::carried(importing))
        .await
        .map_err(|_| ApiError::Guard(GuardError::Panic))??;
    let status = if report.accepted {
        StatusCode::OK
    } else {
        facts.log.refused(format!("bundle: {}", report.refusal()));
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let report = serde_json::to_vec(&report).map_err(|error| ApiError::Internal(error.to_string()))?;
    Ok(reply::json(status, Body::from(report)))
}

/// Refuses whoever may not import, now.
fn may_import(app: &App, ticket: &Ticket) -> Result<(), ApiError> {
    if app.auth.is_revoked(ticket) {
        return Err(ApiError::InvalidToken(Rejection::Revoked));
    }
    if !app.auth.settings(&ticket.client_id).import.unwrap_or(false) {
        return Err(BundleError::NotOpen.into());
    }
    // What is imported is entered in the trail, which takes no entry until the database is brought forward.
    if app.auth.gate().is_shut() {
        return Err(ApiError::Unavailable("the database went back".to_owned()));
    }
    Ok(())
}

/// Receives the bundle into a file without a name, which is gone whenever nobody has it open, and which nobody else can open.
async fn receive(body: Body) -> Result<File, ApiError> {
    let no_room =
        |error: std::io::Error| ApiError::Unavailable(format!("cannot keep a bundle in a file: {error}"));
    let file = tokio::task::spawn_blocking(tempfile::tempfile)
        .await
        .map_err(|_| ApiError::Guard(GuardError::Panic))?
        .map_err(no_room)?;
    let mut file = tokio::fs::File::from_std(file);
    edge::keep_body(
        body,
        &mut file,
        UPLOAD_BYTES_MAX,
        Patience::within(ARRIVAL_TIMEOUT),
    )
    .await
    .map_err(|error| match error {
        KeepError::Body(error) => error.into(),
        KeepError::File(error) => no_room(error),
    })?;
    Ok(file.into_std().await)
}

/// Imports a bundle, and says in the log what became of it: nobody else hears it if the caller hung up.
async fn import(
    app: App,
    ticket: Arc<Ticket>,
    turn: Turn,
    archive: Archive,
) -> Result<ImportReport, ApiError> {
    let place = turn.import_place().await.map_err(BundleError::from)?;
    // It was received, and others were imported, for minutes perhaps.
    may_import(&app, &ticket)?;
    let by = format!("client:{}", ticket.client_id);
    let imported = place.import(archive, &by).await;
    let (tenant, client) = (ticket.tenant_id.as_str(), ticket.client_id.as_str());
    match &imported {
        Ok(report) if report.accepted => {
            let (inserted, updated, deleted) = (report.inserted, report.updated, report.deleted);
            tracing::info!(tenant, client, inserted, updated, deleted, "a bundle was loaded");
        }
        Ok(report) => {
            let reason = report.refusal();
            tracing::warn!(tenant, client, reason, "a bundle was refused");
            for reason in report.faults_named(FAULTS_LOGGED) {
                tracing::warn!(tenant, client, reason, "a fault of the bundle");
            }
        }
        Err(error) => {
            let causes = causes::with_causes(error);
            tracing::error!(tenant, client, causes, "a bundle was not imported");
        }
    }
    imported.map_err(|error| failed(&error))
}

/// Reads how the bundle is meant. A parameter that is not known is refused: a delta loaded as the whole state deletes what it lacks.
fn mode(head: &Parts) -> Result<Mode, ApiError> {
    let content_type = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    if content_type.is_some_and(|value| value.to_ascii_lowercase().starts_with(b"multipart/")) {
        return Err(BundleError::Form.into());
    }
    let query = head.uri.query().unwrap_or_default();
    let parameters = query_parameters(query).ok_or(ApiError::BadEncoding { place: "query" })?;
    match parameters.as_slice() {
        [] => Ok(Mode::Full),
        [(name, value)] if name == DELTA && value == "true" => Ok(Mode::Delta),
        [(name, value)] if name == DELTA && value == "false" => Ok(Mode::Full),
        _ => Err(BundleError::Parameters.into()),
    }
}

fn failed(error: &Error) -> ApiError {
    let causes = causes::with_causes(error);
    if error.is_unavailable() || matches!(error, Error::TooLong) {
        ApiError::Unavailable(causes)
    } else {
        ApiError::Internal(causes)
    }
}
