//! Every `--help` ends with one example, and the example works: taken from the tree of commands and run on a prepared school.

#![cfg(test)]

mod documented;

use std::path::Path;
use std::process::{Command, Output};

use chrono::Days;
use clap::CommandFactory;
use oneroster::accounts::records;
use oneroster::auth::client;
use oneroster::cli::Cli;
use tempfile::TempDir;

use crate::harness::running::{self, Running};
use crate::harness::school::{BERT, JAN, LOTTE, School, school, tenant_file};
use crate::harness::{TestDatabase, binary, database};

/// The id of the client in the examples.
const CLIENT_ID: &str = "zandpoort.k7f2m9q4x1w8";

/// Examples that serve until they are stopped: read only. `tests/it/embedded.rs` and `running` run such commands.
const READ_ONLY: [&str; 3] = [
    "oneroster demo",
    "oneroster demo --pupils 500",
    "oneroster serve --listen 127.0.0.1:8080",
];

/// What takes away what other examples need.
const LAST: [&str; 12] = [
    "admin create-user",
    "teams-cleanup",
    "usernames import",
    "usernames set",
    "usernames transfer",
    "client revoke",
    "usernames swap",
    "keys retire",
    "person forget-name",
    "person erase",
    "tenant remove",
    "keys change-encryption-key",
];

/// Returns every command below another, itself included, with its words.
fn commands(command: &clap::Command, words: &str) -> Vec<(String, clap::Command)> {
    let below = command.get_subcommands().flat_map(|below| {
        let words = format!("{words} {}", below.get_name());
        commands(below, &words)
    });
    [(words.to_owned(), command.clone())]
        .into_iter()
        .chain(below)
        .collect()
}

/// Returns the line of a command's example.
fn example(words: &str, command: &clap::Command) -> String {
    let help = command
        .get_after_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    let example = help.strip_prefix("Example:\n  ").unwrap_or_default();
    assert!(
        example.starts_with(words) && !example.contains('\n'),
        "`{words} --help` has no example of its own: {help:?}"
    );
    example.to_owned()
}

fn examples() -> Vec<String> {
    let root = Cli::command();
    let mut examples: Vec<String> = commands(&root, "oneroster")
        .iter()
        .map(|(words, command)| example(words, command))
        .collect();
    examples.sort_by_key(|example| LAST.iter().position(|last| example.contains(last)));
    examples
}

#[test]
fn every_example_can_be_read() {
    for example in examples() {
        let line = example.split(" > ").next().unwrap();
        let words = line.replace("\"School Data Sync\"", "SDS");
        let read = Cli::command().try_get_matches_from(words.split(' '));
        assert!(read.is_ok(), "{example}: {read:?}");
    }
}

/// The options of a command stand apart from those that every command takes.
#[test]
fn global_options_have_a_heading_of_their_own() {
    for (words, command) in commands(&Cli::command(), "oneroster") {
        let help = Command::new(binary())
            .args(words.split(' ').skip(1))
            .arg("--help")
            .output()
            .unwrap();
        let help = String::from_utf8(help.stdout).unwrap();
        let (own, global) = help
            .split_once("\nGlobal options:\n")
            .unwrap_or_else(|| panic!("{help}"));
        for option in ["--config", "--data-dir", "--json"] {
            assert!(
                global.contains(option) && !own.contains(option),
                "{words} {option}: {help}"
            );
        }
        assert!(command.get_after_help().is_some(), "{words}");
    }
}

