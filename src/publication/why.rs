//! Why a person or a class is published on a day, or is not: what the projection says, and what became of it.

use chrono::{DateTime, NaiveDate, Utc};
use oneroster_school::data_quality::Finding;
use oneroster_school::projection::why::{Answer, Candidate, CandidateKind, Question, Reason};
use oneroster_standard::{Kind, StatusType};
use serde_json::json;
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use super::examine::{findings, known_in_scope_of, neighbours};
use super::{Error, inputs};
use crate::accounts::records::lookup::{self, Change};
use crate::audit;
use crate::db::scope;
use crate::mirror::memory;
use crate::roster::{Hold, ObjectKeys, Version, generations, holds, retention, versions};
use crate::synclog;

/// How old a complete pull may be whose reading is told, in days.
const READ_DAYS_MAX: i32 = 30;

/// How many others that a text may mean are named.
pub const OTHERS_MAX: usize = 20;

/// Why somebody or something is published on a day, or is not.
#[derive(Debug)]
pub struct Explained {
    /// What was asked about; `None` if nothing is called so.
    pub candidate: Option<Candidate>,
    /// The day.
    pub on: NaiveDate,
    /// What today's data say of that day.
    pub answer: Answer,
    /// What was served at the end of that day, or is served now; `None` = that is not known, or to come.
    pub served: Option<Served>,
    /// The publication that is held now, if it would have them and the day is not past.
    pub held: Option<Hold>,
    /// The last change of the Sync flag.
    pub flag: Option<Change>,
    /// When a bundle was last loaded.
    pub loaded_at: Option<DateTime<Utc>>,
    /// Whether the newest generation that a complete pull has read within 30 days had them; `None` where there is no such pull.
    pub read: Option<Read>,
    /// What is probably not right with them, by today's data.
    pub findings: Vec<Finding>,
    /// What else the text may mean, the best first.
    pub others: Vec<Candidate>,
}

/// What consumers could read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// The generation.
    pub number: i64,
    /// When it was published, by the database's clock.
    pub committed_at: DateTime<Utc>,
    /// Whether it had them.
    pub is_there: bool,
}

/// What a complete pull has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// The generation.
    pub number: i64,
    /// Whether it had them.
    pub is_there: bool,
}

/// Answers for whom or what `text` means: an id, a username, a name, a class; `on` none = today in Brussels. Enters in the audit
/// trail that it was asked, and about whom.
pub async fn why(
    pool: &PgPool,
    tenant_id: &str,
    text: &str,
    on: Option<NaiveDate>,
) -> Result<Explained, Error> {
    let mut connection = pool.acquire().await?;
    let Some(inputs) = inputs::read(&mut connection, tenant_id, true).await? else {
        return Err(Error::Interrupted);
    };
    let (today, text) = (inputs.clock_day, text.to_owned());
    let on = on.unwrap_or(today);
    let known = known_in_scope_of(&mut connection, tenant_id, &inputs.usernames).await?;
    let neighbours = neighbours(&mut connection, &inputs.configuration).await?;
    // On a thread for blocking work: a large group takes a while to look through.
    let answering = tokio::task::spawn_blocking(move || {
        let question = Question {
            mirror: &inputs.mirror,
            usernames: &inputs.usernames,
            configuration: &inputs.configuration,
            on,
        };
        let mut candidates = question.candidates(&text).into_iter();
        let candidate = candidates.next();
        let answer = match &candidate {
            Some(candidate) if candidate.kind == CandidateKind::Class => question.class(candidate.id),
            Some(candidate) => question.person(candidate.id),
            None => question.person(Uuid::nil()),
        };
        let others = candidates.take(OTHERS_MAX).collect();
        let findings = match &candidate {
            Some(candidate) => findings_about(&candidate.id, findings(&inputs, &known, &neighbours)?),
            None => Vec::new(),
        };
        answer.map(|answer| (candidate, answer, others, findings))
    });
    let (candidate, answer, others, findings) = answering.await.map_err(|_| Error::Interrupted)??;
    let mut explained = Explained {
        candidate,
        on,
        answer,
        served: None,
        held: None,
        flag: None,
        loaded_at: None,
        read: None,
        findings,
        others,
    };
    let mut transaction = connection.begin().await?;
    scope::enter(&mut transaction, tenant_id).await?;
    add_what_became_of_it(&mut transaction, tenant_id, today, &mut explained).await?;
    transaction.commit().await?;
    Ok(explained)
}

async fn add_what_became_of_it(
    connection: &mut PgConnection,
    tenant_id: &str,
    today: NaiveDate,
    explained: &mut Explained,
) -> Result<(), Error> {
    let Some(candidate) = &explained.candidate else {
        return Ok(());
    };
    let (id, kind) = (candidate.id.hyphenated().to_string(), kind(candidate));
    let versions = Versions::read(connection, tenant_id, (kind, &id)).await?;
    if explained.on <= today {
        let newest = generations::newest_on(connection, tenant_id, explained.on).await?;
        explained.served = newest.and_then(|(number, committed_at)| {
            let is_there = versions.has(number)?;
            Some(Served {
                number,
                committed_at,
                is_there,
            })
        });
    }
    let read = synclog::last_complete_pull(connection, tenant_id, i64::MAX, READ_DAYS_MAX).await?;
    explained.read = read.and_then(|number| {
        let is_there = versions.has(number)?;
        Some(Read { number, is_there })
    });
    explained.loaded_at = memory::last_load(connection, tenant_id).await?;
    if explained.on == today && explained.answer.reason == Reason::Published {
        explained.held = holds::find(connection, tenant_id)
            .await?
            .filter(|_| explained.served.is_none_or(|served| !served.is_there));
    }
    if candidate.kind == CandidateKind::Person {
        let changes = lookup::history(connection, tenant_id, candidate.id).await?;
        explained.flag = changes.into_iter().rfind(|change| change.field == "sync");
    }
    let detail = json!({ "kind": kind.collection(), "sourced_id": id, "on": explained.on });
    audit::note(connection, tenant_id, "asked_why", &detail).await?;
    Ok(())
}

/// Returns what kind of object a candidate is published as.
pub const fn kind(candidate: &Candidate) -> Kind {
    match candidate.kind {
        CandidateKind::Person => Kind::Users,
        CandidateKind::Class => Kind::Classes,
    }
}

/// The versions of an object, as far as they are kept.
struct Versions {
    versions: Vec<Version>,
    /// The first generation that is kept whole.
    whole_from: i64,
}

impl Versions {
    async fn read(
        connection: &mut PgConnection,
        tenant_id: &str,
        (kind, id): (Kind, &str),
    ) -> Result<Self, Error> {
        let whole_from = retention::whole_from(connection, tenant_id).await?;
        let keys: ObjectKeys = [(kind, id)].into_iter().collect();
        let versions = versions::of_objects(connection, tenant_id, &keys).await?;
        Ok(Self { versions, whole_from })
    }

    /// Returns whether a generation has the object; `None` where that is no longer kept.
    fn has(&self, number: i64) -> Option<bool> {
        let then = self
            .versions
            .iter()
            .rfind(|version| version.from_number <= number);
        let is_active = then.is_some_and(|version| version.status == StatusType::Active);
        (number >= self.whole_from).then_some(is_active)
    }
}

/// Returns the findings about one object.
fn findings_about(id: &Uuid, findings: Vec<Finding>) -> Vec<Finding> {
    let id = id.hyphenated().to_string();
    findings
        .into_iter()
        .filter(|finding| finding.sourced_id == id)
        .collect()
}
