//! Who is listed of a tenant on a day, and where: what an import, the tenant file or the day changes.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use chrono::NaiveDate;
use oneroster_school::projection::Naming;
use oneroster_school::projection::listed::{self, Listed, ListedClass, ListedPerson, ListedRecord};
use uuid::Uuid;

use super::columns::{Lists, Texts};
use super::shown::{Shown, ranks, shown};
use crate::accounts::folded;

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

/// The people of a tenant, by family name, given name and id: a row's number is its place in that order.
#[derive(Debug)]
pub(super) struct People {
    pub(super) reference_date: NaiveDate,
    pub(super) places: Vec<Place>,
    pub(super) classes: Vec<Class>,
    pub(super) ids: Vec<Uuid>,
    by_id: Vec<u32>,
    pub(super) family: Texts,
    pub(super) given: Texts,
    pub(super) family_folded: Texts,
    pub(super) given_folded: Texts,
    domains: Vec<Shown>,
    domain: Vec<u16>,
    namings: Vec<Naming>,
    naming: Vec<u16>,
    pub(super) birth_date: Vec<Option<NaiveDate>>,
    pub(super) created_ms: Vec<i64>,
    pub(super) is_taken_over: Vec<bool>,
    is_staff: Vec<bool>,
    shares_name: Vec<bool>,
    pub(super) places_of: Lists,
    pub(super) classes_of: Lists,
    family_ranks: OnceLock<Vec<u32>>,
    given_ranks: OnceLock<Vec<u32>>,
}

impl People {
    /// Makes the rows, and what the record of each says in the same order.
    pub(super) fn new(listed: Listed) -> (Self, Vec<ListedRecord>) {
        let mut people: Vec<(String, String, ListedPerson)> = listed
            .people
            .into_iter()
            .map(|person| (folded(&person.family_name), folded(&person.given_name), person))
            .collect();
        people.sort_by(|(family, given, person), (other_family, other_given, other)| {
            (family, given, person.rowguid).cmp(&(other_family, other_given, other.rowguid))
        });
        let each = || people.iter().map(|(_, _, person)| person);
        let (domains, domain) = domains(each());
        let (namings, naming) = namings(each());
        let ids: Vec<Uuid> = each().map(|person| person.rowguid).collect();
        let this = Self {
            reference_date: listed.reference_date,
            places: places(&listed.places),
            classes: classes(&listed.classes),
            by_id: by_id(&ids),
            ids,
            family: Texts::of(each().map(|person| person.family_name.as_str())),
            given: Texts::of(each().map(|person| person.given_name.as_str())),
            family_folded: Texts::of(people.iter().map(|(family, ..)| family.as_str())),
            given_folded: Texts::of(people.iter().map(|(_, given, _)| given.as_str())),
            domains,
            domain,
            namings,
            naming,
            birth_date: each().map(|person| person.birth_date).collect(),
            created_ms: each()
                .map(|person| person.record.created_at.timestamp_millis())
                .collect(),
            is_taken_over: each().map(|person| person.record.is_taken_over).collect(),
            is_staff: each().map(|person| person.is_staff).collect(),
            shares_name: each().map(|person| person.shares_name).collect(),
            places_of: Lists::of(each().map(|person| person.places.as_slice())),
            classes_of: Lists::of(each().map(|person| person.classes.as_slice())),
            family_ranks: OnceLock::new(),
            given_ranks: OnceLock::new(),
        };
        (
            this,
            people.into_iter().map(|(_, _, person)| person.record).collect(),
        )
    }

    /// Returns how many there are.
    pub(super) const fn len(&self) -> usize {
        self.ids.len()
    }

    /// Finds the row of a person.
    pub(super) fn find(&self, id: Uuid) -> Option<usize> {
        let id_of = |row: &u32| self.ids.get(usize::try_from(*row).ok()?).copied();
        let place = self.by_id.binary_search_by_key(&Some(id), id_of).ok()?;
        self.by_id.get(place).and_then(|row| usize::try_from(*row).ok())
    }

