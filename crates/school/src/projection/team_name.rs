//! The team name format: what a class is called (R7–R10).

use crate::tenant::braces::{Token, tokens};

/// A checked team name format, such as `{schoolyear} {klas} - {vestiging}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamNameFormat {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(Field),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Klascode,
    Klas,
    Vestiging,
    Vestcode,
    Schoolcode,
    SchoolYear,
    StartYear,
}

/// A team name format that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TeamNameError {
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

/// The values of one class.
#[derive(Debug, Clone, Copy)]
pub struct TeamName<'a> {
    /// The class's code.
    pub klascode: &'a str,
    /// The class's name.
    pub klas: &'a str,
    /// The site's name.
    pub vestiging: &'a str,
    /// The site's code.
    pub vestcode: &'a str,
    /// The school's code.
    pub schoolcode: &'a str,
    /// The school year's label, such as `2026-27`.
    pub schooljaar: &'a str,
}

impl TeamNameFormat {
    /// Reads a format.
    pub fn parse(text: &str) -> Result<Self, TeamNameError> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        for (position, token) in tokens(text) {
            match token {
                Token::Word(word) => {
                    let field = field(&word).ok_or(TeamNameError::Placeholder { word, position })?;
                    if !literal.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut literal)));
                    }
                    pieces.push(Piece::Field(field));
                }
                Token::Character(character) if character.is_control() => {
                    return Err(TeamNameError::Control(position));
                }
                Token::Character(character) => literal.push(character),
                Token::Brace => return Err(TeamNameError::Brace(position)),
            }
        }
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        let names_class = |piece: &Piece| matches!(piece, Piece::Field(Field::Klas | Field::Klascode));
        if pieces.iter().any(names_class) {
            Ok(Self { pieces })
        } else {
            Err(TeamNameError::NoClass)
        }
    }

    /// Fills the format; runs of blanks become one, and there are none at the ends.
    pub fn fill(&self, values: &TeamName<'_>) -> String {
        let start_year = values.schooljaar.split('-').next().unwrap_or_default();
        let filled: String = self
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Field(Field::Klascode) => values.klascode,
                Piece::Field(Field::Klas) => values.klas,
                Piece::Field(Field::Vestiging) => values.vestiging,
                Piece::Field(Field::Vestcode) => values.vestcode,
                Piece::Field(Field::Schoolcode) => values.schoolcode,
                Piece::Field(Field::SchoolYear) => values.schooljaar,
                Piece::Field(Field::StartYear) => start_year,
            })
            .collect();
        filled.split_whitespace().collect::<Vec<_>>().join(" ")
    }
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

    const CLASS: TeamName<'_> = TeamName {
        klascode: "3a",
        klas: "Derde leerjaar A",
        vestiging: "Markt",
        vestcode: "MK",
        schoolcode: "ZP",
        schooljaar: "2024-25",
    };

    fn fill(format: &str, values: &TeamName<'_>) -> String {
        TeamNameFormat::parse(format).unwrap().fill(values)
    }

    #[test]
    fn r7_r8_r9_r10_the_placeholders_and_the_two_examples() {
        for (format, expected) in [
            ("{klasomschrijving} - {vestiging}", "Derde leerjaar A - Markt"),
            (
                "{schoolyear} {klas} - {vestiging}",
                "2024-25 Derde leerjaar A - Markt",
            ),
            ("{klascode}", "3a"),
            ("{startyear}_{schoolcode}-{vestcode}-{klascode}", "2024_ZP-MK-3a"),
            ("Klas {klascode} (é)", "Klas 3a (é)"),
        ] {
            assert_eq!(fill(format, &CLASS), expected, "{format}");
        }
    }

    #[test]
    fn blanks_that_an_empty_value_leaves_behind_become_one() {
        let values = TeamName {
            vestcode: "",
            klas: "  3  A ",
            ..CLASS
        };
        assert_eq!(fill(" {vestcode} {klas}  {vestiging}", &values), "3 A Markt");
    }

    #[test]
    fn a_value_that_looks_like_a_placeholder_is_just_text() {
        assert_eq!(
            fill(
                "{klas}",
                &TeamName {
                    klas: "{vestiging}",
                    ..CLASS
                }
            ),
            "{vestiging}"
        );
    }

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
            let message = TeamNameFormat::parse(format).expect_err(format).to_string();
            assert!(message.contains(expected), "{format:?}: {message}");
        }
    }
}
