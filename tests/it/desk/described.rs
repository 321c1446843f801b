//! The document of the desk's API: every route is asked, and what is sent and answered is what the document says.

use std::cell::RefCell;
use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use oneroster::publication::State;
use serde_json::{Value, json};

use super::check_file::HEADER;
use super::microsoft::{PAST, switched};
use crate::harness::api::Answer;
use crate::harness::database;
use crate::harness::desk::{Browser, Site};
use crate::harness::group::{Shape, group};
use crate::harness::school::{BERT, JAN, LOTTE, school};

const API: &str = "/desk/api/";

/// Somebody who asks, with the document at hand.
struct Reader {
    site: Site,
    browser: Browser,
    document: Value,
    /// What was asked: method and path as in the document.
    asked: RefCell<BTreeSet<(String, String)>>,
}

impl Reader {
    /// Returns the path of the document that a path is one of, the plainest first.
    fn path_of(&self, path: &str) -> String {
        let path = path.split('?').next().unwrap();
        let is_it = |pattern: &&String| {
            let (pattern, path): (Vec<&str>, Vec<&str>) =
                (pattern.split('/').collect(), path.split('/').collect());
            let mut parts = pattern.iter().zip(&path);
            pattern.len() == path.len() && parts.all(|(of, part)| of.starts_with('{') || of == part)
        };
        let paths = self.document["paths"].as_object().unwrap().keys();
        let of_path = paths
            .filter(is_it)
            .min_by_key(|pattern| pattern.matches('{').count());
        of_path
            .unwrap_or_else(|| panic!("{path} is not in the document"))
            .clone()
    }

    /// Checks a value by a schema of the document.
    #[track_caller]
    fn check(&self, what: &str, schema: &Value, value: &Value) {
        let whole = json!({ "allOf": [schema], "components": self.document["components"] });
        let validator = jsonschema::validator_for(&whole).unwrap();
        let faults: Vec<String> = validator
            .iter_errors(value)
            .map(|fault| format!("{} at {}", fault, fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{what}: {faults:?}\n{value}");
    }

    /// Asks, and checks what is sent and answered.
    async fn ask(&self, method: Method, rest: &str, body: Option<Value>) -> Value {
        let path = format!("{API}{rest}");
        let answer = self
            .site
            .ask(&self.browser, method.clone(), &path, body.as_ref())
            .await;
        self.checked(&method, &path, body.as_ref(), &answer)
    }

    fn checked(&self, method: &Method, path: &str, body: Option<&Value>, answer: &Answer) -> Value {
        let (pattern, method) = (self.path_of(path), method.as_str().to_ascii_lowercase());
        let operation = &self.document["paths"][&pattern][&method];
        if let Some(body) = body {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            self.check(&format!("{method} {pattern}, sent"), schema, body);
        }
        let status = answer.status.as_u16().to_string();
        let responses = &operation["responses"];
        let described = if answer.status.is_client_error() {
            &responses["4XX"]
        } else {
            &responses[&status]
        };
        assert!(described.is_object(), "{method} {pattern}: {status}");
        if answer.status.is_success() {
            self.asked.borrow_mut().insert((method.clone(), pattern.clone()));
        }
        let Some(content) = described["content"].as_object() else {
            assert!(answer.body.is_empty(), "{method} {pattern}");
            return Value::Null;
        };
        let media_type = answer
            .header("content-type")
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        let content = content.get(&media_type);
        let content = content.unwrap_or_else(|| panic!("{method} {pattern}: {media_type}"));
        if media_type != "application/json" {
            return Value::Null;
        }
        let answered = answer.json();
        self.check(
            &format!("{method} {pattern}, {status}"),
            &content["schema"],
            &answered,
        );
        answered
    }

    async fn get(&self, rest: &str) -> Value {
        self.ask(Method::GET, rest, None).await
    }

    async fn post(&self, rest: &str, body: Value) -> Value {
        self.ask(Method::POST, rest, Some(body)).await
    }

    /// Hands a file in.
    async fn hand_in(&self, rest: &str, file: &str) -> Value {
        let path = format!("{API}{rest}");
        let request = Request::builder()
            .method(Method::POST)
            .uri(&path)
            .header("sec-fetch-site", "same-origin")
            .header("cookie", self.browser.cookie.as_ref().unwrap())
            .header("content-type", "application/octet-stream")
            .body(Body::from(file.to_owned()))
            .unwrap();
        let answer = self.site.send(request).await;
        self.checked(&Method::POST, &path, None, &answer)
    }
}

#[tokio::test]
async fn every_route_takes_and_answers_what_the_document_says() {
    let database = database().await;
    let small = school(&database.pool, "zandpoort").await;
    small.publish().await;
    let site = Site::start(&database.pool).await;
    let vendor = site.operator("vendor").await;
    site.account(
        "mia",
        &[("zandpoort", "001507", None, "iLeerlingen: Alles lezen")],
    )
    .await;
    let browser = site.signed_in(&vendor).await;
    let document = site.get(&browser, "/desk/api/openapi.json").await;
    assert_eq!(document.status, StatusCode::OK);
    let reader = Reader {
        document: document.json(),
        site,
        browser,
        asked: RefCell::default(),
    };
    reader.get("openapi.json").await;
    reader.get("me").await;
    let kept = json!({ "columns": ["username"] });
    reader
        .ask(Method::PUT, "me/preferences/usernames", Some(kept))
        .await;
    reader.get("me/preferences/usernames").await;
    of_usernames(&reader).await;
    of_rights_and_clients(&reader).await;
    of_settings_and_holds(&reader, &database.pool).await;
    let sections = switched(&database.pool, "zomer").await;
    for path in ["teams-cleanup", "teams-cleanup/file"] {
        let path = format!("zomer/{path}?year={PAST}");
        reader.hand_in(&path, &sections).await;
    }
    let all = reader.document["paths"].as_object().unwrap().iter();
    let all: BTreeSet<(String, String)> = all
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| (method.clone(), path.clone()))
        })
        .collect();
    let left: Vec<_> = all.difference(&reader.asked.borrow()).cloned().collect();
    assert!(left.is_empty(), "never answered: {left:?}");
}

