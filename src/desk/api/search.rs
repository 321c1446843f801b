//! *Zoeken*: search, and why somebody or something is published or not.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::refusal::ApiError;
use crate::desk::error::DeskError;
use crate::desk::search::{self, Asker, Findings, SearchAnswer, WhyAnswer, WhyAsked};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::publication::Error;

/// Longest text that is looked for, in characters.
const TEXT_MAX: usize = 200;

/// What is looked for.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::desk) struct SearchQuestion {
    /// Words in any order: of a name, a username, a class; or an id.
    #[serde(default)]
    q: String,
}

/// What is asked about.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::desk) struct WhyQuestion {
    /// The person's id.
    person: Option<String>,
    /// The class's id. With a person: the person in that class.
    class: Option<String>,
    /// The day, YYYY-MM-DD; default: today.
    on: Option<String>,
}

impl WhyQuestion {
    /// Reads ids and day. What is no id is nobody's.
    fn asked(self) -> Result<WhyAsked, ApiError> {
        let id = |text: Option<String>| text.map(|text| Uuid::try_parse(&text)).transpose();
        let (Ok(person), Ok(class)) = (id(self.person), id(self.class)) else {
            return Err(DeskError::NotFound.into());
        };
        let day = |text: String| {
            text.parse::<NaiveDate>()
                .map_err(|_| ApiError::Malformed(format!("{text:?} is no day; write YYYY-MM-DD")))
        };
        let on = self.on.map(day).transpose()?;
        Ok(WhyAsked { person, class, on })
    }
}

fn asker(user: &TenantUser) -> Asker {
    Asker {
        rights: user.rights.clone(),
        language: user.user.language,
    }
}

/// Answers up to 20 people, classes and people in a class.
pub(super) async fn search(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Query(question): Query<SearchQuestion>,
) -> Result<Json<SearchAnswer>, ApiError> {
    let known = desk.directories.get(&user.tenant_id).await?;
    let asker = asker(&user);
    let text: String = question.q.chars().take(TEXT_MAX).collect();
    let searching = tokio::task::spawn_blocking(move || search::search(&known, &asker, &text));
    Ok(Json(searching.await.map_err(|_| Error::Interrupted)??))
}

/// Answers why. Who is only at places that may not be seen answers as nobody.
pub(super) async fn why(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Query(question): Query<WhyQuestion>,
) -> Result<Json<WhyAnswer>, ApiError> {
    let asked = question.asked()?;
    let known = desk.directories.get(&user.tenant_id).await?;
    let answer = search::why(&desk.pool, (&user.tenant_id, known), &asker(&user), asked).await?;
    answer.map(Json).ok_or_else(|| DeskError::NotFound.into())
}

/// Answers what is probably not right with a person, a class or a membership.
pub(super) async fn findings(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Query(question): Query<WhyQuestion>,
) -> Result<Json<Findings>, ApiError> {
    let asked = question.asked()?;
    let known = desk.directories.get(&user.tenant_id).await?;
    let answer = search::findings(&desk.pool, (&user.tenant_id, &known), &asker(&user), asked).await?;
    answer.map(Json).ok_or_else(|| DeskError::NotFound.into())
}
