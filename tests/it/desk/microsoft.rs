//! What comes from Microsoft, on the desk: a list of accounts on *Controlebestand* (R142), the error report of School Data Sync on
//! *Overzicht* (R143).

use oneroster::publication::activation::{Activate, activate};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::database;
use crate::harness::desk::{Browser, Site};
use crate::harness::group::{Shape, group, next_year};
use crate::harness::school::{BERT, CLASS, JAN, LOTTE, School, school};

/// Jan has another name there, Lotte has hers, Bert none; somebody else is in nobody's list.
const ACCOUNTS: &str = "User principal name;Display name;Object Id;Licenses;DirSyncEnabled\r\n\
    janssens.jan@zandpoort.example;Janssens Jan;0b1f;Office 365 A1 for students;True\r\n\
    lotte.peeters@zandpoort.example;Lotte Peeters;;Office 365 A1 for students;False\r\n\
    mia.maes@zandpoort.example;Mia Maes;0b20;Office 365 A1 for faculty;False\r\n";

/// A school group whose year was switched in August: the classes of both years were published. Returns the rows of a file of sections:
/// a class of the past year, one of the active year, and one that nobody knows.
pub(super) async fn switched(pool: &sqlx::PgPool, tenant_id: &str) -> String {
    let shape = Shape {
        schools: 1,
        pupils: 40,
        year: Shape::AUGUST.year,
    };
    let school = group(pool, tenant_id, shape).await;
    next_year(&school, shape).await;
    school.publish().await;
    let request = Activate {
        year: "2027-28",
        dry_run: false,
        accept: &[],
        force: true,
        lists_teams: false,
        by: "els",
    };
    let activation = activate(&school.server, tenant_id, request).await.unwrap();
    assert!(activation.published.is_some(), "{:?}", activation.objections);
    let mut file = "Section SIS ID,Name\n".to_owned();
    for year in [PAST, "2027-28"] {
        let (id, title): (String, String) = sqlx::query_as(
            "select sourced_id, content::jsonb ->> 'title' from roster.object_version
             where tenant_id = $1 and kind = 'classes' and content::jsonb -> 'terms' -> 0 ->> 'sourcedId' = $2 limit 1",
        )
        .bind(tenant_id)
        .bind(year)
        .fetch_one(pool)
        .await
        .unwrap();
        file.extend([&id, ",\"", &title, "\"\n"]);
    }
    file + "99999999-0000-4000-8000-000000000000,Schaakclub\n"
}

/// The school year that is over there.
pub(super) const PAST: &str = "2026-27";

struct Scene {
    school: School,
    site: Site,
    browser: Browser,
}

impl Scene {
    async fn new(database: &crate::harness::TestDatabase) -> Self {
        let school = school(&database.pool, "t").await;
        school.publish().await;
        let site = Site::start(&database.pool).await;
        let vendor = site.operator("vendor").await;
        let browser = site.signed_in(&vendor).await;
        Self {
            school,
            site,
            browser,
        }
    }

    async fn hand_in(&self, path: &str, text: &str) -> (StatusCode, Value) {
        let path = format!("/desk/api/t/{path}");
        let bytes = text.as_bytes().to_vec();
        let answer = self.site.upload(&self.browser, &path, bytes).await;
        (answer.status, answer.json())
    }

    async fn username(&self, person: &str) -> String {
        sqlx::query_scalar(
            "select local_part from username.record where tenant_id = 't' and rowguid = $1::uuid",
        )
        .bind(person)
        .fetch_one(&self.school.pool)
        .await
        .unwrap()
    }
}

