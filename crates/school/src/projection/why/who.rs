//! Who or what a text may mean: an id, a username, a name of a person or of a class.

use std::collections::HashSet;

use uuid::Uuid;

use super::Question;
use crate::informat::{Klas, Persoon};
use crate::username::comparable;

/// Somebody or something that a text may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// A person, or a class.
    pub kind: CandidateKind,
    /// Its id.
    pub id: Uuid,
    /// What people call it; empty for somebody who is no longer in the mirror.
    pub label: String,
}

/// What a candidate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CandidateKind {
    /// A person.
    Person,
    /// A class.
    Class,
}

/// How well a text fits; the least fits best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Id,
    Username,
    Name,
    Words,
}

impl Question<'_> {
    /// Returns who or what a text may mean, the best first: an id, a username (`local` or `local@domain`), all of a name in either
    /// order, the beginnings of its words; of a class of the active school year its code or its name. Case, accents and
    /// apostrophes do not count.
    pub fn candidates(&self, text: &str) -> Vec<Candidate> {
        let asked = Asked::new(text);
        let people = self.mirror.persoon.iter().filter_map(|person| {
            let fit = self.fit_of_person(&asked, person)?;
            Some((fit, of_person(person)))
        });
        let active_year = &self.configuration.active_school_year;
        let classes = self.mirror.klassen.iter().filter_map(|klas| {
            let fit = asked.fit_of_class(klas)?;
            (fit == Fit::Id || klas.schooljaar.as_str() == active_year.as_str())
                .then(|| (fit, of_class(klas)))
        });
        let mut found: Vec<(Fit, Candidate)> = people.chain(classes).chain(self.gone(&asked)).collect();
        found.sort_by(|(fit, one), (other_fit, other)| {
            (fit, one.kind, &one.label, one.id).cmp(&(other_fit, other.kind, &other.label, other.id))
        });
        found.dedup_by_key(|(_, candidate)| candidate.id);
        found.into_iter().map(|(_, candidate)| candidate).collect()
    }

    fn fit_of_person(&self, asked: &Asked, person: &Persoon) -> Option<Fit> {
        if asked.id == Some(person.rowguid) {
            return Some(Fit::Id);
        }
        let record = self.usernames.get(&person.rowguid);
        if record.is_some_and(|record| asked.is_local_part(&record.local_part)) {
            return Some(Fit::Username);
        }
        asked.fit_of_names(
            person.voornaam.as_deref().unwrap_or_default(),
            person.naam.as_deref().unwrap_or_default(),
        )
    }

    /// People who are no longer in the mirror and are named by id or username.
    fn gone(&self, asked: &Asked) -> Vec<(Fit, Candidate)> {
        let known: HashSet<Uuid> = self.mirror.persoon.iter().map(|person| person.rowguid).collect();
        let gone = self
            .usernames
            .values()
            .filter(|record| !known.contains(&record.rowguid));
        gone.filter_map(|record| {
            let fit = if asked.id == Some(record.rowguid) {
                Fit::Id
            } else if asked.is_local_part(&record.local_part) {
                Fit::Username
            } else {
                return None;
            };
            let names = record.identity.as_ref();
            let label = names.map_or_else(String::new, |names| label(&names.given_name, &names.family_name));
            Some((
                fit,
                Candidate {
                    kind: CandidateKind::Person,
                    id: record.rowguid,
                    label,
                },
            ))
        })
        .collect()
    }
}

/// A text that is looked for, in the forms it is compared in.
struct Asked {
    id: Option<Uuid>,
    local_part: String,
    whole: String,
    words: Vec<String>,
}

impl Asked {
    fn new(text: &str) -> Self {
        let local_part = text.trim().split('@').next().unwrap_or_default();
        Self {
            id: Uuid::try_parse(text.trim()).ok(),
            local_part: local_part.to_lowercase(),
            whole: joined(text),
            words: words(text),
        }
    }

    fn is_local_part(&self, local_part: &str) -> bool {
        !self.local_part.is_empty() && local_part.to_lowercase() == self.local_part
    }

    fn fit_of_names(&self, given: &str, family: &str) -> Option<Fit> {
        if self.whole.is_empty() {
            return None;
        }
        let (given_joined, family_joined) = (joined(given), joined(family));
        let is_whole = [
            format!("{given_joined}{family_joined}"),
            format!("{family_joined}{given_joined}"),
        ]
        .contains(&self.whole);
        if is_whole {
            return Some(Fit::Name);
        }
        let of_person: Vec<String> = words(given).into_iter().chain(words(family)).collect();
        let begins_one = |asked: &String| of_person.iter().any(|word| word.starts_with(asked.as_str()));
        (!self.words.is_empty() && self.words.iter().all(begins_one)).then_some(Fit::Words)
    }

    fn fit_of_class(&self, klas: &Klas) -> Option<Fit> {
        if self.id == Some(klas.scoodle_id) {
            return Some(Fit::Id);
        }
        let names = [Some(klas.klascode.as_str()), klas.klas.as_deref()];
        let is_name = names
            .into_iter()
            .flatten()
            .any(|name| !self.whole.is_empty() && joined(name) == self.whole);
        is_name.then_some(Fit::Name)
    }
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|character: char| character.is_whitespace() || character == '.');
    words.map(comparable).filter(|word| !word.is_empty()).collect()
}

fn joined(text: &str) -> String {
    words(text).concat()
}

fn label(given: &str, family: &str) -> String {
    let names = [given.trim(), family.trim()];
    let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    names.join(" ")
}

fn of_person(person: &Persoon) -> Candidate {
    Candidate {
        kind: CandidateKind::Person,
        id: person.rowguid,
        label: label(
            person.voornaam.as_deref().unwrap_or_default(),
            person.naam.as_deref().unwrap_or_default(),
        ),
    }
}

fn of_class(klas: &Klas) -> Candidate {
    Candidate {
        kind: CandidateKind::Class,
        id: klas.scoodle_id,
        label: klas.klas.clone().unwrap_or_else(|| klas.klascode.clone()),
    }
}
