//! School Data Sync: a profile, what it has read, and its runs.

use std::collections::BTreeSet;

use super::Microsoft365;
use super::files::Upload;
use super::identity::IdentityRule;
use super::manage::{Report, manage};
use super::reader::Connection;
use super::records::{Class, Enrollment, Org, Record, Session, Sis, User};

/// How a profile is set up: both wizards.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    /// Its name; a new school year gets a new profile (R116).
    pub(crate) name: String,
    pub(crate) staff: IdentityRule,
    pub(crate) students: IdentityRule,
    /// Whether accounts are made for who has none (R97).
    pub(crate) creates_unmatched_users: bool,
    /// "Filter by organizations" (R98); `None` includes all.
    pub(crate) only_orgs: Option<BTreeSet<String>>,
    /// Whether the title of a Team is written when it is made only (R101).
    pub(crate) writes_titles_once: bool,
    /// Rows per page of a full pull.
    pub(crate) page_size: usize,
}

impl Profile {
    /// The manual's settings, with one identity rule for all.
    pub(crate) fn new(name: &str, rule: IdentityRule) -> Self {
        Self {
            name: name.to_owned(),
            staff: rule.clone(),
            students: rule,
            creates_unmatched_users: true,
            only_orgs: None,
            writes_titles_once: false,
            page_size: 5000,
        }
    }
}

/// A running profile.
pub(crate) struct Sds {
    http: reqwest::Client,
    connection: Connection,
    pub(crate) profile: Profile,
    /// What it knows.
    pub(crate) sis: Sis,
    /// When the last run began, by its own clock.
    since: Option<String>,
    /// Records that the last run could not use.
    unreadable: Vec<String>,
}

impl Sds {
    pub(crate) fn connect(connection: Connection, profile: Profile) -> Self {
        Self {
            http: reqwest::Client::new(),
            connection,
            profile,
            sis: Sis::default(),
            since: None,
            unreadable: Vec::new(),
        }
    }

    /// A full sync at a moment (`2026-09-01T04:00:00.000Z`): Connect Data, then Manage Data.
    pub(crate) async fn sync_full(&mut self, tenant: &mut Microsoft365, now: &str) -> Report {
        self.read_full(now).await;
        self.manage(tenant)
    }

    /// A sync that asks only for what changed; the first one of a profile is full.
    pub(crate) async fn sync_delta(&mut self, tenant: &mut Microsoft365, now: &str) -> Report {
        self.read_delta(now).await;
        self.manage(tenant)
    }

    /// Reads everything. Returns how many rows there were.
    pub(crate) async fn read_full(&mut self, now: &str) -> usize {
        let run = self.connection.begin(&self.http).await;
        let size = self.profile.page_size;
        let sessions = run.full(Session::COLLECTION, size).await;
        let orgs = run.full(Org::COLLECTION, size).await;
        let users = run.full(User::COLLECTION, size).await;
        let classes = run.full(Class::COLLECTION, size).await;
        let enrollments = run.full(Enrollment::COLLECTION, size).await;
        let errors = &mut self.unreadable;
        errors.clear();
        self.sis.sessions.replace(&sessions, errors);
        self.sis.orgs.replace(&orgs, errors);
        self.sis.users.replace(&users, errors);
        self.sis.classes.replace(&classes, errors);
        self.sis.enrollments.replace(&enrollments, errors);
        self.since = Some(now.to_owned());
        sessions.len() + orgs.len() + users.len() + classes.len() + enrollments.len()
    }

    /// Reads what changed since the last run began. Returns how many rows there were.
    pub(crate) async fn read_delta(&mut self, now: &str) -> usize {
        let Some(since) = self.since.clone() else {
            return self.read_full(now).await;
        };
        let run = self.connection.begin(&self.http).await;
        let sessions = run.delta(Session::COLLECTION, &since).await;
        let orgs = run.delta(Org::COLLECTION, &since).await;
        let users = run.delta(User::COLLECTION, &since).await;
        let classes = run.delta(Class::COLLECTION, &since).await;
        let enrollments = run.delta(Enrollment::COLLECTION, &since).await;
        let errors = &mut self.unreadable;
        errors.clear();
        self.sis.sessions.merge(&sessions, errors);
        self.sis.orgs.merge(&orgs, errors);
        self.sis.users.merge(&users, errors);
        self.sis.classes.merge(&classes, errors);
        self.sis.enrollments.merge(&enrollments, errors);
        self.since = Some(now.to_owned());
        sessions.len() + orgs.len() + users.len() + classes.len() + enrollments.len()
    }

    /// Takes a set of files, which is everything there is.
    pub(crate) fn upload(&mut self, files: &Upload) {
        let errors = &mut self.unreadable;
        errors.clear();
        self.sis.sessions.replace(&files.sessions, errors);
        self.sis.orgs.replace(&files.orgs, errors);
        self.sis.users.replace(&files.users, errors);
        self.sis.classes.replace(&files.classes, errors);
        self.sis.enrollments.replace(&files.enrollments, errors);
        // What was read by files is no moment to ask for changes from.
        self.since = None;
    }

    /// Brings the tenant to what was read.
    pub(crate) fn manage(&self, tenant: &mut Microsoft365) -> Report {
        let mut report = manage(&self.sis, &self.profile, tenant);
        report.errors.extend(self.unreadable.iter().cloned());
        report
    }

    /// Stops the profile for good: nothing is changed or deleted, its Teams stay as they are (R116).
    pub(crate) fn stop(self, tenant: &mut Microsoft365) {
        tenant.read_by_profile.remove(&self.profile.name);
    }
}
