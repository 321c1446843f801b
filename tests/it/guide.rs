//! The guide for consumers (`docs/consumers.md`) does what it says: its commands run as they stand against a served
//! school group, and print what stands below them.

use std::fmt::Write;
use std::path::Path;
use std::process::Stdio;

use oneroster::auth::{TOKEN_LIFETIME_MAX_S, TOKEN_LIFETIME_MIN_S};
use oneroster::config::Settings;
use oneroster_standard::query::{FILTER_CHARACTERS_MAX, LIMIT_DEFAULT, LIMIT_MAX};
use serde_json::Value;

use crate::harness::running::{self, Running};
use crate::harness::{database, school};
use crate::openapi::generated;

const GUIDE: &str = include_str!("../../docs/consumers.md");

/// Stands in the guide for what differs from roster to roster.
const ANYTHING: char = '…';

/// A fenced block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    pub(crate) language: &'static str,
    pub(crate) text: &'static str,
}

/// A command and what it prints.
#[derive(Debug)]
struct Example {
    command: &'static str,
    output: Option<Block>,
}

pub(crate) fn blocks(guide: &'static str) -> Vec<Block> {
    let mut parts = guide.split("```");
    parts.next();
    let mut blocks = Vec::new();
    while let (Some(inside), Some(_)) = (parts.next(), parts.next()) {
        let (language, text) = inside.split_once('\n').unwrap();
        blocks.push(Block { language, text });
    }
    blocks
}

fn examples() -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut previous = "";
    for block in blocks(GUIDE) {
        match block.language {
            "sh" => examples.push(Example {
                command: block.text,
                output: None,
            }),
            "json" => examples.last_mut().unwrap().output = Some(block),
            // The grammar of filters follows no command.
            "text" if previous == "sh" => examples.last_mut().unwrap().output = Some(block),
            "text" => {}
            other => panic!("a block of {other:?}"),
        }
        previous = block.language;
    }
    examples
}

/// Returns `true` if a text is what the guide shows, `…` being anything.
fn is_like(shown: &str, text: &str) -> bool {
    let Some((before, after)) = shown.split_once(ANYTHING) else {
        return shown == text;
    };
    let Some(rest) = text.strip_prefix(before) else {
        return false;
    };
    let mut places = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    places.any(|at| is_like(after, &rest[at..]))
}

/// Says where a value is not what the guide shows.
fn difference(shown: &Value, value: &Value, place: &str) -> Option<String> {
    match (shown, value) {
        (Value::Object(shown), Value::Object(members)) => {
            let (expected, found): (Vec<_>, Vec<_>) = (shown.keys().collect(), members.keys().collect());
            if expected != found {
                return Some(format!("{place}: members {found:?}, shown are {expected:?}"));
            }
            shown
                .iter()
                .find_map(|(name, shown)| difference(shown, &members[name], &format!("{place}.{name}")))
        }
        (Value::Array(shown), Value::Array(items)) => {
            if shown.len() != items.len() {
                return Some(format!(
                    "{place}: {} items, shown are {}",
                    items.len(),
                    shown.len()
                ));
            }
            let mut pairs = shown.iter().zip(items).enumerate();
            pairs.find_map(|(at, (shown, item))| difference(shown, item, &format!("{place}[{at}]")))
        }
        (Value::String(shown), Value::String(text)) if is_like(shown, text) => None,
        // The only number in an answer is what is left of a token's life.
        (Value::Number(_), Value::Number(_)) => None,
        (shown, value) if shown == value => None,
        (shown, value) => Some(format!("{place}: {value}, shown is {shown}")),
    }
}

pub(crate) fn assert_as_shown(block: Block, output: &str, command: &str) {
    if block.language == "json" {
        let shown: Value = serde_json::from_str(block.text).unwrap();
        let value: Value =
            serde_json::from_str(output).unwrap_or_else(|error| panic!("{command}\n{error}: {output}"));
        if let Some(difference) = difference(&shown, &value, "") {
            panic!("{command}\n{difference}\nin {output}");
        }
        return;
    }
    let mut lines = output.lines().map(str::trim_end);
    for shown in block.text.lines() {
        // In this order. Further lines may stand between: an answer has more headers than a guide need show.
        let found = lines.by_ref().any(|line| is_like(shown, line));
        assert!(found, "{command}\n{shown:?} is not in\n{output}");
    }
    assert!(!output.is_empty(), "{command}");
}

