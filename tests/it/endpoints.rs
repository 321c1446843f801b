//! Every operation of the catalog: which scopes open it, what is refused, what is answered. A new entry of the catalog is tested
//! without further code.

mod associations;
pub(crate) mod world;

use axum::body::Body;
use axum::http::{Method, Request};
use oneroster::auth::Scope;
use oneroster::auth::client::{self, NewSecret};
use oneroster::http::catalog::{METHODS, OPERATIONS, Operation, ParameterForm, Target, View};
use oneroster_standard::{Kind, ObjectType};
use serde_json::{Value, json};

use crate::harness::api::{self, Answer, Api};
use crate::harness::database;
use world::World;

/// A server with two tenants, whose ids have nothing in common.
struct TwoTenants {
    api: Api,
    pool: sqlx::PgPool,
    own: World,
    other: World,
    client: NewSecret,
    token: String,
}

impl TwoTenants {
    async fn new() -> Self {
        let pool = database().await.pool;
        let client = api::tenant(&pool, "zand").await;
        api::tenant(&pool, "andere").await;
        let (own, other) = (World::new(1, "z"), World::new(2, "a"));
        own.publish(&pool, "zand").await;
        other.publish(&pool, "andere").await;
        let api = Api::start(&pool).await;
        let token = api.token(&client).await;
        Self {
            api,
            pool,
            own,
            other,
            client,
            token,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.api.get(&self.token, path).await
    }

    /// A server that knows this client's settings by now, and a token of it.
    async fn with_setting(&self, entry: &str) -> (Api, String) {
        client::set(&self.pool, "zand", &self.client.client_id, &[entry.to_owned()])
            .await
            .unwrap();
        let api = Api::start(&self.pool).await;
        let token = api.token(&self.client).await;
        (api, token)
    }
}

/// Every operation with a path to objects of this world.
pub(crate) fn paths(world: &World) -> Vec<(&'static Operation, String)> {
    OPERATIONS
        .iter()
        .map(|operation| (operation, operation.path(&ids(operation, world))))
        .collect()
}

/// Ids that make an operation's path lead somewhere; for objects that nobody has, any.
fn ids<'a>(operation: &Operation, world: &'a World) -> Vec<&'a str> {
    match operation.target {
        Target::Collection => Vec::new(),
        Target::Single => vec![sample(operation.view, world)],
        Target::Association { parents, .. } => {
            let mut ids: Vec<&str> = parents.iter().map(|parent| sample(parent.view, world)).collect();
            if let [school_id, class_id] = &mut *ids {
                *school_id = world
                    .object("classes", class_id)
                    .pointer("/school/sourcedId")
                    .and_then(Value::as_str)
                    .unwrap();
            }
            ids
        }
    }
}

/// The first active object of a view.
fn sample(view: View, world: &World) -> &str {
    let ObjectType::Published(kind) = view.object_type else {
        return "nobody-has-one";
    };
    world
        .objects(kind.collection())
        .find(|(_, status, content)| {
            *status == "active" && view.only.is_none_or(|(field, word)| content[field] == word)
        })
        .unwrap_or_else(|| panic!("the world has no {}", view.name))
        .0
}

/// Checks status and code of a refusal, and that it is JSON.
fn assert_refused(answer: &Answer, status: u16, code_minor: &str, about: &str) {
    assert_eq!(answer.status.as_u16(), status, "{about}: {:?}", answer.json());
    assert_eq!(answer.json()["CodeMinor"], code_minor, "{about}");
    assert_eq!(answer.header("content-type"), "application/json", "{about}");
}

fn is_published(operation: &Operation) -> bool {
    matches!(operation.view.object_type, ObjectType::Published(_))
}

#[tokio::test]
async fn each_operation_gives_its_objects_under_its_key_with_their_number() {
    let stage = TwoTenants::new().await;
    for (operation, path) in paths(&stage.own) {
        let answer = stage.get(&path).await;
        if operation.is_single() && !is_published(operation) {
            assert_refused(&answer, 404, "unknown object", operation.id);
            continue;
        }
        assert_eq!(answer.status, 200, "{path}: {:?}", answer.json());
        let body = answer.json();
        let key = operation.envelope_key();
        let opening = format!("{{\"{key}\":{}", if operation.is_single() { '{' } else { '[' });
        assert!(answer.body.starts_with(opening.as_bytes()), "{path}: {body}");
        assert_eq!(body.as_object().unwrap().len(), 1, "{path}");
        let (total, count) = (answer.header("x-total-count"), answer.header("x-count"));
        assert_eq!(answer.header("x-roster-generation"), "1", "{path}");
        if operation.is_single() {
            assert_eq!((total, count), ("1", "1"), "{path}");
            assert_eq!(body[key]["sourcedId"], ids(operation, &stage.own)[0], "{path}");
        } else {
            let rows = body[key].as_array().unwrap().len().to_string();
            assert_eq!(count, rows, "{path}");
            assert_eq!(
                total == "0",
                !is_published(operation),
                "{path}: the world has some of each"
            );
            assert!(answer.header("link").contains(&format!("{path}?")), "{path}");
        }
    }
}

