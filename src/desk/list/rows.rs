//! The people of a tenant on one day, in memory: what everybody's list is made from.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use chrono::NaiveDate;
use oneroster_school::projection::listed::{Listed, ListedPerson, ListedRecord};
use oneroster_school::username::WaitReason;
use uuid::Uuid;

use super::columns::{Lists, Texts};
use super::question::Column;
use crate::accounts::folded;

/// What is known of a person by one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags(u16);

impl Flags {
    pub(super) const STAFF: u16 = 1;
    pub(super) const SYNC: u16 = 1 << 1;
    pub(super) const SWITCHED: u16 = 1 << 2;
    pub(super) const REVIEW: u16 = 1 << 3;
    pub(super) const WAITS: u16 = 1 << 4;
    pub(super) const NAMESAKE: u16 = 1 << 5;
    pub(super) const MERGED: u16 = 1 << 6;
    pub(super) const TOO_LONG: u16 = 1 << 7;

    pub(super) const fn has(self, flag: u16) -> bool {
        self.0 & flag != 0
    }

    fn of(person: &ListedPerson, is_switched: bool) -> Self {
        let record = &person.record;
        let namesake = person.shares_name && !record.sync && record.is_generated;
        let all = [
            (Self::STAFF, person.is_staff),
            (Self::SYNC, record.sync),
            (Self::SWITCHED, is_switched),
            (Self::REVIEW, record.needs_review),
            (Self::WAITS, record.waits_for.is_some()),
            (Self::NAMESAKE, namesake),
            (Self::MERGED, record.is_probably_merged),
            (Self::TOO_LONG, record.is_too_long),
        ];
        let set = all.iter().filter(|(_, is_set)| *is_set);
        Self(set.fold(0, |bits, (flag, _)| bits | flag))
    }
}

/// A place as it is shown and found.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) org_id: String,
    pub(super) school: Shown,
    pub(super) site: Shown,
}

/// A class as it is shown and found.
#[derive(Debug)]
pub(super) struct Class {
    pub(super) name: Shown,
    pub(super) place: usize,
}

/// A text that many rows show: as it is, as it is compared, and where it comes when sorted.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) text: String,
    pub(super) folded: String,
    pub(super) rank: u32,
}

/// The people of a tenant, by family name, given name and id: a row's number is its place in that order.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) reference_date: NaiveDate,
    pub(super) places: Vec<Place>,
    pub(super) classes: Vec<Class>,
    pub(super) ids: Vec<Uuid>,
    by_id: Vec<u32>,
    pub(super) family: Texts,
    pub(super) given: Texts,
    pub(super) username: Texts,
    pub(super) family_folded: Texts,
    pub(super) given_folded: Texts,
    pub(super) username_folded: Texts,
    domains: Vec<Shown>,
    domain: Vec<u16>,
    pub(super) birth_date: Vec<Option<NaiveDate>>,
    pub(super) created_ms: Vec<i64>,
    pub(super) flags: Vec<Flags>,
    waits_for: Vec<Option<WaitReason>>,
    pub(super) stamp: Vec<u64>,
    pub(super) places_of: Lists,
    pub(super) classes_of: Lists,
    ranks: [OnceLock<Vec<u32>>; 3],
}

impl Rows {
    /// Makes the rows. `is_switched` tells whose flag somebody ever switched by hand.
    pub(super) fn new(listed: Listed, is_switched: impl Fn(&Uuid) -> bool) -> Self {
        let Listed {
            reference_date,
            places,
            classes,
            people,
        } = listed;
        let mut people: Vec<(String, String, ListedPerson)> = people
            .into_iter()
            .map(|person| (folded(&person.family_name), folded(&person.given_name), person))
            .collect();
        people.sort_by(|(family, given, person), (other_family, other_given, other)| {
            (family, given, person.rowguid).cmp(&(other_family, other_given, other.rowguid))
        });
        let each = || people.iter().map(|(_, _, person)| person);
        let records = || each().map(|person| &person.record);
        let usernames_folded: Vec<String> = records().map(|record| folded(&record.username)).collect();
        let (domains, domain) = domains(each());
        let ids: Vec<Uuid> = each().map(|person| person.rowguid).collect();
        Self {
            reference_date,
            by_id: by_id(&ids),
            ids,
            family: Texts::of(each().map(|person| person.family_name.as_str())),
            given: Texts::of(each().map(|person| person.given_name.as_str())),
            username: Texts::of(records().map(|record: &ListedRecord| record.username.as_str())),
            family_folded: Texts::of(people.iter().map(|(family, ..)| family.as_str())),
            given_folded: Texts::of(people.iter().map(|(_, given, _)| given.as_str())),
            username_folded: Texts::of(usernames_folded.iter().map(String::as_str)),
            domains,
            domain,
            birth_date: each().map(|person| person.birth_date).collect(),
            created_ms: records()
                .map(|record| record.created_at.timestamp_millis())
                .collect(),
            flags: each()
                .map(|person| Flags::of(person, is_switched(&person.rowguid)))
                .collect(),
            waits_for: records().map(|record| record.waits_for).collect(),
            stamp: records().map(|record| record.stamp).collect(),
            places_of: Lists::of(each().map(|person| person.places.as_slice())),
            classes_of: Lists::of(each().map(|person| person.classes.as_slice())),
            classes: {
                let mut names = shown(classes.iter().map(|class| class.name.as_str())).into_iter();
                let name = |class: &oneroster_school::projection::listed::ListedClass| {
                    Some(Class {
                        name: names.next()?,
                        place: class.place,
                    })
                };
                classes.iter().filter_map(name).collect()
            },
            places: {
                let schools = shown(places.iter().map(|place| place.school.as_str()));
                let sites = shown(places.iter().map(|place| place.site.as_str()));
                let names = schools.into_iter().zip(sites);
                let place =
                    |(place, (school, site)): (&oneroster_school::projection::listed::Place, _)| Place {
                        org_id: place.org_id.clone(),
                        school,
                        site,
                    };
                places.iter().zip(names).map(place).collect()
            },
            ranks: Default::default(),
        }
    }

