//! *Zoeken*: search, and why somebody or something is published or not.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use chrono::NaiveDate;
use uuid::Uuid;

use crate::desk::error::DeskError;
use crate::desk::form::Form;
use crate::desk::refusal::ApiError;
use crate::desk::search::{self, Asker, Findings, SearchAnswer, WhyAnswer, WhyAsked};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::publication::Error;

/// Longest text that is looked for, in characters.
const TEXT_MAX: usize = 200;

/// Reads what is asked about from `person`, `class` (with a person: the person in that class) and `on`, a day YYYY-MM-DD; default:
/// today. What is no id is nobody's.
fn asked(query: Option<&str>) -> Result<WhyAsked, ApiError> {
    let form = Form::read(query.unwrap_or_default().as_bytes())?;
    let id = |name| form.get(name).map(Uuid::try_parse).transpose();
    let (Ok(person), Ok(class)) = (id("person"), id("class")) else {
        return Err(DeskError::NotFound.into());
    };
    let day = |text: &str| {
        text.parse::<NaiveDate>()
            .map_err(|_| ApiError::Malformed(format!("{text:?} is no day; write YYYY-MM-DD")))
    };
    let on = form.get("on").map(day).transpose()?;
    Ok(WhyAsked { person, class, on })
}

fn asker(user: &TenantUser) -> Asker {
    Asker {
        rights: user.rights.clone(),
        language: user.user.language,
    }
}

/// Answers up to 20 people, classes and people in a class for the words of `q`, in any order: of a name, a username, a class; or an id.
pub(super) async fn search(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    RawQuery(query): RawQuery,
) -> Result<Json<SearchAnswer>, ApiError> {
    let known = desk.directories.get(&user.tenant_id).await?;
    let asker = asker(&user);
    let form = Form::read(query.unwrap_or_default().as_bytes())?;
    let text: String = form.get("q").unwrap_or_default().chars().take(TEXT_MAX).collect();
    let searching = tokio::task::spawn_blocking(move || search::search(&known, &asker, &text));
    Ok(Json(searching.await.map_err(|_| Error::Interrupted)??))
}

/// Answers why. Who is only at places that may not be seen answers as nobody.
pub(super) async fn why(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    RawQuery(query): RawQuery,
) -> Result<Json<WhyAnswer>, ApiError> {
    let asked = asked(query.as_deref())?;
    let known = desk.directories.get(&user.tenant_id).await?;
    let answer = search::why(&desk.pool, (&user.tenant_id, known), &asker(&user), asked).await?;
    answer.map(Json).ok_or_else(|| DeskError::NotFound.into())
}

/// Answers what is probably not right with a person, a class or a membership.
pub(super) async fn findings(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    RawQuery(query): RawQuery,
) -> Result<Json<Findings>, ApiError> {
    let asked = asked(query.as_deref())?;
    let known = desk.directories.get(&user.tenant_id).await?;
    let answer = search::findings(&desk.pool, (&user.tenant_id, &known), &asker(&user), asked).await?;
    answer.map(Json).ok_or_else(|| DeskError::NotFound.into())
}
