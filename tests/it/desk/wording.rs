//! Words that people see stand in the language files and nowhere else, and both languages have the same put into them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Words that hardly a sentence in Dutch lacks, and that neither English nor code has.
const DUTCH: [&str; 24] = [
    "aan", "bij", "deze", "die", "een", "geen", "het", "hier", "is niet", "je", "kan", "maar", "met", "naar",
    "niet", "nog", "ook", "opnieuw", "te veel", "uit", "van", "voor", "wordt", "zijn",
];

/// The languages are called the same in each of them.
const LANGUAGES: [&str; 2] = ["Nederlands", "English"];

/// Attributes that people read or hear.
const SPOKEN: [&str; 5] = ["alt", "aria-label", "aria-description", "placeholder", "title"];

/// Where keys are written in code.
const CODE: [&str; 3] = ["html", "js", "rs"];

fn desk() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/desk")
}

/// The files below a folder with an ending, by path.
fn files(folder: &Path, endings: &[&str]) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().unwrap() != "vendor" {
            found.extend(files(&path, endings));
        } else if path.is_file()
            && endings
                .iter()
                .any(|ending| path.extension().is_some_and(|own| own == *ending))
        {
            let text = std::fs::read_to_string(&path).unwrap();
            found.insert(path, text);
        }
    }
    found
}

/// What the program is made of, without its tests.
fn code() -> BTreeMap<PathBuf, String> {
    let mut code = files(&desk(), &CODE);
    code.retain(|path, _| !path.ends_with("tests.rs"));
    for text in code.values_mut() {
        if let Some(at) = text.find("#[cfg(test)]") {
            text.truncate(at);
        }
    }
    code
}

/// The texts of a language: key → what is put in.
fn texts(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, file) in files(&desk().join("language").join(language), &["ftl"]) {
        let mut key = String::new();
        for line in file.lines() {
            if line.starts_with(|first: char| first.is_ascii_lowercase())
                && let Some((name, _)) = line.split_once('=')
            {
                name.trim().clone_into(&mut key);
                assert!(
                    texts.insert(key.clone(), BTreeSet::new()).is_none(),
                    "{key} stands twice, the second time in {}",
                    path.display()
                );
            }
            let put_in = line.split('$').skip(1).map(|rest| {
                let end = rest
                    .find(|character: char| !character.is_ascii_alphanumeric() && !"_-".contains(character));
                rest[..end.unwrap_or(rest.len())].to_owned()
            });
            if !line.starts_with('#') && !key.is_empty() {
                texts.get_mut(&key).unwrap().extend(put_in);
            }
        }
    }
    texts
}

/// The literals of a source: between the quotes of any kind that its language has.
fn literals(path: &Path, text: &str) -> Vec<String> {
    let quotes: &[char] = if path.extension().is_some_and(|ending| ending == "js") {
        &['"', '\'', '`']
    } else {
        &['"']
    };
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.trim_start();
        if line.starts_with("//") || line.starts_with('*') || line.starts_with("/*") {
            continue;
        }
        let mut rest = line;
        while let Some(start) = rest.find(quotes) {
            let quote = rest[start..].chars().next().unwrap();
            let inside = &rest[start + 1..];
            let Some(end) = inside.find(quote) else { break };
            found.push(inside[..end].to_owned());
            rest = &inside[end + 1..];
        }
    }
    found
}

