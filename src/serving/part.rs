//! A part of a document.

use std::ops::Range;

/// A part of a document, in bytes from its beginning. Half the size of a range of `usize`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) start: u32,
    end: u32,
}

impl Part {
    /// Returns it for a range; `Err` for a document of several gigabytes.
    pub(super) fn new(range: &Range<usize>) -> Result<Self, String> {
        let place = |place: usize| u32::try_from(place).map_err(|error| error.to_string());
        Ok(Self {
            start: place(range.start)?,
            end: place(range.end)?,
        })
    }

    pub(super) const fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub(super) const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Returns it in a document: of a long one only these bytes are looked at.
    pub(super) fn of(self, document: &[u8]) -> &str {
        std::str::from_utf8(self.bytes_of(document)).unwrap_or_default()
    }

    /// Returns it in a document as bytes.
    pub(super) fn bytes_of(self, document: &[u8]) -> &[u8] {
        document.get(self.range()).unwrap_or_default()
    }
}
