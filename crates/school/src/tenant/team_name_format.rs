//! The team name format: what a class is called (R7–R10). Filling it in is the projection's.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::braces::{Token, tokens};
use super::text::text_type;

/// A team name format, such as `{schoolyear} {klas} - {vestiging}`.
///
/// ```
/// use oneroster_school::tenant::TeamNameFormat;
///
/// assert!("{klas} - {vestiging}".parse::<TeamNameFormat>().is_ok());
/// let error = "{klas} - {site}".parse::<TeamNameFormat>().unwrap_err();
/// assert!(error.to_string().starts_with("{site} at character 10 is no placeholder"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TeamNameFormat {
    text: String,
    pieces: Vec<Piece>,
}

/// A piece of a team name format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text, as it stands.
    Text(String),
    /// A placeholder.
    Field(Field),
}

/// What a placeholder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The class's code.
    Klascode,
    /// The class's name.
    Klas,
    /// The site's name.
    Vestiging,
    /// The site's code.
    Vestcode,
    /// The school's code.
    Schoolcode,
    /// The school year's label, such as `2026-27`.
    SchoolYear,
    /// The calendar year in which the school year begins.
    StartYear,
}

/// A team name format that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TeamNameFormatError {
    /// A brace without its counterpart.
    #[error("the brace at character {0} has no counterpart")]
    Brace(usize),
    /// A word in braces that means nothing.
    #[error(
        "{{{word}}} at character {position} is no placeholder: {{klascode}}, {{klas}}, {{klasomschrijving}}, \
         {{vestiging}}, {{vestcode}}, {{schoolcode}}, {{schoolyear}} and {{startyear}} are"
    )]
    Placeholder {
        /// The word.
        word: String,
        /// Where its brace stands, counted from 1.
        position: usize,
    },
    /// A control character.
    #[error("the character at {0} is a control character")]
    Control(usize),
    /// Two classes could not be told apart.
    #[error("it names no class: {{klas}} or {{klascode}} must stand in it")]
    NoClass,
}

text_type!(TeamNameFormat);

impl TeamNameFormat {
    /// Returns what the format consists of.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }
}

impl FromStr for TeamNameFormat {
    type Err = TeamNameFormatError;

    fn from_str(text: &str) -> Result<Self, TeamNameFormatError> {
        let pieces = pieces(text)?;
        let names_class = |piece: &Piece| matches!(piece, Piece::Field(Field::Klas | Field::Klascode));
        if pieces.iter().any(names_class) {
            Ok(Self {
                text: text.to_owned(),
                pieces,
            })
        } else {
            Err(TeamNameFormatError::NoClass)
        }
    }
}

fn pieces(text: &str) -> Result<Vec<Piece>, TeamNameFormatError> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    for (position, token) in tokens(text) {
        match token {
            Token::Word(word) => {
                let field = field(&word).ok_or(TeamNameFormatError::Placeholder { word, position })?;
                if !literal.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut literal)));
                }
                pieces.push(Piece::Field(field));
            }
            Token::Character(character) if character.is_control() => {
                return Err(TeamNameFormatError::Control(position));
            }
            Token::Character(character) => literal.push(character),
            Token::Brace => return Err(TeamNameFormatError::Brace(position)),
        }
    }
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    Ok(pieces)
}

fn field(word: &str) -> Option<Field> {
    Some(match word {
        "klascode" => Field::Klascode,
        "klas" | "klasomschrijving" => Field::Klas,
        "vestiging" => Field::Vestiging,
        "vestcode" => Field::Vestcode,
        "schoolcode" => Field::Schoolcode,
        "schoolyear" => Field::SchoolYear,
        "startyear" => Field::StartYear,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_format_says_where_and_what_is_allowed() {
        for (format, expected) in [
            ("{klas", "brace at character 1 "),
            ("é {klas} }", "brace at character 10 "),
            (
                "{klas} {site}",
                "{site} at character 8 is no placeholder: {klascode}, {klas}",
            ),
            ("{klas}{}", "{} at character 7 is no placeholder"),
            ("{Klas}", "{Klas} at character 1 is no placeholder"),
            ("{klas}\t{vestiging}", "character at 7 is a control character"),
            ("{vestiging}", "{klas} or {klascode} must stand in it"),
            ("", "{klas} or {klascode} must stand in it"),
        ] {
            let message = format.parse::<TeamNameFormat>().expect_err(format).to_string();
            assert!(message.contains(expected), "{format:?}: {message}");
        }
    }
}
