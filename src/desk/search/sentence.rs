//! Reasons and facts as sentences of the language files, one of its own for each.

use chrono::NaiveDate;
use fluent_templates::fluent_bundle::FluentValue;
use oneroster_school::directory::{Entry, Seen};
use oneroster_school::projection::cause::SiteAbsence;
use oneroster_school::projection::why::{Answer, ClassAbsence, MembershipAbsence, Obstacle, Reason};
use oneroster_school::username::WaitReason;
use oneroster_standard::Kind;

use crate::desk::dates;
use crate::desk::language::{Language, text, text_with};

/// Makes sentences for somebody: in their language, about places that they may see.
pub(super) struct Words<'a> {
    pub(super) language: Language,
    pub(super) seen: &'a Seen<'a>,
}

pub(super) type Arguments = Vec<(&'static str, String)>;

impl Words<'_> {
    /// Returns a text without anything put in.
    pub(super) fn line(&self, key: &str) -> String {
        text(self.language, key)
    }

    pub(super) fn filled(&self, key: &str, arguments: Arguments) -> String {
        let arguments = arguments
            .into_iter()
            .map(|(name, value)| (name, FluentValue::from(value)));
        text_with(self.language, key, arguments)
    }

    pub(super) fn with_place(&self, key: &str, org: &str) -> String {
        self.filled(key, vec![("place", self.place(org))])
    }

    /// Returns what a site is called, with its id; one that they may not see is another one.
    pub(super) fn place(&self, org: &str) -> String {
        match self.seen.place(org) {
            Some(place) if !place.name.is_empty() => format!("{} ({org})", place.name),
            Some(_) => org.to_owned(),
            None if self.seen.sees_org(org) => org.to_owned(),
            None => self.line("why-elsewhere"),
        }
    }

    /// Returns what a person, a class or a person in a class is called.
    pub(super) fn label(&self, person: Option<&Entry>, class: Option<&Entry>) -> String {
        let of_class = |class: &Entry| match &class.other_year {
            Some(year) => format!("{} ({year})", class.label),
            None => class.label.clone(),
        };
        match (person, class) {
            (Some(person), Some(class)) => self.filled(
                "why-person-in-class",
                vec![("person", person.label.clone()), ("class", of_class(class))],
            ),
            (Some(person), None) => person.label.clone(),
            (None, Some(class)) => of_class(class),
            (None, None) => String::new(),
        }
    }

    pub(super) fn held(&self) -> String {
        self.line("why-held")
    }

    pub(super) fn change_of_held(&self) -> String {
        self.line("why-change-held")
    }

    /// Returns why, in one sentence.
    pub(super) fn sentence(&self, answer: &Answer, kind: Kind) -> String {
        let (key, arguments) = self.reason(answer, kind);
        self.filled(key, arguments)
    }

    fn reason(&self, answer: &Answer, kind: Kind) -> (&'static str, Arguments) {
        let then_too = answer.from.is_some();
        let day = |name, day: &NaiveDate| (name, dates::shown(*day));
        let place = |org: &str| ("place", self.place(org));
        match &answer.reason {
            Reason::Published => {
                let days = answer.from.zip(answer.until);
                let days = days.map(|(from, until)| vec![day("from", &from), day("until", &until)]);
                let key = match kind {
                    Kind::Classes => "why-published-class",
                    Kind::Enrollments => "why-published-membership",
                    Kind::Users | Kind::AcademicSessions | Kind::Orgs | Kind::Courses => "why-published",
                };
                (key, days.unwrap_or_default())
            }
            Reason::Unknown if kind == Kind::Classes => ("why-unknown-class", vec![]),
            Reason::Unknown => ("why-unknown", vec![]),
            Reason::Nowhere => ("why-nowhere", vec![]),
            Reason::RegistrationNotRealised { org } => ("why-registration-not-realised", vec![place(org)]),
            Reason::YearPast { school_year } => ("why-year-past", vec![("year", school_year.clone())]),
            Reason::YearToCome { school_year, begins } => (
                "why-year-to-come",
                vec![("year", school_year.clone()), day("begins", begins)],
            ),
            Reason::NotYet { org, begins } => (
                if then_too {
                    "why-not-yet"
                } else {
                    "why-not-yet-nor-then"
                },
                vec![place(org), day("begins", begins)],
            ),
            Reason::Ended { org, ended } => ("why-ended", vec![place(org), day("ended", ended)]),
            Reason::StaffNotYet { org, begins } => (
                if then_too {
                    "why-staff-not-yet"
                } else {
                    "why-staff-not-yet-nor-then"
                },
                vec![place(org), day("begins", begins)],
            ),
            Reason::StaffEnded {
                org,
                ended,
                grace_days,
            } => (
                "why-staff-ended",
                vec![place(org), day("ended", ended), ("days", grace_days.to_string())],
            ),
            Reason::Site { org, why } => (site_key(*why), vec![place(org)]),
            Reason::NoUsername => ("why-no-username", vec![]),
            Reason::FlagOff => ("why-flag-off", vec![]),
            Reason::Waits { waits_for } => {
                let waits: Vec<String> = waits_for
                    .iter()
                    .map(|reason| self.line(wait_key(*reason)))
                    .collect();
                ("why-waits", vec![("reasons", waits.join("; "))])
            }
            Reason::NoDomain => ("why-no-domain", vec![]),
            Reason::Membership(absence) => self.membership(absence, then_too),
        }
    }

    fn membership(&self, absence: &MembershipAbsence, then_too: bool) -> (&'static str, Arguments) {
        let day = |name, day: &NaiveDate| (name, dates::shown(*day));
        let place = |org: &str| ("place", self.place(org));
        match absence {
            MembershipAbsence::NoRow => ("why-not-in-class", vec![]),
            MembershipAbsence::Class(ClassAbsence::Unknown) => ("why-class-unknown", vec![]),
            MembershipAbsence::Class(ClassAbsence::YearPast { school_year }) => {
                ("why-class-year-past", vec![("year", school_year.clone())])
            }
            MembershipAbsence::Class(ClassAbsence::YearToCome { school_year, .. }) => {
                ("why-class-year-to-come", vec![("year", school_year.clone())])
            }
            MembershipAbsence::Class(ClassAbsence::Site { org, why }) => (
                match why {
                    SiteAbsence::NotNamed => "why-class-site-unlisted",
                    SiteAbsence::Gone => "why-class-site-gone",
                    SiteAbsence::LinkOff => "why-class-site-excluded",
                    SiteAbsence::Inactive => "why-class-site-inactive",
                },
                vec![place(org)],
            ),
            MembershipAbsence::ToCome { begins } => (
                if then_too {
                    "why-class-to-come"
                } else {
                    "why-class-to-come-nor-then"
                },
                vec![day("begins", begins)],
            ),
            MembershipAbsence::Left { ended } => ("why-left-class", vec![day("ended", ended)]),
            MembershipAbsence::Registration { org, obstacle } => (
                "why-class-registration",
                vec![place(org), ("obstacle", self.line(obstacle_key(*obstacle)))],
            ),
            MembershipAbsence::OtherYear { school_year } => {
                ("why-class-of-other-year", vec![("year", school_year.clone())])
            }
            MembershipAbsence::TeachingToCome { begins } => (
                if then_too {
                    "why-teaching-to-come"
                } else {
                    "why-teaching-to-come-nor-then"
                },
                vec![day("begins", begins)],
            ),
            MembershipAbsence::TeachingEnded { ended } => ("why-teaching-ended", vec![day("ended", ended)]),
            MembershipAbsence::OtherFunction { .. } => ("why-other-function", vec![]),
            MembershipAbsence::NotStaff => ("why-not-staff", vec![]),
        }
    }

    /// Returns what would change it; `None` for what is published.
    pub(super) fn change(&self, reason: &Reason) -> Option<String> {
        change_key(reason).map(|key| self.line(key))
    }
}

