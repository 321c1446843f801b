//! The check file: everyone who would be published if released, with the username each would get (R54–R57).
//!
//! A school puts what it wants instead in the third column and gives the file back. It goes through two gates:
//! `read` checks what the file says by itself, `judge` checks it against the records, both report every fault, and
//! only a file without any changes something.

mod asked;
mod bounds;
mod date_cell;
mod fingerprint;
mod judge;
mod look;
mod org;
mod read;
mod row;
mod rule;
mod spreadsheet_value;
#[cfg(test)]
mod tests;
mod write;

use std::collections::HashMap;

use oneroster_school::projection::{People, Person};
use oneroster_school::tenant::Configuration;
use oneroster_school::username::{Origin, Record};
use serde_json::json;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;

pub use bounds::Bounds;
pub use judge::Correction;
pub use row::{Remark, RemarkKind};
pub use rule::Rule;

use super::finality::{Finality, begin_edit_between_publications};
use super::whom::unknown_org;
use super::{Author, Error, Refusal, begin_look, commit_edit, everyone};
use crate::accounts::records;
use crate::accounts::records::edit::{Answer, Rename};
use crate::accounts::records::erased::ErasedNames;
use crate::audit;
use crate::db::scope;
use crate::tabular::WorkbookError;
use crate::tabular::{Fault, Faults};
pub(super) use bounds::Reach;
use judge::{Judged, Known};
use org::OrgMembers;

/// How large a check file may be, in bytes.
pub const BYTES_LIMIT: usize = 32 << 20;

/// The column that corrections stand in.
pub(super) const CORRECTION: &str = "Verbeter hier de username indien nodig";

/// The columns, in their order (R55).
const HEADER: [&str; 6] = [
    "ID",
    "Office365 username",
    CORRECTION,
    "Voornaam",
    "Familienaam",
    "Geboortedatum",
];

/// The index of the last column: the birth date.
const BIRTH_DATE: usize = 5;

/// Within how many bytes the header of a check file stands.
const HEADED_WITHIN: usize = 4096;

/// How a check file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Delimited text.
    Csv,
    /// An Excel workbook, `.xlsx`.
    Workbook,
}

impl FileFormat {
    /// Tells the format by the name of the file.
    pub fn of_name(name: &str) -> Self {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension);
        if extension.is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx")) {
            Self::Workbook
        } else {
            Self::Csv
        }
    }
}

/// A check file, ready to be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckFile {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How many people it lists.
    pub people: usize,
}

/// What is written beside a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowNote {
    /// The third column: the username that is proposed; empty = none.
    pub correction: String,
    /// What was found.
    pub verdict: String,
    /// Accounts that may be theirs, with why.
    pub accounts: String,
}

/// The result of reading a check file back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrected {
    /// How many people the file lists.
    pub rows: usize,
    /// Names that change, in the order of the file; none if there is a fault.
    pub corrections: Vec<Correction>,
    /// People whose record asked for review and whose name the file repeats: it is good. None if there is a fault.
    pub confirmed: Vec<Uuid>,
    /// What the admin should know.
    pub remarks: Vec<Remark>,
    /// Everything that is wrong with it.
    pub faults: Faults<Rule>,
    /// What stands for this file and what is said of it here.
    pub fingerprint: String,
    /// Whether what it asks for is done.
    pub is_applied: bool,
}

/// A file to read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenFile {
    /// What faults call it; it tells the format.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// What is done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// It is judged, and nothing is changed.
    Judge,
    /// It is judged and applied.
    Apply,
    /// It is judged, and applied if file and judgement still have this fingerprint.
    ApplyIf(&'a str),
}

/// Writes the check file: everyone who is published now or later once released, whatever the Sync flag; of one org only
/// who is there now or later, if one is named; within rights only who is at a place that may be seen. It holds birth dates: what
/// leaves the program is entered in the audit trail by [`note_export`].
pub async fn export(
    pool: &PgPool,
    tenant_id: &str,
    format: FileFormat,
    bounds: Bounds<'_>,
) -> Result<CheckFile, Error> {
    let (mut transaction, configuration) = begin_look(pool, tenant_id).await?;
    let records = records::read(&mut transaction, tenant_id).await?;
    let mut everyone = everyone(&mut transaction, tenant_id, &configuration).await?;
    transaction.commit().await?;
    bounds.leave_visible(&mut everyone);
    if let Some(org) = members(&everyone, bounds.org)? {
        everyone
            .people
            .retain(|person| org.members.contains(&person.rowguid));
    }
    let file = write::write(&everyone.people, &records, format, None)?;
    tracing::info!(tenant = tenant_id, people = file.people, "check file written");
    Ok(file)
}

/// Writes the check file of these people with a correction and a remark on each.
pub(super) fn with_notes(
    people: &[Person],
    records: &HashMap<Uuid, Record>,
    notes: &HashMap<Uuid, RowNote>,
    format: FileFormat,
) -> Result<CheckFile, WorkbookError> {
    write::write(people, records, format, Some(notes))
}

/// Returns `true` if the third column of the check file is named at the beginning of a file.
pub(super) fn is_headed(bytes: &[u8]) -> bool {
    let column = CORRECTION.as_bytes();
    let begin = bytes.get(..HEADED_WITHIN).unwrap_or(bytes);
    begin.windows(column.len()).any(|part| part == column)
}

/// Enters that a check file with the birth dates of so many people leaves the program, before it does. `by` is who asked, where
/// that is not whom the connection acts for.
pub async fn note_export(
    pool: &PgPool,
    tenant_id: &str,
    by: Option<&Author>,
    file: &CheckFile,
    org: Option<&str>,
) -> Result<(), Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    if let Some(by) = by {
        scope::act_as(&mut transaction, by.as_str()).await?;
    }
    let detail = json!({ "people": file.people, "org": org });
    audit::note(&mut transaction, tenant_id, "birth_dates_exported", &detail).await?;
    Ok(transaction.commit().await?)
}

