//! Who answered the review of a username, by the audit of its record. Pure.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::reason::Author;
use super::store::Audit;

/// What stands for the name itself among what is answered.
const REVIEW: &str = "review";

/// Somebody answered what a username waited for, or confirmed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Review {
    /// What was answered: the reasons of `waits_for`, `review` being the name itself.
    pub answered: Vec<String>,
    /// Who answered it, and when.
    #[serde(flatten)]
    pub author: Author,
}

/// Finds the answers in the audit of a record, after one moment and up to another.
pub(super) fn reviews(audits: &[Audit], since: Option<DateTime<Utc>>, until: DateTime<Utc>) -> Vec<Review> {
    let in_time =
        |audit: &&Audit| since.is_none_or(|since| since < audit.changed_at) && audit.changed_at <= until;
    audits.iter().filter(in_time).filter_map(review).collect()
}

fn review(audit: &Audit) -> Option<Review> {
    let answered = match (audit.field.as_str(), audit.new_value.as_deref()) {
        ("waits_for", None) => {
            let waited = audit.old_value.as_deref().unwrap_or_default().split(',');
            waited.map(str::to_owned).collect()
        }
        ("needs_review", Some("false")) => vec![REVIEW.to_owned()],
        _ => return None,
    };
    Some(Review {
        answered,
        author: Author {
            by: audit.changed_by.clone(),
            at: audit.changed_at,
            handed_over: false,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audit(second: i64, field: &str, old: Option<&str>, new: Option<&str>) -> Audit {
        Audit {
            changed_at: at(second),
            changed_by: "an".to_owned(),
            field: field.to_owned(),
            old_value: old.map(str::to_owned),
            new_value: new.map(str::to_owned),
        }
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_nanos(second * 1_000_000_000)
    }

    #[test]
    fn an_answer_is_told_from_the_beginning_of_a_review() {
        let audits = [
            audit(1, "created", None, Some("nn")),
            audit(1, "waits_for", None, Some("placeholder")),
            audit(2, "waits_for", Some("placeholder"), Some("placeholder,review")),
            audit(3, "waits_for", Some("placeholder,review"), None),
            audit(4, "needs_review", Some("false"), Some("true")),
            audit(5, "needs_review", Some("true"), Some("false")),
            audit(6, "sync", Some("false"), Some("true")),
        ];
        let told = |since, until| -> Vec<(i64, String)> {
            let found = reviews(&audits, since, until).into_iter();
            found
                .map(|review| (review.author.at.timestamp(), review.answered.join("+")))
                .collect()
        };
        let first = (3, "placeholder+review".to_owned());
        let second = (5, "review".to_owned());
        assert_eq!(told(None, at(9)), [first.clone(), second.clone()]);
        assert_eq!(told(Some(at(3)), at(9)), [second]);
        assert_eq!(told(None, at(3)), [first]);
    }
}
