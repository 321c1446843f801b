//! A text from outside in the form in which it is kept.

use std::borrow::Cow;

use super::{Damage, TextUse, clean, judge};

/// A text that came in: how it is kept, and what happened to it before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received<'t> {
    /// Healthy text is cleaned and without space at its ends. Doubtful text stays as it came, except for ASCII space at its
    /// ends. May be empty.
    pub text: Cow<'t, str>,
    /// The damage it shows, which is also what [`judge()`] finds in [`Self::text`].
    pub damage: Option<Damage>,
}

/// Judges a text as it came, untrimmed, and returns the form in which it is kept. To receive that again changes nothing.
pub fn receive(raw: &str, text_use: TextUse) -> Received<'_> {
    // Only ASCII space: a no-break space or U+0085 may be half a letter.
    let came = raw.trim_matches(|character: char| character.is_ascii_whitespace());
    if came.is_ascii() {
        return Received {
            text: Cow::Borrowed(came),
            damage: judge(came, text_use),
        };
    }
    if let Some(damage) = judge(came, text_use) {
        return Received {
            text: Cow::Borrowed(came),
            damage: Some(damage),
        };
    }
    let text = match clean(came) {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    // What was hidden between the halves of a letter is gone now.
    let damage = judge(&text, text_use);
    Received { text, damage }
}
