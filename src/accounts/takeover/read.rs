//! Reads an export of another server: columns in any order, known by their names; a row with a fault is left out.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Rule;
use super::cell;
use crate::accounts::check_file::{BYTES_LIMIT, CORRECTION, FileFormat};
use crate::tabular::csv::{QuoteFault, Rows, separator};
use crate::tabular::formula::restore;
use crate::tabular::text::decode;
use crate::tabular::{Fault, Faults, WorkbookError, workbook};

/// The columns: what messages call each, and what it may be called, in lower-case letters and digits only.
const COLUMNS: [(&str, &[&str]); 5] = [
    (
        "id",
        &[
            "id",
            "rowguid",
            "personid",
            "persoonid",
            "sourcedid",
            "sisid",
            "guid",
        ],
    ),
    (
        "username",
        &[
            "username",
            "gebruikersnaam",
            "office365username",
            "accountnaam",
            "userprincipalname",
            "upn",
        ],
    ),
    ("domain", &["domain", "domein", "domeinnaam", "domainname"]),
    ("flag", &["flag", "sync", "syncflag", "vlag"]),
    (
        "created",
        &[
            "created",
            "createdat",
            "createdon",
            "aangemaakt",
            "aangemaaktop",
            "aanmaakdatum",
        ],
    ),
];

/// Without these a file is no export of another server.
const REQUIRED: [usize; 3] = [0, 1, 3];

/// What the columns are called in messages.
pub(super) const USERNAME: &str = "username";
pub(super) const DOMAIN: &str = "domain";
pub(super) const CREATED: &str = "created";

/// A name that was served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServedRow {
    /// The line, as an editor counts it.
    pub(super) line: u64,
    /// The person.
    pub(super) rowguid: Uuid,
    /// The part before the `@`, as it stands there.
    pub(super) local_part: String,
    /// The domain, from its column or after the `@`.
    pub(super) domain: Option<String>,
    /// The Sync flag.
    pub(super) sync: bool,
    /// When it was made there.
    pub(super) created_at: Option<DateTime<Utc>>,
}

/// What a file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) rows: Vec<ServedRow>,
    /// Whether it was read as Windows-1252.
    pub(super) is_windows_1252: bool,
}

/// Returns `true` if a file is an export of another server, by its header: it has columns for id, username and Sync flag, and not
/// the one that corrections stand in.
pub fn is_export(name: &str, bytes: &[u8]) -> bool {
    let mut header = None;
    let mut note = |cells: &[Cow<'_, str>]| {
        header.get_or_insert_with(|| has_required(&places(cells)) && !has_corrections(cells));
    };
    if bytes.len() > BYTES_LIMIT {
        return false;
    }
    match FileFormat::of_name(name) {
        FileFormat::Workbook => {
            // One that cannot be read is refused by whoever reads it.
            let _ = workbook::each_row(bytes, |_, cells| note(cells));
        }
        FileFormat::Csv => {
            if let Ok(decoded) = decode(bytes) {
                let mut rows = Rows::new(&decoded.text, separator(&decoded.text));
                let mut cells = Vec::new();
                if let Some((_, Ok(()))) = rows.next_row(&mut cells) {
                    note(&cells);
                }
            }
        }
    }
    header.unwrap_or(false)
}

/// Reads a file that [`is_export`] recognises.
pub(super) fn read(file: &str, bytes: &[u8], faults: &mut Faults<Rule>) -> Read {
    let mut reader = Reader {
        file,
        format: FileFormat::of_name(file),
        columns: None,
        lines_of: HashMap::new(),
        rows: Vec::new(),
        faults,
    };
    let is_windows_1252 = match reader.format {
        FileFormat::Csv => reader.csv(bytes),
        FileFormat::Workbook => {
            reader.workbook(bytes);
            false
        }
    };
    let rows = reader.rows;
    if rows.is_empty() && faults.is_empty() {
        faults.push(Fault::of_file(
            file,
            Rule::EmptyFile,
            "has no rows below its header",
        ));
    }
    Read {
        rows,
        is_windows_1252,
    }
}

