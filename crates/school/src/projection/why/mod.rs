//! Why a person or a class is published on a day, or is not: one reason, and the facts it follows from.
//!
//! Whether and from when is [`super::project`]'s own answer, asked about the rows of that person or class alone; only the reason is
//! found here. `properties` shows on random schools that both agree.

mod class;
mod ground;
mod person;
mod run;
#[cfg(test)]
mod tests;
mod who;

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use oneroster_standard::RoleType;
use uuid::Uuid;

pub use ground::Obstacle;
pub use who::{Candidate, CandidateKind};

use super::cause::SiteAbsence;
use crate::informat::Mirror;
use crate::informat::school_year::UnknownSchoolYear;
use crate::tenant::Configuration;
use crate::username::{Record, WaitReason};

/// What is asked about: the inputs of a roster, and a day.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Informat's data.
    pub mirror: &'a Mirror,
    /// Username records by person.
    pub usernames: &'a HashMap<Uuid, Record>,
    /// The tenant file.
    pub configuration: &'a Configuration,
    /// The day.
    pub on: NaiveDate,
}

/// Why somebody or something is published, or is not. At most one: what stands in the way first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// They are.
    Published,
    /// The mirror does not have them.
    Unknown,
    /// The person is nowhere: no registration, no assignment.
    Nowhere,
    /// The registration is not realised.
    RegistrationNotRealised {
        /// Where.
        org: String,
    },
    /// They are of an earlier school year.
    YearPast {
        /// The newest of them.
        school_year: String,
    },
    /// They are of a school year that is not active yet.
    YearToCome {
        /// That school year.
        school_year: String,
        /// The first day in it.
        begins: NaiveDate,
    },
    /// The pupil's registration begins later.
    NotYet {
        /// Where.
        org: String,
        /// Its first day.
        begins: NaiveDate,
    },
    /// The pupil's last registration is over.
    Ended {
        /// Where.
        org: String,
        /// Its last day.
        ended: NaiveDate,
    },
    /// The assignment begins later.
    StaffNotYet {
        /// Where.
        org: String,
        /// Its first day.
        begins: NaiveDate,
    },
    /// The last assignment is over.
    StaffEnded {
        /// Where.
        org: String,
        /// Its last day in the source.
        ended: NaiveDate,
        /// How many days it counted longer.
        grace_days: u32,
    },
    /// The site is not published.
    Site {
        /// The site.
        org: String,
        /// Why not.
        why: SiteAbsence,
    },
    /// The person has no username.
    NoUsername,
    /// The Sync flag is off.
    FlagOff,
    /// The person waits for somebody's answer.
    Waits {
        /// To what.
        waits_for: BTreeSet<WaitReason>,
    },
    /// We should send a domain and know none.
    NoDomain,
}

/// A fact on the way, and whether it speaks for being published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The fact.
    pub fact: Fact,
    /// Whether it does.
    pub holds: bool,
    /// The first day on which it is so, where that is a day; `None` = always.
    pub since: Option<NaiveDate>,
    /// The last such day; `None` = open.
    pub until: Option<NaiveDate>,
}

/// What a step is about. Ids and dates, no names of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The person or the class is in the mirror.
    InMirror,
    /// A registration of the pupil.
    Registration {
        /// Where.
        org: String,
        /// Its school year.
        school_year: String,
        /// What stands in its way.
        obstacle: Option<Obstacle>,
    },
    /// An assignment of the member of staff.
    Assignment {
        /// Where: every site it covers, published or not.
        orgs: Vec<String>,
        /// What stands in its way.
        obstacle: Option<Obstacle>,
    },
    /// The username.
    Username {
        /// Its local part; `None` = there is none.
        local_part: Option<String>,
    },
    /// The Sync flag.
    Sync {
        /// What the person waits for.
        waits_for: BTreeSet<WaitReason>,
    },
    /// The domain that we send.
    Domain {
        /// The username as it is sent; `None` = we know no domain.
        username: Option<String>,
    },
    /// A class that the person is in on the day.
    Class {
        /// Its id.
        sourced_id: String,
        /// Its title.
        title: String,
        /// As what.
        role: RoleType,
    },
    /// The school year of a class.
    SchoolYear {
        /// The year.
        school_year: String,
    },
    /// The site of a class.
    Site {
        /// The site.
        org: String,
        /// Why it is not published; `None` when it is.
        absence: Option<SiteAbsence>,
    },
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Why, or why not.
    pub reason: Reason,
    /// The first of the days in a row on which the roster has them by the same data: those that contain the day asked about, else
    /// the next ones, else the last ones before. `None` if there are none in the active school year.
    pub from: Option<NaiveDate>,
    /// The last of them.
    pub until: Option<NaiveDate>,
    /// The facts, in the order in which they are asked.
    pub steps: Vec<Step>,
}

impl Answer {
    /// Returns `true` if it is published.
    pub fn is_published(&self) -> bool {
        self.reason == Reason::Published
    }
}

impl Question<'_> {
    /// Returns why a person is published on the day, or is not.
    pub fn person(&self, rowguid: Uuid) -> Result<Answer, UnknownSchoolYear> {
        person::answer(self, rowguid)
    }

    /// Returns why a class is published on the day, or is not. The same id may stand in several school years: the active one
    /// counts, else the newest.
    pub fn class(&self, scoodle_id: Uuid) -> Result<Answer, UnknownSchoolYear> {
        class::answer(self, scoodle_id)
    }
}
