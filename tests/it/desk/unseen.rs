//! What may not be seen answers byte for byte like what does not exist: status, headers and body, on every route that is asked about
//! somebody or something.

use axum::http::{Method, StatusCode};
use chrono::Days;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::askers::{Asker, asker};
use super::role_world::{SPOTS, Spot, TENANT, id, nothing_hidden, number, post, switch, text_of, world};
use crate::harness::api::Answer;
use crate::harness::database;
use crate::harness::desk::Site;

/// Somebody who left a place that Mia does not see, and somebody of another tenant.
const LEFT: usize = 60;
/// See [`LEFT`].
const ELSEWHERE: usize = 61;

/// An operation in which nobody is whom Mia sees, and her desk.
struct Scene {
    site: Site,
    mia: Asker,
    hidden_operation: String,
}

/// Mia writes at the first place, reads at the second, and knows of no other.
async fn scene(pool: &PgPool) -> Scene {
    let school = world(pool, TENANT).await;
    let other = world(pool, "ander").await;
    let today = school.today().await;
    for (school, person, end) in [
        (&school, LEFT, (today - Days::new(20)).to_string()),
        (&other, ELSEWHERE, (today + Days::new(90)).to_string()),
    ] {
        let (key, id, begin, spot) = (number(person), id(person), today - Days::new(50), &SPOTS[4]);
        let (instelnr, vestnr) = (spot.instelnr, spot.vestnr);
        school
            .change(&format!(
                "insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam, geboortedatum)
                     values ($1, {key}, '{id}', 'Otten', 'Jo', '2010-05-01');
                 insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus, hfdstructuur,
                                                    schooljaar, begindatum, einddatum, status)
                     values ($1, {key}, {key}, '{instelnr}', {vestnr}, '311', '2026-27', '{begin}', '{end}', 0);"
            ))
            .await;
        super::crowd::allocate(school).await;
    }
    let site = Site::start(pool).await;
    let mia = asker(
        &site,
        "mia",
        &[
            ("001507", Some(1), "iLeerlingen: Alles schrijven"),
            ("001507", Some(2), "iLeerlingen: Alles lezen"),
        ],
    )
    .await;
    let operator = site.operator("vendor").await;
    let operator = site.signed_in(&operator).await;
    switch(&site, &operator, true, &[]).await;
    school.publish().await;
    let visible = [0, 1, 6, 8, 9, 11];
    let hidden_operation = switch(&site, &operator, false, &visible).await;
    school.publish().await;
    Scene {
        site,
        mia,
        hidden_operation,
    }
}

/// A question: its method, path and body.
type Question = (Method, String, Option<Value>);

fn get(path: String) -> Question {
    (Method::GET, path, None)
}

fn put(path: &str, body: Value) -> Question {
    (Method::POST, format!("/desk/api/{TENANT}/{path}"), Some(body))
}

/// All that can be told of an answer, but for what belongs to the single request and the words that were asked.
fn essence(answer: &Answer, asked: &str) -> (StatusCode, Vec<String>, String) {
    let body = text_of(answer);
    let nonce = body
        .split_once("nonce=\"")
        .and_then(|(_, rest)| rest.split_once('"'));
    let nonce = nonce.map_or("no nonce", |(nonce, _)| nonce).to_owned();
    let bare = |text: &str| text.replace(&nonce, "").replace(asked, "");
    let headers = answer.headers.iter();
    let headers = headers.filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()));
    let mut headers: Vec<String> = headers
        .map(|(name, value)| bare(&format!("{name}: {value:?}")))
        .collect();
    headers.sort();
    (answer.status, headers, bare(&body))
}

impl Scene {
    /// Asks the same of what is hidden and of what is nowhere.
    async fn same(&self, asked_of: impl Fn(&str) -> Vec<Question>, hidden: &str, nowhere: &str) {
        for (of_hidden, of_nowhere) in asked_of(hidden).into_iter().zip(asked_of(nowhere)) {
            let what = format!("{} {} {:?}", of_hidden.0, of_hidden.1, of_hidden.2);
            let hidden_answer = self.ask(of_hidden).await;
            let nowhere_answer = self.ask(of_nowhere).await;
            assert_eq!(
                essence(&hidden_answer, hidden),
                essence(&nowhere_answer, nowhere),
                "{what}"
            );
            assert_ne!(
                hidden_answer.status,
                StatusCode::BAD_REQUEST,
                "{what}: a question that nobody asks"
            );
            nothing_hidden(
                &text_of(&hidden_answer).replace(hidden, ""),
                &self.mia.given,
                &what,
            );
        }
    }

    async fn ask(&self, (method, path, body): Question) -> Answer {
        self.site
            .ask(&self.mia.browser, method, &path, body.as_ref())
            .await
    }
}

