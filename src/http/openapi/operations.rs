//! The operations of the catalog.

use oneroster_standard::ObjectType;
use oneroster_standard::query::fields;
use serde_json::{Map, Value, json};

use super::responses::{self, RefusalForm};
use super::schemas::{name, part_name, refer};
use crate::http::catalog::{OPERATIONS, Operation, Parameter, ParameterForm, Target};

/// Tag of collections and singles.
pub(super) const BASE: &str = "base";
/// Tag of associations.
pub(super) const ASSOCIATIONS: &str = "associations";

/// Headers of an answer with data.
const DATA_HEADERS: [&str; 5] = [
    "X-Total-Count",
    "X-Count",
    "X-Roster-Generation",
    "X-Roster-Published-At",
    "ETag",
];

/// Returns what the document says about an operation.
pub(super) fn item(operation: &Operation) -> Value {
    let scopes = operation
        .scopes
        .iter()
        .map(|scope| json!({ "token": [scope.uri()] }));
    let is_association = matches!(operation.target, Target::Association { .. });
    let path = operation.path_parameters().map(|name| {
        json!({
            "name": name, "in": "path", "required": true,
            "description": "A sourcedId.",
            "schema": { "type": "string", "minLength": 1 },
        })
    });
    let query = operation
        .parameters()
        .iter()
        .map(|parameter| query_parameter(operation, parameter));
    let parameters: Vec<Value> = path.chain(query).chain([if_none_match()]).collect();
    json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [if is_association { ASSOCIATIONS } else { BASE }],
        "security": scopes.collect::<Vec<_>>(),
        "parameters": parameters,
        "responses": responses(operation, is_association),
    })
}

fn responses(operation: &Operation, is_association: bool) -> Value {
    let mut own = Map::new();
    // Of a type that nobody has any of, no single is found.
    if !operation.is_single() || matches!(operation.view.object_type, ObjectType::Published(_)) {
        own.insert("200".to_owned(), success(operation));
    }
    let mut statuses = vec![304, 400, 401, 403, 405, 408, 413, 500, 503];
    if operation.is_single() || is_association {
        statuses.push(404);
    }
    responses::with_shared(own, &statuses, RefusalForm::OneRoster)
}

fn success(operation: &Operation) -> Value {
    let mut headers = DATA_HEADERS.to_vec();
    if !operation.is_single() {
        headers.push("Link");
    }
    let schema = envelope(operation);
    let mut answer = responses::answer(operation.summary, &headers, "application/json", Some(&schema));
    let links = links(operation);
    if let (false, Some(members)) = (links.is_empty(), answer.as_object_mut()) {
        members.insert("links".to_owned(), links.into());
    }
    answer
}

/// The body: the objects under their key, and what could not be done as asked.
fn envelope(operation: &Operation) -> Value {
    let key = operation.envelope_key();
    let data = match operation.view.object_type {
        ObjectType::Published(kind) => {
            let (whole, part) = (refer(name(kind)), refer(&part_name(kind)));
            if operation.is_single() {
                json!({ "anyOf": [whole, part] })
            } else {
                json!({ "type": "array", "anyOf": [{ "items": whole }, { "items": part }] })
            }
        }
        ObjectType::Demographics | ObjectType::Resource => json!({ "type": "array", "maxItems": 0 }),
    };
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": [key],
        "properties": {
            (key): data,
            "statusInfoSet": {
                "type": "array", "minItems": 1, "items": refer("StatusInfo"),
                "description": "Warnings: an unknown field in sort or fields. Else it is not there.",
            },
        },
    })
}

fn query_parameter(operation: &Operation, parameter: &Parameter) -> Value {
    let known = fields(operation.view.object_type)
        .iter()
        .map(|field| field.name)
        .collect::<Vec<_>>()
        .join(", ");
    let (schema, example, more) = match parameter.form {
        ParameterForm::Number { least, most, default } => {
            let mut schema = json!({ "type": "integer", "minimum": least, "default": default });
            if let Some(most) = most {
                schema["maximum"] = json!(most);
            }
            (schema, Vec::new(), String::new())
        }
        ParameterForm::Word(words) => (
            json!({ "type": "string", "enum": words, "default": words.first() }),
            Vec::new(),
            " In any case.".to_owned(),
        ),
        ParameterForm::Field => (
            json!({ "type": "string" }),
            vec!["dateLastModified"],
            format!(" Fields: {known}."),
        ),
        ParameterForm::Fields => (
            json!({ "type": "string", "minLength": 1 }),
            vec!["sourcedId,status"],
            format!(" Separated by commas. Fields: {known}."),
        ),
        ParameterForm::Filter { characters_max } => (
            json!({ "type": "string", "minLength": 1, "maxLength": characters_max }),
            vec![
                "status='active'",
                "dateLastModified>'2020-01-01T00:00:00.000Z'",
                "sourcedId='a' OR sourcedId!='b'",
            ],
            format!(" Fields: {known}."),
        ),
    };
    let mut item = json!({
        "name": parameter.name, "in": "query", "required": false,
        "description": format!("{}{more}", parameter.description),
        "schema": schema,
    });
    if !example.is_empty() {
        let examples = example
            .iter()
            .enumerate()
            .map(|(at, value)| (format!("example{}", at + 1), json!({ "value": value })));
        item["examples"] = examples.collect::<Map<_, _>>().into();
    }
    item
}

fn if_none_match() -> Value {
    json!({
        "name": "If-None-Match", "in": "header", "required": false,
        "description": "Tags of answers that the caller has: 304 if one of them is still the answer.",
        "schema": { "type": "string" },
    })
}

/// Where the ids in a collection lead: to single objects, and to what belongs to them.
fn links(operation: &Operation) -> Map<String, Value> {
    let key = operation.envelope_key();
    if operation.target != Target::Collection {
        return Map::new();
    }
    let first = |member: &str| format!("$response.body#/{key}/0/{member}");
    let next = OPERATIONS.iter().filter_map(|target| {
        let ids: Vec<String> = match target.target {
            Target::Single if target.view == operation.view => vec![first("sourcedId")],
            Target::Association {
                parents: [parent], ..
            } if parent.view == operation.view => vec![first("sourcedId")],
            // The last parent says which one the others are.
            Target::Association {
                parents: [_, parent], ..
            } if parent.view == operation.view => {
                vec![
                    first(&format!("{}/sourcedId", parent.within?)),
                    first("sourcedId"),
                ]
            }
            Target::Collection | Target::Single | Target::Association { .. } => return None,
        };
        let parameters: Map<String, Value> = target
            .path_parameters()
            .map(str::to_owned)
            .zip(ids.into_iter().map(Value::from))
            .collect();
        Some((
            target.id.to_owned(),
            json!({ "operationId": target.id, "parameters": parameters }),
        ))
    });
    if matches!(operation.view.object_type, ObjectType::Published(_)) {
        next.collect()
    } else {
        Map::new()
    }
}