const fn site_key(why: SiteAbsence) -> &'static str {
    match why {
        SiteAbsence::NotNamed => "why-site-unlisted",
        SiteAbsence::Gone => "why-site-gone",
        SiteAbsence::LinkOff => "why-site-excluded",
        SiteAbsence::Inactive => "why-site-inactive",
    }
}

pub(super) const fn wait_key(reason: WaitReason) -> &'static str {
    match reason {
        WaitReason::PersonIdChanged => "why-wait-person-id-changed",
        WaitReason::ProbablyMerged => "why-wait-probably-merged",
        WaitReason::Placeholder => "why-wait-placeholder",
        WaitReason::DamagedText => "why-wait-damaged-text",
        WaitReason::Review => "why-wait-review",
    }
}

pub(super) const fn obstacle_key(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Site(SiteAbsence::NotNamed) => "why-obstacle-site-unlisted",
        Obstacle::Site(SiteAbsence::Gone) => "why-obstacle-site-gone",
        Obstacle::Site(SiteAbsence::LinkOff) => "why-obstacle-site-excluded",
        Obstacle::Site(SiteAbsence::Inactive) => "why-obstacle-site-inactive",
        Obstacle::NotRealised => "why-obstacle-not-realised",
        Obstacle::ToCome => "why-obstacle-to-come",
        Obstacle::YearToCome => "why-obstacle-year-to-come",
        Obstacle::Over => "why-obstacle-over",
        Obstacle::YearPast => "why-obstacle-year-past",
        Obstacle::Another => "why-obstacle-another",
        Obstacle::Registration => "why-obstacle-registration",
        Obstacle::OtherFunction => "why-obstacle-other-function",
        Obstacle::NotStaff => "why-obstacle-not-staff",
    }
}

