//! Fills the files of a format, row by row, from a generation: what stands in which column.

pub(super) mod clever;
pub(super) mod oneroster_csv;
pub(super) mod sds_v1;
pub(super) mod sds_v2;

use std::collections::BTreeSet;

use sqlx::PgConnection;

use super::content::User;
use super::frame::Frame;
use super::note::{NoteRule, Notes};
use super::password::Passwords;
use super::sheet::{Filled, Sheet};
use super::table::Table;
use super::target::Target;
use super::{Error, Format};
use crate::roster::files::{Part, PersonRow};

/// What is at hand while files are filled.
pub(super) struct Work<'w> {
    /// In a transaction of the tenant's scope.
    pub(super) connection: &'w mut PgConnection,
    /// What is exported.
    pub(super) part: Part<'w>,
    /// Its orgs and sessions.
    pub(super) frame: &'w Frame,
    /// What stands in columns for passwords.
    pub(super) passwords: Option<&'w Passwords>,
    /// Where rows go.
    pub(super) target: Target,
    /// What is to be known of it.
    pub(super) notes: Notes,
    /// Is told of rows.
    pub(super) progress: &'w (dyn Fn(u64) + Sync),
    /// The files that were written, by name.
    pub(super) written: Vec<&'static str>,
    /// Sections that Clever does not take.
    pub(super) left_out: BTreeSet<String>,
    /// Whether any username has a domain.
    pub(super) has_domain: bool,
}

impl Work<'_> {
    /// Fills a file.
    pub(super) async fn fill(&mut self, format: Format, table: &'static Table) -> Result<Filled, Error> {
        self.target.begin_file(table)?;
        let filled = match format {
            Format::SdsV1 | Format::SdsV1Uk => sds_v1::fill(self, format, table).await,
            Format::SdsV21 => sds_v2::fill(self, table).await,
            Format::OneRosterCsv => oneroster_csv::fill(self, table).await,
            Format::Clever => clever::fill(self, table).await,
        }?;
        self.target.end_file(table, filled.rows)?;
        self.written.push(table.file);
        Ok(filled)
    }

    /// Ends the notes that only all files together tell.
    pub(super) fn conclude(&mut self) {
        if !self.has_domain {
            self.notes.remove(NoteRule::MixedDomains);
        }
        if let Some(passwords) = self.passwords {
            for id in passwords.unused() {
                self.notes.add(NoteRule::UnusedPassword, id);
            }
        }
    }
}

/// Returns the home org of a person among those that are exported; refuses one that is not.
fn home<'o>(
    frame: &Frame,
    sheet: &Sheet<'_, &mut Target>,
    row: &PersonRow,
    orgs: &[&'o str],
    column: &str,
) -> Result<&'o str, Error> {
    let home = orgs.first().copied().unwrap_or_default();
    if frame.has_org(home) {
        Ok(home)
    } else {
        Err(sheet.unresolved(&row.sourced_id, column, home))
    }
}

/// Notes what a row with one school does not say of a person.
fn note_schools(frame: &Frame, notes: &mut Notes, row: &PersonRow, user: &User<'_>) {
    if user.orgs.len() > 1 {
        notes.add(NoteRule::MoreSchools, &row.sourced_id);
    }
    note_home(frame, notes, row, user);
}

/// Notes of a person of an export of some schools that they stand in another export too, and whether their home is there.
fn note_home(frame: &Frame, notes: &mut Notes, row: &PersonRow, user: &User<'_>) {
    if user.orgs.iter().any(|org| !frame.has_org(&org.id)) {
        notes.add(NoteRule::InOtherExport, &row.sourced_id);
    }
    if user.orgs.first().is_some_and(|home| !frame.has_org(&home.id)) {
        notes.add(NoteRule::HomeElsewhere, &row.sourced_id);
    }
}
