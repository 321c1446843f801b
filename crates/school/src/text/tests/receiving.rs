//! Texts from outside: judged before they are trimmed, cleaned only when healthy.

use proptest::prelude::*;

use crate::text::{Damage, TextUse, judge, receive};

#[test]
fn half_a_letter_at_the_end_is_not_trimmed_away() {
    // `à` is C3 A0: its second half is a no-break space. `Å` is C3 85: its second half is U+0085, a line end to Unicode.
    for (came, kept) in [
        (" Andr\u{C3}\u{A0} ", "Andr\u{C3}\u{A0}"),
        ("\tAndr\u{C3}\u{85}\r", "Andr\u{C3}\u{85}"),
    ] {
        let received = receive(came, TextUse::PersonName);
        assert_eq!(
            (received.text.as_ref(), received.damage),
            (kept, Some(Damage::DoublyEncoded))
        );
    }
}

#[test]
fn healthy_text_is_composed_trimmed_and_freed_of_what_cannot_be_seen() {
    for (came, kept) in [
        ("Zoe\u{308}", "Zoë"),
        ("\u{FEFF}\u{A0}Jan\u{200B} \u{202E}", "Jan"),
        ("\u{200B}", ""),
        ("D'Hondt", "D'Hondt"),
    ] {
        let received = receive(came, TextUse::PersonName);
        assert_eq!(
            (received.text.as_ref(), received.damage),
            (kept, None),
            "{came:?}"
        );
    }
}

#[test]
fn what_was_hidden_between_the_halves_of_a_letter_is_found() {
    let received = receive("Jos\u{C3}\u{200B}\u{A9}", TextUse::PersonName);
    assert_eq!(
        (received.text.as_ref(), received.damage),
        ("JosÃ©", Some(Damage::DoublyEncoded))
    );
}

proptest! {
    #[test]
    fn what_was_received_is_kept_as_it_is_and_judged_the_same(
        raw in r"[ \u{A0}\u{85}a-zé&;?#0-9\u{C3}\u{A9}\u{200B}\u{300}-\u{308}\u{FFFD}\u{3000}]{0,12}",
        name in any::<bool>(),
    ) {
        let text_use = if name { TextUse::PersonName } else { TextUse::Title };
        let once = receive(&raw, text_use);
        prop_assert_eq!(judge(&once.text, text_use), once.damage);
        let twice = receive(&once.text, text_use);
        prop_assert_eq!(&twice.text, &once.text);
        prop_assert_eq!(twice.damage, once.damage);
    }
}
