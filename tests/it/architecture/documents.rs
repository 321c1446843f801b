//! The paths and modules that the documentation names exist.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::source::{is_word, word};

/// The pages that say where things are.
const PAGES: &[&str] = &[
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "README.md",
    "migrations/README.md",
];

/// Folders of the repository by which a path is known for one.
const FOLDERS: &[&str] = &[
    ".ci/",
    "benches/",
    "config/",
    "crates/",
    "docs/",
    "fuzz/",
    "migrations/",
    "src/",
    "tests/",
];

/// What is named and is not ours.
const FOREIGN: &[&str] = &["sqlx::AssertSqlSafe"];

/// What begins the line that declares an item, also behind `pub`.
const DECLARATIONS: &[&str] = &[
    "const", "enum", "fn", "mod", "static", "struct", "trait", "type", "use",
];

pub(super) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the texts between single backticks, outside code blocks.
fn code_spans(page: &str) -> Vec<&str> {
    page.split("```")
        .step_by(2)
        .flat_map(|text| text.split('`').skip(1).step_by(2))
        .collect()
}

/// Returns the paths that the code map of ARCHITECTURE.md draws: a name per line, a folder's parts two columns further in.
fn drawn(page: &str) -> Vec<String> {
    let block = page.split("```").skip(1).step_by(2);
    let map = block.into_iter().find(|block| block.starts_with("\ncrates/\n"));
    let mut folders: Vec<&str> = Vec::new();
    let mut paths = Vec::new();
    for line in map.unwrap_or_default().lines().filter(|line| !line.is_empty()) {
        let depth = (line.len() - line.trim_start().len()) / 2;
        if depth > folders.len() {
            // The text of the line before continues.
            continue;
        }
        folders.truncate(depth);
        let names = line.split_whitespace().take_while(|name| {
            name.ends_with('/')
                || Path::new(name)
                    .extension()
                    .is_some_and(|extension| extension == "rs")
        });
        for name in names {
            paths.push(format!("{}{name}", folders.concat()));
        }
        let first = line.split_whitespace().next().unwrap_or_default();
        if first.ends_with('/') {
            folders.push(first);
        }
    }
    paths
}

/// Returns every folder of source in which a module may be looked for: of the service, the crates and these tests.
fn module_roots() -> Vec<PathBuf> {
    let mut roots = super::source::roots();
    roots.push(root().join("tests/it"));
    roots
}

/// Returns `true` if a path of modules, with an item at its end or not, leads to something below a folder.
fn leads_somewhere(folder: &Path, parts: &[&str]) -> bool {
    let Some((first, rest)) = parts.split_first() else {
        return true;
    };
    let file = folder.join(format!("{first}.rs"));
    let module = folder.join(first);
    if file.is_file() || module.is_dir() {
        let declares = |path: PathBuf, item: &str| {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            declared(&text).contains(item)
        };
        return leads_somewhere(&module, rest)
            || matches!(rest, [item] if declares(file, item) || declares(module.join("mod.rs"), item));
    }
    false
}

/// Returns the names that the lines of a file declare or export.
fn declared(text: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for line in text.lines() {
        let line = line.trim_start();
        let line = line
            .strip_prefix("pub(")
            .and_then(|rest| rest.split_once(") "))
            .map_or(line, |(_, rest)| rest);
        let line = line.trim_start_matches("pub ").trim_start_matches("async ");
        let Some((keyword, rest)) = line.split_once(' ') else {
            continue;
        };
        match keyword {
            "use" => names.extend(rest.split(|character| !is_word(character))),
            keyword if DECLARATIONS.contains(&keyword) => {
                names.insert(word(rest));
            }
            _ => {}
        }
    }
    names
}

/// Returns a path below `src` of its crate, which the map leaves out: `crates/school/src/text/` for `crates/school/text/`.
fn in_source(path: &str) -> String {
    let mut parts = path.splitn(3, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("crates"), Some(name), Some(rest)) => format!("crates/{name}/src/{rest}"),
        _ => path.to_owned(),
    }
}

/// Returns `true` if a code span is a path of modules.
fn is_module_path(span: &str) -> bool {
    span.contains("::")
        && span
            .chars()
            .all(|character| is_word(character) || character == ':')
}

/// Returns what a page names and there is not.
fn missing(page: &str) -> Vec<String> {
    let mut missing: Vec<String> = drawn(page)
        .into_iter()
        .filter(|path| !root().join(path).exists() && !root().join(in_source(path)).exists())
        .collect();
    for span in code_spans(page)
        .into_iter()
        .filter(|span| !FOREIGN.contains(span))
    {
        let is_path = FOLDERS.iter().any(|folder| span.starts_with(folder))
            && !span.contains(|character: char| character.is_whitespace() || "…*{<".contains(character));
        if is_path && !root().join(span).exists() {
            missing.push(span.to_owned());
        }
        if is_module_path(span) {
            let parts: Vec<&str> = span.split("::").collect();
            let crate_source = root().join("crates").join(parts[0]).join("src");
            let is_there = module_roots().iter().any(|root| leads_somewhere(root, &parts))
                || leads_somewhere(&crate_source, &parts[1..]) && crate_source.is_dir();
            // A module of `db` is named by its last word where it is used.
            let is_of_db = leads_somewhere(&root().join("src/db"), &parts);
            if !is_there && !is_of_db {
                missing.push(span.to_owned());
            }
        }
    }
    missing
}

#[test]
fn every_path_and_module_that_the_documents_name_exists() {
    for page in PAGES {
        let text = std::fs::read_to_string(root().join(page)).unwrap();
        let missing = missing(&text);
        assert!(missing.is_empty(), "{page} names what there is not: {missing:?}");
    }
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let missing = missing(&std::fs::read_to_string(&path).unwrap());
            let missing: Vec<&String> = missing.iter().filter(|name| !name.contains("::")).collect();
            assert!(
                missing.is_empty(),
                "{} names what there is not: {missing:?}",
                path.display()
            );
        }
    }
}

#[test]
fn a_path_or_module_that_is_gone_is_seen() {
    let page = "The map:\n\n```\ncrates/\n  standard/     types\n                query/: asked\n  school/   pure\n    text/   damage\nsrc/         service\n  main.rs  \
                nowhere.rs   starts\n  gone/        left\n```\n\n`roster::versions`, `projection::survey`, `roster::Nobody`, \
                `standard::query::ListQuery`, `standard::query::Nobody`, `src/tenants.rs`, `src/tenants/mod.rs`";
    assert_eq!(
        missing(page),
        [
            "src/nowhere.rs",
            "src/gone/",
            "projection::survey",
            "roster::Nobody",
            "standard::query::Nobody",
            "src/tenants.rs"
        ]
    );
}
