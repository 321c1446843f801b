//! What comes before the rows of a file: its encoding and its header.

use crate::mirror::rule::{Fault, Faults, Rule};
use crate::tabular::csv::{QuoteFault, Rows, line_ends, without_byte_order_mark};

/// Decodes a file and drops a byte order mark. What is not UTF-8 is a fault on the line of its first bad byte.
pub(super) fn decode<'b>(file: &str, bytes: &'b [u8]) -> Result<&'b str, Fault> {
    let bytes = without_byte_order_mark(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let (good, bad) = bytes.split_at_checked(error.valid_up_to()).unwrap_or_default();
        let line = line_ends(std::str::from_utf8(good).unwrap_or_default()) + 1;
        let hint = match bytes {
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "the file looks like UTF-16",
            _ => "the file may be Windows-1252",
        };
        let byte = bad.first().copied().unwrap_or_default();
        let message = format!("byte 0x{byte:02X} is not UTF-8: {hint}; export it as UTF-8");
        Fault::of_file(file, Rule::NotUtf8, message).on_line(line)
    })
}

/// A header: how many columns the file has, and where those that were asked for are.
pub(super) struct Header {
    pub(super) column_count: usize,
    pub(super) places: Vec<Option<usize>>,
}

/// Reads the header and finds `wanted` in it, in any order and case; a column that is there twice is a fault.
pub(super) fn header(
    file: &str,
    rows: &mut Rows<'_>,
    wanted: &[&str],
    faults: &mut Faults,
) -> Option<Header> {
    let mut cells = Vec::new();
    let Some((line, quotes)) = rows.next_row(&mut cells) else {
        faults.push(Fault::of_file(file, Rule::EmptyFile, "has no header"));
        return None;
    };
    if let Err(fault) = quotes {
        faults.push(quote_fault(file, line, fault));
        return None;
    }
    let names: Vec<String> = cells.iter().map(|cell| cell.trim().to_lowercase()).collect();
    let mut unambiguous = true;
    let places = wanted
        .iter()
        .map(|column| {
            let mut places = names
                .iter()
                .enumerate()
                .filter(|(_, name)| name == column)
                .map(|(place, _)| place);
            let place = places.next();
            if places.next().is_some() {
                unambiguous = false;
                let fault = Fault::of_file(file, Rule::DuplicateColumn, "the header names this column twice");
                faults.push(Fault {
                    column: Some((*column).to_owned()),
                    ..fault.on_line(line)
                });
            }
            place
        })
        .collect();
    let column_count = rows.cell_count();
    rows.keep_cells(column_count);
    unambiguous.then_some(Header { column_count, places })
}

/// Reports each column of `required` that the header lacks, and returns `true` if none does.
pub(super) fn has_columns(file: &str, header: &Header, required: &[&str], faults: &mut Faults) -> bool {
    let mut complete = true;
    for (column, _) in required
        .iter()
        .zip(&header.places)
        .filter(|(_, place)| place.is_none())
    {
        complete = false;
        let message = format!("the header has no column {column}");
        let fault = Fault::of_file(file, Rule::MissingColumn, message).on_line(1);
        faults.push(Fault {
            column: Some((*column).to_owned()),
            ..fault
        });
    }
    complete
}

pub(super) fn quote_fault(file: &str, line: u64, fault: QuoteFault) -> Fault {
    Fault::of_file(file, Rule::QuoteForm, fault.message()).on_line(line)
}

pub(super) fn cell_count_fault(file: &str, line: u64, found: usize, expected: usize) -> Fault {
    let message = format!("cells in the row: {found}, in the header: {expected}");
    Fault::of_file(file, Rule::CellCount, message).on_line(line)
}
