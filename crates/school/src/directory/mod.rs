//! Everybody and every class that a tenant's data know, with the places they are or were at and the words they are found by.
//!
//! Who asks may see some places only: [`Directory::seen_by`] is what they see of it, and whoever is at other places alone is
//! not there for them.

mod entries;
mod words;

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use crate::informat::Mirror;
use crate::informat::published_rows::org_id_at;
use crate::projection::cause::SiteAbsence;
use crate::projection::why::{CandidateKind, Question};
use entries::{Places, assigned_orgs, classes, people};
use words::{Asked, Fit, Words};

/// How many classes are offered together with one person.
const CLASSES_MAX: usize = 3;

/// How much memory the texts and words of an entry take beside it, about, in bytes.
const ENTRY_TEXTS_BYTES: usize = 256;

/// A site that somebody or something is or was at, or that the source knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its id, as orgs have it.
    pub org_id: String,
    /// What people call it; empty for one that the source no longer has.
    pub name: String,
    /// Why it is not published; `None` when it is.
    pub absence: Option<SiteAbsence>,
}

/// A person or a class.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it is.
    pub kind: CandidateKind,
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub label: String,
    /// The school year of a class that is not of the active one.
    pub other_year: Option<String>,
    /// The places, as positions in the list of places.
    places: Vec<usize>,
    words: Words,
}

/// Everybody and every class of a tenant.
#[derive(Debug)]
pub struct Directory {
    entries: Vec<Entry>,
    positions: HashMap<(CandidateKind, Uuid), usize>,
    places: Vec<Place>,
}

/// What a search found.
#[derive(Debug, Clone, Copy)]
pub enum Match<'a> {
    /// A person or a class.
    One(&'a Entry),
    /// A person and a class that both were named.
    Both(&'a Entry, &'a Entry),
}

impl Directory {
    /// Makes it from the inputs of a roster.
    pub fn new(question: &Question<'_>) -> Self {
        let mut places = Places::new(question);
        let mut entries = people(question, &mut places);
        entries.extend(classes(question, &mut places));
        let positions = entries.iter().enumerate();
        Self {
            positions: positions
                .map(|(at, entry)| ((entry.kind, entry.id), at))
                .collect(),
            entries,
            places: places.list,
        }
    }

    /// Returns about how much memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        let per_entry = size_of::<Entry>() + size_of::<(CandidateKind, Uuid, usize)>() + ENTRY_TEXTS_BYTES;
        self.entries.len() * per_entry + self.places.len() * (size_of::<Place>() + ENTRY_TEXTS_BYTES)
    }

    /// Returns what somebody sees of it: `may_see` tells of each org; who sees all also sees people who are nowhere.
    pub fn seen_by(&self, sees_all: bool, may_see: impl Fn(&str) -> bool) -> Seen<'_> {
        Seen {
            directory: self,
            visible: self
                .places
                .iter()
                .map(|place| sees_all || may_see(&place.org_id))
                .collect(),
            sees_all,
        }
    }
}

/// What somebody sees of a directory.
#[derive(Debug)]
pub struct Seen<'a> {
    directory: &'a Directory,
    visible: Vec<bool>,
    sees_all: bool,
}

impl<'a> Seen<'a> {
    fn sees(&self, place: usize) -> bool {
        self.visible.get(place).copied().unwrap_or(self.sees_all)
    }

    fn shows(&self, entry: &Entry) -> bool {
        self.sees_all || entry.places.iter().any(|place| self.sees(*place))
    }

    /// Returns `true` if they see every place.
    pub fn sees_every_place(&self) -> bool {
        self.sees_all || self.visible.iter().all(|visible| *visible)
    }

    /// Returns `true` if every place of an entry is one they see.
    pub fn is_whole(&self, entry: &Entry) -> bool {
        self.sees_all || entry.places.iter().all(|place| self.sees(*place))
    }

    /// Returns `true` if they see an org.
    pub fn sees_org(&self, org: &str) -> bool {
        let mut places = self.directory.places.iter().zip(&self.visible);
        places
            .find(|(place, _)| place.org_id == org)
            .map_or(self.sees_all, |(_, visible)| *visible)
    }

