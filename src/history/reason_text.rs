//! Reasons as text. Days and times are those of Brussels.

use oneroster_school::projection::Cause;
use oneroster_school::projection::cause::SiteAbsence;
use oneroster_standard::{Kind, Moment};

use super::names::Names;
use super::reason::{Author, Reason};

/// Returns a reason as text, for an admin.
pub(super) fn text_of(reason: &Reason, names: &Names) -> String {
    let org = |id: &str| names.of(Kind::Orgs, id);
    let class = |id: &str| names.of(Kind::Classes, id);
    match reason {
        Reason::FirstPublication => "it is in the first generation".to_owned(),
        Reason::New => "it was not published before".to_owned(),
        Reason::SchoolYearActivated { school_year, author } => {
            let by = author.as_ref().map(|author| format!(" {}", signed(author)));
            format!(
                "school year {school_year} was activated{}",
                by.unwrap_or_default()
            )
        }
        Reason::SyncOn { author } => format!("Sync was switched on {}", signed(author)),
        Reason::SyncOff { author: Some(author) } => format!("Sync was switched off {}", signed(author)),
        Reason::SyncOff { author: None } => "Sync is off".to_owned(),
        Reason::UsernameGiven { author } => {
            format!("the person is new: a username was made {}", signed(author))
        }
        Reason::SitePublished { org: id } => format!("site {} is published now", org(id)),
        Reason::UserPublished => "the person is published now".to_owned(),
        Reason::Renamed { from, to, author } => {
            format!(
                "username changed from {from} to {to}{}",
                maybe_signed(author.as_ref())
            )
        }
        Reason::DomainChanged {
            from,
            to,
            author,
            by_configuration,
        } => domain_changed(from.as_deref(), to.as_deref(), author.as_ref(), *by_configuration),
        Reason::NameChanged { from, to } => format!("the person's name changed from {from} to {to}"),
        Reason::Moved { from, to, since } => {
            let since = since
                .map(|day| format!(", there since {day}"))
                .unwrap_or_default();
            format!("moved from site {} to site {}{since}", org(from), org(to))
        }
        Reason::OrgJoined { org: id } => format!("also belongs to site {} now", org(id)),
        Reason::OrgLeft { org: id } => format!("no longer belongs to site {}", org(id)),
        Reason::Joined {
            class: id,
            role,
            first_day,
        } => {
            let since = first_day.as_ref().map(|day| format!(", first day {day}"));
            let what = if role == "teacher" {
                "class teacher of"
            } else {
                "in class"
            };
            format!("{what} {}{}", class(id), since.unwrap_or_default())
        }
        Reason::WentTo { class: id } => format!("moved to class {}", class(id)),
        Reason::Retitled {
            from,
            to,
            by_configuration,
        } => format!("renamed from {from} to {to}{}", configured(*by_configuration)),
        Reason::FieldChanged { field, from, to } => {
            let or_nothing = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
            format!("{field} changed from {} to {}", or_nothing(from), or_nothing(to))
        }
        Reason::NewerProgram => "a newer version of this program computed it".to_owned(),
        Reason::Redated => "got a new date (publish --touch, --redate), or the address changed".to_owned(),
        Reason::TombstoneOver => "the notice of its removal left after 400 days".to_owned(),
        Reason::NoLongerPublished => "it is no longer published; why is not on record".to_owned(),
        Reason::Found(cause) => found(cause, names),
    }
}

