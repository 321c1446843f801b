//! A domain in a username record, with who gave it (R37, R38, R147).

use std::fmt::{Display, Formatter};

use crate::tenant::Domain;

/// Who gave a domain to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DomainOrigin {
    /// The system, to a member of staff: their school's (R38). It never counts for a pupil (R147).
    System,
    /// An admin, by an edit or a check file: it counts whatever the person is (R37).
    Admin,
}

impl DomainOrigin {
    /// Returns the word stored in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Admin => "admin",
        }
    }

    /// Reads the word stored in the database.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::System, Self::Admin]
            .into_iter()
            .find(|origin| origin.as_str() == word)
    }
}

/// A domain in a record, with who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenDomain {
    /// The domain.
    pub domain: Domain,
    /// Who gave it.
    pub origin: DomainOrigin,
}

impl GivenDomain {
    /// Returns a domain that the system gave to a member of staff.
    pub const fn system(domain: Domain) -> Self {
        let origin = DomainOrigin::System;
        Self { domain, origin }
    }

    /// Returns a domain that an admin gave.
    pub const fn admin(domain: Domain) -> Self {
        let origin = DomainOrigin::Admin;
        Self { domain, origin }
    }

    /// Returns the domain as text.
    pub fn as_str(&self) -> &str {
        self.domain.as_str()
    }

    /// Returns `true` if an admin gave it.
    pub fn is_of_admin(&self) -> bool {
        self.origin == DomainOrigin::Admin
    }
}

impl Display for GivenDomain {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        Display::fmt(&self.domain, formatter)
    }
}
