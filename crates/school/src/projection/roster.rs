//! The roster: everything that would be served, each kind sorted by `sourcedId`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use oneroster_standard::{AcademicSession, Class, Course, Enrollment, Org, User};

use crate::tenant::Domain;

/// An object with its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified<T> {
    /// The object's `sourcedId`.
    pub sourced_id: String,
    /// The object.
    pub content: T,
}

/// The published state of one tenant on one day. Every list is sorted by `sourced_id`, bytewise, without doubles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// The day it is the state of (R119–R121).
    pub reference_date: NaiveDate,
    /// The active school year.
    pub academic_sessions: Vec<Identified<AcademicSession>>,
    /// Published school sites.
    pub orgs: Vec<Identified<Org>>,
    /// One fictive course per class.
    pub courses: Vec<Identified<Course>>,
    /// Classes and subgroups.
    pub classes: Vec<Identified<Class>>,
    /// Pupils and staff with a released username.
    pub users: Vec<Identified<User>>,
    /// The domains of addresses of those users whose username has none, by user: no part of what all consumers are told.
    pub email_domains: BTreeMap<String, Domain>,
    /// Who is in which class.
    pub enrollments: Vec<Identified<Enrollment>>,
}
