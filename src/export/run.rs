//! An export from beginning to end.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use chrono::{DateTime, Utc};
use oneroster_standard::Kind;
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

use super::fill::{Work, oneroster_csv};
use super::frame::Frame;
use super::note::{Note, NoteRule, Notes};
use super::password::Passwords;
use super::rule::{Refusal, Rule};
use super::sheet::Filled;
use super::target::{Destination, Target};
use super::{Error, Format, refused};
use crate::audit;
use crate::db::scope;
use crate::roster::files::{self, Part};
use crate::roster::{generations, head, holds, retention};

/// How many rows a file of V1 may have: 004 says 500,000, 003 says 550,000.
pub const ROWS_MAX: u64 = 500_000;

/// How long a statement may take for somebody who waits for the response: as long as a request may.
const STATEMENT_LIMIT: &str = "set local statement_timeout = '60s'";

/// How long their export waits to be entered in the audit trail, behind an import or a publication of the tenant: as long as a
/// request waits for a connection.
const ENTRY_LIMIT: &str = "set local lock_timeout = '20s'; set local statement_timeout = '20s'";

/// A whole roster is read, and its kinds are joined by what stands in their content, which no index has: by hash, whatever the planner
/// makes of a table that was filled a moment ago and nobody has analysed. Else a small school may take minutes.
const JOIN_BY_HASH: &str = "set local enable_nestloop = off";

/// Which generation to export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The newest.
    Newest,
    /// The one with this number.
    Number(i64),
    /// The one with this id: after a failover a number may stand for another.
    Id(Uuid),
}

/// What to export.
#[derive(Debug)]
pub struct Options {
    /// The format.
    pub format: Format,
    /// The generation.
    pub generation: Wanted,
    /// Of OneRoster CSV: only what changed after this generation.
    pub since: Option<i64>,
    /// These orgs only; none = all.
    pub org_ids: BTreeSet<String>,
    /// How many rows a file of V1 may have.
    pub rows_max: u64,
    /// What stands in columns for passwords.
    pub passwords: Option<Passwords>,
}

impl Options {
    /// Returns the options of a whole export of the newest generation.
    pub const fn of(format: Format) -> Self {
        Self {
            format,
            generation: Wanted::Newest,
            since: None,
            org_ids: BTreeSet::new(),
            rows_max: ROWS_MAX,
            passwords: None,
        }
    }
}

/// Who exports what to where.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    /// The tenant.
    pub tenant_id: &'r str,
    /// What to export.
    pub options: &'r Options,
    /// Where to.
    pub destination: &'r Destination,
    /// Who it is, for the audit trail; `None` = who the session acts for.
    pub by: Option<&'r str>,
}

/// An export that was made.
#[derive(Debug)]
pub struct Exported {
    /// The generation.
    pub generation: i64,
    /// Its date.
    pub published_at: DateTime<Utc>,
    /// The orgs that were exported.
    pub org_ids: Vec<String>,
    /// How many rows each file has below its header.
    pub rows: BTreeMap<&'static str, u64>,
    /// What is to be known of it.
    pub notes: Vec<Note>,
    /// The zip of [`Destination::Response`], at its beginning.
    pub response: Option<File>,
}

/// Exports a generation: all files or none. That it leaves the program is in the audit trail before it is in place.
///
/// `connection` works outside a transaction; `progress` is told of rows, `begun` of how many objects there are.
/// Every file is written on the thread that calls.
#[tracing::instrument(level = "error", skip_all, fields(tenant = request.tenant_id))]
pub async fn export(
    connection: &mut PgConnection,
    request: Request<'_>,
    (begun, progress): (&(dyn Fn(u64) + Sync), &(dyn Fn(u64) + Sync)),
) -> Result<Exported, Error> {
    let options = request.options;
    let org_ids: Vec<String> = options.org_ids.iter().cloned().collect();
    // Before anything is asked: what cannot be put in place is not made.
    let target = Target::begin(request.destination, options.format)?;
    let mut transaction = connection
        .begin_with("begin isolation level repeatable read read only")
        .await?;
    if *request.destination == Destination::Response {
        transaction.execute(STATEMENT_LIMIT).await?;
    }
    transaction.execute(JOIN_BY_HASH).await?;
    scope::enter(&mut transaction, request.tenant_id).await?;
    let found = find_generation(&mut transaction, request.tenant_id, options).await?;
    let part = Part {
        tenant_id: request.tenant_id,
        number: found.number,
        // Only OneRoster CSV can tell what changed.
        since: options
            .since
            .filter(|_| options.format == Format::OneRosterCsv)
            .unwrap_or_default(),
        org_ids: (!org_ids.is_empty()).then_some(org_ids.as_slice()),
    };
    begun(u64::try_from(files::count(&mut transaction, part).await?).unwrap_or_default());
    let frame = Frame::read(&mut transaction, part).await?;
    require_usernames(&mut transaction, part).await?;
    let mut notes = Notes::default();
    if found.is_held {
        notes.add_count(NoteRule::PublicationHeld, 1);
    }
    let mut work = Work {
        connection: &mut transaction,
        part,
        frame: &frame,
        passwords: options.passwords.as_ref(),
        target,
        notes,
        progress,
        written: Vec::new(),
        left_out: BTreeSet::new(),
        has_domain: false,
    };
    let filled = fill(&mut work, options).await?;
    work.conclude();
    let Work {
        mut target, notes, ..
    } = work;
    transaction.commit().await?;
    target.read_back()?;
    let exported = Exported {
        generation: found.number,
        published_at: found.published_at,
        org_ids: frame.orgs.keys().cloned().collect(),
        rows: filled.iter().map(|(file, filled)| (*file, filled.rows)).collect(),
        notes: notes.into_list(),
        response: None,
    };
    if !matches!(request.destination, Destination::Rehearsal(_)) {
        note_export(connection, request, &exported).await?;
    }
    Ok(Exported {
        response: target.put_in_place()?,
        ..exported
    })
}

