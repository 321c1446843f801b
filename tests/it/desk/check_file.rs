//! *Controlebestand*: downloaded, judged, applied, within somebody's rights.

use oneroster::accounts::check_file::{self, Bounds, Corrected, FileFormat, GivenFile, Rule, Step};
use oneroster::accounts::{self, Author};
use oneroster_school::rights::{Access, Grant, Rights};
use reqwest::StatusCode;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::informat::{Informat, Person, Site};
use crate::harness::world::{Group, World};

const MARKT: Site = site("001507", 1, "Markt");
const KADE: Site = site("001507", 2, "Kade");
const PARK: Site = site("001508", 1, "Park");

const fn site(instelnr: &'static str, number: u32, name: &'static str) -> Site {
    Site {
        instelnr,
        number,
        structure: "311",
        name,
    }
}

const FILE: &str = r#"
id = "zandpoort"
name = "Scholengroep Zandpoort"
active_school_year = "2054-55"
team_name_format = "{schoolyear} {klas} - {vestiging}"
username_format = "{voornaam}.{familienaam}"
[[schools]]
instelnr = "001507"
sites = [{ vestnr = 1, sync_default = true }, { vestnr = 2, sync_default = true }]
[[schools]]
instelnr = "001508"
sites = [{ vestnr = 1, sync_default = true }]
"#;

pub(super) const HEADER: &str =
    "ID;Office365 username;Verbeter hier de username indien nodig;Voornaam;Familienaam;Geboortedatum";

/// Jan at Markt, Noor at Kade, Tom at Park.
struct Scene {
    world: World,
    group: Group,
    jan: String,
    noor: String,
    tom: String,
}

impl Scene {
    async fn new() -> Self {
        let world = World::at("2054-11-27 09:00").await;
        let mut informat = Informat::of(&[MARKT, KADE, PARK]);
        let mut pupil = |given: &str, family: &str, site| {
            let person = informat.person(given, family);
            informat.enrol(person, site, "2054-55", "2054-09-01");
            Person::sis_id(person)
        };
        let (jan, noor, tom) = (
            pupil("Jan", "Janssens", MARKT),
            pupil("Noor", "Maes", KADE),
            pupil("Tom", "Peeters", PARK),
        );
        let group = world.group(FILE, &informat).await;
        Self {
            world,
            group,
            jan,
            noor,
            tom,
        }
    }

    async fn post(&self, path: &str, body: Vec<u8>, content_type: &str) -> (StatusCode, Vec<u8>) {
        let base = self.group.connection.base_url.strip_suffix("/ims/oneroster/v1p1");
        let request = reqwest::Client::new()
            .post(format!("{}/desk/api/zandpoort/check-file/{path}", base.unwrap()))
            .header("content-type", content_type)
            .header("cookie", self.world.operator().await)
            .header("sec-fetch-site", "same-origin")
            .body(body);
        let response = request.send().await.unwrap();
        (response.status(), response.bytes().await.unwrap().to_vec())
    }

    async fn file(&self, path: &str, rows: &[String]) -> (StatusCode, Value) {
        let (status, body) = self
            .post(path, file(rows).into_bytes(), "application/octet-stream")
            .await;
        (status, serde_json::from_slice(&body).unwrap())
    }

    async fn username(&self, person: &str) -> String {
        let entries = accounts::list(self.world.pool(), "zandpoort", &[person.to_owned()])
            .await
            .unwrap();
        entries[0].username.clone()
    }

    async fn judged(&self, rights: &Rights, rows: &[String]) -> Corrected {
        let bounds = Bounds {
            org: None,
            rights: Some(rights),
        };
        let given = GivenFile {
            name: "c.csv".to_owned(),
            bytes: file(rows).into_bytes(),
        };
        let by = Author::new("an").unwrap();
        check_file::import(self.world.pool(), "zandpoort", &by, given, bounds, Step::Judge)
            .await
            .unwrap()
    }
}

fn file(rows: &[String]) -> String {
    format!("{HEADER}\r\n{}\r\n", rows.join("\r\n"))
}

fn row(id: &str, wanted: &str) -> String {
    format!("{id};;{wanted};;;")
}

