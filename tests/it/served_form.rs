//! The served form: headers and bytes of every kind of page, for a world that never changes.
//!
//! A client that keeps a response asks with its `ETag` whether it is still so, and the tag knows the generation, the request
//! and `SERVED_FORM_VERSION`. So whatever else changes a page must raise that version.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use axum::body::Body;
use axum::http::{Method, Request};
use chrono::DateTime;
use oneroster::auth::client::{self, NewSecret};
use oneroster::http::SERVED_FORM_VERSION;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use uuid::Uuid;

use crate::harness::api::{self, Answer, Api};
use crate::harness::{TestDatabase, database};

const RAISE: &str = "what a page consists of changed: raise SERVED_FORM_VERSION in src/http/etag.rs, so that no client keeps \
                     an old page; then accept the snapshots, and add the version with its digest to FORMS";

/// The digest of all pages in each version of the served form, the newest last. A line is added, never edited: clients
/// hold pages of that version.
const FORMS: &[(u32, &str)] = &[
    (
        1,
        "5e8e47278cd73f38a22c7929ed2791e2ecee14bd7a740cf395cbbc33bbcdff8b",
    ),
    (
        2,
        "f27dac37a1acc04768014f6596743c1a53d3e51631a878bb47dcab113dcf3b61",
    ),
    (
        3,
        "dfefe8a00b56c638674b9febeb182ad2235be3b7567ffb904ee620dd3743ba7c",
    ),
];

/// Two objects of each kind, the second deleted, as publication stores them.
const OBJECTS: &[(&str, &str, &str)] = &[
    (
        "academicSessions",
        "2026-27",
        r#"{"title":"Schooljaar 2026-27","type":"schoolYear","startDate":"2026-09-01","endDate":"2027-06-30","children":[],"schoolYear":"2027","metadata":{}}"#,
    ),
    (
        "orgs",
        "001507-1",
        r#"{"name":"001507 - GO! Atheneum \"Zandpoort\" - Mechelen","type":"school","identifier":"001507-1","children":[],"metadata":{}}"#,
    ),
    (
        "courses",
        "5b2c8a70-0000-4000-8000-000000000001",
        r#"{"title":"2026-27 1A - Mechelen","schoolYear":{"href":"/academicSessions/2026-27","sourcedId":"2026-27","type":"academicSession"},"courseCode":"1A","grades":[],"subjects":[],"subjectCodes":[],"org":{"href":"/orgs/001507-1","sourcedId":"001507-1","type":"org"},"resources":[],"metadata":{}}"#,
    ),
    (
        "classes",
        "5b2c8a70-0000-4000-8000-000000000001",
        r#"{"title":"2026-27 1A - Mechelen","classCode":"1A","classType":"homeroom","grades":[],"subjects":[],"subjectCodes":[],"course":{"href":"/courses/5b2c8a70-0000-4000-8000-000000000001","sourcedId":"5b2c8a70-0000-4000-8000-000000000001","type":"course"},"school":{"href":"/orgs/001507-1","sourcedId":"001507-1","type":"org"},"terms":[{"href":"/academicSessions/2026-27","sourcedId":"2026-27","type":"academicSession"}],"periods":[],"resources":[],"metadata":{}}"#,
    ),
    (
        "users",
        "7e5d1c10-0000-4000-8000-000000000001",
        r#"{"username":"Zoë.O'Brien","userIds":[],"enabledUser":"false","givenName":"Zoë","familyName":"O'Brien","role":"student","identifier":"7e5d1c10-0000-4000-8000-000000000001","agents":[],"orgs":[{"href":"/orgs/001507-1","sourcedId":"001507-1","type":"org"}],"grades":[],"metadata":{}}"#,
    ),
    (
        "enrollments",
        "7e5d1c10-0000-4000-8000-000000000001-3001",
        r#"{"user":{"href":"/users/7e5d1c10-0000-4000-8000-000000000001","sourcedId":"7e5d1c10-0000-4000-8000-000000000001","type":"user"},"class":{"href":"/classes/5b2c8a70-0000-4000-8000-000000000001","sourcedId":"5b2c8a70-0000-4000-8000-000000000001","type":"class"},"school":{"href":"/orgs/001507-1","sourcedId":"001507-1","type":"org"},"role":"student","beginDate":"2026-09-01","endDate":"2027-06-30","metadata":{}}"#,
    ),
];

