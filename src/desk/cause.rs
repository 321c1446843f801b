//! Why somebody comes or goes, in the words of a page: the causes that the projection finds.

use oneroster_school::projection::Cause;
use oneroster_school::projection::cause::SiteAbsence;

use super::dates::shown;
use super::language::{Language, text, text_with};

/// Returns a cause in words that hold before and after it happens; `org_name` names places by id.
pub(super) fn in_words(language: Language, cause: &Cause, org_name: impl Fn(&str) -> String) -> String {
    let say = |key| text(language, key);
    let at = |key, org: &str| text_with(language, key, [("org", org_name(org).into())]);
    let on = |key, day| text_with(language, key, [("day", shown(day).into())]);
    let at_on = |key, org: &str, day| {
        let arguments = [("org", org_name(org).into()), ("day", shown(day).into())];
        text_with(language, key, arguments)
    };
    match cause {
        Cause::PersonGone => say("cause-person-gone"),
        Cause::NoUsername => say("cause-no-username"),
        Cause::SyncOff => say("cause-sync-off"),
        Cause::DomainUnknown => say("cause-domain-unknown"),
        Cause::NoRegistration { school_year } => {
            let year = school_year.as_str().into();
            text_with(language, "cause-no-registration", [("year", year)])
        }
        Cause::NotRegisteredAt { org } => at("cause-not-registered-at", org),
        Cause::RegistrationEnded { org, last_day } => at_on("cause-registration-ended", org, *last_day),
        Cause::RegistrationToCome { org, first_day } => at_on("cause-registration-to-come", org, *first_day),
        Cause::RegistrationNotRealised { org } => at("cause-registration-not-realised", org),
        Cause::NoAssignment => say("cause-no-assignment"),
        Cause::AssignmentEnded { last_day, grace_days } => {
            let arguments = [("day", shown(*last_day).into()), ("grace", (*grace_days).into())];
            text_with(language, "cause-assignment-ended", arguments)
        }
        Cause::AssignmentToCome { first_day } => on("cause-assignment-to-come", *first_day),
        Cause::SiteNotPublished { org, why } => at(absence(*why), org),
        Cause::UserNotPublished => say("cause-user-not-published"),
        Cause::ClassNotPublished => say("cause-class-not-published"),
        Cause::LeftClass { last_day } => on("cause-left-class", *last_day),
        Cause::ClassToCome { first_day } => on("cause-class-to-come", *first_day),
        Cause::NotInClass => say("cause-not-in-class"),
        Cause::TeachingEnded { last_day } => on("cause-teaching-ended", *last_day),
        Cause::TeachingToCome { first_day } => on("cause-teaching-to-come", *first_day),
        Cause::NotClassTeacher => say("cause-not-class-teacher"),
        Cause::ClassGone => say("cause-class-gone"),
        Cause::OtherSchoolYear { active } => {
            let year = active.as_str().into();
            text_with(language, "cause-other-school-year", [("year", year)])
        }
        Cause::Registered { org, first_day, .. } => at_on("cause-registered", org, *first_day),
        Cause::Assigned {
            org,
            first_day: Some(first_day),
        } => at_on("cause-assigned-since", org, *first_day),
        Cause::Assigned { org, first_day: None } => at("cause-assigned", org),
    }
}

const fn absence(why: SiteAbsence) -> &'static str {
    match why {
        SiteAbsence::Gone => "cause-site-gone",
        SiteAbsence::Inactive => "cause-site-inactive",
        SiteAbsence::NotNamed => "cause-site-not-named",
        SiteAbsence::LinkOff => "cause-site-link-off",
    }
}
