//! The token endpoint, and what makes a token good.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use oneroster::auth::client::{self, NewSecret};
use oneroster::auth::{Rejection, Scope};
use oneroster::clock::Clock;
use serde_json::{Value, json};

use crate::harness::api::{self, Answer, Api, BASE_URL};
use crate::harness::{as_server, database};

const FORM: &str = "application/x-www-form-urlencoded";
const GRANT: &str = "grant_type=client_credentials";

/// One token request.
#[derive(Default, Clone)]
struct Ask {
    query: &'static str,
    authorization: Option<String>,
    content_type: Option<&'static str>,
    body: String,
}

async fn post(api: &Api, ask: Ask) -> Answer {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(format!("/connect/token{}", ask.query));
    if let Some(value) = ask.authorization {
        request = request.header("authorization", value);
    }
    if let Some(value) = ask.content_type {
        request = request.header("content-type", value);
    }
    api.send(request.body(Body::from(ask.body)).unwrap()).await
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// Percent-encodes every character, as a client is free to.
fn encoded(text: &str) -> String {
    text.bytes()
        .flat_map(|byte| format!("%{byte:02x}").into_bytes())
        .map(char::from)
        .collect()
}

/// R23: a token for id and secret, however they are sent.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn every_way_consumers_ask_is_answered() {
    let pool = database().await.pool;
    let NewSecret {
        client_id: id,
        client_secret: secret,
    } = &api::tenant(&pool, "zand").await;
    api::publish_orgs(&pool, "zand", 1).await;
    let api = Api::start(&pool).await;
    let in_body = format!("{GRANT}&client_id={id}&client_secret={secret}");
    let header = Some(basic(id, secret));
    let form = |body: &str| Ask {
        authorization: header.clone(),
        content_type: Some(FORM),
        body: body.to_owned(),
        query: "",
    };
    let unpadded = header
        .as_deref()
        .map(|value| value.trim_end_matches('=').to_owned());
    let asks = [
        ("SDS: Basic, form", form(GRANT)),
        ("scope empty", form(&format!("{GRANT}&scope="))),
        (
            "Moodle: url-encoded Basic",
            Ask {
                authorization: Some(basic(&encoded(id), &encoded(secret))),
                ..form(GRANT)
            },
        ),
        (
            "scheme in capitals",
            Ask {
                authorization: header.as_deref().map(|value| value.replace("Basic", "BASIC")),
                ..form(GRANT)
            },
        ),
        (
            "no padding",
            Ask {
                authorization: unpadded,
                ..form(GRANT)
            },
        ),
        (
            "ADF: body credentials",
            Ask {
                authorization: None,
                ..form(&in_body)
            },
        ),
        ("Basic and the same in the body", form(&in_body)),
        (
            "no content type",
            Ask {
                content_type: None,
                ..form(GRANT)
            },
        ),
        (
            "infinite_campus: all in the query",
            Ask {
                query: "?grant_type=client_credentials&scope=x%20roster.readonly",
                content_type: Some("application/json"),
                ..form("")
            },
        ),
        (
            "TCI: nothing but the header",
            Ask {
                content_type: Some("application/json; charset=utf-8"),
                ..form("")
            },
        ),
        (
            "trailing slash",
            Ask {
                query: "/",
                ..form(GRANT)
            },
        ),
        (
            "stray parameters",
            Ask {
                query: "?x=1",
                ..form(&format!("{GRANT}&refresh_token=&y=2"))
            },
        ),
    ];
    for (name, ask) in asks {
        let answer = post(&api, ask).await;
        let body = answer.json();
        assert_eq!(answer.status, StatusCode::OK, "{name}: {body}");
        assert_eq!(answer.header("content-type"), "application/json", "{name}");
        assert_eq!(
            (answer.header("cache-control"), answer.header("pragma")),
            ("no-store", "no-cache"),
            "{name}"
        );
        assert_eq!(body["token_type"], "bearer", "{name}");
        assert!(
            (3598..=3600).contains(&body["expires_in"].as_i64().unwrap()),
            "{name}: {body}"
        );
        assert_eq!(
            api.get(body["access_token"].as_str().unwrap(), "/orgs")
                .await
                .status,
            StatusCode::OK,
            "{name}"
        );
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn refusals_are_as_rfc_6749_has_them() {
    let pool = database().await.pool;
    let NewSecret {
        client_id: id,
        client_secret: secret,
    } = &api::tenant(&pool, "zand").await;
    let api = Api::start(&pool).await;
    let header = Some(basic(id, secret));
    let form = |body: &str| Ask {
        authorization: header.clone(),
        content_type: Some(FORM),
        body: body.to_owned(),
        query: "",
    };
    let asks = [
        ("no grant_type", form(""), 400, "invalid_request"),
        (
            "no grant_type, but scope",
            form("scope=roster.readonly"),
            400,
            "invalid_request",
        ),
        (
            "no grant_type, JSON, no header",
            Ask {
                authorization: None,
                content_type: Some("application/json"),
                ..form("")
            },
            400,
            "invalid_request",
        ),
        (
            "other grant",
            form("grant_type=password"),
            400,
            "unsupported_grant_type",
        ),
        ("twice", form(&format!("{GRANT}&{GRANT}")), 400, "invalid_request"),
        (
            "body and query differ",
            Ask {
                query: "?grant_type=password",
                ..form(GRANT)
            },
            400,
            "invalid_request",
        ),
        (
            "unknown scopes only",
            form(&format!("{GRANT}&scope=gradebook.readonly+nonsense")),
            400,
            "invalid_scope",
        ),
        (
            "bad encoding",
            form(&format!("{GRANT}&x=%zz")),
            400,
            "invalid_request",
        ),
        (
            "not UTF-8",
            form(&format!("{GRANT}&x=%ff")),
            400,
            "invalid_request",
        ),
        (
            "no credentials",
            Ask {
                authorization: None,
                ..form(GRANT)
            },
            401,
            "invalid_client",
        ),
        (
            "credentials in the query",
            Ask {
                authorization: None,
                query: "?client_id=a&client_secret=b",
                ..form(GRANT)
            },
            401,
            "invalid_client",
        ),
        (
            "half of them",
            Ask {
                authorization: None,
                ..form(&format!("{GRANT}&client_id={id}"))
            },
            401,
            "invalid_client",
        ),
        (
            "other credentials in the body",
            form(&format!("{GRANT}&client_id={id}&client_secret=other")),
            400,
            "invalid_request",
        ),
        (
            "not base64",
            Ask {
                authorization: Some("Basic ###".to_owned()),
                ..form(GRANT)
            },
            401,
            "invalid_client",
        ),
        (
            "no colon",
            Ask {
                authorization: Some("Basic YWJj".to_owned()),
                ..form(GRANT)
            },
            401,
            "invalid_client",
        ),
        (
            "other scheme",
            Ask {
                authorization: Some("Bearer abc".to_owned()),
                ..form(GRANT)
            },
            401,
            "invalid_client",
        ),
        (
            "NUL in the id",
            Ask {
                authorization: Some(basic("zand.\0", secret)),
                ..form(GRANT)
            },
            401,
            "invalid_client",
        ),
        (
            "too large",
            form(&format!("{GRANT}&x={}", "y".repeat(17 << 10))),
            413,
            "invalid_request",
        ),
    ];
    for (name, ask, status, error) in asks {
        let answer = post(&api, ask).await;
        let body = answer.json();
        assert_eq!(
            (answer.status.as_u16(), body["error"].as_str()),
            (status, Some(error)),
            "{name}: {body}"
        );
        assert_eq!(
            answer.header("www-authenticate").starts_with("Basic "),
            status == 401,
            "{name}"
        );
        assert_eq!(answer.header("cache-control"), "no-store", "{name}");
    }
    for method in [Method::GET, Method::PUT, Method::HEAD] {
        let answer = api.ask(method.clone(), "", "/connect/token").await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, "POST"),
            "{method}"
        );
    }
}

