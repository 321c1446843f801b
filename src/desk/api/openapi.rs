//! The `OpenAPI` document of this API, made from the types that its handlers read and write.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::bulk::{PreviewQuestion, UndoOrder};
use super::edit::{NameAnswer, NameOrder, SyncAnswer, SyncOrder};
use super::export::ExportQuestion;
use super::person::PersonAnswer;
use super::routes;
use super::swap::{SwapAnswer, SwapOrder};
use super::usernames::{CountsQuestion, RowsAnswer, RowsQuestion};
use crate::desk::bulk::{Acted, LastBulk, Order, Preview, UndoAnswer};
use crate::desk::list::Counts;
use crate::desk::route::Needs;
use crate::desk::search::{Findings, SearchAnswer, WhyAnswer};
use crate::desk::state::Desk;

/// Makes the schema of a body.
type Shape = fn(&mut SchemaGenerator) -> Schema;

/// What a route takes and answers, where that has a type here.
struct Body {
    path: &'static str,
    asked: Option<Shape>,
    answered: Option<Shape>,
}

const fn body(path: &'static str, asked: Option<Shape>, answered: Option<Shape>) -> Body {
    Body {
        path,
        asked,
        answered,
    }
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

const BODIES: [Body; 16] = [
    body("usernames/rows", Some(of::<RowsQuestion>), Some(of::<RowsAnswer>)),
    body("usernames/counts", Some(of::<CountsQuestion>), Some(of::<Counts>)),
    body("usernames/name", Some(of::<NameOrder>), Some(of::<NameAnswer>)),
    body("usernames/sync", Some(of::<SyncOrder>), Some(of::<SyncAnswer>)),
    body("usernames/export", Some(of::<ExportQuestion>), None),
    body("usernames/{id}", None, Some(of::<PersonAnswer>)),
    body(
        "usernames/bulk/preview",
        Some(of::<PreviewQuestion>),
        Some(of::<Preview>),
    ),
    body("usernames/bulk", Some(of::<Order>), Some(of::<Acted>)),
    body("usernames/bulk/last", None, Some(of::<Option<LastBulk>>)),
    body(
        "usernames/bulk/undo",
        Some(of::<UndoOrder>),
        Some(of::<UndoAnswer>),
    ),
    body("me/preferences/{screen}", None, None),
    body("search", None, Some(of::<SearchAnswer>)),
    body("why", None, Some(of::<WhyAnswer>)),
    body("why/findings", None, Some(of::<Findings>)),
    body("swap", Some(of::<SwapOrder>), Some(of::<SwapAnswer>)),
    body("swap/{id}", None, Some(of::<SwapAnswer>)),
];

/// What routes read from the query of the address.
const QUERIES: [(&str, &[&str]); 3] = [
    ("search", &["q"]),
    ("why", &["person", "class", "on"]),
    ("why/findings", &["person", "class", "on"]),
];

/// Answers the document.
pub(super) async fn document(State(desk): State<Arc<Desk>>) -> Json<Value> {
    Json(made(&desk.base_url))
}

/// Makes the document of a server at this address: every route of the API, those without a type here with their path alone.
fn made(base_url: &str) -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for route in routes() {
        let known = BODIES.iter().find(|body| {
            let path = route.path.strip_prefix("/desk/api/").unwrap_or_default();
            path == body.path || path.strip_prefix("{tenant}/") == Some(body.path)
        });
        let operation = operation(route.path, route.needs, known, &mut generator);
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

fn operation(path: &str, needs: Needs, known: Option<&Body>, generator: &mut SchemaGenerator) -> Value {
    let parameters = path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
    });
    let own = path.strip_prefix("/desk/api/{tenant}/").unwrap_or_default();
    let queries = QUERIES.iter().filter(|(of_path, _)| *of_path == own);
    let queries = queries.flat_map(|(_, names)| names.iter()).map(
        |name| json!({ "name": name, "in": "query", "required": false, "schema": { "type": "string" } }),
    );
    let mut shape = |shape: Option<Shape>| {
        let shape = shape?;
        Some(json!({ "application/json": { "schema": shape(generator) } }))
    };
    let (asked, answered) = (
        known.and_then(|known| shape(known.asked)),
        known.and_then(|known| shape(known.answered)),
    );
    let mut success = json!({ "description": "Done." });
    if let (Some(members), Some(content)) = (success.as_object_mut(), answered) {
        members.insert("content".to_owned(), content);
    }
    let mut operation = json!({
        "description": match needs {
            Needs::Nothing => "Anybody may ask.",
            Needs::SignIn => "Needs a session.",
            Needs::Read => "Needs to see something in the tenant.",
            Needs::Write => "Needs to change something in the tenant.",
            Needs::Manage => "Needs to be manager of a school in the tenant.",
            Needs::Operate => "Needs to be the vendor's operator.",
        },
        "parameters": parameters.chain(queries).collect::<Vec<_>>(),
        "responses": {
            "200": success,
            "4XX": { "description": "Refused: `error` has `code`, `message` and perhaps `hint`." },
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
    fn every_route_of_the_api_is_in_the_document_and_every_body_has_a_route() {
        let document = made("https://or.example");
        for route in routes() {
            let item = &document["paths"][route.path][route.method.to_ascii_lowercase()];
            assert!(item.is_object(), "{} {}", route.method, route.path);
        }
        for body in &BODIES {
            let end = format!("/{}", body.path);
            let mut paths = routes().into_iter().map(|route| route.path);
            assert!(paths.any(|path| path.ends_with(&end)), "{}", body.path);
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
