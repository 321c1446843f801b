//! The order of rows, as a consumer asked for it (`OneRoster` 1.1 §4).

use std::borrow::Cow;
use std::cmp::Reverse;

use oneroster_standard::query::{Direction, Sort};
use serde_json::Value;

use super::collection::Collection;
use super::json;

/// What rows are ordered by; no value comes first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    None,
    Instant(i64),
    Text(Cow<'a, str>),
    List(Vec<String>),
}

/// Orders rows that are in `sourcedId` order; rows with equal keys stay in that.
pub(super) fn order(collection: &Collection, rows: &mut Vec<usize>, sort: Sort) {
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
            match json::parsed(value) {
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
