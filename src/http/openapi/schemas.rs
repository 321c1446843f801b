//! The shapes of bodies: entities from their types, so that what is required is what is always emitted.

use oneroster_standard::status_info::SetEntry;
use oneroster_standard::{AcademicSession, Base, Class, Course, Enrollment, Kind, Org, User};
use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

/// `YYYY-MM-DDTHH:mm:ss.SSSZ`.
const INSTANT: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$";

/// Returns every schema by name.
pub(super) fn all() -> Map<String, Value> {
    let mut generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let mut all = Map::new();
    for kind in Kind::ALL {
        let whole = entity(kind, &mut generator);
        all.insert(part_name(kind), part(&whole));
        all.insert(name(kind).to_owned(), whole);
    }
    let entry = SetEntry::json_schema(&mut generator).to_value();
    all.insert("StatusInfo".to_owned(), entry);
    all.extend(generator.take_definitions(true));
    all.insert("Error".to_owned(), error());
    all.insert("TokenError".to_owned(), token_error());
    all.values_mut().for_each(tidy);
    all
}

/// Returns what an object of a kind is called among the schemas.
pub(super) const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::AcademicSessions => "AcademicSession",
        Kind::Orgs => "Org",
        Kind::Courses => "Course",
        Kind::Classes => "Class",
        Kind::Users => "User",
        Kind::Enrollments => "Enrollment",
    }
}

/// Returns what the selected fields of an object are called among the schemas.
pub(super) fn part_name(kind: Kind) -> String {
    format!("{}Fields", name(kind))
}