#[tokio::test]
async fn r142_a_list_of_accounts_is_recognised_and_shows_whose_each_is() {
    let database = database().await;
    let scene = Scene::new(&database).await;
    let (status, refused) = scene.hand_in("check-file/judge?name=users.csv", ACCOUNTS).await;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("accounts-file"))
    );
    let (status, answer) = scene.hand_in("check-file/match", ACCOUNTS).await;
    assert_eq!(
        (status, &answer["proposals"]),
        (StatusCode::OK, &json!(1)),
        "{answer}"
    );
    let people: Vec<(&Value, &Value, &Value)> = answer["people"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (&row["id"], &row["verdict"], &row["proposal"]))
        .collect();
    let expected = [
        (&json!(JAN), &json!("other_name"), &json!("janssens.jan")),
        (&json!(BERT), &json!("new"), &Value::Null),
        (&json!(LOTTE), &json!("linked"), &Value::Null),
    ];
    assert_eq!(people, expected, "those to look at first");
    let jan = &answer["people"][0]["accounts"][0];
    assert_eq!(
        (&jan["object_id"], &jan["because"]),
        (&json!("0b1f"), &json!("familienaam gelijk; voornaam gelijk")),
        "{jan}"
    );
    let nobodys = json!([{
        "username": "mia.maes@zandpoort.example", "object_id": "0b20", "note": "lijkt van een personeelslid",
    }]);
    assert_eq!(answer["accounts"], nobodys);
    assert!(
        answer["remarks"][0]
            .as_str()
            .unwrap()
            .contains("Domein van de leerlingen: zandpoort.example"),
        "{answer}"
    );
    assert_eq!(scene.username(JAN).await, "jan.janssens", "nothing has changed");
}

#[tokio::test]
async fn r142_what_is_proposed_is_applied_as_a_check_file() {
    let database = database().await;
    let scene = Scene::new(&database).await;
    let path = "/desk/api/t/check-file/match/export?format=csv";
    let answer = scene
        .site
        .upload(&scene.browser, path, ACCOUNTS.as_bytes().to_vec())
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let file = String::from_utf8(answer.body).unwrap();
    assert!(
        file.contains(";Andere naam;") && file.contains("familienaam gelijk"),
        "{file}"
    );
    let noted: i64 =
        sqlx::query_scalar("select count(*) from audit.entry where kind = 'birth_dates_exported'")
            .fetch_one(&database.pool)
            .await
            .unwrap();
    assert_eq!(noted, 1, "it holds birth dates");
    let (_, judged) = scene.hand_in("check-file/judge?name=c.csv", &file).await;
    assert_eq!(
        (&judged["accepted"], &judged["changed"]),
        (&json!(true), &json!(1)),
        "{judged}"
    );
    let apply = format!(
        "check-file/apply?name=c.csv&fingerprint={}",
        judged["fingerprint"].as_str().unwrap()
    );
    let (status, applied) = scene.hand_in(&apply, &file).await;
    assert_eq!((status, &applied["applied"]), (StatusCode::OK, &json!(true)));
    assert_eq!(scene.username(JAN).await, "janssens.jan");
}

#[tokio::test]
async fn r142_a_check_file_is_none_and_what_cannot_be_read_is_told_in_words() {
    let database = database().await;
    let scene = Scene::new(&database).await;
    let header = super::check_file::HEADER;
    let check_file = format!("{header};User principal name\r\n{JAN};;jan.j;;;;jan@a.example\r\n");
    let (status, judged) = scene.hand_in("check-file/judge?name=c.csv", &check_file).await;
    assert_eq!(
        (status, &judged["changed"]),
        (StatusCode::OK, &json!(1)),
        "{judged}"
    );
    for (text, words) in [
        ("login,naam\njan@a.example,Jan\n", "De kolommen zijn: login, naam"),
        ("", "kan niet gelezen worden"),
        ("{\"value\": [", "kan niet gelezen worden"),
    ] {
        let (status, refused) = scene.hand_in("check-file/match", text).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{text}");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn r143_an_error_report_is_told_by_who_can_do_what() {
    let database = database().await;
    let scene = Scene::new(&database).await;
    let report = format!(
        "Foutcode;SIS ID;Bericht\n\
         AzureActiveDirectoryNoAvailableLicenses;{};Geen licenties\n\
         UnmatchedEntry;{LOTTE};\n\
         AzureActiveDirectoryInvalidPropertyValue;Section {CLASS};x\n\
         SomethingNobodyKnows;99999999-0000-4000-8000-000000000000;<b>y</b>\n\
         Leerlingen: 1\n",
        JAN.to_uppercase()
    );
    let (status, answer) = scene.hand_in("sds-report", &report).await;
    assert_eq!(status, StatusCode::OK);
    let groups: Vec<&Value> = answer["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| &group["who"])
        .collect();
    assert_eq!(
        groups,
        ["school", "microsoft-admin", "informat", "unknown"],
        "{answer}"
    );
    let code = |at: usize| &answer["groups"][at]["codes"][0];
    assert!(
        code(0)["what_to_do"]
            .as_str()
            .unwrap()
            .contains("Controlebestand"),
        "{answer}"
    );
    let jan = &code(1)["rows"][0];
    assert_eq!(
        (&jan["about"][0]["label"], &jan["about"][0]["query"]),
        (&json!("Jan Janssens (jan.janssens)"), &json!(JAN))
    );
    assert_eq!(code(2)["rows"][0]["about"][0]["query"], Value::Null, "a class");
    let unknown = code(3);
    assert_eq!(
        (&unknown["what_to_do"], &unknown["rows"][0]["cells"]),
        (&Value::Null, &json!(["<b>y</b>"]))
    );
    let remark = answer["remarks"][0].as_str().unwrap();
    assert_eq!(
        remark,
        "Leerlingen: 2 gepubliceerd, Microsoft telde er 1: 1 minder."
    );
    let (status, refused) = scene.hand_in("sds-report", "").await;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("unreadable"))
    );
    let large = "x".repeat((16 << 20) + 1);
    let (status, refused) = scene.hand_in("sds-report", &large).await;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (StatusCode::PAYLOAD_TOO_LARGE, &json!("too-large"))
    );
}

