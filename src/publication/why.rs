//! Why a person, a class or a membership is published on a day, or is not: what the projection says, and what became of it.

mod became;
mod subject;

use chrono::NaiveDate;
use oneroster_school::data_quality::Finding;
use oneroster_school::informat::school_year::UnknownSchoolYear;
use oneroster_school::projection::why::{Answer, Candidate, CandidateKind, Question};
use oneroster_standard::Kind;
use serde_json::json;
use sqlx::{Connection, PgPool};
use uuid::Uuid;

pub use became::{Became, Read, Served, became};
pub use subject::{Found, Subject};

use super::examine::{findings, known_in_scope_of, neighbours};
use super::{Error, inputs};
use crate::accounts::records;
use crate::audit;
use crate::db::scope;
use crate::tenants::{self, PersonErasure};

/// How many others that a text may mean are named.
pub const OTHERS_MAX: usize = 20;

/// Why somebody or something is published on a day, or is not.
#[derive(Debug)]
pub struct Explained {
    /// What was asked about; `None` if nothing is called so.
    pub found: Option<Found>,
    /// The day.
    pub on: NaiveDate,
    /// What today's data say of that day.
    pub answer: Answer,
    /// What became of it.
    pub outcome: Became,
    /// What is probably not right with them, by today's data.
    pub findings: Vec<Finding>,
    /// What else the text may mean, the best first.
    pub others: Vec<Candidate>,
    /// That the person was erased, and is not there again.
    pub erased: Option<PersonErasure>,
}

/// A question in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// An id, a username, a name; a class if `class` is none.
    pub who: String,
    /// The class whose membership is asked about: an id, a code, a name or a title.
    pub class: Option<String>,
}

impl Asked {
    /// Returns what was asked, in one text.
    pub fn text(&self) -> String {
        let class = self.class.iter().map(|class| format!(" in {class}"));
        std::iter::once(self.who.clone()).chain(class).collect()
    }
}

/// Answers for whom or what a text means: an id, a username, a name, a class; `on` none = today in Brussels. Enters in the audit
/// trail that it was asked, and about whom.
pub async fn why(
    pool: &PgPool,
    tenant_id: &str,
    asked: &Asked,
    on: Option<NaiveDate>,
) -> Result<Explained, Error> {
    let mut connection = pool.acquire().await?;
    let Some(inputs) = inputs::read(&mut connection, tenant_id, true).await? else {
        return Err(Error::Interrupted);
    };
    let (today, asked) = (inputs.clock_day, asked.clone());
    let is_gone = |id: &Uuid| records::identity(&inputs.mirror, *id).is_none();
    let gone = Uuid::try_parse(asked.who.trim()).ok().filter(is_gone);
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
        let (found, others) = find(&question, &asked);
        let Some(found) = found else {
            let answer = question.person(Uuid::nil())?;
            return Ok((None, answer, others, Vec::new()));
        };
        let findings = findings(&inputs, &known, &neighbours)?;
        let findings = found
            .subject
            .findings(&(found.kind, found.sourced_id.clone()), &findings);
        let answer = found.subject.answer(&question)?;
        Ok::<_, UnknownSchoolYear>((Some(found), answer, others, findings))
    });
    let (found, answer, others, findings) = answering.await.map_err(|_| Error::Interrupted)??;
    let mut explained = Explained {
        found,
        on,
        answer,
        outcome: Became::default(),
        findings,
        others,
        erased: None,
    };
    let mut transaction = connection.begin().await?;
    scope::enter(&mut transaction, tenant_id).await?;
    if let (None, Some(id)) = (&explained.found, gone) {
        explained.erased = tenants::erasure_of(&mut transaction, tenant_id, id).await?;
        explained.found = explained.erased.as_ref().map(|_| Found {
            subject: Subject::Person(id),
            kind: Kind::Users,
            sourced_id: id.hyphenated().to_string(),
            label: String::new(),
        });
    }
    if let Some(found) = &explained.found {
        explained.outcome =
            became(&mut transaction, tenant_id, found, (on, today), &explained.answer).await?;
        let detail = json!({ "kind": found.kind.collection(), "sourced_id": found.sourced_id, "on": on });
        audit::note(&mut transaction, tenant_id, "asked_why", &detail).await?;
    }
    transaction.commit().await?;
    Ok(explained)
}

/// Returns what is meant, and what else may be.
fn find(question: &Question<'_>, asked: &Asked) -> (Option<Found>, Vec<Candidate>) {
    let Some(class) = &asked.class else {
        let mut candidates = question.candidates(&asked.who).into_iter();
        let found = candidates.next().and_then(|candidate| {
            let subject = Subject::from(&candidate);
            named(question, subject, candidate.label)
        });
        return (found, candidates.take(OTHERS_MAX).collect());
    };
    let mut people = question.people(&asked.who).into_iter();
    let Some(person) = people.next() else {
        return (
            None,
            question.candidates(class).into_iter().take(OTHERS_MAX).collect(),
        );
    };
    let mut classes = question.classes_of(person.id, class).into_iter();
    let Some(class) = classes.next() else {
        return (
            None,
            std::iter::once(person).chain(people).take(OTHERS_MAX).collect(),
        );
    };
    let subject = Subject::Membership {
        person: person.id,
        class: class.id,
    };
    let label = format!("{} in {}", person.label, class.label);
    let others = people.chain(classes).take(OTHERS_MAX).collect();
    (named(question, subject, label), others)
}

fn named(question: &Question<'_>, subject: Subject, label: String) -> Option<Found> {
    let (kind, sourced_id) = subject.object(question)?;
    Some(Found {
        subject,
        kind,
        sourced_id,
        label,
    })
}

/// Returns what kind of object a candidate is published as.
pub const fn kind(candidate: &Candidate) -> Kind {
    match candidate.kind {
        CandidateKind::Person => Kind::Users,
        CandidateKind::Class => Kind::Classes,
    }
}
