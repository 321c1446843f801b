//! `PUT /operator/bundle`: what a client with the setting brings is imported into its tenant, and nothing else.

use axum::body::Body;
use axum::http::{Method, Request};
use oneroster::auth::client::{self, NewSecret};
use oneroster::feeding::{UPLOAD_BYTES_MAX, UPLOADS_MAX};
use serde_json::{Value, json};

use super::bundle::zip;
use super::command::{TENANT_FILE, add_school, hold_last_table};
use super::{Files, mirror, school, version};
use crate::harness::api::{self, Answer, Api};
use crate::harness::running::{self, Running};
use crate::harness::{TestDatabase, as_server, database, wait_for_locks};
use crate::openapi::Document;

pub(super) const PATH: &str = "/operator/bundle";

/// A tenant with a client that may bring bundles.
pub(super) async fn feeder(database: &TestDatabase, tenant_id: &str) -> NewSecret {
    add_school(
        &database.pool,
        &TENANT_FILE.replace("\"t\"", &format!("\"{tenant_id}\"")),
    )
    .await;
    let client = client::create(&as_server(&database.pool), tenant_id, "feeder")
        .await
        .unwrap();
    let entries = ["import=true".to_owned()];
    client::set(&database.pool, tenant_id, &client.client_id, &entries)
        .await
        .unwrap();
    client
}

pub(super) fn archive(files: &Files) -> Vec<u8> {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.zip");
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    zip(&path, &files);
    std::fs::read(path).unwrap()
}

async fn put(api: &Api, token: &str, query: &str, body: impl Into<Body>) -> Answer {
    let request = Request::put(format!("{PATH}{query}")).header("authorization", format!("Bearer {token}"));
    api.send(request.body(body.into()).unwrap()).await
}

fn without_person(key: &str) -> Files {
    let changed = format!("p_persoon,rowguid,naam,voornaam,geboortedatum,changed,verwijderd\n{key},,,,,,1\n");
    Files::from([("persoon.csv", changed)])
}

#[tokio::test]
async fn a_bundle_that_is_brought_is_imported_into_the_tenant_of_the_token_with_the_report_of_the_command() {
    let database = database().await;
    let client = feeder(&database, "t").await;
    feeder(&database, "u").await;
    let api = Api::start(&database.pool).await;
    let document = Document::of(&api).await;
    let token = api.token(&client).await;
    let answer = put(&api, &token, "", archive(&school())).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    document.check("put", PATH, &answer);
    let report = answer.json();
    assert_eq!(
        (&report["accepted"], &report["inserted"]),
        (&json!(true), &json!(11))
    );
    assert_eq!(mirror(&database.pool, "t").await.persoon.len(), 2);
    assert_eq!(version(&database.pool, "u").await, 0);
    let by: String = sqlx::query_scalar("select by from audit.entry where kind = 'bundle_imported'")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(by, format!("client:{}", client.client_id));

    // Refused as the command would, and nothing is loaded.
    let mut bad = school();
    bad.get_mut("school.csv").unwrap().push_str("1,Te kort,\n");
    for (body, rule) in [
        (archive(&bad), "instelnr-form"),
        (b"PK, or not".to_vec(), "unreadable"),
    ] {
        let answer = put(&api, &token, "", body).await;
        assert_eq!(answer.status, 422);
        document.check("put", PATH, &answer);
        assert_eq!(answer.json()["faults"][0]["rule"], rule, "{}", answer.json());
    }
    assert_eq!(version(&database.pool, "t").await, 1);

    // As changes: one that is not there is deleted, and nobody else.
    let delta = put(&api, &token, "?delta=true", archive(&without_person("3"))).await;
    assert_eq!(
        (delta.status.as_u16(), &delta.json()["accepted"]),
        (200, &json!(true))
    );
    assert_eq!(mirror(&database.pool, "t").await.persoon.len(), 2);
    // It brings, and is no consumer: what it does is no pull.
    oneroster::synclog::flush(&api.sync_log, &as_server(&database.pool)).await;
    let runs: i64 = sqlx::query_scalar("select count(*) from synclog.run")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(runs, 0);
}

