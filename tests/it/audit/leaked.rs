//! What was erased is nowhere: a person who came by bundles, under a damaged name and a former username, who was published, pulled, exported
//! and looked up, is searched for in every place where this program writes, before and after. The search is shown to find what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use oneroster::config;
use oneroster::db::{Database, Migrations, scope};
use serde_json::Value;

use super::erased::WILHELMINA;
use super::{TestDatabase, client, folder_path, ran, ran_in, run_lines};
use crate::harness::backup::{back_up, dump, restore};
use crate::harness::school::{BERT, JAN, LOTTE, School, school};
use crate::harness::{command, database, encryption_key_file, owner_url, program};

/// What is theirs: names, as they came damaged and mended, usernames of before and now, birth date.
const TRACES: [&str; 7] = [
    "wilhelmina",
    "quackelbeën",
    "quackelbe\u{fffd}n",
    "quackelben",
    "wilma.q",
    "2011-12-29",
    "29/12/2011",
];

const PATIENCE: Duration = Duration::from_secs(30);

const FORMATS: [&str; 5] = ["sds-v1", "sds-v1-uk", "sds-v2.1", "oneroster-csv", "clever"];

/// Which traces are in a text, whatever the case; also in JSON with escapes, in JSON within JSON, and in quoted cells of CSV.
fn traces(text: &[u8]) -> BTreeSet<&'static str> {
    let text = plain(&String::from_utf8_lossy(text));
    TRACES.into_iter().filter(|trace| text.contains(trace)).collect()
}

/// Takes escapes and doubled quotes away, and makes it lower case.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find('\\') {
        plain.push_str(&rest[..place]);
        rest = rest[place..].trim_start_matches('\\');
        let code = rest.strip_prefix('u').and_then(|rest| rest.get(..4));
        let escaped = code.and_then(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?));
        if let Some(escaped) = escaped {
            plain.push(escaped);
            rest = &rest[5..];
        }
    }
    plain.push_str(rest);
    plain.replace("\"\"", "\"").to_lowercase()
}

#[test]
fn the_search_finds_what_is_there() {
    for text in [
        "Wilhelmina",
        r#"{"givenName":"W\u0069lhelmina"}"#,
        r#"{"detail":"{\"familyName\":\"Quackelbe\\u00ebn\"}"}"#,
        r#"7,"Quackelbeën",x"#,
        "QUACKELBEËN",
        r"x\tQuackelbe\u00EBn",
        "WILMA.Q@school.be",
        "2011-12-29",
        "Quackelbe\u{fffd}n",
    ] {
        assert_eq!(traces(text.as_bytes()).len(), 1, "{text}");
    }
    assert_eq!(plain(r#"a ""b"" \"c\" \\"#), r#"a "b" "c" "#);
    assert_eq!(traces(br"wilma Quackelb\u00ebn 2011-12-2 \u"), BTreeSet::new());
}

/// Every file in a folder, at whatever depth.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn traces_in(folder: &Path) -> BTreeSet<&'static str> {
    let found = files(folder).into_iter();
    // A file that is replaced meanwhile has nothing.
    found
        .flat_map(|file| traces(&std::fs::read(file).unwrap_or_default()))
        .collect()
}

/// Writes a bundle of sixty pupils and a teacher, with Wilhelmina if she has a family name.
fn bundle(path: &Path, begin: &str, family_name: Option<&str>) {
    let mut people = format!(
        "p_persoon,rowguid,naam,voornaam,geboortedatum,changed\n1,{JAN},Janssens,Jan,,\n2,{LOTTE},Peeters,Lotte,,\n3,{BERT},Ameel,Bert,,\n"
    );
    let site = "001507,1,311,2026-27";
    let mut registrations = format!(
        "p_inschr,p_persoon,instelnr,vestnrdiscimus,hfdstructuur,schooljaar,begindatum,einddatum,status,changed\n\
         1,1,{site},{begin},,0,\n2,2,{site},{begin},,0,\n"
    );
    let a_pupil = |number: u32| {
        format!("{number},00000000-0000-4000-8000-000000001{number},Maes{number},An,2010-01-01,\n")
    };
    let registration = |number: u32| format!("{number},{number},{site},{begin},,0,\n");
    for number in 200..258 {
        people += &a_pupil(number);
        registrations += &registration(number);
    }
    if let Some(family_name) = family_name {
        people.extend([
            "101,",
            WILHELMINA,
            ",\"",
            family_name,
            "\",Wilhelmina,2011-12-29,\n",
        ]);
        registrations += &registration(101);
    }
    let mut archive = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, text) in [("persoon.csv", people), ("inschrijving.csv", registrations)] {
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
}

/// A process of the program that is killed when it is dropped.
struct Process(Child);

impl Process {
    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server as it runs in earnest, in a process of its own, with a log that says much.
struct Served {
    _process: Process,
    base_url: String,
}

impl Served {
    async fn start(database: &TestDatabase, folder: &Path, log: PathBuf) -> Self {
        let child = command(&database.url, &["serve"])
            .env("ONEROSTER_AUDIT_DIR", folder)
            .env("ONEROSTER_LISTEN", "127.0.0.1:0")
            .env("ONEROSTER_LOG", "debug")
            .env("ONEROSTER_LOG_JSON", "true")
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let process = Process(child);
        let address = until("the server listens", || {
            let text = std::fs::read_to_string(&log).unwrap();
            let mut lines = text
                .lines()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok());
            lines.find_map(|line| Some(line["address"].as_str()?.to_owned()))
        });
        Self {
            _process: process,
            base_url: format!("http://{}", address.await),
        }
    }

    async fn token(&self, (client_id, secret): &(String, String)) -> Option<String> {
        let asked = reqwest::Client::new().post(format!("{}/connect/token", self.base_url));
        let answer = asked
            .basic_auth(client_id, Some(secret))
            .form(&[("grant_type", "client_credentials")])
            .send()
            .await
            .unwrap();
        let answer: Value = answer.json().await.unwrap();
        Some(answer["access_token"].as_str()?.to_owned())
    }

    async fn user(&self, client: &(String, String)) -> String {
        let token = self.token(client).await.unwrap();
        let path = format!("{}/ims/oneroster/v1p1/users/{WILHELMINA}", self.base_url);
        let answer = reqwest::Client::new().get(path).bearer_auth(token).send().await;
        answer.unwrap().text().await.unwrap()
    }
}

/// Waits until there is something.
async fn until<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look() {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking)
        .await
        .unwrap_or_else(|_| panic!("not within {PATIENCE:?}: {what}"))
}

