//! The order of rows, as a consumer asked for it (`OneRoster` 1.1 §4).

use std::borrow::Cow;
use std::cmp::Reverse;

use oneroster_standard::query::{Direction, ObjectForm, Sort};
use serde_json::Value;

use super::collection::Collection;
use super::json;

/// What rows are ordered by; no value comes first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SortKey<'a> {
    None,
    Instant(i64),
    Text(Cow<'a, str>),
    List(Vec<String>),
}

/// Orders rows that are in `sourcedId` order; rows with equal keys stay in that.
pub(super) fn order(collection: &Collection, rows: &mut Vec<usize>, sort: Sort, form: ObjectForm) {
    let mut keyed: Vec<(SortKey<'_>, usize)> = rows
        .iter()
        .map(|&row| (key(collection, row, sort.field.name, form), row))
        .collect();
    match sort.direction {
        Direction::Ascending => keyed.sort(),
        Direction::Descending => keyed.sort_by(|a, b| (Reverse(&a.0), a.1).cmp(&(Reverse(&b.0), b.1))),
    }
    rows.clear();
    rows.extend(keyed.into_iter().map(|(_, row)| row));
}

fn key<'a>(collection: &'a Collection, row: usize, field: &str, form: ObjectForm) -> SortKey<'a> {
    match field {
        "sourcedId" => SortKey::Text(collection.sourced_id(row)),
        "status" => SortKey::Text(Cow::Borrowed(collection.status(row).as_str())),
        "dateLastModified" => SortKey::Instant(collection.date(row)),
        field => {
            if let Some(text) = collection.edited_text(row, field, form) {
                return SortKey::Text(text);
            }
            let Some(value) = json::member(collection.document(row), field) else {
                return SortKey::None;
            };
            if value.starts_with('{') {
                return json::member(value, "sourcedId")
                    .and_then(json::text)
                    .map_or(SortKey::None, SortKey::Text);
            }
            if let Some(text) = json::text(value) {
                return SortKey::Text(text);
            }
            match json::parsed(value) {
                Some(Value::Array(elements)) => {
                    SortKey::List(elements.iter().filter_map(element_text).collect())
                }
                Some(_) | None => SortKey::None,
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
