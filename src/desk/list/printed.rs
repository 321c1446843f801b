//! The list class by class, for paper: names and usernames, no birth dates.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::answer::Person;
use super::question::{Column, Filter};
use super::seen::{NO_CLASS, Seen};

/// A class on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedClass {
    /// Its name; [`NO_CLASS`] for pupils without one.
    pub name: String,
    /// School and site.
    pub place: String,
    /// Its pupils, by family name and given name.
    pub people: Vec<PrintedPerson>,
}

/// A pupil on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedPerson {
    /// Official family name.
    pub family_name: String,
    /// Official given name.
    pub given_name: String,
    /// The whole login, as far as it is known here.
    pub login: String,
}

impl Seen<'_> {
    /// Finds a person whom they may see, with the whole login as far as it is known.
    pub fn find_with_login(&self, id: Uuid) -> Option<(Person, String)> {
        let person = self.find(id)?;
        let row = self.view.rows.people.find(id)?;
        Some((person, self.login(row)))
    }

    /// Returns those who are meant by a filter, class by class: who is in two classes stands in both.
    pub fn by_class(&self, filter: &Filter) -> Vec<PrintedClass> {
        let people = &self.view.rows.people;
        let asked = filter
            .columns
            .get(&Column::Class)
            .and_then(|class| class.equals.as_deref());
        let asked = asked.map(crate::accounts::folded);
        // By place, then name.
        let mut classes: BTreeMap<(String, String), Vec<PrintedPerson>> = BTreeMap::new();
        for row in self.matching(filter) {
            let person = PrintedPerson {
                family_name: people.family.get(row).to_owned(),
                given_name: people.given.get(row).to_owned(),
                login: self.login(row),
            };
            let mut is_in_one = false;
            for class in self.values(row, Column::Class) {
                is_in_one = true;
                let Some(class) = people.classes.get(class) else {
                    continue;
                };
                if asked.as_ref().is_none_or(|asked| *asked == class.name.folded) {
                    let key = (self.place_name(class.place), class.name.text.clone());
                    classes.entry(key).or_default().push(person.clone());
                }
            }
            if !is_in_one {
                let place = self.values(row, Column::Site).next();
                let place = place.map(|place| self.place_name(place)).unwrap_or_default();
                classes
                    .entry((place, NO_CLASS.to_owned()))
                    .or_default()
                    .push(person);
            }
        }
        let classes = classes.into_iter();
        classes
            .map(|((place, name), people)| PrintedClass { name, place, people })
            .collect()
    }

    fn place_name(&self, place: usize) -> String {
        let place = self.view.rows.people.places.get(place);
        place.map_or_else(String::new, |place| {
            format!("{}, {}", place.school.text, place.site.text)
        })
    }

    /// Returns the whole login of a row, as far as it is known: without the domain where Microsoft adds it.
    pub(super) fn login(&self, row: usize) -> String {
        let rows = &self.view.rows;
        let username = rows.username.get(row);
        match rows.people.domain(row) {
            Some(domain) if !username.contains('@') && !domain.text.is_empty() => {
                format!("{username}@{}", domain.text)
            }
            Some(_) | None => username.to_owned(),
        }
    }
}
