//! Which rows answered recent questions about a collection, so that the pages of one pull are evaluated once.

use std::collections::HashMap;
use std::sync::Arc;

use super::recency::{ListPosition, RecencyList};
use super::rows::Rows;

/// How many answers are kept for a collection: many more than consumers pull from one at the same time.
const ANSWERS_MAX: usize = 256;

/// The rows of recent questions. Beyond [`ANSWERS_MAX`] answers or `bytes_max` bytes, those asked for least recently are
/// dropped; keeping one more costs no more steps when there are many.
pub(super) struct AnswerCache {
    answers: HashMap<Arc<str>, CachedAnswer>,
    recency: RecencyList<Arc<str>>,
    bytes: usize,
    bytes_max: usize,
}

struct CachedAnswer {
    rows: Rows,
    place: ListPosition,
    bytes: usize,
}

impl AnswerCache {
    /// Makes an empty cache of at most so many bytes.
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            answers: HashMap::new(),
            recency: RecencyList::default(),
            bytes: 0,
            bytes_max,
        }
    }

    /// Returns the rows that answered a question.
    pub(super) fn find(&mut self, question: &str) -> Option<Rows> {
        let answer = self.answers.get(question)?;
        self.recency.touch(answer.place);
        Some(answer.rows.clone())
    }

    /// Keeps the rows that answer a question, unless they alone are larger than the bound.
    pub(super) fn insert(&mut self, question: &str, rows: Rows) {
        let bytes = bytes_of(question, &rows);
        if bytes > self.bytes_max {
            return;
        }
        let question: Arc<str> = Arc::from(question);
        let place = self.recency.push(Arc::clone(&question));
        let answer = CachedAnswer { rows, place, bytes };
        self.bytes += bytes;
        // Two requests may have found the same answer at the same time.
        if let Some(replaced) = self.answers.insert(question, answer) {
            self.bytes -= replaced.bytes;
            self.recency.remove(replaced.place);
        }
        while self.bytes > self.bytes_max || self.answers.len() > ANSWERS_MAX {
            let Some(oldest) = self.recency.pop_oldest() else {
                return;
            };
            self.bytes -= self.answers.remove(&oldest).map_or(0, |answer| answer.bytes);
        }
    }

    /// Returns how much memory it takes, in bytes.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// Returns how much memory an answer takes, in bytes: its question once, and an entry in each of map and list.
fn bytes_of(question: &str, rows: &Rows) -> usize {
    const ENTRY: usize = size_of::<CachedAnswer>() + 2 * size_of::<Arc<str>>() + size_of::<[usize; 8]>();
    let of_rows = match rows {
        Rows::All(_) => 0,
        Rows::Some(rows) => size_of_val::<[u32]>(rows),
    };
    ENTRY + question.len() + of_rows
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMPLE_BYTES: usize = 1 << 30;

    fn rows(count: u32) -> Rows {
        Rows::Some((0..count).collect())
    }

    fn is_kept(cache: &mut AnswerCache, question: &str) -> bool {
        cache.find(question).is_some()
    }

    #[test]
    fn the_answers_asked_for_least_recently_are_dropped_beyond_a_count() {
        let mut cache = AnswerCache::new(AMPLE_BYTES);
        for number in 0..ANSWERS_MAX {
            cache.insert(&format!("q{number}"), rows(1));
        }
        assert!(is_kept(&mut cache, "q0"));
        cache.insert("one more", rows(1));
        assert_eq!(cache.answers.len(), ANSWERS_MAX);
        assert!(is_kept(&mut cache, "q0") && is_kept(&mut cache, "one more"));
        assert!(!is_kept(&mut cache, "q1"));
    }

    #[test]
    fn and_beyond_a_number_of_bytes() {
        let bytes_max = 10 * bytes_of("q0", &rows(1_000));
        let mut cache = AnswerCache::new(bytes_max);
        for number in 0..10 {
            cache.insert(&format!("q{number}"), rows(1_000));
        }
        assert_eq!((cache.bytes(), cache.answers.len()), (bytes_max, 10));
        cache.insert("qq", rows(5_000));
        assert!(cache.bytes() <= bytes_max);
        assert!(!is_kept(&mut cache, "q4") && is_kept(&mut cache, "q5") && is_kept(&mut cache, "qq"));
        let bytes = cache.bytes();
        cache.insert("too large alone", rows(20_000));
        assert_eq!(cache.bytes(), bytes, "and it takes no other's place");
        cache.insert("qq", rows(1));
        assert!(cache.bytes() < bytes, "an answer found twice is kept once");
        assert_eq!(cache.find("qq").unwrap().len(), 1);
    }

    #[test]
    fn keeping_an_answer_takes_the_same_steps_however_many_are_kept_or_dropped() {
        const STEPS_MAX: usize = 12;
        let mut cache = AnswerCache::new(AMPLE_BYTES);
        for number in 0..20 * ANSWERS_MAX {
            let before = cache.recency.steps;
            cache.insert(&format!("q{number}"), rows(1));
            cache.find(&format!("q{}", number.saturating_sub(100)));
            let steps = cache.recency.steps - before;
            assert!(steps <= STEPS_MAX, "{steps} for answer {number}");
        }
        cache.bytes_max = bytes_of("last", &rows(1));
        let before = cache.recency.steps;
        cache.insert("last", rows(1));
        assert_eq!(cache.answers.len(), 1);
        let steps = cache.recency.steps - before;
        assert!(steps <= ANSWERS_MAX * STEPS_MAX, "{steps} for dropping all");
    }
}
