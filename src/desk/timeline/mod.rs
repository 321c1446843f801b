//! *Historiek*: what consumers were shown and who did what, as one time line.
//!
//! From [`crate::history`], the history of usernames and the audit trail. Whoever reads it sees what is or was at places that they
//! may see, and of other places not even the name.

mod of_object;
mod reason;
mod sight;
#[cfg(test)]
mod tests;
mod trail;
mod two_moments;
mod words;

use chrono::{DateTime, Utc};

pub(super) use of_object::{of_class, of_person};
pub(super) use trail::trail;
pub(super) use two_moments::{Difference, two_moments};

/// A line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// When.
    pub(super) at: DateTime<Utc>,
    /// What it is about.
    pub(super) kind: LineKind,
    /// What happened, in one sentence.
    pub(super) text: String,
    /// Who did it; `None` = nobody by hand.
    pub(super) by: Option<String>,
    /// People whom it is about, the first ones: id and name.
    pub(super) people: Vec<(String, String)>,
}

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    /// What consumers are shown.
    Published,
    /// A username.
    Username,
    /// A Sync flag.
    Sync,
    /// Data that came in or went out as files.
    Files,
    /// Rights and clients.
    Access,
    /// Settings and decisions.
    Settings,
}

impl LineKind {
    /// Every kind.
    pub(super) const ALL: [Self; 6] = [
        Self::Published,
        Self::Username,
        Self::Sync,
        Self::Files,
        Self::Access,
        Self::Settings,
    ];

    /// Returns its word in addresses.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Username => "username",
            Self::Sync => "sync",
            Self::Files => "files",
            Self::Access => "access",
            Self::Settings => "settings",
        }
    }

    /// Returns the key of its text.
    pub(super) const fn text_key(self) -> &'static str {
        match self {
            Self::Published => "history-kind-published",
            Self::Username => "history-kind-username",
            Self::Sync => "history-kind-sync",
            Self::Files => "history-kind-files",
            Self::Access => "history-kind-access",
            Self::Settings => "history-kind-settings",
        }
    }

    /// Finds a kind by its word.
    pub(super) fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What of a time line is asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Narrowed {
    /// Only what this account did.
    pub(super) by: Option<String>,
    /// Only lines of this kind.
    pub(super) kind: Option<LineKind>,
    /// Only from this moment on.
    pub(super) from: Option<DateTime<Utc>>,
    /// Only before this moment.
    pub(super) until: Option<DateTime<Utc>>,
}

impl Narrowed {
    /// Returns `true` for a line that is asked for.
    fn has(&self, line: &Line) -> bool {
        self.by.as_ref().is_none_or(|by| line.by.as_ref() == Some(by))
            && self.kind.is_none_or(|kind| line.kind == kind)
            && self.from.is_none_or(|from| from <= line.at)
            && self.until.is_none_or(|until| line.at < until)
    }
}
