//! Numbers with nouns, for what people read.

use crate::Kind;

/// Returns a count with its noun in the right number.
///
/// ```
/// use oneroster_standard::counted;
///
/// assert_eq!(counted(1, "class", "classes"), "1 class");
/// assert_eq!(counted(0, "class", "classes"), "0 classes");
/// ```
pub fn counted(count: impl TryInto<u64>, one: &str, many: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    let noun = if count == 1 { one } else { many };
    format!("{count} {noun}")
}

/// Returns a count of objects of a kind: `1 enrollment`, `2 enrollments`.
pub fn counted_objects(count: usize, kind: Kind) -> String {
    counted(count, kind.singular(), kind.collection())
}

/// Returns the first `most` texts, and how many more there are.
///
/// ```
/// use oneroster_standard::first_few;
///
/// let orgs = ["a", "b", "c"].map(str::to_owned);
/// assert_eq!(first_few(&orgs, 3), "a, b, c");
/// assert_eq!(first_few(&orgs, 1), "a and 2 more");
/// ```
pub fn first_few(texts: &[String], most: usize) -> String {
    let named: Vec<&str> = texts.iter().take(most).map(String::as_str).collect();
    let named = named.join(", ");
    match texts.len().saturating_sub(most) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
