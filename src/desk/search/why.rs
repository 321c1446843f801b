//! Why somebody or something is published, within what who asks may see.

use std::sync::Arc;

use chrono::NaiveDate;
use oneroster_school::data_quality::Finding;
use oneroster_school::directory::{Entry, Seen};
use oneroster_school::projection::why::{Answer, CandidateKind, Fact, Question};
use oneroster_standard::Kind;
use sqlx::PgPool;
use uuid::Uuid;

use super::answer::{Findings, ShownFinding, WhyAnswer};
use super::known::Known;
use super::sentence::Words;
use super::{Asker, steps};
use crate::db::scope;
use crate::desk::language;
use crate::publication::Error;
use crate::publication::why::{Became, Found, Subject, became};
use crate::report::why::reason_word;

/// What is asked about: a person, a class, or a person in a class.
#[derive(Debug, Clone, Copy, Default)]
pub struct WhyAsked {
    /// The person.
    pub person: Option<Uuid>,
    /// The class.
    pub class: Option<Uuid>,
    /// The day; none = today.
    pub on: Option<NaiveDate>,
}

/// Answers why; `None` for what does not exist and for what who asks may not see.
pub async fn why(
    pool: &PgPool,
    (tenant_id, known): (&str, Arc<Known>),
    asker: &Asker,
    asked: WhyAsked,
) -> Result<Option<WhyAnswer>, Error> {
    let on = asked.on.unwrap_or_else(|| known.today());
    let Some((found, answer)) = look(&known, asker, asked, on)? else {
        return Ok(None);
    };
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let days = (on, known.today());
    let outcome = became(&mut transaction, tenant_id, &found, days, &answer).await?;
    transaction.commit().await?;
    shown(&known, asker, asked, (found, answer, outcome, on))
}

fn look(
    known: &Known,
    asker: &Asker,
    asked: WhyAsked,
    on: NaiveDate,
) -> Result<Option<(Found, Answer)>, Error> {
    let (seen, question) = (asker.sees(known), known.question(on));
    let Some(looked) = Looked::find(&seen, &question, asked) else {
        return Ok(None);
    };
    let answer = looked.answer()?;
    let Some((kind, sourced_id)) = looked.subject().and_then(|subject| subject.object(&question)) else {
        return Ok(None);
    };
    let Some(subject) = looked.subject() else {
        return Ok(None);
    };
    let found = Found {
        subject,
        kind,
        sourced_id,
        label: String::new(),
    };
    Ok(Some((found, answer)))
}

fn shown(
    known: &Known,
    asker: &Asker,
    asked: WhyAsked,
    (found, answer, mut outcome, on): (Found, Answer, Became, NaiveDate),
) -> Result<Option<WhyAnswer>, Error> {
    let (seen, question) = (asker.sees(known), known.question(on));
    let Some(looked) = Looked::find(&seen, &question, asked) else {
        return Ok(None);
    };
    let words = Words {
        language: asker.language,
        seen: &seen,
    };
    if !looked.is_whole() && !answer.is_published() {
        // What is served of them is so by places that are not shown.
        (outcome.served, outcome.read, outcome.held) = (None, None, None);
    }
    let is_held = outcome.held.is_some();
    let id = |entry: Option<&Entry>| entry.map(|entry| entry.id.hyphenated().to_string());
    let record = asked
        .person
        .and_then(|person| known.listing.usernames.get(&person));
    Ok(Some(WhyAnswer {
        kind: found.kind,
        person: id(looked.person),
        class: id(looked.class),
        label: looked.label(&words),
        places: looked.places(),
        on,
        published: answer.is_published(),
        served: outcome.served.map(|served| served.is_there),
        reason: if is_held {
            "held"
        } else {
            reason_word(&answer.reason)
        }
        .to_owned(),
        sentence: if is_held {
            words.held()
        } else {
            words.sentence(&answer, found.kind)
        },
        change: if is_held {
            Some(words.change_of_held())
        } else {
            words.change(&answer.reason)
        },
        from: answer.from,
        until: answer.until,
        username: record.map(|record| record.local_part.clone()),
        steps: steps::steps(&words, &looked, (&answer, &outcome), record),
    }))
}

