//! `oneroster check`: a good provider passes every rule, and each rule catches a provider that breaks it alone.

mod server;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use futures_util::StreamExt;
use indicatif::ProgressBar;
use oneroster::check::{self, Request, RuleResult, Verdict};
use oneroster::oneroster::Kind;
use serde_json::{Value, json};
use server::{Ask, CLIENT_ID, CLIENT_SECRET, DATES, Provider, Reply, Roster, links};

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
    check::run(request, &ProgressBar::hidden()).await
}

fn broken(verdict: &Verdict) -> Vec<&RuleResult> {
    verdict.rules.iter().filter(|rule| !rule.passed).collect()
}

/// One way to break one rule.
struct Flaw {
    rule: &'static str,
    data: fn(&mut Roster),
    before: fn(&mut Ask),
    after: fn(&Ask, &mut Reply),
}

const fn data(rule: &'static str, data: fn(&mut Roster)) -> Flaw {
    Flaw {
        rule,
        data,
        before: |_| (),
        after: |_, _| (),
    }
}

const fn before(rule: &'static str, before: fn(&mut Ask)) -> Flaw {
    Flaw {
        rule,
        data: |_| (),
        before,
        after: |_, _| (),
    }
}

const fn after(rule: &'static str, after: fn(&Ask, &mut Reply)) -> Flaw {
    Flaw {
        rule,
        data: |_| (),
        before: |_| (),
        after,
    }
}

/// The second row of a collection: no probe samples it, so nothing else is touched.
fn row(roster: &mut Roster, kind: Kind) -> &mut Value {
    &mut roster.get_mut(&kind).unwrap()[1]
}

fn remove(roster: &mut Roster, kind: Kind, member: &str) {
    row(roster, kind).as_object_mut().unwrap().remove(member).unwrap();
}

fn set(roster: &mut Roster, kind: Kind, member: &str, value: Value) {
    row(roster, kind)[member] = value;
}

fn access_flaws() -> Vec<Flaw> {
    vec![
        after("token-no-scope", |ask, reply| {
            if ask.is_token && ask.parameter("scope").is_none() {
                reply.fail(400, "invalid_scope");
            }
        }),
        after("token-body-credentials", |ask, reply| {
            if ask.is_token && !ask.has_basic {
                reply.fail(401, "invalid_client");
            }
        }),
        after("token-no-store", |ask, reply| {
            if ask.is_token {
                reply.headers.remove("cache-control");
            }
        }),
        after("token-type-bearer", |ask, reply| {
            if ask.is_token && reply.status == 200 {
                reply.members[1].1 = json!("mac");
            }
        }),
        after("wrong-secret-401-invalid-client", |ask, reply| {
            if ask.is_token && reply.status == 401 {
                reply.status = 400;
            }
        }),
        after("wrong-secret-401-invalid-client", |ask, reply| {
            if ask.is_token && reply.status == 401 {
                reply.fail(401, "invalid_grant");
            }
        }),
        after("unauthenticated-401", |ask, reply| {
            if ask.bearer.as_deref() == Some("no-such-token") {
                reply.fail(403, "forbidden");
            }
        }),
    ]
}

fn answer_flaws() -> Vec<Flaw> {
    vec![
        after("http-200", |ask, reply| {
            if ask.is(Kind::Orgs) && ask.limit == 5000 && ask.offset == 0 {
                reply.status = 206;
            }
        }),
        after("content-type-json", |ask, reply| {
            if ask.is(Kind::Classes) {
                reply.headers.insert("content-type", "text/plain".to_owned());
            }
        }),
        after("envelope-key", |ask, reply| {
            if ask.is(Kind::Orgs) && ask.id.is_none() && reply.status == 200 {
                reply.members[0].0 = "schools".to_owned();
            }
        }),
        after("collection-is-first-key", |ask, reply| {
            if ask.is(Kind::Users) && reply.status == 200 && ask.id.is_none() {
                reply.members.insert(0, ("statusInfoSet".to_owned(), json!({})));
            }
        }),
        after("total-count-present", |ask, reply| {
            if ask.is(Kind::Users) && ask.limit == 5000 {
                reply.headers.remove("x-total-count");
            }
        }),
        after("total-count-on-singles", |ask, reply| {
            if ask.id.is_some() {
                reply.headers.remove("x-total-count");
            }
        }),
        after("one-generation-per-token", |ask, reply| {
            if ask.is(Kind::Enrollments) {
                reply
                    .headers
                    .insert("x-roster-generation", "generation-2".to_owned());
            }
        }),
    ]
}