/// What differs must be the request id only: the caller cannot tell which it was.
#[tokio::test]
async fn an_unknown_client_and_a_wrong_secret_get_the_same_answer() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    let revoked = api::tenant(&pool, "weg").await;
    client::revoke(&as_server(&pool), "weg", &revoked.client_id)
        .await
        .unwrap();
    let api = Api::start(&pool).await;
    let mut answers = Vec::new();
    for (id, secret) in [
        (made.client_id.as_str(), "wrong"),
        (made.client_id.as_str(), &revoked.client_secret),
        ("zand.aaaaaaaaaaaa", made.client_secret.as_str()),
        ("nobody", "wrong"),
        (revoked.client_id.as_str(), &revoked.client_secret),
    ] {
        let ask = Ask {
            authorization: Some(basic(id, secret)),
            content_type: Some(FORM),
            body: GRANT.to_owned(),
            query: "",
        };
        let mut answer = post(&api, ask).await;
        answer.headers.remove("x-request-id");
        answers.push((answer.status, answer.headers, answer.body));
    }
    assert_eq!(answers[0].0, StatusCode::UNAUTHORIZED);
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
}

#[tokio::test]
async fn the_scopes_granted_are_those_asked_for_that_exist() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    let api = Api::start(&pool).await;
    let asked = format!(
        "{} https://purl.imsglobal.org/spec/or/v1p1/scope/gradebook.readonly",
        Scope::Roster.uri()
    );
    let issued = api
        .auth
        .issue(&made.client_id, &made.client_secret, Some(&asked))
        .await
        .unwrap();
    assert_eq!(issued.scopes.to_string(), Scope::Roster.uri());
    let all = api.issue(&made).await;
    assert!(Scope::ALL.iter().all(|scope| all.scopes.has_any(&[*scope])));
}

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