#[tokio::test]
async fn without_a_good_token_each_operation_is_401() {
    let stage = TwoTenants::new().await;
    for (operation, path) in paths(&stage.own) {
        let path = format!("/ims/oneroster/v1p1{path}");
        let bare = Request::builder().uri(&path).body(Body::empty()).unwrap();
        assert_refused(&stage.api.send(bare).await, 401, "unauthorized", operation.id);
        let made_up = stage.api.ask(Method::GET, "made-up", &path).await;
        assert_refused(&made_up, 401, "unauthorized", operation.id);
    }
}

#[tokio::test]
async fn each_operation_opens_with_its_scopes_and_with_no_other() {
    let stage = TwoTenants::new().await;
    for scope in Scope::ALL {
        let issued = stage
            .api
            .auth
            .issue(
                &stage.client.client_id,
                &stage.client.client_secret,
                Some(scope.uri()),
                None,
            )
            .await
            .unwrap();
        for (operation, path) in paths(&stage.own) {
            let answer = stage.api.get(&issued.access_token, &path).await;
            if operation.scopes.contains(&scope) {
                assert_ne!(answer.status, 403, "{} with {scope:?}", operation.id);
            } else {
                assert_refused(&answer, 403, "forbidden", operation.id);
                let challenge = answer.header("www-authenticate");
                let named = operation
                    .scopes
                    .iter()
                    .all(|scope| challenge.contains(scope.uri()));
                assert!(named && challenge.contains("insufficient_scope"), "{challenge}");
            }
        }
    }
}

/// R24, for every operation.
#[tokio::test]
async fn objects_of_another_tenant_are_as_good_as_none() {
    let stage = TwoTenants::new().await;
    let (strict, strict_token) = stage.with_setting("unknown_parent_404=true").await;
    for (operation, path) in paths(&stage.other) {
        let answer = stage.get(&path).await;
        match operation.target {
            Target::Collection => assert_no_row_of(&stage.other, &answer, &path),
            Target::Single => assert_refused(&answer, 404, "unknown object", operation.id),
            Target::Association { .. } => {
                assert_eq!(
                    (answer.status.as_u16(), answer.json()),
                    (200, json!({ operation.envelope_key(): [] })),
                    "{path}"
                );
                assert_eq!(answer.header("x-total-count"), "0", "{path}");
                let answer = strict.get(&strict_token, &path).await;
                assert_refused(&answer, 404, "unknown object", operation.id);
            }
        }
    }
}

fn assert_no_row_of(other: &World, answer: &Answer, path: &str) {
    let body = String::from_utf8(answer.body.clone()).unwrap();
    for kind in Kind::ALL {
        for (id, ..) in other.objects(kind.collection()) {
            assert!(!body.contains(&format!("\"{id}\"")), "{path} shows {id}");
        }
    }
}