fn paging_flaws() -> Vec<Flaw> {
    vec![
        data("collections-not-empty", |roster| {
            roster.get_mut(&Kind::Enrollments).unwrap().clear()
        }),
        after("total-count-matches", |ask, reply| {
            if ask.is(Kind::Users) && ask.limit == 5000 {
                reply.headers.insert("x-total-count", "9".to_owned());
            }
        }),
        before("offset-honoured", |ask| {
            if ask.offset == 2 && ask.limit == 1 && ask.kind != Some(Kind::Orgs) {
                ask.offset = 0;
            }
        }),
        after("limit-honoured", |ask, reply| {
            if ask.is(Kind::Users) && ask.offset == 2 && ask.limit == 1 {
                reply.rows().unwrap().push(json!({"sourcedId": "user3"}));
            }
        }),
        after("short-page-only-at-the-end", |ask, reply| {
            if ask.is(Kind::Users) && ask.limit == 2 {
                reply.rows().unwrap().truncate(1);
                reply
                    .headers
                    .insert("link", links(ask, ask.offset + 1, 8).unwrap());
            }
        }),
        after("paging-stable", |ask, reply| {
            if ask.is(Kind::Users) && ask.limit == 2 && ask.offset == 2 {
                reply.rows().unwrap()[0] = json!({"sourcedId": "user0"});
            }
        }),
        after("link-header-form", |_, reply| {
            if let Some(link) = reply.headers.get_mut("link") {
                *link = link.replace('"', "");
            }
        }),
        after("link-header-form", |_, reply| {
            if let Some(link) = reply.headers.get_mut("link") {
                *link = link.replace("127.0.0.1", "localhost");
            }
        }),
        after("link-next-agrees", |_, reply| {
            reply.headers.remove("link");
        }),
        after("link-next-agrees", |_, reply| {
            if let Some(link) = reply.headers.get_mut("link") {
                *link = link.replace("status", "role");
            }
        }),
        before("limit-10000-honoured", |ask| {
            if ask.limit == 10_000 {
                ask.limit = 2;
            }
        }),
        after("page-past-end-empty", |ask, reply| {
            if ask.offset > 0 && ask.limit == 5000 {
                reply.fail(404, "unknown object");
            }
        }),
        after("unfiltered-total-count", |ask, reply| {
            if ask.is(Kind::Users) && ask.query.len() == 1 && ask.limit == 1 {
                reply.headers.insert("x-total-count", "11".to_owned());
            }
        }),
        before("status-filter-honoured", |ask| {
            if ask.is(Kind::Enrollments) && ask.has_filter("status='active'") {
                ask.filter = None;
            }
        }),
        after("no-records-empty", |ask, reply| {
            if ask.has_filter("sourcedId='norecords'") {
                reply.fail(404, "unknown object");
            }
        }),
        after("enum-outside-vocabulary-empty", |ask, reply| {
            if ask.has_filter("status='norecords'") {
                reply.fail(400, "invalid data");
            }
        }),
        before("filter-by-sourced-id", |ask| {
            if ask
                .filter
                .as_deref()
                .is_some_and(|filter| filter == "sourcedId='user0'")
            {
                ask.filter = None;
            }
        }),
        before("filter-two-clauses", |ask| {
            if ask
                .filter
                .as_deref()
                .is_some_and(|filter| filter.contains(" AND "))
            {
                ask.filter = Some("status='active'".to_owned());
            }
        }),
        after("unknown-parameter-ignored", |ask, reply| {
            if ask.parameter("limit ").is_some() {
                reply.fail(400, "invalid data");
            }
        }),
    ]
}

