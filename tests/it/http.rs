//! OneRoster over HTTP: paging, links, errors, tolerance, tickets, tenants.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use oneroster::auth::{Scope, client};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::api::{self, Answer, Api, BASE_URL, org};
use crate::harness::{database, running};

const COLLECTIONS: [&str; 6] = [
    "academicSessions",
    "classes",
    "courses",
    "enrollments",
    "orgs",
    "users",
];

/// Checks that a refusal says so in each of the three shapes consumers read (OneRoster 1.1 §7.2).
fn assert_refusal(answer: &Answer, status: u16, code_minor: &str) {
    let body = answer.json();
    assert_eq!(answer.status.as_u16(), status, "{body}");
    assert_eq!(answer.header("content-type"), "application/json");
    let entry = &body["statusInfoSet"][0];
    assert_eq!(
        (&entry["imsx_codeMajor"], &entry["imsx_severity"]),
        (&json!("failure"), &json!("error")),
        "{body}"
    );
    assert_eq!(entry["imsx_codeMinor"], code_minor, "{body}");
    assert_eq!(body["imsx_codeMajor"], "failure");
    assert_eq!(
        body["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"],
        code_minor
    );
    assert_eq!(
        (&body["CodeMajor"], &body["CodeMinor"]),
        (&json!("failure"), &json!(code_minor))
    );
    assert_eq!(body["imsx_messageRefIdentifier"], answer.header("x-request-id"));
    assert!(!body["Description"].as_str().unwrap().is_empty());
}

/// Gives the links of a page as (rel, address).
fn links(answer: &Answer) -> Vec<(String, String)> {
    let header = answer.header("link");
    header
        .split(", ")
        .filter(|link| !link.is_empty())
        .map(|link| {
            let (address, relation) = link.split_once(">; rel=\"").unwrap();
            (
                relation.trim_end_matches('"').to_owned(),
                address.trim_start_matches('<').to_owned(),
            )
        })
        .collect()
}

#[tokio::test]
async fn following_next_gives_every_object_once() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish_orgs(&pool, "zand", 25).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    let mut seen = Vec::new();
    let mut path = Some("/ims/oneroster/v1p1/orgs?limit=10&filter=status='active'&x=a,b".to_owned());
    while let Some(asked) = path.take() {
        let answer = api.ask(Method::GET, &token, &asked).await;
        assert_eq!(answer.status, StatusCode::OK);
        let ids = answer.ids("orgs");
        assert_eq!(
            (answer.header("x-total-count"), answer.header("x-count")),
            ("25", ids.len().to_string().as_str())
        );
        seen.extend(ids);
        for (relation, address) in links(&answer) {
            let rest = address.strip_prefix(BASE_URL).unwrap();
            assert!(
                rest.contains("filter=status%3D%27active%27&x=a%2Cb&limit=10&offset="),
                "{address}"
            );
            if relation == "next" {
                path = Some(rest.to_owned());
            }
        }
    }
    let expected: Vec<String> = (0..25).map(|place| format!("o{place:03}")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_page_past_the_end_is_empty_and_still_counts() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish_orgs(&pool, "zand", 3).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    let answer = api.get(&token, "/orgs?offset=5000&limit=5000").await;
    assert_eq!((answer.status.as_u16(), answer.ids("orgs").len()), (200, 0));
    assert_eq!(
        (answer.header("x-total-count"), answer.header("x-count")),
        ("3", "0")
    );
    assert!(links(&answer).iter().all(|(relation, _)| relation != "next"));
    let second = api.get(&token, "/orgs?offset=2&limit=1").await;
    assert_eq!(second.ids("orgs"), ["o002"]);
    let nothing = api.get(&token, "/users?filter=sourcedId='norecords'").await;
    assert_eq!(
        (nothing.status.as_u16(), nothing.json()),
        (200, json!({ "users": [] }))
    );
    assert_eq!(nothing.header("x-total-count"), "0");
}

#[tokio::test]
async fn a_delta_without_limit_is_whole_and_has_no_links() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish_orgs(&pool, "zand", 150).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    let delta = api
        .get(
            &token,
            "/orgs?filter=dateLastModified%3E'2020-01-01T01:00:00.000Z'",
        )
        .await;
    assert_eq!((delta.ids("orgs").len(), delta.header("link")), (150, ""));
    let plain = api.get(&token, "/orgs").await;
    assert_eq!((plain.ids("orgs").len(), links(&plain).len()), (100, 3));
}

