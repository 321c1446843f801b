//! Clients that another server served before: they keep id and secret, by whatever name the server is called.

#![cfg(test)]

use oneroster::auth::secret;
use serde_json::{Value, json};

use crate::harness::api::{self, Api};
use crate::harness::backup::{back_up, restore};
use crate::harness::running::{self, Running};
use crate::harness::{self, TestDatabase, database};

/// What stands in the wizard: an id without a tenant, and a secret with what forms and headers change.
const ID: &str = "5f9c6a58-7d0f-4a27-9d4e-0d8a7c1a0b11";
const SECRET: &str = "x+Y/9%41=&ü";

fn sha256(secret: &str) -> String {
    harness::base16(&secret::hash(secret))
}

/// Runs `client …` and returns its exit code, its JSON and what it said.
async fn client(url: &str, arguments: &[&str]) -> (i32, Value, String) {
    let output = harness::oneroster(url, &[&["client"], arguments, &["--json"]].concat()).await;
    (
        output.status.code().unwrap(),
        serde_json::from_slice(&output.stdout).unwrap_or_default(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

async fn carry_over(url: &str, tenant: &str, more: &[&str]) -> (i32, Value, String) {
    client(
        url,
        &[&["create", "--tenant", tenant, "--name", "SDS"], more].concat(),
    )
    .await
}

/// A token asked for in a way: the status, and the token if it is given.
async fn token(request: reqwest::RequestBuilder) -> (u16, Option<String>) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    (status, body["access_token"].as_str().map(str::to_owned))
}

/// The list says what it is until its secret is ours.
async fn listed_until_its_secret_is_ours(url: &str) {
    let listed = client(url, &["list", "--tenant", "zand"]).await.1;
    let entry = listed["clients"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["client_id"] == ID)
        .unwrap();
    assert!(
        entry["carried_over_at"].is_string() && entry["has_carried_over_secret"] == true,
        "{entry}"
    );
    assert_eq!(entry["settings"]["email"], true);
    let text = harness::oneroster(url, &["client", "list", "--tenant", "zand"]).await;
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("with a secret of another server"), "{text}");
}

#[tokio::test]
async fn id_and_secret_are_kept_and_read_by_every_way_of_sending_them_under_another_host_name() {
    let TestDatabase { pool, url, .. } = database().await;
    api::tenant(&pool, "zand").await;
    api::publish_orgs(&pool, "zand", 2).await;
    let server = Running::start(&running::settings(&url)).await;
    let hash = sha256(SECRET);
    let (code, made, said) = carry_over(
        &url,
        "zand",
        &["--client-id", ID, "--secret-sha256", &hash, "--preset", "moodle"],
    )
    .await;
    assert_eq!((code, made), (0, json!({ "client_id": ID })), "{said}");
    // Servers know it within five seconds.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let http = reqwest::Client::builder()
        .resolve("sync.old.example", server.address)
        .build()
        .unwrap();
    let old = format!("http://sync.old.example:{}", server.address.port());
    let grant = [("grant_type", "client_credentials")];
    let form = [grant[0], ("client_id", ID), ("client_secret", SECRET)];
    let encoded: String = form_urlencoded(SECRET);
    let mut tokens = Vec::new();
    for path in [
        "/connect/token",
        "/oauth/token",
        "/ims/oneroster/v1p1/token",
        "/oauth/access_token",
    ] {
        let to = || http.post(format!("{old}{path}"));
        for request in [
            to().basic_auth(ID, Some(SECRET)).form(&grant),
            to().basic_auth(ID, Some(&encoded)).form(&grant),
            to().form(&form),
        ] {
            let (status, token) = token(request).await;
            assert_eq!(status, 200, "{path}");
            tokens.extend(token);
        }
        assert_eq!(
            token(to().basic_auth(ID, Some("x Y/9A=&ü")).form(&grant)).await.0,
            401
        );
    }
    let orgs = http
        .get(format!("{old}/ims/oneroster/v1p1/orgs?limit=1"))
        .bearer_auth(&tokens[0]);
    let answer = orgs.send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["x-total-count"]),
        (200, &"2".parse().unwrap())
    );
    listed_until_its_secret_is_ours(&url).await;
    let (code, rotated, said) = client(&url, &["rotate", "--tenant", "zand", ID, "--revoke-tokens"]).await;
    assert_eq!(code, 0, "{said}");
    let ours = rotated["client_secret"].as_str().unwrap();
    let to = || http.post(format!("{old}/connect/token"));
    assert_eq!(token(to().basic_auth(ID, Some(ours)).form(&grant)).await.0, 200);
    assert_eq!(token(to().basic_auth(ID, Some(SECRET)).form(&grant)).await.0, 401);
    let listed = client(&url, &["list", "--tenant", "zand"]).await.1;
    assert_eq!(listed["clients"][1]["has_carried_over_secret"], false, "{listed}");
    server.stop().await;
}

