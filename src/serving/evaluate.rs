//! Which rows of a collection answer a question, and in which order.
//!
//! Clauses about `status`, `role`, `sourcedId` and `dateLastModified` are answered from columns, the rest from the
//! documents. The rows of recent questions are kept, so that the pages of one pull are evaluated once.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, SecondsFormat};
use serde_json::Value;

use super::collection::{Collection, ROLES};
use super::json;
use crate::oneroster::StatusType;
use crate::query::{Clause, Connective, Direction, ListQuery, Operand, Predicate, Sort};

/// What part of a collection an endpoint is about, beside what its consumer asks: all of it by default.
#[derive(Debug, Clone, Default)]
pub struct Restriction {
    /// Clauses that must all hold.
    pub clauses: Vec<Clause>,
    /// If given, only these `sourcedId`s.
    pub ids: Option<BTreeSet<String>>,
}

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

/// Rows of recent questions, the latest first; bounded by [`Collection::kept_bytes_max`].
#[derive(Default)]
pub(super) struct Kept {
    answers: Vec<(String, Rows)>,
}

impl Kept {
    fn find(&mut self, question: &str) -> Option<Rows> {
        let place = self.answers.iter().position(|(kept, _)| kept == question)?;
        self.answers.get_mut(..=place)?.rotate_right(1);
        self.answers.first().map(|(_, rows)| rows.clone())
    }

    fn insert(&mut self, question: String, rows: Rows, bytes_max: usize) {
        self.answers.insert(0, (question, rows));
        while self.bytes() > bytes_max && self.answers.pop().is_some() {}
    }

    /// Returns how much memory they take in bytes, all told.
    pub(super) fn bytes(&self) -> usize {
        const ENTRY: usize = size_of::<(String, Rows)>() + 2 * size_of::<usize>();
        let of_rows = |rows: &Rows| match rows {
            Rows::All(_) => 0,
            Rows::Some(rows) => size_of_val::<[u32]>(rows),
        };
        self.answers
            .iter()
            .map(|(question, rows)| ENTRY + question.capacity() + of_rows(rows))
            .sum()
    }
}

/// Finds the rows that answer a question, in its order.
pub(super) fn rows(collection: &Collection, restriction: &Restriction, query: &ListQuery) -> Rows {
    let test = Test::new(collection, restriction, query);
    if test.is_trivial() && query.sort.is_none() {
        return Rows::All(collection.len());
    }
    // Cheap questions, and those that no second page follows, are not worth keeping.
    let candidates = test.candidates();
    if candidates.is_some() || query.is_unpaged() {
        return evaluate(collection, &test, candidates, query.sort);
    }
    let question = question(restriction, query);
    let kept = || collection.kept.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(rows) = kept().find(&question) {
        return rows;
    }
    let rows = evaluate(collection, &test, None, query.sort);
    kept().insert(question, rows.clone(), collection.kept_bytes_max());
    rows
}

/// Tells whether a row belongs to a part of a collection.
pub(super) fn belongs(collection: &Collection, restriction: &Restriction, row: usize) -> bool {
    restriction
        .ids
        .as_ref()
        .is_none_or(|ids| ids.contains(collection.sourced_id(row).as_ref()))
        && restriction
            .clauses
            .iter()
            .all(|clause| ClauseTest::new(collection, clause).meets(collection, row))
}

/// Writes down what decides about the rows: equal questions have equal rows.
fn question(restriction: &Restriction, query: &ListQuery) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    let mut write = |part: std::fmt::Arguments<'_>| {
        // Writing to a string does not fail.
        let _ = text.write_fmt(part);
    };
    for clause in &restriction.clauses {
        write(format_args!("{clause} AND "));
    }
    if query.hide_tombstones {
        write(format_args!("hide "));
    }
    if let Some(filter) = &query.filter {
        write(format_args!("{filter}"));
    }
    if let Some(sort) = &query.sort {
        write(format_args!(" sort {} {:?}", sort.field.name, sort.direction));
    }
    text
}

