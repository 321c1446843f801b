//! What an account says besides a name: whose kind it is, whether its owner left, whether it is nobody's own.

use crate::account::{Account, local_part};
use crate::name::words;
use crate::person::Kind;
use crate::vocabulary::{
    CLASS_WORDS, FORMER_PHRASES, FORMER_WORDS, PUPIL_LICENCES, PUPIL_WORDS, SERVICE_WORDS, STAFF_LICENCES,
    STAFF_WORDS,
};

/// What stands beside the name of an account.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    /// Whose kind it is, by licence, department or title.
    pub(crate) kind: Option<Kind>,
    /// Whether department or title says that its owner left.
    pub(crate) is_former: bool,
    /// Whether it is a guest, a room, an administrator's second account.
    pub(crate) is_service: bool,
    /// Whether it is a guest.
    is_guest: bool,
    /// Words of its names that say that its owner left, unless they are their name.
    former_words: Vec<String>,
    /// Words of its names that say that it is nobody's own, unless they are their name.
    service_words: Vec<String>,
    /// The words of the display name without those marks and without a class.
    pub(crate) shown: Vec<String>,
    /// All words of the display name, where they are others.
    pub(crate) shown_whole: Option<Vec<String>>,
    /// The words of the part before the `@`, without the numbers at their ends.
    pub(crate) local: Vec<String>,
    /// The class that department, title or display name says, as classes are compared.
    pub(crate) class: String,
}

impl Evidence {
    pub(crate) fn of(account: &Account) -> Self {
        let shown = Shown::of(&account.display_name);
        let local = local_words(&account.local_part());
        let (department, title) = (words(&account.department), words(&account.title));
        let is_guest = account.is_guest || account.username.to_lowercase().contains("#ext#");
        let mut service_words = shown.marks_of(SERVICE_WORDS);
        service_words.extend(
            local
                .iter()
                .filter(|word| SERVICE_WORDS.contains(&word.as_str()))
                .cloned(),
        );
        let class = [class_of(&department), class_of(&title), shown.class.clone()];
        Self {
            kind: kind(account, &department, &title),
            is_former: is_former(&department) || is_former(&title) || shown.is_former,
            is_service: is_guest || !service_words.is_empty(),
            is_guest,
            former_words: shown.marks_of(FORMER_WORDS),
            service_words,
            shown_whole: (shown.whole != shown.words).then_some(shown.whole),
            shown: shown.words,
            local,
            class: class
                .into_iter()
                .find(|class| !class.is_empty())
                .unwrap_or_default(),
        }
    }

    /// Returns `true` if something says that the owner left; `names` are the words of who is compared: somebody may be called Oud.
    pub(crate) fn is_former_for(&self, names: &[&String]) -> bool {
        self.is_former || self.former_words.iter().any(|word| !names.contains(&word))
    }

    /// Returns `true` if it is a guest or nobody's first account; somebody may be called Gast.
    pub(crate) fn is_service_for(&self, names: &[&String]) -> bool {
        self.is_guest || self.service_words.iter().any(|word| !names.contains(&word))
    }
}

fn kind(account: &Account, department: &[String], title: &[String]) -> Option<Kind> {
    // `5 Secretariaat-talen` is a class.
    let is_class = |place: &[String]| {
        place
            .first()
            .is_some_and(|word| word.starts_with(|letter: char| letter.is_ascii_digit()))
    };
    let place = [department, title].into_iter().filter(|place| !is_class(place));
    let place: Vec<&String> = place.flatten().collect();
    let has = |known: &[&str]| place.iter().any(|word| known.contains(&word.as_str()));
    kind_of_licence(&account.licences).or_else(|| match (has(PUPIL_WORDS), has(STAFF_WORDS)) {
        (true, false) => Some(Kind::Pupil),
        (false, true) => Some(Kind::Staff),
        (true, true) | (false, false) => None,
    })
}

fn is_former(place: &[String]) -> bool {
    place.iter().any(|word| FORMER_WORDS.contains(&word.as_str())) || has_phrase(place)
}

fn has_phrase(words: &[String]) -> bool {
    words
        .windows(2)
        .any(|two| FORMER_PHRASES.iter().any(|phrase| two == phrase))
}

