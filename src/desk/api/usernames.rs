//! The list of usernames: rows and counts.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::body::Body;
use crate::desk::list::{Counts, Filter, Person, Seen, Sort};
use crate::desk::refusal::ApiError;
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;

/// How many rows one answer has at most.
const ROWS_MAX: usize = 1000;

/// Which rows of the list are wanted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct RowsQuestion {
    /// The first, counted from 0.
    #[serde(default)]
    from: usize,
    /// The first that is wanted no more. An answer has 1000 at most.
    to: usize,
    /// The columns to sort by; none = family name, given name.
    #[serde(default)]
    sort: Vec<Sort>,
    /// Which people are meant.
    #[serde(default)]
    filter: Filter,
}

/// Rows of the list.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct RowsAnswer {
    /// How many people are meant.
    total: usize,
    /// The version of the list: rows of another one do not go together with these.
    version: String,
    /// The rows.
    rows: Vec<Person>,
}

/// Which people are counted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct CountsQuestion {
    /// Which people are meant.
    #[serde(default)]
    filter: Filter,
}

/// Answers rows.
pub(super) async fn rows(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(question): Body<RowsQuestion>,
) -> Result<Json<RowsAnswer>, ApiError> {
    let view = desk.lists.get(&user.tenant_id).await?;
    let seen = Seen::new(&view, &user.rights);
    let people = seen.people(&question.filter, &question.sort);
    let to = question.to.min(question.from.saturating_add(ROWS_MAX));
    Ok(Json(RowsAnswer {
        total: people.len(),
        version: view.version(),
        rows: seen.range(&people, question.from, to),
    }))
}

/// Answers how many people are meant, and how many of them have each mark.
pub(super) async fn counts(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(question): Body<CountsQuestion>,
) -> Result<Json<Counts>, ApiError> {
    let view = desk.lists.get(&user.tenant_id).await?;
    Ok(Json(Seen::new(&view, &user.rights).counts(&question.filter)))
}
