//! *Koppelingen*: API clients made, rotated, set and revoked on the desk.

use axum::http::StatusCode;
use oneroster::auth::ClientRefusal;
use oneroster::auth::IssueError;
use oneroster::config;
use serde_json::{Value, json};

use super::asking::Asking;
use crate::harness::api::Api;
use crate::harness::database;
use crate::harness::school::school;

const CLIENTS: &str = "/desk/api/zandpoort/clients";

async fn is_let_in(api: &Api, client_id: &str, secret: &str) -> Result<(), ClientRefusal> {
    match api.auth.issue(client_id, secret, None, None).await {
        Err(IssueError::InvalidClient(refusal)) => Err(refusal),
        // Without a roster there is nothing to read yet; the credentials were right.
        Ok(_) | Err(_) => Ok(()),
    }
}

fn credentials(made: &Value) -> (&str, &str) {
    (
        made["client_id"].as_str().unwrap(),
        made["client_secret"].as_str().unwrap(),
    )
}

#[tokio::test]
async fn r18_a_client_is_made_with_what_the_wizard_asks_and_its_secret_is_shown_once() {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    school.publish().await;
    let desk = Asking::start(&database.pool).await;
    let page = desk.shown("/desk/zandpoort/koppelingen").await;
    assert!(page.contains("Nog geen koppelingen"), "{page}");
    let (status, made) = desk.post(CLIENTS, &json!({ "name": " School <b> Sync " })).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    assert_eq!(made["base_url"], "https://desk.example/ims/oneroster/v1p1");
    assert_eq!(made["token_url"], "https://desk.example/connect/token");
    let (client_id, secret) = credentials(&made);
    let api = Api::start(&database.pool).await;
    assert_eq!(is_let_in(&api, client_id, secret).await, Ok(()));
    let page = desk.shown("/desk/zandpoort/koppelingen").await;
    assert!(page.contains(client_id) && !page.contains(secret), "{page}");
    assert!(
        page.contains("School &#60;b&#62; Sync") || page.contains("School &lt;b&gt; Sync"),
        "{page}"
    );
    let by: Vec<String> = sqlx::query_scalar("select by from audit.entry where kind = 'client_created'")
        .fetch_all(&database.pool)
        .await
        .unwrap();
    assert_eq!(by, ["operator"]);
}

#[tokio::test]
async fn a_client_is_made_for_a_program_with_the_settings_that_it_needs() {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    school.publish().await;
    let desk = Asking::start(&database.pool).await;
    let moodle = json!({ "name": "Moodle", "preset": "moodle" });
    let (status, made) = desk.post(CLIENTS, &moodle).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    let stored: Value = sqlx::query_scalar("select settings from auth.client where client_id = $1")
        .bind(credentials(&made).0)
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(stored, json!({ "email": true, "ended_enrollments": true }));
    let page = desk.shown("/desk/zandpoort/koppelingen").await;
    assert!(page.contains("E-mailadres meegeven: ja"), "{page}");
    let (status, _) = desk
        .post(CLIENTS, &json!({ "name": "x", "preset": "modle" }))
        .await;
    assert!(status.is_client_error(), "{status}");
    let (status, _) = desk.post(CLIENTS, &json!({ "name": "x", "preset": null })).await;
    assert_eq!(status, StatusCode::OK, "any other program");
}

