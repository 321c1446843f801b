//! Why somebody or something is published, or is not.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::super::cause::SiteAbsence;
use super::ground::Obstacle;
use crate::username::WaitReason;

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
    /// The person has nothing to do with the class: no row as a pupil or as staff names both.
    NotInClass,
    /// The class is not published.
    Class {
        /// Why not: unknown, of another school year, or its site is not published.
        why: Box<Reason>,
    },
    /// The pupil's time in the class begins later.
    ClassToCome {
        /// The first day in it.
        begins: NaiveDate,
    },
    /// The pupil's time in the class is over.
    LeftClass {
        /// The last day in it.
        ended: NaiveDate,
    },
    /// The pupil's time in the class belongs to a registration that does not count on the day, while something else makes the
    /// person count.
    RegistrationOfClass {
        /// Where that registration is.
        org: String,
        /// What stands in its way.
        obstacle: Obstacle,
    },
    /// The person was in the class of another school year that has the same id.
    ClassOfOtherYear {
        /// That school year.
        school_year: String,
    },
    /// The class teacher's time with the class begins later.
    TeachingToCome {
        /// The first day.
        begins: NaiveDate,
    },
    /// The class teacher's time with the class is over.
    TeachingEnded {
        /// The last day.
        ended: NaiveDate,
    },
    /// The person has a function with the class that is not that of a class teacher (R127).
    OtherFunction {
        /// Its number in the source.
        function: i32,
    },
    /// The person is class teacher and counts on the day, but not as staff: they have no assignment then.
    NotStaff,
}
