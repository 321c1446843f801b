//! *Zoeken*: anybody and any class at the places that who asks may see, with one sentence why they are published or not, and the
//! chain of facts that it follows from.
//!
//! Whoever is only at places they may not see is not found, and asked about by id they answer as nobody does.

mod answer;
mod facts;
mod known;
mod looked;
mod rights;
mod sentence;
mod steps;
mod why;

use oneroster_school::projection::why::CandidateKind;
use oneroster_school::rights::{Access, Rights};
use uuid::Uuid;

pub use answer::{Findings, Hit, SearchAnswer, ShownFinding, ShownStep, WhyAnswer};
pub use known::{Directories, Known};
pub use looked::WhyAsked;
pub(in crate::desk) use why::findings;
pub use why::why;

use looked::Looked;
use oneroster_school::directory::{Match, Seen};
use sentence::Words;

use crate::desk::language::Language;
use crate::publication::Error;

/// How many hits a search has at most.
pub const HITS_MAX: usize = 20;

/// Who asks.
#[derive(Debug, Clone)]
pub struct Asker {
    /// What they may see.
    pub rights: Rights,
    /// The language of the sentences.
    pub language: Language,
}

impl Asker {
    fn sees<'k>(&self, known: &'k Known) -> Seen<'k> {
        let may_see = |org: &str| self.rights.org_access(org) >= Access::Read;
        known.directory.seen_by(self.rights.is_operator(), may_see)
    }
}

/// Finds people, classes, and people in a class, each with its sentence of today. Takes a while of CPU: for a thread for blocking work.
pub fn search(known: &Known, asker: &Asker, text: &str) -> Result<SearchAnswer, Error> {
    let seen = asker.sees(known);
    let question = known.question(known.today());
    let words = Words {
        language: asker.language,
        seen: &seen,
    };
    let mut found = seen.search(text, HITS_MAX + 1);
    let more = found.len() > HITS_MAX;
    found.truncate(HITS_MAX);
    let mut hits = Vec::with_capacity(found.len());
    for one in found {
        let (person, class) = match one {
            Match::One(entry) if entry.kind == CandidateKind::Person => (Some(entry), None),
            Match::One(entry) => (None, Some(entry)),
            Match::Both(person, class) => (Some(person), Some(class)),
        };
        let looked = Looked {
            seen: &seen,
            question: &question,
            person,
            class,
        };
        let answer = looked.answer()?;
        let id = |id: Option<Uuid>| id.map(|id| id.hyphenated().to_string());
        hits.push(Hit {
            kind: looked.kind(),
            person: id(person.map(|entry| entry.id)),
            class: id(class.map(|entry| entry.id)),
            label: looked.label(&words),
            places: looked.places(),
            published: answer.is_published(),
            sentence: words.sentence(&answer, looked.kind()),
        });
    }
    Ok(SearchAnswer { hits, more })
}
