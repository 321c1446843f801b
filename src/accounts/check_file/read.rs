//! Reads a check file as a spreadsheet may have saved it, and reports everything that is wrong with it by itself.

use std::borrow::Cow;
use std::collections::HashMap;

use uuid::Uuid;

use super::row::{CheckRow, Remark, RemarkKind};
use super::{BYTES_LIMIT, FileFormat, HEADER, Rule, fault_in};
use crate::tabular::csv::{QuoteFault, Rows, separator};
use crate::tabular::formula::restore;
use crate::tabular::text::{READ_AS_WINDOWS_1252, decode};
use crate::tabular::{Fault, Faults, WorkbookError, workbook};

/// What a cell of the header may be missing from without harm.
const REQUIRED: [usize; 2] = [0, 2];

/// What a file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) rows: Vec<CheckRow>,
    pub(super) remark: Option<Remark>,
}

/// Reads a file. A row with a fault is left out.
pub(super) fn read(file: &str, bytes: &[u8], format: FileFormat, faults: &mut Faults<Rule>) -> Read {
    if bytes.len() > BYTES_LIMIT {
        let message = format!("{} bytes are too many: at most {BYTES_LIMIT}", bytes.len());
        faults.push(Fault::of_file(file, Rule::TooLarge, message));
        return Read::default();
    }
    let mut reader = Reader {
        file,
        format,
        columns: Header::Missing,
        lines_of: HashMap::new(),
        rows: Vec::new(),
        faults,
    };
    let remark = match format {
        FileFormat::Csv => reader.csv(bytes),
        FileFormat::Workbook => {
            reader.workbook(bytes);
            None
        }
    };
    Read {
        rows: reader.rows,
        remark,
    }
}

/// What is known of the columns.
enum Header {
    /// There was no row yet.
    Missing,
    /// It cannot be used: the rows are not read.
    Refused,
    Found(Columns),
}

/// Takes the rows of a file one after another.
struct Reader<'f> {
    file: &'f str,
    format: FileFormat,
    columns: Header,
    lines_of: HashMap<Uuid, u64>,
    rows: Vec<CheckRow>,
    faults: &'f mut Faults<Rule>,
}

impl Reader<'_> {
    fn csv(&mut self, bytes: &[u8]) -> Option<Remark> {
        let decoded = match decode(bytes) {
            Ok(decoded) => decoded,
            Err(message) => {
                self.faults
                    .push(Fault::of_file(self.file, Rule::NotText, message));
                return None;
            }
        };
        let mut rows = Rows::new(&decoded.text, separator(&decoded.text));
        let mut cells = Vec::new();
        while let Some((line, quotes)) = rows.next_row(&mut cells) {
            match quotes {
                Ok(()) => self.row(line, &cells),
                Err(fault) => {
                    self.faults.push(quote_fault(self.file, line, fault));
                    if matches!(self.columns, Header::Missing) {
                        self.columns = Header::Refused;
                    }
                }
            }
            if matches!(self.columns, Header::Refused) {
                break;
            }
        }
        self.end();
        decoded.is_windows_1252.then(|| Remark {
            line: None,
            sourced_id: None,
            message: READ_AS_WINDOWS_1252.to_owned(),
            kind: RemarkKind::NotUtf8,
        })
    }

    fn workbook(&mut self, bytes: &[u8]) {
        match workbook::each_row(bytes, |line, cells| self.row(line, cells)) {
            Ok(()) => self.end(),
            Err(error) => {
                let rule = if matches!(error, WorkbookError::TooLarge(_)) {
                    Rule::TooLarge
                } else {
                    Rule::WorkbookForm
                };
                let message = format!("{error}; save it as \"Excel workbook (.xlsx)\" or as \"CSV UTF-8\"");
                self.faults.push(Fault::of_file(self.file, rule, message));
            }
        }
    }

    fn end(&mut self) {
        if matches!(self.columns, Header::Missing) {
            self.faults
                .push(Fault::of_file(self.file, Rule::EmptyFile, "has no header"));
        }
    }

    fn row(&mut self, line: u64, cells: &[Cow<'_, str>]) {
        let at = (self.file, line);
        let row = match &self.columns {
            Header::Missing => {
                self.columns = match columns(self.file, line, cells, self.faults) {
                    Some(columns) => Header::Found(columns),
                    None => Header::Refused,
                };
                return;
            }
            Header::Refused => return,
            Header::Found(columns) => columns.row(at, cells, self.format),
        };
        match row {
            Ok(None) => {}
            Ok(Some(row)) => {
                if let Some(first) = self.lines_of.insert(row.rowguid, line) {
                    let message = format!("this person is on line {first} already");
                    let id = row.rowguid.to_string();
                    self.faults
                        .push(fault_in(at, HEADER[0], &id, Rule::DuplicatePerson, message));
                }
                self.rows.push(row);
            }
            Err(fault) => self.faults.push(fault),
        }
    }
}

