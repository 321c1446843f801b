use super::damaging::Spoil;
use super::titles;
use crate::text::{Damage, TextUse, judge};

/// Titles in which no `?` stands between two letters once their letters are lost: the sign lost was no letter (`7? jaar`), or
/// the first or last of a word (`Caf? ?ducatif`), or all letters were lost (`????`). A healthy title may look like that.
const LOST_AT_THE_EDGE_OF_A_WORD: usize = 24;

#[test]
fn no_healthy_title_is_flagged() {
    for title in titles() {
        assert_eq!(judge(title, TextUse::Title), None, "{title}");
        assert_eq!(
            judge(&title.to_uppercase(), TextUse::Title),
            None,
            "{title} in capitals"
        );
    }
}

#[test]
fn every_damaged_title_is_flagged_but_for_question_marks_at_the_edge_of_words() {
    let mut missed = Vec::new();
    for title in titles() {
        if title.is_ascii() {
            continue;
        }
        for spoil in Spoil::ALL {
            let once = spoil.apply(title);
            for text in [spoil.apply(&once), once] {
                if judge(&text, TextUse::Title).is_none() {
                    missed.push((spoil, text));
                }
            }
        }
    }
    missed.sort();
    missed.dedup();
    assert!(
        missed.iter().all(|(spoil, _)| *spoil == Spoil::QuestionMark),
        "{missed:#?}"
    );
    assert_eq!(missed.len(), LOST_AT_THE_EDGE_OF_A_WORD, "{missed:#?}");
}

#[test]
fn a_question_mark_in_a_title_counts_between_letters_only() {
    for (title, expected) in [
        ("Wie? Wat?", None),
        ("?cole", None),
        ("Caf?", None),
        ("3?A", None),
        ("Wat ?! Hoe", None),
        ("Lyc?e", Some(Damage::QuestionMark)),
        ("Lyc??e", Some(Damage::QuestionMark)),
    ] {
        assert_eq!(judge(title, TextUse::Title), expected, "{title}");
    }
}
