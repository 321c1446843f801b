use std::borrow::Cow;

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::all_names;
use crate::text::clean;
use crate::username::comparable;

#[test]
fn cleaning_composes_and_removes_what_cannot_be_seen() {
    for (text, expected) in [
        ("Zoe\u{308}", "Zoë"),
        ("\u{FEFF}Jan", "Jan"),
        ("Vander\u{AD}straeten", "Vanderstraeten"),
        ("e\u{200B}\u{301}", "é"),
        ("\u{202B}محمد\u{202C}\u{200F}", "محمد"),
        ("\u{2068}Ann\u{2069}\u{2060}e", "Anne"),
        (" Jan  \u{A0}", " Jan  \u{A0}"),
        ("\u{200D}", ""),
        ("𝕁ﬁ²", "𝕁ﬁ²"),
    ] {
        assert_eq!(clean(text), expected, "{text:?}");
    }
}

#[test]
fn clean_text_is_not_copied() {
    for text in ["", "Jan", "José", "Nguyễn", "山田"] {
        assert!(matches!(clean(text), Cow::Borrowed(_)), "{text}");
    }
}

#[test]
fn two_spellings_of_one_name_are_the_same() {
    for (one, other) in [
        ("D'Hondt", "D’HONDT"),
        ("D´Hondt", "D`Hondt"),
        ("Dʼhondt", "D‘Hondt"),
        ("Zoë", "Zoe\u{308}"),
        ("Zoë", "ZOE"),
        ("Weiß–Müller", "WEISS-MULLER"),
        ("Van  den\u{A0}Broeck", "van den broeck "),
        ("Ann\u{200B}", "Ann"),
        ("Łukasz", "LUKASZ"),
        ("ИВАН  Петров", "Иван\u{A0}Петров"),
        ("Мар’яна", "МАР'ЯНА"),
        ("Анна–Мария", "АННА-МАРИЯ"),
        ("ΓΙΏΡΓΟΣ", "Γιώργος"),
        ("محمد\u{200F}", "محمد"),
    ] {
        assert_eq!(comparable(one), comparable(other), "{one} and {other}");
    }
}

#[test]
fn names_without_latin_letters_are_compared_as_written() {
    assert_ne!(comparable("محمد"), comparable("علي"));
    assert_ne!(
        comparable("محمد Jan"),
        comparable("علي Jan"),
        "not by what is left of them"
    );
    assert_ne!(comparable("."), comparable("-"));
    assert_ne!(
        comparable("Jean-Baptiste"),
        comparable("Jean Baptiste"),
        "as usernames have it"
    );
}

#[test]
fn every_name_is_the_same_taken_apart_and_in_other_case() {
    for name in all_names() {
        let apart: String = name.nfd().collect();
        assert_eq!(comparable(name), comparable(&apart), "{name}");
        assert_eq!(comparable(name), comparable(&name.to_lowercase()), "{name}");
        assert_eq!(
            comparable(name),
            comparable(&name.replace(' ', "\u{A0} ")),
            "{name}"
        );
    }
}

/// Any text, with more of what matters here than chance would bring.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        any::<char>(),
        proptest::char::range('\u{A0}', '\u{36F}'),
        proptest::char::range('\u{2000}', '\u{206F}'),
        proptest::char::range('A', 'z'),
    ];
    proptest::collection::vec(character, 0..12).prop_map(|characters| characters.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn cleaning_again_changes_nothing(text in text()) {
        let once = clean(&text).into_owned();
        prop_assert!(matches!(clean(&once), Cow::Borrowed(_)) || clean(&once) == once.as_str());
    }

    #[test]
    fn comparing_again_changes_nothing_and_cleaning_before_neither(text in text()) {
        let once = comparable(&text);
        prop_assert_eq!(&comparable(&once), &once);
        prop_assert_eq!(&comparable(&clean(&text)), &once);
    }
}
