//! *Overzicht*: what waits for who asks, what deserves attention, and what was done last.

mod held;
mod points;
mod pulls;
mod year;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use oneroster_school::rights::{Access, Rights};
use oneroster_school::username::WaitReason;

use crate::db::scope;
use crate::desk::api::teams_cleanup::manages_all;
use crate::desk::dates;
use crate::desk::error::DeskError;
use crate::desk::language::{Language, text_with};
use crate::desk::list::{Filter, Seen};
use crate::desk::menu::Screen;
use crate::desk::page::{self, Frame};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::publication::{self, Examination, TenantStatus};
use crate::synclog::{self, Run};
use crate::tenants::{self, DecisionKind};
use held::Held;
use points::Group;
use pulls::Pulls;
use year::YearCard;

/// The texts that the page's script shows.
const TEXTS: &str = "overview-held-release =
overview-held-release-title =
overview-held-release-text =
overview-held-discard =
overview-held-discard-title =
overview-held-discard-text =
overview-released =
overview-discarded =
";

/// The texts of the error report of School Data Sync.
const SDS_TEXTS: &str = include_str!("../../language/nl/sds.ftl");

/// The texts of the file that archives old Teams.
const TEAMS_TEXTS: &str = include_str!("../../language/nl/teams.ftl");

/// How many readings are looked through: two a day since the spring.
const RUNS_MAX: u32 = 400;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    frame: Frame,
    is_operator: bool,
    /// How many usernames nobody has released yet; `None` while there is no list.
    to_release: Option<usize>,
    to_release_words: String,
    usernames_path: String,
    /// Who waits for an answer, in words by reason.
    waiting: Vec<String>,
    held: Option<Held>,
    points: Points,
    last: Last,
    pulls: Pulls,
    year: Option<YearCard>,
}

/// The points of attention, or why there are none.
enum Points {
    Groups(Vec<Group>),
    /// Informat's data have not been loaded.
    NoData,
    /// They could not be computed.
    Unavailable,
}

/// What was done last, in words.
struct Last {
    import: Option<String>,
    publication: Option<String>,
    pull: Option<String>,
    failing: Option<String>,
    silent: Option<String>,
}

/// Shows the overview of a tenant, as far as who asks may see it. Who sees nothing there is answered as if it did not exist.
pub(in crate::desk) async fn page(
    State(desk): State<Arc<Desk>>,
    asker: TenantUser,
) -> Result<Response, DeskError> {
    if asker.rights.strongest() < Access::Read {
        return Err(DeskError::NotFound);
    }
    let frame = Frame::of_tenant(&desk, &asker, Screen::Overview).await?;
    let mut frame = frame.with_texts(SDS_TEXTS);
    if asker.user.is_operator {
        frame = frame.with_texts(TEXTS);
    }
    let (language, rights, tenant_id) = (asker.user.language, &asker.rights, asker.tenant_id.as_str());
    let status = publication::status(&desk.pool, tenant_id, desk.silent_after).await?;
    let runs = runs(&desk, tenant_id).await?;
    let examination = match desk.examinations.of(&desk.pool, tenant_id).await {
        Ok(examination) => Ok(examination),
        Err(publication::Error::Projection(_)) => Err(Points::NoData),
        Err(error) => {
            tracing::error!(tenant = tenant_id, error = ?error, "the points of attention could not be computed");
            Err(Points::Unavailable)
        }
    };
    let found = examination.as_deref().ok();
    let no_names = BTreeMap::new();
    let site_names = found.map_or(&no_names, |found| &found.site_names);
    let to_release = to_release(&desk, &asker).await;
    let activated_at = match found {
        Some(found) if year::is_shown_on(found.today) => {
            activated_at(&desk, tenant_id, &found.coming_year.0).await?
        }
        Some(_) | None => None,
    };
    let archives = activated_at.is_some() && manages_all(&desk, &asker).await?;
    if archives {
        frame = frame.with_texts(TEAMS_TEXTS);
    }
    let nonce = frame.nonce.clone();
    let shown = Overview {
        is_operator: asker.user.is_operator,
        to_release,
        to_release_words: text_with(
            language,
            "overview-to-release",
            [("count", to_release.unwrap_or_default().into())],
        ),
        usernames_path: format!("{}{}", desk.base_path(), Screen::Usernames.path(tenant_id)),
        waiting: found.map_or_else(Vec::new, |found| waiting(language, rights, found)),
        held: status
            .held
            .as_ref()
            .map(|hold| held::held(language, rights, site_names, hold)),
        last: last(language, &status),
        pulls: pulls::pulls(language, &runs),
        year: found.and_then(|found| {
            let seen = year::Seen {
                activated_at,
                runs: &runs,
                archives,
            };
            year::card(language, rights, found, &seen)
        }),
        points: match examination {
            Ok(found) => Points::Groups(points::groups(language, rights, &found)),
            Err(why) => why,
        },
        frame,
    };
    Ok(page::rendered(StatusCode::OK, &nonce, &shown))
}

