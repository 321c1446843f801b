//! The username format, filled in with the names of a person (R11, R12, informat-domain §6.5).

use super::normalise::normalise;
use crate::tenant::UsernameFormat;
use crate::tenant::username_format::{NamePart, Piece, is_separator};

/// A filled format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The name; empty when nothing was left of the person's names.
    pub text: String,
    /// Whether letters were dropped.
    pub needs_review: bool,
}

/// Fills in the format. A part that is empty takes its separator with it; the result may be empty.
///
/// ```
/// use oneroster_school::username::fill::fill;
///
/// let format = "{voornaam}.{familienaam}".parse()?;
/// assert_eq!(fill(&format, "Lotte", "Van den Broeck").text, "lotte.vandenbroeck");
/// # Ok::<(), oneroster_school::tenant::username_format::UsernameFormatError>(())
/// ```
pub fn fill(format: &UsernameFormat, given_name: &str, family_name: &str) -> Filled {
    let (given, family) = (normalise(given_name), normalise(family_name));
    let mut text = String::new();
    let mut needs_review = false;
    for piece in format.pieces() {
        match *piece {
            Piece::Separator(separator) => text.push(separator),
            Piece::Name { part, first } => {
                let name = match part {
                    NamePart::Given => &given,
                    NamePart::Family => &family,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(format: &str, given: &str, family: &str) -> String {
        fill(&format.parse().unwrap(), given, family).text
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
            assert_eq!(filled(format, "Lotte", "Van den Broeck"), expected, "{format}");
        }
    }

    /// The manuals' own examples, and what `{naam}` allows besides.
    #[test]
    fn r141_the_formats_of_the_manuals_work() {
        for (format, expected) in [
            ("{voornaam.familienaam}", "lotte.vandenbroeck"),
            ("{familienaam.voornaam}", "vandenbroeck.lotte"),
            ("{voornaam}_{familienaam}", "lotte_vandenbroeck"),
            ("{voornaam}.{naam}", "lotte.vandenbroeck"),
            ("{naam}.{voornaam:1}", "vandenbroeck.l"),
            ("{naam:3}-{voornaam}", "van-lotte"),
        ] {
            assert_eq!(filled(format, "Lotte", "Van den Broeck"), expected, "{format}");
        }
        assert_eq!(filled("{familienaam.voornaam}", "", "Sukarno"), "sukarno");
    }

    #[test]
    fn an_empty_part_takes_its_separator_with_it() {
        assert_eq!(filled("{voornaam}.{familienaam}", "", "Sukarno"), "sukarno");
        assert_eq!(filled("{voornaam}.{familienaam}", "Sukarno", "-"), "sukarno");
        assert_eq!(filled("{voornaam}_.-{familienaam}", "Jan", "Maes"), "jan_maes");
        assert_eq!(filled("{voornaam}.{familienaam}", "", ""), "");
    }

    #[test]
    fn a_part_cut_at_a_dash_keeps_the_separator_of_the_format() {
        assert_eq!(
            filled("{voornaam:5}.{familienaam}", "Jean-Baptiste", "Claes"),
            "jean.claes"
        );
        assert_eq!(filled("{familienaam:3}{voornaam}", "Jan", "El-Amrani"), "eljan");
    }
}
