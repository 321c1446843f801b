//! Why a person waits for somebody's answer before they are released.

/// Why a new username waits, with the Sync flag off whatever the default is. The gravest first.
///
/// Only somebody who names the person answers. What was answered never makes the person wait again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WaitReason {
    /// A known `p_persoon` came under a new `rowguid`: the person probably has a username under the former one.
    PersonIdChanged,
    /// Somebody with the same names and birth date left: the person probably has a username there.
    ProbablyMerged,
    /// The names are those of nobody in particular, such as `N.N.` or `vacature`.
    Placeholder,
    /// The username was made from a text that was damaged on its way.
    DamagedText,
    /// Letters were dropped that have no Latin form.
    Review,
}

impl WaitReason {
    /// Every reason, the gravest first.
    pub const ALL: [Self; 5] = [
        Self::PersonIdChanged,
        Self::ProbablyMerged,
        Self::Placeholder,
        Self::DamagedText,
        Self::Review,
    ];

    /// Returns its word, as stored and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PersonIdChanged => "person_id_changed",
            Self::ProbablyMerged => "probably_merged",
            Self::Placeholder => "placeholder",
            Self::DamagedText => "damaged_text",
            Self::Review => "review",
        }
    }

    /// Reads its word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }

    /// Returns `true` if it is about the name, which another name settles; else it is about who the person is.
    pub const fn is_about_name(self) -> bool {
        match self {
            Self::PersonIdChanged | Self::ProbablyMerged => false,
            Self::Placeholder | Self::DamagedText | Self::Review => true,
        }
    }
}
