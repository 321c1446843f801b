//! Excel workbooks (`.xlsx`): a sheet of texts is written, the first sheet is read row by row.
//!
//! What is read may come from anybody: before anything is parsed, the parts are unpacked once and counted, so that no small
//! file becomes a large one, and rows are handed on one at a time.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx};
use rust_xlsxwriter::{Format, Workbook};
use zip::ZipArchive;

/// How much of a workbook is read at most.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// How many parts it may have.
    parts: usize,
    /// How large its parts may be together, unpacked, in bytes.
    unpacked: u64,
    /// How many elements of XML they may hold: each may cost some memory, however short it is. A row of a check file has
    /// some 50.
    elements: u64,
    /// How many bytes of text the cells may hold: one text may stand in many cells.
    text: usize,
}

const LIMITS: Limits = Limits {
    parts: 1000,
    unpacked: 128 << 20,
    elements: 10_000_000,
    text: 64 << 20,
};

/// How many columns are read; the others are ignored.
const COLUMNS_LIMIT: usize = 64;

/// The numbers that stand for dates, up to 31 December 9999.
const DATES: std::ops::Range<f64> = 0.0..2_958_466.0;

/// What an old workbook begins with, and one that is protected by a password.
const OLD_FORMAT: &[u8] = b"\xD0\xCF\x11\xE0";

/// The built-in format of texts, `@`.
const TEXT_FORMAT: u8 = 49;

/// From here on a spreadsheet shows a whole number with an exponent.
const LONG_NUMBER: f64 = 1e11;

/// A workbook cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    /// It is something else.
    #[error("this is no Excel workbook (.xlsx)")]
    NotAWorkbook,
    /// It is in the format before `.xlsx`, or encrypted.
    #[error("this is an old workbook (.xls), or one that is protected by a password")]
    OldOrProtected,
    /// It breaks off, or its parts do not fit together.
    #[error("the workbook is damaged")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It is more than is read.
    #[error("the workbook is too large: more than {0}")]
    TooLarge(&'static str),
    /// It could not be made.
    #[error("cannot write the workbook")]
    Write(#[source] Box<rust_xlsxwriter::XlsxError>),
}

impl From<rust_xlsxwriter::XlsxError> for WorkbookError {
    fn from(error: rust_xlsxwriter::XlsxError) -> Self {
        Self::Write(Box::new(error))
    }
}

/// A column to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column<'n> {
    /// What stands above it.
    pub(crate) name: &'n str,
    /// How wide it is, in characters.
    pub(crate) width: f64,
}

