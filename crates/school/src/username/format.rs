//! The username format: placeholders and separators (R11, R12, informat-domain §6.5).

use super::normalise::normalise;
use crate::tenant::braces::{Token, tokens};

/// Longest local part that Entra takes, in characters.
pub const LOCAL_PART_MAX_LENGTH: usize = 64;

/// A checked username format, such as `{voornaam}.{familienaam}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Name { part: Part, first: Option<usize> },
    Separator(char),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Given,
    Family,
}

/// A username format that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// A brace without its counterpart.
    #[error("the brace at character {0} has no counterpart")]
    Brace(usize),
    /// A word in braces that means nothing.
    #[error(
        "{{{word}}} at character {position} is no placeholder: {{voornaam}}, {{familienaam}}, \
         {{voornaam:N}} and {{familienaam:N}} (the first N characters, 1 to 64) are"
    )]
    Placeholder {
        /// The word.
        word: String,
        /// Where its brace stands, counted from 1.
        position: usize,
    },
    /// A character between placeholders that is not allowed.
    #[error(
        "{character:?} at character {position} is not allowed: only . _ and - may stand between placeholders"
    )]
    Character {
        /// The character.
        character: char,
        /// Where it stands, counted from 1.
        position: usize,
    },
    /// No placeholder at all.
    #[error("it holds no placeholder: {{voornaam}} or {{familienaam}} must stand in it")]
    NoPlaceholder,
}

impl Format {
    /// Reads a format. `{voornaam.familienaam}` is short for `{voornaam}.{familienaam}`.
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        let mut pieces = Vec::new();
        for (position, token) in tokens(text) {
            match token {
                Token::Word(word) => {
                    let read = placeholder(&word).ok_or(FormatError::Placeholder { word, position })?;
                    pieces.extend(read);
                }
                Token::Character(character) if is_separator(character) => {
                    pieces.push(Piece::Separator(character));
                }
                Token::Character(character) => {
                    return Err(FormatError::Character { character, position });
                }
                Token::Brace => return Err(FormatError::Brace(position)),
            }
        }
        if pieces.iter().any(|piece| matches!(piece, Piece::Name { .. })) {
            Ok(Self { pieces })
        } else {
            Err(FormatError::NoPlaceholder)
        }
    }

    /// Fills the format. A part that is empty takes its separator with it; the result may be empty.
    pub fn fill(&self, given_name: &str, family_name: &str) -> Filled {
        let (given, family) = (normalise(given_name), normalise(family_name));
        let mut text = String::new();
        let mut needs_review = false;
        for piece in &self.pieces {
            match *piece {
                Piece::Separator(separator) => text.push(separator),
                Piece::Name { part, first } => {
                    let name = match part {
                        Part::Given => &given,
                        Part::Family => &family,
                    };
                    needs_review |= name.gave_up;
                    let cut: String = name.text.chars().take(first.unwrap_or(usize::MAX)).collect();
                    // A dash at the cut would stand where the format's own separator should.
                    text.push_str(cut.trim_end_matches(is_separator));
                }
            }
        }
        Filled {
            text: collapse(&text),
            needs_review,
        }
    }
}

/// A filled format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The name; empty when nothing was left of the person's names.
    pub text: String,
    /// Whether letters were dropped.
    pub needs_review: bool,
}

fn placeholder(word: &str) -> Option<Vec<Piece>> {
    if word == "voornaam.familienaam" {
        let name = |part| Piece::Name { part, first: None };
        return Some(vec![name(Part::Given), Piece::Separator('.'), name(Part::Family)]);
    }
    let (name, first) = match word.split_once(':') {
        None => (word, None),
        Some((name, count)) => {
            let count = count
                .parse()
                .ok()
                .filter(|count| (1..=LOCAL_PART_MAX_LENGTH).contains(count))?;
            (name, Some(count))
        }
    };
    let part = match name {
        "voornaam" => Part::Given,
        "familienaam" => Part::Family,
        _ => return None,
    };
    Some(vec![Piece::Name { part, first }])
}

/// Keeps the first of adjacent separators, and none at either end.
fn collapse(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for character in text.chars() {
        if !is_separator(character)
            || collapsed
                .chars()
                .next_back()
                .is_some_and(|last| !is_separator(last))
        {
            collapsed.push(character);
        }
    }
    collapsed.truncate(collapsed.trim_end_matches(is_separator).len());
    collapsed
}

/// Says whether a character only separates name parts.
pub fn is_separator(character: char) -> bool {
    matches!(character, '.' | '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(format: &str, given: &str, family: &str) -> String {
        Format::parse(format).unwrap().fill(given, family).text
    }

    #[test]
    fn r11_the_formats_schools_choose() {
        for (format, expected) in [
            ("{voornaam}.{familienaam}", "lotte.vandenbroeck"),
            ("{familienaam}.{voornaam}", "vandenbroeck.lotte"),
            ("{voornaam}_{familienaam}", "lotte_vandenbroeck"),
            ("{voornaam.familienaam}", "lotte.vandenbroeck"),
            ("{voornaam:1}{familienaam}", "lvandenbroeck"),
            ("{voornaam:1}-{familienaam:5}", "l-vande"),
            ("{familienaam}", "vandenbroeck"),
        ] {
            assert_eq!(fill(format, "Lotte", "Van den Broeck"), expected, "{format}");
        }
    }

    #[test]
    fn an_empty_part_takes_its_separator_with_it() {
        assert_eq!(fill("{voornaam}.{familienaam}", "", "Sukarno"), "sukarno");
        assert_eq!(fill("{voornaam}.{familienaam}", "Sukarno", "-"), "sukarno");
        assert_eq!(fill("{voornaam}_.-{familienaam}", "Jan", "Maes"), "jan_maes");
        assert_eq!(fill("{voornaam}.{familienaam}", "", ""), "");
    }

    #[test]
    fn a_part_cut_at_a_dash_keeps_the_separator_of_the_format() {
        assert_eq!(
            fill("{voornaam:5}.{familienaam}", "Jean-Baptiste", "Claes"),
            "jean.claes"
        );
        assert_eq!(fill("{familienaam:3}{voornaam}", "Jan", "El-Amrani"), "eljan");
    }

    #[test]
    fn a_bad_format_says_where_and_what_is_allowed() {
        for (format, expected) in [
            ("{voornaam", "brace at character 1"),
            ("{voornaam}}", "brace at character 11"),
            ("{voornaam}.{naam}", "{naam} at character 12"),
            ("{voornaam:0}", "1 to 64"),
            ("{voornaam:x}", "1 to 64"),
            ("{voornaam} {familienaam}", "' ' at character 11"),
            ("leerling.{voornaam}", "'l' at character 1"),
            (".", "no placeholder"),
            ("", "no placeholder"),
        ] {
            let message = Format::parse(format).expect_err(format).to_string();
            assert!(message.contains(expected), "{format:?}: {message}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in ".*") {
            let _ = Format::parse(&text);
        }
    }
}
