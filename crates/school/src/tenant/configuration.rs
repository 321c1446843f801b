//! What a tenant file says, as types. Reading it is in [`super::file`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::domain::Domain;
use super::id::TenantId;
use super::school_year::SchoolYear;
use super::team_name_format::TeamNameFormat;
use super::username_format::UsernameFormat;

/// A tenant's synchronisation settings. What it writes is read by [`super::file`], which knows the defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Configuration {
    /// Id of the tenant.
    pub id: TenantId,
    /// Name for people.
    pub name: String,
    /// The Microsoft Entra tenant it is synchronised to (R1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entra_tenant_id: Option<String>,
    /// Informat login of the manager (R4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Where the school group is written to: alarms, and that names wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_mail: Option<String>,
    /// The school year that is published (R114); the file sets it at creation only.
    pub active_school_year: SchoolYear,
    /// How a class's title is made (R7–R10).
    pub team_name_format: TeamNameFormat,
    /// How a username is made (R11, R12).
    pub username_format: UsernameFormat,
    /// Longest generated local part, in characters (R13); Entra's 64 is applied on top.
    pub username_max_length: usize,
    /// Whether pupils whose registration starts later are published at once (R14–R16).
    pub future_pupils: FuturePupils,
    /// Who adds the domain to a username (R33, R34).
    pub domain_mode: DomainModes,
    /// Domains an admin may type besides the configured ones.
    pub extra_domains: Vec<Domain>,
    /// Domains of addresses where Microsoft adds them.
    #[serde(skip_serializing_if = "EmailDomains::is_empty")]
    pub email_domain: EmailDomains,
    /// Whether org ids carry the main structure (R123).
    pub org_id_with_hoofdstructuur: bool,
    /// Days that an ended assignment still counts.
    pub staff_grace_days: u32,
    /// Percentage above which a publication is held.
    pub brake_percent: u32,
    /// How many licences of Microsoft the school group has (R143).
    #[serde(skip_serializing_if = "Licences::is_empty")]
    pub licences: Licences,
    /// The institutions that take part (R2).
    pub schools: Vec<School>,
}

impl Configuration {
    /// Returns every domain the tenant calls its own: those of schools, of sites, of addresses, and the extra ones, sorted.
    pub fn own_domains(&self) -> Vec<&Domain> {
        let of_schools = self.schools.iter().flat_map(|school| {
            let of_sites = school.sites.iter().filter_map(|site| site.pupil_domain.as_ref());
            school.teacher_domain.iter().chain(of_sites)
        });
        let of_addresses = self.email_domain.pupils.iter().chain(&self.email_domain.staff);
        let own: BTreeSet<&Domain> = of_schools
            .chain(of_addresses)
            .chain(&self.extra_domains)
            .collect();
        own.into_iter().collect()
    }
}

/// The domains that Microsoft adds to usernames, as far as they are known: with them a username is an address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EmailDomains {
    /// For pupils; without it that of their site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pupils: Option<Domain>,
    /// For staff; without it that of their school.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff: Option<Domain>,
}

impl EmailDomains {
    /// Returns `true` if none is given.
    pub const fn is_empty(&self) -> bool {
        self.pupils.is_none() && self.staff.is_none()
    }
}

/// How many licences of Microsoft there are for each kind of person; nobody's accounts depend on it, but whoever has too few is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "write how many licences there are for pupils, for staff, or for both: { pupils = 5000, staff = 600 }"
)]
pub struct Licences {
    /// For pupils; `None` = not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pupils: Option<u32>,
    /// For staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<u32>,
}

impl Licences {
    /// Returns `true` if nothing is known of them.
    pub const fn is_empty(&self) -> bool {
        self.pupils.is_none() && self.staff.is_none()
    }
}

/// Whether pupils whose registration starts after the reference date are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FuturePupils {
    /// Only from the day the registration starts (R16).
    #[default]
    Exclude,
    /// At once (R15).
    Include,
}

/// Who adds the domain to a username.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DomainMode {
    /// Microsoft: we send the local part (R33).
    #[default]
    Microsoft,
    /// We do: `local@domain` is sent (R34).
    Informat,
}

/// The domain mode per kind of person. A person who is both counts as staff (R41).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "DomainModesForm", into = "DomainModesForm")]
pub struct DomainModes {
    /// For pupils.
    pub pupils: DomainMode,
    /// For staff.
    pub staff: DomainMode,
}

/// The two ways a file may write [`DomainModes`]: one word, or a table with both kinds.
#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "write \"microsoft\" or \"informat\", or one of them for each: { pupils = \"informat\", staff = \"microsoft\" }"
)]
enum DomainModesForm {
    One(DomainMode),
    Each(DomainModesTable),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DomainModesTable {
    pupils: DomainMode,
    staff: DomainMode,
}

impl From<DomainModesForm> for DomainModes {
    fn from(form: DomainModesForm) -> Self {
        match form {
            DomainModesForm::One(mode) => Self {
                pupils: mode,
                staff: mode,
            },
            DomainModesForm::Each(DomainModesTable { pupils, staff }) => Self { pupils, staff },
        }
    }
}

impl From<DomainModes> for DomainModesForm {
    fn from(modes: DomainModes) -> Self {
        if modes.pupils == modes.staff {
            Self::One(modes.pupils)
        } else {
            Self::Each(DomainModesTable {
                pupils: modes.pupils,
                staff: modes.staff,
            })
        }
    }
}

/// An institution that takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct School {
    /// Six digits.
    pub instelnr: String,
    /// Informat login of this institution's manager, if it has one of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Where this institution is written to besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_mail: Option<String>,
    /// Domain of its staff (R38); required when we send staff domains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub teacher_domain: Option<Domain>,
    /// Its sites; one that no entry names is not published (R3, R20).
    pub sites: Vec<Site>,
}

/// A site of an institution, or one main structure of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Site {
    /// Number of the site (`vestnrdiscimus`).
    pub vestnr: i32,
    /// This main structure only; without it: the site's structures that no other entry names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hoofdstructuur: Option<String>,
    /// Whether the link is active (R20).
    pub sync: bool,
    /// The Sync flag that new usernames of this site get (R21).
    pub sync_default: bool,
    /// Domain of its pupils (R35); required when we send pupil domains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pupil_domain: Option<Domain>,
}
