//! What anybody may have typed into Informat or here: a name, a class, a reason, a role. Every page prints it as text, and a file
//! never holds it as a formula.

use std::io::Cursor;

use axum::http::StatusCode;
use calamine::{Data, Reader, Xlsx};
use oneroster::desk;
use serde_json::json;
use sqlx::PgPool;

use crate::harness::database;
use crate::harness::desk::{Browser, Site};
use crate::harness::school::{CLASS, JAN, LOTTE, School, school};

/// What would run a script in the text of a page, in an attribute with either quote, and in a script.
const HOSTILE: &str = "<img src=x onerror=alert(1)>\"'</script><b>";

/// The same as an address has it.
const ENCODED: &str = "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E%22'%3C%2Fscript%3E%3Cb%3E";

/// Something is hostile wherever it can be: names of people, tenant, school, site and class, accounts, a role, a reason, a client.
async fn scene(pool: &PgPool) -> (Site, Browser, School) {
    let school = school(pool, "zandpoort").await;
    let quoted = HOSTILE.replace('\'', "''");
    let end = school.today().await + chrono::Days::new(10);
    school
        .change(&format!(
            "update informat.school set school = '{quoted}' where tenant_id = $1;
             update informat.schoolvest set vestiging = '{quoted}' where tenant_id = $1;
             update informat.klassen set klas = '{quoted}', klascode = '{quoted}' where tenant_id = $1;
             update informat.persoon set naam = '{quoted}', voornaam = '{quoted}' where tenant_id = $1;
             update informat.inschrijving set einddatum = '{end}' where tenant_id = $1 and p_inschr = 2;
             update informat.opdracht set einddatum = '{end}' where tenant_id = $1;
             update tenant.tenant set configuration = jsonb_set(configuration::jsonb, '{{name}}', to_jsonb('{quoted}'::text))
                 where tenant_id = $1"
        ))
        .await;
    let site = Site::start(pool).await;
    let operator = site.operator("vendor").await;
    let browser = site.signed_in(&operator).await;
    site.account("els", &[]).await;
    let mut renamed = pool.acquire().await.unwrap();
    sqlx::query("update desk.account set display_name = $1")
        .bind(HOSTILE)
        .execute(&mut *renamed)
        .await
        .unwrap();
    let custom = json!({ "kind": "custom", "role": HOSTILE, "access": "write" });
    let order = json!({ "names": ["els"], "places": [{ "school": "001507" }], "rights": [custom] });
    let gave = site
        .post(&browser, "/desk/api/zandpoort/access/give", &order)
        .await;
    assert_eq!(
        gave.status,
        StatusCode::OK,
        "{:?}",
        String::from_utf8_lossy(&gave.body)
    );
    let client = json!({ "name": HOSTILE });
    site.post(&browser, "/desk/api/zandpoort/clients", &client).await;
    school.publish().await;
    for person in [JAN, LOTTE] {
        let row = site
            .get(&browser, &format!("/desk/api/zandpoort/usernames/{person}"))
            .await
            .json();
        let stamp = &row["row"]["stamp"];
        let order = json!({ "id": person, "on": false, "stamp": stamp, "reason": HOSTILE });
        let done = site
            .post(&browser, "/desk/api/zandpoort/usernames/sync", &order)
            .await;
        assert_eq!(done.status, StatusCode::OK);
    }
    school.publish().await;
    (site, browser, school)
}

/// Every page there is, and those that print what an address says.
fn pages() -> Vec<String> {
    let listed = desk::listed_routes().into_iter();
    let pages = listed.filter(|(method, path, _)| *method == "GET" && !path.contains("/api/"));
    let own = pages.map(|(_, path, _)| path.replace("{tenant}", "zandpoort"));
    let asked = [
        format!("historiek?person={JAN}"),
        format!("historiek?class={CLASS}"),
        format!("historiek?person={ENCODED}&by={ENCODED}&kind={ENCODED}&from={ENCODED}&to={ENCODED}"),
        format!("historiek?class={ENCODED}"),
        "historiek?person=img".to_owned(),
        "historiek?from=2020-01-01&to=2100-01-01&compare=1".to_owned(),
        format!("vooruitblik?day={ENCODED}&year={ENCODED}&place={ENCODED}&class={ENCODED}"),
        format!("gebruikersnamen/afdrukken?class={ENCODED}"),
        format!("gebruikersnamen?mark={ENCODED}"),
        ENCODED.to_owned(),
    ];
    let asked = asked.into_iter().map(|page| format!("/desk/zandpoort/{page}"));
    let others = ["/desk/tenants?search=", "/desk/sign-in?next=/desk/", "/desk/"];
    let others = others.into_iter().map(|page| format!("{page}{ENCODED}"));
    own.chain(asked).chain(others).collect()
}