#[tokio::test]
async fn a_single_carries_the_same_headers_and_an_unknown_one_is_404() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    let changes = [
        ("orgs", "001507-1", "active", org("een")),
        ("orgs", "weg", "tobedeleted", org("weg")),
    ];
    let (_, date) = api::publish(&pool, "zand", &changes).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    let answer = api.get(&token, "/orgs/001507-1").await;
    let body = answer.json();
    assert_eq!(
        (answer.status.as_u16(), &body["org"]["name"]),
        (200, &json!("een"))
    );
    assert_eq!(
        (
            answer.header("x-total-count"),
            answer.header("x-roster-generation")
        ),
        ("1", "1")
    );
    let date = date.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    assert_eq!(
        (
            answer.header("x-roster-published-at"),
            &body["org"]["dateLastModified"]
        ),
        (date.as_str(), &json!(date))
    );
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert_eq!(
        api.get(&token, "/orgs/weg").await.json()["org"]["status"],
        "tobedeleted"
    );
    for path in [
        "/orgs/001507-2",
        "/users/001507-1",
        "/orgs/%00",
        "/orgs/001507-1%20",
        "/classes/x",
    ] {
        assert_refusal(&api.get(&token, path).await, 404, "unknown object");
    }
}

#[tokio::test]
async fn a_ticket_stays_with_its_generation_on_every_page() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish_orgs(&pool, "zand", 4).await;
    let api = Api::start(&pool).await;
    let old = api.token(&made).await;
    let before = api.get(&old, "/orgs?limit=2").await;
    let changes = [
        ("orgs", "o000", "tobedeleted", org("o000")),
        ("orgs", "a", "active", org("a")),
        ("orgs", "o002", "active", org("anders")),
    ];
    let (_, date) = api::publish(&pool, "zand", &changes).await;
    let expires_at = api.auth.verify(&old).await.unwrap().expires_at;
    assert!(
        date.timestamp() >= expires_at + 300,
        "the date lies past the old ticket"
    );
    assert_eq!(api.get(&old, "/orgs?limit=2").await.body, before.body);
    let rest = api.get(&old, "/orgs?limit=2&offset=2").await;
    assert_eq!(
        (rest.ids("orgs"), rest.header("x-roster-generation")),
        (vec!["o002".to_owned(), "o003".to_owned()], "1")
    );
    // A server that never saw the first generation answers the same.
    let other = Api::start(&pool).await;
    assert_eq!(other.get(&old, "/orgs?limit=2").await.body, before.body);
    let new = api.token(&made).await;
    let after = api.get(&new, "/orgs").await;
    assert_eq!(after.ids("orgs"), ["a", "o000", "o001", "o002", "o003"]);
    assert_eq!(
        (
            after.header("x-roster-generation"),
            &after.json()["orgs"][1]["status"]
        ),
        ("2", &json!("tobedeleted"))
    );
    let delta = format!(
        "/orgs?filter=dateLastModified%3E'{}'",
        before.header("x-roster-published-at")
    );
    assert_eq!(api.get(&new, &delta).await.ids("orgs"), ["a", "o000", "o002"]);
}

/// R24: credentials open the data of their own tenant only.
#[tokio::test]
async fn two_tenants_never_see_each_other() {
    let pool = database().await.pool;
    let (zand, andere) = (
        api::tenant(&pool, "zand").await,
        api::tenant(&pool, "andere").await,
    );
    api::publish(
        &pool,
        "zand",
        &[
            ("orgs", "z", "active", org("z")),
            ("orgs", "beide", "active", org("van zand")),
        ],
    )
    .await;
    api::publish(
        &pool,
        "andere",
        &[
            ("orgs", "a", "active", org("a")),
            ("orgs", "beide", "active", org("van andere")),
        ],
    )
    .await;
    let api = Api::start(&pool).await;
    for (made, own, others, name) in [(&zand, "z", "a", "van zand"), (&andere, "a", "z", "van andere")] {
        let token = api.token(made).await;
        assert_eq!(api.get(&token, "/orgs").await.header("x-total-count"), "2");
        assert_eq!(api.get(&token, "/orgs/beide").await.json()["org"]["name"], name);
        assert_eq!(
            api.get(&token, &format!("/orgs/{own}")).await.status,
            StatusCode::OK
        );
        assert_refusal(
            &api.get(&token, &format!("/orgs/{others}")).await,
            404,
            "unknown object",
        );
        let sought = api
            .get(&token, &format!("/orgs?filter=sourcedId='{others}'"))
            .await;
        assert_eq!(sought.json(), json!({ "orgs": [] }));
    }
}

