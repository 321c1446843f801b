//! Which rows of a collection answer a question, and in which order.
//!
//! Clauses about `status`, `role`, `sourcedId` and `dateLastModified` are answered from columns, the rest from the
//! documents, by way of an index where one equal value is asked for. The rows of recent questions are kept, so that
//! the pages of one pull are evaluated once.

use std::collections::BTreeSet;

use oneroster_standard::query::{Clause, Connective, Filter, ListQuery, ObjectForm, Predicate, Sort};
use oneroster_standard::{Kind, StatusType};

use super::cached_collection::CachedCollection;
use super::clause_test::ClauseTest;
use super::collection::Collection;
use super::edit;
use super::index;
use super::order::order;
use super::rows::Rows;

/// Up to so many rows are evaluated again for every page.
const CHEAP_ROWS_MAX: usize = 1000;

/// What part of a collection an endpoint is about, beside what its consumer asks: all of it by default.
#[derive(Debug, Clone, Default)]
pub struct Restriction {
    /// Clauses that must all hold.
    pub clauses: Vec<Clause>,
    /// If given, only these `sourcedId`s.
    pub ids: Option<BTreeSet<String>>,
    /// If given, one of its two must hold.
    pub either: Option<Either>,
}

/// A clause holds, or the `sourcedId` is one of these.
#[derive(Debug, Clone)]
pub struct Either {
    /// The clause.
    pub clause: Clause,
    /// The ids.
    pub ids: BTreeSet<String>,
}

/// Which objects count that refer to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Referring {
    /// Active ones.
    Active,
    /// Tombstones too.
    Any,
}

/// Finds the rows that answer a question, in its order.
pub(super) fn rows(collection: &CachedCollection, restriction: &Restriction, query: &ListQuery) -> Rows {
    let test = RowTest::new(collection, restriction, query);
    if test.is_trivial() && query.sort.is_none() {
        return Rows::All(collection.data.len());
    }
    // Cheap questions, and those that no second page follows, are not worth keeping. Ids are always few: they do not
    // stand in the question that is kept.
    let candidates = test.candidates();
    let is_cheap = restriction.ids.is_some()
        || restriction.either.is_some()
        || candidates
            .as_ref()
            .is_some_and(|rows| rows.len() <= CHEAP_ROWS_MAX);
    if is_cheap || query.is_unpaged() {
        return evaluate(&collection.data, &test, candidates, (query.sort, query.form));
    }
    let question = question(collection.data.kind, restriction, query);
    if let Some(rows) = collection.answers().find(&question) {
        return rows;
    }
    let rows = evaluate(&collection.data, &test, candidates, (query.sort, query.form));
    collection.answers().insert(&question, rows.clone());
    rows
}

/// Returns the ids that objects of a part of a collection refer to by a field.
pub(super) fn referred(
    collection: &CachedCollection,
    restriction: &Restriction,
    field: &'static str,
    referring: Referring,
) -> BTreeSet<String> {
    let test = RowTest {
        hide_tombstones: referring == Referring::Active,
        ..RowTest::of(collection, restriction)
    };
    let collection = &collection.data;
    let found = match evaluate(
        collection,
        &test,
        test.candidates(),
        (None, ObjectForm::default()),
    ) {
        Rows::All(count) => (0..count).collect(),
        Rows::Some(rows) => rows.iter().map(|&row| row as usize).collect::<Vec<_>>(),
    };
    let mut ids = BTreeSet::new();
    for row in found {
        index::texts(collection, row, field, Some("sourcedId"), |id| {
            ids.insert(id.to_owned());
        });
    }
    ids
}

/// Returns `true` if a part of a collection holds anything, be it a tombstone.
pub(super) fn holds_any(collection: &CachedCollection, restriction: &Restriction) -> bool {
    let test = RowTest::of(collection, restriction);
    let data = &collection.data;
    match test.candidates() {
        Some(candidates) => candidates.into_iter().any(|row| test.meets(data, row)),
        None => (0..data.len()).any(|row| test.meets(data, row)),
    }
}

/// Returns `true` if a row belongs to a part of a collection.
pub(super) fn belongs(collection: &Collection, restriction: &Restriction, row: usize) -> bool {
    // No restriction is about a field that clients see in several ways.
    let form = ObjectForm::default();
    restriction
        .ids
        .as_ref()
        .is_none_or(|ids| ids.contains(collection.sourced_id(row).as_ref()))
        && restriction
            .clauses
            .iter()
            .all(|clause| ClauseTest::new(collection, clause, form).meets(collection, row))
        && restriction.either.as_ref().is_none_or(|either| {
            either.ids.contains(collection.sourced_id(row).as_ref())
                || ClauseTest::new(collection, &either.clause, form).meets(collection, row)
        })
}

