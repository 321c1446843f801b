use super::super::{
    Change, Class, FirstTexts, Share, damaged_texts, turned_names, turned_titles, turns_doubtful,
};
use super::{changes, id, people};
use crate::text::TextUse;

const NONE: FirstTexts = FirstTexts {
    doubtful: 0,
    healthy_beyond_ascii: 0,
};

#[test]
fn damaged_text_speaks_when_more_than_five_healthy_texts_come_doubtful() {
    for size in super::SIZES {
        let before = people(size);
        for (count, expected) in [(5, false), (6, true)] {
            let mut after = before.clone();
            for person in after.iter_mut().take(count) {
                person.given = Some("JosÃ©".to_owned());
            }
            let turned = turned_names(&changes(&before, &after));
            assert_eq!(turned.len(), count);
            let turned = Share {
                count: turned.len() as u64,
                of: size * 2,
            };
            assert_eq!(
                damaged_texts(turned, NONE).is_some(),
                expected,
                "{count} of {size}"
            );
        }
    }
}

#[test]
fn damaged_text_counts_texts_not_people_and_finds_them_by_id_or_key() {
    let before = people(6);
    let spoilt = |person: &mut super::Person| {
        person.given = Some("Jos?".to_owned());
        person.family = Some("Fr&eacute;".to_owned());
    };
    let mut after = before.clone();
    after.iter_mut().for_each(spoilt);
    assert_eq!(turned_names(&changes(&before, &after)).len(), 12);
    for person in &mut after {
        person.key = 7 - person.key;
    }
    assert_eq!(turned_names(&changes(&before, &after)).len(), 12, "renumbered");
    let mut after = before.clone();
    for person in &mut after {
        spoilt(person);
        person.id = id(u64::try_from(person.key).unwrap() + 100);
    }
    assert_eq!(
        turned_names(&changes(&before, &after)).len(),
        12,
        "with other ids"
    );
}

#[test]
fn damaged_text_looks_at_what_was_healthy_only() {
    for (before, after, expected) in [
        (Some("José"), Some("JosÃ©"), true),
        (Some("José"), Some("Jos\u{FFFD}"), true),
        (Some("JosÃ©"), Some("JosÃƒÂ©"), false),
        (Some("JosÃ©"), Some("José"), false),
        (Some("JosÃ©"), Some("JosÃ©"), false),
        (None, Some("JosÃ©"), false),
        (Some("José"), None, false),
    ] {
        assert_eq!(
            turns_doubtful(before, after, TextUse::PersonName),
            expected,
            "{before:?} {after:?}"
        );
    }
    assert!(!turns_doubtful(Some("Wie"), Some("Wie?"), TextUse::Title));
    assert!(turns_doubtful(
        Some("Categorieën"),
        Some("Categorie?n"),
        TextUse::Title
    ));
}

#[test]
fn damaged_text_looks_at_codes_and_titles_of_classes() {
    let class = |code: &str, title: Option<&str>| Class {
        key: 7,
        id: id(7),
        school_year: "2026-27".to_owned(),
        code: code.to_owned(),
        title: title.map(str::to_owned),
    };
    let change = Change {
        line: None,
        before: Some(class("1É", Some("Één"))),
        after: Some(class("1Ã‰", Some("Ã‰Ã©n"))),
    };
    assert_eq!(turned_titles(&[change]), [7, 7]);
}

#[test]
fn damaged_text_speaks_in_a_first_load_when_more_than_half_of_at_least_five_telling_texts_are_doubtful() {
    for (doubtful, healthy_beyond_ascii, expected) in [
        (4, 0, false),
        (5, 0, true),
        (3, 2, true),
        (3, 3, false),
        (4, 3, true),
        (300, 300, false),
        (301, 300, true),
    ] {
        let first = FirstTexts {
            doubtful,
            healthy_beyond_ascii,
        };
        let spoken = damaged_texts(Share::default(), first);
        assert_eq!(spoken.is_some(), expected, "{doubtful}, {healthy_beyond_ascii}");
        if let Some(share) = spoken {
            assert_eq!(
                (share.count, share.of),
                (doubtful, doubtful + healthy_beyond_ascii)
            );
        }
    }
}
