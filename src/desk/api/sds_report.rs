//! The error report of School Data Sync, read back in words (R143): what each row means, whom it is about, and who can do what.
//!
//! The rows come from the file that who asks brought. Of the people and classes in it they are told those that they may see; others are to them
//! as those whom nobody knows. Nothing is changed or kept.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use oneroster_entra::sds::{Counted, Who, code_of, read_run};
use oneroster_school::projection::why::CandidateKind;
use oneroster_school::rights::Access;
use oneroster_standard::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::upload::{not_taken, unusable};
use crate::desk::error::DeskError;
use crate::desk::language::{Language, text, text_with};
use crate::desk::search::{Asker, Known};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::edge::read_body;
use crate::microsoft::{self, Comparison, Group, Told, ToldRow, Whom};

/// How large a report may be, in bytes: Microsoft stops at 15,000 rows.
const BYTES_LIMIT: usize = 16 << 20;

/// How many rows of a code are listed.
const ROWS_MAX: usize = 200;

/// Who can do something, the school first. `None` = of codes that are not known here.
const DOERS: [Option<Who>; 5] = [
    Some(Who::School),
    Some(Who::MicrosoftAdmin),
    Some(Who::Informat),
    Some(Who::Nobody),
    None,
];

/// What a report comes to.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct SdsAnswer {
    /// What it comes to, in words.
    summary: String,
    /// Numbers of ours beside Microsoft's, and what was passed over, in words.
    remarks: Vec<String>,
    /// By who can do something.
    groups: Vec<SdsGroup>,
}

/// What one of them can do something about.
#[derive(Debug, Serialize, JsonSchema)]
struct SdsGroup {
    /// `school`, `microsoft-admin`, `informat`, `nobody` or `unknown`.
    who: &'static str,
    /// Who it is, in words.
    title: String,
    codes: Vec<SdsCode>,
}

/// The rows with one code.
#[derive(Debug, Serialize, JsonSchema)]
struct SdsCode {
    /// As Microsoft writes it.
    code: Option<String>,
    /// What it means, in words.
    means: String,
    /// What to do, in words.
    what_to_do: Option<String>,
    /// How many rows have it.
    count: usize,
    /// The first of them.
    rows: Vec<SdsRow>,
    /// How many more there are.
    rows_left_off: usize,
}

/// A row.
#[derive(Debug, Serialize, JsonSchema)]
struct SdsRow {
    /// Its line.
    line: u64,
    /// Who and what it is about.
    about: Vec<SdsAbout>,
    /// Ids that are nobody's whom who asks may see.
    unknown_ids: Vec<String>,
    /// Its other cells.
    cells: Vec<String>,
}

/// A person or a class.
#[derive(Debug, Serialize, JsonSchema)]
struct SdsAbout {
    /// What it is called, and whether it is published.
    label: String,
    /// Of a person, what to search the list of usernames for.
    query: Option<String>,
}

/// Reads a report back.
pub(super) async fn read(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    body: Body,
) -> Result<Response, DeskError> {
    if user.rights.strongest() < Access::Read {
        return Err(DeskError::NotFound);
    }
    let language = user.user.language;
    let bytes = match read_body(body, BYTES_LIMIT).await {
        Ok(bytes) => bytes,
        Err(error) => return Ok(not_taken(language, &error, "sds-too-large")),
    };
    let reading = tokio::task::spawn_blocking(move || read_run(&bytes));
    let Ok(report) = reading.await.map_err(|_| DeskError::Failed)? else {
        return Ok(unusable("unreadable", &text(language, "sds-unreadable")));
    };
    let told = microsoft::tell(&desk.pool, &user.tenant_id, report).await?;
    let known = desk.directories.get(&user.tenant_id).await?;
    let asker = Asker {
        rights: user.rights.clone(),
        language,
    };
    let answer = tokio::task::spawn_blocking(move || SdsAnswer::new(&known, &asker, told));
    let answer = answer.await.map_err(|_| DeskError::Failed)?;
    Ok(Json(answer).into_response())
}