const fn change_key(reason: &Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::Published => return None,
        Reason::Unknown => "why-change-unknown",
        Reason::Nowhere => "why-change-nowhere",
        Reason::RegistrationNotRealised { .. } => "why-change-not-realised",
        Reason::YearPast { .. } => "why-change-year-past",
        Reason::YearToCome { .. } => "why-change-year-to-come",
        Reason::NotYet { .. } | Reason::StaffNotYet { .. } => "why-change-not-yet",
        Reason::Ended { .. } | Reason::StaffEnded { .. } => "why-change-ended",
        Reason::Site { why, .. } => match why {
            SiteAbsence::NotNamed | SiteAbsence::Gone => "why-change-site-unlisted",
            SiteAbsence::LinkOff => "why-change-site-excluded",
            SiteAbsence::Inactive => "why-change-site-inactive",
        },
        Reason::NoUsername => "why-change-no-username",
        Reason::FlagOff => "why-change-flag-off",
        Reason::Waits { .. } => "why-change-waits",
        Reason::NoDomain => "why-change-no-domain",
        Reason::Membership(absence) => match absence {
            MembershipAbsence::NoRow
            | MembershipAbsence::OtherYear { .. }
            | MembershipAbsence::Class(ClassAbsence::Unknown | ClassAbsence::YearPast { .. }) => {
                "why-change-not-in-class"
            }
            MembershipAbsence::Class(ClassAbsence::YearToCome { .. }) => "why-change-year-to-come",
            MembershipAbsence::Class(ClassAbsence::Site { .. }) => "why-change-class-site",
            MembershipAbsence::ToCome { .. } | MembershipAbsence::TeachingToCome { .. } => {
                "why-change-not-yet"
            }
            MembershipAbsence::Left { .. } | MembershipAbsence::TeachingEnded { .. } => "why-change-ended",
            MembershipAbsence::Registration { .. } => "why-change-class-registration",
            MembershipAbsence::OtherFunction { .. } => "why-change-other-function",
            MembershipAbsence::NotStaff => "why-change-not-staff",
        },
    })
}

#[cfg(test)]
mod tests;