/// Fills every file; refuses more rows than a file may have.
async fn fill(work: &mut Work<'_>, options: &Options) -> Result<Vec<(&'static str, Filled)>, Error> {
    let mut all = Vec::new();
    for table in options.format.tables() {
        if work.part.since > 0
            && let Some(kind) = oneroster_csv::kind_of(table)
            && !files::has_changes(work.connection, work.part, kind).await?
        {
            // The manifest says that it is absent.
            continue;
        }
        all.push((table.file, work.fill(options.format, table).await?));
    }
    if options.format.is_sds_v1() {
        require_rows(&all, options.rows_max)?;
    }
    Ok(all)
}

fn require_rows(files: &[(&'static str, Filled)], rows_max: u64) -> Result<(), Error> {
    let mut too_long = files.iter().filter(|(_, filled)| filled.rows > rows_max);
    let Some((file, filled)) = too_long.next() else {
        return Ok(());
    };
    let rows = files
        .iter()
        .map(|(file, filled)| ((*file).to_owned(), filled.rows));
    Err(refused(Refusal {
        file: Some((*file).to_owned()),
        rows: rows.collect(),
        rows_by_org: filled.rows_by_org.clone(),
        ..Refusal::new(Rule::TooManyRows).saying(format!("at most {rows_max}"))
    }))
}

/// A generation to export.
struct Found {
    number: i64,
    published_at: DateTime<Utc>,
    /// Whether a publication that would follow it is held.
    is_held: bool,
}

async fn find_generation(
    connection: &mut PgConnection,
    tenant_id: &str,
    options: &Options,
) -> Result<Found, Error> {
    let head = head::find(connection, tenant_id)
        .await?
        .ok_or_else(|| Error::UnknownTenant(tenant_id.to_owned()))?;
    let newest = head.number;
    if newest == 0 {
        return Err(Error::NotPublished);
    }
    let number = match options.generation {
        Wanted::Newest => newest,
        Wanted::Number(number) => number,
        // A generation that is not there is one with a number that none has.
        Wanted::Id(id) => generations::find(connection, tenant_id, id)
            .await?
            .map_or(0, |generation| generation.number),
    };
    let oldest = retention::whole_from(connection, tenant_id).await?;
    for asked in [Some(number), options.since].into_iter().flatten() {
        if !(oldest..=newest).contains(&asked) {
            return Err(Error::UnknownGeneration {
                number: asked,
                oldest,
                newest,
            });
        }
    }
    if let Some(since) = options.since
        && since > number
    {
        return Err(Error::WrongOrder { since, number });
    }
    let generation = generations::get(connection, tenant_id, number).await?;
    let is_held = options.generation == Wanted::Newest && holds::find(connection, tenant_id).await?.is_some();
    Ok(Found {
        number,
        published_at: generation.published_at,
        is_held,
    })
}

async fn require_usernames(connection: &mut PgConnection, part: Part<'_>) -> Result<(), Error> {
    match files::username_twice(connection, part).await? {
        None => Ok(()),
        Some((one, other)) => {
            let refusal = Refusal::new(Rule::DuplicateUsername).of(Kind::Users, &one);
            Err(refused(refusal.saying(format!("also of {other}"))))
        }
    }
}

/// Enters that an export leaves the program: who, when, which format and generation.
async fn note_export(
    connection: &mut PgConnection,
    request: Request<'_>,
    exported: &Exported,
) -> Result<(), Error> {
    let options = request.options;
    let mut transaction = connection.begin().await?;
    if *request.destination == Destination::Response {
        transaction.execute(ENTRY_LIMIT).await?;
    }
    scope::enter(&mut transaction, request.tenant_id).await?;
    if let Some(by) = request.by {
        scope::act_as(&mut transaction, by).await?;
    }
    let detail = json!({
        "format": options.format,
        "generation": exported.generation,
        "since": options.since,
        "orgs": options.org_ids,
        "has_passwords": options.passwords.is_some(),
    });
    audit::note(&mut transaction, request.tenant_id, "files_exported", &detail).await?;
    Ok(transaction.commit().await?)
}