async fn of_usernames(reader: &Reader) {
    let rows = reader
        .post("zandpoort/usernames/rows", json!({ "from": 0, "to": 50 }))
        .await;
    let row = |id: &str| {
        let mut rows = rows["rows"].as_array().unwrap().iter();
        rows.find(|row| row["id"] == id).unwrap().clone()
    };
    reader.post("zandpoort/usernames/counts", json!({})).await;
    reader.get(&format!("zandpoort/usernames/{JAN}")).await;
    let stale = json!({ "id": JAN, "username": "jan.x", "stamp": "0" });
    reader.post("zandpoort/usernames/name", stale).await;
    let name = json!({ "id": JAN, "username": "jan.j", "stamp": row(JAN)["stamp"], "confirm": true });
    reader.post("zandpoort/usernames/name", name).await;
    let off = json!({ "id": LOTTE, "on": false, "stamp": row(LOTTE)["stamp"], "reason": "naar huis" });
    let switched = reader.post("zandpoort/usernames/sync", off).await;
    assert!(switched["operation"].is_string(), "{switched}");
    for format in ["csv", "xlsx"] {
        let asked = json!({ "format": format, "columns": ["username"] });
        reader.post("zandpoort/usernames/export", asked).await;
        let asked = json!({ "format": format });
        reader.post("zandpoort/check-file/export", asked).await;
    }
    let file = format!("{HEADER}\r\n{JAN};;jan.jj;;;\r\n{BERT};;bert ameel;;;\r\n");
    reader
        .hand_in("zandpoort/check-file/judge?name=a.csv", &file)
        .await;
    let file = format!("{HEADER}\r\n{JAN};;jan.jj;;;\r\n");
    let judged = reader
        .hand_in("zandpoort/check-file/judge?name=a.csv", &file)
        .await;
    let fingerprint = judged["fingerprint"].as_str().unwrap_or_default();
    let apply = format!("zandpoort/check-file/apply?name=a.csv&fingerprint={fingerprint}");
    reader
        .hand_in(&apply.replace("fingerprint=", "fingerprint=0"), &file)
        .await;
    reader.hand_in(&apply, &file).await;
    of_files_of_microsoft(reader).await;
    reader.get("zandpoort/usernames/bulk/last").await;
    let people = json!({ "ids": [JAN] });
    let asked = json!({ "on": false, "people": people });
    let preview = reader.post("zandpoort/usernames/bulk/preview", asked).await;
    let order = json!({
        "on": false, "people": people, "count": preview["count"], "fingerprint": preview["fingerprint"],
    });
    let acted = reader.post("zandpoort/usernames/bulk", order).await;
    reader.get("zandpoort/usernames/bulk/last").await;
    let operation = json!({ "operation": acted["operation"] });
    reader.post("zandpoort/usernames/bulk/undo", operation).await;
    reader.get("zandpoort/search?q=jan").await;
    reader.get(&format!("zandpoort/why?person={JAN}")).await;
    reader.get(&format!("zandpoort/why/findings?person={JAN}")).await;
    reader.get(&format!("zandpoort/swap/{JAN}")).await;
    let swap = json!({ "a": JAN, "b": LOTTE, "action": "begin" });
    reader.post("zandpoort/swap", swap).await;
    reader.get(&format!("zandpoort/swap/{JAN}")).await;
}

