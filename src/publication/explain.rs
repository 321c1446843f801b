//! The causes of a publication's changes, found in its inputs while they are in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use oneroster_school::informat::Mirror;
use oneroster_school::projection::{self, ClassFacts, ExplainRequest, Roster, Sources};
use oneroster_school::tenant::Configuration;
use oneroster_school::username::Record;
use oneroster_standard::Kind;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, ended_on};
use crate::roster::{Action, Causes, Change, EndedEnrollments, Judged, ObjectKeys, generations, versions};

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
    /// What they say of its classes and is not published.
    pub(super) class_facts: BTreeMap<String, ClassFacts>,
    /// The first day on which they can give something else.
    pub(super) next_change: Option<NaiveDate>,
}

impl Evidence {
    /// Returns what a publication comes to that is not held.
    pub(super) const fn judged(&self) -> Judged {
        Judged::Passed {
            next_change: self.next_change,
        }
    }
}

/// A change whose causes are looked for.
struct ChangeToExplain {
    kind: Kind,
    sourced_id: String,
    is_removed: bool,
    /// The content the object had, where the causes of its removal depend on it.
    content: Option<String>,
}

/// What the inputs of a generation tell of its changes.
#[derive(Debug, Default)]
pub(super) struct Explained {
    /// The causes of removals, and of users that are added or changed.
    pub(super) causes: Causes,
    /// Until when the enrollments were true that are removed.
    pub(super) ended: EndedEnrollments,
}

/// Finds what only the inputs of a generation can tell of its changes; `day` is the one it is the state of, and not ahead.
pub(super) async fn explained(
    connection: &mut PgConnection,
    tenant_id: &str,
    evidence: &Arc<Evidence>,
    (number, day, changes): (i64, NaiveDate, &[Change]),
) -> Result<Explained, Error> {
    let mut contents = removed_contents(connection, tenant_id, changes).await?;
    let asked: Vec<ChangeToExplain> = changes
        .iter()
        .filter(|change| match change.action {
            Action::Removed => true,
            Action::Added | Action::Returned | Action::Changed => change.kind == Kind::Users,
            Action::Purged | Action::Redated => false,
        })
        .map(|change| ChangeToExplain {
            kind: change.kind,
            sourced_id: change.sourced_id.clone(),
            is_removed: change.action == Action::Removed,
            content: contents.remove(&(change.kind, change.sourced_id.clone())),
        })
        .collect();
    if asked.is_empty() {
        return Ok(Explained::default());
    }
    let last_seen = generations::reference_date(connection, tenant_id, number - 1).await?;
    let evidence = Arc::clone(evidence);
    let explained = tokio::task::spawn_blocking(move || {
        let removed: Vec<(String, String)> = asked
            .iter()
            .filter(|asked| asked.is_removed && asked.kind == Kind::Enrollments)
            .filter_map(|asked| Some((asked.sourced_id.clone(), asked.content.clone()?)))
            .collect();
        let causes = answer(&evidence, last_seen, asked)?;
        let ended = ended_on::all(&removed, &causes, day);
        Ok(Explained { causes, ended })
    });
    explained.await.map_err(|_| Error::Interrupted)?
}

fn answer(
    evidence: &Evidence,
    last_seen: Option<NaiveDate>,
    asked: Vec<ChangeToExplain>,
) -> Result<Causes, Error> {
    let sources = Sources {
        mirror: &evidence.mirror,
        usernames: &evidence.usernames,
        configuration: &evidence.configuration,
        school_year: &evidence.configuration.active_school_year,
        today: evidence.today,
        last_seen,
    };
    let requests: Vec<ExplainRequest<'_>> = asked
        .iter()
        .map(|asked| {
            let sourced_id = asked.sourced_id.as_str();
            if asked.is_removed {
                ExplainRequest::Removed {
                    kind: asked.kind,
                    sourced_id,
                    content: asked.content.as_deref().unwrap_or_default(),
                }
            } else {
                ExplainRequest::User { sourced_id }
            }
        })
        .collect();
    let answers = projection::explain(&sources, &evidence.roster, &requests)?;
    Ok(asked
        .into_iter()
        .zip(answers)
        .filter(|(_, causes)| !causes.is_empty())
        .map(|(asked, causes)| ((asked.kind, asked.sourced_id), causes))
        .collect())
}

/// Reads the content of users and enrollments that are removed: with which role and at which sites they were published.
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
