//! From a name as Informat has it to the letters a username is made of (informat-domain §6.2).

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::text::punctuation::{is_apostrophe, is_dash};

/// A name part in the letters `a-z 0-9 -`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normalised {
    /// What is left of it; may be empty.
    pub text: String,
    /// Whether letters were dropped that have no Latin form, so that a person should look.
    pub gave_up: bool,
}

/// Normalises one name part. Particles are kept and glued: `Van den Broeck` becomes `vandenbroeck`.
pub fn normalise(part: &str) -> Normalised {
    let mut text = String::with_capacity(part.len());
    let mut gave_up = false;
    // Apostrophes go before the compatibility decomposition, which turns U+00B4 into a space and an accent.
    let without_apostrophes = part.nfc().filter(|character| !is_apostrophe(*character));
    for letter in without_apostrophes
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter))
    {
        // Only now, so that the accent on an `ǽ` is off before the `æ` is looked up.
        if let Some(letters) = without_decomposition(letter) {
            text.push_str(letters);
            continue;
        }
        match letter.to_ascii_lowercase() {
            lower @ ('a'..='z' | '0'..='9') => text.push(lower),
            dash if is_dash(dash) => text.push('-'),
            other => gave_up |= other.is_alphabetic() && !is_apostrophe(other),
        }
    }
    let pieces: Vec<&str> = text.split('-').filter(|piece| !piece.is_empty()).collect();
    Normalised {
        text: pieces.join("-"),
        gave_up,
    }
}

/// Letters that Unicode does not take apart.
const fn without_decomposition(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'þ' | 'Þ' => "th",
        'ł' | 'Ł' => "l",
        'ı' => "i",
        'ħ' | 'Ħ' => "h",
        'ŋ' | 'Ŋ' => "n",
        'ŧ' | 'Ŧ' => "t",
        'ə' | 'Ə' => "e",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apostrophes_go_dashes_stay_particles_are_glued() {
        for (part, expected) in [
            ("Van den Broeck", "vandenbroeck"),
            ("D\u{2019}hondt", "dhondt"),
            ("de t'Serclaes", "detserclaes"),
            ("Smet\u{00B4}s", "smets"),
            ("Van Den Eynde - De Smet", "vandeneynde-desmet"),
            ("Jean\u{2013}Baptiste", "jean-baptiste"),
            ("--Jan--", "jan"),
            ("J.P.", "jp"),
            ("-", ""),
            ("", ""),
        ] {
            assert_eq!(
                normalise(part),
                Normalised {
                    text: expected.to_owned(),
                    gave_up: false
                },
                "{part:?}"
            );
        }
    }

    #[test]
    fn composed_and_decomposed_forms_are_the_same() {
        assert_eq!(normalise("Zoe\u{0308}"), normalise("Zo\u{00EB}"));
    }

    #[test]
    fn capital_i_with_dot_is_an_i_whatever_the_locale() {
        assert_eq!(normalise("\u{0130}rem").text, "irem");
        assert_eq!(normalise("Y\u{0131}ld\u{0131}z").text, "yildiz");
    }

    #[test]
    fn an_accent_on_a_letter_that_does_not_decompose_changes_nothing() {
        for (part, expected) in [
            ("K\u{01FD}r", "kaer"),
            ("J\u{01FF}rn", "jorn"),
            ("\u{0149}Daye", "ndaye"),
        ] {
            assert_eq!(
                normalise(part),
                Normalised {
                    text: expected.to_owned(),
                    gave_up: false
                },
                "{part:?}"
            );
        }
    }

    #[test]
    fn letters_without_a_latin_form_ask_for_review() {
        assert_eq!(
            normalise("محمد"),
            Normalised {
                text: String::new(),
                gave_up: true
            }
        );
        assert!(normalise("Иван").gave_up);
        assert!(
            !normalise("Jan (3A) !").gave_up,
            "signs and digits are no letters"
        );
    }

    proptest::proptest! {
        #[test]
        fn only_allowed_characters_are_left(part in ".*") {
            let text = normalise(&part).text;
            proptest::prop_assert!(text.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-')));
            proptest::prop_assert!(!text.starts_with('-') && !text.ends_with('-') && !text.contains("--"));
            proptest::prop_assert_eq!(&normalise(&text).text, &text, "doing it again changes nothing");
        }
    }
}