async fn tickets_until(pool: &sqlx::PgPool) -> Option<DateTime<Utc>> {
    sqlx::query_scalar("select tickets_until from roster.head where tenant_id = 'zand'")
        .fetch_one(pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_token_is_a_ticket_that_expires_no_later_than_tickets_until() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    let (generation_id, _) = api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    let mut latest = None;
    for lifetime in ["3600", "60", "43200", "120"] {
        client::set(
            &pool,
            "zand",
            &made.client_id,
            &[format!("token_lifetime_s={lifetime}")],
        )
        .await
        .unwrap();
        let claims = claims(&api.token(&made).await);
        let until = tickets_until(&pool).await;
        assert!(
            claims["exp"].as_i64().unwrap() * 1000 <= until.unwrap().timestamp_millis(),
            "{claims}"
        );
        assert!(until >= latest, "it never goes back");
        latest = until;
        assert_eq!(claims["gen"], json!(generation_id));
        assert_eq!((&claims["num"], &claims["tenant"]), (&json!(1), &json!("zand")));
        assert_eq!(
            (&claims["iss"], &claims["sub"]),
            (&json!(BASE_URL), &json!(made.client_id))
        );
    }
    let (_, date) = api::publish(&pool, "zand", &[]).await;
    assert!(date >= latest.unwrap() + TimeDelta::minutes(5));
}

/// The publisher holds the head row; a token asked for meanwhile is a ticket to what it publishes, not to what was before.
#[tokio::test]
async fn a_token_that_waited_for_a_publication_is_a_ticket_to_it() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    let mut publisher = pool.begin().await.unwrap();
    sqlx::query("select from roster.head where tenant_id = 'zand' for update")
        .execute(&mut *publisher)
        .await
        .unwrap();
    let waiting = tokio::spawn(async move { api.issue(&made).await });
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let begun = async {
        while sqlx::query_scalar::<_, i64>(waits)
            .fetch_one(&pool)
            .await
            .unwrap()
            == 0
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), begun)
        .await
        .expect("the token request waits for the row");
    sqlx::query(
        "update roster.head set number = 2, generation_id = gen_random_uuid() where tenant_id = 'zand'",
    )
    .execute(&mut *publisher)
    .await
    .unwrap();
    publisher.commit().await.unwrap();
    assert_eq!(waiting.await.unwrap().number, Some(2));
}

