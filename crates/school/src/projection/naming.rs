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
    /// The domain that Microsoft adds, as far as it is known: the one given for the kind, else that of a pupil's site or of the
    /// school of staff.
    pub email_domain: Option<Domain>,
}

impl Naming {
    /// Determines it for an active person; `None` for a person without a site.
    pub(super) fn of(configuration: &Configuration, active: &ActivePerson<'_>) -> Option<Self> {
        let home = active.home()?;
        let (modes, given) = (configuration.domain_mode, &configuration.email_domain);
        Some(if active.is_staff() {
            Self {
                role: RoleType::Teacher,
                mode: modes.staff,
                site_domain: None,
                email_domain: given
                    .staff
                    .as_ref()
                    .or(home.school.teacher_domain.as_ref())
                    .cloned(),
            }
        } else {
            Self {
                role: RoleType::Student,
                mode: modes.pupils,
                site_domain: home.site.pupil_domain.clone(),
                email_domain: given.pupils.as_ref().or(home.site.pupil_domain.as_ref()).cloned(),
            }
        })
    }

    /// Returns the username as it is sent; `None` when no domain is known although we send it.
    pub fn username(&self, record: &Record) -> Option<String> {
        match self.mode {
            DomainMode::Microsoft => Some(record.local_part.clone()),
            DomainMode::Informat => {
                let own = self.own_domain(record);
                let domain = own.or(self.site_domain.as_ref())?;
                Some(format!("{}@{domain}", record.local_part))
            }
        }
    }

    /// Returns the domain of the person's address where the username that is sent has none; `None` when it is not known either.
    pub fn added_domain(&self) -> Option<&Domain> {
        match self.mode {
            DomainMode::Microsoft => self.email_domain.as_ref(),
            DomainMode::Informat => None,
        }
    }

    /// Returns the domain in the record, if it counts for the person as they are on the day.
    ///
    /// Staff have theirs nowhere else (R38, R39). For a pupil only one that an admin gave counts (R37): what the system gave
    /// for a job counts on the days of that job (R147).
    pub fn own_domain<'r>(&self, record: &'r Record) -> Option<&'r Domain> {
        let given = record.domain.as_ref()?;
        (self.role == RoleType::Teacher || given.is_of_admin()).then_some(&given.domain)
    }
}