#[tokio::test]
async fn whoever_may_not_bring_one_is_told_why() {
    let database = database().await;
    let feeder = feeder(&database, "t").await;
    let reader = api::tenant(&database.pool, "u").await;
    let api = Api::start(&database.pool).await;
    let document = Document::of(&api).await;
    let (token, reading) = (api.token(&feeder).await, api.token(&reader).await);
    let good = archive(&school());
    for (status, token, query, words) in [
        (401, "nonsense", "", "token"),
        (403, reading.as_str(), "", "`import`"),
        (400, &token, "?detla=true", "`delta`"),
        (400, &token, "?delta=yes", "`delta`"),
        (400, &token, "?delta=true&delta=true", "`delta`"),
    ] {
        let answer = put(&api, token, query, good.clone()).await;
        assert_eq!(answer.status, status, "{query}");
        document.check("put", PATH, &answer);
        assert!(answer.json().to_string().contains(words), "{}", answer.json());
    }
    for method in [Method::GET, Method::POST, Method::HEAD, Method::DELETE] {
        let answer = api.ask(method.clone(), &token, PATH).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, "PUT"),
            "{method}"
        );
    }
    let form = Request::put(PATH)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "multipart/form-data; boundary=x")
        .body(Body::from("--x"));
    let answer = api.send(form.unwrap()).await;
    assert_eq!(answer.status, 415);
    document.check("put", PATH, &answer);
    let announced = Request::put(PATH)
        .header("authorization", format!("Bearer {token}"))
        .body(Body::new(http_body_util::Full::new(bytes::Bytes::from(vec![
            0;
            1
        ]))));
    assert_eq!(
        api.send(announced.unwrap()).await.status,
        422,
        "one byte is no archive"
    );
    assert_eq!(
        version(&database.pool, "t").await + version(&database.pool, "u").await,
        0
    );
}

#[tokio::test]
async fn one_of_a_tenant_at_a_time_and_so_many_of_all() {
    let database = database().await;
    let mut clients = Vec::new();
    for number in 0..=UPLOADS_MAX {
        clients.push(feeder(&database, &format!("t{number}")).await);
    }
    let api = Api::start(&database.pool).await;
    let first = api.uploads.take_turn("t0").unwrap();
    let token = api.token(&clients[0]).await;
    let answer = put(&api, &token, "", archive(&school())).await;
    assert_eq!(answer.status, 429);
    assert!(!answer.header("retry-after").is_empty());
    let turns: Vec<_> = (1..UPLOADS_MAX)
        .map(|number| api.uploads.take_turn(&format!("t{number}")).unwrap())
        .collect();
    let other = api.token(&clients[UPLOADS_MAX]).await;
    assert_eq!(put(&api, &other, "", archive(&school())).await.status, 429);
    drop(first);
    assert_eq!(put(&api, &other, "", archive(&school())).await.status, 200);
    drop(turns);
    assert_eq!(put(&api, &token, "", archive(&school())).await.status, 200);
}

/// Has a server read revocations and settings again, as it does each second: by a key that it does not know.
async fn refresh(api: &Api) {
    tokio::time::sleep(std::time::Duration::from_millis(1050)).await;
    let unknown = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImFub3RoZXIifQ.e30.AA";
    assert!(api.auth.verify(unknown).await.is_err());
}

/// It is received, and others are imported first: what was taken away meanwhile counts.
#[tokio::test]
async fn who_may_no_longer_import_when_their_turn_comes_is_refused() {
    let database = database().await;
    let (revoked, closed) = (feeder(&database, "t").await, feeder(&database, "u").await);
    let api = Api::start(&database.pool).await;
    let (first, second) = (api.token(&revoked).await, api.token(&closed).await);
    let other = api.uploads.take_turn("x").unwrap();
    let place = other.import_place().await.unwrap();
    let meanwhile = async {
        // Both are received.
        while api.uploads.take_turn("t").is_ok() || api.uploads.take_turn("u").is_ok() {
            tokio::task::yield_now().await;
        }
        client::revoke(&database.pool, "t", &revoked.client_id)
            .await
            .unwrap();
        client::set(
            &database.pool,
            "u",
            &closed.client_id,
            &["import=false".to_owned()],
        )
        .await
        .unwrap();
        refresh(&api).await;
        drop(place);
    };
    let (one, two, ()) = tokio::join!(
        put(&api, &first, "", archive(&school())),
        put(&api, &second, "", archive(&school())),
        meanwhile
    );
    assert_eq!((one.status.as_u16(), two.status.as_u16()), (401, 403));
    let versions = version(&database.pool, "t").await + version(&database.pool, "u").await;
    assert_eq!(versions, 0);
}

