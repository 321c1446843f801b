//! The facts on the way to an answer.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use oneroster_standard::RoleType;

use super::super::cause::SiteAbsence;
use super::reason::Obstacle;
use crate::username::WaitReason;

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
    /// A row that puts the person in the class that is asked about, or would.
    Membership {
        /// As what.
        role: RoleType,
        /// The school year of the row's class.
        school_year: String,
        /// What stands in its way.
        obstacle: Option<Obstacle>,
    },
}

/// A fact that is so, or is not, on no day in particular.
pub(super) const fn step(fact: Fact, holds: bool) -> Step {
    Step {
        fact,
        holds,
        since: None,
        until: None,
    }
}
