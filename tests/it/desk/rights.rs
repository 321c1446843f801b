//! Every route of the desk, and what it asks of whom: read from the router, so that a new one needs a row here.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use oneroster::desk::{self, Needs};
use serde_json::json;

use crate::harness::api::Answer;
use crate::harness::database;
use crate::harness::desk::{Browser, Site};
use crate::harness::school::school;

const OWN: &str = "zandpoort";
const OTHER: &str = "ander";

/// What each route must need. A new one is added here by whoever has thought about it.
const EXPECTED: &[(&str, &str, Needs)] = &[
    ("GET", "/", Needs::Nothing),
    ("GET", "/desk", Needs::SignIn),
    ("GET", "/desk/", Needs::SignIn),
    ("GET", "/desk/handleiding", Needs::Nothing),
    #[cfg(feature = "openid")]
    ("GET", "/desk/openid", Needs::Nothing),
    #[cfg(feature = "openid")]
    ("GET", "/desk/openid/callback", Needs::Nothing),
    ("GET", "/desk/sign-in", Needs::Nothing),
    ("POST", "/desk/afmelden", Needs::Nothing),
    ("POST", "/desk/afmelden-overal", Needs::SignIn),
    ("GET", "/desk/api/me", Needs::SignIn),
    ("GET", "/desk/api/{tenant}/access", Needs::Manage),
    ("POST", "/desk/api/{tenant}/access/accounts", Needs::Manage),
    ("POST", "/desk/api/{tenant}/access/copy", Needs::Manage),
    ("POST", "/desk/api/{tenant}/access/give", Needs::Manage),
    ("POST", "/desk/api/{tenant}/access/password", Needs::Manage),
    ("POST", "/desk/api/{tenant}/access/take", Needs::Manage),
    ("GET", "/desk/api/{tenant}/access/trail", Needs::Manage),
    ("POST", "/desk/api/{tenant}/check-file/apply", Needs::Write),
    ("POST", "/desk/api/{tenant}/check-file/export", Needs::Read),
    ("POST", "/desk/api/{tenant}/check-file/judge", Needs::Write),
    ("POST", "/desk/api/{tenant}/check-file/match", Needs::Write),
    ("POST", "/desk/api/{tenant}/check-file/match/export", Needs::Write),
    ("POST", "/desk/api/{tenant}/clients", Needs::Manage),
    ("POST", "/desk/api/{tenant}/clients/revoke", Needs::Manage),
    ("POST", "/desk/api/{tenant}/clients/rotate", Needs::Manage),
    ("POST", "/desk/api/{tenant}/clients/settings", Needs::Manage),
    ("POST", "/desk/api/{tenant}/hold/discard", Needs::Operate),
    ("POST", "/desk/api/{tenant}/hold/release", Needs::Operate),
    ("POST", "/desk/api/{tenant}/settings", Needs::Operate),
    ("POST", "/desk/api/{tenant}/settings/formats", Needs::Operate),
    ("POST", "/desk/api/{tenant}/settings/preview", Needs::Operate),
    ("POST", "/desk/api/{tenant}/sds-report", Needs::Read),
    ("GET", "/desk/api/{tenant}/search", Needs::Read),
    ("POST", "/desk/api/{tenant}/teams-cleanup", Needs::Manage),
    ("POST", "/desk/api/{tenant}/teams-cleanup/file", Needs::Manage),
    ("GET", "/desk/api/{tenant}/swap/{id}", Needs::Read),
    ("POST", "/desk/api/{tenant}/swap", Needs::Write),
    ("GET", "/desk/api/{tenant}/why", Needs::Read),
    ("GET", "/desk/api/{tenant}/why/findings", Needs::Read),
    ("POST", "/desk/api/{tenant}/usernames/bulk", Needs::Write),
    ("GET", "/desk/api/{tenant}/usernames/bulk/last", Needs::Read),
    ("POST", "/desk/api/{tenant}/usernames/bulk/preview", Needs::Write),
    ("POST", "/desk/api/{tenant}/usernames/bulk/undo", Needs::Write),
    ("POST", "/desk/api/{tenant}/usernames/counts", Needs::Read),
    ("POST", "/desk/api/{tenant}/usernames/name", Needs::Write),
    ("POST", "/desk/api/{tenant}/usernames/rows", Needs::Read),
    ("POST", "/desk/api/{tenant}/usernames/sync", Needs::Write),
    ("GET", "/desk/api/me/preferences/{screen}", Needs::SignIn),
    ("PUT", "/desk/api/me/preferences/{screen}", Needs::SignIn),
    ("GET", "/desk/api/openapi.json", Needs::SignIn),
    ("POST", "/desk/api/{tenant}/usernames/export", Needs::Read),
    ("GET", "/desk/api/{tenant}/usernames/{id}", Needs::Read),
    ("GET", "/desk/{tenant}/gebruikersnamen/afdrukken", Needs::Read),
    ("GET", "/desk/wachtwoord", Needs::SignIn),
    ("POST", "/desk/wachtwoord", Needs::SignIn),
    ("POST", "/desk/sign-in", Needs::Nothing),
    ("POST", "/desk/taal", Needs::SignIn),
    ("GET", "/desk/tenants", Needs::Operate),
    ("GET", "/desk/{tenant}/gebruikersnamen", Needs::Read),
    ("GET", "/desk/{tenant}/instellingen", Needs::Operate),
    ("GET", "/desk/{tenant}/koppelingen", Needs::Manage),
    ("GET", "/desk/{tenant}/koppelingen/blad", Needs::Manage),
    ("GET", "/desk/{tenant}/overzicht", Needs::Read),
    (
        "GET",
        "/desk/{tenant}/gebruikersnamen/controlebestand",
        Needs::Read,
    ),
    ("GET", "/desk/{tenant}/historiek", Needs::Read),
    ("GET", "/desk/{tenant}/toegang", Needs::Manage),
    ("GET", "/desk/{tenant}/vooruitblik", Needs::Read),
];

