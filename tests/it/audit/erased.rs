//! `oneroster person erase`: afterwards nothing that this program keeps says who the person was, and nobody else gets their name.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use oneroster::accounts::{self, records};
use oneroster::audit::{Folder, Trail};
use oneroster::db::{Actor, Database, Migrations, scope};
use serde_json::Value;

use super::{client, folder_path, ran, run_lines};
use crate::harness::backup::{back_up, dump, restore};
use crate::harness::running::{self, Running};
use crate::harness::school::{LOTTE, School, school, tenant_file};
use crate::harness::{TestDatabase, as_server, command, database, encryption_key_file, owner_url};

/// Who is erased: a pupil with a name that nobody else has.
pub(super) const WILHELMINA: &str = "00000000-0000-4000-8000-0000000000a1";

/// What is theirs: names, usernames of before and now, birth date.
const TRACES: [&str; 4] = ["wilhelmina", "quackelbeen", "wilma.q", "2011-12-29"];

/// Makes the small school with sixty more pupils, of whom one is Wilhelmina.
pub(super) async fn with_wilhelmina(database: &TestDatabase) -> School {
    let school = school(&database.pool, "t").await;
    arrive(&school, WILHELMINA, 101).await;
    school
        .change(
            "insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam, geboortedatum)
                 select $1, n, ('00000000-0000-4000-8000-000000001' || n)::uuid, 'Maes' || n, 'An', '2010-01-01'
                 from generate_series(200, 258) n;
             insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus, hfdstructuur, schooljaar,
                 begindatum, status)
                 select tenant_id, n, n, instelnr, vestnrdiscimus, hfdstructuur, schooljaar, begindatum, status
                 from informat.inschrijving cross join generate_series(200, 258) n where tenant_id = $1 and p_inschr = 1",
        )
        .await;
    let mut transaction = scope::begin(&school.server, "t").await.unwrap();
    let allocated = records::allocate(&mut transaction, "t").await.unwrap();
    assert_eq!(allocated.created, 60);
    transaction.commit().await.unwrap();
    school
}

/// Enters a Wilhelmina Quackelbeen into the mirror.
pub(super) async fn arrive(school: &School, rowguid: &str, number: i64) {
    school
        .change(&format!(
            "insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam, geboortedatum)
                 values ($1, {number}, '{rowguid}', 'Quackelbeen', 'Wilhelmina', '2011-12-29');
             insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus, hfdstructuur, schooljaar,
                 begindatum, status)
                 select tenant_id, {number}, {number}, instelnr, vestnrdiscimus, hfdstructuur, schooljaar, begindatum, status
                 from informat.inschrijving where tenant_id = $1 and p_inschr = 1"
        ))
        .await;
}

/// Takes somebody out of the mirror, as a bundle does that has everybody but them.
pub(super) async fn leave(school: &School, number: i64) {
    school
        .change(&format!(
            "delete from informat.inschrijving where tenant_id = $1 and p_persoon = {number};
             delete from informat.persoon where tenant_id = $1 and p_persoon = {number}"
        ))
        .await;
}

pub(super) fn school_of(database: &TestDatabase) -> School {
    School {
        pool: database.pool.clone(),
        server: as_server(&database.pool),
        tenant_id: "t".to_owned(),
    }
}

/// Which traces are in a text, whatever the case.
pub(super) fn traces(text: &[u8]) -> BTreeSet<&'static str> {
    let text = String::from_utf8_lossy(text).to_lowercase();
    TRACES.into_iter().filter(|trace| text.contains(trace)).collect()
}

pub(super) fn traces_in_folder(folder: &Path) -> BTreeSet<&'static str> {
    let files = std::fs::read_dir(folder).unwrap();
    files
        .flat_map(|file| traces(&std::fs::read(file.unwrap().path()).unwrap()))
        .collect()
}

pub(super) fn traces_in_dump(database: &TestDatabase) -> BTreeSet<&'static str> {
    traces(dump(&owner_url(&database.url)).as_bytes())
}