/// Every kind of page: the name of its snapshot, and its path.
const PAGES: &[(&str, &str)] = &[
    ("academic_sessions", "/academicSessions"),
    ("orgs", "/orgs?limit=1&offset=1&filter=status!='x'"),
    ("courses", "/courses?limit=1"),
    ("classes", "/classes"),
    ("users", "/users?limit=2"),
    ("enrollments", "/enrollments"),
    (
        "users_delta",
        "/users?filter=dateLastModified%3E'2026-08-01T00:00:00.000Z'",
    ),
    (
        "users_some_fields",
        "/users?fields=sourcedId,username,orgs&sort=familyName&orderBy=desc",
    ),
    ("users_with_a_warning", "/users?limit=1&fields=shoeSize"),
    (
        "students_of_a_class",
        "/classes/5b2c8a70-0000-4000-8000-000000000001/students",
    ),
    ("demographics", "/demographics"),
    ("user", "/users/7e5d1c10-0000-4000-8000-000000000001"),
    ("user_deleted", "/users/7e5d1c10-0000-4000-8000-000000000001-old"),
];

/// What clients with settings see otherwise: the name of the snapshot, the setting, and the path.
const PAGES_OF_SETTINGS: &[(&str, &str, &str)] = &[
    ("users_native_booleans", "native_booleans", "/users?limit=1"),
    ("users_email", "email", "/users?limit=2"),
    ("users_enabled", "enabled_users", "/users?limit=2"),
    ("enrollments_ended", "ended_enrollments", "/enrollments"),
    ("orgs_district", "district_org", "/orgs"),
    ("users_unpaged_full", "unpaged_full", "/users"),
];

/// Every kind of refusal: the name of its snapshot, method and path, and which token is sent.
const ERRORS: &[(&str, &str, &str, Option<&str>)] = &[
    ("no_token", "GET", "/ims/oneroster/v1p1/users", None),
    ("invalid_token", "GET", "/ims/oneroster/v1p1/users", Some("abc")),
    (
        "insufficient_scope",
        "GET",
        "/ims/oneroster/v1p1/users",
        Some("DEMOGRAPHICS"),
    ),
    ("unknown_path", "GET", "/ims/oneroster/v1p1/pupils", None),
    (
        "unknown_object",
        "GET",
        "/ims/oneroster/v1p1/users/nobody",
        Some("ROSTER"),
    ),
    (
        "method_not_allowed",
        "DELETE",
        "/ims/oneroster/v1p1/users",
        Some("ROSTER"),
    ),
    (
        "malformed_filter",
        "GET",
        "/ims/oneroster/v1p1/users?filter=role",
        Some("ROSTER"),
    ),
    (
        "limit_too_high",
        "GET",
        "/ims/oneroster/v1p1/users?limit=10001",
        Some("ROSTER"),
    ),
    (
        "broken_encoding",
        "GET",
        "/ims/oneroster/v1p1/users?filter=%FF",
        Some("ROSTER"),
    ),
    (
        "token_without_credentials",
        "POST",
        "/connect/token?grant_type=client_credentials",
        None,
    ),
    (
        "token_of_another_grant",
        "POST",
        "/connect/token?grant_type=password",
        None,
    ),
    ("token_by_get", "GET", "/connect/token", None),
];

/// Stores the one generation there is, with an id and a date that never change.
async fn publish(pool: &PgPool, tenant_id: &str) {
    let generation_id = Uuid::from_u128(0x1507);
    let date = DateTime::parse_from_rfc3339("2026-09-01T06:00:00.250Z").unwrap();
    sqlx::query(
        "insert into roster.generation values ($1, 1, $2, $3, $3, '2026-27', '2026-09-01', '2026-09-01', 1, 1, 1, 1, '{}')",
    )
    .bind(tenant_id)
    .bind(generation_id)
    .bind(date)
    .execute(pool)
    .await
    .unwrap();
    for (kind, id, content) in OBJECTS {
        for (id, status) in [((*id).to_owned(), "active"), (format!("{id}-old"), "tobedeleted")] {
            sqlx::query(
                "insert into roster.object_version
                     (tenant_id, kind, sourced_id, from_number, status, content, content_hash)
                 values ($1, $2, $3, 1, $4, $5, sha256(convert_to($5, 'UTF8')))",
            )
            .bind(tenant_id)
            .bind(kind)
            .bind(id)
            .bind(status)
            .bind(content)
            .execute(pool)
            .await
            .unwrap();
        }
    }
    for beside in [
        "update roster.object_version set email_domain = 'zandpoort.example' where kind = 'users'",
        "update roster.object_version set ended_on = '2026-10-30' where kind = 'enrollments' and status = 'tobedeleted'",
        "update roster.generation set group_name = 'Scholengroep \"Zand\"'",
    ] {
        sqlx::query(beside).execute(pool).await.unwrap();
    }
    sqlx::query(
        "update roster.head set generation_id = $2, number = 1, published_at = $3 where tenant_id = $1",
    )
    .bind(tenant_id)
    .bind(generation_id)
    .bind(date)
    .execute(pool)
    .await
    .unwrap();
}

