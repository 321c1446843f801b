//! Reasons and facts in words.

use oneroster_school::projection::CLASS_TEACHER;
use oneroster_school::projection::cause::SiteAbsence;
use oneroster_school::projection::why::{
    Answer, ClassAbsence, Fact, MembershipAbsence, Obstacle, Reason, Step,
};
use oneroster_school::username::WaitReason;
use oneroster_standard::RoleType;

use crate::publication::why::Found;

/// The word of a reason, fixed by contract.
pub const fn reason_word(reason: &Reason) -> &'static str {
    match reason {
        Reason::Published => "published",
        Reason::Unknown => "unknown",
        Reason::Nowhere => "nowhere",
        Reason::RegistrationNotRealised { .. } => "registration-not-realised",
        Reason::YearPast { .. } => "year-past",
        Reason::YearToCome { .. } => "year-to-come",
        Reason::NotYet { .. } => "not-yet",
        Reason::Ended { .. } => "ended",
        Reason::StaffNotYet { .. } => "staff-not-yet",
        Reason::StaffEnded { .. } => "staff-ended",
        Reason::Site { why, .. } => match why {
            SiteAbsence::NotNamed | SiteAbsence::Gone => "site-unlisted",
            SiteAbsence::LinkOff => "site-excluded",
            SiteAbsence::Inactive => "site-inactive",
        },
        Reason::NoUsername => "no-username",
        Reason::FlagOff => "flag-off",
        Reason::Waits { .. } => "waits",
        Reason::NoDomain => "no-domain",
        Reason::Membership(absence) => membership_word(absence),
    }
}

const fn membership_word(absence: &MembershipAbsence) -> &'static str {
    match absence {
        MembershipAbsence::NoRow => "not-in-class",
        MembershipAbsence::Class(ClassAbsence::Unknown) => "class-unknown",
        MembershipAbsence::Class(ClassAbsence::YearPast { .. }) => "class-year-past",
        MembershipAbsence::Class(ClassAbsence::YearToCome { .. }) => "class-year-to-come",
        MembershipAbsence::Class(ClassAbsence::Site { why, .. }) => match why {
            SiteAbsence::NotNamed | SiteAbsence::Gone => "class-site-unlisted",
            SiteAbsence::LinkOff => "class-site-excluded",
            SiteAbsence::Inactive => "class-site-inactive",
        },
        MembershipAbsence::ToCome { .. } => "class-to-come",
        MembershipAbsence::Left { .. } => "left-class",
        MembershipAbsence::Registration { .. } => "class-registration",
        MembershipAbsence::OtherYear { .. } => "class-of-other-year",
        MembershipAbsence::TeachingToCome { .. } => "teaching-to-come",
        MembershipAbsence::TeachingEnded { .. } => "teaching-ended",
        MembershipAbsence::OtherFunction { .. } => "other-function",
        MembershipAbsence::NotStaff => "not-staff",
    }
}

/// Why, and what would change it.
pub(super) fn message(answer: &Answer, found: Option<&Found>) -> String {
    let then = answer.from.map_or(
        " It would not be published then either: the steps say why.",
        |_| " From then on it is published.",
    );
    match &answer.reason {
        Reason::Published => match (answer.from, answer.until) {
            (Some(from), Some(until)) => format!("Published, by today's data from {from} to {until}."),
            _ => "Published.".to_owned(),
        },
        Reason::Unknown if found.is_none() => {
            "Nobody and nothing is called so: give an id, a username, a name, or the code of a class."
                .to_owned()
        }
        Reason::Unknown => "Not published: Informat's data no longer have them.".to_owned(),
        Reason::Nowhere => "Not published: no registration and no assignment.".to_owned(),
        Reason::RegistrationNotRealised { org } => {
            format!("Not published: the registration in {org} is not realised. Once it is, it counts.")
        }
        Reason::YearPast { school_year } => {
            format!("Not published: the last is of the school year {school_year}, which is past.")
        }
        Reason::YearToCome { school_year, begins } => format!(
            "Not published: it begins on {begins}, in the school year {school_year}, which is not active yet \
             (oneroster tenant activate-year)."
        ),
        Reason::NotYet { org, begins } => {
            format!("Not published: the registration in {org} begins on {begins}.{then}")
        }
        Reason::Ended { org, ended } => {
            format!("Not published: the last registration, in {org}, ended on {ended}.")
        }
        Reason::StaffNotYet { org, begins } => {
            format!("Not published: the assignment in {org} begins on {begins}.{then}")
        }
        Reason::StaffEnded {
            org,
            ended,
            grace_days,
        } => format!(
            "Not published: the last assignment, in {org}, ended on {ended}, and counts {grace_days} days longer."
        ),
        Reason::Site { org, why } => format!("Not published: {}.", site_words(org, *why)),
        Reason::NoUsername => "Not published: there is no username. The next import makes one.".to_owned(),
        Reason::FlagOff => "Not published: the Sync flag is off (oneroster usernames sync on).".to_owned(),
        Reason::Waits { waits_for } => format!(
            "Not published: waits for somebody's answer ({}); releasing the person by name answers it \
             (oneroster usernames sync on --user).",
            waits(waits_for)
        ),
        Reason::NoDomain => {
            "Not published: a domain is to be sent and none is known. Give the site or the person one."
                .to_owned()
        }
        Reason::Membership(absence) => membership_message(absence, then),
    }
}