#[tokio::test]
async fn without_a_good_token_there_is_401() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    for collection in COLLECTIONS {
        for path in [
            format!("/ims/oneroster/v1p1/{collection}"),
            format!("/ims/oneroster/v1p1/{collection}/x"),
        ] {
            for authorization in [
                "",
                "Basic abc",
                "Bearer",
                "Bearer abc",
                "OAuth oauth_consumer_key=\"x\"",
                token.as_str(),
            ] {
                let mut request = Request::builder().uri(&path);
                if !authorization.is_empty() {
                    request = request.header("authorization", authorization);
                }
                let answer = api.send(request.body(Body::empty()).unwrap()).await;
                assert_refusal(&answer, 401, "unauthorized");
                let challenge = answer.header("www-authenticate");
                assert_eq!(
                    challenge.contains("error=\"invalid_token\""),
                    authorization == "Bearer abc",
                    "{challenge}"
                );
                assert!(challenge.starts_with("Bearer "));
            }
        }
        for authorization in [format!("bearer {token}"), format!("BEARER  {token}")] {
            let request = Request::builder()
                .uri(format!("/ims/oneroster/v1p1/{collection}"))
                .header("authorization", authorization);
            assert_eq!(
                api.send(request.body(Body::empty()).unwrap()).await.status,
                StatusCode::OK
            );
        }
    }
}

#[tokio::test]
async fn either_roster_scope_opens_the_base_endpoints_and_no_other_does() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    for (scope, is_open) in [
        (Scope::RosterCore, true),
        (Scope::Roster, true),
        (Scope::Demographics, false),
        (Scope::Resource, false),
    ] {
        let issued = api
            .auth
            .issue(&made.client_id, &made.client_secret, Some(scope.uri()))
            .await
            .unwrap();
        for collection in COLLECTIONS {
            let answer = api.get(&issued.access_token, &format!("/{collection}")).await;
            if is_open {
                assert_eq!(answer.status, StatusCode::OK);
            } else {
                assert_refusal(&answer, 403, "forbidden");
                assert!(
                    answer
                        .header("www-authenticate")
                        .contains("error=\"insufficient_scope\"")
                );
            }
        }
    }
}

#[tokio::test]
async fn what_consumers_do_to_paths_and_queries_is_served_in_place() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish_orgs(&pool, "zand", 3).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    for path in [
        "/ims/oneroster/v1p1/orgs/",
        "//ims/oneroster/v1p1//orgs",
        "/ims/oneroster/v1p1/orgs?",
        "/ims/oneroster/v1p1/orgs/?limit=5",
        "/ims/oneroster/v1p1/orgs?limit=5&offset=0&&filter=status%3D%27active%27&stray=1",
        "/ims/oneroster/v1p1/orgs?limit%20=5",
        "/ims/oneroster/v1p1/orgs?filter=status='active'+AND+type='school'",
    ] {
        let answer = api.ask(Method::GET, &token, path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.ids("orgs").len()),
            (200, 3),
            "{path}"
        );
    }
    let request = Request::builder()
        .uri("/ims/oneroster/v1p1/orgs")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from("{\"a\":1}"));
    assert_eq!(
        api.send(request.unwrap()).await.status,
        StatusCode::OK,
        "a body on GET"
    );
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish_orgs(&pool, "zand", 3).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    for path in [
        "/ims/oneroster/v1p1/orgs?limit=2",
        "/ims/oneroster/v1p1/orgs/o001",
        "/ims/oneroster/v1p1/orgs/none",
        "/healthz",
    ] {
        let get = api.ask(Method::GET, &token, path).await;
        let head = api.ask(Method::HEAD, &token, path).await;
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        for name in [
            "content-length",
            "content-type",
            "x-total-count",
            "x-count",
            "link",
            "x-roster-generation",
        ] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
}

