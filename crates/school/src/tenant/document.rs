//! A configuration as it is written, in a tenant file and in the database: texts and numbers that are still to be parsed.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error as _};

use super::configuration::{Configuration, DomainModes, EmailDomains, FuturePupils, Licences, School, Site};

/// What an unset `username_max_length` is (R13).
pub(super) const DEFAULT_USERNAME_MAX_LENGTH: usize = 75;
/// What an unset `brake_percent` is.
const DEFAULT_BRAKE_PERCENT: u32 = 20;

/// A configuration as written. The fields are those of [`Configuration`].
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TenantDocument {
    /// In a file only: the revision that it was written from.
    #[serde(default)]
    pub(super) revision: Option<i64>,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) entra_tenant_id: Option<String>,
    pub(super) contact: Option<String>,
    pub(super) contact_mail: Option<String>,
    pub(super) active_school_year: String,
    pub(super) team_name_format: String,
    pub(super) username_format: String,
    #[serde(default = "default_username_max_length")]
    pub(super) username_max_length: usize,
    #[serde(default)]
    pub(super) future_pupils: FuturePupils,
    #[serde(default)]
    pub(super) domain_mode: DomainModes,
    #[serde(default)]
    pub(super) extra_domains: Vec<String>,
    #[serde(default)]
    pub(super) email_domain: EmailDomainEntry,
    #[serde(default)]
    pub(super) org_id_with_hoofdstructuur: bool,
    #[serde(default)]
    pub(super) staff_grace_days: u32,
    #[serde(default = "default_brake_percent")]
    pub(super) brake_percent: u32,
    #[serde(default)]
    pub(super) licences: Licences,
    pub(super) schools: Vec<SchoolEntry>,
}

/// The domains of addresses as written.
#[derive(Default, serde::Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "write the domain of pupils, of staff, or both: { pupils = \"leerling.school.example\", staff = \"school.example\" }"
)]
pub(super) struct EmailDomainEntry {
    pub(super) pupils: Option<String>,
    pub(super) staff: Option<String>,
}

impl EmailDomainEntry {
    fn parse(&self, problems: &mut Vec<String>) -> Result<EmailDomains, Rejected> {
        let mut of = |kind: &str, text: &Option<String>| {
            let key = format!("email_domain: {kind}");
            text.as_deref()
                .map(|text| value(&key, text, problems))
                .transpose()
        };
        let (pupils, staff) = (of("pupils", &self.pupils), of("staff", &self.staff));
        Ok(EmailDomains {
            pupils: pupils?,
            staff: staff?,
        })
    }
}

/// An institution as written.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SchoolEntry {
    pub(super) instelnr: String,
    pub(super) contact: Option<String>,
    pub(super) contact_mail: Option<String>,
    pub(super) teacher_domain: Option<String>,
    #[serde(default)]
    pub(super) sites: Vec<SiteEntry>,
}

/// A site as written.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SiteEntry {
    pub(super) vestnr: i32,
    pub(super) hoofdstructuur: Option<String>,
    #[serde(default = "default_sync")]
    pub(super) sync: bool,
    #[serde(default)]
    pub(super) sync_default: bool,
    pub(super) pupil_domain: Option<String>,
}

const fn default_username_max_length() -> usize {
    DEFAULT_USERNAME_MAX_LENGTH
}

const fn default_brake_percent() -> u32 {
    DEFAULT_BRAKE_PERCENT
}

const fn default_sync() -> bool {
    true
}

/// Some text is not allowed; the list of problems says which.
pub(super) struct Rejected;

impl TenantDocument {
    /// Parses the texts; each that is not allowed is added to the problems, with its key and what is allowed.
    pub(super) fn parse(&self, problems: &mut Vec<String>) -> Result<Configuration, Rejected> {
        let id = value("id", &self.id, problems);
        let active_school_year = value("active_school_year", &self.active_school_year, problems);
        let team_name_format = value("team_name_format", &self.team_name_format, problems);
        let username_format = value("username_format", &self.username_format, problems);
        // Collected first: every entry is parsed, also after one that failed.
        let extra_domains: Vec<_> = self
            .extra_domains
            .iter()
            .map(|domain| value("extra_domains", domain, problems))
            .collect();
        let email_domain = self.email_domain.parse(problems);
        let schools: Vec<_> = self.schools.iter().map(|school| school.parse(problems)).collect();
        Ok(Configuration {
            id: id?,
            name: self.name.clone(),
            entra_tenant_id: self.entra_tenant_id.clone(),
            contact: self.contact.clone(),
            contact_mail: self.contact_mail.clone(),
            active_school_year: active_school_year?,
            team_name_format: team_name_format?,
            username_format: username_format?,
            username_max_length: self.username_max_length,
            future_pupils: self.future_pupils,
            domain_mode: self.domain_mode,
            extra_domains: extra_domains.into_iter().collect::<Result<_, _>>()?,
            email_domain: email_domain?,
            org_id_with_hoofdstructuur: self.org_id_with_hoofdstructuur,
            staff_grace_days: self.staff_grace_days,
            brake_percent: self.brake_percent,
            licences: self.licences,
            schools: schools.into_iter().collect::<Result<_, _>>()?,
        })
    }
}

impl SchoolEntry {
    /// Says in a message which institution is meant.
    pub(super) fn label(&self) -> String {
        format!("school {:?}", self.instelnr)
    }

    fn parse(&self, problems: &mut Vec<String>) -> Result<School, Rejected> {
        let key = format!("{}: teacher_domain", self.label());
        let teacher_domain = self.teacher_domain.as_deref();
        let teacher_domain = teacher_domain.map(|text| value(&key, text, problems)).transpose();
        let sites: Vec<_> = self.sites.iter().map(|site| site.parse(self, problems)).collect();
        Ok(School {
            instelnr: self.instelnr.clone(),
            contact: self.contact.clone(),
            contact_mail: self.contact_mail.clone(),
            teacher_domain: teacher_domain?,
            sites: sites.into_iter().collect::<Result<_, _>>()?,
        })
    }
}

impl SiteEntry {
    /// Says in a message which site of an institution is meant.
    pub(super) fn label(&self, school: &SchoolEntry) -> String {
        let (school, number) = (school.label(), self.vestnr);
        match &self.hoofdstructuur {
            None => format!("{school}, site {number}"),
            Some(code) => format!("{school}, site {number} structure {code:?}"),
        }
    }

    fn parse(&self, school: &SchoolEntry, problems: &mut Vec<String>) -> Result<Site, Rejected> {
        let key = format!("{}: pupil_domain", self.label(school));
        let pupil_domain = self.pupil_domain.as_deref();
        let pupil_domain = pupil_domain.map(|text| value(&key, text, problems)).transpose();
        Ok(Site {
            vestnr: self.vestnr,
            hoofdstructuur: self.hoofdstructuur.clone(),
            sync: self.sync,
            sync_default: self.sync_default,
            pupil_domain: pupil_domain?,
        })
    }
}

/// Parses the text of a key.
fn value<T>(key: &str, text: &str, problems: &mut Vec<String>) -> Result<T, Rejected>
where
    T: FromStr<Err: Display>,
{
    text.parse().map_err(|error| {
        problems.push(format!("{key} = {text:?}: {error}"));
        Rejected
    })
}

/// A stored configuration was checked when its file was applied; here only what its types cannot hold is refused.
impl<'de> Deserialize<'de> for Configuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = TenantDocument::deserialize(deserializer)?;
        let mut problems = Vec::new();
        document
            .parse(&mut problems)
            .map_err(|Rejected| D::Error::custom(problems.join("; ")))
    }
}