    /// Returns how many there are.
    pub(super) const fn len(&self) -> usize {
        self.ids.len()
    }

    /// Finds the row of a person.
    pub(super) fn find(&self, id: Uuid) -> Option<usize> {
        let place = self
            .by_id
            .binary_search_by_key(&Some(id), |row| self.id(usize::try_from(*row).ok()?));
        self.by_id
            .get(place.ok()?)
            .and_then(|row| usize::try_from(*row).ok())
    }

    fn id(&self, row: usize) -> Option<Uuid> {
        self.ids.get(row).copied()
    }

    /// Returns what is known of a row.
    pub(super) fn flags(&self, row: usize) -> Flags {
        self.flags.get(row).copied().unwrap_or_default()
    }

    /// Returns why a row's person waits.
    pub(super) fn waits_for(&self, row: usize) -> Option<WaitReason> {
        self.waits_for.get(row).copied().flatten()
    }

    /// Returns the domain of a row as it is shown.
    pub(super) fn domain(&self, row: usize) -> Option<&Shown> {
        self.domain
            .get(row)
            .and_then(|domain| self.domains.get(usize::from(*domain)))
    }

    /// Returns where each row comes when sorted by a column of names; equal ones have equal ranks.
    pub(super) fn ranks(&self, column: Column) -> Option<&[u32]> {
        let (place, texts) = match column {
            Column::FamilyName => (0, &self.family_folded),
            Column::GivenName => (1, &self.given_folded),
            Column::Username => (2, &self.username_folded),
            Column::Sync
            | Column::Domain
            | Column::School
            | Column::Site
            | Column::Class
            | Column::BirthDate
            | Column::CreatedAt
            | Column::LastRead => return None,
        };
        let ranks = self.ranks.get(place)?;
        Some(ranks.get_or_init(|| ranks_of((0..self.len()).map(|row| texts.get(row)))))
    }

    /// Returns how much memory the rows take, in bytes, the orders made so far among them.
    pub(super) fn bytes(&self) -> usize {
        let texts = [
            &self.family,
            &self.given,
            &self.username,
            &self.family_folded,
            &self.given_folded,
            &self.username_folded,
        ];
        let of_texts: usize = texts.iter().map(|column| column.bytes()).sum();
        let per_row = size_of::<Uuid>()
            + size_of::<u32>()
            + size_of::<u16>()
            + size_of::<Option<NaiveDate>>()
            + size_of::<i64>()
            + size_of::<Flags>()
            + size_of::<Option<WaitReason>>()
            + size_of::<u64>();
        let orders = self
            .ranks
            .iter()
            .filter_map(OnceLock::get)
            .map(Vec::len)
            .sum::<usize>();
        of_texts
            + self.places_of.bytes()
            + self.classes_of.bytes()
            + per_row * self.len()
            + orders * size_of::<u32>()
    }
}

fn by_id(ids: &[Uuid]) -> Vec<u32> {
    let mut rows: Vec<(Uuid, u32)> = ids.iter().copied().zip(0..).collect();
    rows.sort_unstable();
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Returns the different domains, and which of them each has.
fn domains<'p>(people: impl Iterator<Item = &'p ListedPerson> + Clone) -> (Vec<Shown>, Vec<u16>) {
    let different: BTreeSet<&str> = people
        .clone()
        .map(|person| person.default_domain.as_str())
        .collect();
    let places: HashMap<&str, u16> = different.iter().copied().zip(0..).collect();
    let of = |person: &ListedPerson| places.get(person.default_domain.as_str()).copied();
    let domain = people.map(|person| of(person).unwrap_or(u16::MAX)).collect();
    (shown(different.iter().copied()), domain)
}

/// Returns texts as they are shown, compared and sorted.
fn shown<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<Shown> {
    let texts: Vec<(&str, String)> = texts.map(|text| (text, folded(text))).collect();
    let ranks = ranks_of(texts.iter().map(|(_, folded)| folded.as_str()));
    let each = texts.into_iter().zip(ranks);
    each.map(|((text, folded), rank)| Shown {
        text: text.to_owned(),
        folded,
        rank,
    })
    .collect()
}

/// Returns where each text comes among all of them; equal ones come at the same place.
fn ranks_of<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<u32> {
    let mut sorted: Vec<(&str, usize)> = texts.zip(0..).collect();
    sorted.sort_unstable();
    let mut ranks = vec![0; sorted.len()];
    let (mut rank, mut before) = (0, None);
    for (text, place) in sorted {
        if before.is_some_and(|before| before != text) {
            rank += 1;
        }
        before = Some(text);
        if let Some(slot) = ranks.get_mut(place) {
            *slot = rank;
        }
    }
    ranks
}