#[tokio::test]
async fn before_the_first_publication_a_token_is_no_ticket() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    assert!(claims(&token).get("gen").is_none());
    assert_eq!(tickets_until(&pool).await, None);
    let answer = api.get(&token, "/orgs").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("retry-after")),
        (503, "30")
    );
    assert_eq!(answer.json()["CodeMinor"], "server_busy");
    api::publish_orgs(&pool, "zand", 1).await;
    let answer = api.get(&token, "/orgs").await;
    assert_eq!(
        answer.status,
        StatusCode::UNAUTHORIZED,
        "a token without a ticket is of no use any more"
    );
    assert!(
        answer
            .header("www-authenticate")
            .contains("error=\"invalid_token\"")
    );
    assert_eq!(
        api.get(&api.token(&made).await, "/orgs").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_token_is_good_until_the_very_instant_it_names() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let token = Api::start(&pool).await.token(&made).await;
    let end = DateTime::from_timestamp(claims(&token)["exp"].as_i64().unwrap(), 0).unwrap();
    for (instant, expected) in [
        (end - TimeDelta::milliseconds(1), Ok(())),
        (end, Err(Rejection::Expired)),
        (end + TimeDelta::hours(1), Err(Rejection::Expired)),
    ] {
        let api = Api::start_at(&pool, Clock::Fixed(instant), BASE_URL).await;
        assert_eq!(api.auth.verify(&token).await.map(|_| ()), expected, "{instant}");
        assert_eq!(
            api.auth.verify(&token).await.map(|_| ()),
            expected,
            "a second time, remembered"
        );
    }
}

#[tokio::test]
async fn a_token_of_another_making_is_refused() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    let good = api.token(&made).await;
    let parts: Vec<&str> = good.split('.').collect();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[0]).unwrap()).unwrap();
    assert_eq!(header["alg"], "ES256");
    let key_id = header["kid"].as_str().unwrap();
    let text = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let none = format!("{}.{}.", text(json!({ "alg": "none", "kid": key_id })), parts[1]);
    let mut hmac = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    hmac.kid = Some(key_id.to_owned());
    let public: Vec<u8> = sqlx::query_scalar("select public_x || public_y from auth.signing_key")
        .fetch_one(&pool)
        .await
        .unwrap();
    let confused = jsonwebtoken::encode(
        &hmac,
        &claims(&good),
        &jsonwebtoken::EncodingKey::from_secret(&public),
    )
    .unwrap();
    let mut altered = claims(&good);
    altered["tenant"] = json!("andere");
    let other_database = database().await.pool;
    let twin = api::tenant(&other_database, "zand").await;
    api::publish(&other_database, "zand", &[]).await;
    let other_key = Api::start(&other_database).await.token(&twin).await;
    let other_issuer = Api::start_at(&pool, Clock::System, "https://other.example")
        .await
        .token(&made)
        .await;
    for (name, token) in [
        ("empty", String::new()),
        ("rubbish", "abc".to_owned()),
        ("algorithm none", none),
        ("public key as HMAC secret", confused),
        (
            "altered claims",
            format!("{}.{}.{}", parts[0], text(altered), parts[2]),
        ),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("key of another installation", other_key),
        ("other issuer", other_issuer),
        ("very long", good.repeat(20)),
    ] {
        assert_eq!(api.auth.verify(&token).await, Err(Rejection::Foreign), "{name}");
        assert_eq!(
            api.get(&token, "/orgs").await.status,
            StatusCode::UNAUTHORIZED,
            "{name}"
        );
    }
    assert_eq!(api.get(&good, "/orgs").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_revoked_client_is_refused_once_that_is_read() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let background = tokio::spawn(std::sync::Arc::clone(&api.auth).refresh_until(stopped));
    assert_eq!(api.get(&token, "/orgs").await.status, StatusCode::OK);
    client::revoke(&api.pool, "zand", &made.client_id).await.unwrap();
    let refused = async {
        while api.get(&token, "/orgs").await.status == StatusCode::OK {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    // How soon is a matter of the constants in `auth`; here it is that it happens.
    tokio::time::timeout(Duration::from_mins(1), refused)
        .await
        .unwrap();
    assert_eq!(api.get(&token, "/orgs").await.status, StatusCode::UNAUTHORIZED);
    stop.send(true).unwrap();
    background.await.unwrap();
}

/// Whoever stole a key made tokens with it, and may have used them already: taking the key away ends those too.
#[tokio::test]
async fn a_token_that_was_seen_before_ends_with_its_signing_key() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    assert!(api.auth.verify(&token).await.is_ok());
    sqlx::query("delete from auth.signing_key")
        .execute(&pool)
        .await
        .unwrap();
    // A key that is not known makes the server read them all again.
    let header = URL_SAFE_NO_PAD.encode(json!({ "alg": "ES256", "kid": "another" }).to_string());
    let other = format!("{header}.{}", token.split_once('.').unwrap().1);
    assert_eq!(api.auth.verify(&other).await, Err(Rejection::Foreign));
    assert_eq!(api.auth.verify(&token).await, Err(Rejection::Foreign));
}

#[tokio::test]
async fn servers_share_keys_and_learn_new_ones() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let (one, two) = tokio::join!(Api::start(&pool), Api::start(&pool));
    let keys: i64 = sqlx::query_scalar("select count(*) from auth.signing_key")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(keys, 1, "two servers starting at once make one key");
    let old = one.token(&made).await;
    sqlx::query("update auth.signing_key set created_at = created_at - interval '1 day', signs_until = clock_timestamp()")
        .execute(&pool)
        .await
        .unwrap();
    let three = Api::start(&pool).await;
    let new = three.token(&made).await;
    let key_id = |token: &str| token.split('.').next().unwrap().to_owned();
    assert_ne!(key_id(&old), key_id(&new));
    for api in [&one, &two, &three] {
        assert!(api.auth.verify(&old).await.is_ok());
        assert!(api.auth.verify(&new).await.is_ok());
    }
    let shown = three.ask(Method::GET, "", "/.well-known/jwks.json").await.json();
    assert_eq!(shown["keys"].as_array().unwrap().len(), 2);
    assert!(shown["keys"][0].get("d").is_none(), "no private part");
}

