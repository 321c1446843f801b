//! Taking over the usernames of a school that another server served: each exactly as it was, and final from then on.
//!
//! The file goes through two gates: `read` checks what it says by itself, `judge` holds it against the records. Both report every
//! fault, and only a file without any changes something.

mod cell;
mod judge;
mod read;
mod rule;

use oneroster_school::tenant::Configuration;
use serde_json::json;
use sqlx::{PgConnection, PgPool};

pub use read::is_export;
pub use rule::Rule;

use super::check_file::GivenFile;
use super::finality::{Finality, begin_edit_between_publications};
use super::{Author, Error, commit_edit, everyone};
use crate::accounts::records;
use crate::accounts::records::erased::ErasedNames;
pub use crate::accounts::records::takeover::TakenOver;
use crate::audit;
use crate::tabular::Faults;
use judge::{Known, judge};

/// The result of taking names over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Takeover {
    /// How many people the file lists.
    pub rows: usize,
    /// What is taken over, in the order of the file: rows that say what is here already are left out. None if there is a fault.
    pub taken: Vec<TakenOver>,
    /// Whether the file is not UTF-8, and was read as Windows-1252.
    pub is_windows_1252: bool,
    /// Everything that is wrong with it.
    pub faults: Faults<Rule>,
}

/// Takes over the names in an export of another server, a file that [`is_export`] recognises: each becomes exactly the person's username, counts as
/// served, and has the flag and the moment that it had there. All or nothing.
///
/// A name that was never served here gives way, also where names change hands among the people of the file; it is free afterwards. Whoever
/// waits for an answer is answered. The names of people who are not in Informat's data are kept from everybody else, and are theirs if they
/// come. Refused are, besides what no username can be: a name that somebody has who is not in the file, another name than a person was served
/// under here, and a domain that is not the tenant's.
pub async fn take_over(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    file: GivenFile,
    dry_run: bool,
) -> Result<Takeover, Error> {
    // Before anything is locked, and on a thread for blocking work.
    let reading = tokio::task::spawn_blocking(move || {
        let mut faults = Faults::default();
        let read = read::read(&file.name, &file.bytes, &mut faults);
        (read, faults, file.name)
    });
    let (read, mut faults, name) = reading.await.map_err(|_| Error::Interrupted)?;
    let (mut transaction, configuration) = begin_edit_between_publications(pool, tenant_id, by).await?;
    let known = known(&mut transaction, (tenant_id, &configuration), &name).await?;
    let mut taken = judge(&read.rows, &known, &mut faults);
    faults.sort_by_file(&[&name]);
    if !faults.is_empty() {
        taken.clear();
    }
    if !dry_run && !taken.is_empty() {
        records::takeover::take_over(&mut transaction, tenant_id, by.as_str(), &taken).await?;
        let unknown = taken.iter().filter(|one| !one.is_known).count();
        let detail = json!({ "people": taken.len(), "unknown": unknown });
        audit::note(&mut transaction, tenant_id, "usernames_taken_over", &detail).await?;
        commit_edit(transaction, tenant_id).await?;
        tracing::info!(tenant = tenant_id, people = taken.len(), "usernames taken over");
    }
    Ok(Takeover {
        rows: read.rows.len(),
        taken,
        is_windows_1252: read.is_windows_1252,
        faults,
    })
}

/// Reads what a file is held against.
async fn known<'a>(
    connection: &mut PgConnection,
    (tenant_id, configuration): (&'a str, &'a Configuration),
    file: &'a str,
) -> Result<Known<'a>, Error> {
    let everyone = everyone(connection, tenant_id, configuration).await?;
    Ok(Known {
        tenant_id,
        file,
        configuration,
        records: records::read(connection, tenant_id).await?,
        people: everyone
            .people
            .into_iter()
            .map(|person| (person.rowguid, person))
            .collect(),
        erased: ErasedNames::read(connection, tenant_id).await?,
        finality: Finality::read(connection, tenant_id).await?,
        now: records::now(connection).await?,
    })
}
