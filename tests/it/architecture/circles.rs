//! No files and no modules import each other in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Source, is_word, modules_used, roots, sources_below, word};

/// Returns the file that a path of modules below `src` leads to, as far as it leads to one: a path may go on with items.
fn file_of<'a>(paths: &'a BTreeSet<&str>, modules: &[&str]) -> Option<&'a str> {
    (1..=modules.len()).rev().find_map(|length| {
        let path = modules.get(..length)?.join("/");
        [format!("{path}.rs"), format!("{path}/mod.rs")]
            .iter()
            .find_map(|file| paths.get(file.as_str()).copied())
    })
}

/// Returns the modules that a file stands for: `["http", "reply"]` for `http/reply.rs`, `["http"]` for `http/mod.rs`.
fn modules_of(path: &str) -> Vec<&str> {
    path.trim_end_matches(".rs")
        .split('/')
        .filter(|part| *part != "mod")
        .collect()
}

/// Returns every path in a text of `use`: `a::{b, c::d}` gives `a::b` and `a::c::d`.
pub(super) fn spread(text: &str) -> Vec<String> {
    let Some((head, rest)) = text.split_once('{') else {
        return vec![text.trim().to_owned()];
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (place, character) in inner.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    parts
        .into_iter()
        .filter(|part| !part.trim().is_empty())
        .flat_map(spread)
        .map(|part| format!("{}{}", head.trim(), part.trim_start_matches("self")))
        .collect()
}

/// Returns the files that a file imports by `crate::` or `super::`. A module's own file (`mod.rs`) is the face of its
/// parts: what runs between the two is no arrow.
pub(super) fn files_used<'a>(source: &Source, paths: &'a BTreeSet<&str>) -> BTreeSet<&'a str> {
    let own = modules_of(&source.path);
    let mut used = BTreeSet::new();
    for (place, _) in source.code.match_indices("::") {
        let before = &source.code[..place];
        let start = before
            .rfind(|character: char| !is_word(character))
            .map_or(0, |at| at + 1);
        let first = &before[start..];
        if before[..start].ends_with("::") || !["crate", "super", "self"].contains(&first) {
            continue;
        }
        let rest = &source.code[start..];
        let is_use = before[..start].trim_end().ends_with("use");
        let end = if is_use {
            rest.find(';').unwrap_or(rest.len())
        } else {
            rest.find(|character: char| !is_word(character) && character != ':')
                .unwrap_or(rest.len())
        };
        for path in spread(&rest[..end]) {
            let mut modules: Vec<&str> = own.clone();
            for part in path.split("::").map(word) {
                match part {
                    "crate" => modules.clear(),
                    "super" => drop(modules.pop()),
                    "self" => {}
                    other => modules.push(other),
                }
            }
            let Some(file) = file_of(paths, &modules) else {
                continue;
            };
            let other = modules_of(file);
            if !own.starts_with(&other) && !other.starts_with(&own) {
                used.insert(file);
            }
        }
    }
    used
}

/// Returns the circles among nodes: each a set of nodes that reach one another.
pub(super) fn circles<'a>(arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<BTreeSet<&'a str>> {
    let reach = |from: &'a str| {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            for next in arrows.get(node).into_iter().flatten() {
                if seen.insert(*next) {
                    open.push(next);
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> = arrows.keys().map(|node| (*node, reach(node))).collect();
    reached
        .iter()
        .filter(|(node, seen)| seen.contains(*node))
        .map(|(node, seen)| {
            seen.iter()
                .copied()
                .filter(|other| reached.get(other).is_some_and(|back| back.contains(node)))
                .collect()
        })
        .collect()
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let mut found = Vec::new();
    for root in roots() {
        let sources = sources_below(&root);
        let paths: BTreeSet<&str> = sources.iter().map(|source| source.path.as_str()).collect();
        let arrows: BTreeMap<&str, BTreeSet<&str>> = sources
            .iter()
            .map(|source| (source.path.as_str(), files_used(source, &paths)))
            .collect();
        for circle in circles(&arrows) {
            found.push(format!("{}: {circle:?}", root.display()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_modules_import_each_other_in_a_circle() {
    let mut found = Vec::new();
    for root in roots() {
        let sources = sources_below(&root);
        let mut arrows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for source in &sources {
            let used = modules_used(&source.code);
            let others = used.into_iter().filter(|module| *module != source.module());
            arrows.entry(source.module()).or_default().extend(others);
        }
        for circle in circles(&arrows) {
            found.push(format!("{}: {circle:?}", root.display()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