/// What this program says and hands out about her, by place: made anew each time it is asked.
async fn handed_out(database: &TestDatabase, place: &Path) -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut found = BTreeMap::new();
    for format in FORMATS {
        for generation in ["1", "2"] {
            let path = place.join(format!("{format}-{generation}"));
            let path = path.to_str().unwrap();
            let arguments = [
                "export",
                "--tenant",
                "t",
                "--format",
                format,
                "--generation",
                generation,
                path,
            ];
            // Not every format can say every generation: what is refused has nothing.
            if ran(database, &arguments).await.code == Some(0) {
                found.insert(
                    format!("{format} of generation {generation}"),
                    traces_in(Path::new(path)),
                );
            }
        }
    }
    let check_file = place.join("check.csv");
    let path = check_file.to_str().unwrap();
    ran(database, &["usernames", "export", "--tenant", "t", path])
        .await
        .done();
    found.insert(
        "check file".to_owned(),
        traces(&std::fs::read(&check_file).unwrap()),
    );
    let object = format!("users/{WILHELMINA}");
    for arguments in [
        &["history", "--tenant", "t", "--object", object.as_str()][..],
        &["usernames", "list", "--tenant", "t"],
        &["usernames", "history", "--tenant", "t", "--user", WILHELMINA],
        &["why", "--tenant", "t", WILHELMINA],
        &["tenant", "decisions", "t"],
        &["health", "--tenant", "t"],
        &["preview", "--tenant", "t"],
    ] {
        let said = ran(database, arguments).await;
        let text = format!("{}{}", said.json, said.stderr);
        found.insert(arguments.join(" "), traces(text.as_bytes()));
    }
    found
}

fn nowhere(found: &BTreeMap<String, BTreeSet<&'static str>>) {
    let left: Vec<_> = found.iter().filter(|(_, traces)| !traces.is_empty()).collect();
    assert_eq!(left, Vec::<(&String, &BTreeSet<&str>)>::new());
}

async fn is_decided(database: &TestDatabase) -> bool {
    sqlx::query_scalar("select exists (select from tenant.decision where decision = 'person_erased')")
        .fetch_one(&database.pool)
        .await
        .unwrap()
}

