//! Random numbers from a seed. Draws are spelled out here, so that a new version of `rand` cannot change a bundle.

use chrono::{Days, NaiveDate};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

/// A source of random numbers: the same seed gives the same numbers.
#[derive(Debug)]
pub(super) struct Dice {
    generator: ChaCha8Rng,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            generator: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// Draws a number from 0 up to, but not including, `limit`; 0 if there is none.
    pub(super) fn below(&mut self, limit: u32) -> u32 {
        let product = u64::from(self.generator.next_u32()) * u64::from(limit);
        // The high half of the product: less than `limit`.
        u32::try_from(product >> 32).unwrap_or_default()
    }

    /// Draws a number from `least` to `most`, both included.
    pub(super) fn between(&mut self, least: u32, most: u32) -> u32 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// Returns `true` `per_mille` times in a thousand.
    pub(super) fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1000) < per_mille
    }

    /// Draws one of the items, all equally likely.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.index(items.len()))
    }

    /// Draws an index below `length`; 0 if there is none.
    pub(super) fn index(&mut self, length: usize) -> usize {
        let drawn = self.below(u32::try_from(length).unwrap_or(u32::MAX));
        usize::try_from(drawn).unwrap_or_default()
    }

    /// Draws a day from `first` to at most `span` days later.
    pub(super) fn day(&mut self, first: NaiveDate, span: u32) -> NaiveDate {
        first + Days::new(u64::from(self.between(0, span)))
    }

    /// Draws an id that looks like a random uuid (version 4).
    pub(super) fn uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        self.generator.fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_keep_within_their_limits_and_reach_them() {
        let mut dice = Dice::new(1);
        let drawn: Vec<u32> = (0..1000).map(|_| dice.between(3, 7)).collect();
        assert_eq!(drawn.iter().min(), Some(&3));
        assert_eq!(drawn.iter().max(), Some(&7));
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.pick::<u8>(&[]), None);
    }

    /// What a seed gives is part of the contract "same seed, same bytes": an update of a crate may not change it.
    #[test]
    fn a_seed_gives_what_it_always_gave() {
        let mut dice = Dice::new(7);
        let throws: Vec<u32> = (0..5).map(|_| dice.below(100)).collect();
        insta::assert_snapshot!(format!("{throws:?} {}", dice.uuid()), @"[14, 15, 18, 16, 27] b9704bb4-e33a-4e09-b6b7-0bba88db3712");
    }
}