/// Where the columns are.
struct Columns {
    count: usize,
    places: [Option<usize>; 6],
}

/// Finds the columns, in any order and case; others are ignored.
fn columns(file: &str, line: u64, cells: &[Cow<'_, str>], faults: &mut Faults<Rule>) -> Option<Columns> {
    let names: Vec<String> = cells.iter().map(|cell| cell.trim().to_lowercase()).collect();
    let mut sound = true;
    let mut places = [None; 6];
    for (index, (column, place)) in HEADER.iter().zip(&mut places).enumerate() {
        let wanted = column.to_lowercase();
        let mut found = names.iter().enumerate().filter(|(_, name)| **name == wanted);
        *place = found.next().map(|(place, _)| place);
        let fault = if found.next().is_some() {
            Some((
                Rule::DuplicateColumn,
                "the header names this column twice".to_owned(),
            ))
        } else if place.is_none() && REQUIRED.contains(&index) {
            let message = format!("the header has no column {column:?}; its columns are separated by ; or ,");
            Some((Rule::MissingColumn, message))
        } else {
            None
        };
        if let Some((rule, message)) = fault {
            sound = false;
            faults.push(Fault {
                column: Some((*column).to_owned()),
                ..Fault::of_file(file, rule, message).on_line(line)
            });
        }
    }
    let count = names.len();
    sound.then_some(Columns { count, places })
}

impl Columns {
    /// Reads a row; `None` for an empty one.
    fn row(
        &self,
        at: (&str, u64),
        cells: &[Cow<'_, str>],
        format: FileFormat,
    ) -> Result<Option<CheckRow>, Fault<Rule>> {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(None);
        }
        // Spreadsheets leave off empty cells at the end of a row, so too few are no fault; too many are shifted ones.
        if cells.iter().skip(self.count).any(|cell| !cell.trim().is_empty()) {
            let message = format!("cells in the row: {}, in the header: {}", cells.len(), self.count);
            return Err(Fault::of_file(at.0, Rule::CellCount, message).on_line(at.1));
        }
        let [id, before, wanted, given_name, family_name, birth_date] = self.places.map(|place| {
            let cell = place.and_then(|place| cells.get(place));
            // In a workbook a text is a text, and nothing was added to it.
            cell.map_or("", |cell| match format {
                FileFormat::Csv => restore(cell.trim()).trim(),
                FileFormat::Workbook => cell.trim(),
            })
        });
        let rowguid = Uuid::parse_str(id).map_err(|_| {
            let message = "is no id of a person: 32 hexadecimal digits with dashes, as the file was written";
            fault_in(at, HEADER[0], id, Rule::IdForm, message)
        })?;
        Ok(Some(CheckRow {
            line: at.1,
            rowguid,
            before: before.to_owned(),
            wanted: wanted.to_owned(),
            given_name: given_name.to_owned(),
            family_name: family_name.to_owned(),
            birth_date: birth_date.to_owned(),
        }))
    }
}

fn quote_fault(file: &str, line: u64, fault: QuoteFault) -> Fault<Rule> {
    Fault::of_file(file, Rule::QuoteForm, fault.message()).on_line(line)
}