/// Writes a sheet whose cells are all texts, the empty ones too: what is typed into them stays as it is typed.
pub(crate) fn write<R: AsRef<[String]>>(
    sheet: &str,
    columns: &[Column<'_>],
    rows: impl Iterator<Item = R>,
) -> Result<Vec<u8>, WorkbookError> {
    let mut workbook = Workbook::new();
    let text = Format::new().set_num_format_index(TEXT_FORMAT);
    let heading = Format::new().set_num_format_index(TEXT_FORMAT).set_bold();
    let page = workbook.add_worksheet();
    page.set_name(sheet)?;
    page.set_freeze_panes(1, 0)?;
    for (place, column) in (0..).zip(columns) {
        page.set_column_width(place, column.width)?;
        page.set_column_format(place, &text)?;
        page.write_string_with_format(0, place, column.name, &heading)?;
    }
    for (line, row) in (1..).zip(rows) {
        for (place, cell) in (0..).zip(row.as_ref()) {
            if cell.is_empty() {
                page.write_blank(line, place, &text)?;
            } else {
                page.write_string_with_format(line, place, cell, &text)?;
            }
        }
    }
    Ok(workbook.save_to_buffer()?)
}

/// Reads the first visible sheet and hands on each row with its number, as the spreadsheet counts. Empty rows may be left out.
///
/// Every cell becomes the text that it shows, as far as that decides anything: dates as `dd/mm/yyyy`, long numbers with an
/// exponent, errors as `#REF!`.
pub(crate) fn each_row(bytes: &[u8], take: impl FnMut(u64, &[Cow<'_, str>])) -> Result<(), WorkbookError> {
    each_row_within(bytes, &LIMITS, take)
}

fn each_row_within(
    bytes: &[u8],
    limits: &Limits,
    take: impl FnMut(u64, &[Cow<'_, str>]),
) -> Result<(), WorkbookError> {
    if bytes.starts_with(OLD_FORMAT) {
        return Err(WorkbookError::OldOrProtected);
    }
    check_size(bytes, limits)?;
    // The parser panics at some workbooks that no spreadsheet makes. What was taken until then is not used: this is an error.
    let parsed = catch_unwind(AssertUnwindSafe(|| parse(bytes, limits, take)));
    parsed.unwrap_or_else(|_| Err(damaged("its parts contradict each other")))
}

fn parse(
    bytes: &[u8],
    limits: &Limits,
    mut take: impl FnMut(u64, &[Cow<'_, str>]),
) -> Result<(), WorkbookError> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let sheets = workbook.sheets_metadata().iter();
    let mut sheets =
        sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible);
    let Some(name) = sheets.next().map(|sheet| sheet.name.clone()) else {
        return Err(WorkbookError::NotAWorkbook);
    };
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(damaged)?;
    let (mut row, mut line) = (Vec::new(), None);
    let mut text_bytes = 0;
    while let Some(cell) = cells.next_cell().map_err(damaged)? {
        let (number, column) = cell.get_position();
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= COLUMNS_LIMIT {
            continue;
        }
        if let Some(before) = line.replace(number).filter(|before| *before != number) {
            take(u64::from(before) + 1, &row);
            row.clear();
        }
        let text = shown(cell.get_value());
        text_bytes += text.len();
        if text_bytes > limits.text {
            return Err(WorkbookError::TooLarge("64 MiB of text"));
        }
        if row.len() <= column {
            row.resize(column + 1, Cow::Borrowed(""));
        }
        if let Some(place) = row.get_mut(column) {
            *place = text;
        }
    }
    if let Some(last) = line {
        take(u64::from(last) + 1, &row);
    }
    Ok(())
}

/// Unpacks every part once, into nothing.
fn check_size(bytes: &[u8], limits: &Limits) -> Result<(), WorkbookError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| WorkbookError::NotAWorkbook)?;
    if archive.len() > limits.parts {
        return Err(WorkbookError::TooLarge("1,000 parts"));
    }
    let (mut unpacked, mut elements) = (0, 0);
    let mut buffer = vec![0; 64 << 10];
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(damaged)?;
        loop {
            let length = part.read(&mut buffer).map_err(damaged)?;
            let read = buffer.get(..length).unwrap_or_default();
            if read.is_empty() {
                break;
            }
            unpacked += read.len() as u64;
            elements += memchr::memchr_iter(b'<', read).count() as u64;
            if unpacked > limits.unpacked {
                return Err(WorkbookError::TooLarge("128 MiB, unpacked"));
            }
            if elements > limits.elements {
                return Err(WorkbookError::TooLarge("ten million elements, some 200,000 rows"));
            }
        }
    }
    Ok(())
}

fn damaged(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> WorkbookError {
    WorkbookError::Damaged(error.into())
}

fn shown<'a>(value: &DataRef<'a>) -> Cow<'a, str> {
    match value {
        DataRef::Empty => Cow::Borrowed(""),
        DataRef::SharedString(text) => Cow::Borrowed(*text),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Cow::Owned(text.clone())
        }
        DataRef::Int(number) => Cow::Owned(number.to_string()),
        DataRef::Float(number) => Cow::Owned(shown_number(*number)),
        DataRef::Bool(true) => Cow::Borrowed("TRUE"),
        DataRef::Bool(false) => Cow::Borrowed("FALSE"),
        DataRef::Error(error) => Cow::Owned(error.to_string()),
        // A day that the calendar of a spreadsheet does not have.
        DataRef::DateTime(moment) if !DATES.contains(&moment.as_f64()) => {
            Cow::Owned(shown_number(moment.as_f64()))
        }
        DataRef::DateTime(moment) => {
            let (year, month, day, hour, minute, ..) = moment.to_ymd_hms_milli();
            // Less than a day is a time of the day.
            Cow::Owned(if moment.is_duration() || moment.as_f64() < 1.0 {
                format!("{hour:02}:{minute:02}")
            } else {
                format!("{day:02}/{month:02}/{year}")
            })
        }
    }
}

fn shown_number(number: f64) -> String {
    if number.abs() >= LONG_NUMBER {
        format!("{number:E}").replace('E', "E+")
    } else {
        number.to_string()
    }
}
