//! Bringing a bundle.

use serde_json::{Map, Value, json};

use super::responses::{self, RefusalForm};
use super::schemas::refer;
use super::service::{TAG, object};
use crate::http::bundle::DELTA;
use crate::http::reply;

/// Returns what the document says about bringing a bundle.
pub(super) fn put() -> Value {
    let report = import_report();
    let answer =
        |text, headers: &[&str], schema| responses::answer(text, headers, "application/json", Some(schema));
    let error = refer("Error");
    let mut own = Map::new();
    for (status, answer) in [
        (
            "200",
            answer("The bundle was loaded: what became of it", &[], &report),
        ),
        (
            "422",
            answer(
                "The bundle was refused and nothing was loaded: all that is wrong with it",
                &[],
                &report,
            ),
        ),
        (
            "415",
            answer(
                "The body is a form with the .zip, not the .zip itself.",
                &[],
                &error,
            ),
        ),
        (
            "429",
            answer(
                "A bundle of this tenant is being imported, or as many as may be of all.",
                &["Retry-After"],
                &error,
            ),
        ),
    ] {
        own.insert(status.to_owned(), answer);
    }
    json!({
        "operationId": "putBundle",
        "summary": "Bring a bundle of Informat data, as a .zip, and have it imported",
        "description": "For clients with the setting `import`, into the tenant of the token. The same may be sent again.",
        "tags": [TAG],
        "security": [{ "token": [] }],
        "parameters": [{
            "name": DELTA, "in": "query", "required": false,
            "description": "Whether its rows are upserts and deletes rather than the whole state of its tables.",
            "schema": { "type": "boolean", "default": false },
        }],
        "requestBody": {
            "required": true,
            "content": { (reply::ZIP): { "schema": { "type": "string", "format": "binary" } } },
        },
        "responses": responses::with_shared(own, &[400, 401, 403, 405, 408, 413, 500, 503], RefusalForm::OneRoster),
    })
}

/// The report of an import, as `docs/bundle.md` explains it.
fn import_report() -> Value {
    let count = json!({ "type": "integer", "minimum": 0 });
    let list = json!({ "type": "array", "items": { "type": "object" } });
    object(
        &[
            "accepted",
            "dry_run",
            "rows",
            "inserted",
            "updated",
            "deleted",
            "usernames_created",
            "faults",
            "guards",
            "remarks",
        ],
        &json!({
            "accepted": { "type": "boolean" },
            "dry_run": { "const": false },
            "rows": { "type": "object", "additionalProperties": count },
            "inserted": count,
            "updated": count,
            "deleted": count,
            "usernames_created": count,
            "faults": { "type": "array", "items": object(
                &["file", "rule", "message"],
                &json!({
                    "file": { "type": "string" },
                    "line": { "type": ["integer", "null"] },
                    "column": { "type": ["string", "null"] },
                    "value": { "type": ["string", "null"] },
                    "rule": { "type": "string" },
                    "message": { "type": "string" },
                }),
            ) },
            "faults_left_off": count,
            "remarks": list,
            "guards": list,
            "unnamed_sites": list,
        }),
    )
}
