//! The same in JSON: errors are objects with an id or a code, counts are numbers under a name.

use serde_json::{Deserializer, Map, Value};

use super::{ReportRow, RunReport, count};
use crate::error::ReadError;

pub(super) fn read(text: &str) -> Result<RunReport, ReadError> {
    let mut reading = Reading::default();
    for document in Deserializer::from_str(text).into_iter::<Value>() {
        let document = document.map_err(|error| ReadError::Json {
            line: error.line(),
            column: error.column(),
        })?;
        reading.value("", &document);
    }
    Ok(reading.report)
}

#[derive(Default)]
struct Reading {
    report: RunReport,
    objects: u64,
}

impl Reading {
    /// Looks through a value that stands under `name`.
    fn value(&mut self, name: &str, value: &Value) {
        match value {
            Value::Array(entries) => entries.iter().for_each(|entry| self.value(name, entry)),
            Value::Object(object) => self.object(name, object),
            Value::Number(number) => {
                let count = number
                    .as_u64()
                    .and_then(|number| count::of_label(&spaced(name), number));
                if let Some(count) = count {
                    self.report.add_count(count);
                }
            }
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }

    fn object(&mut self, name: &str, object: &Map<String, Value>) {
        // `{"roleGroup": {"displayName": "Students"}, "count": 812}`: the number is that of the name beside it.
        if let Some(number) = object.get("count").and_then(Value::as_u64) {
            let mut label = spaced(name);
            for text in texts(object)
                .into_iter()
                .filter(|text| super::ids_in(text).is_empty())
            {
                label.push(' ');
                label.push_str(text);
            }
            if let Some(count) = count::of_label(&label, number) {
                self.report.add_count(count);
            }
            return;
        }
        self.objects += 1;
        let is_flat = object.values().all(|value| !value.is_array());
        let texts = texts(object);
        let row = is_flat.then(|| ReportRow::of(self.objects, &texts)).flatten();
        let is_error = row.as_ref().is_some_and(|row| {
            let is_known = row
                .code
                .as_deref()
                .is_some_and(|code| super::code_of(code).is_some());
            let says_error = object.keys().any(|key| {
                let key = key.to_lowercase();
                ["error", "code", "message", "fout"]
                    .iter()
                    .any(|word| key.contains(word))
            });
            is_known || says_error
        });
        if let Some(row) = row.filter(|_| is_error) {
            self.report.rows.push(row);
            return;
        }
        for (key, value) in object {
            self.value(key, value);
        }
    }
}

/// Returns every text in an object and the objects in it.
fn texts(object: &Map<String, Value>) -> Vec<&str> {
    let mut found = Vec::new();
    for value in object.values() {
        match value {
            Value::String(text) => found.push(text.as_str()),
            Value::Object(inner) => found.extend(texts(inner)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {}
        }
    }
    found
}

/// Parts a name such as `unmatchedPeopleByRole` into words.
fn spaced(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            text.push(' ');
        }
        text.push(letter);
    }
    text
}
