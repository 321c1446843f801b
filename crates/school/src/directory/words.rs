//! The words that people and classes are found by.

use uuid::Uuid;

use crate::username::comparable;

/// How well a text fits; the least fits best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// An id, a username, the code, name or title of a class.
    Exact,
    /// All of a name, in either order.
    Name,
    /// The beginnings of words.
    Words,
}

/// A text that is looked for, in the forms it is compared in.
pub(super) struct Asked {
    id: Option<Uuid>,
    words: Vec<String>,
}

impl Asked {
    pub(super) fn new(text: &str) -> Self {
        let text = text.trim();
        // The domain of a username says nothing of who it is.
        let local = if text.contains(char::is_whitespace) {
            text
        } else {
            text.split('@').next().unwrap_or_default()
        };
        Self {
            id: Uuid::try_parse(text).ok(),
            words: words(local),
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.words.is_empty() && self.id.is_none()
    }

    /// Returns every way to take some of the words, from the end or the beginning, for a class and the others for a person.
    pub(super) fn parts(&self) -> Vec<(Self, Self)> {
        let part = |words: &[String]| Self {
            id: None,
            words: words.to_vec(),
        };
        let mut parts = Vec::new();
        for at in 1..self.words.len() {
            let (first, second) = self.words.split_at(at);
            parts.push((part(first), part(second)));
            parts.push((part(second), part(first)));
        }
        parts
    }

    fn joined(&self) -> String {
        self.words.concat()
    }
}

/// The words of a person or a class.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    /// What it is called as a whole.
    whole: Vec<String>,
    /// What fits as well as an id.
    exact: Vec<String>,
    /// Each word alone.
    single: Vec<String>,
}

impl Words {
    pub(super) fn of_person(given: &str, family: &str, username: Option<&str>) -> Self {
        let (given_words, family_words) = (words(given), words(family));
        let (given, family) = (given_words.concat(), family_words.concat());
        let username_words = username.map(words).unwrap_or_default();
        let mut all = [given_words, family_words, vec![given.clone(), family.clone()]].concat();
        let exact = username_words.concat();
        all.extend(username_words);
        Self {
            whole: vec![format!("{given}{family}"), format!("{family}{given}")],
            exact: vec![exact],
            single: distinct(all),
        }
    }

    pub(super) fn of_class<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let names: Vec<Vec<String>> = names.map(words).collect();
        let exact: Vec<String> = names.iter().map(|words| words.concat()).collect();
        Self {
            whole: Vec::new(),
            single: distinct([names.concat(), exact.clone()].concat()),
            exact,
        }
    }

    /// Returns how well a text fits; `None` if it does not.
    pub(super) fn fit(&self, asked: &Asked, id: Uuid) -> Option<Fit> {
        if asked.id == Some(id) {
            return Some(Fit::Exact);
        }
        let begins_one = |asked: &String| self.single.iter().any(|word| word.starts_with(asked.as_str()));
        let is_prefix = !asked.words.is_empty() && asked.words.iter().all(begins_one);
        let joined = asked.joined();
        if joined.is_empty() {
            None
        } else if self.exact.contains(&joined) {
            Some(Fit::Exact)
        } else if self.whole.contains(&joined) {
            Some(Fit::Name)
        } else {
            is_prefix.then_some(Fit::Words)
        }
    }

    /// Returns `true` if a text is all of the code, the name or the title of a class.
    pub(super) fn is_called(&self, asked: &Asked) -> bool {
        let joined = asked.joined();
        !joined.is_empty() && self.exact.contains(&joined)
    }
}

fn distinct(mut words: Vec<String>) -> Vec<String> {
    words.retain(|word| !word.is_empty());
    words.sort();
    words.dedup();
    words
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|character: char| character.is_whitespace() || character == '.');
    words.map(comparable).filter(|word| !word.is_empty()).collect()
}

pub(super) fn label(given: &str, family: &str) -> String {
    let names = [given.trim(), family.trim()];
    let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    names.join(" ")
}