/// Every question about a person by their id.
fn of_person(person: &str) -> Vec<Question> {
    let (own, own_class) = (id(0), Spot::class_id(0));
    let api = |path: String| get(format!("/desk/api/{TENANT}/{path}"));
    let day = "2026-12-24";
    vec![
        api(format!("usernames/{person}")),
        api(format!("swap/{person}")),
        api(format!("why?person={person}")),
        api(format!("why?person={person}&on={day}")),
        api(format!("why?person={person}&class={own_class}")),
        api(format!("why/findings?person={person}")),
        api(format!("search?q={person}")),
        get(format!("/desk/{TENANT}/historiek?person={person}")),
        put(
            "usernames/name",
            json!({ "id": person, "username": "x", "stamp": "0" }),
        ),
        put(
            "usernames/sync",
            json!({ "id": person, "on": true, "stamp": "0" }),
        ),
        put(
            "usernames/bulk/preview",
            json!({ "on": true, "people": { "ids": [person] } }),
        ),
        put(
            "usernames/bulk/preview",
            json!({ "on": false, "people": { "ids": [own, person] } }),
        ),
        put(
            "usernames/bulk/preview",
            json!({ "on": false, "people": { "all_but": { "filter": {}, "except": [person] } } }),
        ),
        put(
            "usernames/bulk",
            json!({ "on": false, "people": { "ids": [person] }, "count": 1, "fingerprint": "x" }),
        ),
        put(
            "usernames/rows",
            json!({ "to": 9, "filter": { "search": person } }),
        ),
        put("swap", json!({ "a": own, "b": person, "action": "begin" })),
        put("swap", json!({ "a": person, "b": own, "action": "begin" })),
    ]
}

#[tokio::test]
async fn r83_r85_somebody_elsewhere_answers_as_nobody() {
    let database = database().await;
    let scene = scene(&database.pool).await;
    let nobody = Uuid::from_u128(0xF00D_0000_4000_8000_0000_0000_0000_00FF).to_string();
    for person in [2, 4, 7, LEFT, ELSEWHERE] {
        scene.same(of_person, &id(person).to_string(), &nobody).await;
    }
    // By their name, too.
    let by_name = |name: &str| {
        let search = json!({ "to": 9, "filter": { "search": name } });
        let columns = json!({ "family_name": { "equals": name } });
        vec![
            get(format!("/desk/api/{TENANT}/search?q={name}")),
            get(format!("/desk/{TENANT}/historiek?person={name}")),
            get(format!("/desk/{TENANT}/historiek?person=jo.{name}")),
            put("usernames/rows", search),
            put("usernames/counts", json!({ "filter": { "columns": columns } })),
        ]
    };
    scene.same(by_name, "claes", "xlaes").await;
    scene.same(by_name, "otten", "xtten").await;
    // And in a file.
    for wanted in ["", "x"] {
        let judged = async |person: &str| {
            let file = format!(
                "ID;Office365 username;Verbeter hier de username indien nodig;Voornaam;Familienaam;Geboortedatum\r\n{person};;{wanted};;;\r\n"
            );
            let path = format!("/desk/api/{TENANT}/check-file/judge?name=c.csv");
            let answer = scene
                .site
                .upload(&scene.mia.browser, &path, file.into_bytes())
                .await;
            let (status, headers, body) = essence(&answer, person);
            // The fingerprint is of the file's own bytes too.
            let mut body: Value = serde_json::from_str(&body).unwrap();
            assert!(body["fingerprint"].take().is_string());
            (status, headers, body)
        };
        let unknown = judged(&nobody).await;
        for person in [2, 4, 7, LEFT, ELSEWHERE] {
            assert_eq!(judged(&id(person).to_string()).await, unknown, "{wanted:?}");
        }
    }
}

#[tokio::test]
async fn r83_r85_a_class_a_place_and_an_operation_elsewhere_answer_as_none() {
    let database = database().await;
    let scene = scene(&database.pool).await;
    let no_class = Uuid::from_u128(0xF00D_0000_4000_8000_0000_0000_0000_00EE).to_string();
    let of_class = |class: &str| {
        let api = |path: String| get(format!("/desk/api/{TENANT}/{path}"));
        vec![
            api(format!("why?class={class}")),
            api(format!("why?class={class}&person={}", id(0))),
            // Goris is in both.
            api(format!("why?class={class}&person={}", id(6))),
            api(format!("why/findings?class={class}")),
            api(format!("search?q={class}")),
            get(format!("/desk/{TENANT}/historiek?class={class}")),
            get(format!("/desk/{TENANT}/vooruitblik?class={class}")),
        ]
    };
    for place in [2, 3, 4] {
        scene
            .same(of_class, &Spot::class_id(place).to_string(), &no_class)
            .await;
    }
    let by_title = |title: &str| {
        let columns = json!({ "class": { "equals": title } });
        vec![
            get(format!("/desk/api/{TENANT}/search?q={title}")),
            get(format!("/desk/api/{TENANT}/search?q=goris%20{title}")),
            get(format!("/desk/{TENANT}/gebruikersnamen/afdrukken?class={title}")),
            put(
                "usernames/rows",
                json!({ "to": 9, "filter": { "columns": columns } }),
            ),
            put(
                "usernames/rows",
                json!({ "to": 9, "filter": { "search": title } }),
            ),
        ]
    };
    scene.same(by_title, "Reigers", "Xeigers").await;
    let of_place = |org: &str| {
        vec![
            get(format!("/desk/{TENANT}/vooruitblik?place={org}")),
            put("check-file/export", json!({ "format": "csv", "place": org })),
        ]
    };
    for place in 2..SPOTS.len() {
        scene.same(of_place, &SPOTS[place].org(), "001599-9").await;
    }
    let of_operation = |operation: &str| vec![put("usernames/bulk/undo", json!({ "operation": operation }))];
    scene.same(of_operation, &scene.hidden_operation, &no_class).await;
}