impl SdsAnswer {
    fn new(known: &Known, asker: &Asker, told: Told) -> Self {
        let language = asker.language;
        let rows: usize = told.groups.iter().map(|group| group.rows.len()).sum();
        let is_all_seen = known.is_all_seen(asker);
        let mut remarks: Vec<String> = told
            .counts
            .iter()
            .map(|count| count_words(language, count, is_all_seen))
            .collect();
        if told.passed_over > 0 {
            remarks.push(text_with(
                language,
                "sds-passed-over",
                [("count", told.passed_over.into())],
            ));
        }
        let mut groups: Vec<SdsGroup> = DOERS
            .iter()
            .map(|doer| SdsGroup {
                who: doer.map_or("unknown", Who::as_str),
                title: text(language, title(*doer)),
                codes: Vec::new(),
            })
            .collect();
        for group in told.groups {
            let doer = group
                .code
                .as_deref()
                .and_then(code_of)
                .map(|code| code.remedy.who);
            let of_doer = DOERS.iter().position(|one| *one == doer);
            if let Some(found) = of_doer.and_then(|at| groups.get_mut(at)) {
                found.codes.push(SdsCode::new(known, asker, group));
            }
        }
        groups.retain(|group| !group.codes.is_empty());
        let key = if rows == 0 && remarks.is_empty() {
            "sds-nothing"
        } else {
            "sds-summary"
        };
        Self {
            summary: text_with(language, key, [("rows", rows.into())]),
            remarks,
            groups,
        }
    }
}

const fn title(doer: Option<Who>) -> &'static str {
    match doer {
        Some(Who::School) => "sds-who-school",
        Some(Who::MicrosoftAdmin) => "sds-who-microsoft-admin",
        Some(Who::Informat) => "sds-who-informat",
        Some(Who::Nobody) => "sds-who-nobody",
        None => "sds-who-unknown",
    }
}

impl SdsCode {
    fn new(known: &Known, asker: &Asker, group: Group) -> Self {
        let language = asker.language;
        let name = group
            .code
            .as_deref()
            .and_then(code_of)
            .map(|code| code.name.to_lowercase());
        let count = group.rows.len();
        let rows = group.rows.into_iter().take(ROWS_MAX);
        Self {
            means: name.as_ref().map_or_else(
                || text(language, "sds-unknown-code"),
                |name| text(language, &format!("sds-means-{name}")),
            ),
            what_to_do: name.map(|name| text(language, &format!("sds-todo-{name}"))),
            code: group.code,
            count,
            rows: rows.map(|row| SdsRow::new(known, asker, row)).collect(),
            rows_left_off: count.saturating_sub(ROWS_MAX),
        }
    }
}

impl SdsRow {
    fn new(known: &Known, asker: &Asker, row: ToldRow) -> Self {
        let mut about = Vec::new();
        let mut unknown_ids = row.unknown_ids;
        for whom in row.about {
            if is_seen(known, asker, &whom) {
                about.push(shown(asker.language, whom));
            } else {
                unknown_ids.push(whom.sourced_id.to_lowercase());
            }
        }
        unknown_ids.sort();
        Self {
            line: row.line,
            about,
            unknown_ids,
            cells: row.cells,
        }
    }
}

/// Returns `true` if who asks may see a person or a class. Those who are gone from Informat's data are shown to an operator only.
fn is_seen(known: &Known, asker: &Asker, whom: &Whom) -> bool {
    let kind = match whom.kind {
        Kind::Users => CandidateKind::Person,
        Kind::Classes => CandidateKind::Class,
        Kind::AcademicSessions | Kind::Orgs | Kind::Courses | Kind::Enrollments => return false,
    };
    let id = Uuid::try_parse(&whom.sourced_id);
    asker.rights.is_operator() || id.is_ok_and(|id| known.is_seen(asker, kind, id))
}

fn shown(language: Language, whom: Whom) -> SdsAbout {
    let label = if whom.is_published {
        whom.name
    } else {
        text_with(language, "sds-about-not-published", [("name", whom.name.into())])
    };
    SdsAbout {
        label,
        query: (whom.kind == Kind::Users).then_some(whom.sourced_id),
    }
}

/// Our number stands beside Microsoft's only for who sees all of whom it counts.
fn count_words(language: Language, count: &Comparison, is_all_seen: bool) -> String {
    let what = match count.of {
        Counted::Users => "sds-count-users",
        Counted::Pupils => "sds-count-pupils",
        Counted::Staff => "sds-count-staff",
        Counted::Classes => "sds-count-classes",
        Counted::Memberships => "sds-count-memberships",
        Counted::Orgs => "sds-count-orgs",
        Counted::Unmatched => "sds-count-unmatched",
        Counted::Errors => "sds-count-errors",
        Counted::Warnings => "sds-count-warnings",
    };
    let of_ours = count.published.filter(|_| is_all_seen);
    let key = match of_ours {
        None => "sds-compared-none",
        Some(published) if published == count.counted => "sds-compared-same",
        Some(published) if published > count.counted => "sds-compared-fewer",
        Some(_) => "sds-compared-more",
    };
    let published = of_ours.unwrap_or_default();
    let arguments = [
        ("what", text(language, what).into()),
        ("published", published.into()),
        ("counted", count.counted.into()),
        ("apart", published.abs_diff(count.counted).into()),
    ];
    text_with(language, key, arguments)
}
