//! `oneroster match`: people beside the accounts of a Microsoft tenant, and the check file that comes of it.

#![cfg(test)]

use oneroster::{db::scope, tenants};
use oneroster_school::tenant::file;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::school::{BERT, JAN, LOTTE, School, school, tenant_file};
use crate::harness::{self, TestDatabase, database};

/// Jan has another name there, Lotte has hers, Bert none; somebody else is in nobody's list.
const ACCOUNTS: &str = "\u{FEFF}User principal name;Display name;First name;Last name;Licenses;DirSyncEnabled\r\n\
    janssens.jan@zandpoort.example;Janssens Jan;Jan;Janssens;Office 365 A1 for students;True\r\n\
    lotte.peeters@zandpoort.example;Lotte Peeters;;;Office 365 A1 for students;False\r\n\
    mia.maes@zandpoort.example;Mia Maes;Mia;Maes;Office 365 A1 for faculty;False\r\n";

struct Scene {
    database: TestDatabase,
    school: School,
    folder: TempDir,
}

impl Scene {
    async fn new() -> Self {
        let database = database().await;
        let school = school(&database.pool, "t").await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("users.csv"), ACCOUNTS).unwrap();
        Self {
            database,
            school,
            folder,
        }
    }

    /// Runs a command in the folder; returns its exit code, its report and what it said beside it.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, Value, String) {
        let mut command = harness::command(&self.database.url, arguments);
        let output = command
            .arg("--json")
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let report = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), report, said)
    }

    fn matched(&self, more: &[&str]) -> Value {
        let (code, report, said) = self.run(&[&["match", "--tenant", "t", "users.csv"], more].concat());
        assert_eq!(code, Some(0), "{said}");
        report
    }
}

/// Returns verdict and proposal of a person.
fn verdict(report: &Value, user: &str) -> (Value, Value) {
    let people = report["people"].as_array().unwrap();
    let person = people.iter().find(|person| person["user"] == user).unwrap();
    (person["verdict"].clone(), person["proposal"].clone())
}

#[tokio::test]
async fn r142_everyone_gets_a_verdict_and_so_does_every_account() {
    let scene = Scene::new().await;
    let report = scene.matched(&[]);
    assert_eq!(
        verdict(&report, JAN),
        (json!("other_name"), json!("janssens.jan"))
    );
    assert_eq!(verdict(&report, LOTTE), (json!("linked"), Value::Null));
    assert_eq!(verdict(&report, BERT), (json!("new"), Value::Null));
    let jan = &report["people"][0]["accounts"][0];
    assert_eq!(jan["username"], "janssens.jan@zandpoort.example");
    assert!(
        jan["score"] == 100 && jan["because"].as_str().unwrap().contains("given name equal"),
        "{jan}"
    );
    let accounts: Vec<(&Value, &Value)> = report["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|account| (&account["verdict"], &account["looks_like"]))
        .collect();
    let expected = [
        (&json!("proposed"), &Value::Null),
        (&json!("linked"), &Value::Null),
        (&json!("unmatched"), &json!("staff")),
    ];
    assert_eq!(accounts, expected);
    assert_eq!(report["accounts"][0]["synchronised"], true);
    let domains = json!([
        {"kind": "pupil", "domain": "zandpoort.example", "from": "commonest", "people": 2, "accounts": 3},
        {"kind": "staff", "domain": "zandpoort.example", "from": "commonest", "people": 1, "accounts": 3},
    ]);
    assert_eq!(report["domains"], domains);
}

/// The tenant file says which domain Microsoft adds; the command goes before it.
#[tokio::test]
async fn r142_the_domain_is_that_of_the_tenant_file_or_given() {
    let scene = Scene::new().await;
    let file = tenant_file("t").replace(
        "[[schools]]",
        "email_domain = { pupils = \"leerling.example\" }\n[[schools]]",
    );
    let configuration = file::parse(&file).unwrap();
    let mut transaction = scope::begin(&scene.school.server, "t").await.unwrap();
    tenants::apply(&mut transaction, &configuration, false)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let domains = |report: &Value| -> Vec<(String, String, u64)> {
        let domains = report["domains"].as_array().unwrap().iter();
        let domains = domains.map(|added| {
            let text = |key: &str| added[key].as_str().unwrap().to_owned();
            (text("domain"), text("from"), added["accounts"].as_u64().unwrap())
        });
        domains.collect()
    };
    let report = scene.matched(&[]);
    let of_file = ("leerling.example".to_owned(), "tenant-file".to_owned(), 0);
    let commonest = ("zandpoort.example".to_owned(), "commonest".to_owned(), 3);
    assert_eq!(domains(&report), [of_file, commonest.clone()]);
    assert_ne!(
        verdict(&report, LOTTE).0,
        "linked",
        "her name is an account in another domain"
    );
    assert_eq!(
        verdict(&report, JAN).1,
        Value::Null,
        "another domain is added to it"
    );
    let report = scene.matched(&["--pupil-domain", "@Zandpoort.example"]);
    let given = ("zandpoort.example".to_owned(), "given".to_owned(), 3);
    assert_eq!(domains(&report), [given, commonest]);
    assert_eq!(verdict(&report, LOTTE).0, "linked");
    let output = harness::command(
        &scene.database.url,
        &[
            "match",
            "--tenant",
            "t",
            "users.csv",
            "--staff-domain",
            "x.example",
        ],
    )
    .current_dir(scene.folder.path())
    .output()
    .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains(
            "domain of pupils: leerling.example, of the tenant file, for 2 people; 0 accounts have it"
        ) && said.contains("domain of staff: x.example, given, for 1 person; 0 accounts have it"),
        "{said}"
    );
}

