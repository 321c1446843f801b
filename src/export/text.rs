//! The one rule by which a value is altered: what would break a line or hide in a cell becomes a space.

use std::borrow::Cow;

/// Characters that Microsoft's profile may replace or refuse in a title. Its list is not published: they are noted, not changed.
const SPECIAL: &str = "\"\\/:*?<>|#%&~{}";

/// What was done to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Line breaks or other control characters became spaces; blanks at its ends that this left were taken away.
    Replaced,
    /// Blanks were taken from its ends, and nothing else.
    Trimmed,
}

/// Returns a value as it is written, and what was done to it: each run of line breaks, tabs, other control characters, U+2028,
/// U+2029 and U+FEFF is one space, and its ends have no blanks. Nothing else is altered.
pub(super) fn clean(value: &str) -> (Cow<'_, str>, Option<Change>) {
    // Almost every value: told apart without looking at characters.
    if is_plain(value) {
        return (Cow::Borrowed(value), None);
    }
    if !value.contains(is_replaced) {
        let text = value.trim();
        let change = (text.len() < value.len()).then_some(Change::Trimmed);
        return (Cow::Borrowed(text), change);
    }
    let mut text = String::with_capacity(value.len());
    let mut was_replaced = false;
    for character in value.chars() {
        let replaced = is_replaced(character);
        if !replaced {
            text.push(character);
        } else if !was_replaced {
            text.push(' ');
        }
        was_replaced = replaced;
    }
    (Cow::Owned(text.trim().to_owned()), Some(Change::Replaced))
}

/// Returns `true` if a title holds a character that Microsoft's profile may replace or refuse.
pub(super) fn has_special(title: &str) -> bool {
    title.contains(|character| SPECIAL.contains(character))
}

/// Returns `true` for text of printable ASCII that neither begins nor ends with a blank.
fn is_plain(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.iter().all(|byte| (b' '..=b'~').contains(byte))
        && bytes.first() != Some(&b' ')
        && bytes.last() != Some(&b' ')
}

fn is_replaced(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_breaks_a_line_becomes_one_space_and_ends_are_trimmed() {
        let (replaced, trimmed) = (Some(Change::Replaced), Some(Change::Trimmed));
        for (value, expected, change) in [
            ("3A", "3A", None),
            ("Zoë  Ångström", "Zoë  Ångström", None),
            ("a\r\nb", "a b", replaced),
            ("a\tb\u{b}c", "a b c", replaced),
            ("a\u{2028}b\u{2029}c\u{feff}d\u{85}e", "a b c d e", replaced),
            ("\u{feff}a\n", "a", replaced),
            (" a ", "a", trimmed),
            ("\u{a0}é\u{3000}", "é", trimmed),
            ("\n a", "a", replaced),
            ("a \n b", "a   b", replaced),
            ("\u{200b}a\u{ad}", "\u{200b}a\u{ad}", None),
            ("\n", "", replaced),
            ("", "", None),
            ("=1+1, \"x\"", "=1+1, \"x\"", None),
        ] {
            let (text, done) = clean(value);
            assert_eq!((text.as_ref(), done), (expected, change), "{value:?}");
        }
    }

    #[test]
    fn characters_that_a_profile_may_replace_are_seen() {
        for character in SPECIAL.chars() {
            assert!(has_special(&format!("3{character}A")), "{character}");
        }
        assert!(!has_special("2026-27 3A - Markt (oost), d'r bij + é"));
    }

    proptest! {
        #[test]
        fn any_text_survives_but_for_that_rule(value in any::<String>()) {
            let (text, change) = clean(&value);
            let kept = |text: &str| -> String {
                text.chars().filter(|character| !is_replaced(*character) && !character.is_whitespace()).collect()
            };
            prop_assert_eq!(kept(&value), kept(&text));
            prop_assert!(!text.contains(is_replaced));
            prop_assert_eq!(text.trim(), text.as_ref());
            prop_assert_eq!(text.as_ref() != value, change.is_some());
            prop_assert_eq!(clean(&text), (Cow::Borrowed(text.as_ref()), None), "it is done once");
        }
    }
}
