//! Who may import whom. Imports point from the edge to the pure core; any other arrow fails here.
//!
//! Reads the source text, without comments and without test modules. A new module needs a row, a new arrow a reason.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A module, and what it may use with the reason.
struct Row {
    module: &'static str,
    may_use: &'static [(&'static str, &'static str)],
}

const PURE: &[(&str, &str)] = &[];
const EVERYTHING: &[(&str, &str)] = &[(
    "*",
    "puts the parts together; nothing imports it but the commands",
)];

const ARROWS: &[Row] = &[
    Row {
        module: "oneroster",
        may_use: PURE,
    },
    Row {
        module: "clock",
        may_use: PURE,
    },
    Row {
        module: "config",
        may_use: PURE,
    },
    Row {
        module: "telemetry",
        may_use: &[("config", "the log filter comes from the environment")],
    },
    Row {
        module: "query",
        may_use: &[("oneroster", "fields are those of the entities")],
    },
    Row {
        module: "db",
        may_use: &[("config", "where the database is")],
    },
    Row {
        module: "tenant",
        may_use: &[
            (
                "projection",
                "a tenant file's team name format is checked by the code that fills it in",
            ),
            ("username", "and its username format likewise"),
        ],
    },
    Row {
        module: "mirror",
        may_use: &[(
            "tenant",
            "which rows of schoolvest are published is the tenant file's choice",
        )],
    },
    Row {
        module: "username",
        may_use: &[
            ("mirror", "names and places of people"),
            ("tenant", "format, domains, defaults"),
        ],
    },
    Row {
        module: "projection",
        may_use: &[
            ("mirror", "its source"),
            ("oneroster", "its target"),
            ("tenant", "what is published, and how"),
            ("username", "what a user is called"),
        ],
    },
    Row {
        module: "health",
        may_use: &[
            ("mirror", "what is wrong is mostly in the source"),
            ("oneroster", "the kinds of object it names"),
            (
                "projection",
                "who and what is published, by the one code that says so",
            ),
            ("tenant", "which sites and domains are meant to be there"),
            ("username", "the records, and what Entra takes"),
        ],
    },
    Row {
        module: "publication",
        may_use: &[
            ("db", "works in the scope of one tenant"),
            ("health", "examines the inputs it reads"),
            ("mirror", "an input of the projection"),
            ("oneroster", "kinds of objects"),
            ("projection", "computes the roster"),
            ("tenant", "an input of the projection"),
            ("username", "an input of the projection"),
        ],
    },
    Row {
        module: "release",
        may_use: &[
            ("db", "the scope of one tenant"),
            ("mirror", "who is who; how CSV is read and its faults are told"),
            ("oneroster", "kinds of people"),
            (
                "projection",
                "who is seen now or later, as what, and under what name",
            ),
            ("tenant", "which domains are the tenant's, what changed"),
            ("username", "the records it edits"),
        ],
    },
    Row {
        module: "serving",
        may_use: &[
            ("db", "loads in the scope of one tenant"),
            ("oneroster", "kinds and references"),
            ("query", "the question it answers"),
        ],
    },
    Row {
        module: "auth",
        may_use: &[
            ("clock", "a token's expiry"),
            ("db", "reads and changes clients in the scope of their tenant"),
        ],
    },
    Row {
        module: "http",
        may_use: &[
            ("auth", "who asks"),
            ("oneroster", "kinds and error bodies"),
            ("publication", "which tenants are held, from memory, for /readyz"),
            ("query", "what is asked"),
            ("serving", "the answer"),
            ("synclog", "what is read is noted"),
        ],
    },
    Row {
        module: "history",
        may_use: &[
            ("db", "reads in the scope of one tenant"),
            ("oneroster", "kinds of objects"),
            ("projection", "the causes that publication kept"),
            ("publication", "the counts of a generation"),
            ("tenant", "who activated a school year"),
        ],
    },
    Row {
        module: "synclog",
        may_use: &[("db", "writes in the scope of one tenant")],
    },
    Row {
        module: "check",
        may_use: &[(
            "oneroster",
            "entity types; the rest of the server must not check itself",
        )],
    },
    Row {
        module: "generate",
        may_use: &[("mirror", "writes the tables that an import reads")],
    },
    Row {
        module: "startup",
        may_use: EVERYTHING,
    },
    Row {
        module: "cli",
        may_use: EVERYTHING,
    },
];

/// Where a crate may be named: by file or folder.
const CRATES: &[(&str, &[&str])] = &[
    ("axum", &["http/", "startup.rs"]),
    (
        "sqlx",
        &[
            "auth/",
            "cli/",
            "db/",
            "history/",
            "mirror/",
            "publication/",
            "release/",
            "serving/",
            "synclog/background.rs",
            "synclog/store.rs",
            "tenant/store.rs",
            "username/store.rs",
            "username/store/",
        ],
    ),
    ("reqwest", &["check/", "cli/"]),
    ("oauth2", &["check/"]),
    ("anyhow", &["cli/"]),
];

