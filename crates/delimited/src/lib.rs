//! Splits CSV text into rows and cells (RFC 4180), strictly, and knows the line of every row as an editor shows it.
//!
//! Not the `csv` crate: that one reads past a quote that is never closed, taking every row after it along, and is
//! a line off after Windows line ends and empty lines. Here the first is a fault, and faults point at lines.

use std::borrow::Cow;

/// Tells a spreadsheet that a text is UTF-8, so that accents show. Files may begin with it.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Returns the bytes of a file without the byte order mark that they may begin with.
pub fn without_byte_order_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK.as_bytes()).unwrap_or(bytes)
}

/// What is wrong with the quotes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuoteFault {
    /// A quote is opened and never closed: nothing after it can be split into rows.
    NeverClosed,
    /// Text follows a closing quote.
    TextAfter,
}

impl QuoteFault {
    /// Returns what is wrong, in words.
    pub const fn message(self) -> &'static str {
        match self {
            Self::NeverClosed => "a quote opened in this row is never closed; nothing after it could be read",
            Self::TextAfter => "text follows a closing quote; a quote inside a quoted cell is written twice",
        }
    }
}

/// The rows of a text, one after another. Lines end with `\n`, `\r\n` or `\r`; empty ones are skipped.
#[derive(Debug, Clone)]
pub struct Rows<'t> {
    rest: &'t str,
    separator: u8,
    line: u64,
    cells_max: usize,
    cell_count: usize,
}

/// How many cells of a header are kept: no file that is read has as many columns.
const HEADER_CELLS_MAX: usize = 1000;

/// How a cell ended.
enum End {
    Separator,
    Line,
}

impl<'t> Rows<'t> {
    /// Starts at the first line.
    pub const fn new(text: &'t str, separator: u8) -> Self {
        Self {
            rest: text,
            separator,
            line: 1,
            cells_max: HEADER_CELLS_MAX,
            cell_count: 0,
        }
    }

    /// From now on keeps no more cells of a row than this. Further ones are only counted: a line may be nothing but separators.
    pub const fn keep_cells(&mut self, cells_max: usize) {
        self.cells_max = cells_max;
    }

    /// Returns how many cells the row that was read last has, those that were not kept included.
    pub const fn cell_count(&self) -> usize {
        self.cell_count
    }

    /// Returns the line on which the next row would start.
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// Returns the text that was not read yet: what was read before it is the row that came last, with its line end and the empty
    /// lines before it.
    pub const fn unread(&self) -> &'t str {
        self.rest
    }

    /// Reads the next row into `cells` and returns the line it starts on, or what is wrong with its quotes.
    pub fn next_row(&mut self, cells: &mut Vec<Cow<'t, str>>) -> Option<(u64, Result<(), QuoteFault>)> {
        cells.clear();
        self.cell_count = 0;
        while self.end_line() {}
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line;
        loop {
            let cell = if self.rest.starts_with('"') {
                self.quoted()
            } else {
                Ok(self.bare())
            };
            match cell {
                Err(fault) => return Some((line, Err(fault))),
                Ok((cell, end)) => {
                    self.cell_count += 1;
                    if cells.len() < self.cells_max {
                        cells.push(cell);
                    }
                    if matches!(end, End::Line) {
                        return Some((line, Ok(())));
                    }
                }
            }
        }
    }

    /// Takes one line end, if one is next.
    fn end_line(&mut self) -> bool {
        let rest = self
            .rest
            .strip_prefix("\r\n")
            .or_else(|| self.rest.strip_prefix(['\n', '\r']));
        if let Some(rest) = rest {
            self.rest = rest;
            self.line += 1;
        }
        rest.is_some()
    }

    /// Takes `length` bytes; the caller found an ASCII byte there.
    fn take(&mut self, length: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// Takes the separator or line end that closes a cell.
    fn end_cell(&mut self) -> End {
        if self.rest.as_bytes().first() == Some(&self.separator) {
            self.take(1);
            return End::Separator;
        }
        self.end_line();
        End::Line
    }

    fn bare(&mut self) -> (Cow<'t, str>, End) {
        let ends = |byte: &u8| *byte == self.separator || matches!(byte, b'\n' | b'\r');
        let length = self
            .rest
            .as_bytes()
            .iter()
            .position(ends)
            .unwrap_or(self.rest.len());
        let cell = self.take(length);
        (Cow::Borrowed(cell), self.end_cell())
    }

    fn quoted(&mut self) -> Result<(Cow<'t, str>, End), QuoteFault> {
        self.take(1);
        let mut cell = Cow::Borrowed("");
        loop {
            let Some(length) = self.rest.as_bytes().iter().position(|byte| *byte == b'"') else {
                self.rest = "";
                return Err(QuoteFault::NeverClosed);
            };
            let part = self.take(length);
            self.line += line_ends(part);
            if cell.is_empty() {
                cell = Cow::Borrowed(part);
            } else {
                cell.to_mut().push_str(part);
            }
            self.take(1);
            if !self.rest.starts_with('"') {
                break;
            }
            self.take(1);
            cell.to_mut().push('"');
        }
        let spaces = self.rest.len() - self.rest.trim_start_matches(' ').len();
        self.take(spaces);
        let first = self.rest.as_bytes().first();
        if first.is_none_or(|byte| *byte == self.separator || matches!(byte, b'\n' | b'\r')) {
            return Ok((cell, self.end_cell()));
        }
        // The rest of the line is lost with this row; the next line is a row again.
        let length = self
            .rest
            .as_bytes()
            .iter()
            .position(|byte| matches!(byte, b'\n' | b'\r'));
        self.take(length.unwrap_or(self.rest.len()));
        Err(QuoteFault::TextAfter)
    }
}

