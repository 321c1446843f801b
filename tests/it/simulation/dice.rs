//! Chance from a seed (`SplitMix64`): the same seed, the same throws, on every machine.

#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Draws a number from 0 up to, but not including, `limit`.
    pub(super) fn below(&mut self, limit: i64) -> i64 {
        (self.draw() >> 1).cast_signed() % limit.max(1)
    }

    /// Draws a number from `least` to `most`, both included.
    pub(super) fn between(&mut self, least: i64, most: i64) -> i64 {
        least + self.below(most - least + 1)
    }

    /// Draws a number from `least` (at least 1) to `most`, each doubling as likely as the next: mostly small ones.
    pub(super) fn spread(&mut self, least: i64, most: i64) -> i64 {
        let doublings = (most / least).max(1).ilog2();
        let low = least << self.below(i64::from(doublings) + 1);
        self.between(low, (low * 2).min(most).max(low))
    }

    /// Returns `true` `per_mille` times in a thousand.
    pub(super) fn chance(&mut self, per_mille: i64) -> bool {
        self.below(1000) < per_mille
    }

    /// Draws a place in a list that is not empty.
    pub(super) fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(i64::try_from(length).unwrap())).unwrap()
    }

    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.place(items.len())]
    }

    pub(super) fn uuid(&mut self) -> uuid::Uuid {
        uuid::Uuid::from_u64_pair(self.draw(), self.draw())
    }
}
