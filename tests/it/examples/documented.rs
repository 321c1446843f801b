//! Every command and every option that the documentation names is there.

use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};
use oneroster::cli::Cli;

/// Returns the pages of a folder and of those in it.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages.extend(self::pages(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    pages
}

/// Returns the lines of code blocks but those in SQL, those that `\` breaks as one, and the code between words.
fn code(page: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for (place, part) in page.split("```").enumerate() {
        if place % 2 == 1 {
            if !part.starts_with("sql") {
                lines.extend(part.replace("\\\n", " ").lines().skip(1).map(str::to_owned));
            }
            continue;
        }
        let indented = part.lines().filter_map(|line| line.strip_prefix("    "));
        lines.extend(indented.map(str::to_owned));
        lines.extend(part.split('`').skip(1).step_by(2).map(str::to_owned));
    }
    lines
}

/// Returns `true` if a word of a shell ends a command.
fn ends_command(word: &str) -> bool {
    word.starts_with(['#', '|', '>', '<', '&', ';', '$']) || word == "--" || word == "=" || word == "→"
}

/// Returns the commands in a line of code, each as its words without `oneroster`.
fn commands<'a>(root: &Command, line: &'a str) -> Vec<Vec<&'a str>> {
    let words = line.split_whitespace();
    let words: Vec<&str> = words.take_while(|word| !word.starts_with('#')).collect();
    let is_program = |word: &str| ["oneroster", "as-oneroster", "$(oneroster"].contains(&word);
    let mut commands = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|place| words.get(place));
        // `-u oneroster` and `create role oneroster` are users, `alter database oneroster` is the database.
        let is_other = before.is_some_and(|before| {
            before.starts_with('-') && *before != "--" || ["database", "role"].contains(before)
        });
        if is_program(word) && !is_other {
            commands.push(&words[place + 1..]);
        }
    }
    // `publish --release`, between words.
    let is_short = words
        .first()
        .is_some_and(|first| root.find_subcommand(first).is_some());
    if is_short && words.iter().any(|word| word.starts_with("--")) {
        commands.push(&words);
    }
    let up_to_its_end = |words: &[&'a str]| {
        let words = words.iter().copied();
        words.take_while(|word| !ends_command(word)).collect()
    };
    commands.into_iter().map(up_to_its_end).collect()
}

/// Returns the first word of a command that there is not.
fn unknown(root: &Command, words: &[&str]) -> Option<String> {
    let mut command = root;
    for word in words {
        let word = word.trim_matches(|character: char| "[](),.;:…\"'".contains(character));
        if let Some(option) = word.strip_prefix("--") {
            let is_of_option = |character: &char| character.is_ascii_alphanumeric() || *character == '-';
            let name: String = option.chars().take_while(is_of_option).collect();
            let mut options = command.get_arguments().chain(root.get_arguments());
            let is_known = ["help", "version", ""].contains(&name.as_str())
                || options.any(|option| option.get_long() == Some(name.as_str()));
            if !is_known {
                return Some(format!("{} --{name}", command.get_name()));
            }
            continue;
        }
        let is_place_holder = !word.starts_with(|character: char| character.is_ascii_lowercase());
        if is_place_holder || !command.has_subcommands() {
            continue;
        }
        // `create-user|list` are alternatives.
        let word = word.split('|').next().unwrap_or_default();
        match command.find_subcommand(word) {
            Some(below) => command = below,
            None => return Some(format!("{} {word}", command.get_name())),
        }
    }
    None
}

#[test]
fn every_command_and_option_that_the_documentation_names_is_there() {
    let root = Cli::command();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages: Vec<PathBuf> = ["docs", "dist"]
        .iter()
        .flat_map(|name| pages(&folder.join(name)))
        .collect();
    pages.extend(
        ["README.md", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md"].map(|page| folder.join(page)),
    );
    let mut seen = 0;
    let mut wrong = Vec::new();
    for page in pages {
        for line in code(&std::fs::read_to_string(&page).unwrap()) {
            for words in commands(&root, &line) {
                seen += 1;
                if let Some(unknown) = unknown(&root, &words) {
                    wrong.push(format!("{}: `{unknown}` in `{line}`", page.display()));
                }
            }
        }
    }
    assert!(seen > 200, "the commands are found: {seen}");
    assert!(wrong.is_empty(), "there is no such command or option: {wrong:#?}");
}

#[test]
fn a_command_or_option_that_is_gone_is_seen() {
    let root = Cli::command();
    let page = "Text, `oneroster gone`, `publish --gone ID`, `tenant apply`, `install -o oneroster -g oneroster`.\n\n\
                ```sh\nas-oneroster tenant list --wrong=1 | oneroster tenant vanished   # oneroster comment\n\
                oneroster check --full \\\n    --no-such\n```\n\n```sql\ngrant oneroster to somebody;\n```\n\n    \
                oneroster import --watch DIR && runuser -u oneroster -- oneroster keys lost\n";
    let lines = code(page);
    let found: Vec<String> = lines
        .iter()
        .flat_map(|line| commands(&root, line))
        .filter_map(|words| unknown(&root, &words))
        .collect();
    assert_eq!(
        found,
        [
            "oneroster gone",
            "publish --gone",
            "list --wrong",
            "tenant vanished",
            "check --no-such",
            "keys lost"
        ]
    );
}
