//! Delimited text in rows that know their own bytes, so that a file without some of them is the same file otherwise.

use std::ops::Range;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use oneroster_delimited::{Rows, separator_among};

use crate::decode::encoding_of;
use crate::error::ReadError;

/// How large a file may be, in bytes: a row has some 300.
pub const USAGE_BYTES_LIMIT: usize = 64 << 20;

/// A file of rows cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// It is larger than is read.
    #[error("{0} bytes are too many: at most {USAGE_BYTES_LIMIT}")]
    TooLarge(usize),
    /// It is no text, or damaged.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It cannot be written again as it is.
    #[error("the text is damaged: it is none that {0} can have; download it again and change nothing in it")]
    Damaged(&'static str),
    /// A row cannot be split.
    #[error("line {line}: {message}")]
    Quotes {
        /// The line.
        line: u64,
        /// What is wrong.
        message: &'static str,
    },
}

/// A row below the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetRow {
    /// The line it begins on.
    pub line: u64,
    /// Its cells, without blanks around them.
    pub cells: Vec<String>,
    /// Where it stands in the text.
    place: Range<usize>,
}

/// A file of rows.
#[derive(Debug, Clone)]
pub struct Sheet {
    text: String,
    encoding: &'static Encoding,
    byte_order_mark: Vec<u8>,
    header: SheetRow,
    rows: Vec<SheetRow>,
}

impl Sheet {
    /// Reads a file: UTF-8, UTF-16 with or without a byte order mark, or Windows-1252; cells apart by `,`, `;` or a tab. Its first
    /// row is the header. Refuses quotes that do not end, and text that could not be written again byte for byte.
    pub fn read(bytes: &[u8]) -> Result<Self, SheetError> {
        if bytes.len() > USAGE_BYTES_LIMIT {
            return Err(SheetError::TooLarge(bytes.len()));
        }
        let (encoding, _) = encoding_of(bytes)?;
        let mark_length = Encoding::for_bom(bytes).map_or(0, |(_, length)| length);
        let (mark, body) = bytes.split_at_checked(mark_length).unwrap_or((&[], bytes));
        let (text, _) = encoding.decode_without_bom_handling(body);
        if text.contains('\0') {
            return Err(ReadError::NotText.into());
        }
        if encoded(encoding, &text) != body {
            return Err(SheetError::Damaged(encoding.name()));
        }
        let mut rows = rows(&text)?.into_iter();
        let header = rows.next().ok_or(ReadError::Empty)?;
        Ok(Self {
            rows: rows.collect(),
            header,
            encoding,
            byte_order_mark: mark.to_vec(),
            text: text.into_owned(),
        })
    }

    /// Returns the header.
    pub const fn header(&self) -> &SheetRow {
        &self.header
    }

    /// Returns the rows below it.
    pub fn rows(&self) -> &[SheetRow] {
        &self.rows
    }

    /// Returns the file with its header and these rows only, every byte of them as it was.
    pub fn with_rows<'s>(&'s self, rows: impl IntoIterator<Item = &'s SheetRow>) -> Vec<u8> {
        let kept = std::iter::once(&self.header).chain(rows);
        let text: String = kept.filter_map(|row| self.text.get(row.place.clone())).collect();
        let mut bytes = self.byte_order_mark.clone();
        bytes.extend(encoded(self.encoding, &text));
        bytes
    }
}

fn rows(text: &str) -> Result<Vec<SheetRow>, SheetError> {
    let mut reading = Rows::new(text, separator_among(text, [b',', b';', b'\t']));
    let (mut cells, mut rows, mut begin) = (Vec::new(), Vec::new(), 0);
    while let Some((line, quotes)) = reading.next_row(&mut cells) {
        let end = text.len() - reading.unread().len();
        quotes.map_err(|fault| SheetError::Quotes {
            line,
            message: fault.message(),
        })?;
        rows.push(SheetRow {
            line,
            cells: cells.iter().map(|cell| cell.trim().to_owned()).collect(),
            place: begin..end,
        });
        begin = end;
    }
    Ok(rows)
}

/// Writes a text in an encoding that a file was read in.
fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    if encoding == UTF_16LE {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    } else if encoding == UTF_16BE {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    } else {
        encoding.encode(text).0.into_owned()
    }
}
