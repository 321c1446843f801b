//! The types of object that the rostering and resources endpoints give.

use super::Kind;

/// A type of object (OneRoster 1.1 §2.2): the published kinds, and two that this provider has none of. Those have
/// endpoints too, whose collections are empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectType {
    /// A published kind.
    Published(Kind),
    /// Privileged facts about a user.
    Demographics,
    /// Learning resources.
    Resource,
}

impl ObjectType {
    /// Every type.
    pub const ALL: [Self; 8] = [
        Self::Published(Kind::AcademicSessions),
        Self::Published(Kind::Orgs),
        Self::Published(Kind::Courses),
        Self::Published(Kind::Classes),
        Self::Published(Kind::Users),
        Self::Published(Kind::Enrollments),
        Self::Demographics,
        Self::Resource,
    ];

    /// Returns the key of the envelope of a collection.
    pub const fn collection(self) -> &'static str {
        match self {
            Self::Published(kind) => kind.collection(),
            Self::Demographics => "demographics",
            Self::Resource => "resources",
        }
    }

    /// Returns the key of the envelope of a single object: for demographics the same as of a collection.
    pub const fn singular(self) -> &'static str {
        match self {
            Self::Published(kind) => kind.singular(),
            Self::Demographics => "demographics",
            Self::Resource => "resource",
        }
    }
}

impl From<Kind> for ObjectType {
    fn from(kind: Kind) -> Self {
        Self::Published(kind)
    }
}