    /// Finds a person or a class by id, if they see it.
    pub fn entry(&self, kind: CandidateKind, id: Uuid) -> Option<&'a Entry> {
        let at = *self.directory.positions.get(&(kind, id))?;
        self.directory.entries.get(at).filter(|entry| self.shows(entry))
    }

    /// Returns the places of an entry that they see.
    pub fn places(&self, entry: &Entry) -> Vec<&'a Place> {
        let seen = entry.places.iter().filter(|place| self.sees(**place));
        seen.filter_map(|place| self.directory.places.get(*place))
            .collect()
    }

    /// Returns what an org is called, if they see it.
    pub fn place(&self, org: &str) -> Option<&'a Place> {
        let mut places = self.directory.places.iter();
        places.find(|place| place.org_id == org && self.sees_org(org))
    }

    /// Returns up to `limit` people and classes whose words begin with those of a text, in any order, the best first; where the
    /// text names a person and a class, both together before. Case, accents and apostrophes do not count.
    pub fn search(&self, text: &str, limit: usize) -> Vec<Match<'a>> {
        let asked = Asked::new(text);
        if asked.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(Fit, &Entry)> = self
            .entries()
            .filter_map(|entry| Some((entry.words.fit(&asked, entry.id)?, entry)))
            .collect();
        found.sort_by(|(fit, one), (other_fit, other)| {
            (fit, &one.other_year, one.kind, &one.label, one.id).cmp(&(
                other_fit,
                &other.other_year,
                other.kind,
                &other.label,
                other.id,
            ))
        });
        let both = self.both(&asked, limit);
        let alone = found.into_iter().map(|(_, entry)| Match::One(entry));
        both.into_iter().chain(alone).take(limit).collect()
    }

    fn entries(&self) -> impl Iterator<Item = &'a Entry> {
        self.directory.entries.iter().filter(|entry| self.shows(entry))
    }

    /// Returns the people and classes that a text names together: some of its words in a row a class, the others a person.
    fn both(&self, asked: &Asked, limit: usize) -> Vec<Match<'a>> {
        let mut found = Vec::new();
        for (person, class) in asked.parts() {
            let classes: Vec<&Entry> = self
                .entries()
                .filter(|entry| entry.kind == CandidateKind::Class && entry.words.is_called(&class))
                .collect();
            if classes.is_empty() {
                continue;
            }
            let people = self.entries().filter(|entry| entry.kind == CandidateKind::Person);
            for entry in people.filter(|entry| entry.words.fit(&person, entry.id).is_some()) {
                // A class at a place of theirs is more likely to be meant.
                let mut likely = classes.clone();
                likely.sort_by_key(|class| {
                    let is_near = class.places.iter().any(|place| entry.places.contains(place));
                    (class.other_year.is_some(), !is_near)
                });
                found.extend(
                    likely
                        .into_iter()
                        .take(CLASSES_MAX)
                        .map(|class| Match::Both(entry, class)),
                );
                if found.len() >= limit {
                    return found;
                }
            }
        }
        found
    }

    /// Takes out of a mirror the rows of people and classes at places they do not see.
    pub fn restrict(&self, mirror: &mut Mirror, question: &Question<'_>) {
        let org = |key: (&str, i32, &str)| org_id_at(key, question.configuration);
        mirror
            .klassen
            .retain(|row| self.sees_org(&org((&row.instelnr, row.vestnrdiscimus, &row.hfdstructuur))));
        mirror
            .inschrijving
            .retain(|row| self.sees_org(&org((&row.instelnr, row.vestnrdiscimus, &row.hfdstructuur))));
        let orgs: Vec<Vec<String>> = mirror
            .opdracht
            .iter()
            .map(|row| assigned_orgs(question, row))
            .collect();
        let mut orgs = orgs.iter();
        mirror.opdracht.retain(|_| {
            orgs.next()
                .is_some_and(|orgs| orgs.iter().any(|org| self.sees_org(org)))
        });
        let registrations: BTreeSet<i64> = mirror.inschrijving.iter().map(|row| row.p_inschr).collect();
        let classes: BTreeSet<i64> = mirror.klassen.iter().map(|row| row.p_klas).collect();
        mirror
            .inschrklas
            .retain(|row| registrations.contains(&row.p_inschr) && classes.contains(&row.p_klas));
        mirror
            .klasfunctiepersoon
            .retain(|row| classes.contains(&row.p_klas));
    }
}

#[cfg(test)]
mod tests;