#[tokio::test]
async fn every_example_works() {
    let (database, folder) = prepared().await;
    let secret = client(&database).await;
    std::fs::write(folder.path().join("secret.txt"), &secret).unwrap();
    let server = Running::start(&running::settings(&database.url)).await;
    signing_key(&database).await;
    let mut ran = 0;
    for example in examples() {
        if READ_ONLY.contains(&example.as_str()) {
            continue;
        }
        let line = example
            .replace("http://localhost:8080", &server.base_url)
            .replace("127.0.0.1:8080", &server.address.to_string())
            .replace("SECRET", &secret);
        for json in ["", " --json"] {
            let line = match line.split_once(" > ") {
                Some((command, file)) => format!("{command}{json} > {file}"),
                None => format!("{line}{json}"),
            };
            // The same twice is refused where it must be: by then it is done.
            let is_once = LAST.iter().any(|last| example.contains(last)) && !json.is_empty();
            let output = shell(&line, folder.path(), &database.url).await;
            assert!(
                is_once || output.status.success(),
                "{line}\n{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
            judge(&line, &String::from_utf8_lossy(&output.stdout), !json.is_empty());
            judge(&line, &String::from_utf8_lossy(&output.stderr), false);
        }
        ran += 1;
    }
    server.stop().await;
    assert!(ran >= 25, "only {ran} examples were run");
}

/// The signing key of the example that retires one.
async fn signing_key(database: &TestDatabase) {
    sqlx::query(
        "insert into auth.signing_key (key_id, sealed_key, sealed_with, public_x, public_y, signs_from, signs_to, verifies_until)
         values ('2xk1n9Q4x1w8Zt0mJ7c5yVbLr3sD6fGhAeUoIiPqKjM', 'x', 'x', 'x', 'x', now(), now(), now() + interval '1 day')",
    )
    .execute(&database.pool)
    .await
    .unwrap();
}

async fn shell(line: &str, folder: &Path, url: &str) -> Output {
    let line = format!("PATH={}:$PATH; {line}", binary().parent().unwrap().display());
    tokio::process::Command::new("sh")
        .args(["-c", &line])
        .current_dir(folder)
        .env("DATABASE_URL", url)
        .env("ONEROSTER_DATABASE_OWNER_URL", crate::harness::owner_url(url))
        .env("ONEROSTER_AUDIT_DIR", crate::harness::audit_dir(url))
        .env(
            "ONEROSTER_ENCRYPTION_KEY_FILE",
            crate::harness::encryption_key_file(),
        )
        .output()
        .await
        .unwrap()
}

/// Every moment has the one form that its readers expect, and no noun in the plural follows a 1.
fn judge(line: &str, text: &str, is_json: bool) {
    for moment in moments(text) {
        let rest: String = moment.chars().skip("2026-11-26T20:02:32".len()).collect();
        let is_fine = if is_json {
            moment.contains('T') && rest.starts_with('.') && rest.chars().nth(4) == Some('Z')
        } else {
            // A line of the log is for programs too.
            rest.starts_with(" +0") || (rest.starts_with('.') && rest.chars().nth(4) == Some('Z'))
        };
        assert!(is_fine, "{line}: {moment}");
    }
    // `1 deleted rows` is as wrong as `1 rows`.
    let adjectives = ["single", "deleted", "token", "data", "Link"];
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| !adjectives.contains(word))
        .collect();
    let nouns = [
        "usernames",
        "users",
        "people",
        "pages",
        "rows",
        "orgs",
        "classes",
        "enrollments",
        "members",
        "answers",
        "collections",
        "objects",
        "references",
        "requests",
        "filters",
        "booleans",
        "associations",
        "refusals",
        "headers",
        "rules",
        "times",
        "secrets",
        "faults",
        "errors",
        "warnings",
        "domains",
        "migrations",
        "pupils",
    ];
    for pair in words.windows(2) {
        let noun = pair[1].trim_end_matches([',', '.', ':', ';']);
        assert!(pair[0] != "1" || !nouns.contains(&noun), "{line}: {pair:?}");
    }
}

/// Returns what follows every `YYYY-MM-DD` that is followed by a time, 30 characters of it.
fn moments(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let form = "dddd-dd-ddTdd:dd:dd";
    let fits = |window: &[char]| {
        window
            .iter()
            .zip(form.chars())
            .all(|(character, form)| match form {
                'd' => character.is_ascii_digit(),
                'T' => matches!(character, 'T' | ' '),
                other => *character == other,
            })
    };
    let places = characters.windows(form.len()).enumerate();
    places
        .filter(|(_, window)| fits(window))
        .map(|(place, _)| characters.iter().skip(place).take(30).collect())
        .collect()
}