#[test]
fn what_is_shown_is_compared() {
    assert!(is_like("a…c…", "abcd") && is_like("…", "") && is_like("…a", "aba"));
    assert!(!is_like("a…c", "abcd") && !is_like("a", "b") && !is_like("a…a", "a"));
    let value = serde_json::json!({"a": [1, "x"], "b": "true"});
    assert_eq!(
        difference(&serde_json::json!({"a": [1, "…"], "b": "true"}), &value, ""),
        None
    );
    for wrong in [
        serde_json::json!({"a": [1, "…"]}),
        serde_json::json!({"a": [1], "b": "true"}),
        serde_json::json!({"a": [1, "y"], "b": "true"}),
        serde_json::json!({"a": [1, "x"], "b": true}),
    ] {
        assert!(difference(&wrong, &value, "").is_some(), "{wrong}");
    }
}

/// One shell for all, so that an example finds what an earlier one set; each example's output in a file of its own.
fn script(examples: &[Example]) -> String {
    let mut script = "set -euo pipefail\n".to_owned();
    for (number, example) in examples.iter().enumerate() {
        write!(script, "{{\n{}\n}} > out{number}\n", example.command).unwrap();
    }
    script
}

/// The folder of `HTTPie`, which `.ci/tools` installs; without it, its examples are left out.
fn tools() -> Option<std::path::PathBuf> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ci-tools/python/bin");
    tools.join("http").exists().then_some(tools)
}

#[tokio::test]
async fn every_example_runs_as_it_stands_and_prints_what_is_shown() {
    let test = database().await;
    let client = generated(&test.pool).await;
    school::somebody_leaves(&test.pool, "demo").await;
    let server = Running::start(&running::settings(&test.url)).await;
    let base_url = server.base_url.clone();
    let mut examples = examples();
    assert!(examples.len() > 15, "the guide is read");
    let tools = tools();
    if tools.is_none() {
        examples.retain(|example| !example.command.starts_with("http "));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = std::env::join_paths(
        tools
            .into_iter()
            .chain(["/usr/local/bin", "/usr/bin", "/bin"].map(Into::into)),
    )
    .unwrap();
    let shell = tokio::process::Command::new("bash")
        .arg("-c")
        .arg(script(&examples))
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", path)
        .env("HOME", folder.path())
        .env("BASE_URL", format!("{base_url}/ims/oneroster/v1p1"))
        .env("TOKEN_URL", format!("{base_url}/connect/token"))
        .env("CLIENT_ID", &client.client_id)
        .env("CLIENT_SECRET", &client.client_secret)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let output = |number: usize| std::fs::read_to_string(folder.path().join(format!("out{number}")));
    let begun = (0..examples.len())
        .take_while(|number| output(*number).is_ok())
        .count();
    assert!(
        shell.status.success(),
        "stopped in {}\n{}",
        examples[begun.saturating_sub(1)].command,
        String::from_utf8_lossy(&shell.stderr)
    );
    for (number, example) in examples.iter().enumerate() {
        if let Some(block) = example.output {
            assert_as_shown(block, &output(number).unwrap(), example.command);
        }
    }
    server.stop().await;
}

#[test]
fn the_guide_names_the_limits_as_they_are() {
    let grouped = |number: usize| {
        let text = number.to_string();
        text.len()
            .checked_sub(3)
            .filter(|at| *at > 0)
            .map_or(text.clone(), |at| format!("{},{}", &text[..at], &text[at..]))
    };
    for row in [
        format!(
            "| `limit` | 1 to {}; without it {LIMIT_DEFAULT}, or everything in a delta and for a client with `unpaged_full` |",
            grouped(LIMIT_MAX)
        ),
        format!(
            "| `filter` | two clauses, {} characters |",
            grouped(FILTER_CHARACTERS_MAX)
        ),
        format!(
            "| life of a token | {TOKEN_LIFETIME_MIN_S} to {} seconds; {} without a setting |",
            grouped(TOKEN_LIFETIME_MAX_S as usize),
            grouped(Settings::default().tokens.lifetime_s as usize)
        ),
    ] {
        assert!(GUIDE.contains(&row), "{row}");
    }
}
