//! Who did what: the audit trail as somebody may read it, a part at a time.

use std::collections::{HashMap, HashSet};

use fluent_templates::fluent_bundle::FluentValue;
use oneroster_standard::Kind;
use serde_json::Value;
use uuid::Uuid;

use super::words::SYSTEM;
use super::{Line, LineKind, Narrowed};
use crate::accounts::{self, Whereabouts};
use crate::audit::{self, Listed, Wanted};
use crate::db::scope;
use crate::desk::error::DeskError;
use crate::desk::language::{text, text_with};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::history::{self, Names};

/// How many people a line names.
const PEOPLE_NAMED: usize = 5;

/// How many parts of the trail are looked through for one that has something to show.
const PARTS_MAX: usize = 8;

/// A part of the time line.
pub(in crate::desk) struct Part {
    /// Its lines, the newest first.
    pub(in crate::desk) lines: Vec<Line>,
    /// Where the next part begins; `None` if this is the last.
    pub(in crate::desk) next: Option<i64>,
}

/// Returns a part of what was done, the newest first, as far as it may be seen.
pub(in crate::desk) async fn trail(
    desk: &Desk,
    user: &TenantUser,
    narrowed: &Narrowed,
    before: Option<i64>,
) -> Result<Part, DeskError> {
    let mut part = Part {
        lines: Vec::new(),
        next: before,
    };
    for _ in 0..PARTS_MAX {
        let wanted = Wanted {
            before: part.next,
            by: narrowed.by.as_deref(),
            from: narrowed.from,
            until: narrowed.until,
        };
        let mut transaction = scope::begin(&desk.pool, &user.tenant_id).await?;
        let page = audit::page(&mut transaction, &user.tenant_id, wanted).await?;
        transaction.commit().await?;
        let people = People::read(desk, user, &page.lines).await?;
        let lines = page.lines.iter().filter_map(|listed| line(user, &people, listed));
        part.lines = lines.filter(|line| narrowed.has(line)).collect();
        part.next = page.next;
        if !part.lines.is_empty() || part.next.is_none() {
            break;
        }
    }
    Ok(part)
}

/// People by id, with their names.
type Named = Vec<(String, String)>;

/// The people of some lines: where they are now, and where they were last published.
struct People {
    now: HashMap<Uuid, Whereabouts>,
    then: Names,
}

impl People {
    async fn read(desk: &Desk, user: &TenantUser, lines: &[Listed]) -> Result<Self, DeskError> {
        let all: HashSet<Uuid> = lines
            .iter()
            .flat_map(|line| &line.people)
            .filter_map(|id| Uuid::try_parse(id).ok())
            .collect();
        let all: Vec<Uuid> = all.into_iter().collect();
        if all.is_empty() {
            return Ok(Self {
                now: HashMap::new(),
                then: Names::default(),
            });
        }
        let now = accounts::whereabouts(&desk.pool, &user.tenant_id, &all).await?;
        let ids: Vec<String> = all.iter().map(|id| id.hyphenated().to_string()).collect();
        let then = history::last_published(&desk.pool, &user.tenant_id, Kind::Users, &ids).await?;
        Ok(Self { now, then })
    }

    /// Returns what somebody is called, if they are or were where they may be seen.
    fn seen(&self, user: &TenantUser, id: &str) -> Option<String> {
        use oneroster_school::rights::Access;
        let now = Uuid::try_parse(id).ok().and_then(|id| self.now.get(&id));
        let orgs = now.into_iter().flat_map(|now| &now.org_ids);
        let then = self.then.orgs_of(Kind::Users, id);
        let places = orgs.chain(then).map(String::as_str);
        let is_seen = user.rights.is_operator() || user.rights.access_at_any(places) > Access::None;
        let name = || now.map_or_else(|| self.then.of(Kind::Users, id), |now| now.name.clone());
        is_seen.then(name)
    }
}

fn line(user: &TenantUser, people: &People, listed: &Listed) -> Option<Line> {
    let (kind, text, people) = if listed.people.is_empty() {
        let (kind, text) = about_no_people(user, listed)?;
        (kind, text, Vec::new())
    } else {
        about_people(user, people, listed)?
    };
    Some(Line {
        at: listed.at,
        kind,
        text,
        by: Some(listed.by.clone()).filter(|by| by != SYSTEM),
        people,
    })
}

