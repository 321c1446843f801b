//! *Historiek*: a person, a class, two moments, and who did what, as one time line.

mod whom;

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Days, NaiveDate, Utc};
use oneroster_school::rights::Access;
use oneroster_standard::Moment;

use crate::desk::error::DeskError;
use crate::desk::form::Form;
use crate::desk::language::text_with;
use crate::desk::menu::Screen;
use crate::desk::page::{self, Frame};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::desk::timeline::{self, Difference, Line, LineKind, Narrowed};
use crate::history;
use whom::{Choice, Whom, whom};

/// How many lines of a person or a class stand on a page.
const LINES_MAX: usize = 200;

/// What is asked for. Empty is as good as absent: a form sends every field.
#[derive(Debug, Default)]
struct Asked {
    /// A person, by id, username or name.
    person: String,
    /// A class, by id.
    class: String,
    kind: String,
    by: String,
    from: String,
    to: String,
    /// Not empty: what is different between the two days.
    compare: String,
    /// Where the next part of the trail begins.
    before: Option<i64>,
    /// How many lines are left out.
    skip: Option<usize>,
}

impl Asked {
    fn read(query: RawQuery) -> Result<Self, DeskError> {
        let form = Form::read(query.0.unwrap_or_default().as_bytes())?;
        let field = |name| form.get(name).unwrap_or_default().to_owned();
        Ok(Self {
            person: field("person"),
            class: field("class"),
            kind: field("kind"),
            by: field("by"),
            from: field("from"),
            to: field("to"),
            compare: field("compare"),
            before: form.get("before").and_then(|before| before.parse().ok()),
            skip: form.get("skip").and_then(|skip| skip.parse().ok()),
        })
    }
}

/// A line as it is shown.
struct Row {
    moment: String,
    datetime: String,
    text: String,
    by: Option<String>,
    people: Vec<(String, String)>,
}

