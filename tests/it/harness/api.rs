//! The HTTP side on a database whose rosters are written by SQL, so that a test knows every byte of them.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::BodyExt;
use oneroster::auth::client::{self, NewSecret};
use oneroster::auth::{Auth, Issued};
use oneroster::clock::Clock;
use oneroster::db::RequestPool;
use oneroster::feeding::Uploads;
use oneroster::http::App;
use oneroster::publication::HeldTenants;
use oneroster::serving::SnapshotCache;
use oneroster::synclog::SyncLog;
use serde_json::{Value, json};
use sqlx::PgPool;
use tower::ServiceExt;
use uuid::Uuid;

use crate::harness::{self, as_server};

/// The address the server believes it has.
pub(crate) const BASE_URL: &str = "https://roster.example";

/// A server without a socket.
pub(crate) struct Api {
    /// Its connections.
    pub(crate) pool: PgPool,
    requests: RequestPool,
    housekeeping: PgPool,
    pub(crate) auth: Arc<Auth>,
    pub(crate) sync_log: SyncLog,
    pub(crate) held: HeldTenants,
    pub(crate) uploads: Uploads,
    router: Router,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {} {text:?}", self.status))
    }

    /// A header; "" when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The ids in the collection, in order.
    pub(crate) fn ids(&self, collection: &str) -> Vec<String> {
        let objects = self.json()[collection]
            .as_array()
            .cloned()
            .unwrap_or_else(|| panic!("{:?}", self.json()));
        objects
            .iter()
            .map(|object| object["sourcedId"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Api {
    pub(crate) async fn start(pool: &PgPool) -> Self {
        Self::start_at(pool, Clock::System, BASE_URL).await
    }

    pub(crate) async fn start_at(pool: &PgPool, clock: Clock, base_url: &str) -> Self {
        Self::start_with_cache(pool, clock, base_url, 64 << 20).await
    }

    pub(crate) async fn start_with_cache(
        pool: &PgPool,
        clock: Clock,
        base_url: &str,
        cache_bytes: usize,
    ) -> Self {
        let pool = as_server(pool);
        let (requests, housekeeping) = (harness::requests(&pool), harness::housekeeping(&pool));
        let auth = harness::auth_on(requests.clone(), housekeeping.clone(), clock, base_url, 3600).await;
        let snapshots = SnapshotCache::new(requests.clone(), base_url.to_owned(), cache_bytes);
        let uploads = Uploads::new(pool.clone());
        let app = App::new(Arc::clone(&auth), snapshots, uploads.clone(), base_url.to_owned());
        let (sync_log, held) = (app.sync_log.clone(), app.held.clone());
        Self {
            pool,
            requests,
            housekeeping,
            auth,
            sync_log,
            held,
            uploads,
            router: Router::new().fallback_service(oneroster::http::service(app)),
        }
    }

    /// Takes the database away from all that is served.
    pub(crate) async fn close_database(&self) {
        tokio::join!(
            self.pool.close(),
            self.requests.close(),
            self.housekeeping.close()
        );
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: head.status,
            headers: head.headers,
            body,
        }
    }

    /// Asks with a token for a path below the OneRoster root.
    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        self.ask(Method::GET, token, &format!("/ims/oneroster/v1p1{path}"))
            .await
    }

    pub(crate) async fn ask(&self, method: Method, token: &str, path: &str) -> Answer {
        let authorization = format!("Bearer {token}");
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", authorization);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Asks for what is not read yet.
    pub(crate) async fn begin(&self, token: &str, path: &str) -> axum::response::Response {
        let request = Request::builder()
            .uri(path)
            .header("authorization", format!("Bearer {token}"));
        let request = request.body(Body::empty()).unwrap();
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn issue(&self, client: &NewSecret) -> Issued {
        self.auth
            .issue(&client.client_id, &client.client_secret, None, None)
            .await
            .unwrap()
    }

    pub(crate) async fn token(&self, client: &NewSecret) -> String {
        self.issue(client).await.access_token
    }
}

/// Makes a tenant without a roster, and a client of it.
pub(crate) async fn tenant(pool: &PgPool, tenant_id: &str) -> NewSecret {
    sqlx::query("insert into tenant.tenant (tenant_id, configuration) values ($1, $2)")
        .bind(tenant_id)
        .bind(json!({ "id": tenant_id }))
        .execute(pool)
        .await
        .unwrap();
    sqlx::query("insert into roster.head (tenant_id) values ($1) on conflict do nothing")
        .bind(tenant_id)
        .execute(pool)
        .await
        .unwrap();
    client::create(&as_server(pool), tenant_id, "test").await.unwrap()
}

/// What a generation changes about an object: its kind, id, status, content.
pub(crate) type Change<'a> = (&'a str, &'a str, &'a str, Value);

/// An org as stored.
pub(crate) fn org(name: &str) -> Value {
    json!({ "name": name, "type": "school", "identifier": name, "children": [], "metadata": {} })
}

/// Publishes a generation the way the publisher does: the head row last, the date past every ticket.
pub(crate) async fn publish(pool: &PgPool, tenant_id: &str, changes: &[Change<'_>]) -> (Uuid, DateTime<Utc>) {
    let mut transaction = pool.begin().await.unwrap();
    let (number, now, tickets_until): (i64, DateTime<Utc>, Option<DateTime<Utc>>) =
        sqlx::query_as("select number + 1, clock_timestamp(), tickets_until from roster.head where tenant_id = $1 for update")
            .bind(tenant_id)
            .fetch_one(&mut *transaction)
            .await
            .unwrap();
    let past_tickets = tickets_until.map_or(now, |until| until + TimeDelta::minutes(5));
    let date = DateTime::from_timestamp_millis(now.max(past_tickets).timestamp_millis() + 1).unwrap();
    let generation_id = Uuid::from_u128(rand::random());
    sqlx::query(
        "insert into roster.generation values ($1, $2, $3, $4, clock_timestamp(), '2026-27', '2026-11-23', '2026-11-23', 1, 1, 1, 1, '{}')",
    )
    .bind(tenant_id)
    .bind(number)
    .bind(generation_id)
    .bind(date)
    .execute(&mut *transaction)
    .await
    .unwrap();
    for (kind, sourced_id, status, content) in changes {
        sqlx::query(
            "update roster.object_version set until_number = $4
              where tenant_id = $1 and kind = $2 and sourced_id = $3 and until_number is null",
        )
        .bind(tenant_id)
        .bind(kind)
        .bind(sourced_id)
        .bind(number)
        .execute(&mut *transaction)
        .await
        .unwrap();
        sqlx::query("insert into roster.object_version values ($1, $2, $3, $4, null, $5, $6, sha256(convert_to($6, 'UTF8')))")
        .bind(tenant_id)
        .bind(kind)
        .bind(sourced_id)
        .bind(number)
        .bind(status)
        .bind(content.to_string())
        .execute(&mut *transaction)
        .await
        .unwrap();
    }
    sqlx::query(
        "update roster.head set generation_id = $2, number = $3, published_at = $4 where tenant_id = $1",
    )
    .bind(tenant_id)
    .bind(generation_id)
    .bind(number)
    .bind(date)
    .execute(&mut *transaction)
    .await
    .unwrap();
    transaction.commit().await.unwrap();
    (generation_id, date)
}

/// Publishes this many orgs, named and numbered `o000`, `o001`, ….
pub(crate) async fn publish_orgs(pool: &PgPool, tenant_id: &str, count: usize) {
    let ids: Vec<String> = (0..count).map(|place| format!("o{place:03}")).collect();
    let changes: Vec<Change<'_>> = ids
        .iter()
        .map(|id| ("orgs", id.as_str(), "active", org(id)))
        .collect();
    publish(pool, tenant_id, &changes).await;
}