fn evaluate(
    collection: &Collection,
    test: &Test<'_>,
    candidates: Option<Vec<usize>>,
    sort: Option<Sort>,
) -> Rows {
    let meets = |row: &usize| test.meets(collection, *row);
    let mut found: Vec<usize> = match candidates {
        Some(candidates) => candidates.into_iter().filter(meets).collect(),
        None if test.is_trivial() => (0..collection.len()).collect(),
        None => (0..collection.len()).filter(meets).collect(),
    };
    if let Some(sort) = sort {
        order(collection, &mut found, sort);
    } else if found.len() == collection.len() {
        return Rows::All(found.len());
    }
    // A row fits: a blob with more documents than that would not fit in memory.
    Rows::Some(
        found
            .into_iter()
            .filter_map(|row| u32::try_from(row).ok())
            .collect(),
    )
}

/// What a row must meet: all of these.
struct Test<'a> {
    collection: &'a Collection,
    hide_tombstones: bool,
    ids: Option<&'a BTreeSet<String>>,
    restrictions: Vec<ClauseTest<'a>>,
    /// The filter's clauses, the cheaper one first.
    filter: Option<(ClauseTest<'a>, Option<(Connective, ClauseTest<'a>)>)>,
}

impl<'a> Test<'a> {
    fn new(collection: &'a Collection, restriction: &'a Restriction, query: &'a ListQuery) -> Self {
        let clause_test = |clause| ClauseTest::new(collection, clause);
        let filter = query.filter.as_ref().map(|filter| {
            let first = clause_test(&filter.first);
            match filter
                .second
                .as_ref()
                .map(|(connective, clause)| (*connective, clause_test(clause)))
            {
                Some((connective, second)) if first.reads_document() && !second.reads_document() => {
                    (second, Some((connective, first)))
                }
                second => (first, second),
            }
        });
        Self {
            collection,
            hide_tombstones: query.hide_tombstones,
            ids: restriction.ids.as_ref(),
            restrictions: restriction.clauses.iter().map(clause_test).collect(),
            filter,
        }
    }

    /// Tells whether every row meets it.
    fn is_trivial(&self) -> bool {
        !self.hide_tombstones && self.ids.is_none() && self.restrictions.is_empty() && self.filter.is_none()
    }

    /// Returns the few rows, in order, that alone can meet it, if that is known without looking at all.
    fn candidates(&self) -> Option<Vec<usize>> {
        let required = match &self.filter {
            Some((first, None)) => vec![first],
            Some((first, Some((Connective::And, second)))) => vec![first, second],
            Some((_, Some((Connective::Or, _)))) | None => Vec::new(),
        };
        let rows_of = |id: &str| self.collection.search(id).ok();
        for test in required {
            match test {
                ClauseTest::Date {
                    low,
                    high,
                    not: false,
                } if low > high || *low > self.collection.latest() => {
                    return Some(Vec::new());
                }
                ClauseTest::Id(clause) if clause.predicate == Predicate::Equal => {
                    return Some(rows_of(&clause.value).into_iter().collect());
                }
                ClauseTest::Date { .. }
                | ClauseTest::Id(_)
                | ClauseTest::Status(_)
                | ClauseTest::Role(_)
                | ClauseTest::Document(_) => {}
            }
        }
        self.ids
            .map(|ids| ids.iter().filter_map(|id| rows_of(id)).collect())
    }

    fn meets(&self, collection: &Collection, row: usize) -> bool {
        if self.hide_tombstones && collection.status(row) == StatusType::ToBeDeleted {
            return false;
        }
        let of_filter = match &self.filter {
            None => true,
            Some((first, None)) => first.meets(collection, row),
            Some((first, Some((Connective::And, second)))) => {
                first.meets(collection, row) && second.meets(collection, row)
            }
            Some((first, Some((Connective::Or, second)))) => {
                first.meets(collection, row) || second.meets(collection, row)
            }
        };
        of_filter
            && self.restrictions.iter().all(|test| test.meets(collection, row))
            && self
                .ids
                .is_none_or(|ids| ids.contains(collection.sourced_id(row).as_ref()))
    }
}