fn kind_of_licence(licences: &str) -> Option<Kind> {
    let licences = licences.to_lowercase();
    let has = |known: &[&str]| known.iter().any(|name| licences.contains(name));
    match (has(PUPIL_LICENCES), has(STAFF_LICENCES)) {
        (true, false) => Some(Kind::Pupil),
        (false, true) => Some(Kind::Staff),
        (true, true) | (false, false) => None,
    }
}

/// A display name taken apart.
struct Shown {
    /// The words of the name.
    words: Vec<String>,
    /// All words outside brackets.
    whole: Vec<String>,
    /// Those in brackets, and marks at the beginning or end of at least three words.
    beside: Vec<String>,
    /// Whether two words of it say that its owner left.
    is_former: bool,
    /// A class in it.
    class: String,
}

impl Shown {
    fn of(name: &str) -> Self {
        let (outside, inside) = out_of_brackets(name);
        let (whole, mut beside) = (words(&outside), words(&inside));
        let is_former = has_phrase(&beside) || (whole.len() >= 4 && has_phrase(&whole));
        let (class_words, mut words): (Vec<String>, Vec<String>) =
            whole.iter().cloned().partition(|word| is_class_word(word));
        let class = class_words.iter().chain(&beside).find(|word| is_class_word(word));
        let class = class.cloned().unwrap_or_default();
        let is_mark = |word: &String, is_first: bool| {
            FORMER_WORDS.contains(&word.as_str())
                || SERVICE_WORDS.contains(&word.as_str())
                || (is_first && matches!(word.as_str(), "x" | "xx" | "xxx"))
                || (is_former && FORMER_PHRASES.iter().flatten().any(|part| part == word))
        };
        while words.len() >= 3 {
            if words.last().is_some_and(|word| is_mark(word, false)) {
                beside.extend(words.pop());
            } else if words.first().is_some_and(|word| is_mark(word, true)) {
                beside.push(words.remove(0));
            } else {
                break;
            }
        }
        Self {
            is_former: is_former
                || beside
                    .iter()
                    .any(|word| matches!(word.as_str(), "x" | "xx" | "xxx")),
            words,
            whole,
            beside,
            class,
        }
    }

    fn marks_of(&self, known: &[&str]) -> Vec<String> {
        let marks = self.beside.iter().filter(|word| known.contains(&word.as_str()));
        marks.cloned().collect()
    }
}

fn out_of_brackets(name: &str) -> (String, String) {
    let mut outside = String::new();
    let mut inside = String::new();
    let mut depth = 0_u32;
    for letter in name.chars() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ if depth > 0 => inside.push(letter),
            _ => outside.push(letter),
        }
        if matches!(letter, '(' | '[' | '{' | ')' | ']' | '}') {
            outside.push(' ');
            inside.push(' ');
        }
    }
    (outside, inside)
}

/// Returns `true` for a word such as `6EWE`.
fn is_class_word(word: &str) -> bool {
    let mut letters = word.chars();
    (2..=8).contains(&word.len())
        && letters.next().is_some_and(|digit| ('1'..='7').contains(&digit))
        && letters.all(|letter| letter.is_ascii_alphabetic())
}

/// Returns the words of a local part: `jan.peeters2` is `jan` and `peeters`.
pub(crate) fn local_words(local: &str) -> Vec<String> {
    let local = local_part(local);
    words(&local)
        .into_iter()
        .filter(|word| !word.starts_with(|letter: char| letter.is_ascii_digit()))
        .map(|word| {
            word.trim_end_matches(|letter: char| letter.is_ascii_digit())
                .to_owned()
        })
        .collect()
}

/// Returns a class, or what a department says of one, as they are compared.
pub(crate) fn class(text: &str) -> String {
    words(text).concat()
}

/// Returns the class that a department or title says: `6ewe` of `Leerling 6EWE` and of `2024-2025 6A`.
fn class_of(place: &[String]) -> String {
    let is_year = |word: &String| word.len() == 4 && word.starts_with("20");
    let rest = place
        .iter()
        .filter(|word| !is_year(word) && !CLASS_WORDS.contains(&word.as_str()));
    rest.map(String::as_str).collect()
}
