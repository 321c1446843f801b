//! The kinds of object this provider publishes.

use serde::{Deserialize, Serialize};

/// A kind of published object; its word is the OneRoster collection name (OneRoster 1.1 §1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// `academicSessions`
    AcademicSessions,
    /// `orgs`
    Orgs,
    /// `courses`
    Courses,
    /// `classes`
    Classes,
    /// `users`
    Users,
    /// `enrollments`
    Enrollments,
}

impl Kind {
    /// Every kind, each after the kinds it refers to.
    pub const ALL: [Self; 6] = [
        Self::AcademicSessions,
        Self::Orgs,
        Self::Courses,
        Self::Classes,
        Self::Users,
        Self::Enrollments,
    ];

    /// Returns the collection name, which is also the key of the collection envelope.
    pub const fn collection(self) -> &'static str {
        match self {
            Self::AcademicSessions => "academicSessions",
            Self::Orgs => "orgs",
            Self::Courses => "courses",
            Self::Classes => "classes",
            Self::Users => "users",
            Self::Enrollments => "enrollments",
        }
    }

    /// Returns the key of the envelope of a single object.
    pub const fn singular(self) -> &'static str {
        match self {
            Self::AcademicSessions => "academicSession",
            Self::Orgs => "org",
            Self::Courses => "course",
            Self::Classes => "class",
            Self::Users => "user",
            Self::Enrollments => "enrollment",
        }
    }

    /// Reads a collection name; `None` for a word that names no published kind.
    pub fn from_collection(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.collection() == word)
    }

    /// Returns the kind's place in [`Kind::ALL`], for tables with one row per kind.
    pub const fn index(self) -> usize {
        match self {
            Self::AcademicSessions => 0,
            Self::Orgs => 1,
            Self::Courses => 2,
            Self::Classes => 3,
            Self::Users => 4,
            Self::Enrollments => 5,
        }
    }
}
