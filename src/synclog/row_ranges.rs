//! Which rows of a collection were read, page by page, as half-open ranges of their positions. Pure.

use serde::{Deserialize, Serialize};

/// How many separate ranges are kept; of more, the last are dropped and count as not read.
const RANGES_MAX: usize = 64;

/// Half-open ranges of row positions (`start..end`), sorted, with a gap between any two: `[(0, 10), (20, 40)]` are the
/// rows 0 to 9 and 20 to 39.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowRanges(Vec<(u64, u64)>);

impl RowRanges {
    /// Adds the rows `start..end`; ranges that touch become one.
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
        self.0.truncate(RANGES_MAX);
    }

    /// Adds all rows of another set.
    pub fn merge(&mut self, others: &Self) {
        for &(start, end) in &others.0 {
            self.add(start, end);
        }
    }

    /// Returns `true` if it holds every row of `0..total`.
    pub fn is_whole(&self, total: u64) -> bool {
        total == 0 || matches!(self.0.as_slice(), [(0, end), ..] if *end >= total)
    }

    /// Returns `true` if it holds row 0.
    pub fn has_first(&self) -> bool {
        matches!(self.0.as_slice(), [(0, _), ..])
    }

    /// Returns how many rows it holds.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|(start, end)| end - start).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_in_any_order_with_repeats_and_overlaps_make_one_whole() {
        let mut ranges = RowRanges::default();
        for (start, end) in [(20, 30), (0, 10), (20, 25), (28, 40)] {
            ranges.add(start, end);
        }
        assert_eq!(ranges.0, [(0, 10), (20, 40)]);
        assert!(ranges.has_first() && !ranges.is_whole(40));
        let mut rest = RowRanges::default();
        rest.add(10, 20);
        ranges.merge(&rest);
        assert_eq!(ranges.0, [(0, 40)]);
        assert!(ranges.is_whole(40) && !ranges.is_whole(41));
        assert_eq!(ranges.count(), 40);
    }

    #[test]
    fn an_answer_without_rows_is_whole() {
        let mut ranges = RowRanges::default();
        ranges.add(5, 5);
        assert!(ranges.is_whole(0) && !ranges.is_whole(1) && !ranges.has_first());
    }

    #[test]
    fn many_gaps_are_bounded() {
        let mut ranges = RowRanges::default();
        for place in 0..1000 {
            ranges.add(place * 10, place * 10 + 1);
        }
        assert_eq!(ranges.0.len(), RANGES_MAX);
        ranges.add(0, 100_000);
        assert_eq!(ranges.0, [(0, 100_000)]);
    }
}