/// Told to stop, a server ends what it imports, also what waits for its place, and takes nothing more.
#[tokio::test]
async fn a_server_that_stops_ends_the_imports_that_it_has_and_takes_no_more() {
    let database = database().await;
    let clients = [feeder(&database, "t").await, feeder(&database, "u").await];
    let api = Api::start(&database.pool).await;
    let document = Document::of(&api).await;
    let (first, second) = (api.token(&clients[0]).await, api.token(&clients[1]).await);
    let holder = hold_last_table(&database.pool).await;
    let stopping = async {
        wait_for_locks(&database.pool, 1).await;
        while api.uploads.take_turn("u").is_ok() {
            tokio::task::yield_now().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let stop = api.uploads.stop();
        let refused = async {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            let answer = put(&api, &first, "", archive(&school())).await;
            holder.rollback().await.unwrap();
            answer
        };
        let ((), refused) = tokio::join!(stop, refused);
        refused
    };
    let (one, two, refused) = tokio::join!(
        put(&api, &first, "", archive(&school())),
        put(&api, &second, "", archive(&school())),
        stopping
    );
    assert_eq!((one.status.as_u16(), two.status.as_u16()), (200, 200));
    assert_eq!(refused.status, 503);
    document.check("put", PATH, &refused);
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(put(&api, &second, "", archive(&school())).await.status, 503);
    assert_eq!(version(&database.pool, "u").await, 1);
}

/// Over a socket, as the curl line of the guide has it; larger than what any other path takes.
#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one connection from its beginning to its end"
)]
async fn a_large_bundle_comes_over_a_socket_and_one_that_breaks_off_leaves_nothing() {
    let database = database().await;
    let client = feeder(&database, "t").await;
    let server = Running::start(&running::settings(&database.url)).await;
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("large.zip");
    let mut files: Vec<(&str, String)> = school().into_iter().collect();
    // Ignored, and not compressible: so the archive is large.
    let noise: String = (0..400_000_u64)
        .map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string())
        .collect();
    files.push(("noise.txt", noise));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    zip(&path, &files);
    let body = std::fs::read(&path).unwrap();
    assert!(body.len() > 2 << 20);
    let http = reqwest::Client::new();
    let token: Value = http
        .post(format!("{}/connect/token", server.base_url))
        .basic_auth(&client.client_id, Some(&client.client_secret))
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let token = token["access_token"].as_str().unwrap();
    let begun = {
        let half = body[..body.len() / 2].to_vec();
        let head = format!(
            "PUT {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, &[head.into_bytes(), half].concat())
            .await
            .unwrap();
        stream
    };
    drop(begun);
    let announced = format!(
        "PUT {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n",
        UPLOAD_BYTES_MAX + 1
    );
    let answer = loop {
        let said = said_to(server.address, announced.as_bytes()).await;
        if !said.starts_with("HTTP/1.1 429 ") {
            break said;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let answer = loop {
        let request = http.put(format!("{}{PATH}", server.base_url)).bearer_auth(token);
        let answer = request.body(body.clone()).send().await.unwrap();
        // Until the server has seen that the other broke off.
        if answer.status() != 429 {
            break answer;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_eq!(answer.status(), 200);
    assert_eq!(version(&database.pool, "t").await, 1);
    let loads: i64 = sqlx::query_scalar("select count(*) from informat.lading")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(loads, 1);

    // Who hangs up once it is received has it imported all the same, also when the server is told to stop.
    let holder = hold_last_table(&database.pool).await;
    let mut other = school();
    other.get_mut("klasfunctiepersoon.csv").unwrap().push('\n');
    let school_file = other.get_mut("school.csv").unwrap();
    *school_file = school_file.replace("001507,", "001507,Nieuw ");
    let body = archive(&other);
    let head = format!(
        "PUT {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, &[head.into_bytes(), body].concat())
        .await
        .unwrap();
    wait_for_locks(&database.pool, 1).await;
    drop(stream);
    let stopping = tokio::spawn(server.stop());
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    holder.rollback().await.unwrap();
    stopping.await.unwrap();
    assert_eq!(version(&database.pool, "t").await, 2);
}

/// Sends a head, and returns the beginning of the answer.
async fn said_to(address: std::net::SocketAddr, head: &[u8]) -> String {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, head)
        .await
        .unwrap();
    let mut answer = vec![0; 1024];
    let length = tokio::io::AsyncReadExt::read(&mut stream, &mut answer)
        .await
        .unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}
