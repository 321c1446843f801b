//! What the texts of reports have in common: numbers with nouns, foreign text, lists, tables of faults.

use std::fmt::{Display, Formatter, Write};

pub use oneroster_standard::{counted, counted_objects, first_few};
use serde::Serialize;

use crate::tabular::Fault;

/// Widest cell of the table of faults, in characters.
const CELL_WIDTH_MAX: usize = 40;

/// Shows control characters by their code, so that a file or a name cannot steer the terminal.
pub fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let escaped = character.is_control().then(|| character.escape_default());
            let plain = escaped.is_none().then_some(character);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

/// Displays a value without data by the word that it serialises to.
pub(super) struct Word<'a, T>(pub(super) &'a T);

impl<T: Serialize> Display for Word<'_, T> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        self.0.serialize(formatter)
    }
}

/// Writes one line per item and no line end after the last: a report ends where its text does.
pub(super) fn lines<T: Display>(
    formatter: &mut Formatter<'_>,
    items: impl IntoIterator<Item = T>,
) -> std::fmt::Result {
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            formatter.write_char('\n')?;
        }
        write!(formatter, "{item}")?;
    }
    Ok(())
}

/// Writes the faults for which a file was refused whole.
pub(super) fn fmt_refused<R: Serialize>(
    formatter: &mut Formatter<'_>,
    faults: &[Fault<R>],
    left_off: u64,
) -> std::fmt::Result {
    for line in fault_table(faults, left_off) {
        writeln!(formatter, "{line}")?;
    }
    let count = counted(faults.len() as u64 + left_off, "fault", "faults");
    write!(formatter, "refused: {count}; nothing was changed")
}

/// Lays faults out in columns below a header; `left_off` more are only counted.
pub(super) fn fault_table<R: Serialize>(faults: &[Fault<R>], left_off: u64) -> Vec<String> {
    let mut rows = vec![["file:line", "column", "value", "rule", "fault"].map(str::to_owned)];
    rows.extend(faults.iter().map(|fault| {
        let place = match fault.line {
            Some(line) => format!("{}:{line}", fault.file),
            None => fault.file.clone(),
        };
        [
            printable(&place),
            fault.column.clone().unwrap_or_default(),
            printable(fault.value.as_deref().unwrap_or_default()),
            Word(&fault.rule).to_string(),
            printable(&fault.message),
        ]
    }));
    // The last column is as wide as it comes.
    let widths = [0, 1, 2, 3].map(|index| {
        let cells = rows.iter().filter_map(|row| row.get(index));
        let widest = cells.map(|cell| cell.chars().count()).max();
        widest.unwrap_or_default().min(CELL_WIDTH_MAX)
    });
    let table = rows.iter().map(|row| {
        let mut line = String::new();
        for (index, cell) in row.iter().enumerate() {
            let width = widths.get(index).copied().unwrap_or_default();
            // Writing to a String cannot fail.
            let _ = write!(line, "{cell:<width$}  ");
        }
        line.trim_end().to_owned()
    });
    let more = (left_off > 0).then(|| format!("and {left_off} more"));
    table.chain(more).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::Rule;

    #[test]
    fn faults_are_laid_out_in_columns() {
        let faults = [
            Fault::of_file("persoon.csv", Rule::DateForm, "is not a day of the calendar")
                .on_line(12)
                .in_column("geboortedatum", "2027-02-30"),
            Fault::of_file("bundle\u{1b}[2J", Rule::NoKnownFile, "holds nothing"),
        ];
        let expected = "\
file:line        column         value       rule           fault
persoon.csv:12   geboortedatum  2027-02-30  date-form      is not a day of the calendar
bundle\\u{1b}[2J                             no-known-file  holds nothing
and 7 more";
        assert_eq!(fault_table(&faults, 7).join("\n"), expected);
    }

    #[test]
    fn what_is_too_much_to_name_is_counted() {
        let orgs = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(first_few(&orgs, 3), "a, b, c");
        assert_eq!(first_few(&orgs, 1), "a and 2 more");
    }
}
