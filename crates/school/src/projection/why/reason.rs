//! Why somebody or something is published, or is not.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::super::cause::SiteAbsence;
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
    /// Somebody is not in the class.
    Membership(MembershipAbsence),
}

/// Why a class is not published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClassAbsence {
    /// The mirror does not have it.
    Unknown,
    /// It is of an earlier school year.
    YearPast {
        /// That school year.
        school_year: String,
    },
    /// It is of a school year that is not active yet.
    YearToCome {
        /// That school year.
        school_year: String,
        /// Its first day.
        begins: NaiveDate,
    },
    /// Its site is not published.
    Site {
        /// The site.
        org: String,
        /// Why not.
        why: SiteAbsence,
    },
}

impl From<ClassAbsence> for Reason {
    /// Says it of the class itself, in the words that fit a person too.
    fn from(absence: ClassAbsence) -> Self {
        match absence {
            ClassAbsence::Unknown => Self::Unknown,
            ClassAbsence::YearPast { school_year } => Self::YearPast { school_year },
            ClassAbsence::YearToCome { school_year, begins } => Self::YearToCome { school_year, begins },
            ClassAbsence::Site { org, why } => Self::Site { org, why },
        }
    }
}

/// Why somebody is not in a class, apart from what keeps them from being published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MembershipAbsence {
    /// The person has nothing to do with the class: no row as a pupil or as staff names both.
    NoRow,
    /// The class is not published.
    Class(ClassAbsence),
    /// The pupil's time in the class begins later.
    ToCome {
        /// The first day in it.
        begins: NaiveDate,
    },
    /// The pupil's time in the class is over.
    Left {
        /// The last day in it.
        ended: NaiveDate,
    },
    /// The pupil's time in the class belongs to a registration that does not count on the day, while something else makes the
    /// person count.
    Registration {
        /// Where that registration is.
        org: String,
        /// What stands in its way.
        obstacle: Obstacle,
    },
    /// The person was in the class of another school year that has the same id.
    OtherYear {
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

/// What stands in the way of a registration, an assignment or a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// Its site is not published.
    Site(SiteAbsence),
    /// It is not realised.
    NotRealised,
    /// It begins later.
    ToCome,
    /// It is of a school year that is not active yet.
    YearToCome,
    /// It is over.
    Over,
    /// It is of an earlier school year.
    YearPast,
    /// Another registration counts on the day, and this one does not contain it; of a membership, another row wins.
    Another,
    /// The registration it belongs to does not count.
    Registration,
    /// The function with the class is not that of a class teacher.
    OtherFunction,
    /// The person does not count as staff on the day.
    NotStaff,
}
