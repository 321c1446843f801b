//! `oneroster check`: a good provider passes every rule, and each rule catches a provider that breaks it alone.

mod endpoint_flaws;
mod filter;
mod flaws;
mod paths;
mod server;
mod variation_flaws;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use crate::harness::{self, school::school};
use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use flaws::flaws;
use futures_util::StreamExt;
use indicatif::ProgressBar;
use oneroster::auth::client;
use oneroster::auth::{ClientSettings, Preset};
use oneroster::clock::Clock;
use oneroster::http::App;
use oneroster::serving::SnapshotCache;
use oneroster_check::{self, Request, RuleResult, Verdict};
use oneroster_standard::Kind;
use serde_json::{Value, json};
use server::{CLIENT_ID, CLIENT_SECRET, Provider, ReceivedRequest, Reply, links};
use sqlx::PgPool;

fn request(address: SocketAddr) -> Request {
    Request {
        base_url: format!("http://{address}/ims/oneroster/v1p1"),
        token_url: format!("http://{address}/token"),
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        full: true,
        limit: Duration::from_secs(30),
    }
}

async fn run(request: &Request) -> Verdict {
    oneroster_check::run(request, &ProgressBar::hidden()).await
}

fn broken(verdict: &Verdict) -> Vec<&RuleResult> {
    verdict.rules.iter().filter(|rule| !rule.passed).collect()
}

#[tokio::test]
async fn a_good_provider_passes_every_rule() {
    let address = Provider::good().serve(|_| ()).await;
    let verdict = run(&request(address)).await;
    let ticks = [&verdict.url, &verdict.credentials, &verdict.data_access];
    assert_eq!(ticks, ["ok"; 3], "{verdict:#?}");
    assert!(broken(&verdict).is_empty(), "{:#?}", broken(&verdict));
    assert!(verdict.passed());
    let documentation = include_str!("../../docs/check.md");
    for rule in &verdict.rules {
        assert!(
            documentation.contains(&format!("`{}`", rule.id)),
            "docs/check.md lacks {}",
            rule.id
        );
    }
    let rows: Vec<usize> = verdict.rows.iter().map(|(_, count)| *count).collect();
    assert_eq!(rows, [4, 4, 4, 4, 8, 8]);
}

/// This product on a real database, over a socket, before anyone has left and after: the standard's path (R22), a token for
/// id and secret at `/connect/token` (R23), the wizard's three ticks (R25).
#[tokio::test]
async fn this_product_passes_every_rule() {
    let database = harness::database().await;
    let school = school(&database.pool, "zandpoort").await;
    let address = serve(&database.pool).await;
    let request = request_of(&database.pool, address, ClientSettings::default()).await;
    school.publish().await;
    let verdict = run(&request).await;
    assert!(verdict.passed(), "{verdict}");
    assert_eq!(verdict.rows[4], (Kind::Users, 3));

    school.jan_leaves().await;
    school.publish().await;
    let verdict = run(&request).await;
    assert!(verdict.passed(), "{verdict}");
    assert_eq!(verdict.rows[4], (Kind::Users, 2));
    let tombstones = verdict
        .rules
        .iter()
        .find(|rule| rule.id == "delta-has-tombstones-or-none")
        .unwrap();
    assert_eq!(tombstones.detail, "2 deleted rows");
}

/// Serves a database, and returns where.
async fn serve(pool: &PgPool) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let base_url = format!("http://{address}");
    let auth = harness::auth(pool, Clock::System, &base_url, 3600).await;
    let snapshots = SnapshotCache::new(harness::requests(pool), base_url.clone(), 64 << 20);
    let uploads = oneroster::feeding::Uploads::new(harness::as_server(pool));
    let service = oneroster::http::service(App::new(auth, snapshots, uploads, base_url));
    let router = Router::new().fallback_service(service);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Makes a client with settings, and returns what is checked as it.
async fn request_of(pool: &PgPool, address: SocketAddr, settings: ClientSettings) -> Request {
    let client = client::create_with(pool, "zandpoort", "test", settings)
        .await
        .unwrap();
    Request {
        token_url: format!("http://{address}/connect/token"),
        client_id: client.client_id,
        client_secret: client.client_secret,
        ..request(address)
    }
}

