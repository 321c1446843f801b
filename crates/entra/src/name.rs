//! Names in the letters in which they can be compared.

use oneroster_school::username::normalise::normalise;

/// Words between the parts of a family name, which accounts leave out or shorten.
const PARTICLES: &[&str] = &[
    "van", "vande", "vanden", "vander", "vd", "de", "den", "der", "d", "t", "ten", "ter", "te", "op", "in",
    "le", "la", "les", "du", "des", "von", "zu", "el", "al", "ben", "bin", "ait", "da", "dos", "do", "di",
    "del", "della", "mac", "mc", "st", "sint",
];

/// Letters that other spellings write with two.
const SPELT_OUT: &[(char, &str)] = &[
    ('ü', "ue"),
    ('ö', "oe"),
    ('ä', "ae"),
    ('å', "aa"),
    ('ø', "oe"),
    ('ß', "sz"),
    ('đ', "dj"),
];

/// Returns the words of a text, in lower-case ASCII letters and digits: what apostrophes part is one word, what dashes, dots, commas
/// and low lines part is several.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split(is_between)
        .map(letters)
        .filter(|word| !word.is_empty())
        .collect()
}

fn is_between(character: char) -> bool {
    character.is_whitespace()
        || (character.is_ascii_punctuation() && !matches!(character, '\'' | '`'))
        || matches!(character, '‐'..='―')
}

/// Returns one word in letters; of another script by how it sounds.
fn letters(word: &str) -> String {
    let normal = normalise(word);
    let text = if normal.gave_up {
        deunicode::deunicode(word).to_lowercase()
    } else {
        normal.text
    };
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Returns how a text sounds, roughly: what spelling varies is one letter.
pub(crate) fn sound(letters: &str) -> String {
    let mut text = letters.to_owned();
    for (from, to) in [
        ("sch", "s"),
        ("tsj", "c"),
        ("ch", "k"),
        ("ck", "k"),
        ("kh", "k"),
        ("gh", "g"),
        ("sh", "s"),
        ("ph", "f"),
        ("th", "t"),
        ("dj", "d"),
        ("qu", "k"),
        ("ij", "i"),
        ("ei", "i"),
        ("ey", "i"),
        ("ay", "ai"),
        ("ou", "u"),
        ("oe", "u"),
        ("ue", "u"),
        ("ie", "i"),
        ("ae", "a"),
        ("w", "v"),
        ("c", "k"),
        ("q", "k"),
        ("z", "s"),
        ("x", "ks"),
        ("y", "i"),
        ("j", "i"),
        ("h", ""),
    ] {
        if text.contains(from) {
            text = text.replace(from, to);
        }
    }
    let mut sound = String::with_capacity(text.len());
    for letter in text.chars() {
        if !sound.ends_with(letter) {
            sound.push(letter);
        }
    }
    sound
}

/// One part of somebody's name, given or family, in every form that it is compared in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Part {
    /// All of it, glued.
    pub(crate) whole: String,
    /// The same, as other spellings write it.
    pub(crate) spellings: Vec<String>,
    /// Its words.
    pub(crate) words: Vec<String>,
    /// Shorter forms: without particles, one half of a double name, particles as initials.
    pub(crate) shorter: Vec<String>,
    /// First letters of the words.
    pub(crate) initials: String,
    /// Which letters it has, a bit each.
    pub(crate) letters: u32,
    /// How it sounds.
    pub(crate) sound: String,
    /// Whether its letters could only be guessed.
    pub(crate) is_guess: bool,
}

impl Part {
    pub(crate) fn of(text: &str) -> Self {
        let words = words(text);
        let whole = words.concat();
        let initials = words.iter().filter_map(|word| word.chars().next()).collect();
        let mut spellings = spelt_out(text);
        spellings.retain(|spelling| *spelling != whole);
        let mut part = Self {
            letters: letter_set(&whole),
            sound: sound(&whole),
            shorter: shorter(text, &words, &whole),
            is_guess: normalise(text).gave_up,
            spellings,
            initials,
            words,
            whole,
        };
        part.shorter.dedup();
        part
    }
}

impl Part {
    /// The same of words of an account's name, which are in letters already.
    pub(crate) fn of_words(words: &[String]) -> Self {
        let whole = words.concat();
        Self {
            letters: letter_set(&whole),
            sound: sound(&whole),
            shorter: shorter(&words.join(" "), words, &whole),
            words: words.to_vec(),
            whole,
            ..Self::default()
        }
    }

    /// Returns `true` if the two share enough letters to be worth a letter by letter comparison.
    pub(crate) fn is_near(&self, other: &Self) -> bool {
        (self.letters ^ other.letters).count_ones() <= 4
    }

    /// The same of one word of which no part can be a name by itself.
    pub(crate) fn of_word(word: &str) -> Self {
        Self {
            letters: letter_set(word),
            sound: sound(word),
            whole: word.to_owned(),
            words: vec![word.to_owned()],
            ..Self::default()
        }
    }
}

/// Returns which letters a text has, a bit each.
fn letter_set(text: &str) -> u32 {
    text.bytes().fold(0, |set, letter| set | 1 << (letter & 31))
}

fn spelt_out(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut spelt = String::with_capacity(lower.len());
    for letter in lower.chars() {
        match SPELT_OUT.iter().find(|(known, _)| *known == letter) {
            Some((_, letters)) => spelt.push_str(letters),
            None => spelt.push(letter),
        }
    }
    vec![words(&spelt).concat()]
}

fn shorter(text: &str, words: &[String], whole: &str) -> Vec<String> {
    let is_particle = |word: &&String| PARTICLES.contains(&word.as_str());
    let mut shorter = Vec::new();
    let core: Vec<&String> = words.iter().filter(|word| !is_particle(word)).collect();
    shorter.push(core.iter().map(|word| word.as_str()).collect());
    shorter.extend(core.iter().map(|word| (*word).clone()));
    // Each half of a double name with its own particles: `Maes-De Smet`; and `D'Hondt`, of which the apostrophe made one word.
    for marks in [['-', '/'].as_slice(), ['\'', '’'].as_slice()] {
        if text.contains(marks) {
            shorter.extend(text.split(marks).map(|half| self::words(half).concat()));
        }
    }
    if let Some((last, before)) = words.split_last() {
        let initials: String = before.iter().filter_map(|word| word.chars().next()).collect();
        shorter.push(format!("{initials}{last}"));
    }
    for particle in ["vander", "vanden", "vande", "van", "de"] {
        shorter.extend(
            whole
                .strip_prefix(particle)
                .filter(|rest| rest.len() >= 4)
                .map(str::to_owned),
        );
    }
    shorter.retain(|form| form.len() >= 3 && form != whole && !PARTICLES.contains(&form.as_str()));
    shorter
}