    /// Returns `true` for staff.
    pub(super) fn is_staff(&self, row: usize) -> bool {
        self.is_staff.get(row).copied().unwrap_or_default()
    }

    /// Returns `true` if the names of somebody else make the same username.
    pub(super) fn shares_name(&self, row: usize) -> bool {
        self.shares_name.get(row).copied().unwrap_or_default()
    }

    /// Returns the domain of a row as it is shown.
    pub(super) fn domain(&self, row: usize) -> Option<&Shown> {
        let domain = self.domain.get(row)?;
        self.domains.get(usize::from(*domain))
    }

    /// Returns how a row's username is sent.
    pub(super) fn naming(&self, row: usize) -> Option<&Naming> {
        let naming = self.naming.get(row)?;
        self.namings.get(usize::from(*naming))
    }

    /// Returns where each row comes when sorted by family name; equal ones have equal ranks.
    pub(super) fn family_ranks(&self) -> &[u32] {
        let texts = || (0..self.len()).map(|row| self.family_folded.get(row));
        self.family_ranks.get_or_init(|| ranks(texts()))
    }

    /// Returns where each row comes when sorted by given name.
    pub(super) fn given_ranks(&self) -> &[u32] {
        let texts = || (0..self.len()).map(|row| self.given_folded.get(row));
        self.given_ranks.get_or_init(|| ranks(texts()))
    }

    /// Returns how much memory they take, in bytes, the orders made so far among them.
    pub(super) fn bytes(&self) -> usize {
        let texts = [&self.family, &self.given, &self.family_folded, &self.given_folded];
        let of_texts: usize = texts.iter().map(|column| column.bytes()).sum();
        let per_row = size_of::<Uuid>()
            + size_of::<u32>()
            + 2 * size_of::<u16>()
            + size_of::<Option<NaiveDate>>()
            + size_of::<i64>()
            + 2 * size_of::<bool>();
        let orders = [&self.family_ranks, &self.given_ranks];
        let orders: usize = orders.iter().filter_map(|ranks| ranks.get()).map(Vec::len).sum();
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

fn places(places: &[listed::Place]) -> Vec<Place> {
    let schools = shown(places.iter().map(|place| place.school.as_str()));
    let sites = shown(places.iter().map(|place| place.site.as_str()));
    let each = places.iter().zip(schools.into_iter().zip(sites));
    each.map(|(place, (school, site))| Place {
        org_id: place.org_id.clone(),
        school,
        site,
    })
    .collect()
}

fn classes(classes: &[ListedClass]) -> Vec<Class> {
    let names = shown(classes.iter().map(|class| class.name.as_str()));
    let each = classes.iter().zip(names);
    each.map(|(class, name)| Class {
        name,
        place: class.place,
    })
    .collect()
}

/// Returns the different domains, and which of them each has.
fn domains<'p>(people: impl Iterator<Item = &'p ListedPerson> + Clone) -> (Vec<Shown>, Vec<u16>) {
    let domain = |person: &'p ListedPerson| person.default_domain.as_str();
    let different: BTreeSet<&str> = people.clone().map(domain).collect();
    let places: HashMap<&str, u16> = different.iter().copied().zip(0..).collect();
    let of = people.map(|person| places.get(domain(person)).copied().unwrap_or(u16::MAX));
    (shown(different.iter().copied()), of.collect())
}

/// Returns the different ways in which usernames are sent, and which of them each has: there are a few.
fn namings<'p>(people: impl Iterator<Item = &'p ListedPerson>) -> (Vec<Naming>, Vec<u16>) {
    let mut different: Vec<Naming> = Vec::new();
    let of = people.map(|person| {
        let known = different.iter().position(|naming| *naming == person.naming);
        let place = known.unwrap_or_else(|| {
            different.push(person.naming.clone());
            different.len() - 1
        });
        u16::try_from(place).unwrap_or(u16::MAX)
    });
    let of = of.collect();
    (different, of)
}