async fn send(api: &Api, method: &str, path: &str, token: Option<&str>) -> Answer {
    let mut request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .uri(path)
        .header("x-request-id", "request-1");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    api.send(request.body(Body::empty()).unwrap()).await
}

/// Writes a response as it would stand on the wire, its headers in the order of their names.
fn text_of(answer: &Answer) -> String {
    let mut text = format!("{}\n", answer.status);
    let mut headers: Vec<(&str, &str)> = answer
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .filter(|(name, _)| *name != "date")
        .collect();
    headers.sort_unstable();
    for (name, value) in headers {
        writeln!(text, "{name}: {value}").unwrap();
    }
    text.push('\n');
    text.push_str(std::str::from_utf8(&answer.body).unwrap());
    text
}

/// Compares with a snapshot; if it differs, adds its name to `changed` and continues with the others.
fn compare(name: &str, text: &str, changed: &mut Vec<String>) {
    let compared = catch_unwind(AssertUnwindSafe(|| insta::assert_snapshot!(name, text)));
    if compared.is_err() {
        changed.push(name.to_owned());
    }
}

async fn world() -> (TestDatabase, NewSecret, Api) {
    let test = database().await;
    let client = api::tenant(&test.pool, "zand").await;
    publish(&test.pool, "zand").await;
    let api = Api::start(&test.pool).await;
    (test, client, api)
}

#[tokio::test]
async fn a_changed_page_needs_another_version_of_the_served_form() {
    let (test, client, api) = world().await;
    let token = api.token(&client).await;
    let mut pages = Vec::new();
    for (name, path) in PAGES {
        let path = format!("/ims/oneroster/v1p1{path}");
        pages.push((*name, send(&api, "GET", &path, Some(&token)).await));
    }
    for (name, setting, path) in PAGES_OF_SETTINGS {
        let set = async |value: bool| {
            let entry = [format!("{setting}={value}")];
            client::set(&test.server, "zand", &client.client_id, &entry)
                .await
                .unwrap();
        };
        set(true).await;
        let told = Api::start(&test.pool).await;
        let path = format!("/ims/oneroster/v1p1{path}");
        pages.push((*name, send(&told, "GET", &path, Some(&token)).await));
        set(false).await;
    }

    let mut changed = Vec::new();
    let mut digest = Sha256::new();
    for (name, answer) in pages {
        let written = text_of(&answer);
        digest.update(written.as_bytes());
        compare(&format!("page_{name}"), &written, &mut changed);
    }
    assert!(changed.is_empty(), "{changed:?}: {RAISE}");
    let digest = crate::harness::base16(&digest.finalize());
    assert_eq!(
        FORMS.last(),
        Some(&(SERVED_FORM_VERSION, digest.as_str())),
        "{RAISE}"
    );
    assert!(
        FORMS
            .iter()
            .zip(1..)
            .all(|((version, _), place)| *version == place)
    );
}

#[tokio::test]
async fn a_refusal_says_what_it_always_said() {
    let (_test, client, api) = world().await;
    let roster = api.token(&client).await;
    let demographics = api
        .auth
        .issue(
            &client.client_id,
            &client.client_secret,
            Some(oneroster::auth::Scope::Demographics.uri()),
            None,
        )
        .await
        .unwrap()
        .access_token;
    let mut changed = Vec::new();
    for (name, method, path, token) in ERRORS {
        let token = token.map(|token| match token {
            "ROSTER" => roster.as_str(),
            "DEMOGRAPHICS" => demographics.as_str(),
            other => other,
        });
        let answer = send(&api, method, path, token).await;
        compare(&format!("error_{name}"), &text_of(&answer), &mut changed);
    }
    assert!(
        changed.is_empty(),
        "{changed:?}: programs of others read these bodies; accept the snapshots if that is meant"
    );
}