#[tokio::test]
async fn r146_the_file_that_archives_old_teams_is_made_by_who_manages_every_school() {
    let database = database().await;
    let file = switched(&database.pool, "t").await;
    let site = Site::start(&database.pool).await;
    let vendor = site.operator("vendor").await;
    let browser = site.signed_in(&vendor).await;
    let hand_in = async |browser: &Browser, path: &str| {
        let path = format!("/desk/api/t/{path}");
        site.upload(browser, &path, file.as_bytes().to_vec()).await
    };
    let judged = hand_in(&browser, &format!("teams-cleanup?year={PAST}"))
        .await
        .json();
    assert_eq!(judged["kept"].as_array().unwrap().len(), 1, "{judged}");
    assert_eq!(
        judged["left_out"],
        json!([
            "1 rijen van het actieve schooljaar zijn weggelaten.",
            "1 rijen die hier geen klas zijn, zijn weggelaten."
        ])
    );
    let answer = hand_in(&browser, &format!("teams-cleanup/file?year={PAST}")).await;
    let expected: Vec<&str> = file.split_inclusive('\n').take(2).collect();
    assert_eq!(String::from_utf8(answer.body).unwrap(), expected.concat());
    for (year, words) in [
        ("2027-28", "is het actieve schooljaar"),
        ("2020-21", "niets gepubliceerd"),
    ] {
        let answer = hand_in(&browser, &format!("teams-cleanup?year={year}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{year}");
        let message = answer.json()["error"]["message"].to_string();
        assert!(message.contains(words), "{message}");
    }
    let mia = site
        .account("mia", &[("t", "100001", None, "iLeerlingen: Alles schrijven")])
        .await;
    let mia = site.signed_in(&mia).await;
    for path in ["teams-cleanup", "teams-cleanup/file"] {
        let answer = hand_in(&mia, &format!("{path}?year={PAST}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn r144_the_sheet_for_the_wizard_is_printed_from_the_clients() {
    let database = database().await;
    let scene = Scene::new(&database).await;
    let new = json!({ "name": "School Data Sync" });
    let made = scene
        .site
        .post(&scene.browser, "/desk/api/t/clients", &new)
        .await
        .json();
    let client_id = made["client_id"].as_str().unwrap();
    let path = format!("/desk/t/koppelingen/blad?client={client_id}");
    let list = scene.site.get(&scene.browser, "/desk/t/koppelingen").await;
    let list = String::from_utf8(list.body).unwrap();
    assert!(list.contains(&path), "{list}");
    let answer = scene.site.get(&scene.browser, &path).await;
    assert_eq!(answer.status, StatusCode::OK);
    let policy = answer.header("content-security-policy").to_owned();
    let page = String::from_utf8(answer.body).unwrap();
    let secret = made["client_secret"].as_str().unwrap();
    assert!(page.contains(client_id) && !page.contains(secret), "{page}");
    let (_, nonce) = page.split_once("nonce=\"").unwrap();
    assert!(policy.contains(nonce.split('"').next().unwrap()), "{policy}");
    for path in [
        "/desk/t/koppelingen/blad?client=t.nobody",
        "/desk/elsewhere/koppelingen/blad",
    ] {
        let answer = scene.site.get(&scene.browser, path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}
