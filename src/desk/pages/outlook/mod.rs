//! *Vooruitblik*: who comes, goes and changes on another day.

mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{Datelike, Days, NaiveDate, Weekday};
use oneroster_school::outlook::{ClassCounts, Movement, Seen, counts};
use oneroster_school::rights::Access;

use crate::accounts::records;
use crate::desk::error::DeskError;
use crate::desk::form::Form;
use crate::desk::menu::Screen;
use crate::desk::page::{self, Frame};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::publication::outlook::{AskedDay, TenantOutlook};
use view::{ClassRow, EndingRow, OrgRow, PersonRow, View};

/// How many people a list shows; how many more there are is said.
const ROWS_MAX: usize = 300;

/// How far ahead the page looks unless asked otherwise, in days.
const AHEAD_DAYS: u64 = 30;

/// What is asked for. Empty is as good as absent: a form sends every field.
#[derive(Debug, Default)]
struct Asked {
    day: String,
    year: String,
    place: String,
    class: String,
}

impl Asked {
    fn read(query: RawQuery) -> Result<Self, DeskError> {
        let form = Form::read(query.0.unwrap_or_default().as_bytes())?;
        let field = |name| form.get(name).unwrap_or_default().to_owned();
        Ok(Self {
            day: field("day"),
            year: field("year"),
            place: field("place"),
            class: field("class"),
        })
    }
}

/// A list of people, the first of them.
struct Listed {
    rows: Vec<PersonRow>,
    count: usize,
}

#[derive(Template)]
#[template(path = "outlook.html")]
struct Outlook {
    frame: Frame,
    view: View,
    /// The day in the field of the form.
    day: String,
    /// Whether the text in the address is no day.
    is_bad_day: bool,
    /// The school year that is looked at, and what may be chosen.
    year: String,
    years: Vec<String>,
    /// Chosen place and class; empty = all.
    place: String,
    class: String,
    places: Vec<(String, String)>,
    orgs: Vec<OrgRow>,
    come: Listed,
    go: Listed,
    change: Listed,
    monday: Listed,
    ending: Vec<EndingRow>,
}

impl Outlook {
    fn summary(&self) -> String {
        let arguments = [
            ("day", self.view.day.as_str().into()),
            ("today", self.view.today.as_str().into()),
            ("come", self.come.count.into()),
            ("go", self.go.count.into()),
            ("change", self.change.count.into()),
        ];
        self.view.text_with("outlook-summary", arguments)
    }

    fn monday_heading(&self) -> String {
        let day = self.view.monday.as_str().into();
        // Before the school year begins, it is the first day of the year that is shown.
        let key = if self.view.is_monday {
            "outlook-monday"
        } else {
            "outlook-first-day"
        };
        self.view.text_with(key, [("day", day)])
    }

    fn left_off(&self, listed: &Listed) -> Option<String> {
        let more = listed.count.saturating_sub(listed.rows.len());
        (more > 0).then(|| self.view.text_with("outlook-more", [("count", more.into())]))
    }
}

/// Shows the page.
pub(in crate::desk) async fn page(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    query: RawQuery,
) -> Result<Response, DeskError> {
    let asked = Asked::read(query)?;
    let today = records::today(&mut *desk.pool.acquire().await?).await?;
    let wanted = Some(asked.day.trim()).filter(|day| !day.is_empty());
    let parsed = wanted.and_then(|day| day.parse().ok());
    let ahead = || today.checked_add_days(Days::new(AHEAD_DAYS)).unwrap_or(today);
    let days = [
        AskedDay {
            day: parsed.unwrap_or_else(ahead),
            school_year: Some(asked.year.clone()).filter(|year| !year.is_empty()),
        },
        AskedDay {
            day: next_monday(today),
            school_year: None,
        },
    ];
    let outlooks = desk.outlooks.get(&desk.pool, &user.tenant_id, &days).await?;
    let [other, monday] = outlooks.as_slice() else {
        return Err(DeskError::NotFound);
    };
    let frame = Frame::of_tenant(&desk, &user, Screen::Preview).await?;
    let nonce = frame.nonce.clone();
    let day = (days[0].day, wanted.is_some() && parsed.is_none());
    let page = composed(frame, &user, (other, monday), day, asked);
    Ok(page::rendered(StatusCode::OK, &nonce, &page))
}

