//! At which sites the people, classes and orgs of a school group are: who may see what is said of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use oneroster_standard::Kind;
use uuid::Uuid;

use crate::informat::{Mirror, Persoon};

/// The sites of a school group's people and classes, each site by the id that its org has without a structure (R123).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whereabouts {
    people: HashMap<Uuid, Somebody>,
    classes: HashMap<Uuid, (BTreeSet<String>, String)>,
    sites: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Somebody {
    sites: BTreeSet<String>,
    name: Option<String>,
}

/// How much of a school year Informat has for a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearAtSite {
    /// The site, by its id.
    pub site: String,
    /// Classes and subgroups.
    pub classes: usize,
    /// Realised registrations.
    pub registrations: usize,
}

impl Whereabouts {
    /// Finds them. Somebody is where they are registered or assigned on the reference date or later, realised or not.
    pub fn new(source: &Mirror, reference_date: NaiveDate) -> Self {
        let mut whereabouts = Self {
            sites: sites(source),
            ..Self::default()
        };
        let mut by_key: HashMap<i64, BTreeSet<String>> = HashMap::new();
        let years: HashMap<&str, NaiveDate> = source
            .schooljaar
            .iter()
            .map(|year| (year.schooljaar.as_str(), year.einddatum))
            .collect();
        for registration in &source.inschrijving {
            let year_end = years.get(registration.schooljaar.as_str()).copied();
            let end = registration.einddatum.or(year_end);
            if end.is_none_or(|end| end >= reference_date) {
                let site = site_id(&registration.instelnr, registration.vestnrdiscimus);
                by_key.entry(registration.p_persoon).or_default().insert(site);
            }
        }
        for assignment in &source.opdracht {
            if assignment.einddatum.is_none_or(|end| end >= reference_date) {
                let places = by_key.entry(assignment.p_persoon).or_default();
                match assignment.vestnrdiscimus {
                    Some(number) => {
                        places.insert(site_id(&assignment.instelnr, number));
                    }
                    None => places.extend(sites_of(&whereabouts.sites, &assignment.instelnr)),
                }
            }
        }
        for person in &source.persoon {
            let somebody = Somebody {
                sites: by_key.remove(&person.p_persoon).unwrap_or_default(),
                name: name(person),
            };
            whereabouts.people.insert(person.rowguid, somebody);
        }
        for class in &source.klassen {
            let title = class.klas.clone().unwrap_or_else(|| class.klascode.clone());
            let entry = whereabouts.classes.entry(class.scoodle_id);
            let (places, _) = entry.or_insert_with(|| (BTreeSet::new(), title));
            places.insert(site_id(&class.instelnr, class.vestnrdiscimus));
        }
        whereabouts
    }

    /// Returns the sites of an object, by its collection and id: none of what concerns the tenant as a whole, or is nowhere.
    pub fn sites(&self, kind: Kind, sourced_id: &str) -> Vec<String> {
        match kind {
            Kind::Users | Kind::Enrollments => self
                .person(sourced_id)
                .map_or_else(Vec::new, |somebody| somebody.sites.iter().cloned().collect()),
            Kind::Classes | Kind::Courses => self
                .class(sourced_id)
                .map_or_else(Vec::new, |(sites, _)| sites.iter().cloned().collect()),
            Kind::Orgs if sourced_id.contains('-') => vec![without_structure(sourced_id)],
            Kind::Orgs => sites_of(&self.sites, sourced_id).collect(),
            Kind::AcademicSessions => Vec::new(),
        }
    }

    /// Returns what people call an object.
    pub fn label(&self, kind: Kind, sourced_id: &str) -> Option<String> {
        match kind {
            Kind::Users | Kind::Enrollments => self.person(sourced_id)?.name.clone(),
            Kind::Classes | Kind::Courses => self.class(sourced_id).map(|(_, title)| title.clone()),
            Kind::Orgs => {
                let site = without_structure(sourced_id);
                Some(self.sites.get(&site).cloned().unwrap_or(site))
            }
            Kind::AcademicSessions => None,
        }
    }

    /// Returns the name of each site, by its id: the school's and its own.
    pub const fn site_names(&self) -> &BTreeMap<String, String> {
        &self.sites
    }

