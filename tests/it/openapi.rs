//! The `OpenAPI` document: it is valid, it has every operation, and every answer is what it says.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use axum::body::Body;
use axum::http::{Method, Request};
use oneroster::auth::client::{self, NewSecret};
use oneroster::clock::Clock;
use oneroster::db::scope;
use oneroster::http::catalog::{OPERATIONS, Operation, Target};
use oneroster::mirror::load::Options;
use oneroster::mirror::{Bundle, Mode, load};
use oneroster::publication;
use oneroster_generate::{self, school_group};
use oneroster_school::tenant::file;
use oneroster_standard::{Kind, ObjectType};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::endpoints::world::World;
use crate::harness::api::{self, Answer, Api, BASE_URL};
use crate::harness::{as_server, database, group};

/// From <https://spec.openapis.org/oas/3.1/schema/2022-10-07>, Apache License 2.0.
const META_SCHEMA: &str = include_str!("openapi/openapi-3.1.schema.json");

const ROOT: &str = "/ims/oneroster/v1p1";

/// The path of a generation as files.
const FILES: &str = "/export/{format}";

/// Where a bundle is brought.
const BUNDLE: &str = "/operator/bundle";

/// The document as served.
pub(crate) struct Document {
    document: Value,
    /// Of each schema looked at: making one takes longer than using it.
    validators: RefCell<HashMap<String, Rc<jsonschema::Validator>>>,
}

impl Document {
    pub(crate) async fn of(api: &Api) -> Self {
        let answer = ask(api, Method::GET, "/openapi.json").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "application/json");
        Self {
            document: answer.json(),
            validators: RefCell::default(),
        }
    }

    /// Follows a reference; returns where it leads too.
    fn resolved(&self, pointer: &str) -> (String, &Value) {
        let value = self
            .document
            .pointer(pointer)
            .unwrap_or_else(|| panic!("nothing at {pointer}"));
        match value["$ref"].as_str() {
            Some(reference) => self.resolved(reference.strip_prefix('#').unwrap()),
            None => (pointer.to_owned(), value),
        }
    }

    /// Checks a value against the schema here.
    fn check_value(&self, pointer: &str, value: &Value, about: &str) {
        let make = || {
            let mut schema = self.document.clone();
            schema["$ref"] = json!(format!("#{}", pointer.replace('{', "%7B").replace('}', "%7D")));
            Rc::new(jsonschema::validator_for(&schema).unwrap())
        };
        let validator = Rc::clone(
            self.validators
                .borrow_mut()
                .entry(pointer.to_owned())
                .or_insert_with(make),
        );
        if let Err(error) = validator.validate(value) {
            panic!("{about}: {error} at {}: {value}", error.instance_path());
        }
    }

    /// Checks status, headers and body of an answer to a request for this path.
    pub(crate) fn check(&self, method: &str, template: &str, answer: &Answer) {
        let about = format!("{method} {template} {}", answer.status.as_u16());
        let escaped = template.replace('~', "~0").replace('/', "~1");
        let place = format!("/paths/{escaped}/{method}/responses/{}", answer.status.as_u16());
        assert!(
            self.document.pointer(&place).is_some(),
            "{about} is not documented"
        );
        let (place, response) = self.resolved(&place);
        for name in response["headers"].as_object().unwrap().keys() {
            let (header_place, header) = self.resolved(&format!("{place}/headers/{name}"));
            let given = answer.header(name);
            if given.is_empty() {
                assert_eq!(header["required"], false, "{about}: {name} is not there");
                continue;
            }
            let value = given
                .parse::<i64>()
                .map_or_else(|_| json!(given), |number| json!(number));
            self.check_value(
                &format!("{header_place}/schema"),
                &value,
                &format!("{about} {name}"),
            );
        }
        let Some(content) = response["content"].as_object() else {
            assert!(answer.body.is_empty(), "{about}");
            return;
        };
        let media_type = content.keys().next().unwrap();
        assert!(answer.header("content-type").starts_with(media_type), "{about}");
        let body = if media_type == "application/json" {
            answer.json()
        } else {
            json!(String::from_utf8_lossy(&answer.body))
        };
        let schema = format!("{place}/content/{}/schema", media_type.replace('/', "~1"));
        self.check_value(&schema, &body, &about);
    }

    /// Checks an answer of an operation; objects in it must be whole.
    fn check_operation(&self, operation: &Operation, answer: &Answer) {
        self.check("get", &format!("{ROOT}{}", operation.template), answer);
        let ObjectType::Published(kind) = operation.view.object_type else {
            return;
        };
        if answer.status != 200 {
            return;
        }
        let schema = format!("/components/schemas/{}", schema_name(kind));
        let data = &answer.json()[operation.envelope_key()];
        for object in data.as_array().unwrap_or(&vec![data.clone()]) {
            self.check_value(&schema, object, operation.id);
        }
    }
}

