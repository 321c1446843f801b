//! The sets as a receiver reads them: by a reader in Python that shares no code with the program (`tests/files`).

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::group::Case;
use crate::harness::running::{Running, settings};
use crate::harness::{database, oneroster};

const FORMATS: [&str; 5] = ["sds-v1", "sds-v1-uk", "sds-v2.1", "oneroster-csv", "clever"];

/// Runs a program of the reader; it must find nothing.
#[track_caller]
fn passes(program: &str, arguments: &[&str]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    let output = Command::new("python3")
        .arg("-B")
        .arg(folder.join(program))
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{program} {arguments:?}:\n{text}{errors}"
    );
}

async fn is_read_as_it_is_served(domain_mode: &str) {
    let case = Case::begin(domain_mode).await;
    let pull = case.path("pull.json");
    std::fs::write(&pull, case.pull().await.to_string()).unwrap();
    let pull = pull.to_str().unwrap();
    for format in FORMATS {
        for name in [format!("{format}-set"), format!("{format}.zip")] {
            let report = case.write(&name, format).await;
            let (set, notes) = (case.path(&name), case.path("report.json"));
            std::fs::write(&notes, report.to_string()).unwrap();
            let (set, notes) = (set.to_str().unwrap(), notes.to_str().unwrap());
            passes("reader.py", &["check", "--format", format, set]);
            let compare = [
                "compare", "--format", format, set, "--pull", pull, "--notes", notes,
            ];
            passes("reader.py", &compare);
        }
    }
}

#[tokio::test]
async fn where_we_send_the_domain_each_set_is_read_as_the_api_serves_it() {
    is_read_as_it_is_served(r#"{ pupils = "informat", staff = "informat" }"#).await;
}

#[tokio::test]
async fn where_only_staff_have_a_domain_each_set_is_read_as_the_api_serves_it() {
    is_read_as_it_is_served(r#"{ pupils = "microsoft", staff = "informat" }"#).await;
}

#[tokio::test]
async fn of_some_schools_each_set_holds_by_itself_and_is_read_as_the_api_serves_them() {
    let case = Case::begin(r#"{ pupils = "informat", staff = "informat" }"#).await;
    let pull = case.path("pull.json");
    std::fs::write(&pull, case.pull().await.to_string()).unwrap();
    for (format, org) in FORMATS
        .into_iter()
        .flat_map(|format| ["001507-1", "001507-2"].map(|org| (format, org)))
    {
        let (set, notes) = (case.path(&format!("{format}-{org}")), case.path("report.json"));
        let set = set.to_str().unwrap();
        let arguments = [
            "export",
            "--tenant",
            &case.group.id,
            "--format",
            format,
            "--org",
            org,
            set,
        ];
        let report = case.world.oneroster(&arguments).await.done();
        std::fs::write(&notes, report.to_string()).unwrap();
        passes("reader.py", &["check", "--format", format, set]);
        let (pull, notes) = (pull.to_str().unwrap(), notes.to_str().unwrap());
        let compare = [
            "compare", "--format", format, set, "--pull", pull, "--orgs", org, "--notes", notes,
        ];
        passes("reader.py", &compare);
    }
}

/// The generated group, as the demo has it, with everybody released.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_generated_group_each_set_is_read_as_the_api_serves_it() {
    let (database, place) = (database().await, tempfile::tempdir().unwrap());
    let path = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let done = async |line: String| -> Value {
        let words: Vec<&str> = line.split(' ').chain(["--json"]).collect();
        let output = oneroster(&database.url, &words).await;
        assert!(output.status.success(), "{line}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    done(format!("generate {} --pupils 500 --seed 5", path("bundle"))).await;
    done(format!("tenant apply {}", path("bundle/tenant.toml"))).await;
    done(format!("import --tenant demo {}", path("bundle"))).await;
    done("usernames sync on --tenant demo --all".to_owned()).await;
    done("publish --tenant demo".to_owned()).await;
    let client = done("client create --tenant demo --name reader".to_owned()).await;
    let server = Running::start(&settings(&database.url)).await;
    std::fs::write(
        path("pull.json"),
        pull(&server.base_url, &client).await.to_string(),
    )
    .unwrap();
    server.stop().await;
    for format in FORMATS {
        let set = path(format);
        let report = done(format!("export --tenant demo --format {format} {set}")).await;
        std::fs::write(path("report.json"), report.to_string()).unwrap();
        passes("reader.py", &["check", "--format", format, &set]);
        let (pull, notes) = (path("pull.json"), path("report.json"));
        let compare = [
            "compare", "--format", format, &set, "--pull", &pull, "--notes", &notes,
        ];
        passes("reader.py", &compare);
    }
}

/// Everything that the API serves with one token, by collection.
async fn pull(base_url: &str, client: &Value) -> Value {
    let http = reqwest::Client::new();
    let text = |name: &str| client[name].as_str().unwrap();
    let token = http.post(format!("{base_url}/connect/token"));
    let token = token.basic_auth(text("client_id"), Some(text("client_secret")));
    let token = token
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await
        .unwrap();
    let token: Value = token.json().await.unwrap();
    let mut pulled = json!({});
    for collection in [
        "academicSessions",
        "orgs",
        "courses",
        "classes",
        "users",
        "enrollments",
    ] {
        let url = format!("{base_url}/ims/oneroster/v1p1/{collection}?limit=10000");
        let answer = http.get(url).bearer_auth(token["access_token"].as_str().unwrap());
        let page: Value = answer.send().await.unwrap().json().await.unwrap();
        pulled[collection] = page.as_object().unwrap().values().next().unwrap().clone();
    }
    pulled
}

/// The reader itself: some sixty wrong copies of each set, each refused by the rule of its fault.
#[tokio::test]
async fn what_is_wrong_in_one_way_is_refused_for_that() {
    let case = Case::begin(r#"{ pupils = "informat", staff = "informat" }"#).await;
    for format in FORMATS {
        case.export(format, format).await;
        passes(
            "wrong_sets.py",
            &[case.path(format).to_str().unwrap(), "--format", format],
        );
    }
}

#[test]
fn the_reader_tells_right_sets_from_wrong_ones() {
    passes("self_test.py", &[]);
}
