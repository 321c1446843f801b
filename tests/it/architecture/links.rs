//! Every link of the documentation leads to a file, a folder or a heading that is there, and so does every page that a message, a rule or a
//! script names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::documents::root;

/// What is looked for pages that are named in the text: `docs/operations.md#health`.
const NAMING: [&str; 6] = [".ci", "config", "crates", "dist", "migrations", "src"];

/// Returns the files of a folder and of those in it, but for what is built or installed there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            let is_ours = !["target", "node_modules", ".git", "fuzz"].contains(&name);
            if is_ours && !path.is_symlink() {
                files.extend(self::files(&path));
            }
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

fn events(page: &str) -> Parser<'_> {
    Parser::new_ext(page, Options::ENABLE_TABLES)
}

/// Returns the addresses of a page's headings, as GitHub makes them: small letters, digits, `-` and `_`, a blank as `-`.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut heading: Option<String> = None;
    for event in events(page) {
        if let Event::Start(Tag::Heading { .. }) = event {
            heading = Some(String::new());
        } else if let (Event::Text(text) | Event::Code(text), Some(heading)) = (&event, &mut heading) {
            heading.push_str(text);
        } else if let Event::End(TagEnd::Heading(_)) = event {
            let text = heading.take().unwrap().to_lowercase();
            let kept = text
                .chars()
                .filter(|character| character.is_alphanumeric() || " -_".contains(*character));
            let anchor = kept.collect::<String>().replace(' ', "-");
            let mut numbered = (0..).map(|number| match number {
                0 => anchor.clone(),
                number => format!("{anchor}-{number}"),
            });
            let free = numbered.find(|anchor| !anchors.contains(anchor)).unwrap();
            anchors.insert(free);
        }
    }
    anchors
}

/// Returns where the links and pictures of a page lead.
fn targets(page: &str) -> Vec<String> {
    let leads = |event| {
        if let Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = event {
            Some(dest_url.into_string())
        } else {
            None
        }
    };
    events(page).filter_map(leads).collect()
}

/// Pages that were read, by path.
#[derive(Default)]
struct Pages(BTreeMap<PathBuf, BTreeSet<String>>);

impl Pages {
    /// Returns `true` if a file or folder is there, and has the heading that is named.
    fn has(&mut self, path: &Path, heading: Option<&str>) -> bool {
        let Some(heading) = heading else {
            return path.exists();
        };
        let headings = self
            .0
            .entry(path.to_owned())
            .or_insert_with(|| anchors(&std::fs::read_to_string(path).unwrap_or_default()));
        headings.contains(heading)
    }

    /// Returns the links of a page at a path that lead nowhere.
    fn dead(&mut self, path: &Path, page: &str) -> Vec<String> {
        let mut dead = targets(page);
        dead.retain(|target| {
            let is_elsewhere =
                target.contains("://") || target.starts_with("mailto:") || target.starts_with('/');
            let (file, heading) = target
                .split_once('#')
                .map_or((target.as_str(), None), |(file, heading)| (file, Some(heading)));
            let file = if file.is_empty() {
                path.to_owned()
            } else {
                path.parent().unwrap().join(file)
            };
            !is_elsewhere && !self.has(&file, heading)
        });
        dead
    }

    /// Returns the pages of `docs` that a text names, with a heading or not, and that are not there.
    fn dead_names(&mut self, text: &str) -> Vec<String> {
        let mut dead = Vec::new();
        for (at, _) in text.match_indices("docs/") {
            if text[..at].ends_with(|before: char| before.is_alphanumeric() || "/_-.".contains(before)) {
                continue;
            }
            let is_of_name =
                |character: char| character.is_ascii_alphanumeric() || "/_-.#".contains(character);
            let name: String = text[at..]
                .chars()
                .take_while(|character| is_of_name(*character))
                .collect();
            // What a program puts together.
            let is_part = text[at + name.len()..].starts_with('{');
            let Some((file, heading)) = name.trim_end_matches(['.', '/']).split_once(".md") else {
                continue;
            };
            let file = root().join(format!("{file}.md"));
            if !is_part && !self.has(&file, heading.strip_prefix('#')) {
                dead.push(name);
            }
        }
        dead
    }
}

#[test]
fn every_link_of_the_documentation_leads_somewhere() {
    let mut pages = Pages::default();
    let mut dead = BTreeMap::new();
    let mut links = 0;
    for path in files(&root()).into_iter().filter(|path| is_page(path)) {
        let text = std::fs::read_to_string(&path).unwrap();
        links += targets(&text).len();
        let of_page = pages.dead(&path, &text);
        if !of_page.is_empty() {
            dead.insert(path, of_page);
        }
    }
    assert!(links > 200, "the links are found: {links}");
    assert!(dead.is_empty(), "these lead nowhere: {dead:#?}");
}

#[test]
fn every_page_that_a_message_a_rule_or_a_script_names_is_there() {
    let mut pages = Pages::default();
    let mut dead = BTreeMap::new();
    for folder in NAMING {
        for path in files(&root().join(folder)) {
            // Pictures and letters are no text.
            let Ok(text) = std::fs::read_to_string(&path) else {
                continue;
            };
            let of_file = pages.dead_names(&text);
            if !of_file.is_empty() {
                dead.insert(path, of_file);
            }
        }
    }
    assert!(dead.is_empty(), "these pages are named and not there: {dead:#?}");
}

#[test]
fn the_map_of_the_documentation_leads_to_every_page() {
    let docs = root().join("docs");
    let map = targets(&std::fs::read_to_string(docs.join("README.md")).unwrap());
    let linked: BTreeSet<PathBuf> = map
        .iter()
        .filter_map(|target| docs.join(target.split('#').next().unwrap()).canonicalize().ok())
        .collect();
    let missing: Vec<PathBuf> = files(&docs)
        .into_iter()
        .filter(|path| is_page(path) && !path.ends_with("docs/README.md"))
        .filter(|path| !linked.contains(&path.canonicalize().unwrap()))
        .collect();
    assert!(missing.is_empty(), "docs/README.md does not lead to {missing:?}");
}

#[test]
fn a_link_that_leads_nowhere_is_seen() {
    let page = "# A page\n\n## Over `HTTP`: what, and how_it is\n\n## Twice\n\n## Twice\n\n\
                [a](#over-http-what-and-how_it-is) [b](#twice-1) [c](#twice-2) [d](docs/README.md) [e](docs/gone.md#x)\n\n\
                | one |\n|---|\n| [f](README.md#nothing-is-called-so) ![g](gone.png) [h](https://example.org) |\n\n```\n[i](gone.md)\n```\n";
    let path = root().join("target/page.md");
    let mut pages = Pages(BTreeMap::from([(path.clone(), anchors(page))]));
    assert_eq!(
        pages.dead(
            &path,
            &page.replace("(docs", "(../docs").replace("(README", "(../README")
        ),
        [
            "#twice-2",
            "../docs/gone.md#x",
            "../README.md#nothing-is-called-so",
            "gone.png"
        ]
    );
    assert_eq!(
        pages.dead_names(
            "see docs/operations.md#health, docs/gone.md, or `docs/operations.md#nothing`. https://x.example/docs/y.md docs/operations.md#alarm-{kind}"
        ),
        ["docs/gone.md", "docs/operations.md#nothing"]
    );
}
