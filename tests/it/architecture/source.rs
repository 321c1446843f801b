//! Reads the source text: files, the modules they name, without comments and test modules.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A source file: its path below `src` and its code.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) code: String,
}

impl Source {
    /// The top-level module it belongs to.
    pub(super) fn module(&self) -> &str {
        self.path
            .split('/')
            .next()
            .unwrap_or_default()
            .trim_end_matches(".rs")
    }

    /// How many modules deep it stands: 1 for `src/auth/mod.rs` and `src/clock.rs`.
    pub(super) fn depth(&self) -> usize {
        self.path.split('/').filter(|part| *part != "mod.rs").count()
    }

    pub(super) fn is_in(&self, places: &[&str]) -> bool {
        places
            .iter()
            .any(|place| self.path == *place || (place.ends_with('/') && self.path.starts_with(place)))
    }
}

/// Returns the folder of sources of the service.
pub(super) fn service() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Returns the folders of sources: the service's and that of every crate.
pub(super) fn roots() -> Vec<PathBuf> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    let mut roots: Vec<PathBuf> = std::fs::read_dir(crates)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("src"))
        .collect();
    roots.push(service());
    roots
}

/// Returns the sources of the service.
pub(super) fn sources() -> Vec<Source> {
    sources_below(&service())
}

pub(super) fn sources_below(root: &Path) -> Vec<Source> {
    let mut folders = vec![root.to_owned()];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
        .into_iter()
        .filter(|path| !path.ends_with("tests.rs") && path.iter().all(|part| part != "tests"))
        .map(|path| Source {
            code: code(&std::fs::read_to_string(&path).unwrap()),
            path: path.strip_prefix(root).unwrap().to_str().unwrap().to_owned(),
        })
        .filter(|source| !["lib.rs", "main.rs"].contains(&source.path.as_str()))
        .collect()
}

/// Returns the code of a file without comments and without the test module at its end.
pub(super) fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

pub(super) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Returns the word at the beginning of a text.
pub(super) fn word(text: &str) -> &str {
    text.split(|character| !is_word(character))
        .next()
        .unwrap_or_default()
}

/// Returns `true` if a code uses a crate: its name, as a word, before `::`. A log filter in a string is no use.
pub(super) fn names(code: &str, wanted: &str) -> bool {
    code.match_indices(&format!("{wanted}::"))
        .any(|(place, _)| !code[..place].ends_with(is_word))
}

/// Returns the modules named right after `crate::`, also within `crate::{a::x, b}`.
pub(super) fn modules_used(code: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            found.insert(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut is_start = true;
        for (place, character) in group.char_indices() {
            match character {
                '}' if depth == 0 => break,
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => is_start = true,
                _ if is_start && is_word(character) => {
                    found.insert(word(&group[place..]));
                    is_start = false;
                }
                _ => {}
            }
        }
    }
    found
}

/// Returns the tables of a schema that a code names as `schema.table`. A field of a Rust value (`roster.hold`) reads alike, so
/// that a value beside SQL needs another name.
pub(super) fn tables_named<'a>(code: &str, schema: &str, tables: &[&'a str]) -> Vec<&'a str> {
    tables
        .iter()
        .copied()
        .filter(|table| {
            let name = format!("{schema}.{table}");
            code.match_indices(&name).any(|(place, _)| {
                let (before, after) = (&code[..place], &code[place + name.len()..]);
                !before.ends_with(is_word) && !after.starts_with(is_word)
            })
        })
        .collect()
}

/// Returns the most `super::` in a row.
pub(super) fn supers(code: &str) -> usize {
    let mut most = 0;
    let mut rest = code;
    while let Some(place) = rest.find("super::") {
        rest = &rest[place..];
        let mut count = 0;
        while let Some(after) = rest.strip_prefix("super::") {
            rest = after;
            count += 1;
        }
        most = most.max(count);
    }
    most
}
