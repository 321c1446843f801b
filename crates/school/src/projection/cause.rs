//! Why somebody or something is in the roster, or is not: codes with ids and dates, never names.
//!
//! Stored with a version when it begins, since the source changes afterwards; so a code never changes its meaning.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::informat::Schoolvest;
use crate::informat::published_rows::entry_for;
use crate::tenant::Configuration;

/// A fact of the source, the usernames or the configuration that decides whether an object is published.
///
/// Days are the first and the last on which something holds. `org` is the id the site has, or would have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Cause {
    /// The person is no longer in the source.
    PersonGone,
    /// The person has no username.
    NoUsername,
    /// The person's Sync flag is off (R91).
    SyncOff,
    /// We should send a domain and know none.
    DomainUnknown,
    /// The pupil has no registration in the active school year.
    NoRegistration {
        /// The active school year.
        school_year: String,
    },
    /// The pupil has registrations in the active school year, but none at this site, where there was one.
    NotRegisteredAt {
        /// The site.
        org: String,
    },
    /// The pupil's last registration at this site has ended.
    RegistrationEnded {
        /// The site.
        org: String,
        /// Its last day.
        last_day: NaiveDate,
    },
    /// The pupil's registration at this site is in the future, and future pupils are not published.
    RegistrationToCome {
        /// The site.
        org: String,
        /// Its first day.
        first_day: NaiveDate,
    },
    /// The pupil's registration at this site does not count as realised.
    RegistrationNotRealised {
        /// The site.
        org: String,
    },
    /// The member of staff has no assignment where there was one.
    NoAssignment,
    /// The last assignment has ended.
    AssignmentEnded {
        /// Its last day in the source.
        last_day: NaiveDate,
        /// How many days it counted longer.
        grace_days: u32,
    },
    /// The assignment is in the future.
    AssignmentToCome {
        /// Its first day.
        first_day: NaiveDate,
    },
    /// The site is not published.
    SiteNotPublished {
        /// The site.
        org: String,
        /// Why not.
        why: SiteAbsence,
    },
    /// The user of an enrollment is not published.
    UserNotPublished,
    /// The class of an enrollment is not published.
    ClassNotPublished,
    /// The pupil's time in the class has ended.
    LeftClass {
        /// The last day in it.
        last_day: NaiveDate,
    },
    /// The pupil's time in the class is in the future.
    ClassToCome {
        /// The first day in it.
        first_day: NaiveDate,
    },
    /// The source no longer has the pupil in the class.
    NotInClass,
    /// The class teacher's time with the class has ended.
    TeachingEnded {
        /// The last day.
        last_day: NaiveDate,
    },
    /// The class teacher's time with the class is in the future.
    TeachingToCome {
        /// The first day.
        first_day: NaiveDate,
    },
    /// The source no longer has the person as class teacher of the class.
    NotClassTeacher,
    /// The class is no longer in the source.
    ClassGone,
    /// It belongs to another school year than the active one.
    OtherSchoolYear {
        /// The active school year.
        active: String,
    },
    /// The pupil is published by this registration, the one that decides the home org.
    Registered {
        /// The site.
        org: String,
        /// Its first day.
        first_day: NaiveDate,
        /// Whether that day is in the future.
        is_to_come: bool,
    },
    /// The member of staff is published by this assignment, the one that decides the home org.
    Assigned {
        /// The site.
        org: String,
        /// Its first day; none = always.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        first_day: Option<NaiveDate>,
    },
}

impl Cause {
    /// Returns the first day of the registration or assignment that publishes somebody at this org, if that is the cause.
    pub fn first_day_at(&self, wanted: &str) -> Option<NaiveDate> {
        if let Self::Registered { org, first_day, .. } = self {
            (org == wanted).then_some(*first_day)
        } else if let Self::Assigned { org, first_day } = self {
            first_day.filter(|_| org == wanted)
        } else {
            None
        }
    }

    /// Returns the last day that it names.
    pub fn last_day(&self) -> Option<NaiveDate> {
        match self {
            Self::RegistrationEnded { last_day, .. }
            | Self::AssignmentEnded { last_day, .. }
            | Self::LeftClass { last_day }
            | Self::TeachingEnded { last_day } => Some(*last_day),
            Self::PersonGone
            | Self::NoUsername
            | Self::SyncOff
            | Self::DomainUnknown
            | Self::NoRegistration { .. }
            | Self::NotRegisteredAt { .. }
            | Self::RegistrationToCome { .. }
            | Self::RegistrationNotRealised { .. }
            | Self::NoAssignment
            | Self::AssignmentToCome { .. }
            | Self::SiteNotPublished { .. }
            | Self::UserNotPublished
            | Self::ClassNotPublished
            | Self::ClassToCome { .. }
            | Self::NotInClass
            | Self::TeachingToCome { .. }
            | Self::NotClassTeacher
            | Self::ClassGone
            | Self::OtherSchoolYear { .. }
            | Self::Registered { .. }
            | Self::Assigned { .. } => None,
        }
    }

    /// Returns `true` if somebody's time in the class of an enrollment has ended.
    pub(super) const fn is_end_in_class(&self) -> bool {
        matches!(self, Self::LeftClass { .. } | Self::TeachingEnded { .. })
    }

    /// Returns the org it names.
    pub fn org(&self) -> Option<&str> {
        match self {
            Self::NotRegisteredAt { org }
            | Self::RegistrationEnded { org, .. }
            | Self::RegistrationToCome { org, .. }
            | Self::RegistrationNotRealised { org }
            | Self::SiteNotPublished { org, .. }
            | Self::Registered { org, .. }
            | Self::Assigned { org, .. } => Some(org),
            Self::PersonGone
            | Self::NoUsername
            | Self::SyncOff
            | Self::DomainUnknown
            | Self::NoRegistration { .. }
            | Self::NoAssignment
            | Self::AssignmentEnded { .. }
            | Self::AssignmentToCome { .. }
            | Self::UserNotPublished
            | Self::ClassNotPublished
            | Self::LeftClass { .. }
            | Self::ClassToCome { .. }
            | Self::NotInClass
            | Self::TeachingEnded { .. }
            | Self::TeachingToCome { .. }
            | Self::NotClassTeacher
            | Self::ClassGone
            | Self::OtherSchoolYear { .. } => None,
        }
    }
}

/// Why a site is not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteAbsence {
    /// The source no longer has it.
    Gone,
    /// The source says it is no longer in use.
    Inactive,
    /// The tenant file does not name it.
    NotNamed,
    /// The tenant file has its link switched off.
    LinkOff,
}

impl SiteAbsence {
    /// Returns why a row of `schoolvest` is not published; `None` when it is.
    pub(super) fn of(row: Option<&Schoolvest>, configuration: &Configuration) -> Option<Self> {
        let Some(row) = row else {
            return Some(Self::Gone);
        };
        match entry_for(row, configuration) {
            _ if !row.actief => Some(Self::Inactive),
            None => Some(Self::NotNamed),
            Some((_, site)) if !site.sync => Some(Self::LinkOff),
            Some(_) => None,
        }
    }
}
