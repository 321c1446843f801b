//! The texts of the pages stand in the language files only: none is missing in one language, none is asked for that there is not, none is
//! left over.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn desk() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/desk")
}

/// The keys of a language, by file.
fn keys(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let folder = fs::read_dir(desk().join("language").join(language)).unwrap();
    folder
        .map(|file| {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let keys = text.lines().filter_map(|line| {
                let is_message = line.starts_with(|first: char| first.is_ascii_lowercase());
                line.split_once('=')
                    .filter(|_| is_message)
                    .map(|(key, _)| key.trim().to_owned())
            });
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                keys.collect(),
            )
        })
        .collect()
}

/// Every file of the desk that may ask for a text.
fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path
                .file_name()
                .is_some_and(|name| name != "vendor" && name != "language")
            {
                sources(&path, found);
            }
        } else if path
            .extension()
            .is_some_and(|end| end == "rs" || end == "js" || end == "html")
        {
            found.push(fs::read_to_string(&path).unwrap());
        }
    }
}

/// What stands between quotes or backticks: of text with something put in, what is before and after it.
fn literals(source: &str) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for quote in ['"', '`'] {
        for part in source.split(quote) {
            let before = part.split(['$', '{']).next().unwrap_or(part);
            let after = part.rsplit('}').next().unwrap_or(part);
            let is_key = |text: &str| {
                text.chars()
                    .all(|sign| sign.is_ascii_alphanumeric() || sign == '-' || sign == '_')
            };
            if is_key(part) {
                found.insert((part.to_owned(), part.to_owned()));
            } else if before.matches('-').count() > 1 && is_key(before) && is_key(after) {
                // A screen's name alone would let every text of the screen pass.
                found.insert((before.to_owned(), after.to_owned()));
            }
        }
    }
    found
}

#[test]
fn every_text_is_there_in_both_languages() {
    assert_eq!(keys("nl"), keys("en"));
}

#[test]
fn no_text_stands_in_two_files() {
    let mut seen = BTreeSet::new();
    let twice: Vec<_> = keys("nl")
        .into_values()
        .flatten()
        .filter(|key| !seen.insert(key.clone()))
        .collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn every_text_is_used_and_every_text_that_is_used_is_there() {
    let mut all = Vec::new();
    sources(&desk(), &mut all);
    let there: BTreeSet<String> = keys("nl").into_values().flatten().collect();
    let named: BTreeSet<_> = all.iter().flat_map(|source| literals(source)).collect();
    let is_named = |key: &str| {
        named.iter().any(|(before, after)| {
            if before == after {
                key == before
            } else {
                key.len() > before.len() && key.starts_with(before.as_str()) && key.ends_with(after.as_str())
            }
        })
    };
    // Scripts take `key-one` for a count of 1.
    let is_used = |key: &str| is_named(key) || key.strip_suffix("-one").is_some_and(is_named);
    let unused: Vec<_> = there.iter().filter(|key| !is_used(key)).collect();
    assert!(unused.is_empty(), "no page uses {unused:?}");

    let asked = all.iter().flat_map(|source| source.split("text(\"").skip(1));
    let asked = asked.filter_map(|rest| rest.split('"').next());
    let missing: BTreeSet<_> = asked.filter(|key| !there.contains(*key)).collect();
    assert!(missing.is_empty(), "no language file has {missing:?}");
}
