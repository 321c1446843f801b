//! The oracle: OneRoster 1.1 §4–§6 by the letter, on whole documents.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use oneroster_standard::query::{ObjectForm, Policy};
use serde_json::{Value, json};

use super::{DOMAIN, ENDED};

/// A clause as a consumer means it.
pub(super) type Meant = (&'static str, &'static str, String);

pub(super) fn oracle_instant(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.to_utc());
    }
    let midnight = NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()?
        .and_hms_opt(0, 0, 0)?;
    Some(
        chrono_tz::Europe::Brussels
            .from_local_datetime(&midnight)
            .unwrap()
            .to_utc(),
    )
}

pub(super) fn oracle_scalar(name: &str, predicate: &str, actual: Option<&str>, value: &str) -> bool {
    let Some(actual) = actual else {
        return false;
    };
    let ordering = match name {
        _ if predicate == "~" => return actual.to_lowercase().contains(&value.to_lowercase()),
        "dateLastModified" | "beginDate" | "endDate" => oracle_instant(actual)
            .unwrap()
            .cmp(&oracle_instant(value).unwrap()),
        "username" | "email" => actual.to_lowercase().cmp(&value.to_lowercase()),
        _ => actual.cmp(value),
    };
    match predicate {
        "=" => ordering == Ordering::Equal,
        ">" => ordering == Ordering::Greater,
        ">=" => ordering != Ordering::Less,
        "<" => ordering == Ordering::Less,
        "<=" => ordering != Ordering::Greater,
        other => panic!("{other}"),
    }
}

pub(super) fn oracle_meets(document: &Value, (name, predicate, value): &Meant) -> bool {
    if *predicate == "!=" {
        return !oracle_meets(document, &(name, "=", value.clone()));
    }
    let (field, member) = match *name {
        "orgs" | "class" | "school" => (*name, Some("sourcedId")),
        dotted => dotted
            .split_once('.')
            .map_or((dotted, None), |(field, member)| (field, Some(member))),
    };
    match (&document[field], member) {
        (Value::Array(elements), Some(member)) => elements
            .iter()
            .any(|element| oracle_scalar(name, predicate, element[member].as_str(), value)),
        (Value::Array(elements), None) => {
            let has = |wanted: &str| elements.iter().any(|element| element == wanted);
            let has_caseless = |wanted: &str| {
                elements
                    .iter()
                    .any(|element| element.as_str().unwrap().to_lowercase() == wanted.to_lowercase())
            };
            let mut wanted = value.split(',').map(str::trim);
            if *predicate == "=" {
                wanted.all(has)
            } else {
                wanted.any(has_caseless)
            }
        }
        (object, Some(member)) => oracle_scalar(name, predicate, object[member].as_str(), value),
        (scalar, None) => oracle_scalar(name, predicate, scalar.as_str(), value),
    }
}

/// A document as a client of this form sees it, with booleans as they are kept.
pub(super) fn seen(document: &Value, form: ObjectForm) -> Value {
    let mut seen = document.clone();
    let members = seen.as_object_mut().unwrap();
    let (domain, ended) = (members.remove(DOMAIN), members.remove(ENDED));
    let is_active = members["status"] == "active";
    if let Some(username) = members.get("username").and_then(Value::as_str).map(str::to_owned) {
        let email = match domain {
            _ if username.contains('@') => Some(username),
            domain => domain.map(|domain| format!("{username}@{}", domain.as_str().unwrap())),
        };
        if let Some(email) = email.filter(|_| form.email) {
            members.insert("email".to_owned(), json!(email));
        }
    }
    if form.enabled_users && is_active && members.contains_key("enabledUser") {
        members.insert("enabledUser".to_owned(), json!("true"));
    }
    if let Some(ended) = ended.filter(|_| form.ended_enrollments && !is_active) {
        let earlier = members.get("endDate").and_then(Value::as_str) < ended.as_str();
        if !members.contains_key("endDate") || !earlier {
            members.insert("endDate".to_owned(), ended);
        }
    }
    seen
}

/// A document as a client of this form gets it.
pub(super) fn finished(document: &Value, form: ObjectForm) -> Value {
    let mut document = seen(document, form);
    if form.native_booleans {
        native(&mut document);
    }
    document
}

fn native(document: &mut Value) {
    for name in ["enabledUser", "primary"] {
        if let Some(value) = document.get_mut(name) {
            *value = json!(*value == "true");
        }
    }
}

/// What documents are compared by when sorted: a missing value is the empty list.
pub(super) fn oracle_key(document: &Value, field: &str) -> Vec<String> {
    match &document[field] {
        Value::String(text) => vec![text.clone()],
        Value::Array(elements) => {
            // A list that is empty still comes after no list at all; the fields tested always have theirs.
            elements
                .iter()
                .map(|e| e.as_str().or(e["sourcedId"].as_str()).unwrap().to_owned())
                .collect()
        }
        object @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => object["sourcedId"]
            .as_str()
            .map(str::to_owned)
            .into_iter()
            .collect(),
    }
}

#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) first: Option<Meant>,
    pub(super) second: Option<(bool, Meant)>,
    pub(super) sort: Option<(&'static str, bool)>,
    pub(super) fields: Option<Vec<&'static str>>,
    pub(super) policy: Policy,
}

impl Asked {
    pub(super) fn parameters(&self) -> Vec<(String, String)> {
        let clause =
            |(name, predicate, value): &Meant| format!("{name}{predicate}'{}'", value.replace('\'', "''"));
        let mut parameters = Vec::new();
        if let Some(first) = &self.first {
            let mut filter = clause(first);
            if let Some((and, second)) = &self.second {
                filter.push_str(if *and { " AND " } else { " OR " });
                filter.push_str(&clause(second));
            }
            parameters.push(("filter".to_owned(), filter));
        }
        if let Some((field, descending)) = self.sort {
            parameters.push(("sort".to_owned(), field.to_owned()));
            parameters.push((
                "orderBy".to_owned(),
                if descending { "desc" } else { "asc" }.to_owned(),
            ));
        }
        if let Some(fields) = &self.fields {
            parameters.push(("fields".to_owned(), fields.join(",")));
        }
        parameters
    }

    pub(super) fn oracle(&self, documents: &[Value]) -> Vec<Value> {
        let named = |name: &str| {
            let clauses = self
                .first
                .iter()
                .chain(self.second.iter().map(|(_, clause)| clause));
            clauses.clone().any(|clause| clause.0 == name)
        };
        let hide =
            !self.policy.include_tombstones_unfiltered && !named("status") && !named("dateLastModified");
        let form = self.policy.form;
        let mut found: Vec<Value> = documents
            .iter()
            .map(|document| seen(document, form))
            .filter(|document| !hide || document["status"] == "active")
            .filter(|document| match (&self.first, &self.second) {
                (None, _) => true,
                (Some(first), None) => oracle_meets(document, first),
                (Some(first), Some((true, second))) => {
                    oracle_meets(document, first) && oracle_meets(document, second)
                }
                (Some(first), Some((false, second))) => {
                    oracle_meets(document, first) || oracle_meets(document, second)
                }
            })
            .collect();
        if let Some((field, descending)) = self.sort {
            found.sort_by(|a, b| {
                let ordering = oracle_key(a, field).cmp(&oracle_key(b, field));
                if descending { ordering.reverse() } else { ordering }
            });
        }
        for document in &mut found {
            if form.native_booleans {
                native(document);
            }
            let members = document.as_object_mut().unwrap();
            if let Some(fields) = &self.fields {
                members.retain(|name, _| fields.contains(&name.as_str()));
            }
        }
        found
    }
}