/// The fields of an address.
type Older = Vec<(&'static str, String)>;

/// What is shown below the form.
enum Shown {
    Lines {
        about: Option<String>,
        rows: Vec<Row>,
    },
    Differences {
        listed: Vec<Difference>,
        left_off: Option<String>,
    },
    Choices(Vec<Choice>),
    /// Nothing is found, or may be seen; the key of what to say.
    Nothing(&'static str),
}

#[derive(Template)]
#[template(path = "history.html")]
struct History {
    frame: Frame,
    asked: Asked,
    classes: Vec<(String, String)>,
    kinds: Vec<(&'static str, String)>,
    shown: Shown,
    /// The address of older lines.
    older: Option<Older>,
}

impl History {
    fn signed(&self, by: &str) -> String {
        text_with(self.frame.language, "history-signed", [("by", by.into())])
    }
}

/// Shows the page.
pub(in crate::desk) async fn page(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    query: RawQuery,
) -> Result<Response, DeskError> {
    let asked = Asked::read(query)?;
    let frame = Frame::of_tenant(&desk, &user, Screen::History).await?;
    let may_see = |org: &str| user.rights.org_access(org) > Access::None;
    let classes = match history::published_classes(&desk.pool, &user.tenant_id).await {
        Ok(classes) => classes,
        Err(history::Error::NotPublished) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let classes = classes.into_iter().filter(|class| may_see(&class.org));
    let (shown, older) = shown(&desk, &user, &asked).await?;
    let kinds = LineKind::ALL.into_iter();
    let page = History {
        classes: classes.map(|class| (class.sourced_id, class.title)).collect(),
        kinds: kinds
            .map(|kind| (kind.as_str(), frame.text(kind.text_key())))
            .collect(),
        asked,
        shown,
        older,
        frame,
    };
    let nonce = page.frame.nonce.clone();
    Ok(page::rendered(StatusCode::OK, &nonce, &page))
}

async fn shown(desk: &Desk, user: &TenantUser, asked: &Asked) -> Result<(Shown, Option<Older>), DeskError> {
    let (from, to): (Option<NaiveDate>, Option<NaiveDate>) = (asked.from.parse().ok(), asked.to.parse().ok());
    if !asked.compare.is_empty() {
        let (Some(from), Some(to)) = (from, to) else {
            return Ok((Shown::Nothing("history-two-days"), None));
        };
        let found = timeline::two_moments(desk, user, (from.min(to), from.max(to))).await?;
        let shown = found.map_or(Shown::Nothing("history-nothing-kept"), |found| {
            Shown::Differences {
                listed: found.listed,
                left_off: (found.left_off > 0).then(|| {
                    let count = found.left_off.into();
                    text_with(user.user.language, "history-more", [("count", count)])
                }),
            }
        });
        return Ok((shown, None));
    }
    let narrowed = Narrowed {
        by: Some(asked.by.trim().to_owned()).filter(|by| !by.is_empty()),
        kind: LineKind::find(&asked.kind),
        from: from.and_then(midnight),
        until: to
            .and_then(|to| to.checked_add_days(Days::new(1)))
            .and_then(midnight),
    };
    let person = asked.person.trim();
    if !person.is_empty() {
        return match whom(desk, user, person).await? {
            Whom::One(person) => {
                let found = timeline::of_person(desk, user, person, &narrowed).await?;
                Ok(object(asked, found.map(|found| (found.label, found.lines))))
            }
            Whom::Several(choices) => Ok((Shown::Choices(choices), None)),
            Whom::Nobody => Ok((Shown::Nothing("history-nobody"), None)),
        };
    }
    if !asked.class.is_empty() {
        let found = timeline::of_class(desk, user, &asked.class, &narrowed).await?;
        return Ok(object(asked, found.map(|found| (found.label, found.lines))));
    }
    let part = timeline::trail(desk, user, &narrowed, asked.before).await?;
    let older = part.next.map(|next| address(asked, "before", next.to_string()));
    let rows = part.lines.into_iter().map(row).collect();
    Ok((Shown::Lines { about: None, rows }, older))
}

/// Shows the lines of one object.
fn object(asked: &Asked, found: Option<(String, Vec<Line>)>) -> (Shown, Option<Older>) {
    let Some((label, lines)) = found else {
        return (Shown::Nothing("history-nobody"), None);
    };
    let skip = asked.skip.unwrap_or_default();
    let next = skip.saturating_add(LINES_MAX);
    let older = (lines.len() > next).then(|| address(asked, "skip", next.to_string()));
    let rows = lines.into_iter().skip(skip).take(LINES_MAX).map(row).collect();
    let about = Some(label);
    (Shown::Lines { about, rows }, older)
}

fn row(line: Line) -> Row {
    let moment = Moment::from(line.at);
    Row {
        moment: moment.on_page(),
        datetime: moment.rfc3339(),
        text: line.text,
        by: line.by,
        people: line.people,
    }
}

/// Returns the moment at which a day begins in Brussels.
fn midnight(day: NaiveDate) -> Option<DateTime<Utc>> {
    use chrono_tz::Europe::Brussels;
    let midnight = day.and_time(chrono::NaiveTime::MIN).and_local_timezone(Brussels);
    midnight.earliest().map(|moment| moment.to_utc())
}

/// Returns the fields of the page's address, with one otherwise.
fn address(asked: &Asked, name: &'static str, value: String) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("person", asked.person.clone()),
        ("class", asked.class.clone()),
        ("kind", asked.kind.clone()),
        ("by", asked.by.clone()),
        ("from", asked.from.clone()),
        ("to", asked.to.clone()),
        (name, value),
    ];
    fields.retain(|(_, value)| !value.is_empty());
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_brussels() {
        for (day, expected) in [
            ("2026-11-27", "2026-11-26T23:00:00Z"),
            ("2026-07-01", "2026-06-30T22:00:00Z"),
        ] {
            let begins = midnight(day.parse().unwrap()).unwrap();
            assert_eq!(begins, expected.parse::<DateTime<Utc>>().unwrap());
        }
    }

    #[test]
    fn the_next_page_asks_for_the_same() {
        let asked = Asked {
            person: "Jan & co".to_owned(),
            from: "2026-11-01".to_owned(),
            ..Asked::default()
        };
        let fields = address(&asked, "skip", "200".to_owned());
        let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["person", "from", "skip"]);
    }
}
