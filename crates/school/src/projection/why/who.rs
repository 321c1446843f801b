//! Who or what a text may mean: an id, a username, a name of a person or of a class.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::super::{ProjectionContext, class};
use super::Question;
use crate::informat::published_rows::PublishedRows;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// order, the beginnings of its words; of a class of the active school year its code, its name or its title. Case, accents and
    /// apostrophes do not count.
    pub fn candidates(&self, text: &str) -> Vec<Candidate> {
        let asked = Asked::new(text);
        let mut found = self.people_called(&asked);
        found.extend(self.classes_called(&asked));
        in_order(found)
    }

    /// Returns whom a text may mean, as [`Self::candidates`] does.
    pub fn people(&self, text: &str) -> Vec<Candidate> {
        in_order(self.people_called(&Asked::new(text)))
    }

    /// Returns which classes a text may mean, as [`Self::candidates`] does, but those that somebody was ever in come first.
    pub fn classes_of(&self, rowguid: Uuid, text: &str) -> Vec<Candidate> {
        let mut found = in_order(self.classes_called(&Asked::new(text)));
        let own = self.own_classes(rowguid);
        found.sort_by_key(|candidate| !own.contains(&candidate.id));
        found
    }

    /// Returns the ids of the classes that a row of any time names together with somebody.
    fn own_classes(&self, rowguid: Uuid) -> HashSet<Uuid> {
        let mirror = self.mirror;
        let person = mirror.persoon.iter().find(|person| person.rowguid == rowguid);
        let Some(p_persoon) = person.map(|person| person.p_persoon) else {
            return HashSet::new();
        };
        let registrations = mirror
            .inschrijving
            .iter()
            .filter(|row| row.p_persoon == p_persoon);
        let registrations: HashSet<i64> = registrations.map(|row| row.p_inschr).collect();
        let as_pupil = mirror
            .inschrklas
            .iter()
            .filter(|row| registrations.contains(&row.p_inschr));
        let as_staff = mirror
            .klasfunctiepersoon
            .iter()
            .filter(|row| row.p_persoon == p_persoon);
        let keys: HashSet<i64> = as_pupil
            .map(|row| row.p_klas)
            .chain(as_staff.map(|row| row.p_klas))
            .collect();
        let own = mirror.klassen.iter().filter(|klas| keys.contains(&klas.p_klas));
        own.map(|klas| klas.scoodle_id).collect()
    }

    fn people_called(&self, asked: &Asked) -> Vec<(Fit, Candidate)> {
        let people = self.mirror.persoon.iter().filter_map(|person| {
            let fit = self.fit_of_person(asked, person)?;
            Some((fit, of_person(person)))
        });
        people.chain(self.gone(asked)).collect()
    }

    fn classes_called(&self, asked: &Asked) -> Vec<(Fit, Candidate)> {
        let active_year = self.configuration.active_school_year.as_str();
        let titles = self.titles();
        let classes = self.mirror.klassen.iter().filter_map(|klas| {
            let title = titles.get(&klas.p_klas).map(String::as_str);
            let fit = asked.fit_of_class(klas, title)?;
            (fit == Fit::Id || klas.schooljaar == active_year).then(|| (fit, of_class(klas)))
        });
        classes.collect()
    }

    /// Returns what the published classes are called, by key.
    pub(crate) fn titles(&self) -> HashMap<i64, String> {
        let rows = PublishedRows::new(&self.mirror.schoolvest, self.configuration);
        let active_year = &self.configuration.active_school_year;
        let context = ProjectionContext::new(self.mirror, self.configuration, &rows, active_year, self.on);
        let Ok(context) = context else {
            return HashMap::new();
        };
        let published = class::published(&context);
        let titles = published
            .iter()
            .map(|(p_klas, (klas, row))| (*p_klas, class::title(&context, klas, row)));
        titles.collect()
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

    fn fit_of_class(&self, klas: &Klas, title: Option<&str>) -> Option<Fit> {
        if self.id == Some(klas.scoodle_id) {
            return Some(Fit::Id);
        }
        let names = [Some(klas.klascode.as_str()), klas.klas.as_deref(), title];
        let is_name = names
            .into_iter()
            .flatten()
            .any(|name| !self.whole.is_empty() && joined(name) == self.whole);
        is_name.then_some(Fit::Name)
    }
}

/// Returns the candidates, those that fit best first, each once.
fn in_order(mut found: Vec<(Fit, Candidate)>) -> Vec<Candidate> {
    found.sort_by(|(fit, one), (other_fit, other)| {
        (fit, one.kind, &one.label, one.id).cmp(&(other_fit, other.kind, &other.label, other.id))
    });
    // The same class may stand in several school years; an earlier one need not be beside it.
    let mut seen = HashSet::new();
    found.retain(|(_, candidate)| seen.insert((candidate.kind, candidate.id)));
    found.into_iter().map(|(_, candidate)| candidate).collect()
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
