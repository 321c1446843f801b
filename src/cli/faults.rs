//! Faults of a file, as a terminal shows them.

use std::fmt::Write;

use serde::Serialize;

use crate::tabular::Fault;

/// Widest cell of the table of faults, in characters.
const CELL_WIDTH: usize = 40;

/// Lays faults out in columns, after a header.
pub(super) fn fault_table<R: Serialize>(faults: &[Fault<R>]) -> Vec<String> {
    let mut rows = vec![["file:line", "column", "value", "rule", "fault"].map(str::to_owned)];
    rows.extend(faults.iter().map(|fault| {
        let place = fault
            .line
            .map_or_else(|| fault.file.clone(), |line| format!("{}:{line}", fault.file));
        let rule = serde_json::to_value(&fault.rule)
            .ok()
            .and_then(|id| id.as_str().map(str::to_owned));
        [
            printable(&place),
            fault.column.clone().unwrap_or_default(),
            printable(fault.value.as_deref().unwrap_or_default()),
            rule.unwrap_or_default(),
            printable(&fault.message),
        ]
    }));
    let widths = [0, 1, 2, 3].map(|index| {
        let widest = rows
            .iter()
            .filter_map(|row| row.get(index))
            .map(|cell| cell.chars().count())
            .max();
        widest.unwrap_or_default().min(CELL_WIDTH)
    });
    let lines = rows.iter().map(|row| {
        let mut line = String::new();
        for (index, cell) in row.iter().enumerate() {
            let width = widths.get(index).copied().unwrap_or_default();
            // Writing to a String cannot fail.
            let _ = write!(line, "{cell:<width$}  ");
        }
        line.trim_end().to_owned()
    });
    lines.collect()
}

/// Shows control characters by their code, so that a file cannot steer the terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let escaped = character.is_control().then(|| character.escape_default());
            let plain = escaped.is_none().then_some(character);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
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
bundle\\u{1b}[2J                             no-known-file  holds nothing";
        assert_eq!(fault_table(&faults).join("\n"), expected);
    }
}