#[test]
fn every_route_needs_what_is_said_here() {
    let listed: BTreeSet<_> = desk::listed_routes().into_iter().collect();
    let expected: BTreeSet<_> = EXPECTED.iter().copied().collect();
    let unexpected: Vec<_> = listed.difference(&expected).collect();
    let missing: Vec<_> = expected.difference(&listed).collect();
    assert!(
        unexpected.is_empty() && missing.is_empty(),
        "without an expectation: {unexpected:?}; not there: {missing:?}"
    );
}

fn asked(path: &str, tenant_id: &str) -> String {
    let mut filled = String::new();
    for part in path.split('/').skip(1) {
        filled.push('/');
        filled.push_str(match part {
            "{tenant}" => tenant_id,
            // Of any other kind: nobody has it.
            part if part.starts_with('{') => "00000000-0000-4000-8000-0000000000ff",
            part => part,
        });
    }
    filled
}

async fn ask(site: &Site, browser: &Browser, method: &str, path: &str) -> Answer {
    let method: Method = method.parse().unwrap();
    let body = json!({});
    let body = (method != Method::GET).then_some(&body);
    site.ask(browser, method, path, body).await
}

/// What can be told of an answer, but for what belongs to the single request.
fn essence(answer: &Answer) -> (StatusCode, Vec<(String, String)>, Vec<u8>) {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "x-request-id");
    let headers = headers.map(|(name, value)| (name.to_string(), format!("{value:?}")));
    let mut headers: Vec<_> = headers.collect();
    headers.sort();
    (answer.status, headers, answer.body.clone())
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one walk over every route")]
async fn nobody_sees_more_of_a_route_than_they_may() {
    let database = database().await;
    for tenant_id in [OWN, OTHER] {
        school(&database.pool, tenant_id).await;
    }
    let site = Site::start(&database.pool).await;
    let mut accounts = Vec::new();
    for (name, role) in [
        ("nothing", "iLeerlingen: Stages"),
        ("reader", "iLeerlingen: Alles lezen"),
        ("writer", "iPersoneel: Alles schrijven"),
        ("manager", "manager"),
    ] {
        accounts.push(site.account(name, &[(OWN, "001507", None, role)]).await);
    }
    accounts.push(site.operator("vendor").await);
    let nobody = Browser::default();
    for (method, path, needs) in EXPECTED.iter().copied() {
        // Anew for each: some routes end a session.
        let mut browsers = Vec::new();
        for account in &accounts {
            browsers.push(site.signed_in(account).await);
        }
        let [nothing, reader, writer, manager, operator] = <[Browser; 5]>::try_from(browsers).unwrap();
        let own = asked(path, OWN);
        // A path that no route has, of the same method.
        let unknown = essence(&ask(&site, &manager, method, "/desk/no/such/path").await);
        let is = |answer: &Answer| essence(answer) == unknown;
        if needs != Needs::Nothing {
            let answer = ask(&site, &nobody, method, &own).await;
            let expected = if path.starts_with("/desk/api/") {
                StatusCode::UNAUTHORIZED
            } else {
                StatusCode::SEE_OTHER
            };
            assert_eq!(answer.status, expected, "{method} {path}");
        }
        if path.contains("{tenant}") {
            let other = asked(path, OTHER);
            let absent = asked(path, "nergens");
            for browser in [&nothing, &reader, &writer, &manager] {
                assert!(
                    is(&ask(&site, browser, method, &other).await),
                    "{method} {path}: another tenant"
                );
                assert!(
                    is(&ask(&site, browser, method, &absent).await),
                    "{method} {path}: no tenant"
                );
            }
            assert!(
                is(&ask(&site, &operator, method, &absent).await),
                "{method} {path}: no tenant, operator"
            );
            assert!(
                is(&ask(&site, &nothing, method, &own).await),
                "{method} {path}: a role that opens nothing"
            );
        }
        let read = ask(&site, &reader, method, &own).await;
        match needs {
            Needs::Write => {
                assert_eq!(read.status, StatusCode::FORBIDDEN, "{method} {path}");
                assert_eq!(read.json()["error"]["code"], "read-only", "{method} {path}");
            }
            Needs::Manage => {
                assert!(is(&read), "{method} {path}: a reader");
                assert!(
                    is(&ask(&site, &writer, method, &own).await),
                    "{method} {path}: a writer"
                );
            }
            Needs::Operate => {
                for browser in [&reader, &writer, &manager] {
                    assert!(is(&ask(&site, browser, method, &own).await), "{method} {path}");
                }
            }
            Needs::Nothing | Needs::SignIn | Needs::Read => {}
        }
    }
}

#[tokio::test]
async fn the_way_of_who_signs_in_leads_to_their_own_tenant() {
    let database = database().await;
    for tenant_id in [OWN, OTHER] {
        school(&database.pool, tenant_id).await;
    }
    let site = Site::start(&database.pool).await;
    let account = site
        .account("mia", &[(OWN, "001507", Some(1), "iBasis: Alles lezen")])
        .await;
    let mia = site.signed_in(&account).await;
    assert_eq!(
        site.get(&mia, "/desk").await.header("location"),
        "/desk/zandpoort/overzicht"
    );
    let account = site.account("els", &[]).await;
    let els = site.signed_in(&account).await;
    assert_eq!(site.get(&els, "/desk").await.status, StatusCode::NOT_FOUND);
}
