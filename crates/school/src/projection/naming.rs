//! How a person's username is sent: with a domain or without, by the domain mode of the person's kind (R33–R39).

use oneroster_standard::RoleType;

use super::person::ActivePerson;
use crate::tenant::configuration::DomainMode;
use crate::tenant::{Configuration, Domain};
use crate::username::Record;

/// How a person's username is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// The kind of person; a person who is both pupil and staff counts as staff (R41).
    pub role: RoleType,
    /// Who adds the domain.
    pub mode: DomainMode,
    /// The domain that follows a pupil's site (R35, R36), if the site has one.
    pub site_domain: Option<Domain>,
}

impl Naming {
    /// Determines it for an active person; `None` for a person without a site.
    pub(super) fn of(configuration: &Configuration, active: &ActivePerson<'_>) -> Option<Self> {
        let home = active.home()?;
        let modes = configuration.domain_mode;
        Some(if active.is_staff() {
            Self {
                role: RoleType::Teacher,
                mode: modes.staff,
                site_domain: None,
            }
        } else {
            Self {
                role: RoleType::Student,
                mode: modes.pupils,
                site_domain: home.site.pupil_domain.clone(),
            }
        })
    }

    /// Returns the username as it is sent; `None` when no domain is known although we send it.
    ///
    /// A domain in the record wins (R37); staff have theirs nowhere else (R38, R39).
    pub fn username(&self, record: &Record) -> Option<String> {
        match self.mode {
            DomainMode::Microsoft => Some(record.local_part.clone()),
            DomainMode::Informat => {
                let domain = record.domain.as_ref().or(self.site_domain.as_ref())?;
                Some(format!("{}@{domain}", record.local_part))
            }
        }
    }
}