/// Writes at Markt, reads at Kade, and knows of no Park.
fn secretary() -> Rights {
    let grant = |vestnr, access| Grant {
        instelnr: "001507".to_owned(),
        vestnr: Some(vestnr),
        access,
        is_manager: false,
    };
    Rights::of([grant(1, Access::Write), grant(2, Access::Read)])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r54_r56_a_file_is_downloaded_judged_and_applied() {
    let scene = Scene::new().await;
    let asked = br#"{"format":"csv","place":""}"#.to_vec();
    let (status, bytes) = scene.post("export", asked, "application/json").await;
    assert_eq!(status, StatusCode::OK);
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains(HEADER) && text.contains("tom.peeters"), "{text}");
    let trail = scene
        .world
        .oneroster(&["tenant", "decisions", "zandpoort"])
        .await
        .done();
    assert!(trail.to_string().contains("birth_dates_exported"), "{trail}");

    let rows = [row(&scene.jan, "jantje"), row(&scene.noor, "")];
    let (status, judged) = scene.file("judge?name=c.csv", &rows).await;
    assert_eq!(status, StatusCode::OK, "{judged}");
    assert_eq!(
        (&judged["accepted"], &judged["applied"]),
        (&true.into(), &false.into())
    );
    assert_eq!(judged["changes"][0]["to"], "jantje");
    assert_eq!(judged["changes"][0]["name"], "Jan Janssens");
    assert_eq!(scene.username(&scene.jan).await, "jan.janssens");

    let fingerprint = judged["fingerprint"].as_str().unwrap();
    let (status, applied) = scene
        .file(&format!("apply?name=c.csv&fingerprint={fingerprint}"), &rows)
        .await;
    assert_eq!(
        (status, &applied["applied"]),
        (StatusCode::OK, &true.into()),
        "{applied}"
    );
    assert_eq!(scene.username(&scene.jan).await, "jantje");

    let unknown = "00000000-0000-4000-8000-00000000ffff";
    let (_, judged) = scene
        .file(
            "judge?name=c.csv",
            &[row(&scene.noor, "jantje"), row(unknown, "x")],
        )
        .await;
    let faults = judged["faults"].as_array().unwrap();
    let told: Vec<_> = faults
        .iter()
        .map(|fault| (fault["line"].as_u64(), fault["rule"].as_str()))
        .collect();
    assert_eq!(
        told,
        [(Some(2), Some("name-held")), (Some(3), Some("unknown-person"))]
    );
    assert_eq!(
        faults[0]["message"],
        "Iemand anders heeft deze gebruikersnaam al. Kies een andere."
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_in_between_is_told_and_nothing_is_applied() {
    let scene = Scene::new().await;
    let rows = [row(&scene.jan, "jantje"), row(&scene.noor, "noortje")];
    let (_, judged) = scene.file("judge?name=c.csv", &rows).await;
    let fingerprint = judged["fingerprint"].as_str().unwrap();
    let set = [
        "usernames",
        "set",
        "--tenant",
        "zandpoort",
        "--user",
        &scene.tom,
        "noortje",
    ];
    scene.world.oneroster(&set).await.done();
    let apply = format!("apply?name=c.csv&fingerprint={fingerprint}");
    let (status, refused) = scene.file(&apply, &rows).await;
    assert_eq!(status, StatusCode::CONFLICT, "{refused}");
    assert_eq!(refused["error"]["code"], "changed-meanwhile");
    assert_eq!(refused["preview"]["faults"][0]["rule"], "name-held");
    assert_eq!(scene.username(&scene.jan).await, "jan.janssens");
    let (status, other) = scene.file(&apply, &[row(&scene.jan, "johan")]).await;
    assert_eq!(status, StatusCode::CONFLICT, "another file: {other}");
    let wanted = refused["preview"]["fingerprint"].as_str().unwrap();
    let (status, refused) = scene
        .file(&format!("apply?name=c.csv&fingerprint={wanted}"), &rows)
        .await;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &"refused".into())
    );
    assert_eq!(scene.username(&scene.jan).await, "jan.janssens");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_be_seen_is_refused_in_the_words_of_nobody() {
    let scene = Scene::new().await;
    let rights = secretary();
    let nobody = "00000000-0000-4000-8000-00000000ffff";
    for wanted in ["", "x"] {
        let judged = scene
            .judged(&rights, &[row(&scene.tom, wanted), row(nobody, wanted)])
            .await;
        let [hidden, unknown] = judged.faults.list() else {
            panic!("{judged:?}");
        };
        assert_eq!((hidden.rule, &hidden.message), (unknown.rule, &unknown.message));
        assert_eq!(hidden.rule, Rule::UnknownPerson);
    }
    let held = scene.judged(&rights, &[row(&scene.jan, "tom.peeters")]).await;
    let fault = &held.faults.list()[0];
    assert_eq!(fault.rule, Rule::NameHeld);
    assert!(
        !fault.message.contains("Tom") && !fault.message.contains(&scene.tom),
        "{fault:?}"
    );
    let bounds = Bounds {
        org: None,
        rights: Some(&rights),
    };
    let exported = check_file::export(scene.world.pool(), "zandpoort", FileFormat::Csv, bounds)
        .await
        .unwrap();
    let text = String::from_utf8(exported.bytes).unwrap();
    assert_eq!(exported.people, 2);
    assert!(text.contains("Noor") && !text.contains("Tom"), "{text}");
    let other = Bounds {
        org: Some("001508-1"),
        rights: Some(&rights),
    };
    let refused = check_file::export(scene.world.pool(), "zandpoort", FileFormat::Csv, other).await;
    let message = refused.unwrap_err().to_string();
    assert!(
        message.contains("001507-1, 001507-2") && !message.contains("001508-1, "),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_only_be_seen_is_passed_over_or_refused() {
    let scene = Scene::new().await;
    let rights = secretary();
    let passed = scene
        .judged(&rights, &[row(&scene.jan, "jantje"), row(&scene.noor, "")])
        .await;
    assert!(
        passed.faults.is_empty() && passed.corrections.len() == 1,
        "{passed:?}"
    );
    assert!(
        passed.remarks[0]
            .message
            .contains("1 row of people whose username you may not change")
    );
    let refused = scene.judged(&rights, &[row(&scene.noor, "noortje")]).await;
    assert_eq!(refused.faults.list()[0].rule, Rule::ReadOnly);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_too_large_is_refused_before_it_is_read() {
    let scene = Scene::new().await;
    let base = &scene.group.connection.base_url;
    let address = base.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let (length, cookie) = (check_file::BYTES_LIMIT + 1, scene.world.operator().await);
    let head = format!(
        "POST /desk/api/zandpoort/check-file/judge?name=c.csv HTTP/1.1\r\nhost: {address}\r\n\
         cookie: {cookie}\r\nsec-fetch-site: same-origin\r\n\
         content-type: application/octet-stream\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("groter dan 32 MB"), "{answer}");
}
