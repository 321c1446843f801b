//! Some people and classes of a school group, to show what formats make of them before they are chosen (R7–R12).

use std::cmp::Reverse;
use std::collections::HashMap;

use uuid::Uuid;

use crate::informat::school_year::UnknownSchoolYear;
use crate::informat::{Mirror, Persoon};
use crate::projection;
use crate::tenant::Configuration;
use crate::username::{Record, made_name};

/// How many people and how many classes are shown.
const SHOWN: usize = 8;

/// Of these, how many are the most telling ones: letters outside ASCII, names of several parts, long names.
const TELLING: usize = 3;

/// Some people and classes, with as much of the mirror as their names and titles are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    mirror: Mirror,
    usernames: HashMap<Uuid, String>,
}

/// What a format makes of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameSample {
    /// Their names.
    pub person: String,
    /// The username that they have.
    pub username: String,
    /// The one that would be made of their names, before it is made unique.
    pub made: String,
    /// Whether somebody would have to look at it.
    pub is_doubtful: bool,
}

/// What a format makes of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TitleSample {
    /// The class's id.
    pub sourced_id: String,
    /// Its title.
    pub title: String,
}

impl Sample {
    /// Chooses people who have a username and classes of the active school year: the most telling ones, and others spread evenly.
    pub fn of(source: &Mirror, usernames: &HashMap<Uuid, Record>, configuration: &Configuration) -> Self {
        let named: Vec<&Persoon> = source
            .persoon
            .iter()
            .filter(|person| usernames.contains_key(&person.rowguid))
            .collect();
        let people: Vec<Persoon> = chosen(&named, |person| telling(&full_name(person)))
            .into_iter()
            .cloned()
            .collect();
        let year = configuration.active_school_year.as_str();
        let of_year: Vec<_> = source
            .klassen
            .iter()
            .filter(|class| class.schooljaar == year)
            .collect();
        let classes = chosen(&of_year, |class| {
            telling(class.klas.as_deref().unwrap_or_default())
        });
        Self {
            usernames: people
                .iter()
                .filter_map(|person| {
                    let record = usernames.get(&person.rowguid)?;
                    Some((person.rowguid, record.name().to_string()))
                })
                .collect(),
            mirror: Mirror {
                schooljaar: source.schooljaar.clone(),
                school: source.school.clone(),
                schoolvest: source.schoolvest.clone(),
                persoon: people,
                klassen: classes.into_iter().cloned().collect(),
                ..Mirror::default()
            },
        }
    }

    /// Returns what a configuration makes of the people, in their order in the mirror.
    pub fn names(&self, configuration: &Configuration) -> Vec<NameSample> {
        let people = self.mirror.persoon.iter();
        people
            .map(|person| {
                let (made, is_doubtful) = made_name(person, configuration);
                NameSample {
                    person: full_name(person),
                    username: self.usernames.get(&person.rowguid).cloned().unwrap_or_default(),
                    made,
                    is_doubtful,
                }
            })
            .collect()
    }

    /// Returns what a configuration makes of the classes, in the order of their ids. Those of a site that it does not publish are
    /// left out.
    pub fn titles(&self, configuration: &Configuration) -> Result<Vec<TitleSample>, UnknownSchoolYear> {
        let titles = projection::class_titles(&self.mirror, configuration)?;
        let samples = titles
            .into_iter()
            .map(|(sourced_id, title)| TitleSample { sourced_id, title });
        Ok(samples.collect())
    }
}

/// Chooses some, in their order: those that tell most, and others spread evenly.
fn chosen<'a, T, K: Ord>(all: &[&'a T], telling: impl Fn(&T) -> K) -> Vec<&'a T> {
    let mut by_telling: Vec<usize> = (0..all.len()).collect();
    by_telling.sort_by_key(|index| all.get(*index).map(|one| Reverse(telling(one))));
    let mut indexes: Vec<usize> = by_telling.into_iter().take(TELLING).collect();
    let others = SHOWN - TELLING;
    indexes.extend((0..others).map(|step| step * all.len() / others));
    indexes.sort_unstable();
    indexes.dedup();
    indexes
        .into_iter()
        .filter_map(|index| all.get(index).copied())
        .collect()
}

/// How much a name shows of a format: letters outside ASCII, then parts, then length.
fn telling(name: &str) -> (bool, usize, usize) {
    let parts = name.split([' ', '-', '\'', '’']).count();
    (!name.is_ascii(), parts, name.chars().count())
}

fn full_name(person: &Persoon) -> String {
    let parts: Vec<&str> = [&person.voornaam, &person.naam]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projection::tests::{MARKT, World};

    #[test]
    fn r7_r11_formats_are_shown_on_people_and_classes_there_are() {
        let mut world = World::new();
        for number in 1..=40 {
            world
                .person(number)
                .registration(number, MARKT, "2026-09-01", None);
            world.class(number, MARKT, &format!("{number}A"));
        }
        world.mirror.persoon[17].naam = Some("Núñez".to_owned());
        world.mirror.persoon[17].voornaam = Some("José María".to_owned());
        let sample = Sample::of(&world.mirror, &world.usernames, &world.configuration);
        let mut configuration = world.configuration.clone();
        configuration.username_format = "{familienaam}.{voornaam:1}".parse().unwrap();
        configuration.username_max_length = 8;
        let names = sample.names(&configuration);
        assert!(names.len() <= SHOWN, "{names:?}");
        let jose = names
            .iter()
            .find(|name| name.person == "José María Núñez")
            .unwrap();
        assert_eq!((jose.made.as_str(), jose.is_doubtful), ("nunez.j", false));
        assert_eq!(jose.username, "p18");
        configuration.team_name_format = "K {klascode}".parse().unwrap();
        let titles = sample.titles(&configuration).unwrap();
        assert!(!titles.is_empty() && titles.len() <= SHOWN);
        assert!(
            titles.iter().all(|title| title.title.starts_with("K ")),
            "{titles:?}"
        );
    }

    #[test]
    fn a_group_without_people_has_an_empty_sample() {
        let sample = Sample::of(&Mirror::default(), &HashMap::new(), &World::new().configuration);
        assert_eq!(sample, Sample::default());
        assert!(sample.names(&World::new().configuration).is_empty());
    }
}
