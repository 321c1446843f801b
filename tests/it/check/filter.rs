//! How the small provider filters, sorts, cuts and selects.

use chrono::{DateTime, NaiveDate};
use serde_json::{Value, json};

use super::server::{DATES, ReceivedRequest};

/// A page of a list.
pub(super) struct Page {
    pub(super) rows: Vec<Value>,
    pub(super) total: usize,
    pub(super) warning: Option<&'static str>,
}

/// Filters, sorts, cuts and selects.
pub(super) fn list(ask: &ReceivedRequest, rows: Vec<&Value>) -> Result<Page, &'static str> {
    if ask.is_paging_bad {
        return Err("invalid data");
    }
    let mut warning = None;
    let filter = ask.filter.as_deref();
    // Also an empty collection knows which fields it has.
    matches(&json!({"dateLastModified": DATES[0]}), filter)?;
    let mut matching: Vec<&Value> = rows
        .into_iter()
        .filter(|row| matches(row, filter) == Ok(true))
        .collect();
    match ask.parameter("sort") {
        Some("dateLastModified") => {
            matching.sort_by_key(|row| row["dateLastModified"].as_str().unwrap());
            if ask.parameter("orderBy") == Some("desc") {
                matching.reverse();
            }
        }
        Some(_) => warning = Some("invalid_sort_field"),
        None => {}
    }
    let total = matching.len();
    let mut rows: Vec<Value> = matching
        .into_iter()
        .skip(ask.offset)
        .take(ask.limit)
        .cloned()
        .collect();
    match ask.parameter("fields") {
        Some("") => return Err("invalid_blank_selection_field"),
        Some("sourcedId,status") => {
            for row in &mut rows {
                row.as_object_mut()
                    .unwrap()
                    .retain(|name, _| matches!(name.as_str(), "sourcedId" | "status"));
            }
        }
        Some(_) => warning = Some("invalid_selection_field"),
        None => {}
    }
    Ok(Page { rows, total, warning })
}

/// Returns `true` if a row matches; `Err` is what is wrong with the filter.
fn matches(row: &Value, filter: Option<&str>) -> Result<bool, &'static str> {
    let Some(filter) = filter else { return Ok(true) };
    if let Some((first, second)) = filter.split_once(" OR ") {
        return Ok(clause(row, first)? | clause(row, second)?);
    }
    filter
        .split(" AND ")
        .try_fold(true, |all, text| Ok(all & clause(row, text)?))
}

fn clause(row: &Value, text: &str) -> Result<bool, &'static str> {
    let place = text.find(['=', '>', '!', '~']).ok_or("invalid data")?;
    let (field, rest) = text.split_at(place);
    let (operator, value) = rest.split_at(if rest.starts_with('!') { 2 } else { 1 });
    let value = value
        .strip_prefix('\'')
        .and_then(|value| value.strip_suffix('\''))
        .ok_or("invalid data")?;
    Ok(match (field, operator) {
        ("sourcedId" | "status" | "role", "=") => row[field] == json!(value),
        ("status", "!=") => row[field] != json!(value),
        ("sourcedId", "~") => row[field]
            .as_str()
            .is_some_and(|id| id.to_lowercase().contains(&value.to_lowercase())),
        ("class.sourcedId", "=") => row["class"]["sourcedId"] == json!(value),
        ("dateLastModified", ">") => instant(row[field].as_str().unwrap()) > instant(value),
        _ => return Err("invalid_filter_field"),
    })
}

fn instant(text: &str) -> i64 {
    let day = || {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .unwrap()
            .and_hms_opt(0, 0, 0)
            .unwrap()
            .and_utc()
    };
    DateTime::parse_from_rfc3339(text)
        .map_or_else(|_| day().timestamp_millis(), |time| time.timestamp_millis())
}