/// Returns `true` if a literal may come to a key: it is the key, or has it with `{…}` where something is put in.
fn comes_to(literal: &str, key: &str) -> bool {
    let mut parts = literal.split('{').map(|part| part.rsplit('}').next().unwrap());
    let first = parts.next().unwrap().trim_end_matches('$');
    let Some(mut rest) = key.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.map(|part| part.trim_end_matches('$')).collect();
    // A part that is put in at the beginning would come to anything.
    if parts.is_empty() || !first.contains('-') {
        return parts.is_empty() && rest.is_empty();
    }
    let (last, between) = parts.split_last().unwrap();
    for part in between {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.len() > last.len() && rest.ends_with(last)
}

#[test]
fn every_text_is_there_in_both_languages_with_the_same_put_in() {
    let (dutch, english) = (texts("nl"), texts("en"));
    assert!(!dutch.is_empty());
    for (key, put_in) in &dutch {
        assert_eq!(Some(put_in), english.get(key), "{key} in English");
    }
    for key in english.keys() {
        assert!(dutch.contains_key(key), "{key} is not there in Dutch");
    }
}

#[test]
fn every_text_that_is_asked_for_is_there() {
    let texts = texts("nl");
    let mut asked = 0;
    for (path, source) in code() {
        for call in ["text(", "text_with(", "text_of("] {
            for (at, _) in source.match_indices(call) {
                // The key is the first argument, or stands behind the language.
                let arguments = source[at + call.len()..].trim_start();
                let arguments = arguments
                    .strip_prefix("language,")
                    .or_else(|| arguments.strip_prefix("self.language,"))
                    .unwrap_or(arguments)
                    .trim_start();
                let Some(rest) = arguments.strip_prefix(['"', '`', '\'']) else {
                    continue;
                };
                let key = rest.split(['"', '`', '\'']).next().unwrap();
                if !key.contains('-') {
                    // Another function of that name.
                    continue;
                }
                let is_there = texts.keys().any(|known| comes_to(key, known));
                assert!(is_there, "{} asks for {key:?}", path.display());
                asked += 1;
            }
        }
    }
    assert!(asked > 20, "only {asked} were found");
}

#[test]
fn no_template_has_words_of_its_own() {
    for (path, template) in files(&desk().join("templates"), &["html"]) {
        let styled = without(&template, "<style", "</style>");
        let classes = without(&styled, "class %}", "{% endblock %}");
        let attributes = without(&classes, "watch %}", "{% endblock %}");
        let plain = without(
            &without(&without(&attributes, "{%", "%}"), "{{", "}}"),
            "{#",
            "#}",
        );
        for attribute in SPOKEN {
            for value in plain.split(&format!(" {attribute}=\"")).skip(1) {
                let value = value.split('"').next().unwrap();
                assert!(!has_words(value), "{}: {attribute}={value:?}", path.display());
            }
        }
        let words = without(&without(&plain, "<", ">"), "&", ";");
        for line in words.lines().map(str::trim) {
            let is_language = LANGUAGES.contains(&line);
            assert!(is_language || !has_words(line), "{}: {line:?}", path.display());
        }
    }
}

/// Takes out whatever stands between two marks.
fn without(text: &str, begin: &str, end: &str) -> String {
    let mut parts = text.split(begin);
    let first = parts.next().unwrap().to_owned();
    let rest = parts.map(|part| part.split_once(end).map_or("", |(_, after)| after));
    rest.fold(first, |all, part| all + " " + part)
}

/// Returns `true` for more than marks, figures and single letters.
fn has_words(text: &str) -> bool {
    text.split(|character: char| !character.is_alphabetic())
        .any(|word| word.chars().count() > 1)
}

#[test]
fn no_code_speaks_dutch() {
    for (path, source) in code() {
        for literal in literals(&path, &source) {
            let lower = format!(
                " {} ",
                literal.to_lowercase().replace(['.', ',', ':', '!', '?'], " ")
            );
            let found = DUTCH.iter().find(|word| lower.contains(&format!(" {word} ")));
            let is_sentence = literal.trim().contains(' ');
            assert!(
                !is_sentence || found.is_none(),
                "{}: {literal:?} ({found:?})",
                path.display()
            );
        }
    }
}

#[test]
fn a_literal_comes_to_the_keys_that_it_can_become() {
    for (literal, key, expected) in [
        ("overview-title", "overview-title", true),
        ("overview-title", "overview-titles", false),
        ("overview-rule-{id}-do", "overview-rule-two-classes-do", true),
        ("overview-rule-{id}-do", "overview-rule-two-classes", false),
        ("overview-rule-{id}", "overview-rule-two-classes", true),
        ("usernames-mark-${mark}", "usernames-mark-new", true),
        ("usernames-mark-${mark}", "usernames-marks", false),
        ("{key}", "usernames-mark-new", false),
        ("${key}-one", "usernames-mark-one", false),
    ] {
        assert_eq!(comes_to(literal, key), expected, "{literal} {key}");
    }
}
