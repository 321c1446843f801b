//! A held publication: an operator lets it through, or discards it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::body::Body;
use crate::desk::error::DeskError;
use crate::desk::language::text;
use crate::desk::refusal::{ApiError, Refused};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::publication::{self, Options, Publication, Release};

/// A decision about what is held.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct HoldQuestion {
    /// What the page showed: nobody decides about something else.
    hold: String,
}

/// What became of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct HoldAnswer {
    /// Whether there is a new publication.
    published: bool,
}

/// Publishes what is held, if it is still what the page showed (R116). For operators.
pub(super) async fn release(
    State(desk): State<Arc<Desk>>,
    asker: TenantUser,
    Body(question): Body<HoldQuestion>,
) -> Result<Json<HoldAnswer>, ApiError> {
    require_operator(&asker)?;
    let (pool, tenant_id, by) = (desk.pool.clone(), asker.tenant_id.clone(), asker.user.author()?);
    // A publication takes seconds: it goes on when the browser does not wait.
    let publishing = tokio::spawn(async move {
        let release = Release {
            by: by.as_str(),
            hold: Some(&question.hold),
        };
        publication::release(&pool, &tenant_id, Options::default(), release).await
    });
    let released = publishing.await.map_err(|_| publication::Error::Interrupted)??;
    // What was held is as it was before, or is published already: nothing was let through.
    if released.held.is_none() && released.state != publication::State::Published {
        return Err(gone(&asker));
    }
    answer(&asker, &released)
}

/// Sets aside what is held, if it is still what the page showed. For operators.
pub(super) async fn discard(
    State(desk): State<Arc<Desk>>,
    asker: TenantUser,
    Body(question): Body<HoldQuestion>,
) -> Result<Json<HoldAnswer>, ApiError> {
    require_operator(&asker)?;
    let by = asker.user.author()?;
    let discarded =
        publication::discard(&desk.pool, &asker.tenant_id, by.as_str(), Some(&question.hold)).await?;
    if discarded.held.is_none() && discarded.held_before.is_none() {
        return Err(gone(&asker));
    }
    answer(&asker, &discarded)
}

fn require_operator(asker: &TenantUser) -> Result<(), DeskError> {
    if asker.user.is_operator {
        Ok(())
    } else {
        Err(DeskError::NotFound)
    }
}

fn answer(asker: &TenantUser, publication: &Publication) -> Result<Json<HoldAnswer>, ApiError> {
    if publication.held.is_some() {
        let message = text(asker.user.language, "overview-held-changed");
        return Err(Refused::conflict("hold-changed", message).into());
    }
    Ok(Json(HoldAnswer {
        published: publication.state == publication::State::Published,
    }))
}

fn gone(asker: &TenantUser) -> ApiError {
    Refused::conflict("hold-gone", text(asker.user.language, "overview-held-gone")).into()
}