/// A clause, prepared for many rows.
enum ClauseTest<'a> {
    /// Whether a status meets it: active, `tobedeleted`.
    Status([bool; 2]),
    /// Whether a role meets it, by code.
    Role([bool; ROLES.len() + 1]),
    /// Whether the date in milliseconds lies between these, or does not.
    Date { low: i64, high: i64, not: bool },
    /// About the id.
    Id(&'a Clause),
    /// About anything else.
    Document(&'a Clause),
}

impl<'a> ClauseTest<'a> {
    fn new(collection: &Collection, clause: &'a Clause) -> Self {
        use crate::oneroster::Kind;
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
            _ => Self::Document(clause),
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

    const fn reads_document(&self) -> bool {
        match self {
            Self::Document(_) => true,
            Self::Status(_) | Self::Role(_) | Self::Date { .. } | Self::Id(_) => false,
        }
    }

    fn meets(&self, collection: &Collection, row: usize) -> bool {
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
            Self::Document(clause) => document_meets(
                clause,
                json::member(collection.document(row), clause.path.field.name),
            ),
        }
    }
}

/// Tells whether a document meets a clause; `value` is its member as it stands.
fn document_meets(clause: &Clause, value: Option<&str>) -> bool {
    let value = match (&clause.path.member, value) {
        // The common cases, without a parser: a reference's member, and a string.
        (Some(member), Some(value)) if value.starts_with('{') => {
            return match json::member(value, member) {
                None => clause.matches(None),
                Some(value) => match json::text(value) {
                    Some(text) => clause.matches_text(&text),
                    None => clause.matches(parsed(value).map(|value| wrap(member, value)).as_ref()),
                },
            };
        }
        (_, value) => value,
    };
    match value.and_then(json::text) {
        Some(text) if clause.path.member.is_none() => clause.matches_text(&text),
        Some(_) | None => clause.matches(value.and_then(parsed).as_ref()),
    }
}

fn parsed(value: &str) -> Option<Value> {
    serde_json::from_str(value).ok()
}

fn wrap(member: &str, value: Value) -> Value {
    Value::Object([(member.to_owned(), value)].into_iter().collect())
}

/// What rows are ordered by; no value comes first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    None,
    Instant(i64),
    Text(Cow<'a, str>),
    List(Vec<String>),
}

/// Orders rows that are in `sourcedId` order; rows with equal keys stay in that.
fn order(collection: &Collection, rows: &mut Vec<usize>, sort: Sort) {
    let mut keyed: Vec<(Key<'_>, usize)> = rows
        .iter()
        .map(|&row| (key(collection, row, sort.field.name), row))
        .collect();
    match sort.direction {
        Direction::Ascending => keyed.sort(),
        Direction::Descending => keyed.sort_by(|a, b| (Reverse(&a.0), a.1).cmp(&(Reverse(&b.0), b.1))),
    }
    rows.clear();
    rows.extend(keyed.into_iter().map(|(_, row)| row));
}

fn key<'a>(collection: &'a Collection, row: usize, field: &str) -> Key<'a> {
    match field {
        "sourcedId" => Key::Text(collection.sourced_id(row)),
        "status" => Key::Text(Cow::Borrowed(collection.status(row).as_str())),
        "dateLastModified" => Key::Instant(collection.date(row)),
        field => {
            let Some(value) = json::member(collection.document(row), field) else {
                return Key::None;
            };
            if value.starts_with('{') {
                return json::member(value, "sourcedId")
                    .and_then(json::text)
                    .map_or(Key::None, Key::Text);
            }
            if let Some(text) = json::text(value) {
                return Key::Text(text);
            }
            match parsed(value) {
                Some(Value::Array(elements)) => Key::List(elements.iter().filter_map(element_text).collect()),
                Some(_) | None => Key::None,
            }
        }
    }
}

fn element_text(element: &Value) -> Option<String> {
    element
        .as_str()
        .or_else(|| element.get("sourcedId").and_then(Value::as_str))
        .map(str::to_owned)
}

/// Writes an instant as `dateLastModified` is emitted.
pub(super) fn date_text(milliseconds: i64) -> String {
    DateTime::from_timestamp_millis(milliseconds)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}
