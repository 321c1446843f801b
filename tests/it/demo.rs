//! The command `demo`, as somebody runs it who has not read much.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::harness;

/// A demo that serves; ended as by Ctrl-C.
struct Demo {
    child: Child,
}

fn demo(data_dir: &Path, options: &[&str]) -> Command {
    let mut arguments = vec![
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        data_dir.to_str().unwrap(),
    ];
    arguments.extend(options);
    let mut command = harness::program(&arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Demo {
    fn start(data_dir: &Path, options: &[&str]) -> Self {
        let mut child = demo(data_dir, options).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let is_up = lines.any(|line| line.unwrap().contains("Ctrl-C stops it"));
        // The pipe stays open: what it still prints must not end it.
        std::thread::spawn(move || lines.for_each(drop));
        assert!(is_up, "it ended before it served");
        Self { child }
    }

    /// Ends it and returns what it printed on stderr.
    fn end(mut self) -> String {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
        let mut said = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        assert!(self.child.wait().unwrap().success(), "{said}");
        said
    }
}

/// What Microsoft's suite looks at is there: the first row of each collection, and what belongs to it.
#[tokio::test]
async fn the_sandbox_for_microsoft_has_what_its_suite_asks_of_the_first_rows() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path();
    let demo = Demo::start(data_dir, &["--pupils", "150", "--sandbox", "microsoft"]);
    let facts: Value =
        serde_json::from_str(&std::fs::read_to_string(data_dir.join("demo.json")).unwrap()).unwrap();
    let text = |key: &str| facts[key].as_str().unwrap().to_owned();
    let http = reqwest::Client::new();
    let token = http
        .post(text("token_url"))
        .basic_auth(text("client_id"), Some(text("client_secret")))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials")
        .send()
        .await
        .unwrap();
    let token: Value = serde_json::from_slice(&token.bytes().await.unwrap()).unwrap();
    let token = token["access_token"].as_str().unwrap().to_owned();
    let rows = async |path: &str| -> Vec<Value> {
        let answer = http
            .get(format!("{}{path}", text("base_url")))
            .bearer_auth(&token)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let rows = body.as_object().unwrap().values().next().unwrap();
        rows.as_array().unwrap().clone()
    };
    let first = async |path: &str| rows(path).await[0]["sourcedId"].as_str().unwrap().to_owned();
    let (school, class) = (first("/schools").await, first("/classes").await);
    let (student, teacher) = (first("/students").await, first("/teachers").await);
    for (path, least) in [
        ("/orgs".to_owned(), 3),
        ("/courses".to_owned(), 3),
        (format!("/schools/{school}/classes?filter=status='active'"), 3),
        (format!("/schools/{school}/students"), 3),
        (format!("/schools/{school}/teachers"), 3),
        (format!("/schools/{school}/enrollments?filter=role='student'"), 3),
        (format!("/schools/{school}/enrollments?filter=role='teacher'"), 3),
        (format!("/classes/{class}/students"), 1),
        (format!("/classes/{class}/teachers"), 1),
        (format!("/students/{student}/classes"), 1),
        (format!("/teachers/{teacher}/classes"), 1),
    ] {
        let found = rows(&path).await.len();
        assert!(found >= least, "{path}: {found}");
    }
    for path in ["/students", "/teachers"] {
        let user = rows(path).await[0].clone();
        let address = user["email"].as_str().unwrap();
        assert!(address.contains('@'), "{user}");
        assert!(!user["username"].as_str().unwrap().contains('@'), "{user}");
        assert!(!user["identifier"].as_str().unwrap().is_empty(), "{user}");
        let same = rows(&format!("{path}?filter=email='{address}'")).await;
        assert_eq!(same.len(), 1, "{address}");
    }
    demo.end();
}

#[test]
fn a_second_demo_on_a_folder_in_use_is_refused_and_the_values_of_the_first_stay() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path();
    let first = Demo::start(data_dir, &["--pupils", "30"]);
    let values = || std::fs::read_to_string(data_dir.join("demo.json")).unwrap();
    let before = values();
    let second = demo(data_dir, &[]).output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{said}");
    for part in [
        "another `oneroster demo`",
        data_dir.to_str().unwrap(),
        "demo.json",
        "--data-dir",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(values(), before);
    let said = first.end();
    assert!(said.contains("Making a school group of 30 pupils."), "{said}");
    assert!(!said.contains("had no effect"), "{said}");

    // The next one goes on with the data, and says which options they make void.
    let said = Demo::start(data_dir, &["--pupils", "40"]).end();
    assert!(
        said.contains("warning: --pupils had no effect") && said.contains("--data-dir"),
        "{said}"
    );
    let said = Demo::start(data_dir, &[]).end();
    assert!(
        said.contains("are kept") && !said.contains("had no effect"),
        "{said}"
    );
}
