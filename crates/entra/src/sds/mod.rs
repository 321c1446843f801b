//! What School Data Sync says of a run: its error report row by row, and its counts (R143).
//!
//! Nobody promises the columns, so nothing depends on them: an id is an id in whatever cell it stands, a code is a word of the
//! form of Microsoft's codes, a count is a number beside a word that says of what.

mod code;
mod count;
mod document;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use oneroster_delimited::{Rows, separator_among, without_byte_order_mark};

pub use code::{Code, Remedy, Who, code_of};
pub use count::{Count, Counted};

use crate::decode::decode;
use crate::error::ReadError;

/// How large a report may be, in bytes. Microsoft stops at 15,000 rows.
pub const REPORT_BYTES_LIMIT: usize = 64 << 20;

/// How many characters of a row's own text are kept.
const TEXT_MAX: usize = 400;

/// How many counts are read; a run has some ten.
const COUNTS_MAX: usize = 200;

/// A row of an error report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    /// The line, or which object of the JSON, from 1.
    pub place: u64,
    /// The code as Microsoft writes it; `None` if there is none.
    pub code: Option<String>,
    /// Every id in it, in lower case.
    pub ids: Vec<String>,
    /// Its other cells, in their order.
    pub cells: Vec<String>,
}

impl ReportRow {
    /// Makes a row of cells; `None` if it says nothing.
    fn of(place: u64, cells: &[&str]) -> Option<Self> {
        let mut row = Self {
            place,
            code: code::find(cells),
            ids: Vec::new(),
            cells: Vec::new(),
        };
        let mut ids = BTreeSet::new();
        for cell in cells
            .iter()
            .map(|cell| cell.trim())
            .filter(|cell| !cell.is_empty())
        {
            let found = ids_in(cell);
            let is_id_alone = found
                .first()
                .is_some_and(|id| id.len() == cell.trim_matches(['{', '}']).len());
            row.ids
                .extend(found.into_iter().filter(|id| ids.insert(id.clone())));
            if !is_id_alone && row.code.as_deref() != Some(cell) {
                row.cells.push(cell.chars().take(TEXT_MAX).collect());
            }
        }
        (row.code.is_some() || !row.ids.is_empty()).then_some(row)
    }
}

/// What a file says of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunReport {
    /// Errors and warnings.
    pub rows: Vec<ReportRow>,
    /// Counts.
    pub counts: Vec<Count>,
    /// Rows of which nothing could be made: neither an id nor a code nor a count is in them, or it is one count too many.
    pub passed_over: u64,
}

impl RunReport {
    fn add_count(&mut self, count: Count) {
        if self.counts.len() < COUNTS_MAX {
            self.counts.push(count);
        } else {
            self.passed_over += 1;
        }
    }
}

/// Reads an error report or the counts of a run: delimited text, lines such as `Students: 812`, or JSON of Microsoft Graph.
pub fn read_run(bytes: &[u8]) -> Result<RunReport, ReadError> {
    if bytes.len() > REPORT_BYTES_LIMIT {
        return Err(ReadError::TooLarge);
    }
    let (text, _) = decode(without_byte_order_mark(bytes))?;
    match text.trim_start().bytes().next() {
        None => Err(ReadError::Empty),
        Some(b'{' | b'[') => document::read(&text),
        Some(_) => Ok(table(&text)),
    }
}

fn table(text: &str) -> RunReport {
    let mut report = RunReport::default();
    let mut rows = Rows::new(text, separator_among(text, [b',', b';', b'\t']));
    let mut cells = Vec::new();
    let mut is_first = true;
    while let Some((line, quotes)) = rows.next_row(&mut cells) {
        let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
        let is_header = std::mem::replace(&mut is_first, false)
            && ReportRow::of(line, &cells).is_none_or(|row| is_header(&row, &cells));
        if quotes.is_err() {
            report.passed_over += 1;
        } else if is_header && count::in_cells(&cells).is_none() {
        } else if let Some(row) = ReportRow::of(line, &cells) {
            report.rows.push(row);
        } else if let Some(count) = count::in_cells(&cells) {
            report.add_count(count);
        } else {
            report.passed_over += 1;
        }
    }
    report
}

/// Returns `true` for a first row whose only code is the name of a column, such as `ErrorCode`.
fn is_header(row: &ReportRow, cells: &[&str]) -> bool {
    row.ids.is_empty() && cells.iter().all(|cell| code_of(cell.trim()).is_none())
}

/// Finds every id in a text: 32 hexadecimal digits in five groups.
pub(crate) fn ids_in(text: &str) -> Vec<String> {
    const LENGTH: usize = 36;
    let mut ids = Vec::new();
    let mut rest = text;
    while rest.len() >= LENGTH {
        let is_id = rest.get(..LENGTH).is_some_and(is_id);
        let length = if is_id {
            LENGTH
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        if is_id {
            ids.extend(rest.get(..LENGTH).map(str::to_lowercase));
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    ids
}

fn is_id(text: &str) -> bool {
    text.bytes().enumerate().all(|(place, byte)| match place {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}
