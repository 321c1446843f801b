//! A known key that came with another id.

use uuid::Uuid;

/// A key of Informat that a load brought with an id nobody had before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdChange {
    /// `p_persoon` or `p_klas`, as the verdict says.
    pub key: i64,
    /// The `rowguid` or `scoodle_id` it had.
    pub before: Uuid,
    /// The one it has now.
    pub after: Uuid,
    /// What it means.
    pub verdict: IdVerdict,
}

/// What another id under a known key means. Its name is also that of the remark and of the health rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IdVerdict {
    /// A person; name or birth date are the same, or it cannot be told that both differ.
    PersonIdChanged,
    /// A person whose name and birth date are both known to differ: somebody else.
    PersonKeyReused,
    /// A class of the same school year.
    ClassIdChanged,
}

impl IdVerdict {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::PersonIdChanged, Self::PersonKeyReused, Self::ClassIdChanged];

    /// The name by which it is stored and reported.
    pub const fn id(self) -> &'static str {
        match self {
            Self::PersonIdChanged => "person-id-changed",
            Self::PersonKeyReused => "person-key-reused",
            Self::ClassIdChanged => "class-id-changed",
        }
    }
}
