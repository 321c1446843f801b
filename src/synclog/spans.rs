//! Which rows of an answer were read, page by page. Pure.

use serde::{Deserialize, Serialize};

/// How many separate spans are kept; of more, the last ones are forgotten, and count as not read.
const SPANS_MAX: usize = 64;

/// Rows, as spans from one place until before another, in order and apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Spans(Vec<(u64, u64)>);

impl Spans {
    /// Adds the rows from one place until before another.
    pub fn add(&mut self, start: u64, end: u64) {
        if start >= end {
            return;
        }
        let (mut start, mut end) = (start, end);
        self.0.retain(|&(other_start, other_end)| {
            let touches = other_start <= end && start <= other_end;
            if touches {
                start = start.min(other_start);
                end = end.max(other_end);
            }
            !touches
        });
        let place = self.0.partition_point(|&(other, _)| other < start);
        self.0.insert(place, (start, end));
        self.0.truncate(SPANS_MAX);
    }

    /// Adds all rows of others.
    pub fn merge(&mut self, others: &Self) {
        for &(start, end) in &others.0 {
            self.add(start, end);
        }
    }

    /// Returns `true` if all rows before this place are there.
    pub fn is_whole(&self, total: u64) -> bool {
        total == 0 || matches!(self.0.as_slice(), [(0, end), ..] if *end >= total)
    }

    /// Returns `true` if the first row is there.
    pub fn has_first(&self) -> bool {
        matches!(self.0.as_slice(), [(0, _), ..])
    }

    /// Returns how many rows are there.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|(start, end)| end - start).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_in_any_order_with_repeats_and_overlaps_make_one_whole() {
        let mut spans = Spans::default();
        for (start, end) in [(20, 30), (0, 10), (20, 25), (28, 40)] {
            spans.add(start, end);
        }
        assert_eq!(spans.0, [(0, 10), (20, 40)]);
        assert!(spans.has_first() && !spans.is_whole(40));
        let mut rest = Spans::default();
        rest.add(10, 20);
        spans.merge(&rest);
        assert_eq!(spans.0, [(0, 40)]);
        assert!(spans.is_whole(40) && !spans.is_whole(41));
        assert_eq!(spans.count(), 40);
    }

    #[test]
    fn an_answer_without_rows_is_whole() {
        let mut spans = Spans::default();
        spans.add(5, 5);
        assert!(spans.is_whole(0) && !spans.is_whole(1) && !spans.has_first());
    }

    #[test]
    fn many_gaps_are_bounded() {
        let mut spans = Spans::default();
        for place in 0..1000 {
            spans.add(place * 10, place * 10 + 1);
        }
        assert_eq!(spans.0.len(), SPANS_MAX);
        spans.add(0, 100_000);
        assert_eq!(spans.0, [(0, 100_000)]);
    }
}
