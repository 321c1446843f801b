//! The reasons that history gives, in the words of a page.

use oneroster_school::projection::Cause;

use super::sight::Sight;
use crate::desk::cause;
use crate::desk::dates::shown;
use crate::desk::language::{text, text_with};
use crate::history::{Author, Reason};

/// Returns a reason in words; `None` for one that would only tell of another place.
pub(super) fn in_words(sight: &Sight<'_>, reason: &Reason) -> Option<String> {
    let say = |key| Some(text(sight.language, key));
    let with = |key, name, value: String| Some(text_with(sight.language, key, [(name, value.into())]));
    let from_to = |key, from: String, to: String| {
        Some(text_with(
            sight.language,
            key,
            [("from", from.into()), ("to", to.into())],
        ))
    };
    match reason {
        Reason::FirstPublication => say("history-reason-first"),
        Reason::New => say("history-reason-new"),
        Reason::SchoolYearActivated { school_year, .. } => {
            with("history-reason-year", "year", school_year.clone())
        }
        Reason::SyncOn { .. } => say("history-reason-sync-on"),
        Reason::SyncOff { .. } => say("history-reason-sync-off"),
        Reason::UsernameGiven { .. } => say("history-reason-username-given"),
        Reason::SitePublished { org } => with("history-reason-site-published", "org", sight.org(org)),
        Reason::UserPublished => say("history-reason-user-published"),
        Reason::Renamed { from, to, .. } => from_to("history-reason-renamed", from.clone(), to.clone()),
        Reason::DomainChanged { from, to, .. } => {
            let named = |domain: &Option<String>| {
                domain
                    .clone()
                    .unwrap_or_else(|| text(sight.language, "history-nothing"))
            };
            from_to("history-reason-domain", named(from), named(to))
        }
        Reason::NameChanged { from, to } => from_to("history-reason-name", from.clone(), to.clone()),
        Reason::Moved { from, to, .. } if !sight.sees(from) && !sight.sees(to) => None,
        Reason::Moved { from, to, since } => {
            let moved = from_to("history-reason-moved", sight.org(from), sight.org(to))?;
            let since = since.filter(|_| sight.sees(to));
            let since = since.and_then(|day| with("history-reason-moved-since", "day", shown(day)));
            Some(moved + &since.unwrap_or_default())
        }
        Reason::OrgJoined { org } => sight
            .sees(org)
            .then(|| sight.org(org))
            .and_then(|org| with("history-reason-org-joined", "org", org)),
        Reason::OrgLeft { org } => sight
            .sees(org)
            .then(|| sight.org(org))
            .and_then(|org| with("history-reason-org-left", "org", org)),
        Reason::Joined {
            class,
            role,
            first_day,
        } => Some(joined(sight, class, role, first_day.as_deref())),
        Reason::WentTo { class } => with("history-reason-went-to", "class", sight.class(class)),
        Reason::Retitled { from, to, .. } => from_to("history-reason-retitled", from.clone(), to.clone()),
        // The value may be a list of places: only that it changed is told.
        Reason::FieldChanged { field, .. } if field == "orgs" => say("history-reason-places-changed"),
        Reason::FieldChanged { field, .. } => with("history-reason-field", "field", field.clone()),
        Reason::NewerProgram => say("history-reason-newer-program"),
        Reason::Redated => say("history-reason-redated"),
        Reason::TombstoneOver => say("history-reason-over"),
        Reason::NoLongerPublished => say("history-reason-unknown"),
        Reason::Found(found) => of_cause(sight, found),
    }
}

fn joined(sight: &Sight<'_>, class: &str, role: &str, first_day: Option<&str>) -> String {
    let key = match (role == "teacher", first_day.is_some()) {
        (true, true) => "history-reason-teaches-since",
        (true, false) => "history-reason-teaches",
        (false, true) => "history-reason-joined-since",
        (false, false) => "history-reason-joined",
    };
    let day = first_day
        .and_then(|day| day.parse().ok())
        .map(shown)
        .unwrap_or_default();
    let arguments = [("class", sight.class(class).into()), ("day", day.into())];
    text_with(sight.language, key, arguments)
}

fn of_cause(sight: &Sight<'_>, found: &Cause) -> Option<String> {
    let is_elsewhere = found.org().is_some_and(|org| !sight.sees(org));
    (!is_elsewhere).then(|| cause::in_words(sight.language, found, |org| sight.org(org)))
}

/// Returns who did it, where a reason says so.
pub(super) const fn author(reason: &Reason) -> Option<&Author> {
    match reason {
        Reason::SyncOn { author } | Reason::UsernameGiven { author } => Some(author),
        Reason::SyncOff { author }
        | Reason::SchoolYearActivated { author, .. }
        | Reason::Renamed { author, .. }
        | Reason::DomainChanged { author, .. } => author.as_ref(),
        Reason::FirstPublication
        | Reason::New
        | Reason::SitePublished { .. }
        | Reason::UserPublished
        | Reason::NameChanged { .. }
        | Reason::Moved { .. }
        | Reason::OrgJoined { .. }
        | Reason::OrgLeft { .. }
        | Reason::Joined { .. }
        | Reason::WentTo { .. }
        | Reason::Retitled { .. }
        | Reason::FieldChanged { .. }
        | Reason::NewerProgram
        | Reason::Redated
        | Reason::TombstoneOver
        | Reason::NoLongerPublished
        | Reason::Found(_) => None,
    }
}