/// Counts the line ends in a text: `\n`, `\r\n` or `\r`.
pub fn line_ends(text: &str) -> u64 {
    let mut previous = 0;
    let mut count = 0;
    for byte in text.bytes() {
        if byte == b'\r' || (byte == b'\n' && previous != b'\r') {
            count += 1;
        }
        previous = byte;
    }
    count
}

/// Finds out what separates the cells: `;` if the header has more of these than of `,`.
pub fn separator(text: &str) -> u8 {
    separator_among(text, [b',', b';'])
}

/// Finds out which of some separators the header has most of; the first of them if it has none.
pub fn separator_among<const N: usize>(text: &str, separators: [u8; N]) -> u8 {
    let header = text
        .trim_start_matches(['\n', '\r'])
        .split(['\n', '\r'])
        .next()
        .unwrap_or_default();
    let count = |wanted: u8| header.bytes().filter(|byte| *byte == wanted).count();
    // The last of equals wins in `max_by_key`; the first is meant to.
    let most = separators
        .into_iter()
        .rev()
        .max_by_key(|separator| count(*separator));
    most.unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = (u64, Result<Vec<String>, QuoteFault>);

    fn rows(text: &str) -> Vec<Row> {
        let mut rows = Rows::new(text, b',');
        let mut cells = Vec::new();
        let mut all = Vec::new();
        while let Some((line, result)) = rows.next_row(&mut cells) {
            all.push((
                line,
                result.map(|()| cells.iter().map(|cell| cell.clone().into_owned()).collect()),
            ));
        }
        all
    }

    fn row(line: u64, cells: &[&str]) -> Row {
        (line, Ok(cells.iter().map(|cell| (*cell).to_owned()).collect()))
    }

    #[test]
    fn every_line_end_counts_one_line() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "", "1,2", "", "", "3,4"].join(end);
            assert_eq!(
                rows(&text),
                [row(1, &["a", "b"]), row(3, &["1", "2"]), row(6, &["3", "4"])],
                "{end:?}"
            );
        }
    }

    #[test]
    fn a_quoted_cell_may_hold_separators_quotes_and_lines() {
        let text = "\"a,b\",\"say \"\"hi\"\"\",\"\"\r\n\"one\r\ntwo\",x,\"\"\"\"\nlast,,";
        let expected = [
            row(1, &["a,b", "say \"hi\"", ""]),
            row(2, &["one\r\ntwo", "x", "\""]),
            row(4, &["last", "", ""]),
        ];
        assert_eq!(rows(text), expected);
    }

    #[test]
    fn cells_that_no_column_has_are_counted_and_not_kept() {
        let text = format!("a,b\n{}\n1,2\n", ",".repeat(1 << 20));
        let mut rows = Rows::new(&text, b',');
        let mut cells = Vec::new();
        rows.next_row(&mut cells);
        rows.keep_cells(2);
        rows.next_row(&mut cells);
        assert_eq!((cells.len(), rows.cell_count()), (2, (1 << 20) + 1));
        assert!(cells.capacity() < 100);
        rows.next_row(&mut cells);
        assert_eq!((cells.len(), rows.cell_count()), (2, 2));
    }

    #[test]
    fn a_quote_inside_a_bare_cell_is_text() {
        assert_eq!(rows("Jan \"Jef\" Maes,1"), [row(1, &["Jan \"Jef\" Maes", "1"])]);
    }

    #[test]
    fn a_quote_that_is_never_closed_ends_the_file() {
        assert_eq!(
            rows("a\n\"b\nc\nd"),
            [row(1, &["a"]), (2, Err(QuoteFault::NeverClosed))]
        );
    }

    #[test]
    fn text_after_a_closing_quote_spoils_its_row_only() {
        assert_eq!(
            rows("\"a\"b,c\nd,\"e\" ,f"),
            [(1, Err(QuoteFault::TextAfter)), row(2, &["d", "e", "f"])]
        );
    }

    #[test]
    fn the_header_tells_the_separator() {
        assert_eq!(separator("a;b;c\n1,2,3,4,5"), b';');
        assert_eq!(separator("\na,b\r\n1;2;3;4"), b',');
        assert_eq!(separator("a"), b',');
        assert_eq!(separator_among("a\tb\tc,d", [b',', b';', b'\t']), b'\t');
    }
}
