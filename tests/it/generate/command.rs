//! The command `oneroster generate`.

use std::process::Output;

use crate::harness::program;

fn generate(arguments: &[&str]) -> Output {
    program(&["generate"]).args(arguments).output().unwrap()
}

#[test]
fn the_report_is_one_json_document_that_matches_the_files() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("new/folder");
    let path = path.to_str().unwrap();
    let arguments = [
        "--pupils",
        "60",
        "--seed",
        "1",
        "--school-year",
        "2026-27",
        "--tenant",
        "other",
        "--json",
    ];
    let output = generate(&[&[path], arguments.as_slice()].concat());
    assert!(output.status.success(), "{output:?}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["directory"], &report["pupils"]),
        (&path.into(), &60.into())
    );
    let files = report["files"].as_object().unwrap();
    assert_eq!(files.len(), 9);
    for (file, rows) in files {
        let lines = csv::Reader::from_path(format!("{path}/{file}"))
            .unwrap()
            .records()
            .count();
        assert_eq!(rows, lines, "{file}");
    }
    assert!(report["staff"].as_u64() > Some(0) && report["classes"].as_u64() > Some(0));
    let berts = report["cases"]
        .as_array()
        .unwrap()
        .iter()
        .find(|case| case["name"] == "bert_ameel")
        .unwrap();
    assert_eq!(berts["ids"].as_array().unwrap().len(), 3);
    let tenant = std::fs::read_to_string(format!("{path}/tenant.toml")).unwrap();
    assert!(tenant.contains("id = \"other\"") && tenant.contains("active_school_year = \"2026-27\""));
}

#[test]
fn a_folder_with_other_files_is_refused_with_code_1() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("thesis.txt"), "mine").unwrap();
    let output = generate(&[directory.path().to_str().unwrap(), "--pupils", "5", "--seed", "1"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8(output.stderr).unwrap().contains("thesis.txt"));
    assert_eq!(
        std::fs::read_dir(directory.path()).unwrap().count(),
        1,
        "nothing was written"
    );
}

#[test]
fn wrong_usage_ends_with_code_2_and_names_what_is_allowed() {
    let base = ["x", "--seed", "1", "--pupils"];
    for (rest, said) in [
        (["0", "--tenant", "demo"], "1..=1000000"),
        (["9", "--tenant", "De Mo"], "lower-case letters"),
        (["9", "--school-year", "2026"], "2026-27"),
    ] {
        let output = generate(&[base.as_slice(), &rest].concat());
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(said), "{message}");
    }
}