    fn person(&self, sourced_id: &str) -> Option<&Somebody> {
        // A membership's id begins with its person's.
        let id = sourced_id.get(..UUID_LENGTH)?;
        self.people.get(&id.parse().ok()?)
    }

    fn class(&self, sourced_id: &str) -> Option<&(BTreeSet<String>, String)> {
        self.classes.get(&sourced_id.parse().ok()?)
    }
}

/// Characters of a UUID.
const UUID_LENGTH: usize = 36;

/// Counts the classes and registrations of a school year, site by site.
pub fn year_at_sites(source: &Mirror, school_year: &str) -> Vec<YearAtSite> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for class in source
        .klassen
        .iter()
        .filter(|class| class.schooljaar == school_year)
    {
        let site = site_id(&class.instelnr, class.vestnrdiscimus);
        counts.entry(site).or_default().0 += 1;
    }
    let registrations = source.inschrijving.iter();
    for registration in registrations.filter(|row| row.schooljaar == school_year && row.status == 0) {
        let site = site_id(&registration.instelnr, registration.vestnrdiscimus);
        counts.entry(site).or_default().1 += 1;
    }
    let sites = counts
        .into_iter()
        .map(|(site, (classes, registrations))| YearAtSite {
            site,
            classes,
            registrations,
        });
    sites.collect()
}

fn sites(source: &Mirror) -> BTreeMap<String, String> {
    let schools: HashMap<&str, &str> = source
        .school
        .iter()
        .map(|school| (school.instelnr.as_str(), school.school.as_str()))
        .collect();
    let mut names = BTreeMap::new();
    for row in &source.schoolvest {
        let school = schools
            .get(row.instelnr.as_str())
            .copied()
            .unwrap_or(&row.instelnr);
        let site = site_id(&row.instelnr, row.vestnrdiscimus);
        names
            .entry(site)
            .or_insert_with(|| format!("{school} - {}", row.vestiging));
    }
    names
}

fn sites_of(sites: &BTreeMap<String, String>, instelnr: &str) -> impl Iterator<Item = String> {
    let beginning = format!("{instelnr}-");
    sites
        .keys()
        .filter(move |site| site.starts_with(&beginning))
        .cloned()
}

fn site_id(instelnr: &str, vestnr: i32) -> String {
    format!("{instelnr}-{vestnr}")
}

fn without_structure(org_id: &str) -> String {
    org_id.split('-').take(2).collect::<Vec<_>>().join("-")
}

fn name(person: &Persoon) -> Option<String> {
    let parts: Vec<&str> = [&person.naam, &person.voornaam]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projection::tests::{MARKT, World, day};

    #[test]
    fn somebody_is_where_they_are_registered_or_assigned_on_the_day_or_later() {
        let mut world = World::new();
        world
            .person(1)
            .registration(1, MARKT, "2026-09-01", Some("2026-10-01"));
        world.person(2).registration(2, MARKT, "2026-10-02", None);
        let whereabouts = Whereabouts::new(&world.mirror, day("2026-10-02"));
        let sites = |number: usize| {
            let id = world.mirror.persoon[number].rowguid.to_string();
            whereabouts.sites(Kind::Users, &id)
        };
        assert_eq!(sites(0), Vec::<String>::new(), "they left");
        assert_eq!(sites(1).len(), 1);
        let membership = format!("{}-7", world.mirror.persoon[1].rowguid);
        assert_eq!(whereabouts.sites(Kind::Enrollments, &membership), sites(1));
        let org = format!("{}-211", sites(1)[0]);
        assert_eq!(
            whereabouts.sites(Kind::Orgs, &org),
            sites(1),
            "the structure does not count"
        );
        let (school, _) = sites(1)[0]
            .split_once('-')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        assert!(
            whereabouts.sites(Kind::Orgs, &school).contains(&sites(1)[0]),
            "every site of the school"
        );
        assert_eq!(
            whereabouts.sites(Kind::AcademicSessions, "2026-27"),
            Vec::<String>::new()
        );
        assert_eq!(whereabouts.sites(Kind::Users, "é"), Vec::<String>::new());
    }
}
