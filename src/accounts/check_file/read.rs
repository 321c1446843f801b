//! Reads a check file as a spreadsheet may have saved it, and reports everything that is wrong with it by itself.

use std::borrow::Cow;
use std::collections::HashMap;

use uuid::Uuid;

use super::row::{CheckRow, Remark, RemarkKind};
use super::{BYTES_LIMIT, FileFormat, HEADER, Rule, fault_in};
use crate::tabular::csv::{QuoteFault, Rows, separator, without_byte_order_mark};
use crate::tabular::formula::restore;
use crate::tabular::{Fault, Faults, WorkbookError, workbook};

/// What Windows-1252 has at 0x80 to 0x9F; U+FFFD = nothing.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}',
    '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
];

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
        let (text, remark) = match decode(self.file, bytes) {
            Ok(decoded) => decoded,
            Err(fault) => {
                self.faults.push(fault);
                return None;
            }
        };
        let mut rows = Rows::new(&text, separator(&text));
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
        remark
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

/// Turns bytes into text: UTF-8, or Windows-1252, in which spreadsheets save where nobody asks for UTF-8.
fn decode<'b>(file: &str, bytes: &'b [u8]) -> Result<(Cow<'b, str>, Option<Remark>), Fault<Rule>> {
    let no_text = |what: &str| {
        let message = format!("{what}; save it as \"CSV UTF-8\"");
        Err(Fault::of_file(file, Rule::NotText, message))
    };
    if bytes.starts_with(b"PK\x03\x04") {
        let message = "this is a workbook, no CSV file: give it a name that ends with .xlsx, or save it as \"CSV UTF-8\"";
        return Err(Fault::of_file(file, Rule::NotText, message));
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return no_text("this is an old workbook (.xls), no CSV file");
    }
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return no_text("this is UTF-16");
    }
    if bytes.contains(&0) {
        return no_text("this is no text: it holds zero bytes");
    }
    let bytes = without_byte_order_mark(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok((Cow::Borrowed(text), None));
    }
    let text: String = bytes.iter().map(|byte| windows_1252(*byte)).collect();
    if text.contains('\u{fffd}') {
        return no_text("this is neither UTF-8 nor Windows-1252");
    }
    let message = "is not UTF-8; it was read as Windows-1252".to_owned();
    let remark = Remark {
        line: None,
        sourced_id: None,
        message,
        kind: RemarkKind::NotUtf8,
    };
    Ok((Cow::Owned(text), Some(remark)))
}

fn windows_1252(byte: u8) -> char {
    let special = byte
        .checked_sub(0x80)
        .and_then(|place| WINDOWS_1252.get(usize::from(place)));
    special.copied().unwrap_or(char::from(byte))
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
