//! Each file as data: its name, its header row as the source has it, and what its columns hold.

pub(super) mod clever;
pub(super) mod oneroster_csv;
pub(super) mod sds_v1;
pub(super) mod sds_v2;

/// A file of a format.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name, case included.
    pub file: &'static str,
    /// Its header row.
    pub header: &'static str,
    /// What is held by the columns that are more than text, by their place in the header.
    pub(super) kinds: &'static [(usize, Column)],
    /// The columns that identify a row, in the order in which rows are sorted; none where rows have an order of their own.
    pub(super) key: &'static [usize],
}

/// What a column holds, where that has a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// An id of the API, never empty.
    Id,
    /// The id of a section: letters, digits and hyphens, since it becomes a part of an address (003).
    SectionId,
    /// A username: never empty, no white space.
    Username,
    /// A text that is never empty.
    Required,
    /// The title of a class, which becomes the name of a Team: never empty.
    Title,
}

impl Table {
    /// Returns how many columns it has.
    pub(super) fn width(&self) -> usize {
        self.header.split(',').count()
    }

    /// Returns the name of a column.
    pub(super) fn column(&self, index: usize) -> &'static str {
        self.header.split(',').nth(index).unwrap_or_default()
    }
}
