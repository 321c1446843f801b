//! Answers of Microsoft Graph: an array of users, objects with `value`, one user per line, and several of these one after another.

use serde_json::{Deserializer, Map, Value};

use crate::columns::ColumnChoice;
use crate::error::ReadError;
use crate::field::{Field, field_of, folded};

/// The cells of one user.
pub(crate) type Cells = Vec<(Field, String)>;

/// Reads every user. Returns them, and how many entries were none.
pub(crate) fn users(text: &str, choices: &[ColumnChoice]) -> Result<(Vec<Cells>, u64), ReadError> {
    let (mut users, mut others) = (Vec::new(), 0);
    let mut error_there = None;
    for document in Deserializer::from_str(text).into_iter::<Value>() {
        let document = document.map_err(|error| ReadError::Json {
            line: error.line(),
            column: error.column(),
        })?;
        let message = document.pointer("/error/message").and_then(Value::as_str);
        error_there = error_there.or_else(|| message.map(str::to_owned));
        take(document, choices, &mut users, &mut others);
    }
    if let (true, Some(message)) = (users.is_empty(), error_there) {
        return Err(ReadError::MicrosoftError(message));
    }
    if users.is_empty() {
        return Err(ReadError::NoUsers);
    }
    Ok((users, others))
}

fn take(document: Value, choices: &[ColumnChoice], users: &mut Vec<Cells>, others: &mut u64) {
    match document {
        Value::Array(entries) => {
            for entry in entries {
                take(entry, choices, users, others);
            }
        }
        Value::Object(mut object) => {
            if let Some(Value::Array(entries)) = object.remove("value") {
                take(Value::Array(entries), choices, users, others);
                return;
            }
            let cells = cells(&object, choices);
            if cells.iter().any(|(field, _)| *field == Field::Upn) {
                users.push(cells);
            } else {
                *others += 1;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => *others += 1,
    }
}

fn cells(object: &Map<String, Value>, choices: &[ColumnChoice]) -> Cells {
    let mut cells: Vec<(Field, usize, String)> = Vec::new();
    for (key, value) in object {
        let chosen = choices
            .iter()
            .find(|choice| folded(&choice.column) == folded(key));
        let field = chosen.map(|choice| (choice.field, 0)).or_else(|| field_of(key));
        if let (Some((field, rank)), Some(text)) = (field, text(value)) {
            cells.push((field, rank, text));
        }
    }
    cells.sort_by_key(|(_, rank, _)| *rank);
    cells.into_iter().map(|(field, _, text)| (field, text)).collect()
}

/// Returns a value as the cell of a table would have it: the entries of a list with `+` between them, of objects their texts.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(answer) => Some(answer.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(entries) => Some(entries.iter().filter_map(text).collect::<Vec<_>>().join("+")),
        Value::Object(object) => Some(object.values().filter_map(text).collect::<Vec<_>>().join(" ")),
    }
}