/// What an account or a right at another school answers to a manager.
#[tokio::test]
async fn r90_accounts_and_rights_elsewhere_answer_as_none() {
    let database = database().await;
    let Scene { site, .. } = scene(&database.pool).await;
    let mia = asker(&site, "beheerder", &[("001507", None, "manager")]).await;
    let at = |tenant| [(tenant, "001509", None, "iLeerlingen: Alles lezen")];
    let hidden = site.account("els", &at(TENANT)).await;
    let other = site.account("tom", &at("ander")).await;
    let grant = async |name: &str| -> Uuid {
        sqlx::query_scalar("select grant_id from desk.access_grant where login_name = $1")
            .bind(name)
            .fetch_one(&database.pool)
            .await
            .unwrap()
    };
    let nobody = Uuid::from_u128(0xF00D_0000_4000_8000_0000_0000_0000_00FF).to_string();
    let right = json!([{ "kind": "standard", "role": "iLeerlingen: Alles lezen" }]);
    let place = json!([{ "school": "001507" }]);
    let of_account = |account: &str| {
        vec![
            put("access/password", json!({ "account": account })),
            put(
                "access/give",
                json!({ "accounts": [account], "places": place, "rights": right }),
            ),
            put("access/copy", json!({ "from": account, "names": ["beheerder"] })),
            put("access/copy", json!({ "from": nobody, "accounts": [account] })),
        ]
    };
    let of_right = |right: &str| vec![put("access/take", json!({ "grants": [right] }))];
    let scene = Scene {
        site,
        mia,
        hidden_operation: String::new(),
    };
    for account in [hidden, other] {
        scene
            .same(of_account, &account.account_id.to_string(), &nobody)
            .await;
    }
    for name in ["els", "tom"] {
        scene
            .same(of_right, &grant(name).await.to_string(), &nobody)
            .await;
    }
    let listed = text_of(
        &scene
            .site
            .get(&scene.mia.browser, &format!("/desk/api/{TENANT}/access"))
            .await,
    );
    assert!(!listed.contains("els") && !listed.contains("tom"), "{listed}");
}

#[tokio::test]
async fn r83_r85_who_may_only_read_is_told_so_and_whose_name_is_taken_is_not_said() {
    let database = database().await;
    let scene = scene(&database.pool).await;
    let browser = &scene.mia.browser;
    let order = json!({ "id": id(1), "on": true, "stamp": "0" });
    let refused = post(&scene.site, browser, "sync", order).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(text_of(&refused).contains("read-only"));
    let rows = post(&scene.site, browser, "rows", json!({ "to": 1 }))
        .await
        .json();
    let name =
        json!({ "id": id(0), "username": "jo.claes", "stamp": rows["rows"][0]["stamp"], "confirm": true });
    let refused = post(&scene.site, browser, "name", name).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let refused = text_of(&refused);
    assert!(
        refused.contains("name-held") && !refused.contains("Claes"),
        "{refused}"
    );
}

/// Files with birth dates and pages on paper are entered in the audit trail, under the name of who asked for them.
#[tokio::test]
async fn r82_what_leaves_as_a_file_or_on_paper_is_in_the_audit_trail() {
    let database = database().await;
    let scene = scene(&database.pool).await;
    let browser = &scene.mia.browser;
    let export = json!({ "format": "csv", "columns": ["family_name", "birth_date"] });
    post(&scene.site, browser, "export", export).await;
    let print = format!("/desk/{TENANT}/gebruikersnamen/afdrukken");
    let print = text_of(&scene.site.get(browser, &print).await);
    assert!(print.contains("Aerts") && !print.contains("2010"), "{print}");
    let trail: Vec<String> =
        sqlx::query_scalar("select kind || ' ' || by from audit.entry where detail is not null")
            .fetch_all(&database.pool)
            .await
            .unwrap();
    for kind in ["birth_dates_exported mia", "usernames_printed mia"] {
        assert!(trail.iter().any(|entry| entry == kind), "{kind}: {trail:?}");
    }
}