async fn of_files_of_microsoft(reader: &Reader) {
    let accounts =
        "userPrincipalName,displayName,id\njan.j2@a.example,Jan Janssens,0b1f\nmia@a.example,Mia Maes,\n";
    reader
        .hand_in("zandpoort/check-file/judge?name=users.csv", accounts)
        .await;
    reader.hand_in("zandpoort/check-file/match", accounts).await;
    reader.hand_in("zandpoort/check-file/match", "no list").await;
    for format in ["csv", "xlsx"] {
        let path = format!("zandpoort/check-file/match/export?format={format}");
        reader.hand_in(&path, accounts).await;
    }
    let errors = format!("Code,Id\nUnmatchedEntry,{JAN}\nNobodyKnowsThis,x\nPupils: 7\n");
    reader.hand_in("zandpoort/sds-report", &errors).await;
    reader.hand_in("zandpoort/sds-report", "").await;
    reader
        .hand_in("zandpoort/teams-cleanup?year=2026-27", &errors)
        .await;
}

async fn of_rights_and_clients(reader: &Reader) {
    let places = json!([{ "school": "001507" }]);
    let rights = json!([{ "kind": "standard", "role": "iPersoneel: Alles lezen" }]);
    let new = json!({ "name": "els", "display_name": "Els", "places": places, "rights": rights });
    let made = reader.post("zandpoort/access/accounts", new).await;
    let listed = reader.get("zandpoort/access").await;
    let mut accounts = listed["accounts"].as_array().unwrap().iter();
    let mia = accounts.find(|account| account["name"] == "mia").unwrap();
    let rights = json!([{ "kind": "manager" }, { "kind": "custom", "role": "Hulp", "access": "read" }]);
    let give = json!({ "names": ["mia"], "places": places, "rights": rights });
    reader.post("zandpoort/access/give", give).await;
    let copy = json!({ "from": mia["id"], "accounts": [made["id"]] });
    reader.post("zandpoort/access/copy", copy).await;
    let take = json!({ "grants": [mia["rights"][0]["id"]] });
    reader.post("zandpoort/access/take", take).await;
    reader
        .post("zandpoort/access/password", json!({ "account": made["id"] }))
        .await;
    reader
        .post(
            "zandpoort/access/give",
            json!({ "names": ["nobody"], "places": places, "rights": rights }),
        )
        .await;
    reader.get("zandpoort/access/trail").await;
    let client = reader.post("zandpoort/clients", json!({ "name": "SDS" })).await;
    let which = json!({ "client_id": client["client_id"] });
    reader.post("zandpoort/clients/rotate", which.clone()).await;
    let settings = json!({ "client_id": client["client_id"], "settings": { "token_lifetime_s": "600", "files": "true" } });
    reader.post("zandpoort/clients/settings", settings).await;
    reader.post("zandpoort/clients/revoke", which).await;
}

async fn of_settings_and_holds(reader: &Reader, pool: &sqlx::PgPool) {
    let page = reader
        .site
        .get(&reader.browser, "/desk/zandpoort/instellingen")
        .await;
    let page = String::from_utf8_lossy(&page.body).into_owned();
    let (_, data) = page.split_once("id=\"settings-data\"").unwrap();
    let (_, data) = data.split_once('>').unwrap();
    let data: Value = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
    let mut wanted = json!({ "revision": data["revision"], "configuration": data["configuration"] });
    wanted["configuration"]["brake_percent"] = json!(30);
    reader.post("zandpoort/settings/preview", wanted.clone()).await;
    reader.post("zandpoort/settings", wanted).await;
    let formats = json!({
        "username_format": "{familienaam}", "username_max_length": 75, "team_name_format": "Klas {klascod}",
    });
    reader.post("zandpoort/settings/formats", formats).await;
    // Two publications that are held: one is let through, one is set aside.
    for (tenant_id, action) in [("groep", "release"), ("ander", "discard")] {
        let school = group(pool, tenant_id, Shape::TWELVE).await;
        school.publish().await;
        let today = school.today().await;
        school
            .change(&format!(
                "update informat.inschrijving set einddatum = '{today}'::date - 1
                 where tenant_id = $1 and p_inschr % 3 = 0"
            ))
            .await;
        assert_eq!(school.publish().await.state, State::Held);
        let page = reader
            .site
            .get(&reader.browser, &format!("/desk/{tenant_id}/overzicht"))
            .await;
        let page = String::from_utf8_lossy(&page.body).into_owned();
        let (_, hold) = page.split_once("data-hold=\"").unwrap();
        let hold = json!({ "hold": hold.split_once('"').unwrap().0 });
        let wrong = json!({ "hold": "0".repeat(64) });
        reader.post(&format!("{tenant_id}/hold/release"), wrong).await;
        reader.post(&format!("{tenant_id}/hold/{action}"), hold).await;
    }
}