/// Has another server's folder follow the trail.
pub(super) async fn follow_in(database: &TestDatabase, folder: &Path) {
    let mut trail = Trail::new(Folder::open(folder).unwrap(), "another server");
    let lack = trail.follow(&database.server, &database.server).await.unwrap();
    assert_eq!(lack, None);
}

pub(super) async fn refused_with(database: &TestDatabase, arguments: &[&str]) -> String {
    let ran = ran(database, arguments).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    ran.json["refused"]["rule"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

pub(super) const ERASE: [&str; 5] = ["person", "erase", "--tenant", "t", WILHELMINA];

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one person, in every place, before and after"
)]
async fn nothing_that_is_kept_says_who_an_erased_person_was_and_no_backup_brings_it_back() {
    let all = BTreeSet::from(TRACES);
    let database = database().await;
    drop(with_wilhelmina(&database).await);
    run_lines(
        &database,
        &[
            "publish --tenant t",
            &format!("usernames set --tenant t --user {WILHELMINA} wilma.quackelbeen"),
            &format!("usernames sync off --tenant t --user {WILHELMINA}"),
            &format!("usernames sync on --tenant t --user {WILHELMINA}"),
            "publish --tenant t",
        ],
    )
    .await;
    // Yesterday.
    let (backup, database) = back_up(&database).await;
    let school = school_of(&database);
    let others = tempfile::tempdir().unwrap();
    follow_in(&database, others.path()).await;

    assert_eq!(refused_with(&database, &ERASE).await, "still-in-source");
    leave(&school, 101).await;
    assert_eq!(refused_with(&database, &ERASE).await, "still-published");
    run_lines(&database, &["publish --tenant t"]).await;
    // The control: it is in each place, and the search finds it.
    assert_eq!(traces_in_dump(&database), all);
    assert_eq!(traces_in_folder(&folder_path(&database)), all);
    assert_eq!(traces_in_folder(others.path()), all);

    let erased = ran(&database, &ERASE).await;
    assert_eq!(traces(erased.stderr.as_bytes()), BTreeSet::new());
    let report = erased.done();
    assert_eq!(
        report,
        serde_json::json!({"person": WILHELMINA, "erased": {"username": true, "versions": 3},
                           "kept": {"name_hashes": 2, "tombstone": true}})
    );
    let nothing = BTreeSet::new();
    assert_eq!(traces_in_dump(&database), nothing);
    assert_eq!(traces_in_folder(&folder_path(&database)), nothing);
    follow_in(&database, others.path()).await;
    assert_eq!(traces_in_folder(others.path()), nothing);
    assert_eq!(
        refused_with(
            &database,
            &["usernames", "history", "--tenant", "t", "--user", WILHELMINA]
        )
        .await,
        "unknown-person"
    );
    // Who did it, of whom, stays; so does what is about others.
    let decisions = ran(&database, &["tenant", "decisions", "t"]).await.done();
    let decisions = decisions["decisions"].as_array().unwrap().clone();
    let is_erasure = |decision: &&Value| decision["decision"] == "person_erased";
    let erasures: Vec<&Value> = decisions.iter().filter(is_erasure).collect();
    assert_eq!(erasures.len(), 1, "{decisions:?}");
    assert_eq!(erasures[0]["detail"]["person"], WILHELMINA);
    let why = ran(&database, &["why", "--tenant", "t", WILHELMINA]).await.done();
    assert_eq!(
        (&why["reason"], &why["sourced_id"], &why["who"], &why["served"]),
        (
            &"erased".into(),
            &WILHELMINA.into(),
            &WILHELMINA.into(),
            &false.into()
        )
    );
    let (message, today) = (why["message"].as_str().unwrap(), school.today().await.to_string());
    assert!(message.contains(&today) && message.contains("os:"), "{message}");
    let lines = std::fs::read_to_string(folder_path(&database).join("t.jsonl")).unwrap();
    assert!(lines.contains("an.maes200") && lines.contains("an.maes258"));
    run_lines(&database, &["publish --tenant t"]).await;

    // Yesterday's backup has it all again, until it is brought forward.
    let database = restore(&database, &backup).await;
    assert_eq!(traces_in_dump(&database), all);
    let recovered = ran(&database, &["recover"]).await;
    assert_eq!(traces(recovered.stderr.as_bytes()), nothing);
    assert_eq!(recovered.done()["complete"], true);
    assert_eq!(traces_in_dump(&database), nothing);
    assert_eq!(traces_in_folder(&folder_path(&database)), nothing);
    follow_in(&database, others.path()).await;
    assert_eq!(traces_in_folder(others.path()), nothing);
    let again = ran(&database, &["recover"]).await.done();
    assert_eq!(again["tenants"], serde_json::json!([]));
    // The newest generation of the backup had them as active: consumers read nothing before the next one.
    let state = async || -> (bool, i64) {
        sqlx::query_as(
            "select awaits_publication, (select count(*) from roster.object_version
                 where kind = 'users' and sourced_id = $1 and status = 'active') from roster.head where tenant_id = 't'",
        )
        .bind(WILHELMINA)
        .fetch_one(&database.pool)
        .await
        .unwrap()
    };
    assert_eq!(state().await, (true, 0));
    run_lines(&database, &["publish --tenant t"]).await;
    assert_eq!(state().await, (false, 0));
    let (status, username): (String, String) = sqlx::query_as(
        "select status, content::json ->> 'username' from roster.object_version
         where kind = 'users' and sourced_id = $1 and until_number is null",
    )
    .bind(WILHELMINA)
    .fetch_one(&database.pool)
    .await
    .unwrap();
    assert_eq!((status.as_str(), username.as_str()), ("tobedeleted", WILHELMINA));
}

