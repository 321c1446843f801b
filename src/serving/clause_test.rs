//! Whether a row of a collection meets a clause: from a column where there is one, else from the document.

use chrono::DateTime;
use oneroster_standard::query::{Clause, ObjectForm, Operand, Predicate};
use oneroster_standard::{Kind, Moment, StatusType};
use serde_json::Value;

use super::collection::{Collection, ROLES};
use super::json;

/// A clause, prepared for many rows.
pub(super) enum ClauseTest<'a> {
    /// Whether a status meets it: active, `tobedeleted`.
    Status([bool; 2]),
    /// Whether a role meets it, by code.
    Role([bool; ROLES.len() + 1]),
    /// Whether the date in milliseconds lies between these, or does not.
    Date { low: i64, high: i64, not: bool },
    /// About the id.
    Id(&'a Clause),
    /// About anything else, as a client of this form sees it.
    Document(&'a Clause, ObjectForm),
}

impl<'a> ClauseTest<'a> {
    pub(super) fn new(collection: &Collection, clause: &'a Clause, form: ObjectForm) -> Self {
        match (clause.path.field.name, collection.kind, &clause.operand) {
            ("status", _, _) => Self::Status(
                [StatusType::Active, StatusType::ToBeDeleted]
                    .map(|status| clause.matches_text(status.as_str())),
            ),
            ("role", Kind::Users | Kind::Enrollments, _) => {
                let mut verdicts = [false; ROLES.len() + 1];
                let roles = std::iter::once(None).chain(ROLES.into_iter().map(Some));
                for (verdict, role) in verdicts.iter_mut().zip(roles) {
                    *verdict = role.map_or_else(|| clause.matches(None), |role| clause.matches_text(role));
                }
                Self::Role(verdicts)
            }
            ("dateLastModified", _, Operand::Instant(instant)) => Self::date(clause.predicate, *instant),
            ("sourcedId", _, _) => Self::Id(clause),
            _ => Self::Document(clause, form),
        }
    }

    /// Turns a comparison with an instant into a range of whole milliseconds, which is what dates are.
    fn date(predicate: Predicate, instant: DateTime<chrono::Utc>) -> Self {
        let floor = instant.timestamp_millis();
        let ceiling = if instant.timestamp_subsec_nanos().is_multiple_of(1_000_000) {
            floor
        } else {
            floor + 1
        };
        let (low, high) = match predicate {
            Predicate::Equal | Predicate::NotEqual => (ceiling, floor),
            Predicate::Greater => (floor + 1, i64::MAX),
            Predicate::GreaterOrEqual => (ceiling, i64::MAX),
            Predicate::Less => (i64::MIN, ceiling - 1),
            Predicate::LessOrEqual => (i64::MIN, floor),
            Predicate::Contains => (1, 0),
        };
        Self::Date {
            low,
            high,
            not: predicate == Predicate::NotEqual,
        }
    }

    pub(super) const fn reads_document(&self) -> bool {
        match self {
            Self::Document(..) => true,
            Self::Status(_) | Self::Role(_) | Self::Date { .. } | Self::Id(_) => false,
        }
    }

    pub(super) fn meets(&self, collection: &Collection, row: usize) -> bool {
        match self {
            Self::Status(verdicts) => {
                let [active, deleted] = verdicts;
                match collection.status(row) {
                    StatusType::Active => *active,
                    StatusType::ToBeDeleted => *deleted,
                }
            }
            Self::Role(verdicts) => verdicts.get(collection.role(row)).copied().unwrap_or(false),
            Self::Date { low, high, not } => (*low..=*high).contains(&collection.date(row)) != *not,
            Self::Id(clause) => clause.matches_text(&collection.sourced_id(row)),
            Self::Document(clause, form) => {
                let name = clause.path.field.name;
                match collection.edited_text(row, name, *form) {
                    Some(text) => clause.matches_text(&text),
                    None => document_meets(clause, json::member(collection.document(row), name)),
                }
            }
        }
    }
}

/// Returns `true` if a document meets a clause; `value` is its member as it stands.
fn document_meets(clause: &Clause, value: Option<&str>) -> bool {
    let value = match (&clause.path.member, value) {
        // The common cases, without a parser: a reference's member, and a string.
        (Some(member), Some(value)) if value.starts_with('{') => {
            return match json::member(value, member) {
                None => clause.matches(None),
                Some(value) => match json::text(value) {
                    Some(text) => clause.matches_text(&text),
                    None => clause.matches(json::parsed(value).map(|value| wrap(member, value)).as_ref()),
                },
            };
        }
        (_, value) => value,
    };
    match value.and_then(json::text) {
        Some(text) if clause.path.member.is_none() => clause.matches_text(&text),
        Some(_) | None => clause.matches(value.and_then(json::parsed).as_ref()),
    }
}

fn wrap(member: &str, value: Value) -> Value {
    Value::Object([(member.to_owned(), value)].into_iter().collect())
}

/// Writes an instant as `dateLastModified` is emitted.
pub(super) fn date_text(milliseconds: i64) -> String {
    Moment::from(DateTime::from_timestamp_millis(milliseconds).unwrap_or_default()).rfc3339()
}