/// Counts who was never released, by the list itself; `None` while there is no list.
async fn to_release(desk: &Desk, asker: &TenantUser) -> Option<usize> {
    let view = desk.lists.get(&asker.tenant_id).await.ok()?;
    Some(Seen::new(&view, &asker.rights).counts(&Filter::default()).new)
}

async fn runs(desk: &Desk, tenant_id: &str) -> Result<Vec<Run>, DeskError> {
    match synclog::runs(&desk.pool, tenant_id, RUNS_MAX).await {
        Ok(runs) => Ok(runs),
        Err(synclog::Error::Database(error)) => Err(error.into()),
        Err(synclog::Error::UnknownTenant(_)) => Err(DeskError::NotFound),
    }
}

/// Returns when a school year was activated.
async fn activated_at(
    desk: &Desk,
    tenant_id: &str,
    school_year: &str,
) -> Result<Option<DateTime<Utc>>, DeskError> {
    let mut transaction = scope::begin(&desk.pool, tenant_id).await?;
    let decisions = tenants::decisions(&mut transaction, tenant_id).await?;
    transaction.commit().await?;
    let activation = decisions.iter().rev().find(|decided| {
        decided.decision == DecisionKind::ActivateYear.as_str()
            && decided.detail.get("to").is_some_and(|to| to == school_year)
    });
    Ok(activation.map(|decided| decided.decided_at))
}

/// Says who waits for an answer, by reason, the gravest first.
fn waiting(language: Language, rights: &Rights, examination: &Examination) -> Vec<String> {
    let mut counts: BTreeMap<WaitReason, usize> = BTreeMap::new();
    for (reason, sites) in &examination.waiting {
        if rights.access_at_any(sites.iter().map(String::as_str)) >= Access::Read {
            *counts.entry(*reason).or_default() += 1;
        }
    }
    let words = counts.into_iter().map(|(reason, count)| {
        let key = format!("overview-waiting-{}", reason.as_str());
        text_with(language, &key, [("count", count.into())])
    });
    words.collect()
}

fn last(language: Language, status: &TenantStatus) -> Last {
    let since = |key: &str, at: Option<DateTime<Utc>>| {
        at.map(|at| text_with(language, key, [("since", dates::moment(at).into())]))
    };
    Last {
        import: status.last_import.as_ref().map(|load| dates::moment(load.at)),
        publication: status.last_publication.map(|(_, at)| dates::moment(at)),
        pull: status
            .last_pull
            .as_ref()
            .map(|run| dates::moment(run.last_request_at)),
        failing: since("overview-failing", status.failing_since),
        silent: since("overview-silent", status.silent_since),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn every_reason_to_wait_has_its_words() {
        for reason in WaitReason::ALL {
            for language in [Language::Dutch, Language::English] {
                let key = format!("overview-waiting-{}", reason.as_str());
                let words = text_with(language, &key, [("count", 2.into())]);
                assert!(words.starts_with("2 ×"), "{key}: {words}");
            }
        }
    }
}
