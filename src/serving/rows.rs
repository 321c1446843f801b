//! Rows of a collection that answer a question.

use std::ops::Range;
use std::sync::Arc;

/// Rows of a collection.
#[derive(Debug, Clone)]
pub(super) enum Rows {
    /// All of them, in `sourcedId` order.
    All(usize),
    /// These, in this order.
    Some(Arc<[u32]>),
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::All(count) => *count,
            Self::Some(rows) => rows.len(),
        }
    }

    /// Returns a part of them as runs of consecutive rows.
    pub(super) fn runs(&self, part: Range<usize>) -> Vec<Range<usize>> {
        let rows = match self {
            Self::All(_) if part.is_empty() => return Vec::new(),
            Self::All(_) => return vec![part],
            Self::Some(rows) => rows.get(part).unwrap_or_default(),
        };
        let mut runs: Vec<Range<usize>> = Vec::new();
        for row in rows.iter().map(|&row| row as usize) {
            match runs.last_mut() {
                Some(run) if run.end == row => run.end += 1,
                Some(_) | None => runs.push(row..row + 1),
            }
        }
        runs
    }
}
