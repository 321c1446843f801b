//! The manifest: what its maker says is in the bundle, and when it was extracted.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::cell;
use super::header::{cell_count_fault, has_columns, header, quote_fault};
use crate::mirror::layout::MANIFEST;
use crate::mirror::rule::{Fault, Faults, Rule};
use crate::tabular::csv::{Rows, separator};

/// The row that holds the time of extraction.
const EXTRACTED: &str = "gemaakt_op";

const COLUMNS: [&str; 2] = ["bestand", "rijen"];

/// A manifest.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    /// When the bundle was extracted, and the line that says so.
    pub(crate) extracted_at: Option<(DateTime<Utc>, u64)>,
    /// Per file: its name in lower case, its number of rows, the line that says so.
    pub(super) counts: Vec<(String, u64, u64)>,
}

/// Reads and checks a manifest.
pub(super) fn read(text: &str, faults: &mut Faults) -> Manifest {
    let mut manifest = Manifest::default();
    let mut rows = Rows::new(text, separator(text));
    let Some(header) = header(MANIFEST, &mut rows, &COLUMNS, faults) else {
        return manifest;
    };
    if !has_columns(MANIFEST, &header, &COLUMNS, faults) {
        return manifest;
    }
    let places: Vec<usize> = header.places.iter().flatten().copied().collect();
    let mut cells: Vec<Cow<'_, str>> = Vec::new();
    let mut names: HashMap<String, u64> = HashMap::new();
    while let Some((line, quotes)) = rows.next_row(&mut cells) {
        if let Err(fault) = quotes {
            faults.push(quote_fault(MANIFEST, line, fault));
            continue;
        }
        if rows.cell_count() != header.column_count {
            faults.push(cell_count_fault(
                MANIFEST,
                line,
                rows.cell_count(),
                header.column_count,
            ));
            continue;
        }
        let text = |index: usize| {
            places
                .get(index)
                .and_then(|place| cells.get(*place))
                .map_or("", |cell| cell.trim())
        };
        let name = text(0).to_lowercase();
        if let Some(first) = names.get(&name) {
            let fault = Fault::of_file(
                MANIFEST,
                Rule::DuplicateKey,
                format!("line {first} has the same key"),
            );
            faults.push(fault.on_line(line).in_column("bestand", text(0)));
            continue;
        }
        names.insert(name.clone(), line);
        if let Err((column, rule, message)) = manifest.row(name, text(1), line) {
            let value = if column == "rijen" { text(1) } else { text(0) };
            faults.push(
                Fault::of_file(MANIFEST, rule, message)
                    .on_line(line)
                    .in_column(column, value),
            );
        }
    }
    manifest
}

impl Manifest {
    fn row(&mut self, name: String, value: &str, line: u64) -> Result<(), (&'static str, Rule, String)> {
        let required = |column| (column, Rule::Required, "must be filled in".to_owned());
        let in_count = |(rule, message)| ("rijen", rule, message);
        if name.is_empty() {
            return Err(required("bestand"));
        }
        if value.is_empty() {
            return Err(required("rijen"));
        }
        if name == EXTRACTED {
            self.extracted_at = Some((cell::timestamp(value).map_err(in_count)?, line));
            return Ok(());
        }
        let count = cell::integer(value, 0, i64::MAX).map_err(in_count)?;
        self.counts.push((name, count.unsigned_abs(), line));
        Ok(())
    }
}