/// Writes down what decides about the rows: equal questions have equal rows.
fn question(kind: Kind, restriction: &Restriction, query: &ListQuery) -> String {
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
    let of_filter = query.filter.iter().flat_map(Filter::clauses);
    let asked = of_filter.map(|clause| clause.path.field.name);
    for field in asked.chain(query.sort.iter().map(|sort| sort.field.name)) {
        if edit::is_edited(kind, field, query.form) {
            write(format_args!(" {field} edited"));
        }
    }
    text
}

fn evaluate(
    collection: &Collection,
    test: &RowTest<'_>,
    candidates: Option<Vec<usize>>,
    (sort, form): (Option<Sort>, ObjectForm),
) -> Rows {
    let meets = |row: &usize| test.meets(collection, *row);
    let mut found: Vec<usize> = match candidates {
        Some(candidates) => candidates.into_iter().filter(meets).collect(),
        None if test.is_trivial() => (0..collection.len()).collect(),
        None => (0..collection.len()).filter(meets).collect(),
    };
    if let Some(sort) = sort {
        order(collection, &mut found, sort, form);
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
struct RowTest<'a> {
    collection: &'a CachedCollection,
    hide_tombstones: bool,
    ids: Option<&'a BTreeSet<String>>,
    either: Option<(ClauseTest<'a>, &'a BTreeSet<String>)>,
    restrictions: Vec<ClauseTest<'a>>,
    /// The filter's clauses, the cheaper one first.
    filter: Option<(ClauseTest<'a>, Option<(Connective, ClauseTest<'a>)>)>,
}

impl<'a> RowTest<'a> {
    fn new(collection: &'a CachedCollection, restriction: &'a Restriction, query: &'a ListQuery) -> Self {
        let clause_test = |clause| ClauseTest::new(&collection.data, clause, query.form);
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
            hide_tombstones: query.hide_tombstones,
            filter,
            ..Self::of(collection, restriction)
        }
    }

    fn of(collection: &'a CachedCollection, restriction: &'a Restriction) -> Self {
        // No restriction is about a field that clients see in several ways.
        let form = ObjectForm::default();
        let restrictions = restriction
            .clauses
            .iter()
            .map(|clause| ClauseTest::new(&collection.data, clause, form))
            .collect();
        Self {
            collection,
            hide_tombstones: false,
            ids: restriction.ids.as_ref(),
            either: restriction.either.as_ref().map(|either| {
                (
                    ClauseTest::new(&collection.data, &either.clause, form),
                    &either.ids,
                )
            }),
            restrictions,
            filter: None,
        }
    }

    /// Returns `true` if every row meets it.
    fn is_trivial(&self) -> bool {
        !self.hide_tombstones
            && self.ids.is_none()
            && self.either.is_none()
            && self.restrictions.is_empty()
            && self.filter.is_none()
    }

    /// Returns the few rows, in order, that alone can meet it, if that is known without looking at all.
    fn candidates(&self) -> Option<Vec<usize>> {
        let required = match &self.filter {
            Some((first, None)) => vec![first],
            Some((first, Some((Connective::And, second)))) => vec![first, second],
            Some((_, Some((Connective::Or, _)))) | None => Vec::new(),
        };
        let data = &self.collection.data;
        let rows_of = |id: &str| data.search(id).ok();
        for test in required.iter().copied().chain(&self.restrictions) {
            match test {
                ClauseTest::Date {
                    low,
                    high,
                    not: false,
                } if low > high || *low > data.latest() => {
                    return Some(Vec::new());
                }
                ClauseTest::Id(clause) if clause.predicate == Predicate::Equal => {
                    return Some(rows_of(&clause.value).into_iter().collect());
                }
                ClauseTest::Date { .. }
                | ClauseTest::Id(_)
                | ClauseTest::Status(_)
                | ClauseTest::Role(_)
                | ClauseTest::Document(..) => {}
            }
        }
        if let Some(ids) = self.ids {
            return Some(ids.iter().filter_map(|id| rows_of(id)).collect());
        }
        required
            .into_iter()
            .chain(&self.restrictions)
            .find_map(|test| match test {
                ClauseTest::Document(clause, form) => self.collection.indexes.candidates(data, clause, *form),
                ClauseTest::Date { .. } | ClauseTest::Id(_) | ClauseTest::Status(_) | ClauseTest::Role(_) => {
                    None
                }
            })
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
            && self.either.as_ref().is_none_or(|(test, ids)| {
                test.meets(collection, row) || ids.contains(collection.sourced_id(row).as_ref())
            })
    }
}