/// Returns the name of a column in letters and digits only.
fn folded(cell: &str) -> String {
    let letters = cell.chars().filter(|character| character.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Returns `true` if a header has the column of a check file that corrections stand in: whatever else somebody added to it.
fn has_corrections(header: &[Cow<'_, str>]) -> bool {
    header.iter().any(|cell| folded(cell) == folded(CORRECTION))
}

/// Finds the places of the columns with each name, all of them.
fn places(header: &[Cow<'_, str>]) -> [Vec<usize>; 5] {
    let names: Vec<String> = header.iter().map(|cell| folded(cell)).collect();
    COLUMNS.map(|(_, known)| {
        let found = names
            .iter()
            .enumerate()
            .filter(|(_, name)| known.contains(&name.as_str()));
        found.map(|(place, _)| place).collect()
    })
}

fn has_required(places: &[Vec<usize>; 5]) -> bool {
    REQUIRED
        .iter()
        .all(|index| places.get(*index).is_some_and(|found| !found.is_empty()))
}

/// Where the columns are.
struct Columns {
    count: usize,
    places: [Option<usize>; 5],
}

/// Takes the rows of a file one after another.
struct Reader<'f> {
    file: &'f str,
    format: FileFormat,
    columns: Option<Columns>,
    lines_of: HashMap<Uuid, u64>,
    rows: Vec<ServedRow>,
    faults: &'f mut Faults<Rule>,
}

impl Reader<'_> {
    /// Reads text; returns whether it was Windows-1252.
    fn csv(&mut self, bytes: &[u8]) -> bool {
        let decoded = match decode(bytes) {
            Ok(decoded) => decoded,
            Err(message) => {
                self.faults
                    .push(Fault::of_file(self.file, Rule::NotText, message));
                return false;
            }
        };
        let mut rows = Rows::new(&decoded.text, separator(&decoded.text));
        let mut cells = Vec::new();
        while let Some((line, quotes)) = rows.next_row(&mut cells) {
            match quotes {
                Ok(()) => self.row(line, &cells),
                Err(fault) => self.quotes(line, fault),
            }
        }
        decoded.is_windows_1252
    }

    fn quotes(&mut self, line: u64, fault: QuoteFault) {
        self.faults
            .push(Fault::of_file(self.file, Rule::QuoteForm, fault.message()).on_line(line));
    }

    fn workbook(&mut self, bytes: &[u8]) {
        if let Err(error) = workbook::each_row(bytes, |line, cells| self.row(line, cells)) {
            let rule = if matches!(error, WorkbookError::TooLarge(_)) {
                Rule::TooLarge
            } else {
                Rule::WorkbookForm
            };
            let message = format!("{error}; save it as \"Excel workbook (.xlsx)\" or as \"CSV UTF-8\"");
            self.faults.push(Fault::of_file(self.file, rule, message));
        }
    }

    fn row(&mut self, line: u64, cells: &[Cow<'_, str>]) {
        let Some(columns) = &self.columns else {
            self.header(line, cells);
            return;
        };
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        if cells
            .iter()
            .skip(columns.count)
            .any(|cell| !cell.trim().is_empty())
        {
            let message = format!(
                "cells in the row: {}, in the header: {}",
                cells.len(),
                columns.count
            );
            self.faults
                .push(Fault::of_file(self.file, Rule::CellCount, message).on_line(line));
            return;
        }
        let texts = columns.places.map(|place| {
            let cell = place.and_then(|place| cells.get(place));
            cell.map_or("", |cell| match self.format {
                FileFormat::Csv => restore(cell.trim()).trim(),
                FileFormat::Workbook => cell.trim(),
            })
        });
        match self.served(line, texts) {
            Ok(row) => {
                if let Some(first) = self.lines_of.insert(row.rowguid, line) {
                    let message =
                        format!("this person is on line {first} already: leave one of the rows out");
                    let id = row.rowguid.to_string();
                    let fault = Fault::of_file(self.file, Rule::DuplicatePerson, message);
                    self.faults.push(fault.on_line(line).in_column("id", &id));
                }
                self.rows.push(row);
            }
            Err(fault) => self.faults.push(fault),
        }
    }

    fn header(&mut self, line: u64, cells: &[Cow<'_, str>]) {
        let places = places(cells);
        for ((column, _), found) in COLUMNS.iter().zip(&places) {
            if found.len() > 1 {
                let message =
                    "more than one column may be this: leave the others out, or give them another name";
                let fault = Fault::of_file(self.file, Rule::DuplicateColumn, message);
                self.faults.push(fault.on_line(line).in_column(column, ""));
            }
        }
        self.columns = Some(Columns {
            count: cells.len(),
            places: places.map(|found| found.first().copied()),
        });
    }

    fn served(&self, line: u64, texts: [&str; 5]) -> Result<ServedRow, Fault<Rule>> {
        let [id, username, domain, flag, created] = texts;
        let fault = |column: &str, value: &str, rule, message: String| {
            Fault::of_file(self.file, rule, message)
                .on_line(line)
                .in_column(column, value)
        };
        let rowguid = Uuid::parse_str(id).map_err(|_| {
            let message = "is no id of a person: Informat's id of the person (rowguid), 32 hexadecimal digits with dashes";
            fault("id", id, Rule::IdForm, message.to_owned())
        })?;
        let (local_part, after) = match username.split_once('@') {
            Some((local_part, after)) => (local_part, Some(after)),
            None => (username, None),
        };
        let domain = Some(domain).filter(|domain| !domain.is_empty());
        if let (Some(domain), Some(after)) = (domain, after)
            && !domain.eq_ignore_ascii_case(after)
        {
            let message = format!(
                "the username has another domain, {after:?}: they must be the same, or one of them empty"
            );
            return Err(fault(DOMAIN, domain, Rule::DomainForm, message));
        }
        let sync = cell::flag(flag).ok_or_else(|| {
            let message = "is no Sync flag: on, off, true, false, ja, nee, 1 or 0";
            fault("flag", flag, Rule::FlagForm, message.to_owned())
        })?;
        let created_at = Some(created).filter(|created| !created.is_empty());
        let created_at = created_at.map(|created| {
            cell::moment(created).ok_or_else(|| {
                let message = "is no moment: 2025-09-01T08:30:00+02:00, 01/09/2025 08:30 or 01/09/2025; or leave it empty";
                fault(CREATED, created, Rule::CreatedForm, message.to_owned())
            })
        });
        Ok(ServedRow {
            line,
            rowguid,
            local_part: local_part.to_owned(),
            domain: domain.or(after).map(str::to_owned),
            sync,
            created_at: created_at.transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_told_from_a_check_file_by_its_header() {
        for (header, expected) in [
            ("ID;Gebruikersnaam;Sync?", true),
            ("\u{feff}\"Sync\",\"rowguid\",\"User Name\"", true),
            ("ID;Office365 username;Sync", true),
            (
                "ID;Office365 username;Verbeter hier de username indien nodig;Sync",
                false,
            ),
            ("ID;Office365 username", false),
            ("id;sync", false),
            ("", false),
        ] {
            assert_eq!(is_export("x.csv", header.as_bytes()), expected, "{header}");
        }
        assert!(!is_export("x.xlsx", b"ID;Gebruikersnaam;Sync?"));
    }
}
