//! The entries of a directory, made from the inputs of a roster.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use super::words::{self, Words};
use super::{Entry, Place};
use crate::informat::published_rows::{agrees, org_id, org_id_at};
use crate::informat::{Klas, Opdracht};
use crate::projection::why::{CandidateKind, Question, site_absence};

/// The places, as they are come across.
pub(super) struct Places<'q> {
    question: &'q Question<'q>,
    pub(super) list: Vec<Place>,
    positions: HashMap<String, usize>,
}

impl<'q> Places<'q> {
    pub(super) fn new(question: &'q Question<'q>) -> Self {
        let mut places = Self {
            question,
            list: Vec::new(),
            positions: HashMap::new(),
        };
        for row in &question.mirror.schoolvest {
            places.position(org_id(row, question.configuration));
        }
        places
    }

    fn position(&mut self, org_id: String) -> usize {
        let Self {
            question,
            list,
            positions,
        } = self;
        *positions.entry(org_id).or_insert_with_key(|org_id| {
            let rows = question.mirror.schoolvest.iter();
            let rows: Vec<_> = rows
                .filter(|row| self::org_id(row, question.configuration) == *org_id)
                .collect();
            let name = rows.first().map_or("", |row| row.vestiging.trim());
            list.push(Place {
                org_id: org_id.clone(),
                name: name.to_owned(),
                absence: site_absence(&rows, question.configuration),
            });
            list.len() - 1
        })
    }

    fn of_key(&mut self, key: (&str, i32, &str)) -> usize {
        self.position(org_id_at(key, self.question.configuration))
    }
}

/// Returns the ids of the orgs that an assignment covers, published or not; of one that covers none what it names.
pub(super) fn assigned_orgs(question: &Question<'_>, row: &Opdracht) -> Vec<String> {
    let sites = question.mirror.schoolvest.iter().filter(|site| agrees(site, row));
    let mut orgs: BTreeSet<String> = sites.map(|site| org_id(site, question.configuration)).collect();
    if orgs.is_empty()
        && let Some(number) = row.vestnrdiscimus
    {
        let structure = row.hfdstructuur.as_deref().unwrap_or_default();
        orgs.insert(org_id_at(
            (&row.instelnr, number, structure),
            question.configuration,
        ));
    }
    orgs.into_iter().collect()
}

/// Returns everybody: who is in the source, and who had a username when they left it.
pub(super) fn people(question: &Question<'_>, places: &mut Places<'_>) -> Vec<Entry> {
    let mirror = question.mirror;
    let mut of_person: BTreeMap<i64, BTreeSet<usize>> = BTreeMap::new();
    for row in &mirror.inschrijving {
        let place = places.of_key((&row.instelnr, row.vestnrdiscimus, &row.hfdstructuur));
        of_person.entry(row.p_persoon).or_default().insert(place);
    }
    for row in &mirror.opdracht {
        for org in assigned_orgs(question, row) {
            let place = places.position(org);
            of_person.entry(row.p_persoon).or_default().insert(place);
        }
    }
    let mut seen = BTreeSet::new();
    let mut entries: Vec<Entry> = Vec::with_capacity(mirror.persoon.len());
    for person in &mirror.persoon {
        seen.insert(person.rowguid);
        let record = question.usernames.get(&person.rowguid);
        let [given, family] =
            [&person.voornaam, &person.naam].map(|name| name.as_deref().unwrap_or_default());
        entries.push(Entry {
            kind: CandidateKind::Person,
            id: person.rowguid,
            label: words::label(given, family),
            other_year: None,
            places: of_person
                .remove(&person.p_persoon)
                .into_iter()
                .flatten()
                .collect(),
            words: Words::of_person(given, family, record.map(|record| record.local_part.as_str())),
        });
    }
    // Who is gone is known by the name they had when they were there last.
    let gone = question
        .usernames
        .values()
        .filter(|record| !seen.contains(&record.rowguid));
    entries.extend(gone.map(|record| {
        let names = record.identity.as_ref();
        let (given, family) = names.map_or(("", ""), |names| (&*names.given_name, &*names.family_name));
        let label = words::label(given, family);
        Entry {
            kind: CandidateKind::Person,
            id: record.rowguid,
            label: if label.is_empty() {
                record.local_part.clone()
            } else {
                label
            },
            other_year: None,
            places: Vec::new(),
            words: Words::of_person(given, family, Some(&record.local_part)),
        }
    }));
    entries
}

/// Returns the classes, an entry for each id.
pub(super) fn classes(question: &Question<'_>, places: &mut Places<'_>) -> Vec<Entry> {
    let titles = question.titles();
    let active_year = question.configuration.active_school_year.as_str();
    // One entry per id: of the active school year, else the newest.
    let mut newest: BTreeMap<Uuid, (&Klas, BTreeSet<usize>)> = BTreeMap::new();
    for klas in &question.mirror.klassen {
        let place = places.of_key((&klas.instelnr, klas.vestnrdiscimus, &klas.hfdstructuur));
        let (kept, at) = newest.entry(klas.scoodle_id).or_insert((klas, BTreeSet::new()));
        let rank = |klas: &Klas| (klas.schooljaar == active_year, klas.schooljaar.clone());
        if rank(klas) >= rank(kept) {
            // Where it was in another year is not where it is.
            (*kept, *at) = (klas, BTreeSet::from([place]));
        }
    }
    let entries = newest.into_iter().map(|(id, (klas, places))| {
        let named = klas
            .klas
            .as_deref()
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let title = titles.get(&klas.p_klas).map(String::as_str);
        Entry {
            kind: CandidateKind::Class,
            id,
            label: named.unwrap_or(&klas.klascode).to_owned(),
            other_year: (klas.schooljaar != active_year).then(|| klas.schooljaar.clone()),
            places: places.into_iter().collect(),
            words: Words::of_class([Some(klas.klascode.as_str()), named, title].into_iter().flatten()),
        }
    });
    entries.collect()
}
