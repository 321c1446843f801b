//! What the token endpoint answers: every way consumers ask, and every refusal.

use axum::http::{Method, StatusCode};
use oneroster::auth::Scope;
use oneroster::auth::client::{self, NewSecret};

use super::{FORM, GRANT, TokenRequest, basic, encoded, post};
use crate::harness::api::{self, Api};
use crate::harness::{as_server, database};

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
    let form = |body: &str| TokenRequest {
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
            TokenRequest {
                authorization: Some(basic(&encoded(id), &encoded(secret))),
                ..form(GRANT)
            },
        ),
        (
            "scheme in capitals",
            TokenRequest {
                authorization: header.as_deref().map(|value| value.replace("Basic", "BASIC")),
                ..form(GRANT)
            },
        ),
        (
            "no padding",
            TokenRequest {
                authorization: unpadded,
                ..form(GRANT)
            },
        ),
        (
            "ADF: body credentials",
            TokenRequest {
                authorization: None,
                ..form(&in_body)
            },
        ),
        ("Basic and the same in the body", form(&in_body)),
        (
            "no content type",
            TokenRequest {
                content_type: None,
                ..form(GRANT)
            },
        ),
        (
            "infinite_campus: all in the query",
            TokenRequest {
                query: "?grant_type=client_credentials&scope=x%20roster.readonly",
                content_type: Some("application/json"),
                ..form("")
            },
        ),
        (
            "TCI: nothing but the header",
            TokenRequest {
                content_type: Some("application/json; charset=utf-8"),
                ..form("")
            },
        ),
        (
            "trailing slash",
            TokenRequest {
                query: "/",
                ..form(GRANT)
            },
        ),
        (
            "stray parameters",
            TokenRequest {
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
    let form = |body: &str| TokenRequest {
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
            TokenRequest {
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
            TokenRequest {
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
            TokenRequest {
                authorization: None,
                ..form(GRANT)
            },
            401,
            "invalid_client",
        ),
        (
            "credentials in the query",
            TokenRequest {
                authorization: None,
                query: "?client_id=a&client_secret=b",
                ..form(GRANT)
            },
            401,
            "invalid_client",
        ),
        (
            "half of them",
            TokenRequest {
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
            TokenRequest {
                authorization: Some("Basic ###".to_owned()),
                ..form(GRANT)
            },
            401,
            "invalid_client",
        ),
        (
            "no colon",
            TokenRequest {
                authorization: Some("Basic YWJj".to_owned()),
                ..form(GRANT)
            },
            401,
            "invalid_client",
        ),
        (
            "other scheme",
            TokenRequest {
                authorization: Some("Bearer abc".to_owned()),
                ..form(GRANT)
            },
            401,
            "invalid_client",
        ),
        (
            "NUL in the id",
            TokenRequest {
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
        let ask = TokenRequest {
            authorization: Some(basic(id, secret)),
            content_type: Some(FORM),
            body: GRANT.to_owned(),
            query: "",
        };
        let mut answer = post(&api, ask).await;
        answer.headers.remove("x-request-id");
        answer.headers.remove("date");
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
        .issue(&made.client_id, &made.client_secret, Some(&asked), None)
        .await
        .unwrap();
    assert_eq!(issued.scopes.to_string(), Scope::Roster.uri());
    let all = api.issue(&made).await;
    assert!(Scope::ALL.iter().all(|scope| all.scopes.has_any(&[*scope])));
}