/// Returns a reference to a schema.
pub(super) fn refer(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn entity(kind: Kind, generator: &mut SchemaGenerator) -> Value {
    let schema = match kind {
        Kind::AcademicSessions => Base::<AcademicSession>::json_schema(generator),
        Kind::Orgs => Base::<Org>::json_schema(generator),
        Kind::Courses => Base::<Course>::json_schema(generator),
        Kind::Classes => Base::<Class>::json_schema(generator),
        Kind::Users => Base::<User>::json_schema(generator),
        Kind::Enrollments => Base::<Enrollment>::json_schema(generator),
    };
    let mut schema = schema.to_value();
    schema["additionalProperties"] = json!(false);
    // A preview has no date; whatever is served has.
    if let Some(required) = schema["required"].as_array_mut() {
        required.push(json!("dateLastModified"));
    }
    schema["properties"]["dateLastModified"] = json!({
        "type": "string",
        "format": "date-time",
        "pattern": INSTANT,
        "description": "When its content last changed, in UTC. It may lie ahead of the clock.",
    });
    schema["properties"]["sourcedId"]["minLength"] = json!(1);
    of_settings(kind, &mut schema["properties"]);
    schema
}

/// Says what clients' settings change of an object.
fn of_settings(kind: Kind, properties: &mut Value) {
    let mut describe = |member: &str, text: &str| properties[member]["description"] = json!(text);
    match kind {
        Kind::Users => {
            describe(
                "enabledUser",
                "Always false (R124), which never means that the account is closed; true for active users for a client with the \
                 setting `enabled_users`.",
            );
            properties["email"] = json!({
                "type": "string",
                "format": "email",
                "description": "The username with its domain, for a client with the setting `email`; left out where no domain is known.",
            });
        }
        Kind::Enrollments => describe(
            "endDate",
            "Last day, as Informat stores it (R126). For a client with the setting `ended_enrollments` a removed enrollment ends on the \
             last day it was true.",
        ),
        Kind::Orgs => {
            describe(
                "type",
                "`school`. For a client with the setting `district_org` there is one of type `district` above them.",
            );
            describe(
                "parent",
                "The org of type `district`, for a client with the setting `district_org`.",
            );
            describe(
                "children",
                "The active schools of the org of type `district`; else empty.",
            );
        }
        Kind::AcademicSessions | Kind::Courses | Kind::Classes => {}
    }
}

/// The same members, none of which must be there.
fn part(whole: &Value) -> Value {
    let mut part = whole.clone();
    if let Some(members) = part.as_object_mut() {
        members.remove("required");
        members.insert(
            "description".to_owned(),
            json!("What `fields` asked for; a field without a value is left out."),
        );
    }
    part
}

/// The body of a refusal: three shapes in one.
fn error() -> Value {
    let minor = refer("CodeMinor");
    json!({
        "type": "object",
        "description": "A refusal, in the three shapes that consumers read.",
        "additionalProperties": false,
        "required": [
            "statusInfoSet", "imsx_codeMajor", "imsx_severity", "imsx_messageRefIdentifier", "imsx_description",
            "imsx_CodeMinor", "CodeMajor", "Severity", "CodeMinor", "Description",
        ],
        "properties": {
            "statusInfoSet": { "type": "array", "minItems": 1, "maxItems": 1, "items": refer("StatusInfo") },
            "imsx_codeMajor": { "const": "failure" },
            "imsx_severity": { "const": "error" },
            "imsx_messageRefIdentifier": { "type": "string", "description": "The request id, as in X-Request-Id." },
            "imsx_description": { "type": "string" },
            "imsx_CodeMinor": {
                "type": "object",
                "additionalProperties": false,
                "required": ["imsx_codeMinorField"],
                "properties": { "imsx_codeMinorField": {
                    "type": "array", "minItems": 1, "maxItems": 1,
                    "items": {
                        "type": "object",
                        "additionalProperties": false,
                        "required": ["imsx_codeMinorFieldName", "imsx_codeMinorFieldValue"],
                        "properties": { "imsx_codeMinorFieldName": { "type": "string" }, "imsx_codeMinorFieldValue": {
                            "type": "string", "description": "In the words of the standard's OpenAPI document, which differ.",
                        } },
                    },
                } },
            },
            "CodeMajor": { "const": "failure" },
            "Severity": { "const": "error" },
            "CodeMinor": minor,
            "Description": { "type": "string", "description": "What was wrong, where, what is allowed." },
        },
    })
}

fn token_error() -> Value {
    json!({
        "type": "object",
        "description": "A refusal of the token endpoint (RFC 6749 §5.2).",
        "additionalProperties": false,
        "required": ["error", "error_description"],
        "properties": {
            "error": { "enum": [
                "invalid_request", "invalid_client", "unsupported_grant_type", "invalid_scope",
                "temporarily_unavailable", "server_error",
            ] },
            "error_description": { "type": "string" },
        },
    })
}

/// Writes word lists as `enum`, takes out the null that a member left out is never written as, and the places in the
/// documents of this project that descriptions name.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let consts = |options: &Value| -> Option<Vec<Value>> {
                let options = options.as_array()?.iter();
                options.map(|option| option.get("const").cloned()).collect()
            };
            if let Some(words) = members.get("oneOf").and_then(consts) {
                members.remove("oneOf");
                members.insert("type".to_owned(), json!("string"));
                members.insert("enum".to_owned(), words.into());
            }
            members.remove("default");
            if let Some(Value::String(text)) = members.get_mut("description") {
                *text = without_sources(text);
            }
            for name in ["type", "anyOf"] {
                if let Some(Value::Array(options)) = members.get_mut(name) {
                    options.retain(|option| *option != "null" && option["type"] != "null");
                }
            }
            members.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Takes ` (R124)` and ` (OneRoster 1.1 §2.2, R124)` out of a text, and joins its lines.
fn without_sources(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(" (") {
        let Some((inside, behind)) = after.split_once(')') else {
            break;
        };
        kept.push_str(before);
        let is_source =
            inside.starts_with("OneRoster 1.1") || inside.trim_start_matches('R').parse::<u32>().is_ok();
        if !is_source {
            kept.extend([" (", inside, ")"]);
        }
        rest = behind;
    }
    kept.push_str(rest);
    kept.replace('\n', " ").replace("  ", " ")
}