#[tokio::test]
async fn a_client_is_rotated_set_and_revoked() {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    school.publish().await;
    let desk = Asking::start(&database.pool).await;
    let (_, made) = desk.post(CLIENTS, &json!({ "name": "SDS" })).await;
    let (client_id, first) = credentials(&made);
    let which = json!({ "client_id": client_id });
    let (status, rotated) = desk.post(&format!("{CLIENTS}/rotate"), &which).await;
    assert_eq!(status, StatusCode::OK, "{rotated}");
    let (_, second) = credentials(&rotated);
    assert!(
        desk.shown("/desk/zandpoort/koppelingen")
            .await
            .contains("twee geheimen geldig")
    );

    let set = format!("{CLIENTS}/settings");
    let settings = json!({ "client_id": client_id, "settings": { "native_booleans": "true", "files": "" } });
    let (status, answer) = desk.post(&set, &settings).await;
    assert_eq!(
        (status, answer),
        (StatusCode::OK, json!({ "settings": { "native_booleans": true } }))
    );
    assert!(
        desk.shown("/desk/zandpoort/koppelingen")
            .await
            .contains("Ja en nee als JSON-waarden: ja")
    );
    let wrong = json!({ "client_id": client_id, "settings": { "token_lifetime_s": "5" } });
    let (status, answer) = desk.post(&set, &wrong).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("client-setting"))
    );

    let (status, answer) = desk.post(&format!("{CLIENTS}/revoke"), &which).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let api = Api::start(&database.pool).await;
    for secret in [first, second] {
        assert_eq!(
            is_let_in(&api, client_id, secret).await,
            Err(ClientRefusal::Revoked)
        );
    }
    let (status, answer) = desk.post(&format!("{CLIENTS}/rotate"), &which).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (StatusCode::CONFLICT, &json!("client-revoked"))
    );
    assert!(
        desk.shown("/desk/zandpoort/koppelingen")
            .await
            .contains("ingetrokken op")
    );
}

#[tokio::test]
async fn a_client_of_another_tenant_is_answered_as_if_there_were_none() {
    let database = database().await;
    school(&database.pool, "zandpoort").await;
    school(&database.pool, "duinen").await;
    let desk = Asking::start(&database.pool).await;
    let (_, made) = desk
        .post("/desk/api/duinen/clients", &json!({ "name": "SDS" }))
        .await;
    let mut answers = Vec::new();
    for client_id in [made["client_id"].as_str().unwrap(), "zandpoort.nobody"] {
        for action in ["rotate", "revoke", "settings"] {
            let mut body = json!({ "client_id": client_id });
            if action == "settings" {
                body["settings"] = json!({});
            }
            answers.push(desk.post(&format!("{CLIENTS}/{action}"), &body).await);
        }
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].0, StatusCode::NOT_FOUND);
    let (status, answer) = desk.post(CLIENTS, &json!({ "name": "  " })).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("client-name"))
    );
}

#[tokio::test]
async fn r4_a_manager_makes_clients_where_the_operator_allows_it_and_nobody_else_does() {
    let database = database().await;
    school(&database.pool, "zandpoort").await;
    let allowed = config::Desk {
        managers_create_clients: true,
        ..config::Desk::default()
    };
    for (settings, name, role, expected) in [
        (config::Desk::default(), "els", "manager", StatusCode::NOT_FOUND),
        (
            allowed.clone(),
            "jo",
            "iLeerlingen: Alles schrijven",
            StatusCode::NOT_FOUND,
        ),
        (allowed, "mia", "manager", StatusCode::OK),
    ] {
        let desk = Asking::with_role(&database.pool, settings, name, ("zandpoort", role)).await;
        let entry = "/desk/zandpoort/koppelingen";
        assert_eq!(desk.page(entry).await.0, expected, "{role}");
        assert_eq!(
            desk.post(CLIENTS, &json!({ "name": "SDS" })).await.0,
            expected,
            "{role}"
        );
        if expected == StatusCode::OK {
            // Bringing data in is for the operator to allow.
            let (_, made) = desk.post(CLIENTS, &json!({ "name": "Extractor" })).await;
            let asked = json!({ "client_id": made["client_id"], "settings": { "import": "true" } });
            let (status, answer) = desk.post(&format!("{CLIENTS}/settings"), &asked).await;
            assert_eq!(
                (status, &answer["error"]["code"]),
                (StatusCode::UNPROCESSABLE_ENTITY, &json!("client-setting"))
            );
        }
        let overview = desk.shown("/desk/zandpoort/overzicht").await;
        assert_eq!(
            overview.contains(entry),
            expected == StatusCode::OK,
            "the menu of {role}"
        );
    }
}
