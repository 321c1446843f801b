//! What a question is about.

use oneroster_school::data_quality::Finding;
use oneroster_school::informat::school_year::UnknownSchoolYear;
use oneroster_school::projection::why::{Answer, Candidate, CandidateKind, Question};
use oneroster_standard::Kind;
use uuid::Uuid;

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A person, by id.
    Person(Uuid),
    /// A class, by id.
    Class(Uuid),
    /// A person in a class.
    Membership {
        /// The person.
        person: Uuid,
        /// The class.
        class: Uuid,
    },
}

impl Subject {
    /// Returns whether it is published on the day, and why.
    pub fn answer(self, question: &Question<'_>) -> Result<Answer, UnknownSchoolYear> {
        match self {
            Self::Person(id) => question.person(id),
            Self::Class(id) => question.class(id),
            Self::Membership { person, class } => question.membership(person, class),
        }
    }

    /// Returns the kind of object it is published as, and its `sourcedId`; `None` for a membership of a class that is unknown.
    pub fn object(self, question: &Question<'_>) -> Option<(Kind, String)> {
        Some(match self {
            Self::Person(id) => (Kind::Users, id.hyphenated().to_string()),
            Self::Class(id) => (Kind::Classes, id.hyphenated().to_string()),
            Self::Membership { person, class } => (Kind::Enrollments, question.enrollment_id(person, class)?),
        })
    }

    pub(super) const fn person(self) -> Option<Uuid> {
        match self {
            Self::Person(id) | Self::Membership { person: id, .. } => Some(id),
            Self::Class(_) => None,
        }
    }

    /// Returns the findings about it: of a membership those about the person and the class too.
    pub fn findings(self, object: &(Kind, String), findings: &[Finding]) -> Vec<Finding> {
        let ids = match self {
            Self::Person(_) | Self::Class(_) => vec![],
            Self::Membership { person, class } => vec![person.to_string(), class.to_string()],
        };
        let is_about =
            |finding: &&Finding| finding.sourced_id == object.1 || ids.contains(&finding.sourced_id);
        findings.iter().filter(is_about).cloned().collect()
    }
}

impl From<&Candidate> for Subject {
    fn from(candidate: &Candidate) -> Self {
        match candidate.kind {
            CandidateKind::Person => Self::Person(candidate.id),
            CandidateKind::Class => Self::Class(candidate.id),
        }
    }
}

/// What a question means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What is asked about.
    pub subject: Subject,
    /// What kind of object it is published as.
    pub kind: Kind,
    /// The object's `sourcedId`.
    pub sourced_id: String,
    /// What people call it; empty for somebody who is no longer in the mirror.
    pub label: String,
}
