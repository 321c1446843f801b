//! Several clients of one tenant, each with other settings, ask the same things one after the other. What each gets is worked out from
//! what a client without settings gets, by a plain model on whole documents.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Request;
use oneroster::auth::client::{self, NewSecret};
use oneroster::http::catalog::{OPERATIONS, Operation, Target};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::asked::{Asked, Client};
use crate::endpoints::{paths, world::World};
use crate::harness::api::{self, Answer, Api, BASE_URL};
use crate::harness::database;

const KEYS: [&str; 8] = [
    "email",
    "enabled_users",
    "ended_enrollments",
    "district_org",
    "unpaged_full",
    "native_booleans",
    "include_tombstones",
    "unpaged_delta",
];
/// Those that are on unless they are set.
const ON_BY_DEFAULT: [&str; 2] = ["include_tombstones", "unpaged_delta"];
const DOMAINS: [&str; 2] = ["a.example", "b.example"];
const LAST_DAY: &str = "2026-11-25";
const QUESTIONS: usize = 900;
/// So many objects are in a page for which nothing is asked.
const DEFAULT_LIMIT: usize = 100;

/// Makes a client. A server knows the settings of those that are there when it starts.
async fn client(
    pool: &PgPool,
    settings: BTreeMap<&'static str, bool>,
) -> (NewSecret, BTreeMap<&'static str, bool>) {
    let made = client::create(pool, "zand", "one of several").await.unwrap();
    let entries: Vec<String> = settings
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    client::set(pool, "zand", &made.client_id, &entries)
        .await
        .unwrap();
    (made, settings)
}

/// What is stored beside the objects: every third user has no domain, every tombstone of an enrollment a last day. Every second
/// user is not enabled.
async fn add_what_is_beside(pool: &PgPool) {
    let statements = [
        "update roster.object_version set email_domain = case length(sourced_id) + ascii(right(sourced_id, 1)) % 3
             when length(sourced_id) then 'a.example' when length(sourced_id) + 1 then 'b.example' end where kind = 'users'",
        "update roster.object_version set ended_on = '2026-11-25' where kind = 'enrollments' and status = 'tobedeleted'",
        "update roster.object_version set content = replace(content, '\"enabledUser\":\"true\"', '\"enabledUser\":\"false\"')
          where kind = 'users' and ascii(right(sourced_id, 1)) % 2 = 0",
        "update roster.generation set group_name = 'Scholengroep \"Zand\"'",
    ];
    for statement in statements {
        sqlx::query(statement).execute(pool).await.unwrap();
    }
}

/// The digit an id ends with, as a number of ASCII.
fn last(sourced_id: &str) -> u32 {
    u32::from(*sourced_id.as_bytes().last().unwrap())
}

fn reference(id: &str) -> Value {
    json!({"href": format!("{BASE_URL}/ims/oneroster/v1p1/orgs/{id}"), "sourcedId": id, "type": "org"})
}

/// A document as a client sees it, booleans apart.
fn seen(client: &Client, collection: &str, document: &Value) -> Value {
    let mut seen = document.clone();
    let id = document["sourcedId"].as_str().unwrap().to_owned();
    let is_active = document["status"] == "active";
    if collection == "users" && client.has("email") && last(&id) % 3 < 2 {
        let domain = DOMAINS[last(&id) as usize % 3];
        seen["email"] = json!(format!("{}@{domain}", document["username"].as_str().unwrap()));
    }
    if collection == "users" && client.has("enabled_users") && is_active {
        seen["enabledUser"] = json!("true");
    }
    if collection == "enrollments" && client.has("ended_enrollments") && !is_active {
        seen["endDate"] = json!(LAST_DAY);
    }
    if collection == "orgs" && client.has("district_org") {
        seen["parent"] = reference("district-zand");
    }
    seen
}

/// The district that a client sees above all orgs.
fn district(all_orgs: &[Value]) -> Value {
    let newest = all_orgs
        .iter()
        .map(|org| org["dateLastModified"].as_str().unwrap())
        .max();
    let active = all_orgs.iter().filter(|org| org["status"] == "active");
    let children: Vec<Value> = active
        .map(|org| reference(org["sourcedId"].as_str().unwrap()))
        .collect();
    json!({"sourcedId": "district-zand", "status": "active", "dateLastModified": newest, "name": "Scholengroep \"Zand\"",
        "type": "district", "identifier": "district-zand", "children": children, "metadata": {}})
}