/// Whatever a client is set to, by hand or by a preset: rules know what its settings change.
#[tokio::test]
async fn this_product_passes_every_rule_with_every_setting_and_preset() {
    let database = harness::database().await;
    let school = school(&database.pool, "zandpoort").await;
    sqlx::query(
        "update tenant.tenant set configuration = configuration || '{\"email_domain\": {\"pupils\": \"leerling.example\"}}'",
    )
    .execute(&school.pool)
    .await
    .unwrap();
    school.publish().await;
    school.jan_leaves().await;
    school.publish().await;
    let every = [
        "email=true",
        "enabled_users=true",
        "ended_enrollments=true",
        "district_org=true",
        "unpaged_full=true",
    ];
    let of = |entries: &[&str]| {
        let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
        ClientSettings::default().with(&entries).unwrap()
    };
    let mut tried: Vec<ClientSettings> = every.iter().map(|entry| of(&[entry])).collect();
    tried.push(of(&every));
    tried.extend(Preset::ALL.map(Preset::settings));
    let mut clients = Vec::new();
    for settings in tried {
        let made = client::create_with(&school.server, "zandpoort", "set", settings).await;
        clients.push((made.unwrap(), settings));
    }
    let address = serve(&database.pool).await;
    for (client, settings) in clients {
        let request = Request {
            token_url: format!("http://{address}/connect/token"),
            client_id: client.client_id,
            client_secret: client.client_secret,
            ..request(address)
        };
        let verdict = run(&request).await;
        assert!(verdict.passed(), "{settings:?}: {verdict}");
        let orgs = if settings.district_org == Some(true) { 2 } else { 1 };
        assert_eq!(verdict.rows[1], (Kind::Orgs, orgs), "{settings:?}");
        let agree = verdict
            .rules
            .iter()
            .find(|rule| rule.id == "parent-and-children-agree")
            .unwrap();
        assert_eq!(
            agree.detail,
            if orgs == 2 { "2 references" } else { "0 references" }
        );
    }
}

/// Every rule is broken by some flaw, and every flaw breaks its rule alone.
#[tokio::test(flavor = "multi_thread")]
async fn each_rule_catches_its_own_flaw_and_no_other() {
    let outcomes: Vec<(BTreeSet<&str>, Option<String>)> = futures_util::stream::iter(flaws())
        .map(|flaw| async move {
            let provider = Provider {
                before: flaw.before,
                after: flaw.after,
                ..Provider::good()
            };
            let verdict = run(&request(provider.serve(flaw.data).await)).await;
            assert_eq!(verdict.data_access, "ok", "{}: {}", flaw.rule, verdict);
            let broken = broken(&verdict);
            let names: Vec<&str> = broken.iter().map(|rule| rule.id).collect();
            let is_alone = names == [flaw.rule] && broken[0].detail.contains("Expected: ");
            let wrong = (!is_alone).then(|| format!("{}: {broken:#?}", flaw.rule));
            (verdict.rules.iter().map(|rule| rule.id).collect(), wrong)
        })
        .buffer_unordered(4)
        .collect()
        .await;
    let wrong: Vec<&String> = outcomes.iter().filter_map(|(_, wrong)| wrong.as_ref()).collect();
    assert!(
        wrong.is_empty(),
        "{}",
        wrong
            .into_iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join("\n")
    );
    let tried: BTreeSet<&str> = flaws().iter().map(|flaw| flaw.rule).collect();
    let untried: Vec<&&str> = outcomes[0].0.difference(&tried).collect();
    // A slow answer leaves its collection unread, so it cannot break one rule alone; it has a test of its own.
    assert_eq!(untried, [&"response-under-30-s"]);
}

#[tokio::test]
async fn a_page_slower_than_the_limit_breaks_the_time_rule_and_leaves_the_rest_unexamined() {
    let provider = Provider {
        delay_ms: 6_000,
        ..Provider::good()
    };
    let request = Request {
        limit: Duration::from_secs(3),
        ..request(provider.serve(|_| ()).await)
    };
    let verdict = run(&request).await;
    let rule = |id: &str| verdict.rules.iter().find(|rule| rule.id == id).unwrap();
    assert!(!rule("response-under-30-s").passed);
    assert!(
        rule("response-under-30-s").detail.contains("/orgs?offset=0"),
        "{verdict:#?}"
    );
    assert!(rule("http-200").passed, "{verdict:#?}");
    assert!(
        rule("org-name").detail.contains("orgs could not be pulled"),
        "{verdict:#?}"
    );
    assert!(!rule("org-name").passed);
}

