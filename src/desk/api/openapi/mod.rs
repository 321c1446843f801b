//! The `OpenAPI` document of this API, made from the types that its handlers read and write.

mod bodies;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use super::routes;
use crate::desk::route::{Needs, Route};
use crate::desk::state::Desk;
use bodies::{BODIES, Body, Shape};

/// What routes read from the query of the address.
const QUERIES: [(&str, &[&str]); 8] = [
    ("check-file/judge", &["name"]),
    ("check-file/apply", &["name", "fingerprint"]),
    ("check-file/match/export", &["format"]),
    ("search", &["q"]),
    ("teams-cleanup", &["year"]),
    ("teams-cleanup/file", &["year"]),
    ("why", &["person", "class", "on"]),
    ("why/findings", &["person", "class", "on"]),
];

/// Answers the document.
pub(super) async fn document(State(desk): State<Arc<Desk>>) -> Json<Value> {
    Json(made(&desk.base_url))
}

/// Makes the document of a server at this address: every route of the API with what it takes and answers.
fn made(base_url: &str) -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for route in routes() {
        let operation = operation(&route, body_of(&route), &mut generator);
        let item = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(route.method.to_ascii_lowercase(), operation);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Desk",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What the pages of a school's admin ask. Every answer holds only what who asks may see; what they may not \
                            see answers like what does not exist.",
        },
        "servers": [{ "url": base_url }],
        "security": [{ "session": [] }],
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": "__Host-session" },
            },
        },
    })
}

fn body_of(route: &Route) -> Option<&'static Body> {
    let path = route.path.strip_prefix("/desk/api/").unwrap_or_default();
    BODIES.iter().find(|body| {
        let is_path = path == body.path || path.strip_prefix("{tenant}/") == Some(body.path);
        is_path && body.method == route.method
    })
}

/// Returns what a body is, by media type; `None` if there is none.
fn content(shape: Shape, generator: &mut SchemaGenerator) -> Option<Value> {
    match shape {
        Shape::Nothing => None,
        Shape::Json(schema) => Some(json!({ "application/json": { "schema": schema(generator) } })),
        Shape::Anything => Some(json!({ "application/json": { "schema": {} } })),
        Shape::Bytes => Some(json!({ "application/octet-stream": {} })),
        Shape::File => Some(json!({
            "text/csv": {},
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {},
        })),
    }
}

fn parameters(path: &str) -> Vec<Value> {
    let of_path = path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
    });
    let own = path.strip_prefix("/desk/api/{tenant}/").unwrap_or_default();
    let queries = QUERIES.iter().filter(|(of_path, _)| *of_path == own);
    let queries = queries.flat_map(|(_, names)| names.iter()).map(
        |name| json!({ "name": name, "in": "query", "required": false, "schema": { "type": "string" } }),
    );
    of_path.chain(queries).collect()
}

fn operation(route: &Route, body: Option<&Body>, generator: &mut SchemaGenerator) -> Value {
    let (asked, answered) = body.map_or((None, None), |body| {
        (content(body.asked, generator), content(body.answered, generator))
    });
    let status = if answered.is_some() { "200" } else { "204" };
    let mut success = json!({ "description": "Done." });
    if let (Some(members), Some(content)) = (success.as_object_mut(), answered) {
        members.insert("content".to_owned(), content);
    }
    let refusal = generator.subschema_for::<bodies::Refusal>();
    let mut operation = json!({
        "description": match route.needs {
            Needs::Nothing => "Anybody may ask.",
            Needs::SignIn => "Needs a session.",
            Needs::Read => "Needs to see something in the tenant.",
            Needs::Write => "Needs to change something in the tenant.",
            Needs::Manage => "Needs to be manager of a school in the tenant.",
            Needs::Operate => "Needs to be the vendor's operator.",
        },
        "parameters": parameters(route.path),
        "responses": {
            status: success,
            "4XX": {
                "description": "Refused: what may help stands beside `error`.",
                "content": { "application/json": { "schema": refusal } },
            },
        },
    });
    if let (Some(members), Some(content)) = (operation.as_object_mut(), asked) {
        members.insert(
            "requestBody".to_owned(),
            json!({ "required": true, "content": content }),
        );
    }
    operation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_the_api_has_its_bodies_and_every_body_a_route() {
        let document = made("https://or.example");
        for route in routes() {
            let item = &document["paths"][route.path][route.method.to_ascii_lowercase()];
            assert!(item.is_object(), "{} {}", route.method, route.path);
            assert!(body_of(&route).is_some(), "{} {}", route.method, route.path);
        }
        for body in &BODIES {
            let count = routes()
                .iter()
                .filter_map(body_of)
                .filter(|of| std::ptr::eq(*of, body))
                .count();
            assert_eq!(count, 1, "{} {}", body.method, body.path);
        }
        let row = &document["components"]["schemas"]["Person"]["properties"];
        assert!(row["stamp"].is_object(), "{document}");
        let text = document.to_string();
        for reference in text.split("\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(document["components"]["schemas"][name].is_object(), "{name}");
        }
    }
}