fn found(cause: &Cause, names: &Names) -> String {
    let org = |id: &str| names.of(Kind::Orgs, id);
    match cause {
        Cause::PersonGone => "the person is no longer in Informat's data".to_owned(),
        Cause::NoUsername => "the person has no username".to_owned(),
        Cause::SyncOff => "Sync is off".to_owned(),
        Cause::DomainUnknown => "no domain is known for the username".to_owned(),
        Cause::NoRegistration { school_year } => format!("no registration in school year {school_year}"),
        Cause::NotRegisteredAt { org: id } => format!("no registration at site {} any more", org(id)),
        Cause::RegistrationEnded { org: id, last_day } => {
            format!("the registration at site {} ended: last day {last_day}", org(id))
        }
        Cause::RegistrationToCome { org: id, first_day } => format!(
            "the registration at site {} begins on {first_day}, and pupils still to come are not included",
            org(id)
        ),
        Cause::RegistrationNotRealised { org: id } => {
            format!("the registration at site {} is not realised", org(id))
        }
        Cause::NoAssignment => "no assignment any more".to_owned(),
        Cause::AssignmentEnded {
            last_day,
            grace_days: 0,
        } => {
            format!("the assignment ended: last day {last_day}")
        }
        Cause::AssignmentEnded { last_day, grace_days } => {
            format!("the assignment ended: last day {last_day}, counted {grace_days} days longer")
        }
        Cause::AssignmentToCome { first_day } => format!("the assignment begins on {first_day}"),
        Cause::SiteNotPublished { org: id, why } => format!("site {} {}", org(id), absence(*why)),
        Cause::UserNotPublished => "the person is no longer published".to_owned(),
        Cause::ClassNotPublished => "the class is no longer published".to_owned(),
        Cause::LeftClass { last_day } => format!("left the class: last day {last_day}"),
        Cause::ClassToCome { first_day } => format!("in the class only from {first_day}"),
        Cause::NotInClass => "no longer in the class in Informat's data".to_owned(),
        Cause::TeachingEnded { last_day } => format!("no longer class teacher: last day {last_day}"),
        Cause::TeachingToCome { first_day } => format!("class teacher only from {first_day}"),
        Cause::NotClassTeacher => "no longer class teacher in Informat's data".to_owned(),
        Cause::ClassGone => "the class is no longer in Informat's data".to_owned(),
        Cause::OtherSchoolYear { active } => {
            format!("it belongs to another school year than {active}, the active one")
        }
        Cause::Registered {
            org: id,
            first_day,
            is_to_come: true,
        } => format!(
            "registered at site {} from {first_day} on; pupils still to come are included",
            org(id)
        ),
        Cause::Registered {
            org: id, first_day, ..
        } => {
            format!("registered at site {} since {first_day}", org(id))
        }
        Cause::Assigned {
            org: id,
            first_day: Some(first_day),
        } => format!("assigned to site {} since {first_day}", org(id)),
        Cause::Assigned { org: id, .. } => format!("assigned to site {}", org(id)),
    }
}

fn domain_changed(
    from: Option<&str>,
    to: Option<&str>,
    author: Option<&Author>,
    by_configuration: bool,
) -> String {
    let what = match (from, to) {
        (Some(from), Some(to)) => format!("the username's domain changed from {from} to {to}"),
        (None, Some(to)) => format!("the username is sent with its domain, {to}"),
        (Some(from), None) => format!("the username is sent without its domain, {from}"),
        (None, None) => "the username's domain changed".to_owned(),
    };
    format!("{what}{}{}", maybe_signed(author), configured(by_configuration))
}

const fn absence(why: SiteAbsence) -> &'static str {
    match why {
        SiteAbsence::Gone => "is no longer in Informat's data",
        SiteAbsence::Inactive => "is no longer in use in Informat",
        SiteAbsence::NotNamed => "is not named in the tenant file",
        SiteAbsence::LinkOff => "has its link switched off in the tenant file",
    }
}

const fn configured(by_configuration: bool) -> &'static str {
    if by_configuration {
        ", by a change of the tenant file"
    } else {
        ""
    }
}

fn signed(author: &Author) -> String {
    let how = if author.handed_over {
        ", by handing a username over"
    } else {
        ""
    };
    format!("by {} on {}{how}", author.by, Moment::from(author.at))
}

fn maybe_signed(author: Option<&Author>) -> String {
    author
        .map(|author| format!(", {}", signed(author)))
        .unwrap_or_default()
}