/// Informat's words, and where they may stand.
const DUTCH: &[&str] = &[
    "instelnr",
    "vestnr",
    "hoofdstructuur",
    "hfdstructuur",
    "persoon",
    "inschr",
    "klassen",
    "opdracht",
    "scoodle",
];
const DUTCH_ALLOWED: &[&str] = &[
    "cli/import.rs",
    "generate/",
    "health/",
    "mirror/",
    "projection/",
    "tenant/",
    "username/",
];

/// A source file: its path below `src` and its code.
struct Source {
    path: String,
    code: String,
}

impl Source {
    /// The top-level module it belongs to.
    fn module(&self) -> &str {
        self.path
            .split('/')
            .next()
            .unwrap_or_default()
            .trim_end_matches(".rs")
    }

    /// How many modules deep it stands: 1 for `src/auth/mod.rs` and `src/clock.rs`.
    fn depth(&self) -> usize {
        self.path.split('/').filter(|part| *part != "mod.rs").count()
    }

    fn is_in(&self, places: &[&str]) -> bool {
        places
            .iter()
            .any(|place| self.path == *place || (place.ends_with('/') && self.path.starts_with(place)))
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
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
        .filter(|path| !path.ends_with("tests.rs"))
        .map(|path| Source {
            code: code(&std::fs::read_to_string(&path).unwrap()),
            path: path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(),
        })
        .filter(|source| !["lib.rs", "main.rs"].contains(&source.path.as_str()))
        .collect()
}

/// Returns the code of a file without comments and without the test module at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Returns the word at the beginning of a text.
fn word(text: &str) -> &str {
    text.split(|character| !is_word(character))
        .next()
        .unwrap_or_default()
}

/// Says whether a code uses a crate: its name, as a word, before `::`. A log filter in a string is no use.
fn names(code: &str, wanted: &str) -> bool {
    code.match_indices(&format!("{wanted}::"))
        .any(|(place, _)| !code[..place].ends_with(is_word))
}

/// Returns the modules named right after `crate::`, also within `crate::{a::x, b}`.
fn modules_used(code: &str) -> BTreeSet<&str> {
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

/// Returns the most `super::` in a row.
fn supers(code: &str) -> usize {
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

#[test]
fn imports_point_from_the_edge_to_the_core() {
    let mut wrong = Vec::new();
    for source in sources() {
        let module = source.module();
        let Some(row) = ARROWS.iter().find(|row| row.module == module) else {
            wrong.push(format!("module {module} has no row in this test"));
            continue;
        };
        for used in modules_used(&source.code) {
            let is_allowed =
                used == module || row.may_use.iter().any(|(name, _)| *name == used || *name == "*");
            if !is_allowed {
                wrong.push(format!("src/{}: {module} must not use {used}", source.path));
            }
        }
        if supers(&source.code) >= source.depth() {
            wrong.push(format!(
                "src/{}: super:: leads out of {module}; write crate::",
                source.path
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_commands_and_startup_import_what_imports_everything() {
    for source in sources()
        .iter()
        .filter(|source| !["cli", "startup"].contains(&source.module()))
    {
        let used = modules_used(&source.code);
        assert!(
            !used.contains("cli") && !used.contains("startup"),
            "src/{}",
            source.path
        );
    }
}

#[test]
fn crates_of_the_edge_stay_at_the_edge() {
    for source in sources() {
        for (name, places) in CRATES {
            let is_fine = source.is_in(places) || !names(&source.code, name);
            assert!(
                is_fine,
                "src/{} names {name}, which only {places:?} may",
                source.path
            );
        }
    }
}

#[test]
fn informat_words_stay_on_informat_side() {
    for source in sources().iter().filter(|source| !source.is_in(DUTCH_ALLOWED)) {
        for dutch in DUTCH {
            assert!(!source.code.contains(dutch), "src/{} says {dutch}", source.path);
        }
    }
}

/// Other words for the present in SQL. `now()` stands still within a transaction, and the tests set the clock of a database by
/// putting a function of the name `clock_timestamp` before Postgres' own.
const OTHER_CLOCKS: &[&str] = &[
    " now()",
    "(now()",
    "\"now()",
    "current_date",
    "current_timestamp",
    "localtimestamp",
    "statement_timestamp",
    "transaction_timestamp",
    "pg_catalog.clock_timestamp",
];

#[test]
fn the_database_is_asked_for_the_time_in_one_way() {
    for source in sources() {
        for other in OTHER_CLOCKS {
            assert!(
                !source.code.contains(other),
                "src/{} says {other}: write clock_timestamp()",
                source.path
            );
        }
    }
}

/// What the other tests stand on.
#[test]
fn the_reader_of_this_test_sees_imports() {
    let code = code(
        "use crate::a::b; // crate::no\nuse crate::{c, d::{e, f}, g};\n#[cfg(test)]\nmod tests { use crate::h; }",
    );
    assert_eq!(modules_used(&code), BTreeSet::from(["a", "c", "d", "g"]));
    assert_eq!(supers("use super::super::x; use super::y;"), 2);
    assert!(names("use sqlx::PgPool;", "sqlx"));
    assert!(!names("my_sqlx::x", "sqlx") && !names("\"sqlx=warn\"", "sqlx"));
    assert!(sources().len() > 50, "the source is read");
}