/// Returns what is probably not right; `None` as [`why`]. Of somebody who is also at places that are not shown nothing is said: it
/// may be about those.
pub(in crate::desk) async fn findings(
    pool: &PgPool,
    (tenant_id, known): (&str, &Known),
    asker: &Asker,
    asked: WhyAsked,
) -> Result<Option<Findings>, Error> {
    let on = known.today();
    let Some((found, _)) = look(known, asker, asked, on)? else {
        return Ok(None);
    };
    let all = known.findings(pool, tenant_id).await?;
    let is_whole = {
        let (seen, question) = (asker.sees(known), known.question(on));
        Looked::find(&seen, &question, asked).is_some_and(|looked| looked.is_whole())
    };
    let mut about = found.subject.findings(&(found.kind, found.sourced_id), all);
    about.retain(|_| is_whole);
    about.sort_by_key(|finding| (finding.severity, finding.rule));
    about.dedup_by_key(|finding| finding.rule);
    let shown = |finding: &Finding| {
        let key = format!("overview-rule-{}", finding.rule.id());
        ShownFinding {
            rule: finding.rule.id(),
            severity: finding.severity.as_str(),
            text: language::text(asker.language, &key),
            what_to_do: language::text(asker.language, &format!("{key}-do")),
        }
    };
    Ok(Some(Findings {
        findings: about.iter().map(shown).collect(),
    }))
}

/// What is looked at, with what of it who asks may see.
pub(super) struct Looked<'a> {
    pub(super) seen: &'a Seen<'a>,
    pub(super) question: &'a Question<'a>,
    pub(super) person: Option<&'a Entry>,
    pub(super) class: Option<&'a Entry>,
}

impl<'a> Looked<'a> {
    /// Finds it by id; `None` if any of it does not exist or may not be seen.
    fn find(seen: &'a Seen<'a>, question: &'a Question<'a>, asked: WhyAsked) -> Option<Self> {
        let entry = |kind, id: Option<Uuid>| match id {
            Some(id) => seen.entry(kind, id).map(Some),
            None => Some(None),
        };
        let person = entry(CandidateKind::Person, asked.person)?;
        let class = entry(CandidateKind::Class, asked.class)?;
        (person.is_some() || class.is_some()).then_some(Self {
            seen,
            question,
            person,
            class,
        })
    }

    fn subject(&self) -> Option<Subject> {
        match (self.person, self.class) {
            (Some(person), Some(class)) => Some(Subject::Membership {
                person: person.id,
                class: class.id,
            }),
            (Some(person), None) => Some(Subject::Person(person.id)),
            (None, Some(class)) => Some(Subject::Class(class.id)),
            (None, None) => None,
        }
    }

    pub(super) const fn kind(&self) -> Kind {
        match (self.person, self.class) {
            (Some(_), Some(_)) => Kind::Enrollments,
            (None, Some(_)) => Kind::Classes,
            (Some(_) | None, None) => Kind::Users,
        }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &'a Entry> {
        self.person.into_iter().chain(self.class)
    }

    pub(super) fn is_whole(&self) -> bool {
        self.entries().all(|entry| self.seen.is_whole(entry))
    }

    pub(super) fn label(&self, words: &Words<'_>) -> String {
        words.label(self.person, self.class)
    }

    /// Returns the places, in words.
    pub(super) fn places(&self) -> String {
        let entry = self.class.or(self.person);
        let places = entry.map(|entry| self.seen.places(entry)).unwrap_or_default();
        let names = places.into_iter().map(|place| match place.name.as_str() {
            "" => place.org_id.as_str(),
            name => name,
        });
        let mut names: Vec<&str> = names.collect();
        names.dedup();
        names.join(", ")
    }

    /// Answers by the rows at places that may be seen, as if there were no others.
    pub(super) fn answer(&self) -> Result<Answer, Error> {
        let ids = (
            self.person.map(|entry| entry.id),
            self.class.map(|entry| entry.id),
        );
        let mut mirror = self.question.narrowed(ids.0, ids.1);
        let Some(subject) = self.subject() else {
            return Ok(self.question.person(Uuid::nil())?);
        };
        if self.is_whole() {
            let question = Question {
                mirror: &mirror,
                ..*self.question
            };
            return Ok(subject.answer(&question)?);
        }
        let whole = mirror.clone();
        self.seen.restrict(&mut mirror, self.question);
        let question = Question {
            mirror: &mirror,
            ..*self.question
        };
        let mut answer = subject.answer(&question)?;
        if let Some(person) = ids.0 {
            let question = Question {
                mirror: &whole,
                ..*self.question
            };
            correct_domain(&mut answer, question.person(person)?);
        }
        Ok(answer)
    }
}

/// The domain is that of all the person's places: the login that the list shows.
fn correct_domain(answer: &mut Answer, of_all: Answer) {
    let is_domain = |fact: &Fact| matches!(fact, Fact::Domain { .. });
    let step = answer.steps.iter_mut().find(|step| is_domain(&step.fact));
    let whole = of_all.steps.into_iter().find(|step| is_domain(&step.fact));
    if let Some((step, whole)) = step.zip(whole) {
        *step = whole;
    }
}