/// Erases her, and returns the school.
async fn erased(database: &TestDatabase) -> School {
    let school = with_wilhelmina(database).await;
    run_lines(
        database,
        &[
            "publish --tenant t",
            &format!("usernames set --tenant t --user {WILHELMINA} wilma.quackelbeen"),
            "publish --tenant t",
        ],
    )
    .await;
    leave(&school, 101).await;
    run_lines(database, &["publish --tenant t"]).await;
    ran(database, &ERASE).await.done();
    school
}

pub(super) async fn name_of(database: &TestDatabase, rowguid: &str) -> Option<String> {
    sqlx::query_scalar("select local_part from username.record where tenant_id = 't' and rowguid = $1::uuid")
        .bind(rowguid)
        .fetch_optional(&database.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn nobody_else_gets_the_names_of_an_erased_person_and_they_get_them_back() {
    let database = database().await;
    let school = erased(&database).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.toml");
    std::fs::write(&file, tenant_file("t")).unwrap();
    let file = file.to_str().unwrap();
    // Somebody of the same name; names are given out with the tenant file.
    let namesake = "00000000-0000-4000-8000-0000000000a2";
    let without_key = || {
        let mut without = command(&database.url, &["tenant", "apply", file]);
        without.env_remove("ONEROSTER_ENCRYPTION_KEY_FILE");
        without.output().unwrap()
    };
    let needs_no_name = without_key();
    assert!(needs_no_name.status.success(), "{needs_no_name:?}");
    arrive(&school, namesake, 102).await;
    // Without the key nobody can tell.
    let output = without_key();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.code() == Some(1) && said.contains("keys.encryption_key_file"),
        "{said}"
    );

    ran(&database, &["tenant", "apply", file]).await.done();
    assert_eq!(
        name_of(&database, namesake).await.as_deref(),
        Some("wilhelmina.quackelbeen2")
    );
    for wanted in ["wilhelmina.quackelbeen", "Wilma.Quackelbeen"] {
        let set = ["usernames", "set", "--tenant", "t", "--user", LOTTE, wanted];
        assert_eq!(refused_with(&database, &set).await, "of-erased", "{wanted}");
    }

    // Another encryption key leaves the hashes good.
    let new = folder.path().join("new-key");
    ran(
        &database,
        &["keys", "change-encryption-key", new.to_str().unwrap()],
    )
    .await
    .done();
    arrive(&school, WILHELMINA, 103).await;
    let refused = ran(&database, &["tenant", "apply", file]).await.refused();
    assert!(refused.contains("another encryption key"), "{refused}");
    let mut with_new = command(&database.url, &["tenant", "apply", file]);
    let output = with_new
        .env("ONEROSTER_ENCRYPTION_KEY_FILE", &new)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        name_of(&database, WILHELMINA).await.as_deref(),
        Some("wilhelmina.quackelbeen")
    );
    let set = [
        "usernames",
        "set",
        "--tenant",
        "t",
        "--user",
        WILHELMINA,
        "wilma.quackelbeen",
    ];
    let mut set = command(&database.url, &set);
    let output = set.env("ONEROSTER_ENCRYPTION_KEY_FILE", &new).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Somebody comes back: they get the name they had at the end, not the former one, and from then on it passes on like any other.
#[tokio::test]
async fn whoever_comes_back_gets_the_name_they_had_last_and_it_is_theirs_again() {
    let database = database().await;
    let school = with_wilhelmina(&database).await;
    run_lines(
        &database,
        &[
            &format!("usernames set --tenant t --user {WILHELMINA} wilhelmina.quackelbeen4"),
            "publish --tenant t",
        ],
    )
    .await;
    leave(&school, 101).await;
    run_lines(&database, &["publish --tenant t"]).await;
    ran(&database, &ERASE).await.done();
    arrive(&school, WILHELMINA, 103).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.toml");
    std::fs::write(&file, tenant_file("t")).unwrap();
    ran(&database, &["tenant", "apply", file.to_str().unwrap()])
        .await
        .done();
    let name = name_of(&database, WILHELMINA).await;
    assert_eq!(name.as_deref(), Some("wilhelmina.quackelbeen4"));
    let hashes: Vec<bool> =
        sqlx::query_scalar("select is_current from username.erased_name where tenant_id = 't'")
            .fetch_all(&database.pool)
            .await
            .unwrap();
    assert_eq!(hashes, [false], "only the former name is still kept from others");
    run_lines(
        &database,
        &[
            &format!("usernames set --tenant t --user {WILHELMINA} wilma.q"),
            &format!("usernames set --tenant t --user {LOTTE} wilhelmina.quackelbeen4"),
        ],
    )
    .await;
    let set = [
        "usernames",
        "set",
        "--tenant",
        "t",
        "--user",
        LOTTE,
        "wilhelmina.quackelbeen",
    ];
    assert_eq!(refused_with(&database, &set).await, "of-erased");
}

#[tokio::test]
async fn whoever_is_named_by_username_is_erased_and_a_second_time_says_when_it_was_done() {
    let database = database().await;
    let school = with_wilhelmina(&database).await;
    run_lines(
        &database,
        &[
            "publish --tenant t",
            &format!("usernames set --tenant t --user {WILHELMINA} wilma.quackelbeen"),
            "publish --tenant t",
        ],
    )
    .await;
    leave(&school, 101).await;
    run_lines(&database, &["publish --tenant t"]).await;
    let by_name = ["person", "erase", "--tenant", "t", "wilma.quackelbeen"];
    let erased = ran(&database, &[&by_name[..], &["--by", "Els"]].concat())
        .await
        .done();
    assert_eq!(erased["person"], WILHELMINA);
    assert_eq!(erased.get("before"), None);
    assert_eq!(refused_with(&database, &by_name).await, "unknown-person");
    let again = ran(&database, &ERASE).await.done();
    let today = school.today().await.to_string();
    assert_eq!(again["before"], serde_json::json!({ "day": today, "by": "Els" }));
}

/// A record that was forgotten leaves entries in the trail: they go too, and the name is free as `usernames forget` made it.
#[tokio::test]
async fn whoever_was_forgotten_can_be_erased() {
    let database = database().await;
    let school = with_wilhelmina(&database).await;
    run_lines(
        &database,
        &[&format!("usernames forget --tenant t --user {WILHELMINA}")],
    )
    .await;
    leave(&school, 101).await;
    assert_eq!(name_of(&database, WILHELMINA).await, None);
    assert!(traces_in_dump(&database).contains("quackelbeen"));
    let report = ran(&database, &ERASE).await.done();
    assert_eq!(report["kept"]["name_hashes"], 0, "{report}");
    assert_eq!(traces_in_dump(&database), BTreeSet::new());
    assert_eq!(traces_in_folder(&folder_path(&database)), BTreeSet::new());
    assert_eq!(refused_with(&database, &ERASE).await, "unknown-person");
}

/// Under another id they are the same person, who has their name: all ids go, or none.
#[tokio::test]
async fn whoever_got_another_id_is_erased_under_each() {
    let database = database().await;
    let school = with_wilhelmina(&database).await;
    let second = "00000000-0000-4000-8000-0000000000a9";
    leave(&school, 101).await;
    arrive(&school, second, 109).await;
    run_lines(
        &database,
        &[&format!(
            "usernames transfer --tenant t --from {WILHELMINA} --to {second}"
        )],
    )
    .await;
    assert_eq!(refused_with(&database, &ERASE).await, "still-in-source");
    assert_eq!(
        name_of(&database, second).await.as_deref(),
        Some("wilhelmina.quackelbeen")
    );
    leave(&school, 109).await;
    let report = ran(&database, &ERASE).await.done();
    assert_eq!(report["others"], serde_json::json!([second]));
    assert_eq!(traces_in_dump(&database), BTreeSet::new());
    assert_eq!(traces_in_folder(&folder_path(&database)), BTreeSet::new());
}

/// Somebody who came back after their erasure stays when an older backup is brought forward.
#[tokio::test]
async fn recover_erases_what_was_before_and_keeps_what_came_after() {
    let database = database().await;
    drop(with_wilhelmina(&database).await);
    run_lines(&database, &["publish --tenant t"]).await;
    let (backup, database) = back_up(&database).await;
    let school = school_of(&database);
    leave(&school, 101).await;
    // Before the erasure somebody else takes what was her name: it is theirs.
    run_lines(
        &database,
        &[
            &format!("usernames set --tenant t --user {WILHELMINA} wilma.q"),
            &format!("usernames set --tenant t --user {LOTTE} wilhelmina.quackelbeen"),
            "publish --tenant t",
        ],
    )
    .await;
    ran(&database, &ERASE).await.done();
    arrive(&school, WILHELMINA, 104).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.toml");
    std::fs::write(&file, tenant_file("t")).unwrap();
    ran(&database, &["tenant", "apply", file.to_str().unwrap()])
        .await
        .done();
    let names = (
        name_of(&database, WILHELMINA).await,
        name_of(&database, LOTTE).await,
    );
    assert_eq!(names.1.as_deref(), Some("wilhelmina.quackelbeen"));
    assert!(names.0.is_some());

    let database = restore(&database, &backup).await;
    assert_eq!(ran(&database, &["recover"]).await.done()["complete"], true);
    let after = (
        name_of(&database, WILHELMINA).await,
        name_of(&database, LOTTE).await,
    );
    assert_eq!(after, names);
}

/// Asks a server for a token, and returns it.
pub(super) async fn token_of(server: &Running, (client_id, secret): &(String, String)) -> String {
    let answer = reqwest::Client::new()
        .post(format!("{}/connect/token", server.base_url))
        .basic_auth(client_id, Some(secret))
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await
        .unwrap();
    let answer: Value = answer.json().await.unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

pub(super) async fn served_by(server: &Running, token: &str, path: &str) -> String {
    let asked = reqwest::Client::new().get(format!("{}{path}", server.base_url));
    asked
        .bearer_auth(token)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_server_forgets_within_seconds_and_says_so_in_its_own_folder() {
    let database = database().await;
    let school = with_wilhelmina(&database).await;
    let made = client(&database, "sds").await;
    run_lines(&database, &["publish --tenant t"]).await;
    leave(&school, 101).await;
    run_lines(&database, &["publish --tenant t"]).await;
    let others = tempfile::tempdir().unwrap();
    let mut settings = running::settings(&database.url);
    settings.audit.dir = Some(others.path().to_owned());
    let server = Running::start(&settings).await;
    let token = token_of(&server, &made).await;
    let path = format!("/ims/oneroster/v1p1/users/{WILHELMINA}");
    let before = served_by(&server, &token, &path).await;
    assert!(!traces(before.as_bytes()).is_empty(), "{before}");
    ran(&database, &ERASE).await.done();
    let forgotten = async {
        loop {
            let page = served_by(&server, &token, &path).await;
            if traces(page.as_bytes()).is_empty() && traces_in_folder(others.path()).is_empty() {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let page = tokio::time::timeout(Duration::from_secs(15), forgotten)
        .await
        .unwrap();
    assert!(
        page.contains("tobedeleted") && page.contains(WILHELMINA),
        "{page}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_erased_while_a_token_reads_them_as_active_and_nobody_reads_them_so_afterwards() {
    let database = database().await;
    let school = with_wilhelmina(&database).await;
    let made = client(&database, "sds").await;
    run_lines(&database, &["publish --tenant t"]).await;
    let server = Running::start(&running::settings(&database.url)).await;
    let token = token_of(&server, &made).await;
    let path = format!("/ims/oneroster/v1p1/users/{WILHELMINA}");
    assert!(served_by(&server, &token, &path).await.contains("active"));
    leave(&school, 101).await;
    run_lines(&database, &["publish --tenant t"]).await;
    assert_eq!(refused_with(&database, &ERASE).await, "still-read");
    let refused = ran(&database, &ERASE).await;
    // People read the clock of Brussels.
    assert!(
        refused.stderr.contains(":00 at the latest") && !refused.stderr.contains("Z at"),
        "{refused:?}"
    );
    // The token would have ended; it has not, so it shows what the last reader could see.
    sqlx::query("update roster.generation set published_at = now() - interval '1 minute' where tenant_id = 't' and number > 1")
        .execute(&database.pool)
        .await
        .unwrap();
    ran(&database, &ERASE).await.done();
    let forgotten = async {
        loop {
            let page = served_by(&server, &token, &path).await;
            if traces(page.as_bytes()).is_empty() {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let page = tokio::time::timeout(Duration::from_secs(15), forgotten)
        .await
        .unwrap();
    assert!(!page.contains("\"active\""), "{page}");
    run_lines(&database, &["publish --tenant t"]).await;
    // In a database that went back no token is handed out before the next publication.
    sqlx::query("update roster.head set awaits_publication = true where tenant_id = 't'")
        .execute(&database.pool)
        .await
        .unwrap();
    let refused = reqwest::Client::new()
        .post(format!("{}/connect/token", server.base_url))
        .basic_auth(&made.0, Some(&made.1))
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 503);
    server.stop().await;
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "years of one person")]
async fn whoever_has_been_gone_for_years_is_erased() {
    let database = database().await;
    let school = with_wilhelmina(&database).await;
    run_lines(&database, &["publish --tenant t"]).await;
    leave(&school, 101).await;
    let actor = Actor {
        by: "system".to_owned(),
        origin: "test".to_owned(),
        encryption_key_file: Some(encryption_key_file()),
    };
    let settings = running::settings(&database.url).database;
    let opened = Database::open_as(&settings, Migrations::Require, Some(actor))
        .await
        .unwrap();
    let absent = "select count(*) from username.record where tenant_id = 't' and absent_since is not null";
    let note = async || {
        let mut transaction = scope::begin(opened.pool(), "t").await.unwrap();
        records::absence::note(&mut transaction, "t").await.unwrap();
        transaction.commit().await.unwrap();
        sqlx::query_scalar::<_, i64>(absent)
            .fetch_one(&database.pool)
            .await
            .unwrap()
    };
    assert_eq!(note().await, 1);
    arrive(&school, WILHELMINA, 101).await;
    assert_eq!(note().await, 0, "they are back");
    leave(&school, 101).await;
    assert_eq!(note().await, 1);
    let erase = async || {
        accounts::retention::of_tenant(opened.pool(), "t", 1826)
            .await
            .unwrap()
    };
    let gone_for = async |days: i32| {
        sqlx::query("update username.record set absent_since = current_date - $1::integer where absent_since is not null")
            .bind(days)
            .execute(&database.pool)
            .await
            .unwrap();
    };
    let statement = async |statement: &'static str| {
        sqlx::query(statement).execute(&database.pool).await.unwrap();
    };
    statement(
        "insert into informat.lading (tenant_id, delta, gewijzigd, rijen) values ('t', false, true, '{}')",
    )
    .await;
    gone_for(1830).await;
    assert_eq!(erase().await, 0, "known since today only");
    statement("update username.record set created_at = now() - interval '2000 days'").await;
    gone_for(1820).await;
    assert_eq!(erase().await, 0);
    gone_for(1830).await;
    assert_eq!(erase().await, 0, "still published");
    run_lines(&database, &["publish --tenant t"]).await;
    statement("update informat.lading set geladen_op = now() - interval '91 days'").await;
    assert_eq!(erase().await, 0, "nothing was loaded for long");
    statement("update informat.lading set geladen_op = now()").await;
    let kept =
        "create temporary table kept as select rowguid from username.record where absent_since is null";
    let mut connection = database.pool.acquire().await.unwrap();
    sqlx::query(kept).execute(&mut *connection).await.unwrap();
    sqlx::query("update username.record set absent_since = current_date - 1900 where absent_since is null")
        .execute(&mut *connection)
        .await
        .unwrap();
    assert_eq!(erase().await, 0, "that would be everybody");
    sqlx::query("update username.record set absent_since = null where rowguid in (select rowguid from kept)")
        .execute(&mut *connection)
        .await
        .unwrap();
    drop(connection);
    // While the clocks are apart nobody goes.
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let apart = tokio::spawn(accounts::retention::run(
        opened.pool().clone(),
        1826,
        || true,
        stopping,
    ));
    tokio::time::sleep(Duration::from_secs(1)).await;
    stop.send(true).unwrap();
    apart.await.unwrap();
    assert!(name_of(&database, WILHELMINA).await.is_some());
    // Two servers look at the same time: one of them erases her.
    let (one, other) = tokio::join!(erase(), erase());
    assert_eq!(one + other, 1);
    let erasures: i64 =
        sqlx::query_scalar("select count(*) from tenant.decision where decision = 'person_erased'")
            .fetch_one(&database.pool)
            .await
            .unwrap();
    assert_eq!(erasures, 1);
    assert_eq!(name_of(&database, WILHELMINA).await, None);
    assert_eq!(traces_in_dump(&database), BTreeSet::new());
    opened.close().await;
}

/// A server's own role changes no entry, but for what an erasure on record takes out of it.
#[tokio::test]
async fn no_entry_is_changed_but_by_an_erasure() {
    let database = database().await;
    drop(erased(&database).await);
    let key = "update audit.entry set source = null, key = null, before = null, after = null, rows = null, erased_at = now(),
                   detail = jsonb_build_object('erased', source)";
    for statement in [
        "update audit.entry set detail = '{}' where detail is not null".to_owned(),
        "update audit.entry set after = after || '{\"local_part\": \"x\"}', erased_at = now() where source = 'username.record' and after is not null".to_owned(),
        format!("{key} where source = 'tenant.tenant'"),
        format!("{key} where source = 'username.change' and after ->> 'rowguid' = '{LOTTE}'"),
        "update audit.entry set rows = '[]', erased_at = now() where rows is not null".to_owned(),
        // That it names somebody who was erased is not enough.
        format!("{key} where source = 'username.record' and key ->> 'rowguid' = '{LOTTE}'"),
        format!("{key} where rows is not null"),
        // Of one row nothing is taken as if it were of several.
        format!(
            "update audit.entry set before = null, after = null, erased_at = now()
             where source like 'username.%' and rows is null and key ->> 'rowguid' = '{LOTTE}'"
        ),
    ] {
        let mut transaction = scope::begin(&database.server, "t").await.unwrap();
        let done = sqlx::query(sqlx::AssertSqlSafe(statement.clone())).execute(&mut *transaction).await;
        match done {
            Ok(done) => assert_eq!(done.rows_affected(), 0, "{statement}"),
            Err(error) => {
                let code = error.as_database_error().unwrap().code().unwrap().into_owned();
                assert_eq!(code, "42501", "{statement}");
            }
        }
    }
}