/// Without `email_domain`, the domain of a site counts if an account has it: in this mode it may be a remnant.
#[tokio::test]
async fn r142_the_domain_of_a_site_counts_where_an_account_has_it() {
    let scene = Scene::new().await;
    for (domain, from) in [
        ("zandpoort.example", "tenant-file"),
        ("remnant.example", "commonest"),
    ] {
        let file = tenant_file("t").replace(
            "sync_default = true",
            &format!("sync_default = true\npupil_domain = \"{domain}\""),
        );
        let mut transaction = scope::begin(&scene.school.server, "t").await.unwrap();
        tenants::apply(&mut transaction, &file::parse(&file).unwrap(), false)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        let report = scene.matched(&[]);
        let added = &report["domains"][0];
        assert_eq!(
            (&added["domain"], &added["from"]),
            (&json!("zandpoort.example"), &json!(from)),
            "{report}"
        );
        assert_eq!(verdict(&report, LOTTE).0, "linked");
    }
}

/// An account has the username of Lotte, and School Data Sync has matched it with Bert before.
#[tokio::test]
async fn r142_an_account_of_two_people_is_told_with_its_object_id() {
    let scene = Scene::new().await;
    let accounts = format!(
        "User principal name,Display name,Object Id,SIS ID\n\
         lotte.peeters@zandpoort.example,Lotte Peeters,0b1f,{}\n\
         jan.janssens@zandpoort.example,Jan Janssens,0b20,{JAN}\n\
         mia.maes@zandpoort.example,Mia Maes,0b21,11111111-0000-4000-8000-000000000000\n",
        BERT.to_uppercase()
    );
    std::fs::write(scene.folder.path().join("users.csv"), accounts).unwrap();
    let report = scene.matched(&[]);
    let (lotte, jan, mia) = (
        &report["accounts"][0],
        &report["accounts"][1],
        &report["accounts"][2],
    );
    assert_eq!(lotte["object_id"], "0b1f");
    assert_eq!(
        lotte["of_two"],
        json!({"username_of": LOTTE, "sis_id_of": BERT}),
        "{lotte}"
    );
    assert_eq!(lotte["sis_id"], BERT.to_uppercase());
    assert_eq!(
        (&jan["verdict"], &jan["of_two"], &jan["sis_id"]),
        (&json!("linked"), &Value::Null, &Value::Null)
    );
    assert_eq!(
        (&mia["of_two"], &mia["sis_id"]),
        (&Value::Null, &json!("11111111-0000-4000-8000-000000000000"))
    );
    assert_eq!(verdict(&report, LOTTE).0, "taken");
    assert_eq!(
        verdict(&report, BERT),
        (json!("other_name"), Value::Null),
        "Lotte keeps that name"
    );
    let output = harness::command(&scene.database.url, &["match", "--tenant", "t", "users.csv"])
        .current_dir(scene.folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let expected = "of two\tlotte.peeters@zandpoort.example\tthe username is that of Lotte Peeters; \
                    School Data Sync has matched it with Bert Ameel";
    assert!(said.contains(expected), "{said}");
}

#[tokio::test]
async fn r142_what_is_beyond_doubt_is_proposed_in_a_check_file_and_nothing_changes_before_it_is_read_back() {
    let scene = Scene::new().await;
    for file in ["check.csv", "check.xlsx"] {
        scene.matched(&["--write", file]);
        let (_, before, _) = scene.run(&["usernames", "list", "--tenant", "t", "--search", "janssens"]);
        assert_eq!(before["usernames"][0]["username"], "jan.janssens");
        let import = ["usernames", "import", "--tenant", "t", file, "--dry-run"];
        let (code, report, said) = scene.run(&import);
        assert_eq!(
            (code, &report["changed"]),
            (Some(0), &json!(1)),
            "{said} {report}"
        );
        assert_eq!(report["changes"][0]["to"], "janssens.jan");
        assert_eq!(report["warnings"], json!([]));
    }
    let text = std::fs::read_to_string(scene.folder.path().join("check.csv")).unwrap();
    assert!(
        text.lines()
            .next()
            .unwrap()
            .ends_with(";Geboortedatum;Microsoft 365;Microsoft 365 accounts"),
        "{text}"
    );
    scene.run(&["usernames", "import", "--tenant", "t", "check.csv", "--by", "Els"]);
    let report = scene.matched(&[]);
    assert_eq!(verdict(&report, JAN), (json!("linked"), Value::Null));
}

#[tokio::test]
async fn r142_a_name_that_somebody_keeps_is_not_proposed() {
    let scene = Scene::new().await;
    // The account of Jan has the username of Bert.
    let accounts = ACCOUNTS.replace("janssens.jan@", "bert.ameel@");
    std::fs::write(scene.folder.path().join("users.csv"), accounts).unwrap();
    let report = scene.matched(&["--write", "check.csv"]);
    assert_eq!(verdict(&report, JAN), (json!("other_name"), Value::Null));
    let (code, report, said) = scene.run(&["usernames", "import", "--tenant", "t", "check.csv", "--dry-run"]);
    assert_eq!((code, &report["changed"]), (Some(0), &json!(0)), "{said}");
}

#[tokio::test]
async fn r142_a_file_that_cannot_be_read_says_what_to_type() {
    let scene = Scene::new().await;
    std::fs::write(
        scene.folder.path().join("users.csv"),
        "login,naam\njan@zandpoort.example,Jan\n",
    )
    .unwrap();
    let (code, _, said) = scene.run(&["match", "--tenant", "t", "users.csv"]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("--columns upn=COLUMN") && said.contains("login, naam"),
        "{said}"
    );
    let report = scene.matched(&["--columns", "upn=login,displayname=naam"]);
    assert_eq!(report["accounts"][0]["username"], "jan@zandpoort.example");
}

/// The username of Lotte is an account of somebody who may have left: written again in the check file, it is an answer.
#[tokio::test]
async fn r142_a_username_written_again_in_the_check_file_is_an_answer() {
    let scene = Scene::new().await;
    let accounts = ACCOUNTS.replace("Lotte Peeters;", "Lotte Peeters (oud);");
    std::fs::write(scene.folder.path().join("users.csv"), accounts).unwrap();
    let report = scene.matched(&["--write", "check.csv"]);
    assert_eq!(verdict(&report, LOTTE).0, "ambiguous");
    let path = scene.folder.path().join("check.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let written = text.replace("lotte.peeters;;", "lotte.peeters;lotte.peeters;");
    assert_ne!(text, written, "{text}");
    std::fs::write(&path, written).unwrap();
    let (code, report, said) =
        scene.run(&["usernames", "import", "--tenant", "t", "check.csv", "--by", "Els"]);
    assert_eq!((code, &report["reviewed"]), (Some(0), &json!(1)), "{said}");
    assert_eq!(verdict(&scene.matched(&[]), LOTTE).0, "linked");
}

#[tokio::test]
async fn r142_the_file_of_the_accounts_is_never_written_over_and_its_columns_are_told() {
    let scene = Scene::new().await;
    let (code, _, said) = scene.run(&["match", "--tenant", "t", "users.csv", "--write", "./users.csv"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("name another file"), "{said}");
    let text = std::fs::read_to_string(scene.folder.path().join("users.csv")).unwrap();
    assert_eq!(text, ACCOUNTS);
    let report = scene.matched(&[]);
    assert_eq!(
        report["columns"][0],
        json!({"column": "User principal name", "field": "upn"})
    );
    assert_eq!(report["classes"], json!({"used": true, "compared": 0, "away": 0}));
}
