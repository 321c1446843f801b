//! How much the name of an account is like a person's.

use strsim::{jaro_winkler, osa_distance};

use crate::called::Called;
use crate::name::Part;

/// Of so many words at most a name is taken apart.
const WORDS_MAX: usize = 8;

/// How two family names, or two given names, are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// The same letters.
    Equal,
    /// The same name with other letters for an accent.
    Spelling,
    /// One has fewer parts.
    Shorter,
    /// A name that stands for the other.
    Called,
    /// A letter or two differ.
    Typo,
    /// It sounds the same.
    Sound,
    /// Some letters of the other, in their order.
    Shortened,
    /// The first letter only.
    Initial,
    /// Another name.
    Different,
}

impl Likeness {
    /// Returns its half of the score.
    const fn points(self) -> u8 {
        match self {
            Self::Equal => 50,
            Self::Spelling => 48,
            Self::Shorter | Self::Called => 42,
            Self::Typo | Self::Sound => 40,
            Self::Shortened => 36,
            Self::Initial => 27,
            Self::Different => 0,
        }
    }

    /// Returns `true` unless it is a name of somebody else: a short form, a part left out and a first letter agree with the whole name.
    const fn agrees(self) -> bool {
        matches!(
            self,
            Self::Equal | Self::Spelling | Self::Shorter | Self::Called | Self::Initial
        )
    }

    /// Returns `true` if it is the same name.
    pub(crate) const fn is_same(self) -> bool {
        matches!(self, Self::Equal | Self::Spelling)
    }
}

/// How two names are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NameLikeness {
    pub(crate) family: Likeness,
    pub(crate) given: Likeness,
}

impl NameLikeness {
    pub(crate) const NONE: Self = Self {
        family: Likeness::Different,
        given: Likeness::Different,
    };

    const SAME: Self = Self {
        family: Likeness::Equal,
        given: Likeness::Equal,
    };

    /// Returns the score, 0 to 100.
    pub(crate) fn points(self) -> u8 {
        self.family.points() + self.given.points()
    }

    pub(crate) fn is_same(self) -> bool {
        self.family.is_same() && self.given.is_same()
    }

    /// Returns `true` unless one of them is somebody else's.
    pub(crate) const fn agrees(self) -> bool {
        self.family.agrees() && self.given.agrees()
    }
}

/// A person's name, ready to be compared.
#[derive(Debug, Clone)]
pub(crate) struct PersonName {
    pub(crate) given: Part,
    pub(crate) family: Part,
    /// Given and family name glued, and the other way round.
    glued: [String; 2],
}

impl PersonName {
    pub(crate) fn of(given: &str, family: &str) -> Self {
        let (given, family) = (Part::of(given), Part::of(family));
        let glued = [
            format!("{}{}", given.whole, family.whole),
            format!("{}{}", family.whole, given.whole),
        ];
        Self { given, family, glued }
    }

    /// Returns the words of both.
    pub(crate) fn words(&self) -> Vec<&String> {
        self.given.words.iter().chain(&self.family.words).collect()
    }

    /// Returns `true` if it has all these words, so that they say nothing of somebody else.
    pub(crate) fn has_words(&self, words: &[String]) -> bool {
        words.iter().all(|word| self.words().contains(&word))
    }

    /// Compares it with a name of an account, of which nobody says which word is which.
    pub(crate) fn like(&self, other: &OtherName, called: &Called) -> NameLikeness {
        let mut best = NameLikeness::NONE;
        if self.is_glued(&other.glued) {
            return NameLikeness::SAME;
        }
        if other.splits.is_empty() {
            return self.like_one_word(&other.glued, called);
        }
        for (first, last) in &other.splits {
            for (given, family) in [(first, last), (last, first)] {
                let likeness = self.like_parts(given, family, called);
                if likeness.points() > best.points() {
                    best = likeness;
                }
            }
        }
        best
    }

    fn is_glued(&self, text: &str) -> bool {
        !text.is_empty() && !self.given.whole.is_empty() && self.glued.iter().any(|glued| glued == text)
    }

    /// Compares it with a given and a family name.
    pub(crate) fn like_parts(&self, given: &Part, family: &Part, called: &Called) -> NameLikeness {
        let family = family_likeness(&self.family, family);
        // With another family name only the very given name counts.
        if family == Likeness::Different && self.given.whole != given.whole {
            return NameLikeness::NONE;
        }
        NameLikeness {
            family,
            given: given_likeness(&self.given, given, called),
        }
    }

    /// Compares it with one word that may have both names in it, or one of them.
    fn like_one_word(&self, word: &str, called: &Called) -> NameLikeness {
        let mut best = NameLikeness::NONE;
        let families = [&self.family.whole]
            .into_iter()
            .chain(&self.family.shorter)
            .chain(&self.family.spellings);
        for (place, family) in families.enumerate() {
            let rests = [
                word.strip_suffix(family.as_str()),
                word.strip_prefix(family.as_str()),
            ];
            for rest in rests.into_iter().flatten().filter(|_| !family.is_empty()) {
                let likeness = NameLikeness {
                    family: if place == 0 {
                        Likeness::Equal
                    } else {
                        Likeness::Shorter
                    },
                    given: given_likeness(&self.given, &Part::of_word(rest), called),
                };
                if likeness.points() > best.points() {
                    best = likeness;
                }
            }
        }
        if best == NameLikeness::NONE && self.glued.iter().any(|glued| is_typo(glued, word)) {
            best = NameLikeness {
                family: Likeness::Typo,
                given: Likeness::Typo,
            };
        }
        best
    }
}