#[tokio::test]
async fn other_methods_than_get_and_head_are_405_with_allow() {
    let stage = TwoTenants::new().await;
    for (operation, path) in paths(&stage.own) {
        let path = format!("/ims/oneroster/v1p1{path}");
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = stage.api.ask(method, &stage.token, &path).await;
            assert_refused(&answer, 405, "invalid data", operation.id);
            assert_eq!(answer.header("allow"), METHODS, "{path}");
        }
        let get = stage.api.ask(Method::GET, &stage.token, &path).await;
        let head = stage.api.ask(Method::HEAD, &stage.token, &path).await;
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        for name in ["content-length", "x-total-count", "link"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
}

/// What a parameter refuses, and with which code; one that no operation refuses has none.
fn refused_values(form: ParameterForm) -> Vec<(&'static str, &'static str)> {
    match form {
        ParameterForm::Number { least, most, .. } => {
            let mut refused = vec![
                ("-1", "invalid data"),
                ("ten", "invalid data"),
                ("", "invalid data"),
            ];
            if least > 0 {
                refused.push(("0", "invalid data"));
            }
            if most.is_some() {
                refused.push(("10001", "invalid data"));
            }
            refused
        }
        ParameterForm::Word(_) => vec![("sideways", "invalid data")],
        ParameterForm::Filter { .. } => vec![
            ("shoeSize%3D%2744%27", "invalid_filter_field"),
            ("status%3Dactive", "invalid data"),
            ("", "invalid data"),
        ],
        ParameterForm::Fields => vec![("", "invalid_blank_selection_field")],
        ParameterForm::Field => Vec::new(),
    }
}

#[tokio::test]
async fn each_parameter_of_each_operation_refuses_what_it_cannot_read() {
    let stage = TwoTenants::new().await;
    // Refused before the objects are looked for: also where there are none, and under an unknown parent.
    for world in [&stage.own, &stage.other] {
        for (operation, path) in paths(world) {
            for parameter in operation.parameters() {
                for (value, code_minor) in refused_values(parameter.form) {
                    let path = format!("{path}?{}={value}", parameter.name);
                    assert_refused(&stage.get(&path).await, 400, code_minor, &path);
                }
            }
            let ignored = stage.get(&format!("{path}?shoeSize=44&&x")).await;
            assert_eq!(ignored.status, stage.get(&path).await.status, "{path}");
        }
    }
}

#[tokio::test]
async fn an_unknown_field_to_sort_by_or_to_select_is_a_warning_beside_the_data() {
    let stage = TwoTenants::new().await;
    for (operation, path) in paths(&stage.own) {
        let plain = stage.get(&path).await;
        if plain.status == 404 {
            continue;
        }
        for parameter in operation.parameters() {
            let code_minor = match parameter.form {
                ParameterForm::Field => "invalid_sort_field",
                ParameterForm::Fields => "invalid_selection_field",
                ParameterForm::Number { .. } | ParameterForm::Word(_) | ParameterForm::Filter { .. } => {
                    continue;
                }
            };
            let answer = stage.get(&format!("{path}?{}=shoeSize", parameter.name)).await;
            let (mut body, expected) = (answer.json(), plain.json());
            assert_eq!(answer.status, 200, "{path}");
            let key = operation.envelope_key();
            assert!(
                answer.body.starts_with(format!("{{\"{key}\":").as_bytes()),
                "{path}"
            );
            assert_eq!(
                answer.header("x-total-count"),
                plain.header("x-total-count"),
                "{path}"
            );
            let warning = body["statusInfoSet"][0].take();
            assert_eq!(
                (
                    &warning["imsx_codeMajor"],
                    &warning["imsx_severity"],
                    &warning["imsx_codeMinor"]
                ),
                (&json!("success"), &json!("warning"), &json!(code_minor)),
                "{path}"
            );
            assert!(warning["imsx_description"].as_str().unwrap().contains("shoeSize"));
            assert_eq!(body[key], expected[key], "{path}: all the same data");
        }
    }
}

#[tokio::test]
async fn a_page_past_the_end_is_empty_and_counts_all_the_same() {
    let stage = TwoTenants::new().await;
    for (operation, path) in paths(&stage.own) {
        if operation.is_single() {
            continue;
        }
        let total = stage.get(&path).await.header("x-total-count").to_owned();
        let past = stage.get(&format!("{path}?offset={total}&limit=5000")).await;
        assert_eq!(
            (past.status.as_u16(), past.json()),
            (200, json!({ operation.envelope_key(): [] })),
            "{path}"
        );
        assert_eq!(
            (past.header("x-total-count"), past.header("x-count")),
            (total.as_str(), "0"),
            "{path}"
        );
        assert!(!past.header("link").contains("rel=\"next\""), "{path}");
    }
}

/// `/terms/{id}` with a school year, `/students/{id}` with a teacher: OneRoster 1.1 §12 question 8.
#[tokio::test]
async fn an_object_of_another_part_of_its_collection_is_unknown() {
    let stage = TwoTenants::new().await;
    let mut seen = 0;
    for operation in OPERATIONS.iter().filter(|operation| operation.is_single()) {
        let (ObjectType::Published(kind), Some((field, word))) =
            (operation.view.object_type, operation.view.only)
        else {
            continue;
        };
        for (id, _, content) in stage.own.objects(kind.collection()) {
            let answer = stage.get(&operation.path(&[id])).await;
            if content[field] == word || is_named(&stage.own, word, id) {
                assert_eq!(answer.json()[kind.singular()]["sourcedId"], id);
            } else {
                assert_refused(&answer, 404, "unknown object", operation.id);
                seen += 1;
            }
        }
    }
    assert!(seen > 10);
}

/// Whether an object is named as a term by a class, as a student or teacher by an enrollment.
fn is_named(world: &World, part: &str, id: &str) -> bool {
    match part {
        "term" => world.objects("classes").any(|(_, _, class)| {
            let terms = class["terms"].as_array().unwrap();
            terms.iter().any(|term| term["sourcedId"] == id)
        }),
        "student" | "teacher" => world
            .objects("enrollments")
            .any(|(_, _, row)| row["role"] == part && row["user"]["sourcedId"] == id),
        _ => false,
    }
}

/// The table in `docs/endpoints.md` is the catalog.
#[test]
fn the_documentation_lists_each_operation_with_what_opens_it() {
    let documentation = include_str!("../../docs/endpoints.md");
    let row = |operation: &Operation| {
        let scopes: Vec<String> = operation
            .scopes
            .iter()
            .map(|scope| format!("`{}`", scope.uri().rsplit('/').next().unwrap()))
            .collect();
        format!(
            "| `{}` | {} | `{}` | {} |",
            operation.template,
            operation.summary,
            operation.envelope_key(),
            scopes.join(" or ")
        )
    };
    let expected: Vec<String> = OPERATIONS.iter().map(row).collect();
    let documented: Vec<&str> = documentation
        .lines()
        .filter(|line| line.starts_with("| `/"))
        .collect();
    assert_eq!(documented, expected, "{}", expected.join("\n"));
}