#[tokio::test]
async fn every_refusal_is_json_in_three_shapes() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish_orgs(&pool, "zand", 3).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    for path in [
        "/",
        "/nothing",
        "/ims/oneroster/v1p1",
        "/ims/oneroster/v1p1/Orgs",
        "/ims/oneroster/v1p1/orgs/1/classes",
        "/ims/oneroster/v1p2/orgs",
    ] {
        assert_refusal(&api.ask(Method::GET, &token, path).await, 404, "unknown object");
        assert_refusal(&api.ask(Method::POST, &token, path).await, 404, "unknown object");
    }
    for (query, code_minor) in [
        ("limit=0", "invalid data"),
        ("limit=10001", "invalid data"),
        ("limit=ten", "invalid data"),
        ("offset=-1", "invalid data"),
        ("filter=shoeSize='1'", "invalid_filter_field"),
        ("filter=status", "invalid data"),
        ("fields=", "invalid_blank_selection_field"),
        ("filter=%zz", "invalid data"),
        ("filter=%ff", "invalid data"),
    ] {
        for collection in COLLECTIONS {
            assert_refusal(
                &api.get(&token, &format!("/{collection}?{query}")).await,
                400,
                code_minor,
            );
        }
    }
    assert_refusal(
        &api.get(&token, &format!("/orgs?x={}", "y".repeat(9000))).await,
        400,
        "invalid data",
    );
    assert_refusal(&api.get(&token, "/orgs/%zz").await, 400, "invalid data");
    for method in [
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::OPTIONS,
    ] {
        for path in [
            "/ims/oneroster/v1p1/orgs",
            "/ims/oneroster/v1p1/users/x",
            "/healthz",
            "/readyz",
            "/.well-known/jwks.json",
        ] {
            let answer = api.ask(method.clone(), &token, path).await;
            assert_refusal(&answer, 405, "invalid data");
            assert_eq!(answer.header("allow"), "GET, HEAD");
        }
    }
    let large = Request::builder()
        .uri("/ims/oneroster/v1p1/orgs")
        .body(Body::from(vec![b'x'; (1 << 20) + 1]));
    assert_refusal(&api.send(large.unwrap()).await, 413, "invalid data");
}

#[tokio::test]
async fn a_request_id_is_taken_over_when_harmless_and_made_otherwise() {
    let pool = database().await.pool;
    let api = Api::start(&pool).await;
    let mut made = Vec::new();
    for (sent, is_kept) in [
        ("sync-7.run_1", true),
        ("", false),
        ("a b", false),
        ("x\"y", false),
        (&"l".repeat(65), false),
    ] {
        let request = Request::builder()
            .uri("/nothing")
            .header("x-request-id", sent)
            .body(Body::empty())
            .unwrap();
        let answer = api.send(request).await;
        assert_refusal(&answer, 404, "unknown object");
        assert_eq!(answer.header("x-request-id") == sent, is_kept, "{sent:?}");
        made.push(answer.header("x-request-id").to_owned());
    }
    made.sort();
    made.dedup();
    assert_eq!(made.len(), 5);
}

#[tokio::test]
async fn a_client_is_answered_as_its_settings_say() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(
        &pool,
        "zand",
        &[
            ("orgs", "a", "active", org("a")),
            ("orgs", "b", "tobedeleted", org("b")),
        ],
    )
    .await;
    let entries = [
        "include_tombstones=false".to_owned(),
        "unpaged_delta=false".to_owned(),
    ];
    let plain = Api::start(&pool).await;
    assert_eq!(
        plain.get(&plain.token(&made).await, "/orgs").await.ids("orgs"),
        ["a", "b"]
    );
    client::set(&plain.pool, "zand", &made.client_id, &entries)
        .await
        .unwrap();
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    assert_eq!(api.get(&token, "/orgs").await.ids("orgs"), ["a"]);
    let delta = api
        .get(&token, "/orgs?filter=dateLastModified%3E'2020-01-01'")
        .await;
    assert_eq!(
        delta.ids("orgs"),
        ["a", "b"],
        "a delta carries tombstones all the same"
    );
    assert_ne!(delta.header("link"), "");
}