#[tokio::test]
async fn the_base_url_may_lack_the_standard_path_and_may_end_with_a_slash() {
    let address = Provider::good().serve(|_| ()).await;
    for path in [
        "/ims/oneroster/v1p1/",
        "/ims/oneroster/v1p1",
        "/ims/oneroster",
        "/",
        "",
    ] {
        let request = Request {
            base_url: format!("http://{address}{path}"),
            full: false,
            ..request(address)
        };
        let verdict = run(&request).await;
        assert!(verdict.passed(), "{path}: {verdict:?}");
        assert!(verdict.rules.is_empty());
        let standard = format!("http://{address}/ims/oneroster/v1p1");
        assert_eq!(verdict.base.unwrap().trim_end_matches('/'), standard);
    }
}

#[tokio::test]
async fn a_wrong_secret_fails_the_credentials_only_and_is_not_printed() {
    let echo = |ask: &ReceivedRequest, reply: &mut Reply| {
        if ask.is_token && reply.status == 401 {
            reply.members.push((
                "error_description".to_owned(),
                json!("no client has wrong-secret-1"),
            ));
        }
    };
    let address = Provider {
        after: echo,
        ..Provider::good()
    }
    .serve(|_| ())
    .await;
    let request = Request {
        client_secret: "wrong-secret-1".to_owned(),
        ..request(address)
    };
    let verdict = run(&request).await;
    assert_eq!(verdict.url, "ok");
    assert!(
        verdict
            .credentials
            .starts_with("failed: the token endpoint refused: 401"),
        "{verdict:?}"
    );
    assert!(
        verdict
            .credentials
            .contains("invalid_client no client has (secret)"),
        "{verdict:?}"
    );
    assert_eq!(verdict.data_access, "failed: not tried, there is no token");
    assert!(verdict.rules.is_empty() && !verdict.passed());
}

#[tokio::test]
async fn a_collection_that_fails_is_named_under_data_access() {
    let refuse = |ask: &ReceivedRequest, reply: &mut Reply| {
        if ask.is(Kind::Courses) && ask.bearer.is_some() {
            reply.fail(403, "forbidden");
        }
    };
    let address = Provider {
        after: refuse,
        ..Provider::good()
    }
    .serve(|_| ())
    .await;
    let verdict = run(&request(address)).await;
    assert_eq!(
        verdict.data_access,
        "failed: /courses?offset=0&limit=1: 403 Forbidden with application/json; charset=utf-8"
    );
}

/// A pull that never ends is given up, not continued for hours.
#[tokio::test]
async fn a_count_that_cannot_be_is_no_work() {
    let boast = |ask: &ReceivedRequest, reply: &mut Reply| {
        if ask.has_filter("status='tobedeleted'") {
            reply.headers.insert("x-total-count", "1000000000000".to_owned());
        }
    };
    let provider = Provider {
        after: boast,
        ..Provider::good()
    };
    let verdict = run(&request(provider.serve(|_| ()).await)).await;
    let rule = |id: &str| verdict.rules.iter().find(|rule| rule.id == id).unwrap();
    let detail = &rule("delta-has-tombstones-or-none").detail;
    assert!(detail.contains("in the delta, 1000000000000 counted"), "{detail}");
}

#[tokio::test]
async fn a_provider_that_ignores_the_offset_is_found_after_its_second_page() {
    let provider = Provider {
        before: |ask| {
            if ask.is(Kind::Users) && ask.limit == 5000 {
                ask.offset = 0;
            }
        },
        after: |ask, reply| {
            if ask.is(Kind::Users) && ask.limit == 5000 {
                reply.headers.insert("x-total-count", "50000".to_owned());
            }
        },
        ..Provider::good()
    };
    let verdict = run(&request(provider.serve(|_| ()).await)).await;
    let rule = verdict
        .rules
        .iter()
        .find(|rule| rule.id == "total-count-matches")
        .unwrap();
    let wanted = "the page at offset 5000 begins like the one before it: offset is ignored";
    assert!(rule.detail.contains(wanted) && !rule.passed, "{rule:?}");
}

