//! `GET /export/{format}`: the generation of a token as files, in one zip (`docs/files.md`).
//!
//! It is written whole to a file without a name before the answer begins: a rule that does not hold is a refusal and no broken
//! zip. Then it is streamed from there, so that memory does not depend on its size.

use std::fs::File;

use axum::body::Body;
use axum::http::request::Parts;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use tokio::io::AsyncReadExt;

use super::App;
use super::error::ApiError;
use super::etag;
use super::files_error::FilesError;
use super::reply::{self, ZipResponse};
use super::request_facts::RequestFacts;
use super::roster::{bearer, no_generation};
use crate::auth::{ClientSettings, Scope};
use crate::causes;
use crate::edge::GuardError;
use crate::export::{Error, FILES_VERSION, Format, Turn};

/// How much of a zip is in memory while it is sent, in bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// The scope that opens files.
pub(super) const SCOPES: &[Scope] = &[Scope::Roster];

/// Answers a request for files.
pub(super) async fn respond(
    app: &App,
    format: &str,
    head: &Parts,
    facts: &RequestFacts,
) -> Result<Response, ApiError> {
    let ticket = app.auth.verify(bearer(head)?).await?;
    facts.ticket(&ticket);
    let format: Format = format
        .parse()
        .map_err(|_| ApiError::Files(FilesError::UnknownFormat))?;
    if !ticket.scopes.has_any(SCOPES) {
        return Err(ApiError::InsufficientScope { scopes: SCOPES });
    }
    let settings = app.auth.settings(&ticket.client_id);
    if format != Format::OneRosterCsv && !settings.files.unwrap_or(false) {
        return Err(ApiError::Files(FilesError::NotOpen));
    }
    let Some(generation_id) = ticket.generation_id else {
        return Err(no_generation(app, &ticket).await);
    };
    // Neither the address nor a setting is in the files.
    let tag = etag::of(&etag::TaggedRequest {
        generation_id,
        base_url: "",
        operation: "exportFiles",
        ids: &[format.to_string(), FILES_VERSION.to_string()],
        query: "",
        settings: ClientSettings::default(),
    });
    if etag::is_known(&head.headers, &tag) {
        return Ok(reply::not_modified(&tag, ticket.number));
    }
    // What leaves the program is entered in the trail, which takes no entry until the database is brought forward.
    if app.auth.gate().is_shut() {
        return Err(ApiError::Unavailable("the database went back".to_owned()));
    }
    let turn = app
        .exports
        .take_turn(&ticket.tenant_id)
        .ok_or(ApiError::Files(FilesError::TooMany))?;
    let name = format!("{}-{format}.zip", ticket.tenant_id);
    let by = format!("client:{}", ticket.client_id);
    // On a thread of its own: writing and compressing would hold up the other requests of this one.
    let runtime = tokio::runtime::Handle::current();
    let work = move || (runtime.block_on(turn.write(generation_id, format, &by)), turn);
    let (written, turn) = tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| ApiError::Guard(GuardError::Panic))?;
    let written = written.map_err(refused)?;
    let file = written
        .response
        .ok_or_else(|| ApiError::Internal("an export without a file".to_owned()))?;
    let length = file.metadata().map_err(|error| refused(error.into()))?.len();
    let response = reply::zip(ZipResponse {
        body: body(file, turn),
        length,
        name: &name,
        generation: written.generation,
        published_at: written.published_at,
    });
    Ok(reply::tagged(response, &tag))
}

/// Streams a file; the place among exports is taken until the last of it is sent, or the caller hung up.
fn body(file: File, turn: Turn) -> Body {
    let state = (tokio::fs::File::from_std(file), turn);
    let chunks = stream::try_unfold(state, |(mut file, turn)| async move {
        let mut chunk = vec![0; CHUNK_BYTES];
        let count = file.read(&mut chunk).await?;
        chunk.truncate(count);
        let next = (count > 0).then(|| (Bytes::from(chunk), (file, turn)));
        Ok::<_, std::io::Error>(next)
    });
    Body::from_stream(chunks)
}

/// Returns how an export that failed is answered.
fn refused(error: Error) -> ApiError {
    if let Error::Refused(refusal) = error {
        return ApiError::Files(FilesError::Refused(refusal));
    }
    if matches!(error, Error::UnknownGeneration { .. }) {
        return ApiError::NoTicket;
    }
    let causes = causes::with_causes(&error);
    if error.is_unavailable() {
        ApiError::Unavailable(causes)
    } else {
        ApiError::Internal(causes)
    }
}