fn delta_flaws() -> Vec<Flaw> {
    vec![
        after("delta-complete", |ask, reply| {
            if ask.is(Kind::Users) && ask.is_delta_of_all() {
                reply.rows().unwrap().remove(0);
            }
        }),
        after("delta-has-tombstones-or-none", |ask, reply| {
            if ask.is(Kind::Users) && ask.is_delta_of_all() {
                reply.rows().unwrap().retain(|row| row["status"] == "active");
                reply.headers.insert("x-total-count", "8".to_owned());
            }
        }),
        after("delta-agrees-with-full", |ask, reply| {
            if ask.is(Kind::Users) && ask.is_delta_of_all() {
                reply.rows().unwrap()[0]["dateLastModified"] = json!("2000-01-01T00:00:00.000Z");
            }
        }),
        before("delta-filters-by-date", |ask| {
            if ask.is(Kind::Users) && ask.has_filter(&format!("dateLastModified>'{}'", DATES[0])) {
                ask.filter = Some("dateLastModified>'2026-09-01'".to_owned());
            }
        }),
        before("delta-filters-by-date", |ask| {
            if ask.is(Kind::Users) && ask.has_filter(&format!("dateLastModified>'{}'", DATES[0])) {
                ask.filter = Some(format!("dateLastModified>'{}'", DATES[1]));
            }
        }),
        before("delta-after-newest-empty", |ask| {
            if ask.is(Kind::Users) && ask.has_filter(&format!("dateLastModified>'{}'", DATES[2])) {
                ask.filter = Some(format!("dateLastModified>'{}'", DATES[1]));
            }
        }),
        after("delta-by-day", |ask, reply| {
            if ask.has_filter("dateLastModified>'1970-01-01'") {
                reply.fail(400, "invalid data");
            }
        }),
    ]
}

fn common_record_flaws() -> Vec<Flaw> {
    vec![
        data("sourced-id-string", |roster| {
            set(roster, Kind::Enrollments, "sourcedId", json!(17))
        }),
        data("status-vocabulary", |roster| {
            set(roster, Kind::Enrollments, "status", json!("inactive"))
        }),
        data("date-last-modified-form", |roster| {
            set(
                roster,
                Kind::Users,
                "dateLastModified",
                json!("2026-09-01T06:00:00Z"),
            );
        }),
        data("no-null-or-empty-scalars", |roster| {
            set(roster, Kind::Users, "email", json!(""))
        }),
        data("no-null-or-empty-scalars", |roster| {
            set(roster, Kind::Orgs, "parent", Value::Null)
        }),
        data("references-resolve", |roster| {
            row(roster, Kind::Enrollments)["user"]["sourcedId"] = json!("ghost")
        }),
        data("references-resolve", |roster| {
            row(roster, Kind::Enrollments)["user"]["sourcedId"] = json!("user8")
        }),
        data("ids-unique", |roster| {
            let copy = row(roster, Kind::Enrollments).clone();
            roster.get_mut(&Kind::Enrollments).unwrap().insert(2, copy);
        }),
        data("entity-form", |roster| {
            set(roster, Kind::Users, "enabledUser", json!("perhaps"))
        }),
        data("entity-form", |roster| remove(roster, Kind::Classes, "classType")),
        data("entity-form", |roster| {
            set(roster, Kind::Enrollments, "beginDate", json!("1/9/2026"))
        }),
        after("single-equals-collection", |ask, reply| {
            if ask.id.as_deref() == Some("class0") {
                reply.members[0].1["title"] = json!("Another");
            }
        }),
        data("href-resolves", |roster| {
            roster.get_mut(&Kind::Classes).unwrap()[0]["course"]["href"] = json!("/courses/course0");
        }),
        data("href-resolves", |roster| {
            let href = &mut roster.get_mut(&Kind::Classes).unwrap()[0]["course"]["href"];
            *href = json!(href.as_str().unwrap().replace("course0", "course1"));
        }),
        after("unknown-object-404", |ask, reply| {
            if ask.id.as_deref() == Some("no-such-object") {
                reply.fail(400, "invalid data");
            }
        }),
        before("invalid-filter-field-400", |ask| {
            if ask.has_filter("noSuchField='1'") {
                ask.filter = None;
            }
        }),
        after("invalid-filter-field-400", |ask, reply| {
            if ask.has_filter("noSuchField='1'") {
                reply.fail(400, "invalid data");
            }
        }),
    ]
}

fn user_flaws() -> Vec<Flaw> {
    vec![
        data("user-required-fields", |roster| {
            remove(roster, Kind::Users, "identifier")
        }),
        data("user-required-fields", |roster| {
            remove(roster, Kind::Users, "username")
        }),
        data("user-required-fields", |roster| {
            set(roster, Kind::Users, "givenName", json!(" "))
        }),
        data("user-role", |roster| {
            set(roster, Kind::Users, "role", json!("pupil"))
        }),
        data("user-orgs-not-empty", |roster| {
            set(roster, Kind::Users, "orgs", json!([]))
        }),
        data("user-org-ref-type", |roster| {
            row(roster, Kind::Users)["orgs"][0]["type"] = json!("campus")
        }),
        data("username-unique", |roster| {
            set(roster, Kind::Users, "username", json!("Gebruiker.5"))
        }),
        data("username-entra-characters", |roster| {
            set(roster, Kind::Users, "username", json!("zoé"))
        }),
        data("username-entra-characters", |roster| {
            set(roster, Kind::Users, "username", json!("a".repeat(65)))
        }),
        data("email-form", |roster| {
            set(roster, Kind::Users, "email", json!("an at school"))
        }),
        data("phone-e164", |roster| {
            set(roster, Kind::Users, "sms", json!("0471 23 45 67"))
        }),
        data("grades-vocabulary", |roster| {
            set(roster, Kind::Users, "grades", json!(["3e leerjaar"]))
        }),
    ]
}