/// A name of an account, ready to be compared.
#[derive(Debug, Clone)]
pub(crate) struct OtherName {
    glued: String,
    /// Its words in two parts, in every way.
    splits: Vec<(Part, Part)>,
}

impl OtherName {
    pub(crate) fn of(words: &[String]) -> Self {
        let parts = (1..words.len().min(WORDS_MAX)).filter_map(|place| words.split_at_checked(place));
        Self {
            glued: words.concat(),
            splits: parts
                .map(|(first, last)| (Part::of_words(first), Part::of_words(last)))
                .collect(),
        }
    }
}

fn family_likeness(own: &Part, other: &Part) -> Likeness {
    let whole = &other.whole;
    if whole.is_empty() || own.whole.is_empty() {
        return Likeness::Different;
    }
    if own.whole == *whole {
        return if own.is_guess {
            Likeness::Sound
        } else {
            Likeness::Equal
        };
    }
    if own.spellings.contains(whole) {
        return Likeness::Spelling;
    }
    let is_shorter = own.shorter.contains(whole)
        || other.shorter.contains(&own.whole)
        || own
            .shorter
            .iter()
            .any(|form| form.len() >= 4 && other.shorter.contains(form));
    if is_shorter {
        Likeness::Shorter
    } else if own.is_near(other) && is_typo(&own.whole, whole) {
        Likeness::Typo
    } else if own.sound.len() >= 3 && own.sound == other.sound {
        Likeness::Sound
    } else if whole.len() == 1 && own.initials.starts_with(whole) {
        Likeness::Initial
    } else {
        Likeness::Different
    }
}

fn given_likeness(own: &Part, other: &Part, called: &Called) -> Likeness {
    let whole = &other.whole;
    if own.whole.is_empty() && whole.is_empty() {
        return Likeness::Equal;
    }
    if own.whole.is_empty() || whole.is_empty() {
        return Likeness::Different;
    }
    if own.whole == *whole {
        return if own.is_guess {
            Likeness::Sound
        } else {
            Likeness::Equal
        };
    }
    if own.spellings.contains(whole) {
        return Likeness::Spelling;
    }
    let has = |all: &[String], word: &String| word.len() >= 2 && all.contains(word);
    if has(&own.words, whole) || has(&other.words, &own.whole) {
        return Likeness::Shorter;
    }
    let is_called =
        called.is_one_name(&own.whole, whole) || own.words.iter().any(|word| called.is_one_name(word, whole));
    if is_called {
        return Likeness::Called;
    }
    if own.is_near(other) && is_typo(&own.whole, whole) {
        return Likeness::Typo;
    }
    if own.sound.len() >= 3 && own.sound == other.sound {
        return Likeness::Sound;
    }
    if is_shortened(&own.whole, whole) || is_shortened(whole, &own.whole) {
        return Likeness::Shortened;
    }
    let is_initial =
        whole.len() <= 3 && (own.initials == *whole || own.whole.get(..1) == Some(whole.as_str()));
    if is_initial {
        Likeness::Initial
    } else {
        Likeness::Different
    }
}

/// Returns `true` if a letter or two differ: as many as somebody mistypes in a name of that length.
fn is_typo(one: &str, other: &str) -> bool {
    let shortest = one.len().min(other.len());
    if one.len().abs_diff(other.len()) > 2 || shortest < 3 {
        return false;
    }
    let distance = osa_distance(one, other);
    // In short names every letter tells people apart, unless two changed places.
    let is_swap = one.len() == other.len() && distance == 1 && sorted(one) == sorted(other);
    is_swap || distance <= usize::from(shortest >= 4) + usize::from(shortest >= 9)
}

fn sorted(text: &str) -> Vec<u8> {
    let mut letters = text.as_bytes().to_vec();
    letters.sort_unstable();
    letters
}

/// Returns `true` if one name is a short form of another by its letters: its beginning, its end, or like it with `-ke`, `-tje`, `-y`.
fn is_shortened(long: &str, short: &str) -> bool {
    if short.len() < 2 || short.len() >= long.len() {
        return false;
    }
    if long.starts_with(short) || (short.len() >= 3 && long.contains(short)) {
        return true;
    }
    let endings = ["eke", "ke", "tje", "je", "ie", "y", "i", "e", "o", "a"];
    let stems = endings.iter().filter_map(|ending| short.strip_suffix(ending));
    for stem in stems.filter(|stem| stem.len() >= 2) {
        let half = stem
            .get(..stem.len() - 1)
            .filter(|half| half.len() >= 2 && half.chars().last() == stem.chars().last());
        if long.starts_with(stem) || half.is_some_and(|half| long.starts_with(half)) {
            return true;
        }
    }
    short.len() >= 3 && jaro_winkler(long, short) > 0.88
}
