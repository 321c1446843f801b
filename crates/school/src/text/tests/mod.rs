//! Rules shown on real names and titles. The fixtures beside this file are data:
//!
//! - `names-nl-be.csv` of the generator: given and family names of Flanders.
//! - `foreign-names.txt`, `titles.txt`: healthy texts, one a line.
//! - `entities.txt`: the names that HTML has for characters of the other fixtures.

mod comparing;
mod damaging;
mod names;
mod placeholders;
mod receiving;
mod titles;

use std::collections::HashMap;
use std::sync::LazyLock;

fn lines(file: &'static str) -> Vec<&'static str> {
    file.lines().filter(|line| !line.is_empty()).collect()
}

fn foreign_names() -> Vec<&'static str> {
    lines(include_str!("foreign-names.txt"))
}

fn titles() -> Vec<&'static str> {
    lines(include_str!("titles.txt"))
}

/// The names of one kind or more, by the start of the kind: `first`, `last`; `single` is a person with one name.
fn flemish_names(kind_start: &str) -> Vec<&'static str> {
    lines(include_str!("../../../../generate/src/names-nl-be.csv"))
        .into_iter()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .filter(|(kind, _)| kind.starts_with(kind_start))
        .map(|(_, name)| name)
        .collect()
}

fn all_names() -> Vec<&'static str> {
    let mut names = flemish_names("");
    names.extend(foreign_names());
    names
}

static ENTITIES: LazyLock<HashMap<char, &str>> = LazyLock::new(|| {
    lines(include_str!("entities.txt"))
        .into_iter()
        .filter_map(|line| line.split_once(' '))
        .map(|(character, name)| (character.chars().next().unwrap(), name))
        .collect()
});