#[test]
fn a_moment_in_another_form_is_seen() {
    let people = "since 2026-11-26 21:02:32 +01:00, twice";
    assert_eq!(moments(people).len(), 1);
    judge("", people, false);
    judge("", r#"{"at": "2026-11-26T20:02:32.123Z"}"#, true);
    for (wrong, is_json) in [
        ("2026-11-26 21:02:32", false),
        ("2026-11-26 20:02:32 UTC", false),
        (r#""2026-11-26T20:02:32Z""#, true),
        (r#""2026-11-26T20:02:32.123456Z""#, true),
        ("1 usernames", false),
        ("✓ delta-has-tombstones-or-none  1 deleted rows", false),
    ] {
        let judged = std::panic::catch_unwind(|| judge("", wrong, is_json));
        assert!(judged.is_err(), "{wrong}");
    }
}

/// A school group that is published, with the next school year, somebody who was merged, and the files of the examples.
async fn prepared() -> (TestDatabase, TempDir) {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("zandpoort.toml"), tenant_file("zandpoort")).unwrap();
    let bundle = folder.path().join("bundle");
    std::fs::create_dir(&bundle).unwrap();
    let people = format!("1,{JAN},Janssens,Jan,,\n2,{LOTTE},Peeters,Lotte,,\n3,{BERT},Ameel,Bert,,\n");
    for (file, text) in [
        (
            "school.csv",
            "instelnr,school,schoolcode\n001507,Zandpoort,\n".to_owned(),
        ),
        (
            "persoon.csv",
            format!("p_persoon,rowguid,naam,voornaam,geboortedatum,changed\n{people}"),
        ),
    ] {
        std::fs::write(bundle.join(file), text).unwrap();
    }
    let accounts = "userPrincipalName,displayName\njan.janssens@zandpoort.example,Jan Janssens\n";
    std::fs::write(folder.path().join("users.csv"), accounts).unwrap();
    // Two who left long ago.
    sqlx::query(
        "insert into username.record (tenant_id, rowguid, local_part, sync, origin)
         values ('zandpoort', '00000000-0000-4000-8000-000000000005', 'an.claes', true, 'generated'),
                ('zandpoort', '00000000-0000-4000-8000-000000000006', 'an.maes', true, 'generated')",
    )
    .execute(&database.pool)
    .await
    .unwrap();
    // One who had another username.
    sqlx::query(
        "with record as (
             insert into username.record (tenant_id, rowguid, local_part, sync, origin)
             values ('zandpoort', '00000000-0000-4000-8000-000000000007', 'an.maas', true, 'generated')
             returning tenant_id, rowguid
         )
         insert into username.change (tenant_id, rowguid, changed_by, field, old_value, new_value)
         select tenant_id, rowguid, 'els', 'local_part', 'an.smet', 'an.maas' from record",
    )
    .execute(&database.pool)
    .await
    .unwrap();
    let errors = format!("ErrorCode,SIS ID\nUnmatchedEntry,{JAN}\n");
    std::fs::write(folder.path().join("errors.csv"), errors).unwrap();
    next_year(&school).await;
    merged(&school).await;
    school.publish().await;
    old_year(&school, folder.path()).await;
    sqlx::query("insert into desk.account (login_name, display_name, created_by) values ('an.maes', 'An Maes', 'test')")
        .execute(&database.pool)
        .await
        .unwrap();
    (database, folder)
}

/// The year 2027-28 is entered: the same pupils in a class of it.
async fn next_year(school: &School) {
    let today = school.today().await;
    let (begin, end) = (today + Days::new(30), today + Days::new(330));
    school
        .change(&format!(
            "update informat.schooljaar set einddatum = '{today}' where tenant_id = $1;
             insert into informat.schooljaar (tenant_id, schooljaar, begindatum, einddatum)
                 values ($1, '2027-28', '{begin}', '{end}');
             insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, begindatum, status) values
                 ($1, 11, 1, '001507', 1, '311', '2027-28', '{begin}', 0),
                 ($1, 12, 2, '001507', 1, '311', '2027-28', '{begin}', 0);
             insert into informat.klassen (tenant_id, p_klas, scoodle_id, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, klascode, klas, groeptype)
                 values ($1, 11, '00000000-0000-4000-8000-00000000003b', '001507', 1, '311', '2027-28', '4A', '4A', 0)"
        ))
        .await;
}

/// The first generation was of 2025-26, and had a class that is gone; Microsoft has a Team of it.
async fn old_year(school: &School, folder: &Path) {
    let class = "00000000-0000-4000-8000-00000000002a";
    for statement in [
        "update roster.generation set school_year = '2025-26' where tenant_id = $1 and number = 1",
        "insert into roster.object_version (tenant_id, kind, sourced_id, from_number, status, content, content_hash)
         select tenant_id, kind, '00000000-0000-4000-8000-00000000002a', from_number, 'tobedeleted',
                replace(replace(content, '2026-27', '2025-26'), '3A', '2A'), content_hash
         from roster.object_version where tenant_id = $1 and kind = 'classes' and from_number = 1",
    ] {
        sqlx::query(statement).bind(&school.tenant_id).execute(&school.pool).await.unwrap();
    }
    let usage = format!("Section SIS ID,Section Name\n{class},2025-26 2A - Markt\n");
    std::fs::write(folder.join("SectionUsage.csv"), usage).unwrap();
}

/// A second record of Jan had the username `jan.janssens2` and is no longer in Informat.
async fn merged(school: &School) {
    let today = school.today().await;
    school
        .change(&format!(
            "insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam)
                 values ($1, 4, '00000000-0000-4000-8000-000000000004', 'Janssens', 'Jan');
             insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, begindatum, status)
                 values ($1, 4, 4, '001507', 1, '311', '2026-27', '{today}', 0)"
        ))
        .await;
    let mut transaction = school.pool.begin().await.unwrap();
    records::allocate(&mut transaction, "zandpoort").await.unwrap();
    transaction.commit().await.unwrap();
    school
        .change(
            "delete from informat.inschrijving where tenant_id = $1 and p_inschr = 4;
             delete from informat.persoon where tenant_id = $1 and p_persoon = 4",
        )
        .await;
}

/// Makes the client of the examples, and returns its secret.
async fn client(database: &TestDatabase) -> String {
    sqlx::query("insert into auth.client (tenant_id, client_id, name) values ('zandpoort', $1, 'SDS')")
        .bind(CLIENT_ID)
        .execute(&database.pool)
        .await
        .unwrap();
    let made = client::rotate(&database.server, "zandpoort", CLIENT_ID)
        .await
        .unwrap();
    made.client_secret
}