fn composed(
    frame: Frame,
    user: &TenantUser,
    (other, monday): (&TenantOutlook, &TenantOutlook),
    (day, is_bad_day): (NaiveDate, bool),
    asked: Asked,
) -> Outlook {
    let may_see = |org: &str| user.rights.org_access(org) > Access::None;
    let view = View::new(frame.language, other, monday);
    let seen = other.outlook.seen(may_see);
    let by_org = counts(&other.outlook, &seen);
    let orgs = by_org
        .iter()
        .map(|(id, counts)| OrgRow {
            id: id.clone(),
            name: view.org(id),
            come: counts.come,
            go: counts.go,
            change: counts.change,
            classes: class_rows(other, &counts.classes),
        })
        .collect();
    let is_asked = |seen: &Seen<'_>| {
        (asked.place.is_empty() || seen.is_at(&asked.place))
            && (asked.class.is_empty() || seen.is_in(&asked.class))
    };
    let list = |outlook: &TenantOutlook, seen: &[Seen<'_>], movement| {
        let people = seen
            .iter()
            .filter(|seen| seen.movement == movement && is_asked(seen));
        listed(people.map(|seen| view.person(&outlook.outlook, seen)).collect())
    };
    let at_monday = monday.outlook.seen(may_see);
    let ending = other
        .ending
        .iter()
        .filter(|ending| may_see(&ending.org) && (asked.place.is_empty() || ending.org == asked.place));
    let mut places: Vec<(String, String)> = other
        .outlook
        .orgs
        .iter()
        .filter(|(id, _)| may_see(id))
        .map(|(id, name)| (id.clone(), name.clone()))
        .collect();
    places.sort_by(|one, another| one.1.cmp(&another.1));
    let next = other.next_year.iter().map(|(year, _)| year.clone());
    Outlook {
        day: day.to_string(),
        is_bad_day,
        year: other.school_year.clone(),
        years: std::iter::once(other.active_year.clone()).chain(next).collect(),
        places,
        orgs,
        come: list(other, &seen, Movement::Comes),
        go: list(other, &seen, Movement::Goes),
        change: list(other, &seen, Movement::Changes),
        monday: list(monday, &at_monday, Movement::Comes),
        ending: ending.map(|ending| view.ending(ending)).collect(),
        place: asked.place,
        class: asked.class,
        frame,
        view,
    }
}

fn class_rows(other: &TenantOutlook, counts: &BTreeMap<String, ClassCounts>) -> Vec<ClassRow> {
    let mut rows: Vec<ClassRow> = counts
        .iter()
        .map(|(id, counts)| ClassRow {
            id: id.clone(),
            name: View::class(&other.outlook, id),
            come: counts.come,
            go: counts.go,
        })
        .collect();
    rows.sort_by(|one, another| (&one.name, &one.id).cmp(&(&another.name, &another.id)));
    rows
}

fn listed(mut rows: Vec<PersonRow>) -> Listed {
    let count = rows.len();
    rows.sort_by_cached_key(PersonRow::key);
    rows.truncate(ROWS_MAX);
    Listed { rows, count }
}

/// Returns the first Monday after a day.
fn next_monday(today: NaiveDate) -> NaiveDate {
    let mut days = today.iter_days().skip(1);
    days.find(|day| day.weekday() == Weekday::Mon).unwrap_or(today)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_monday_is_never_today() {
        for (today, expected) in [
            ("2026-11-27", "2026-11-30"),
            ("2026-11-29", "2026-11-30"),
            ("2026-11-30", "2026-12-07"),
        ] {
            assert_eq!(next_monday(today.parse().unwrap()).to_string(), expected);
        }
    }
}
