//! The outcome of a publication.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Error;
use crate::roster::{Change, Hold, Summary, head};

/// What a publication did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// A new generation.
    Published,
    /// Nothing to publish: no generation was made.
    Unchanged,
    /// The brake holds it: no generation was made, the last one is served.
    Held,
}

/// The outcome of a publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// What it did.
    pub state: State,
    /// The newest generation after it; `None` before the first, and in a dry run that would make one.
    pub generation: Option<Uuid>,
    /// The date of that generation.
    pub published_at: Option<DateTime<Utc>>,
    /// How many objects it touched, or would touch if it were not held.
    pub summary: Summary,
    /// Which objects: in a dry run only.
    pub changes: Vec<Change>,
    /// What is held.
    pub held: Option<Hold>,
    /// What was held before: discarded, or to be released and no longer what would be published.
    pub held_before: Option<Hold>,
}

/// Returns the outcome of a publication that publishes nothing: the newest generation, and what is held.
pub(super) async fn held_or_unchanged(
    connection: &mut PgConnection,
    tenant_id: &str,
    pending: Option<Hold>,
) -> Result<Publication, Error> {
    let mut publication = unchanged(connection, tenant_id).await?;
    if let Some(hold) = pending.filter(|hold| !hold.is_discarded) {
        publication.state = State::Held;
        publication.summary = hold.summary.clone();
        publication.held = Some(hold);
    }
    Ok(publication)
}

/// Returns the outcome of a publication that finds nothing to publish: the newest generation.
pub(super) async fn unchanged(connection: &mut PgConnection, tenant_id: &str) -> Result<Publication, Error> {
    let head = head::get(connection, tenant_id).await?;
    Ok(Publication {
        state: State::Unchanged,
        generation: head.generation_id,
        published_at: head.published_at,
        summary: Summary::default(),
        changes: Vec::new(),
        held: None,
        held_before: None,
    })
}