/// A server, clients with other settings each, and what a client without settings gets.
struct Stage {
    api: Api,
    clients: Vec<Client>,
    plain: Client,
    all_orgs: Vec<Value>,
}

impl Stage {
    async fn new(pool: &PgPool, random: &mut ChaCha8Rng) -> (Self, World) {
        api::tenant(pool, "zand").await;
        let world = World::new(1, "z");
        world.publish(pool, "zand").await;
        add_what_is_beside(pool).await;
        let mut wanted = vec![BTreeMap::new()];
        wanted.extend(KEYS.map(|key| BTreeMap::from([(key, !ON_BY_DEFAULT.contains(&key))])));
        wanted.push(BTreeMap::from(
            KEYS.map(|key| (key, !ON_BY_DEFAULT.contains(&key))),
        ));
        wanted.extend((0..5).map(|_| BTreeMap::from(KEYS.map(|key| (key, random.random_bool(0.5))))));
        let mut made = Vec::new();
        for settings in wanted {
            made.push(client(pool, settings).await);
        }
        let api = Api::start(pool).await;
        let mut clients = Vec::new();
        for (secret, settings) in made {
            let token = api.token(&secret).await;
            clients.push(Client { settings, token });
        }
        let plain = clients.remove(0);
        let answer = api.get(&plain.token, "/orgs?limit=10000").await;
        let all_orgs = answer.json()["orgs"].as_array().unwrap().clone();
        let stage = Self {
            api,
            clients,
            plain,
            all_orgs,
        };
        (stage, world)
    }

    /// What a client sees of an operation, all of it, in the order of ids.
    async fn documents(&self, client: &Client, operation: &Operation, path: &str) -> Vec<Value> {
        let collection = operation.view.object_type.collection();
        let answer = self
            .api
            .get(&self.plain.token, &format!("{path}?limit=10000"))
            .await;
        let plain = answer.json()[collection].as_array().unwrap().clone();
        let mut seen: Vec<Value> = plain
            .iter()
            .map(|document| seen(client, collection, document))
            .collect();
        if operation.id == "getAllOrgs" && client.has("district_org") {
            seen.push(district(&self.all_orgs));
            seen.sort_by_key(|org| org["sourcedId"].as_str().unwrap().to_owned());
        }
        seen
    }

    async fn list(&self, random: &mut ChaCha8Rng, operation: &Operation, path: &str) {
        let client = self.clients.choose(random).unwrap();
        let collection = operation.view.object_type.collection();
        let documents = self.documents(client, operation, path).await;
        let sample = documents.choose(random);
        let asked = Asked::any(random, collection, sample);
        let expected = asked.answer(client, documents);
        let question = format!("{path}?limit=10000{}", asked.query());
        let answer = self.api.get(&client.token, &question).await;
        let about = format!("{question} for {:?}", client.settings);
        assert_eq!(answer.status, 200, "{about}: {}", answer.json());
        assert_eq!(answer.json()[collection], json!(expected), "{about}");
        let total = expected.len().to_string();
        assert_eq!(
            (answer.header("x-total-count"), answer.header("x-count")),
            (&*total, &*total),
            "{about}"
        );
        self.tagged(client, random, (&question, &answer)).await;
        self.pages(client, collection, (&question, &expected)).await;
        let question = question.replace("limit=10000&", "").replace("?limit=10000", "");
        let is_whole = asked.is_whole_for(client);
        self.without_limit(client, collection, (&question, is_whole), &expected)
            .await;
    }

    /// The same with neither limit nor offset: all of it, which nothing follows, or its first page.
    async fn without_limit(
        &self,
        client: &Client,
        collection: &str,
        (question, is_whole): (&str, bool),
        expected: &[Value],
    ) {
        let answer = self.api.get(&client.token, question).await;
        let about = format!("{question} for {:?}", client.settings);
        let count = if is_whole {
            expected.len()
        } else {
            expected.len().min(DEFAULT_LIMIT)
        };
        assert_eq!(answer.json()[collection], json!(expected[..count]), "{about}");
        assert_eq!(answer.headers.contains_key("link"), !is_whole, "{about}");
        assert_eq!(answer.header("x-count"), count.to_string(), "{about}");
    }