const fn schema_name(kind: Kind) -> &'static str {
    match kind {
        Kind::AcademicSessions => "AcademicSession",
        Kind::Orgs => "Org",
        Kind::Courses => "Course",
        Kind::Classes => "Class",
        Kind::Users => "User",
        Kind::Enrollments => "Enrollment",
    }
}

async fn ask(api: &Api, method: Method, path: &str) -> Answer {
    send(api, method, path, &[], "").await
}

async fn send(api: &Api, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    api.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

/// Publishes a generated school group.
pub(crate) async fn generated(pool: &PgPool) -> NewSecret {
    let made = school_group(&oneroster_generate::Options {
        pupils: 120,
        seed: 3,
        school_year: oneroster_generate::SchoolYear::of(Clock::System.now().date_naive()),
        tenant: "demo".to_owned(),
        complete_next_year: false,
    });
    let folder = tempfile::tempdir().unwrap();
    oneroster_generate::write(&made, folder.path()).unwrap();
    group::apply(pool, &file::parse(&made.tenant_file).unwrap())
        .await
        .unwrap();
    let bundle = Bundle::read(folder.path(), Mode::Full, |_| ()).unwrap();
    let server = as_server(pool);
    let mut transaction = scope::begin(&server, "demo").await.unwrap();
    load(&mut transaction, "demo", &bundle, Options::default())
        .await
        .unwrap();
    oneroster::accounts::records::allocate(&mut transaction, "demo")
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    publication::publish(&server, "demo", publication::Options::default())
        .await
        .unwrap();
    client::create(&server, "demo", "test").await.unwrap()
}

/// The ids in a collection, and of each object the id it refers to by this field.
async fn first_ids(api: &Api, token: &str, operation: &Operation) -> Vec<String> {
    let first = async |view: oneroster::http::catalog::View| -> (String, Value) {
        let collection = OPERATIONS
            .iter()
            .find(|other| {
                let same = other.view.object_type == view.object_type && other.view.only == view.only;
                same && other.target == Target::Collection
            })
            .unwrap();
        let of_word = view
            .only
            .map(|(field, word)| format!("%20AND%20{field}%3D%27{word}%27"));
        // Of those that belong there by their own word, if there are any: a session that only classes make a term has no parts.
        let mut object = Value::Null;
        for more in of_word.into_iter().chain([String::new()]) {
            let path = format!(
                "{}?limit=1&filter=status%3D%27active%27{more}",
                collection.template
            );
            object = api.get(token, &path).await.json()[collection.envelope_key()][0].clone();
            if !object.is_null() {
                break;
            }
        }
        (
            object["sourcedId"].as_str().unwrap_or("nobody").to_owned(),
            object,
        )
    };
    match operation.target {
        Target::Collection => Vec::new(),
        Target::Single => vec![first(operation.view).await.0],
        Target::Association {
            parents: [parent], ..
        } => vec![first(parent.view).await.0],
        Target::Association { parents, .. } => {
            let (id, object) = first(parents.last().unwrap().view).await;
            vec![object["school"]["sourcedId"].as_str().unwrap().to_owned(), id]
        }
    }
}

#[tokio::test]
async fn the_document_is_valid_and_every_reference_in_it_leads_somewhere() {
    let api = Api::start(&database().await.pool).await;
    let document = Document::of(&api).await;
    let meta: Value = serde_json::from_str(META_SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&meta).unwrap();
    let faults: Vec<String> = validator
        .iter_errors(&document.document)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let mut broken = document.document.clone();
    broken["paths"]["/healthz"]["get"]["responses"] = json!([]);
    assert!(!validator.is_valid(&broken), "the validation sees faults");
    // The schemas are schemas.
    for (name, schema) in document.document["components"]["schemas"].as_object().unwrap() {
        assert!(jsonschema::meta::is_valid(schema), "{name}");
    }
    let text = document.document.to_string();
    let references: BTreeSet<&str> = text
        .split("\"$ref\":\"#")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert!(references.len() > 20);
    for reference in references {
        assert!(document.document.pointer(reference).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn the_document_has_every_operation_of_the_catalog_with_scopes_and_parameters_and_no_other() {
    let api = Api::start(&database().await.pool).await;
    let document = Document::of(&api).await.document;
    assert_eq!(document["servers"][0]["url"], BASE_URL);
    let paths = document["paths"].as_object().unwrap();
    let below_root: BTreeSet<String> = paths
        .keys()
        .filter_map(|path| path.strip_prefix(ROOT))
        .map(str::to_owned)
        .collect();
    let catalog: BTreeSet<String> = OPERATIONS
        .iter()
        .map(|operation| operation.template.to_owned())
        .collect();
    assert_eq!(below_root, catalog);
    for operation in OPERATIONS {
        let item = paths[&format!("{ROOT}{}", operation.template)]
            .as_object()
            .unwrap();
        assert_eq!(item.keys().collect::<Vec<_>>(), ["get"]);
        let item = &item["get"];
        assert_eq!(item["operationId"], operation.id);
        let scopes: Vec<Value> = operation
            .scopes
            .iter()
            .map(|scope| json!({ "token": [scope.uri()] }))
            .collect();
        assert_eq!(item["security"], json!(scopes), "{}", operation.id);
        let names = |place: &str| -> Vec<String> {
            let all = item["parameters"].as_array().unwrap().iter();
            all.filter(|parameter| parameter["in"] == place)
                .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(
            names("query"),
            operation
                .parameters()
                .iter()
                .map(|parameter| parameter.name)
                .collect::<Vec<_>>()
        );
        assert_eq!(names("path"), operation.path_parameters().collect::<Vec<_>>());
    }
    let others: Vec<&String> = paths.keys().filter(|path| !path.starts_with(ROOT)).collect();
    for path in &others {
        let method = if path.as_str() == "/connect/token" {
            Method::POST
        } else if path.as_str() == BUNDLE {
            Method::PUT
        } else {
            Method::GET
        };
        let path = path.replace("{format}", "clever");
        assert_ne!(ask(&api, method, &path).await.status, 404, "{path}");
    }
    assert_eq!(others.len(), 9);
}

#[tokio::test]
async fn every_operation_answers_what_the_document_says_for_a_generated_and_for_a_made_up_roster() {
    let pool = database().await.pool;
    let generated = generated(&pool).await;
    let made_up = api::tenant(&pool, "zand").await;
    World::new(1, "z").publish(&pool, "zand").await;
    let native = client::create(&as_server(&pool), "demo", "native").await.unwrap();
    client::set(
        &pool,
        "demo",
        &native.client_id,
        &["native_booleans=true".to_owned()],
    )
    .await
    .unwrap();
    let set = client::create(&as_server(&pool), "demo", "set").await.unwrap();
    let settings = [
        "email=true",
        "enabled_users=true",
        "ended_enrollments=true",
        "district_org=true",
        "unpaged_full=true",
    ];
    client::set(&pool, "demo", &set.client_id, &settings.map(str::to_owned))
        .await
        .unwrap();
    let api = Api::start(&pool).await;
    let document = Document::of(&api).await;
    let mut answered = BTreeSet::new();
    for secret in [&generated, &made_up, &native, &set] {
        let token = api.token(secret).await;
        for operation in OPERATIONS {
            let ids = first_ids(&api, &token, operation).await;
            let path = operation.path(&ids.iter().map(String::as_str).collect::<Vec<_>>());
            let answer = api.get(&token, &format!("{path}?limit=60")).await;
            document.check_operation(operation, &answer);
            if answer.status == 200 && answer.header("x-count") != "0" {
                answered.insert(operation.id);
            }
            let template = format!("{ROOT}{}", operation.template);
            let odd = "fields=sourcedId,status,primary,email&sort=shoeSize&limit=3";
            document.check("get", &template, &api.get(&token, &format!("{path}?{odd}")).await);
            let tag = answer.header("etag");
            let known = [
                ("authorization", &*format!("Bearer {token}")),
                ("if-none-match", tag),
            ];
            if answer.status == 200 {
                let again = send(&api, Method::GET, &format!("{ROOT}{path}?limit=60"), &known, "").await;
                assert_eq!(again.status, 304);
                document.check("get", &template, &again);
            }
        }
    }
    let published = OPERATIONS
        .iter()
        .filter(|operation| matches!(operation.view.object_type, ObjectType::Published(_)));
    assert_eq!(
        answered.len(),
        published.count(),
        "each gave an object at least once"
    );
}

#[tokio::test]
async fn refusals_of_every_operation_are_what_the_document_says() {
    let pool = database().await.pool;
    let secret = api::tenant(&pool, "zand").await;
    let unpublished = api::tenant(&pool, "leeg").await;
    api::publish_orgs(&pool, "zand", 3).await;
    client::set(
        &pool,
        "zand",
        &secret.client_id,
        &["unknown_parent_404=true".to_owned()],
    )
    .await
    .unwrap();
    let api = Api::start(&pool).await;
    let document = Document::of(&api).await;
    let token = api.token(&secret).await;
    let nothing_yet = api.token(&unpublished).await;
    let too_large = "x".repeat((1 << 20) + 1);
    for operation in OPERATIONS {
        let template = format!("{ROOT}{}", operation.template);
        let ids = vec!["nobody"; operation.path_parameters().count()];
        let path = format!("{ROOT}{}", operation.path(&ids));
        let other_scope = oneroster::auth::Scope::ALL
            .into_iter()
            .find(|scope| !operation.scopes.contains(scope))
            .unwrap();
        let narrow = api
            .auth
            .issue(
                &secret.client_id,
                &secret.client_secret,
                Some(other_scope.uri()),
                None,
            )
            .await
            .unwrap()
            .access_token;
        let bearer = |token: &str| format!("Bearer {token}");
        let (good, narrow, early) = (bearer(&token), bearer(&narrow), bearer(&nothing_yet));
        let blank = format!("{path}?fields=");
        let cases: [(u16, &str, Method, &str, &str); 7] = [
            (401, &path, Method::GET, "Bearer nonsense", ""),
            (403, &path, Method::GET, &narrow, ""),
            (400, &blank, Method::GET, &good, ""),
            (405, &path, Method::DELETE, &good, ""),
            (413, &path, Method::GET, &good, &too_large),
            (503, &path, Method::GET, &early, ""),
            (404, &path, Method::GET, &good, ""),
        ];
        for (status, path, method, authorization, body) in cases {
            if status == 404 && operation.target == Target::Collection {
                continue;
            }
            let answer = send(&api, method, path, &[("authorization", authorization)], body).await;
            // A question about objects of a type that the provider has none of is answered so whatever the parent.
            if status == 404 && answer.status == 200 {
                assert!(
                    !matches!(operation.view.object_type, ObjectType::Published(_)),
                    "{}",
                    operation.id
                );
            } else {
                assert_eq!(answer.status.as_u16(), status, "{}", operation.id);
            }
            document.check("get", &template, &answer);
        }
    }
}

#[tokio::test]
async fn tokens_keys_health_and_their_refusals_are_what_the_document_says() {
    let pool = database().await.pool;
    let secret = api::tenant(&pool, "zand").await;
    let api = Api::start(&pool).await;
    let document = Document::of(&api).await;
    let form = ("content-type", "application/x-www-form-urlencoded");
    let grant = "grant_type=client_credentials";
    let good = format!(
        "{grant}&client_id={}&client_secret={}",
        secret.client_id, secret.client_secret
    );
    let unknown_scope = format!("{good}&scope=nonsense");
    let too_large = "x".repeat((16 << 10) + 1);
    for (status, method, body) in [
        (200, Method::POST, good.as_str()),
        (400, Method::POST, ""),
        (400, Method::POST, &unknown_scope),
        (401, Method::POST, grant),
        (405, Method::GET, ""),
        (413, Method::POST, &too_large),
    ] {
        let answer = send(&api, method, "/connect/token", &[form], body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}");
        document.check("post", "/connect/token", &answer);
    }
    for path in document.document["paths"].as_object().unwrap().keys() {
        if path.starts_with(ROOT) || path == "/connect/token" || path == FILES {
            continue;
        }
        if document.document["paths"][path].get("get").is_none() {
            continue;
        }
        let answer = ask(&api, Method::GET, path).await;
        assert_eq!(answer.status, 200, "{path}");
        document.check("get", path, &answer);
        document.check("get", path, &ask(&api, Method::POST, path).await);
    }
}

#[tokio::test]
async fn files_and_their_refusals_are_what_the_document_says() {
    let pool = database().await.pool;
    let secret = api::tenant(&pool, "zand").await;
    let unpublished = api::tenant(&pool, "leeg").await;
    api::publish_orgs(&pool, "zand", 3).await;
    let api = Api::start(&pool).await;
    let document = Document::of(&api).await;
    let (token, nothing_yet) = (api.token(&secret).await, api.token(&unpublished).await);
    for (status, method, token, path) in [
        (200, Method::GET, &*token, "/export/oneroster-csv"),
        (401, Method::GET, "nonsense", "/export/oneroster-csv"),
        (403, Method::GET, &token, "/export/sds-v1"),
        (404, Method::GET, &token, "/export/nothing"),
        (405, Method::DELETE, &token, "/export/oneroster-csv"),
        (503, Method::GET, &nothing_yet, "/export/oneroster-csv"),
    ] {
        let answer = api.ask(method, token, path).await;
        assert_eq!(answer.status, status, "{path}");
        document.check("get", FILES, &answer);
    }
    api::publish(&pool, "zand", &[("orgs", "o000", "active", api::org(""))]).await;
    let broken = api
        .ask(Method::GET, &api.token(&secret).await, "/export/oneroster-csv")
        .await;
    assert_eq!(broken.status, 409);
    document.check("get", FILES, &broken);
}

#[tokio::test]
async fn the_page_for_people_shows_every_operation_and_loads_its_own_files_only() {
    let api = Api::start(&database().await.pool).await;
    let answer = ask(&api, Method::GET, "/docs").await;
    assert_eq!(answer.status, 200);
    let html = String::from_utf8(answer.body.clone()).unwrap();
    // Relative, it would lead elsewhere from `/docs/`, which is served in place.
    let link = format!("href=\"{BASE_URL}/openapi.json\"");
    assert!(html.contains(&link), "{link}");
    for operation in OPERATIONS {
        assert!(
            html.contains(&format!("<details id=\"{}\">", operation.id)),
            "{}",
            operation.id
        );
    }
    for name in ["User", "Enrollment", "Error"] {
        assert!(html.contains(&format!("<section id=\"{name}\">")), "{name}");
    }
    let policy = answer.header("content-security-policy");
    let nonce = policy
        .split_once("script-src 'nonce-")
        .and_then(|(_, rest)| rest.split_once('\''))
        .unwrap()
        .0;
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' data:; connect-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    );
    assert_eq!(answer.header("cache-control"), "private, no-store");
    let again = ask(&api, Method::GET, "/docs").await;
    assert_ne!(
        again.header("content-security-policy"),
        policy,
        "a nonce of its own"
    );
    for loading in ["<img", "@import", "url(", "<iframe", "{nonce}"] {
        assert!(!html.contains(loading), "{loading}");
    }
    let mut files = 0;
    for element in html
        .split('<')
        .filter(|element| element.starts_with("script") || element.starts_with("link"))
    {
        assert!(element.contains(&format!("nonce=\"{nonce}\"")), "{element}");
        let address = element.split('"').find(|word| word.starts_with('/')).unwrap();
        let file = ask(&api, Method::GET, address).await;
        assert_eq!(file.status, 200, "{address}");
        let kind = if element.starts_with("script") {
            "text/javascript"
        } else {
            "text/css"
        };
        assert!(file.header("content-type").starts_with(kind), "{address}");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        files += 1;
    }
    assert_eq!(files, 4);
    let unknown = ask(&api, Method::GET, "/docs/assets/nothing.js").await;
    assert_eq!(
        (unknown.status.as_u16(), &unknown.json()["CodeMinor"]),
        (404, &json!("unknown object"))
    );
}
