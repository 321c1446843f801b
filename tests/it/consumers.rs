//! What consumers in the field were seen to send, and what they rely on in the answer: one test per consumer or trait.

mod connectors;
mod demands;
mod moodle;
mod paths;
mod suites;
mod wrong_requests;

use axum::body::Body;
use axum::http::Request;
use oneroster::auth::client::{self, NewSecret};
use serde_json::Value;

use crate::endpoints::world::World;
use crate::harness::api::{self, Answer, Api};
use crate::harness::database;
use crate::harness::school::school;

/// A server with the made-up roster.
struct ServedRoster {
    api: Api,
    pool: sqlx::PgPool,
    world: World,
    client: NewSecret,
}

impl ServedRoster {
    async fn new() -> Self {
        let pool = database().await.pool;
        let client = api::tenant(&pool, "zand").await;
        let world = World::new(1, "z");
        world.publish(&pool, "zand").await;
        Self {
            api: Api::start(&pool).await,
            pool,
            world,
            client,
        }
    }

    async fn token(&self, scopes: &str) -> String {
        let words: Vec<String> = scopes
            .split_whitespace()
            .map(|scope| format!("https://purl.imsglobal.org/spec/or/v1p1/scope/{scope}"))
            .collect();
        let scope = (!words.is_empty()).then(|| words.join(" "));
        self.api
            .auth
            .issue(
                &self.client.client_id,
                &self.client.client_secret,
                scope.as_deref(),
                None,
            )
            .await
            .unwrap()
            .access_token
    }

    /// Asks as consumers do that name a content type with GET, or even send a body.
    async fn get_as_json(&self, token: &str, path: &str, body: &'static str) -> Answer {
        let request = Request::builder()
            .uri(format!("/ims/oneroster/v1p1{path}"))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        self.api.send(request.body(Body::from(body)).unwrap()).await
    }

    /// How many objects of the made-up roster are so.
    fn count(&self, collection: &str, is: impl Fn(&str, &str, &Value) -> bool) -> usize {
        self.world
            .objects(collection)
            .filter(|(id, status, content)| is(id, status, content))
            .count()
    }
}

/// A server with a school that the product published, and a token for it.
async fn published_school() -> (Api, String) {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    school.publish().await;
    let client = client::create(&database.pool, "zandpoort", "test").await.unwrap();
    let api = Api::start(&database.pool).await;
    let token = api.token(&client).await;
    (api, token)
}

fn total(answer: &Answer) -> usize {
    assert_eq!(answer.status, 200, "{:?}", answer.json());
    answer.header("x-total-count").parse().unwrap()
}
