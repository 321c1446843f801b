//! What is asked about, with what of it who asks may see.

use chrono::NaiveDate;
use oneroster_school::directory::{Entry, Seen};
use oneroster_school::projection::why::{Answer, CandidateKind, Fact, Question};
use oneroster_standard::Kind;
use uuid::Uuid;

use super::sentence::Words;
use crate::publication::Error;
use crate::publication::why::Subject;

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

/// What is looked at, with what of it who asks may see.
pub(super) struct Looked<'a> {
    pub(super) seen: &'a Seen<'a>,
    pub(super) question: &'a Question<'a>,
    pub(super) person: Option<&'a Entry>,
    pub(super) class: Option<&'a Entry>,
}

impl<'a> Looked<'a> {
    /// Finds it by id; `None` if any of it does not exist or may not be seen.
    pub(super) fn find(seen: &'a Seen<'a>, question: &'a Question<'a>, asked: WhyAsked) -> Option<Self> {
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

    pub(super) fn subject(&self) -> Option<Subject> {
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
