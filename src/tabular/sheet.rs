//! Writes a table as a spreadsheet wants it: byte order mark, `;`, Windows line ends, and no cell that is run as a formula.

use super::csv::BYTE_ORDER_MARK;
use super::formula::harmless;

/// Writes rows of cells, the header first.
pub(crate) fn sheet<R: AsRef<[String]>>(rows: impl IntoIterator<Item = R>) -> String {
    let mut text = BYTE_ORDER_MARK.to_owned();
    for row in rows {
        for (place, cell) in row.as_ref().iter().enumerate() {
            if place > 0 {
                text.push(';');
            }
            add_cell(&mut text, cell);
        }
        text.push_str("\r\n");
    }
    text
}

fn add_cell(text: &mut String, cell: &str) {
    let cell = harmless(cell);
    let is_plain = !cell.contains(['"', ';', ',', '\r', '\n', '\t']) && cell.trim() == cell;
    if is_plain {
        text.push_str(&cell);
    } else {
        text.push('"');
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_no_formula_is_written() {
        let rows = [
            ["Team", "Members"].map(str::to_owned),
            ["2026-27 3A; \"groep\" 1", "12"].map(str::to_owned),
            ["=1+1", " x"].map(str::to_owned),
        ];
        assert_eq!(
            sheet(rows),
            "\u{feff}Team;Members\r\n\"2026-27 3A; \"\"groep\"\" 1\";12\r\n'=1+1;\" x\"\r\n"
        );
    }
}