#[tokio::test]
async fn with_the_database_gone_good_tickets_still_open_what_is_in_memory() {
    let pool = database().await.pool;
    let (made, cold) = (api::tenant(&pool, "zand").await, api::tenant(&pool, "koud").await);
    api::publish_orgs(&pool, "zand", 3).await;
    api::publish_orgs(&pool, "koud", 3).await;
    let api = Api::start(&pool).await;
    let (token, cold_token) = (api.token(&made).await, api.token(&cold).await);
    let before = api.get(&token, "/orgs").await;
    assert_eq!(api.ask(Method::GET, "", "/readyz").await.status, StatusCode::OK);
    api.pool.close().await;
    assert_eq!(api.get(&token, "/orgs").await.body, before.body);
    assert_eq!(
        api.get(&token, "/orgs?filter=sourcedId='o001'").await.ids("orgs"),
        ["o001"]
    );
    let answer = api.get(&cold_token, "/orgs").await;
    assert_refusal(&answer, 503, "server_busy");
    assert_eq!(answer.header("retry-after"), "30");
    let ready = api.ask(Method::GET, "", "/readyz").await;
    assert_eq!(
        (ready.status.as_u16(), &ready.json()["database"]),
        (503, &json!("unreachable"))
    );
    assert_eq!(ready.json()["rosters_in_memory"], 1);
    assert_eq!(api.ask(Method::GET, "", "/healthz").await.status, StatusCode::OK);
}

/// Sends bytes over a socket and reads the answer to its end.
/// "Try later" would be a lie: a load that cannot succeed is a fault of this side, to be looked into.
#[tokio::test]
async fn a_roster_that_cannot_be_loaded_is_a_fault_of_the_server_and_not_busy() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    let user = json!({ "username": "a", "role": "janitor" });
    api::publish(&pool, "zand", &[("users", "u1", "active", user)]).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    let answer = api.get(&token, "/users").await;
    assert_refusal(&answer, 500, "internal_server_error");
    assert!(!answer.json().to_string().contains("janitor"));
    sqlx::query("revoke select on roster.object_version from oneroster_tenant")
        .execute(&pool)
        .await
        .unwrap();
    assert_refusal(&api.get(&token, "/orgs").await, 500, "internal_server_error");
    api.pool.close().await;
    let answer = api.get(&token, "/orgs").await;
    assert_refusal(&answer, 503, "server_busy");
    assert_eq!(answer.header("retry-after"), "30");
}

async fn raw(address: std::net::SocketAddr, request: &str) -> (String, Value) {
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), serde_json::from_str(body).unwrap_or_default())
}

#[tokio::test]
async fn a_server_takes_a_free_port_serves_raw_requests_and_stops_when_told() {
    let test = database().await;
    let made = api::tenant(&test.pool, "zand").await;
    api::publish_orgs(&test.pool, "zand", 3).await;
    let mut settings = running::settings(&test.url);
    let server = running::bind(&settings).await.unwrap();
    let address = server.local_address();
    assert_eq!(server.base_url(), format!("http://{address}"));
    settings.server.listen = address;
    let second = running::bind(&settings).await.unwrap_err();
    assert!(
        second.to_string().contains(&address.to_string()) && second.to_string().contains("--listen"),
        "{second}"
    );
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.run_until(async move { drop(stopped.await) }));

    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        made.client_id, made.client_secret
    );
    let request = format!(
        "POST /connect/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let (_, body) = raw(address, &request).await;
    let bearer = body["access_token"].as_str().unwrap();
    // School Data Sync writes its filters without encoding.
    let path = "/ims/oneroster/v1p1/orgs?filter=dateLastModified>'2020-01-01T01:00:00.000Z'";
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {bearer}\r\n\r\n"
    );
    let (head, body) = raw(address, &request).await;
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert!(
        head.to_lowercase().contains("\r\ndate: ") && head.to_lowercase().contains("\r\ncontent-length: "),
        "{head}"
    );
    assert_eq!(body["orgs"].as_array().unwrap().len(), 3);
    let (head, _) = raw(address, &request.replace("GET", "HEAD")).await;
    assert!(
        head.starts_with("HTTP/1.1 200 OK") && head.to_lowercase().contains("\r\ncontent-length: "),
        "{head}"
    );
    let request =
        "HEAD /openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n";
    let (head, _) = raw(address, request).await;
    assert!(
        head.contains("content-encoding: gzip") && !head.contains("content-length: "),
        "{head}"
    );

    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(30), running)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
}
