//! Facts as sentences of the language files.

use oneroster_school::projection::cause::SiteAbsence;
use oneroster_school::projection::why::{Fact, Obstacle, Step};
use oneroster_standard::RoleType;

use super::sentence::{Words, obstacle_key, wait_key};

impl Words<'_> {
    /// Returns why a site is not published.
    pub(super) fn absence(&self, org: &str, why: SiteAbsence) -> String {
        let key = match why {
            SiteAbsence::NotNamed => "why-step-site-unlisted",
            SiteAbsence::Gone => "why-step-site-gone",
            SiteAbsence::LinkOff => "why-step-site-excluded",
            SiteAbsence::Inactive => "why-step-site-inactive",
        };
        self.with_place(key, org)
    }

    /// Adds who changed it last.
    pub(super) fn by(&self, fact: &str, by: &str) -> String {
        if by == "system" {
            self.filled("why-step-by-system", vec![("fact", fact.to_owned())])
        } else {
            self.filled(
                "why-step-by",
                vec![("fact", fact.to_owned()), ("by", by.to_owned())],
            )
        }
    }

    /// Returns what a fact is about, in a word, and the fact.
    pub(super) fn fact(&self, step: &Step) -> (&'static str, String) {
        match &step.fact {
            Fact::InMirror if step.holds => ("data", self.line("why-step-data")),
            Fact::InMirror => ("data", self.line("why-step-data-gone")),
            Fact::Registration {
                org,
                school_year,
                obstacle,
            } => {
                let arguments = vec![("place", self.place(org)), ("year", school_year.clone())];
                let fact = self.filled("why-step-registration", arguments);
                ("registration", self.hindered(fact, *obstacle))
            }
            Fact::Assignment { orgs, obstacle } => ("assignment", self.assignment(orgs, *obstacle)),
            Fact::Username { local_part: None } => ("username", self.line("why-step-no-username")),
            Fact::Username {
                local_part: Some(name),
            } => (
                "username",
                self.filled("why-step-username", vec![("name", name.clone())]),
            ),
            Fact::Sync { waits_for } if !waits_for.is_empty() => {
                let waits: Vec<String> = waits_for
                    .iter()
                    .map(|reason| self.line(wait_key(*reason)))
                    .collect();
                (
                    "sync",
                    self.filled("why-step-waits", vec![("reasons", waits.join("; "))]),
                )
            }
            Fact::Sync { .. } if step.holds => ("sync", self.line("why-step-sync-on")),
            Fact::Sync { .. } => ("sync", self.line("why-step-sync-off")),
            Fact::Domain { username: None } => ("domain", self.line("why-step-no-domain")),
            Fact::Domain { username: Some(name) } => (
                "domain",
                self.filled("why-step-login", vec![("name", name.clone())]),
            ),
            Fact::Class { title, role, .. } => {
                let key = if *role == RoleType::Teacher {
                    "why-step-class-teacher"
                } else {
                    "why-step-class-pupil"
                };
                ("class", self.filled(key, vec![("class", title.clone())]))
            }
            Fact::SchoolYear { school_year } => (
                "school-year",
                self.filled("why-step-year", vec![("year", school_year.clone())]),
            ),
            Fact::Site { org, absence } => (
                "site",
                absence.map_or_else(
                    || self.with_place("why-step-site", org),
                    |why| self.absence(org, why),
                ),
            ),
            Fact::Membership {
                role,
                school_year,
                obstacle,
            } => ("membership", self.membership_row(*role, school_year, *obstacle)),
        }
    }

    fn membership_row(&self, role: RoleType, school_year: &str, obstacle: Option<Obstacle>) -> String {
        let key = if role == RoleType::Teacher {
            "why-step-membership-teacher"
        } else {
            "why-step-membership-pupil"
        };
        let fact = self.filled(key, vec![("year", school_year.to_owned())]);
        self.hindered(fact, obstacle)
    }

    fn assignment(&self, orgs: &[String], obstacle: Option<Obstacle>) -> String {
        let orgs = orgs.iter().filter(|org| self.seen.sees_org(org));
        let places: Vec<String> = orgs.map(|org| self.place(org)).collect();
        let fact = self.filled("why-step-assignment", vec![("places", places.join(", "))]);
        self.hindered(fact, obstacle)
    }

    fn hindered(&self, fact: String, obstacle: Option<Obstacle>) -> String {
        match obstacle {
            None => fact,
            Some(obstacle) => {
                let obstacle = self.line(obstacle_key(obstacle));
                self.filled("why-step-hindered", vec![("fact", fact), ("obstacle", obstacle)])
            }
        }
    }
}