#[tokio::test]
async fn the_discovery_document_leads_to_the_endpoint_and_its_keys() {
    let pool = database().await.pool;
    let api = Api::start(&pool).await;
    let found = api
        .ask(Method::GET, "", "/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(found["issuer"], BASE_URL);
    assert_eq!(found["token_endpoint"], format!("{BASE_URL}/connect/token"));
    assert_eq!(found["jwks_uri"], format!("{BASE_URL}/.well-known/jwks.json"));
}

/// Passes connections on to the test's Postgres. While that is away it drops them, those there are too; the port stays taken.
async fn relay(
    listener: tokio::net::TcpListener,
    postgres: String,
    mut away: tokio::sync::watch::Receiver<bool>,
) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            changed = away.changed() => {
                if changed.is_err() {
                    return;
                }
                connections.shutdown().await;
            }
            accepted = listener.accept() => {
                if *away.borrow() {
                    continue;
                }
                let (mut near, _) = accepted.unwrap();
                let mut far = tokio::net::TcpStream::connect(&postgres).await.unwrap();
                connections.spawn(async move { tokio::io::copy_bidirectional(&mut near, &mut far).await });
            }
        }
    }
}

#[tokio::test]
async fn a_token_request_waits_for_a_database_that_comes_back() {
    let test = database().await;
    let made = api::tenant(&test.pool, "zand").await;
    api::publish(&test.pool, "zand", &[]).await;
    let options: sqlx::postgres::PgConnectOptions = test.url.parse().unwrap();
    let postgres = format!("{}:{}", options.get_host(), options.get_port());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (away, is_away) = tokio::sync::watch::channel(false);
    let relaying = tokio::spawn(relay(listener, postgres, is_away));
    let pool = sqlx::PgPool::connect_with(options.host("127.0.0.1").port(address.port()))
        .await
        .unwrap();
    let api = Api::start(&pool).await;
    let ticket = api.token(&made).await;
    away.send(true).unwrap();
    let cut = async { while api.auth.database_answers().await {} };
    tokio::time::timeout(Duration::from_mins(1), cut).await.unwrap();
    let ask = Ask {
        authorization: Some(basic(&made.client_id, &made.client_secret)),
        content_type: Some(FORM),
        body: GRANT.to_owned(),
        query: "",
    };
    let asking = post(&api, ask);
    let returning = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(
            api.auth.verify(&ticket).await.is_ok(),
            "tickets stay good meanwhile"
        );
        away.send(false).unwrap();
    };
    let (answer, ()) = tokio::join!(asking, returning);
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.json());
    drop(away);
    relaying.await.unwrap();
}