/// Finds the people of an org, if one is named; it must be a published one.
fn members(everyone: &People, org: Option<&str>) -> Result<Option<OrgMembers>, Refusal> {
    let Some(org) = org else { return Ok(None) };
    if !everyone.org_ids.iter().any(|known| known == org) {
        return Err(unknown_org(org, everyone));
    }
    Ok(Some(OrgMembers::of(org, &everyone.people)))
}

/// Reads a check file back: every filled third cell becomes that person's username. All or nothing. One that is the
/// username already answers the review that the record may ask for.
///
/// The Sync flags stay as they are. With an org, corrections of people who are not there are faults, and their other rows are
/// passed over. Within rights, people who may not be seen are as unknown as those who are not there, and corrections of those
/// who may not be changed are faults.
pub async fn import(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    file: GivenFile,
    bounds: Bounds<'_>,
    step: Step<'_>,
) -> Result<Corrected, Error> {
    // Before anything is locked, and on a thread for blocking work: a large workbook takes a while.
    let reading = tokio::task::spawn_blocking(move || {
        let (name, mut faults) = (file.name, Faults::default());
        let read = read::read(&name, &file.bytes, FileFormat::of_name(&name), &mut faults);
        (read, faults, fingerprint::of_file(&name, &file.bytes), name)
    });
    let (read, mut faults, file_fingerprint, name) = reading.await.map_err(|_| Error::Interrupted)?;
    let name = name.as_str();
    let (mut transaction, configuration) = begin_edit_between_publications(pool, tenant_id, by).await?;
    let mut remarks: Vec<Remark> = read.remark.into_iter().collect();
    let listed: Vec<Uuid> = read.rows.iter().map(|row| row.rowguid).collect();
    let known = known(
        &mut transaction,
        (tenant_id, &configuration),
        (name, bounds),
        &listed,
    )
    .await?;
    let mut judged = asked::judge(&read.rows, &known, &mut remarks, &mut faults);
    faults.sort_by_file(&[name]);
    if !faults.is_empty() {
        judged = Judged::default();
    }
    let Judged {
        corrections,
        confirmed,
    } = judged;
    let mut corrected = Corrected {
        rows: read.rows.len(),
        corrections,
        confirmed,
        remarks,
        faults,
        fingerprint: String::new(),
        is_applied: false,
    };
    corrected.fingerprint = fingerprint::of(&file_fingerprint, &corrected);
    let is_meant = match step {
        Step::Judge => false,
        Step::Apply => true,
        Step::ApplyIf(fingerprint) => fingerprint == corrected.fingerprint,
    };
    if is_meant && corrected.faults.is_empty() {
        apply(transaction, tenant_id, by, &corrected).await?;
        corrected.is_applied = true;
    }
    Ok(corrected)
}

/// Carries out what a file asks for.
async fn apply(
    mut transaction: Transaction<'static, Postgres>,
    tenant_id: &str,
    by: &Author,
    corrected: &Corrected,
) -> Result<(), Error> {
    let Corrected {
        corrections,
        confirmed,
        ..
    } = corrected;
    if !corrections.is_empty() || !confirmed.is_empty() {
        records::edit::answer(
            &mut transaction,
            tenant_id,
            by.as_str(),
            Answer::NameToo,
            confirmed,
        )
        .await?;
        let renames: Vec<Rename> = corrections
            .iter()
            .map(|correction| correction.rename.clone())
            .collect();
        if renames.is_empty() {
            transaction.commit().await?;
        } else {
            records::edit::rename(&mut transaction, tenant_id, by.as_str(), Origin::Csv, &renames).await?;
            commit_edit(transaction, tenant_id).await?;
        }
        tracing::info!(
            tenant = tenant_id,
            renamed = renames.len(),
            confirmed = confirmed.len(),
            "check file applied"
        );
    }
    Ok(())
}

/// Reads what a file is held against. `listed` are the people in it.
async fn known<'a>(
    connection: &mut PgConnection,
    (tenant_id, configuration): (&str, &'a Configuration),
    (file, bounds): (&'a str, Bounds<'_>),
    listed: &[Uuid],
) -> Result<Known<'a>, Error> {
    let records = records::read(connection, tenant_id).await?;
    let mut everyone = everyone(connection, tenant_id, configuration).await?;
    let reach = bounds.rights.map(|rights| Reach::of(rights, &everyone.people));
    bounds.leave_visible(&mut everyone);
    Ok(Known {
        file,
        reach,
        org: members(&everyone, bounds.org)?,
        configuration,
        former: records::lookup::former_names(connection, tenant_id, listed)
            .await?
            .into_iter()
            .collect(),
        erased: ErasedNames::read(connection, tenant_id).await?,
        retired: records::lookup::retired(connection, tenant_id)
            .await?
            .into_iter()
            .map(|retired| (retired.name, retired.rowguid))
            .collect(),
        finality: Finality::read(connection, tenant_id).await?,
        records,
        people: everyone
            .people
            .into_iter()
            .map(|person| (person.rowguid, person))
            .collect(),
    })
}

/// Makes a fault of a cell.
fn fault_in(
    (file, line): (&str, u64),
    column: &str,
    value: &str,
    rule: Rule,
    message: impl Into<String>,
) -> Fault<Rule> {
    Fault::of_file(file, rule, message)
        .on_line(line)
        .in_column(column, value)
}