/// Runs the erasure, and kills it after its commit, before it has written the file of the trail anew.
async fn erase_and_kill(database: &TestDatabase) {
    let file = folder_path(database).join("t.jsonl");
    let held = std::fs::File::open(&file).unwrap();
    held.lock().unwrap();
    let erasing = command(&database.url, &["person", "erase", "--tenant", "t", WILHELMINA])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let erasing = Process(erasing);
    let committed = async {
        while !is_decided(database).await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, committed).await.unwrap();
    erasing.kill();
    drop(held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(
    clippy::too_many_lines,
    reason = "one person, in every place, before and after"
)]
async fn an_erased_person_is_in_no_place_where_this_program_writes() {
    let nothing = BTreeSet::new();
    let (beside, of_server, temporary) = (
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let database = database().await;
    let begin = {
        let small: School = school(&database.pool, "t").await;
        (small.today().await - chrono::Days::new(60)).to_string()
    };
    // She comes damaged, gets a username of it, and another one by hand; then her name is mended.
    let archive = beside.path().join("bundle.zip");
    let archive_path = archive.to_str().unwrap();
    let import = ["import", "--tenant", "t", archive_path];
    bundle(&archive, &begin, Some("Quackelbe\u{fffd}n"));
    let accepting = [&import[..], &["--accept", "replacement-character", "--by", "Els"]].concat();
    ran(&database, &accepting).await.done();
    run_lines(
        &database,
        &[
            &format!("usernames sync --tenant t on --user {WILHELMINA}"),
            "publish --tenant t",
            &format!("usernames set --tenant t --user {WILHELMINA} wilma.q"),
        ],
    )
    .await;
    bundle(&archive, &begin, Some("Quackelbeën"));
    ran(&database, &import).await.done();
    run_lines(&database, &["publish --tenant t"]).await;
    let sds = client(&database, "sds").await;
    let feeder = client(&database, "feeder").await;
    run_lines(
        &database,
        &[&format!("client set --tenant t {} import=true", feeder.0)],
    )
    .await;
    let (backup, database) = back_up(&database).await;
    let server = Served::start(&database, of_server.path(), temporary.path().join("server.log")).await;

    // The control: the search finds her in each place where she can be.
    assert!(!traces(server.user(&sds).await.as_bytes()).is_empty());
    let before = handed_out(&database, beside.path()).await;
    let silent: Vec<&String> = before
        .iter()
        .filter(|(_, traces)| traces.is_empty())
        .map(|(place, _)| place)
        .collect();
    // It counts.
    assert_eq!(silent, ["preview --tenant t"], "{before:?}");
    assert!(before["check file"].contains("29/12/2011"), "{before:?}");
    let in_files = BTreeSet::from(["wilhelmina", "quackelbeën", "quackelben", "wilma.q", "2011-12-29"]);
    let found = traces(dump(&owner_url(&database.url)).as_bytes());
    assert!(found.is_superset(&in_files), "{found:?}");
    let recorded = traces_in(&folder_path(&database));
    assert!(
        recorded.is_superset(&BTreeSet::from([
            "wilhelmina",
            "quackelben",
            "wilma.q",
            "2011-12-29"
        ])),
        "{recorded:?}"
    );
    until("the server's folder has it", || {
        (traces_in(of_server.path()) == recorded).then_some(())
    })
    .await;

    // A bundle without her comes by HTTP, and is published by the server.
    bundle(&archive, &begin, None);
    let token = server.token(&feeder).await.unwrap();
    let put = reqwest::Client::new().put(format!("{}/operator/bundle", server.base_url));
    let answer = put
        .bearer_auth(token)
        .body(std::fs::read(&archive).unwrap())
        .send()
        .await
        .unwrap();
    let (status, report) = (answer.status(), answer.text().await.unwrap());
    assert_eq!(status, 200, "{report}");
    run_lines(&database, &["publish --tenant t"]).await;
    // What tokens were promised is over.
    sqlx::query(
        "update roster.generation set published_at = now() - interval '1 minute' where tenant_id = 't'",
    )
    .execute(&database.pool)
    .await
    .unwrap();

    erase_and_kill(&database).await;
    assert_eq!(traces(dump(&owner_url(&database.url)).as_bytes()), nothing);
    // The control of the kill: the file of the command still has her.
    assert!(traces_in(&folder_path(&database)).is_superset(&recorded));
    // Whatever starts next writes it anew.
    let next = Served::start(
        &database,
        &folder_path(&database),
        temporary.path().join("next.log"),
    )
    .await;
    for folder in [folder_path(&database), of_server.path().to_owned()] {
        until("no folder has it", || traces_in(&folder).is_empty().then_some(())).await;
    }
    for server in [&server, &next] {
        let user = server.user(&sds).await;
        assert!(
            user.contains("tobedeleted") && traces(user.as_bytes()).is_empty(),
            "{user}"
        );
    }
    let after = tempfile::tempdir().unwrap();
    nowhere(&handed_out(&database, after.path()).await);
    drop((server, next));

    // Yesterday's dump has her, until it is brought forward.
    let database = restore(&database, &backup).await;
    assert!(traces(dump(&owner_url(&database.url)).as_bytes()).is_superset(&in_files));
    // With each folder: what the server promised stands in its own.
    for folder in [folder_path(&database), of_server.path().to_owned()] {
        let recovered = ran_in(&database, &folder, &["recover"]).await.done();
        assert_eq!(recovered["complete"], true, "{recovered}");
    }
    assert_eq!(traces(dump(&owner_url(&database.url)).as_bytes()), nothing);
    let again = Served::start(&database, of_server.path(), temporary.path().join("again.log")).await;
    run_lines(&database, &["publish --tenant t"]).await;
    let after = tempfile::tempdir().unwrap();
    let told = handed_out(&database, after.path()).await;
    // The data of Informat are those of yesterday, without her.
    nowhere(&told);
    for folder in [folder_path(&database), of_server.path().to_owned()] {
        assert_eq!(traces_in(&folder), nothing, "{folder:?}");
    }
    drop(again);
    // Logs have ids and never names, and there is nothing else in the folder of the logs.
    for log in files(temporary.path()) {
        let text = std::fs::read(&log).unwrap();
        assert!(text.len() > 10_000, "{log:?} is a log that says much");
        assert_eq!(traces(&text), nothing, "{log:?}");
    }
}

/// Runs the program on a data directory.
async fn on(data_dir: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = program(arguments);
    command
        .arg("--data-dir")
        .arg(data_dir)
        .env("ONEROSTER_ENCRYPTION_KEY_FILE", encryption_key_file());
    let output = tokio::process::Command::from(command).output().await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

/// Which traces are in a data directory, but for the folder that is Postgres's own.
fn traces_beside_cluster(data_dir: &Path) -> BTreeSet<&'static str> {
    let is_beside = |file: &PathBuf| !file.ancestors().any(|folder| folder.join("PG_VERSION").is_file());
    let beside: Vec<PathBuf> = files(data_dir).into_iter().filter(is_beside).collect();
    assert!(
        beside.iter().any(|file| file.ends_with("postgres.log")),
        "{beside:?}"
    );
    beside
        .iter()
        .flat_map(|file| traces(&std::fs::read(file).unwrap()))
        .collect()
}

/// The embedded Postgres has a log beside its cluster, and the trail has its folder there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_person_is_nowhere_in_a_data_directory_beside_the_cluster() {
    let place = tempfile::tempdir().unwrap();
    let data_dir = place.path().join("data");
    let done = async |arguments: &[&str]| {
        let (code, said) = on(&data_dir, arguments).await;
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
    };
    let bundle = place.path().join("bundle");
    let bundle = bundle.to_str().unwrap();
    done(&["migrate"]).await;
    done(&["generate", bundle, "--pupils", "40", "--seed", "3"]).await;
    done(&["tenant", "apply", &format!("{bundle}/tenant.toml")]).await;
    done(&["import", "--tenant", "demo", bundle]).await;
    let settings = config::Database {
        data_dir: Some(data_dir.clone()),
        ..config::Database::default()
    };
    {
        let opened = Database::open(&settings, Migrations::ApplyIfPrivate)
            .await
            .unwrap();
        // She is in the records and not in Informat's data, as whoever left.
        let enter = async |person: &str| {
            let mut transaction = scope::begin(opened.pool(), "demo").await.unwrap();
            let statement = format!(
                "insert into username.record (tenant_id, rowguid, local_part, sync, origin, p_persoon, given_name, family_name, birth_date)
                 values ('demo', '{person}', 'wilma.q', false, 'generated', 9999, 'wilhelmina', 'quackelbeën', '2011-12-29')"
            );
            let done = sqlx::query(sqlx::AssertSqlSafe(statement))
                .execute(&mut *transaction)
                .await;
            transaction.commit().await.unwrap();
            done
        };
        enter(WILHELMINA).await.unwrap();
        // What fails is in Postgres's log.
        assert!(enter("00000000-0000-4000-8000-0000000000a2").await.is_err());
        opened.close().await;
    }
    // The next command writes what was entered.
    done(&["publish", "--tenant", "demo"]).await;
    let found = traces_beside_cluster(&data_dir);
    assert!(
        found.is_superset(&BTreeSet::from(["wilhelmina", "wilma.q", "2011-12-29"])),
        "{found:?}"
    );
    let log = std::fs::read(data_dir.join("postgres.log")).unwrap();
    assert!(
        String::from_utf8_lossy(&log).contains("record_local_part_unique"),
        "what failed is in the log"
    );
    assert_eq!(traces(&log), BTreeSet::new());
    done(&["person", "erase", "--tenant", "demo", WILHELMINA]).await;
    assert_eq!(traces_beside_cluster(&data_dir), BTreeSet::new());
}
