//! Letters to a school by e-mail: what it must know of, in Dutch, without names of people.

use super::language::{Language, text_with};

/// What a letter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A publication is held.
    Held,
    /// Usernames wait for somebody to look at them.
    NamesWaiting,
    /// Microsoft would refuse some data.
    Findings,
    /// The synchronisation ends with the school year (R144).
    FlowEnds,
    /// The next school year is not active.
    NextYear,
}

impl About {
    /// Returns the keys of its subject and of its text.
    const fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::Held => ("letter-held-subject", "letter-held-body"),
            Self::NamesWaiting => ("letter-names-waiting-subject", "letter-names-waiting-body"),
            Self::Findings => ("letter-findings-subject", "letter-findings-body"),
            Self::FlowEnds => ("letter-flow-ends-subject", "letter-flow-ends-body"),
            Self::NextYear => ("letter-next-year-subject", "letter-next-year-body"),
        }
    }
}

/// What a letter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
}

/// Writes a letter about something, or that it is over. `name` is what the school group is called, `count` how many things it is about,
/// `address` where its pages are.
pub fn letter(about: About, is_end: bool, name: &str, count: usize, address: &str) -> Letter {
    let said = |key: &str| {
        text_with(
            Language::Dutch,
            key,
            [
                ("name", name.into()),
                ("count", count.into()),
                ("address", address.into()),
            ],
        )
    };
    let (subject, body) = about.keys();
    let (subject, body) = if is_end {
        let subject = said(subject);
        let over = text_with(
            Language::Dutch,
            "letter-over-subject",
            [("subject", subject.into())],
        );
        (over, said("letter-over"))
    } else {
        (said(subject), said(body))
    };
    let end = said("letter-end");
    Letter {
        subject,
        body: format!("{body}\n\n{end}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_what_how_many_and_where() {
        let new = letter(
            About::NamesWaiting,
            false,
            "Scholengroep Zandpoort",
            3,
            "https://sis.example/desk",
        );
        assert!(
            new.subject.contains('3') && new.body.contains("https://sis.example/desk"),
            "{new:?}"
        );
        for about in [
            About::Held,
            About::NamesWaiting,
            About::Findings,
            About::FlowEnds,
            About::NextYear,
        ] {
            let (began, over) = (
                letter(about, false, "Z", 1, "a"),
                letter(about, true, "Z", 1, "a"),
            );
            assert!(
                !began.subject.contains("letter-") && !began.body.contains("letter-"),
                "{began:?}"
            );
            assert!(over.subject.contains(&began.subject), "{over:?}");
            assert_ne!(began.body, over.body);
        }
    }
}
