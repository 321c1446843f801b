//! Writes a table as a spreadsheet wants it: byte order mark, `;`, Windows line ends, and no cell that is run as a formula.

/// Tells a spreadsheet that the text is UTF-8, so that accents show.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Writes rows of cells, the header first.
pub(crate) fn sheet<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut text = BYTE_ORDER_MARK.to_owned();
    for row in rows {
        for (place, cell) in row.iter().enumerate() {
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
    // An apostrophe makes text of what would be a formula.
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let marked = if is_formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    let is_plain = !marked.contains(['"', ';', ',', '\r', '\n', '\t']) && marked.trim() == marked;
    if is_plain {
        text.push_str(&marked);
    } else {
        text.push('"');
        text.push_str(&marked.replace('"', "\"\""));
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