fn structure_flaws() -> Vec<Flaw> {
    vec![
        data("session-fields", |roster| {
            remove(roster, Kind::AcademicSessions, "title")
        }),
        data("session-fields", |roster| {
            set(roster, Kind::AcademicSessions, "endDate", json!("2026-08-31"))
        }),
        data("session-type", |roster| {
            set(roster, Kind::AcademicSessions, "type", json!("quarter"))
        }),
        data("school-year-four-digit-string", |roster| {
            set(roster, Kind::AcademicSessions, "schoolYear", json!(2027))
        }),
        data("school-year-four-digit-string", |roster| {
            set(roster, Kind::AcademicSessions, "schoolYear", json!("2026-27"));
        }),
        data("org-name", |roster| remove(roster, Kind::Orgs, "name")),
        data("org-identifier", |roster| {
            remove(roster, Kind::Orgs, "identifier")
        }),
        data("org-type", |roster| {
            set(roster, Kind::Orgs, "type", json!("campus"))
        }),
        data("course-fields", |roster| {
            remove(roster, Kind::Courses, "courseCode")
        }),
        data("course-org-ref", |roster| {
            row(roster, Kind::Courses)["org"]["type"] = json!("course")
        }),
        data("class-title", |roster| remove(roster, Kind::Classes, "title")),
        data("class-school-ref", |roster| {
            row(roster, Kind::Classes)["school"]
                .as_object_mut()
                .unwrap()
                .remove("type");
        }),
        data("class-course-ref", |roster| {
            remove(roster, Kind::Classes, "course")
        }),
        data("class-terms-not-empty", |roster| {
            set(roster, Kind::Classes, "terms", json!([]))
        }),
        data("class-term-ref", |roster| {
            row(roster, Kind::Classes)["terms"][0]["type"] = json!("year")
        }),
        data("enrollment-refs", |roster| {
            row(roster, Kind::Enrollments)["class"]["type"] = json!("course")
        }),
        data("enrollment-role", |roster| {
            set(roster, Kind::Enrollments, "role", json!("pupil"))
        }),
    ]
}

fn flaws() -> Vec<Flaw> {
    let mut flaws = access_flaws();
    flaws.extend(answer_flaws());
    flaws.extend(paging_flaws());
    flaws.extend(delta_flaws());
    flaws.extend(common_record_flaws());
    flaws.extend(user_flaws());
    flaws.extend(structure_flaws());
    flaws
}

#[tokio::test]
async fn a_good_provider_passes_every_rule() {
    let address = Provider::good().serve(|_| ()).await;
    let verdict = run(&request(address)).await;
    let ticks = [&verdict.url, &verdict.credentials, &verdict.data_access];
    assert_eq!(ticks, ["ok"; 3], "{verdict:#?}");
    assert!(broken(&verdict).is_empty(), "{:#?}", broken(&verdict));
    assert!(verdict.passed());
    let rows: Vec<usize> = verdict.rows.iter().map(|(_, count)| *count).collect();
    assert_eq!(rows, [4, 4, 4, 4, 8, 8]);
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
            assert_eq!(
                verdict.data_access,
                "ok",
                "{}: {}",
                flaw.rule,
                check::text(&verdict)
            );
            let broken = broken(&verdict);
            let names: Vec<&str> = broken.iter().map(|rule| rule.id).collect();
            let is_alone = names == [flaw.rule] && broken[0].detail.contains("Expected: ");
            let wrong = (!is_alone).then(|| format!("{}: {broken:#?}", flaw.rule));
            assert!(!verdict.passed());
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
    let echo = |ask: &Ask, reply: &mut Reply| {
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
    let refuse = |ask: &Ask, reply: &mut Reply| {
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
async fn what_is_no_provider_is_told_apart() {
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
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
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
            Command::new(env!("CARGO_BIN_EXE_oneroster"))
                .args(["check", "--base-url", &format!("http://{address}/")])
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
