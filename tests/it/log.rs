//! The log: every line inside an import, a publication or a request says which, and of which tenant; fields have one list.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use oneroster::telemetry::FIELDS;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{TestDatabase, command, database, oneroster};

const TENANT: &str = "demo";

/// The trace that a request says it belongs to.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Everything the program says, and every statement it sends to Postgres.
const FILTER: &str = "info,sqlx::query=debug";

/// Makes a run of the program that logs much, as JSON, into a file.
fn logging(url: &str, arguments: &[&str], log: &Path) -> tokio::process::Command {
    let mut command = command(url, arguments);
    command
        .env("ONEROSTER_LOG", FILTER)
        .env("ONEROSTER_LOG_JSON", "true")
        .env("ONEROSTER_LISTEN", "127.0.0.1:0")
        .env("ONEROSTER_PUBLISH_INTERVAL_S", "1")
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(log).unwrap());
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true);
    command
}

/// Reads the lines written so far. What is no JSON stands in no log: a command's remarks for people.
fn lines(log: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(log).unwrap();
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// Waits for a line with this message, and returns it.
async fn wait_for(log: &Path, message: &str) -> Value {
    let look = async {
        loop {
            if let Some(line) = lines(log).into_iter().find(|line| line["message"] == message) {
                return line;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let found = tokio::time::timeout(Duration::from_mins(1), look).await;
    found.unwrap_or_else(|_| panic!("no {message:?} in {:#?}", lines(log)))
}

/// Returns the lines with this id, which must all name the tenant, and be more than the statements of a moment.
fn of_run<'a>(lines: &'a [Value], field: &str, id: &Value) -> Vec<&'a Value> {
    let found: Vec<&Value> = lines.iter().filter(|line| line[field] == *id).collect();
    assert!(found.len() > 3, "{field} {id}: {lines:#?}");
    for line in &found {
        assert_eq!(line["tenant"], TENANT, "{line:#}");
    }
    found
}

/// A database with a school group that is imported, and where its log is.
struct Imported {
    url: String,
    _folder: TempDir,
    log: PathBuf,
    _database: TestDatabase,
}

impl Imported {
    /// Imports a generated school group, which writes the log.
    async fn new() -> Self {
        let database = database().await;
        let url = database.url.clone();
        let folder = TempDir::new().unwrap();
        let (bundle, log) = (folder.path().join("bundle"), folder.path().join("log"));
        let bundle = bundle.to_str().unwrap();
        for arguments in [
            &["generate", bundle, "--pupils", "40", "--seed", "3"][..],
            &["tenant", "apply", &format!("{bundle}/tenant.toml")],
        ] {
            let output = oneroster(&url, arguments).await;
            assert!(output.status.success(), "{arguments:?}: {output:?}");
        }
        let import = ["import", "--tenant", TENANT, bundle];
        let status = logging(&url, &import, &log).status().await.unwrap();
        assert!(status.success(), "{:#?}", lines(&log));
        Self {
            url,
            _folder: folder,
            log,
            _database: database,
        }
    }

    /// Makes a client; returns its id and its secret.
    async fn client(&self) -> (String, String) {
        let create = ["client", "create", "--tenant", TENANT, "--name", "sds", "--json"];
        let output = oneroster(&self.url, &create).await;
        let made: Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        (text("client_id"), text("client_secret"))
    }
}

#[tokio::test]
async fn every_line_of_an_import_says_of_which_tenant_and_run() {
    let imported = Imported::new().await;
    let written = lines(&imported.log);
    let done = written
        .iter()
        .find(|line| line["message"] == "bundle imported")
        .unwrap();
    assert!(of_run(&written, "run_id", &done["run_id"]).contains(&done));
}

#[tokio::test]
async fn every_line_of_a_publication_says_of_which_tenant_and_run() {
    let imported = Imported::new().await;
    for arguments in [&["serve"][..], &["publish", "--tenant", TENANT, "--redate"]] {
        let mut program = logging(&imported.url, arguments, &imported.log).spawn().unwrap();
        let published = wait_for(&imported.log, "published").await;
        of_run(&lines(&imported.log), "run_id", &published["run_id"]);
        program.kill().await.unwrap();
    }
}

#[tokio::test]
async fn every_line_of_a_request_says_of_which_tenant_and_request() {
    let imported = Imported::new().await;
    let (client_id, client_secret) = imported.client().await;
    let log = &imported.log;
    let mut server = logging(&imported.url, &["serve"], log).spawn().unwrap();
    let address = wait_for(log, "serving").await["address"].clone();
    wait_for(log, "published").await;
    let http = reqwest::Client::new();
    let root = format!("http://{}", address.as_str().unwrap());
    let answer = http
        .post(format!("{root}/connect/token"))
        .header("x-request-id", "token-1")
        .basic_auth(&client_id, Some(&client_secret))
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await
        .unwrap();
    let token: Value = answer.json().await.unwrap();
    let answer = http
        .get(format!("{root}/ims/oneroster/v1p1/users?limit=5"))
        .header("x-request-id", "sync-1")
        .header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"))
        .header("host", "sis.example")
        .bearer_auth(token["access_token"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let is_request = |line: &Value, id: &str| line["message"] == "request" && line["request_id"] == id;
    while !lines(log).iter().any(|line| is_request(line, "sync-1")) {
        // Lines of requests are gathered for some milliseconds.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.kill().await.unwrap();
    let written = lines(log);
    let of_request = of_run(&written, "request_id", &"sync-1".into());
    for line in &of_request {
        assert_eq!(line["trace_id"], TRACE, "{line}");
    }
    let warned = |line: &&Value| {
        let message = line["message"].as_str().unwrap_or_default();
        message.starts_with("a request came for sis.example")
    };
    assert_eq!(written.iter().filter(warned).count(), 1, "{written:#?}");
    for message in ["loaded a generation", "request"] {
        let line = of_request.iter().find(|line| line["message"] == message).unwrap();
        assert_eq!(
            (line["client"].as_str(), &line["generation"]),
            (Some(&*client_id), &1.into())
        );
    }
    let request = of_request.iter().find(|line| is_request(line, "sync-1")).unwrap();
    assert_eq!(
        (&request["path"], &request["status"], &request["rows"]),
        (&"/users".into(), &200.into(), &5.into())
    );
    assert!(request["duration_ms"].as_f64().unwrap() > 0.0, "{request}");
    let of_token = written.iter().find(|line| is_request(line, "token-1")).unwrap();
    assert_eq!(
        (&of_token["tenant"], &of_token["path"]),
        (&TENANT.into(), &"/connect/token".into())
    );
}

/// Returns the sources of the service and of its crates.
fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut open = vec![root.join("src"), root.join("crates")];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

/// Returns what stands between the parenthesis that a text begins behind and the one that closes it, and split at its
/// commas. Parentheses and commas in strings do not count.
fn arguments(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0, 0);
    let (mut is_string, mut is_escaped) = (false, false);
    for (place, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_string => is_escaped = true,
            '"' => is_string = !is_string,
            _ if is_string => {}
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => {
                found.push(text[start..place].trim());
                break;
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(text[start..place].trim());
                start = place + 1;
            }
            _ => {}
        }
    }
    found
}

/// Returns the names of the fields of a log line or span.
fn fields(text: &str) -> Vec<&str> {
    const OPENINGS: [&str; 8] = [
        "tracing::trace!(",
        "tracing::debug!(",
        "tracing::info!(",
        "tracing::warn!(",
        "tracing::error!(",
        "tracing::error_span!(",
        "tracing::$event!(",
        " fields(",
    ];
    let mut found = Vec::new();
    for opening in OPENINGS {
        for (place, _) in text.match_indices(opening) {
            let rest = &text[place + opening.len()..];
            found.extend(arguments(rest).into_iter().filter_map(|argument| {
                let name = argument.split(" = ").next().unwrap_or_default();
                let name = name.trim_start_matches(['%', '?']).trim();
                let is_name = name
                    .chars()
                    .all(|character| character.is_ascii_lowercase() || character == '_');
                (!name.is_empty() && is_name).then_some(name)
            }));
        }
    }
    found
}

#[test]
fn a_log_line_has_listed_fields_only_and_the_list_stands_in_the_manual() {
    let mut used = BTreeSet::new();
    let mut wrong = Vec::new();
    for path in sources() {
        if path.ends_with("tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        if !text.contains("tracing::") {
            continue;
        }
        for name in fields(text) {
            used.insert(name.to_owned());
            if !FIELDS.iter().any(|(listed, _)| *listed == name) {
                wrong.push(format!("{}: {name} is not in telemetry::FIELDS", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let unused: Vec<&str> = FIELDS
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !used.contains(*name))
        .collect();
    assert!(unused.is_empty(), "no line has {unused:?}");
    assert!(FIELDS.is_sorted_by_key(|(name, _)| name));
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md");
    let manual = std::fs::read_to_string(manual).unwrap();
    for (name, meaning) in FIELDS {
        let row = format!("| `{name}` | {meaning} |");
        assert!(manual.contains(&row), "docs/operations.md lacks the row\n{row}");
    }
}

/// What the test above stands on.
#[test]
fn the_reader_of_this_test_sees_fields() {
    let text = r#"tracing::info!(tenant = id(a, "),("), %error, rows, "a, b = {c}");
        #[tracing::instrument(level = "error", skip_all, fields(run_id = %run_id(), on))] tracing::warn!("nothing")"#;
    let mut found = fields(text);
    found.sort_unstable();
    assert_eq!(found, ["error", "on", "rows", "run_id", "tenant"]);
}
