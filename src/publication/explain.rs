//! Why the changes of a publication come about, asked of its inputs while they are at hand.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use oneroster_school::informat::Mirror;
use oneroster_school::projection::{self, Question, Roster, Sources};
use oneroster_school::tenant::Configuration;
use oneroster_school::username::Record;
use oneroster_standard::Kind;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Error;
use crate::roster::{Action, Causes, Change, ObjectKeys, versions};

/// The inputs of a publication, and the roster they gave.
#[derive(Debug)]
pub(super) struct Evidence {
    /// Informat's data.
    pub(super) mirror: Mirror,
    /// Username records by person.
    pub(super) usernames: HashMap<Uuid, Record>,
    /// The tenant file.
    pub(super) configuration: Configuration,
    /// The day in Brussels.
    pub(super) today: NaiveDate,
    /// What they gave.
    pub(super) roster: Roster,
}

/// What is asked about one change: the content the object had, where that is needed to tell why it goes.
struct Asked {
    kind: Kind,
    sourced_id: String,
    goes: bool,
    content: Option<String>,
}

/// Finds the causes of changes, as far as only their inputs can tell: of what goes, and of users that come or change.
pub(super) async fn causes(
    connection: &mut PgConnection,
    tenant_id: &str,
    evidence: &Arc<Evidence>,
    changes: &[Change],
) -> Result<Causes, Error> {
    let mut contents = removed_contents(connection, tenant_id, changes).await?;
    let asked: Vec<Asked> = changes
        .iter()
        .filter(|change| match change.action {
            Action::Removed => true,
            Action::Added | Action::Returned | Action::Changed => change.kind == Kind::Users,
            Action::Purged | Action::Redated => false,
        })
        .map(|change| Asked {
            kind: change.kind,
            sourced_id: change.sourced_id.clone(),
            goes: change.action == Action::Removed,
            content: contents.remove(&(change.kind, change.sourced_id.clone())),
        })
        .collect();
    if asked.is_empty() {
        return Ok(Causes::new());
    }
    let evidence = Arc::clone(evidence);
    tokio::task::spawn_blocking(move || answer(&evidence, asked))
        .await
        .map_err(|_| Error::Interrupted)?
}

fn answer(evidence: &Evidence, asked: Vec<Asked>) -> Result<Causes, Error> {
    let sources = Sources {
        mirror: &evidence.mirror,
        usernames: &evidence.usernames,
        configuration: &evidence.configuration,
        school_year: &evidence.configuration.active_school_year,
        today: evidence.today,
    };
    let questions: Vec<Question<'_>> = asked
        .iter()
        .map(|asked| {
            let sourced_id = asked.sourced_id.as_str();
            if asked.goes {
                Question::Gone {
                    kind: asked.kind,
                    sourced_id,
                    content: asked.content.as_deref().unwrap_or_default(),
                }
            } else {
                Question::User { sourced_id }
            }
        })
        .collect();
    let answers = projection::explain(&sources, &evidence.roster, &questions)?;
    Ok(asked
        .into_iter()
        .zip(answers)
        .filter(|(_, causes)| !causes.is_empty())
        .map(|(asked, causes)| ((asked.kind, asked.sourced_id), causes))
        .collect())
}

/// Reads what users and enrollments that go were: it tells as what and where they were published.
async fn removed_contents(
    connection: &mut PgConnection,
    tenant_id: &str,
    changes: &[Change],
) -> Result<HashMap<(Kind, String), String>, Error> {
    let removed = changes.iter().filter(|change| {
        change.action == Action::Removed && matches!(change.kind, Kind::Users | Kind::Enrollments)
    });
    let keys: ObjectKeys = removed
        .map(|change| (change.kind, change.sourced_id.as_str()))
        .collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let versions = versions::current_of(connection, tenant_id, &keys).await?;
    Ok(versions
        .into_iter()
        .map(|version| ((version.kind, version.sourced_id), version.content))
        .collect())
}