#[tokio::test]
async fn a_delta_whose_next_page_is_itself_is_broken_off() {
    let circle = |ask: &ReceivedRequest, reply: &mut Reply| {
        if ask.is(Kind::Orgs) && ask.is_delta_of_all() {
            let mut ask = ask.clone();
            ask.limit = 1;
            reply.headers.insert("link", links(&ask, 0, 1).unwrap());
        }
    };
    let provider = Provider {
        after: circle,
        ..Provider::good()
    };
    let verdict = run(&request(provider.serve(|_| ()).await)).await;
    let rule = verdict
        .rules
        .iter()
        .find(|rule| rule.id == "delta-complete")
        .unwrap();
    assert!(
        rule.detail
            .contains("rel=\"next\" of page 2 leads to that page itself"),
        "{rule:?}"
    );
}

/// Serves the same answer to everything.
async fn serve_only(answer: impl IntoResponse + Clone + Send + Sync + 'static) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(move || {
        let answer = answer.clone();
        async move { answer }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

#[tokio::test]
async fn what_is_no_provider_is_recognised() {
    let html = serve_only(([("content-type", "text/html")], "<html>Welcome</html>")).await;
    let verdict = run(&request(html)).await;
    assert!(
        verdict
            .url
            .contains("answered 200 OK with text/html to a request without a token"),
        "{verdict:?}"
    );
    assert!(
        verdict
            .credentials
            .contains("answered 200 OK with text/html, not a token"),
        "{verdict:?}"
    );

    let broken = serve_only((
        StatusCode::UNAUTHORIZED,
        [("content-type", "application/json")],
        "not json",
    ))
    .await;
    let verdict = run(&request(broken)).await;
    assert!(
        verdict
            .url
            .contains("answered 401 Unauthorized with application/json"),
        "{verdict:?}"
    );
    assert!(
        verdict
            .credentials
            .starts_with("failed: the token endpoint answered 401"),
        "{verdict:?}"
    );

    let moved = serve_only((
        StatusCode::MOVED_PERMANENTLY,
        [("location", "https://else.example/")],
    ))
    .await;
    let verdict = run(&request(moved)).await;
    assert!(
        verdict
            .url
            .contains("a redirect to https://else.example/; consumers follow none"),
        "{verdict:?}"
    );
    assert!(
        verdict
            .credentials
            .contains("a redirect to https://else.example/"),
        "{verdict:?}"
    );
}

#[tokio::test]
async fn an_address_where_nothing_listens_is_unreachable() {
    // Kept to the end, so that nobody else takes the port; nothing listens on it.
    let taken = tokio::net::TcpSocket::new_v4().unwrap();
    taken.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = taken.local_addr().unwrap();
    let verdict = run(&request(address)).await;
    assert!(
        verdict.url.contains("cannot connect: Connection refused"),
        "{verdict:?}"
    );
    assert!(
        verdict
            .credentials
            .contains("did not answer: cannot connect: Connection refused"),
        "{verdict:?}"
    );
    let typed = Request {
        base_url: "localhost:8080".to_owned(),
        ..request(address)
    };
    assert!(
        run(&typed)
            .await
            .url
            .contains("must begin with http:// or https://")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_prints_the_contract_and_its_exit_code_is_the_verdict() {
    let address = Provider::good().serve(|_| ()).await;
    let command = |secret: &'static str, extra: &'static [&'static str]| async move {
        tokio::task::spawn_blocking(move || {
            harness::program(&["check"])
                .args(["--base-url", &format!("http://{address}/")])
                .args([
                    "--token-url",
                    &format!("http://{address}/token"),
                    "--client-id",
                    CLIENT_ID,
                ])
                .env("ONEROSTER_CLIENT_SECRET", secret)
                .args(extra)
                .output()
                .unwrap()
        })
        .await
        .unwrap()
    };
    let output = command(CLIENT_SECRET, &["--full", "--json"]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["credentials", "data_access", "rules", "url"]);
    assert_eq!(document["url"], "ok");
    let rule: Vec<&String> = document["rules"][0].as_object().unwrap().keys().collect();
    assert_eq!(rule, ["detail", "id", "passed"]);

    let output = command("a-wrong-secret", &[]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("✓ URL") && text.contains("✗ credentials"), "{text}");
    assert!(!text.contains("a-wrong-secret"));
    assert_eq!(
        command(CLIENT_SECRET, &["--no-such-option"]).await.status.code(),
        Some(2)
    );
}
