//! A column of deltas in a load that is none.

use oneroster_standard::counted;

use crate::mirror::layout::VERWIJDERD;
use crate::mirror::rule::{Fault, Rule};

/// The cells of `verwijderd` that say something though the bundle is loaded as the whole state.
#[derive(Debug, Default)]
pub(super) struct DeltaCells {
    count: u64,
    first: Option<(u64, String)>,
}

impl DeltaCells {
    /// Notes a cell.
    pub(super) fn add(&mut self, line: u64, text: &str) {
        self.count += 1;
        self.first.get_or_insert_with(|| (line, text.to_owned()));
    }

    /// Returns the fault, if there is such a cell. One says enough: all have the same reason.
    pub(super) fn fault(&self, file: &str) -> Option<Fault> {
        let (line, text) = self.first.as_ref()?;
        let message = format!(
            "only a delta has this column filled in, here in {}; loaded without --delta, every row of the mirror \
             that the file lacks would be deleted: load it with --delta, or export the whole table without the column",
            counted(self.count, "row", "rows")
        );
        let fault = Fault::of_file(file, Rule::DeltaColumn, message);
        Some(fault.on_line(*line).in_column(VERWIJDERD, text))
    }
}