/// Encodes as RFC 6749 §2.3.1 has a client encode its secret.
fn form_urlencoded(text: &str) -> String {
    let url = reqwest::Url::parse_with_params("http://x", [("s", text)]).unwrap();
    url.query().unwrap().trim_start_matches("s=").to_owned()
}

/// An id that looks like one of another tenant's is still the one it was given to.
#[tokio::test]
async fn an_id_is_of_the_tenant_it_was_carried_over_to_and_of_one_only() {
    let TestDatabase { pool, url, .. } = database().await;
    api::tenant(&pool, "zand").await;
    api::tenant(&pool, "andere").await;
    let (id, hash) = ("andere.k7f2m9q4x1w8", sha256("geheim"));
    let arguments = ["--client-id", id, "--secret-sha256", &hash];
    assert_eq!(carry_over(&url, "zand", &arguments).await.0, 0);
    let api = Api::start(&pool).await;
    let issued = api.auth.issue(id, "geheim", None, None).await.unwrap();
    assert_eq!(issued.tenant_id, "zand");
    for tenant in ["zand", "andere"] {
        let (code, _, said) = carry_over(&url, tenant, &arguments).await;
        assert!(
            code == 1 && said.contains("there is a client `andere.k7f2m9q4x1w8` already"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_secret_may_come_from_a_file_and_what_is_none_is_refused() {
    let TestDatabase { pool, url, .. } = database().await;
    api::tenant(&pool, "zand").await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret.txt");
    let file = path.to_str().unwrap();
    std::fs::write(&path, "geheim\r\n").unwrap();
    assert_eq!(
        carry_over(&url, "zand", &["--client-id", ID, "--secret-file", file])
            .await
            .0,
        0
    );
    let api = Api::start(&pool).await;
    assert!(api.auth.issue(ID, "geheim", None, None).await.is_ok());
    std::fs::write(&path, " \n").unwrap();
    let (hash, short) = (sha256("x"), "abc");
    for (arguments, expected, text) in [
        (
            &["--client-id", "x", "--secret-file", file][..],
            1,
            "the secret is empty",
        ),
        (
            &["--client-id", "a b", "--secret-sha256", &hash],
            1,
            "is no client id that can be carried over",
        ),
        (
            &["--client-id", "x", "--secret-sha256", short],
            2,
            "64 hexadecimal digits",
        ),
        (&["--client-id", "x"], 2, "--secret-sha256"),
        (&["--secret-sha256", &hash], 2, "--client-id"),
        (
            &[
                "--client-id",
                "x",
                "--secret-sha256",
                &hash,
                "--secret-file",
                file,
            ],
            2,
            "cannot be used with",
        ),
    ] {
        let (code, _, said) = carry_over(&url, "zand", arguments).await;
        assert_eq!(code, expected, "{arguments:?}: {said}");
        assert!(said.contains(text), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn a_client_that_was_carried_over_comes_back_with_recover() {
    let database = database().await;
    api::tenant(&database.pool, "zand").await;
    let (backup, database) = back_up(&database).await;
    let hash = sha256(SECRET);
    let (code, _, said) = carry_over(
        &database.url,
        "zand",
        &["--client-id", ID, "--secret-sha256", &hash],
    )
    .await;
    assert_eq!(code, 0, "{said}");
    let database = restore(&database, &backup).await;
    let recovered = harness::oneroster(&database.url, &["recover"]).await;
    assert!(recovered.status.success(), "{recovered:?}");
    let api = Api::start(&database.pool).await;
    assert!(api.auth.issue(ID, SECRET, None, None).await.is_ok());
    let listed = client(&database.url, &["list", "--tenant", "zand"]).await.1;
    assert_eq!(listed["clients"][1]["has_carried_over_secret"], true, "{listed}");
}