/// Why somebody is not in a class.
fn membership_message(absence: &MembershipAbsence, then: &str) -> String {
    match absence {
        MembershipAbsence::NoRow => {
            "Not in the class: no row of Informat's data names both, as a pupil or as staff.".to_owned()
        }
        MembershipAbsence::Class(absence) => {
            let why = match absence {
                ClassAbsence::Unknown => "Informat's data do not have it".to_owned(),
                ClassAbsence::YearPast { school_year } => {
                    format!("it is of the school year {school_year}, which is past")
                }
                ClassAbsence::YearToCome { school_year, .. } => {
                    format!("it is of the school year {school_year}, which is not active yet")
                }
                ClassAbsence::Site { org, why } => site_words(org, *why),
            };
            format!("Not in the class: the class is not published, since {why}.")
        }
        MembershipAbsence::ToCome { begins } => {
            format!("Not in the class yet: that begins on {begins}.{then}")
        }
        MembershipAbsence::Left { ended } => format!("No longer in the class: that ended on {ended}."),
        MembershipAbsence::Registration { org, obstacle } => format!(
            "Not in the class: that belongs to the registration in {org}, which does not count on that day{}.",
            obstacle_words(Some(*obstacle))
        ),
        MembershipAbsence::OtherYear { school_year } => {
            format!("Not in the class: only in that of the school year {school_year}, which has the same id.")
        }
        MembershipAbsence::TeachingToCome { begins } => {
            format!("Not class teacher yet: that begins on {begins}.{then}")
        }
        MembershipAbsence::TeachingEnded { ended } => {
            format!("No longer class teacher: that ended on {ended}.")
        }
        MembershipAbsence::OtherFunction { function } => format!(
            "Not in the class: the function there is {function}, and only that of class teacher, {CLASS_TEACHER}, puts staff \
             in a class."
        ),
        MembershipAbsence::NotStaff => {
            "Not in the class: class teacher, but without an assignment on that day, and so not staff."
                .to_owned()
        }
    }
}

fn site_words(org: &str, why: SiteAbsence) -> String {
    match why {
        SiteAbsence::NotNamed => format!("no entry of the tenant file names the site {org}"),
        SiteAbsence::Gone => format!("Informat's data have no site {org}"),
        SiteAbsence::LinkOff => format!("the tenant file has the link of the site {org} switched off"),
        SiteAbsence::Inactive => format!("Informat says that the site {org} is not in use"),
    }
}

fn waits<'a>(reasons: impl IntoIterator<Item = &'a WaitReason>) -> String {
    let words: Vec<&str> = reasons.into_iter().map(|reason| reason.as_str()).collect();
    words.join(", ")
}

pub(super) fn fact(step: &Step) -> (&'static str, String) {
    match &step.fact {
        Fact::InMirror if step.holds => ("mirror", "Informat's data have it".to_owned()),
        Fact::InMirror => ("mirror", "Informat's data do not have it".to_owned()),
        Fact::Registration {
            org,
            school_year,
            obstacle,
        } => (
            "registration",
            format!(
                "registration in {org}, {school_year}{}",
                obstacle_words(*obstacle)
            ),
        ),
        Fact::Assignment { orgs, obstacle } => (
            "assignment",
            format!("assignment in {}{}", orgs.join(", "), obstacle_words(*obstacle)),
        ),
        Fact::Username { local_part } => (
            "username",
            local_part
                .as_ref()
                .map_or_else(|| "no username".to_owned(), |name| format!("username {name}")),
        ),
        Fact::Sync { waits_for } if !waits_for.is_empty() => {
            ("sync", format!("Sync off, waits: {}", waits(waits_for)))
        }
        Fact::Sync { .. } => ("sync", if step.holds { "Sync on" } else { "Sync off" }.to_owned()),
        Fact::Domain { username } => (
            "domain",
            username.as_ref().map_or_else(
                || "no domain is known".to_owned(),
                |name| format!("sent as {name}"),
            ),
        ),
        Fact::Class {
            sourced_id,
            title,
            role,
        } => {
            let role = role_words(*role);
            ("class", format!("{role} of {title} ({sourced_id})"))
        }
        Fact::Membership {
            role,
            school_year,
            obstacle,
        } => {
            let role = role_words(*role);
            let fact = format!("{role} of the class, {school_year}{}", obstacle_words(*obstacle));
            ("membership", fact)
        }
        Fact::SchoolYear { school_year } => ("school-year", format!("of the school year {school_year}")),
        Fact::Site { org, absence } => (
            "site",
            absence.map_or_else(
                || format!("the site {org} is published"),
                |why| site_words(org, why),
            ),
        ),
    }
}

fn role_words(role: RoleType) -> &'static str {
    if role == RoleType::Teacher {
        "class teacher"
    } else {
        "pupil"
    }
}

const fn obstacle_words(obstacle: Option<Obstacle>) -> &'static str {
    match obstacle {
        None => "",
        Some(Obstacle::Site(SiteAbsence::NotNamed)) => ": no entry of the tenant file names the site",
        Some(Obstacle::Site(SiteAbsence::Gone)) => ": there is no such site",
        Some(Obstacle::Site(SiteAbsence::LinkOff)) => ": the link of the site is switched off",
        Some(Obstacle::Site(SiteAbsence::Inactive)) => ": the site is not in use",
        Some(Obstacle::NotRealised) => ": not realised",
        Some(Obstacle::ToCome) => ": to come",
        Some(Obstacle::YearToCome) => ": of a school year that is not active yet",
        Some(Obstacle::Over) => ": over",
        Some(Obstacle::YearPast) => ": of an earlier school year",
        Some(Obstacle::Registration) => ": its registration does not count on that day",
        Some(Obstacle::OtherFunction) => ": has another function than class teacher",
        Some(Obstacle::NotStaff) => ": is not staff on that day",
        Some(Obstacle::Another) => ": another counts on that day",
    }
}
