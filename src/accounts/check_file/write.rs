//! Writes the check file as a spreadsheet wants it: as text with byte order mark, `;` and Windows line ends, or as a workbook.

use std::collections::HashMap;
use std::iter;

use oneroster_school::projection::Person;
use oneroster_school::username::Record;
use uuid::Uuid;

use super::{CheckFile, FileFormat, HEADER, RowNote};
use crate::accounts::list::folded;
use crate::tabular::workbook::{self, Column};
use crate::tabular::{WorkbookError, sheet};

/// What the sheet of a workbook is called.
const SHEET: &str = "Gebruikersnamen";

/// How wide its columns are, in characters.
const WIDTHS: [f64; 6] = [38.0, 36.0, 40.0, 18.0, 24.0, 14.0];

/// What stands above the notes: names of ours, which reading the file back passes over.
const NOTE_HEADER: [&str; 2] = ["Microsoft 365", "Microsoft 365 accounts"];

/// How wide their columns are.
const NOTE_WIDTHS: [f64; 2] = [16.0, 80.0];

/// Writes everyone with a record who is published now or in the future, by family name, given name and id. With notes, the third
/// column has their corrections, and two more columns what they say.
pub(super) fn write(
    people: &[Person],
    records: &HashMap<Uuid, Record>,
    format: FileFormat,
    notes: Option<&HashMap<Uuid, RowNote>>,
) -> Result<CheckFile, WorkbookError> {
    let mut listed: Vec<(&Person, String)> = people
        .iter()
        .filter_map(|person| {
            let record = records.get(&person.rowguid)?;
            let sent = person.published_as.as_ref()?.naming.username(record);
            // Without a domain nobody is published, but the name is as much in need of a check.
            Some((person, sent.unwrap_or_else(|| record.name().to_string())))
        })
        .collect();
    listed.sort_by_cached_key(|(person, _)| {
        let folded = |part: &Option<String>| folded(part.as_deref().unwrap_or_default());
        (
            folded(&person.family_name),
            folded(&person.given_name),
            person.rowguid,
        )
    });
    let rows = listed.iter().map(|(person, username)| {
        let born = person.birth_date.map(|day| day.format("%d/%m/%Y").to_string());
        let note = notes.map(|notes| notes.get(&person.rowguid).cloned().unwrap_or_default());
        let mut row = vec![
            person.rowguid.to_string(),
            username.clone(),
            note.as_ref()
                .map_or_else(String::new, |note| note.correction.clone()),
            person.given_name.clone().unwrap_or_default(),
            person.family_name.clone().unwrap_or_default(),
            born.unwrap_or_default(),
        ];
        row.extend(note.into_iter().flat_map(|note| [note.verdict, note.accounts]));
        row
    });
    let columns = columns(notes.is_some());
    let bytes = match format {
        FileFormat::Csv => {
            let header = columns.iter().map(|column| column.name.to_owned()).collect();
            sheet(iter::once(header).chain(rows)).into_bytes()
        }
        FileFormat::Workbook => workbook::write(SHEET, &columns, rows)?,
    };
    Ok(CheckFile {
        bytes,
        people: listed.len(),
    })
}

/// The columns, as wide as what mostly stands in them.
fn columns(has_notes: bool) -> Vec<Column<'static>> {
    let notes = NOTE_HEADER.into_iter().zip(NOTE_WIDTHS).filter(|_| has_notes);
    let columns = HEADER.into_iter().zip(WIDTHS).chain(notes);
    columns.map(|(name, width)| Column { name, width }).collect()
}