    /// The same in pages of seven, by the links.
    async fn pages(&self, client: &Client, collection: &str, (question, expected): (&str, &[Value])) {
        let mut next = Some(question.replace("limit=10000", "limit=7"));
        let mut read = Vec::new();
        for _ in 0..4 {
            let Some(path) = next.take() else { break };
            let page = self.api.get(&client.token, &path).await;
            read.extend(page.json()[collection].as_array().unwrap().clone());
            let link = page
                .header("link")
                .split(',')
                .find(|link| link.contains("rel=\"next\""));
            next = link.map(|link| {
                let (_, address) = link.split_once('<').unwrap();
                let (address, _) = address.split_once('>').unwrap();
                address
                    .strip_prefix(&format!("{BASE_URL}/ims/oneroster/v1p1"))
                    .unwrap()
                    .to_owned()
            });
        }
        assert_eq!(
            read,
            expected[..expected.len().min(28)],
            "{question} for {:?}",
            client.settings
        );
        assert_eq!(next.is_some(), expected.len() > 28, "{question}");
    }

    /// The tag is known to the client that has it and to nobody with other settings.
    async fn tagged(&self, client: &Client, random: &mut ChaCha8Rng, (question, answer): (&str, &Answer)) {
        let tag = answer.header("etag");
        assert_eq!(self.conditional(client, question, tag).await, 304, "{question}");
        let other = self.clients.choose(random).unwrap();
        if other.settings != client.settings {
            assert_eq!(
                self.conditional(other, question, tag).await,
                200,
                "{question} for {:?}",
                other.settings
            );
        }
    }

    async fn conditional(&self, client: &Client, path: &str, tag: &str) -> u16 {
        let request = Request::get(format!("/ims/oneroster/v1p1{path}"))
            .header("authorization", format!("Bearer {}", client.token))
            .header("if-none-match", tag);
        let answer = self.api.send(request.body(Body::empty()).unwrap()).await;
        answer.status.as_u16()
    }

    async fn single(&self, random: &mut ChaCha8Rng, operation: &Operation, path: &str) {
        let client = self.clients.choose(random).unwrap();
        let key = operation.envelope_key();
        let plain = self.api.get(&self.plain.token, path).await;
        let answer = self.api.get(&client.token, path).await;
        assert_eq!(answer.status, plain.status, "{path}");
        if answer.status == 200 {
            let mut expected = seen(
                client,
                operation.view.object_type.collection(),
                &plain.json()[key],
            );
            Asked::default().write(client, &mut expected);
            assert_eq!(answer.json()[key], expected, "{path} for {:?}", client.settings);
        }
    }
}

#[tokio::test]
async fn every_operation_and_question_is_answered_as_the_settings_say() {
    let pool = database().await.pool;
    let mut random = ChaCha8Rng::seed_from_u64(16);
    let (stage, world) = Stage::new(&pool, &mut random).await;
    let operations = paths(&world);
    for number in 0..QUESTIONS {
        let (operation, path) = &operations[number % operations.len()];
        if operation.target == Target::Single {
            stage.single(&mut random, operation, path).await;
        } else {
            stage.list(&mut random, operation, path).await;
        }
    }
    assert!(QUESTIONS > 10 * OPERATIONS.len());
}

/// The district can be read by its id and is nobody's school; without the setting it is not there.
#[tokio::test]
async fn the_district_is_an_org_and_no_school() {
    let pool = database().await.pool;
    let mut random = ChaCha8Rng::seed_from_u64(17);
    let (stage, _) = Stage::new(&pool, &mut random).await;
    let with = stage
        .clients
        .iter()
        .find(|client| client.settings.len() == 1 && client.has("district_org"));
    let with = with.unwrap();
    let get = async |client: &Client, path: &str| stage.api.get(&client.token, path).await;
    let found = get(with, "/orgs/district-zand").await;
    assert_eq!(found.json(), json!({"org": district(&stage.all_orgs)}));
    let fields = get(with, "/orgs/district-zand?fields=type").await;
    assert_eq!(fields.json(), json!({"org": {"type": "district"}}));
    assert_eq!(get(with, "/schools/district-zand").await.status, 404);
    assert_eq!(
        get(with, "/schools/district-zand/classes").await.json(),
        json!({"classes": []})
    );
    let is_there =
        |answer: &Answer, collection: &str| answer.ids(collection).contains(&"district-zand".to_owned());
    assert!(is_there(&get(with, "/orgs").await, "orgs"));
    assert!(!is_there(&get(with, "/schools").await, "orgs"));
    for path in ["/orgs/district-zand", "/schools/district-zand"] {
        assert_eq!(get(&stage.plain, path).await.status, 404);
    }
    assert!(!is_there(&get(&stage.plain, "/orgs").await, "orgs"));
}