/// What somebody did to usernames and flags: of the people who may be seen only.
fn about_people(user: &TenantUser, people: &People, listed: &Listed) -> Option<(LineKind, String, Named)> {
    let seen: Vec<(String, String)> = listed
        .people
        .iter()
        .filter_map(|id| Some((id.clone(), people.seen(user, id)?)))
        .collect();
    let (first, _) = seen.first()?;
    let language = user.user.language;
    let nothing = || text(language, "history-nothing");
    let value = |name: &str| {
        let value = listed.detail.get(name).and_then(Value::as_str);
        value.map_or_else(nothing, str::to_owned)
    };
    let one_of_one = listed.people.len() == 1 && *first == listed.people.first().cloned().unwrap_or_default();
    let count = FluentValue::from(seen.len());
    let (kind, key) = match (listed.kind.as_str(), listed.value.as_deref()) {
        ("flag_changed", Some("true")) => (LineKind::Sync, "history-trail-sync-on"),
        ("flag_changed", _) => (LineKind::Sync, "history-trail-sync-off"),
        ("username_changed", _) if one_of_one => (LineKind::Username, "history-username-changed"),
        ("username_changed", _) => (LineKind::Username, "history-trail-usernames"),
        ("domain_changed", _) if one_of_one => (LineKind::Username, "history-domain-changed"),
        ("domain_changed", _) => (LineKind::Username, "history-trail-domains"),
        ("username_handed_to", _) => (LineKind::Username, "history-handed-to"),
        ("username_handed_from", _) => (LineKind::Username, "history-handed-from"),
        ("username_waits_for", None) | ("username_needs_review", Some("false")) => {
            (LineKind::Username, "history-trail-reviewed")
        }
        _ => (LineKind::Username, "history-trail-username-other"),
    };
    let arguments = [
        ("count", count),
        ("from", value("from").into()),
        ("to", value("to").into()),
    ];
    let named = seen.into_iter().take(PEOPLE_NAMED).collect();
    Some((kind, text_with(language, key, arguments), named))
}

/// What somebody did that is about no people: some of it everybody may know, some who manages the school, the rest operators.
fn about_no_people(user: &TenantUser, listed: &Listed) -> Option<(LineKind, String)> {
    let (language, detail) = (user.user.language, &listed.detail);
    let is_operator = user.rights.is_operator();
    let text_of = |name: &str| {
        let value = detail.get(name).unwrap_or(&Value::Null);
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    };
    let say = |kind, key| Some((kind, text(language, key)));
    let with =
        |kind, key, name, value: String| Some((kind, text_with(language, key, [(name, value.into())])));
    let about_client = |key| with(LineKind::Access, key, "client", text_of("client"));
    match listed.kind.as_str() {
        "generation_published" => say(LineKind::Published, "history-trail-published"),
        "bundle_imported" => say(LineKind::Files, "history-trail-imported"),
        "activate_year" => with(LineKind::Settings, "history-trail-year", "year", text_of("to")),
        "birth_dates_exported" => {
            let org = detail.get("org").and_then(Value::as_str);
            let manages = org.is_some_and(|org| manages(user, org));
            let is_told = is_operator || manages || listed.by == user.user.name;
            let count = FluentValue::from(detail.get("people").and_then(Value::as_u64).unwrap_or_default());
            is_told.then(|| {
                let told = text_with(language, "history-trail-birth-dates", [("count", count)]);
                (LineKind::Files, told)
            })
        }
        "right_given" | "right_taken" | "right_changed" => {
            let school = detail.get("school").and_then(Value::as_str);
            let is_told = school.is_some_and(|school| user.rights.is_manager_of(school));
            is_told.then(|| (LineKind::Access, right(user, listed)))
        }
        _ if !is_operator => None,
        "tenant_created" | "tenant_configured" => say(LineKind::Settings, "history-trail-configured"),
        "client_created" => about_client("history-trail-client-created"),
        "client_rotated" => about_client("history-trail-client-rotated"),
        "client_revoked" => about_client("history-trail-client-revoked"),
        "tokens_revoked" => about_client("history-trail-tokens-revoked"),
        "client_set" => about_client("history-trail-client-set"),
        "release" => say(LineKind::Published, "history-trail-release"),
        "sent_again" => {
            let objects = detail.get("objects").and_then(Value::as_array);
            let count = FluentValue::from(objects.map_or(0, Vec::len));
            let told = text_with(language, "history-trail-sent-again", [("count", count)]);
            Some((LineKind::Published, told))
        }
        "discard" => say(LineKind::Published, "history-trail-discard"),
        "import_accepted" => say(LineKind::Files, "history-trail-import-accepted"),
        "person_erased" => with(
            LineKind::Username,
            "history-trail-person-erased",
            "person",
            text_of("person"),
        ),
        "name_forgotten" => with(
            LineKind::Username,
            "history-trail-name-forgotten",
            "person",
            text_of("person"),
        ),
        "files_exported" => say(LineKind::Files, "history-trail-files-exported"),
        other => with(
            LineKind::Settings,
            "history-trail-other",
            "kind",
            other.to_owned(),
        ),
    }
}

/// Returns `true` for who manages the school of an org.
fn manages(user: &TenantUser, org: &str) -> bool {
    org.split('-')
        .next()
        .is_some_and(|school| user.rights.is_manager_of(school))
}

fn right(user: &TenantUser, listed: &Listed) -> String {
    let member = |name: &str| {
        let value = listed.detail.get(name).unwrap_or(&Value::Null);
        let is_none = value.is_null();
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (!is_none).then_some(text)
    };
    let key = match listed.kind.as_str() {
        "right_given" => "history-trail-right-given",
        "right_taken" => "history-trail-right-taken",
        _ => "history-trail-right-changed",
    };
    let place: Vec<String> = ["school", "site"].into_iter().filter_map(member).collect();
    let role = member("role").unwrap_or_else(|| text(user.user.language, "history-manager"));
    let arguments = [
        ("who", member("login_name").unwrap_or_default().into()),
        ("role", role.into()),
        ("place", place.join("-").into()),
    ];
    text_with(user.user.language, key, arguments)
}