#[tokio::test]
async fn every_page_prints_what_anybody_typed_as_text() {
    let database = database().await;
    let (site, browser, _) = scene(&database.pool).await;
    let mut printing = Vec::new();
    for path in pages() {
        let answer = site.page(&browser, &path).await;
        assert!(!answer.status.is_server_error(), "{path}: {}", answer.status);
        let page = String::from_utf8_lossy(&answer.body).into_owned();
        for raw in ["<img src=x", "</script><b>", "alert(1)>\"'"] {
            assert!(!page.contains(raw), "{path}: {raw}: {page}");
        }
        let policy = answer.header("content-security-policy");
        let is_strict = policy.starts_with("default-src 'none'") && !policy.contains("unsafe");
        assert!(is_strict, "{path}: {policy}");
        if page.contains("&#60;img src=x onerror=alert(1)&#62;") || page.contains("\\u003cimg src=x") {
            printing.push(path);
        }
    }
    // These print it: what is not printed shows nothing.
    for path in [
        "/desk/tenants",
        "/desk/zandpoort/overzicht",
        "/desk/zandpoort/vooruitblik",
        "/desk/zandpoort/historiek",
        "/desk/zandpoort/gebruikersnamen",
        "/desk/zandpoort/gebruikersnamen/afdrukken",
        "/desk/zandpoort/gebruikersnamen/controlebestand",
        "/desk/zandpoort/toegang",
        "/desk/zandpoort/koppelingen",
        "/desk/zandpoort/instellingen",
        &format!("/desk/zandpoort/historiek?person={JAN}"),
        &format!("/desk/zandpoort/historiek?class={CLASS}"),
    ] {
        assert!(
            printing.iter().any(|printed| printed == path),
            "{path}: {printing:?}"
        );
    }
}

/// An answer of the API is JSON to every browser, whatever stands in it.
#[tokio::test]
async fn an_answer_of_the_api_is_never_taken_for_a_page() {
    let database = database().await;
    let (site, browser, _) = scene(&database.pool).await;
    let api = |path: &str| format!("/desk/api/zandpoort/{path}");
    for path in [
        api("access"),
        api("access/trail"),
        api("search?q=img"),
        api(&format!("why?person={JAN}")),
        api(&format!("why?class={CLASS}")),
        api(&format!("usernames/{JAN}")),
        api("usernames/bulk/last"),
        api(ENCODED),
        "/desk/api/me".to_owned(),
        format!("/desk/api/me/preferences/{ENCODED}"),
    ] {
        let answer = site.page(&browser, &path).await;
        let kind = answer.header("content-type");
        let is_page = answer.status == StatusCode::NOT_FOUND && kind.starts_with("text/html");
        assert!(is_page || kind == "application/json", "{path}: {kind}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        if is_page {
            assert!(!String::from_utf8_lossy(&answer.body).contains("<img"), "{path}");
        }
    }
}

/// What a spreadsheet would run: each is the name of somebody, and once of a class, a site and a school.
const FORMULAS: [&str; 6] = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"];

/// The cells of delimited text, quotes undone.
fn cells_of_text(text: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    for character in text.trim_start_matches('\u{feff}').chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            ';' | '\n' if !is_quoted => cells.push(String::new()),
            '\r' if !is_quoted => {}
            other => cells.last_mut().unwrap().push(other),
        }
    }
    cells
}

#[tokio::test]
async fn r55_r82_no_file_of_the_desk_holds_a_formula() {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    let site = Site::start(&database.pool).await;
    let operator = site.operator("vendor").await;
    let browser = site.signed_in(&operator).await;
    let columns = json!(["family_name", "given_name", "school", "site", "class", "username"]);
    for formula in FORMULAS {
        let sql = formula.replace('\t', "\\t").replace('\r', "\\r");
        school
            .change(&format!(
                "update informat.persoon set naam = e'{sql}', voornaam = e'{sql}' where tenant_id = $1;
                 update informat.school set school = e'{sql}' where tenant_id = $1;
                 update informat.schoolvest set vestiging = e'{sql}' where tenant_id = $1;
                 update informat.klassen set klas = e'{sql}', klascode = e'{sql}' where tenant_id = $1"
            ))
            .await;
        for (path, body) in [
            ("usernames/export", json!({ "columns": columns })),
            ("check-file/export", json!({})),
        ] {
            let export = async |format: &str| {
                let mut body = body.clone();
                body["format"] = format.into();
                let path = format!("/desk/api/zandpoort/{path}");
                let answer = site.post(&browser, &path, &body).await;
                assert_eq!(answer.status, StatusCode::OK, "{path}");
                answer.body
            };
            let text = String::from_utf8(export("csv").await).unwrap();
            let cells = cells_of_text(&text);
            // Names are shown without white space around them.
            let is_it = |cell: &String| {
                let text = cell.strip_prefix('\'').map(str::trim);
                text == Some(formula.trim())
            };
            assert!(cells.iter().any(is_it), "{path}: {text:?}");
            for cell in cells {
                let first = cell.chars().next();
                let is_formula = first.is_some_and(|first| "=+-@\t\r".contains(first));
                assert!(!is_formula, "{path}: {cell:?}");
            }
            let mut book: Xlsx<_> =
                calamine::open_workbook_from_rs(Cursor::new(export("xlsx").await)).unwrap();
            let sheet = book.worksheet_range_at(0).unwrap().unwrap();
            let mut texts = sheet.used_cells().map(|(_, _, cell)| cell);
            assert!(
                texts.clone().all(|cell| matches!(cell, Data::String(_))),
                "{path}: {formula:?}"
            );
            let is_it = |cell: &Data| cell.to_string().trim() == formula.trim();
            assert!(texts.any(is_it), "{path}: {formula:?}: {sheet:?}");
            let name = book.sheet_names()[0].clone();
            let formulas = book.worksheet_formula(&name).unwrap();
            assert_eq!(formulas.used_cells().count(), 0, "{path}: {formula:?}");
        }
    }
}

#[tokio::test]
async fn a_page_cannot_be_framed_and_sends_no_address_elsewhere() {
    let database = database().await;
    let (site, browser, _) = scene(&database.pool).await;
    for path in pages() {
        let answer = site.page(&browser, &path).await;
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
    }
}
