//! Who may import whom inside the service, and that nothing imports in a circle. What the crates below `crates/` may use,
//! their manifests say, and the compiler sees to it; of the pure ones their dependencies are looked through.
//!
//! Reads the source text, without comments and without test modules. A new module needs a row, a new arrow a reason.

use std::collections::{BTreeMap, BTreeSet};
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
        module: "clock",
        may_use: PURE,
    },
    Row {
        module: "config",
        may_use: PURE,
    },
    Row {
        module: "telemetry",
        may_use: &[
            ("clock", "when a line was written"),
            ("config", "the log filter comes from the environment"),
        ],
    },
    Row {
        module: "db",
        may_use: &[("config", "where the database is")],
    },
    Row {
        module: "roster",
        may_use: PURE,
    },
    Row {
        module: "tabular",
        may_use: PURE,
    },
    Row {
        module: "tenants",
        may_use: &[(
            "roster",
            "a new tenant gets its head row; the form of ids is fixed once published",
        )],
    },
    Row {
        module: "mirror",
        may_use: &[
            ("db", "the lock of a load"),
            ("tabular", "how a file is read and its faults are reported"),
            ("tenants", "a load locks its tenant and raises its input version"),
        ],
    },
    Row {
        module: "publication",
        may_use: &[
            ("accounts", "usernames are an input of the projection"),
            ("db", "works in the scope of one tenant"),
            ("mirror", "an input of the projection"),
            ("roster", "what was published, and writing what is"),
            ("telemetry", "the id of a run in the log"),
            ("tenants", "an input of the projection"),
        ],
    },
    Row {
        module: "accounts",
        may_use: &[
            ("db", "the scope of one tenant"),
            ("mirror", "who is who"),
            ("roster", "which usernames were served"),
            ("tabular", "how a check file is read and its faults are reported"),
            ("telemetry", "the id of a run in the log"),
            ("tenants", "the configuration, what changed"),
        ],
    },
    Row {
        module: "serving",
        may_use: &[
            ("db", "loads in the scope of one tenant"),
            ("roster", "the content of a generation"),
        ],
    },
    Row {
        module: "auth",
        may_use: &[
            ("clock", "a token's expiry"),
            ("db", "reads and changes clients in the scope of their tenant"),
            ("roster", "a token is a ticket to the newest generation"),
        ],
    },
    Row {
        module: "edge",
        may_use: PURE,
    },
    Row {
        module: "http",
        may_use: &[
            ("auth", "who asks"),
            (
                "edge",
                "request id, log line, guard, limits and encoding of every service",
            ),
            ("publication", "which tenants are held, from memory, for /readyz"),
            ("serving", "the answer"),
            ("synclog", "what is read is noted"),
        ],
    },
    Row {
        module: "history",
        may_use: &[
            ("db", "reads in the scope of one tenant"),
            ("roster", "generations, and the versions of objects"),
            ("tenants", "who activated a school year"),
        ],
    },
    Row {
        module: "synclog",
        may_use: &[("db", "writes in the scope of one tenant")],
    },
    Row {
        module: "report",
        may_use: &[
            ("accounts", "what was done with usernames"),
            ("auth", "clients and their settings"),
            ("history", "what changed, and why"),
            ("mirror", "the faults of a file"),
            ("publication", "what a publication came to"),
            ("roster", "what is held, and counts of changes"),
            ("synclog", "what was read"),
            ("tabular", "the faults of any file"),
            ("tenants", "decisions on record"),
        ],
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
    ("axum", &["edge/", "http/", "startup.rs"]),
    (
        "sqlx",
        &[
            "accounts/",
            "auth/",
            "cli/",
            "db/",
            "history/",
            "mirror/",
            "publication/",
            "roster/",
            "serving/",
            "synclog/background.rs",
            "synclog/store.rs",
            "tenants/",
        ],
    ),
    ("anyhow", &["cli/"]),
    ("clap", &["cli/"]),
];

/// The tables of schema `roster`. A migration that adds one adds it here.
const ROSTER_TABLES: &[&str] = &[
    "evaluation",
    "generation",
    "head",
    "history",
    "hold",
    "object_version",
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
/// `accounts/records/` keeps Informat's number of a person, by which somebody with another id is known again.
const DUTCH_ALLOWED: &[&str] = &["accounts/records/", "mirror/", "report/import.rs", "tenants/"];

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

/// Returns the folder of sources of the service.
fn service() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Returns the folders of sources: the service's and that of every crate.
fn roots() -> Vec<PathBuf> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    let mut roots: Vec<PathBuf> = std::fs::read_dir(crates)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("src"))
        .collect();
    roots.push(service());
    roots
}

/// Returns the sources of the service.
fn sources() -> Vec<Source> {
    sources_below(&service())
}

fn sources_below(root: &Path) -> Vec<Source> {
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

/// Returns the tables of a schema that a code names as `schema.table`. A field of a Rust value (`roster.hold`) reads alike, so
/// that a value beside SQL needs another name.
fn tables_named<'a>(code: &str, schema: &str, tables: &[&'a str]) -> Vec<&'a str> {
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
fn only_roster_names_the_tables_of_its_schema() {
    for source in sources().iter().filter(|source| source.module() != "roster") {
        let tables = tables_named(&source.code, "roster", ROSTER_TABLES);
        assert!(
            tables.is_empty(),
            "src/{} names {tables:?} of schema roster: ask a function of src/roster",
            source.path
        );
    }
}

#[test]
fn every_advisory_lock_is_taken_by_a_function_of_db_locks() {
    for source in sources() {
        assert!(
            source.path == "db/locks.rs"
                || !source.code.contains("pg_advisory") && !source.code.contains("pg_try_advisory"),
            "src/{} takes an advisory lock of its own: src/db/locks.rs has them all with their order",
            source.path
        );
    }
}

#[test]
fn every_table_of_schema_roster_is_known_here() {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut created = BTreeSet::new();
    for entry in std::fs::read_dir(migrations).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for rest in text.split("create table roster.").skip(1) {
            created.insert(word(rest).to_owned());
        }
    }
    let known: BTreeSet<String> = ROSTER_TABLES.iter().map(|table| (*table).to_owned()).collect();
    assert_eq!(created, known);
}

#[test]
fn informat_words_stay_on_informat_side() {
    for source in sources().iter().filter(|source| !source.is_in(DUTCH_ALLOWED)) {
        for dutch in DUTCH {
            assert!(!source.code.contains(dutch), "src/{} says {dutch}", source.path);
        }
    }
}

/// A report is a type of `report`: only the file that prints them knows that they become JSON, and `demo` its own file.
#[test]
fn commands_print_reports_and_nothing_else() {
    for source in sources().iter().filter(|source| source.module() == "cli") {
        let is_allowed = source.is_in(&["cli/demo.rs", "cli/output.rs"]);
        assert!(
            is_allowed || !names(&source.code, "serde_json"),
            "src/{} builds or reads JSON: make it a report",
            source.path
        );
        assert!(!source.code.contains("json!"), "src/{}", source.path);
    }
}

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
fn spread(text: &str) -> Vec<String> {
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
fn files_used<'a>(source: &Source, paths: &'a BTreeSet<&str>) -> BTreeSet<&'a str> {
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
fn circles<'a>(arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<BTreeSet<&'a str>> {
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

/// Crates of databases, networks, chance and the clock of the machine: `chrono` brings the last with its feature `clock`.
const IMPURE: &[&str] = &[
    "axum",
    "getrandom",
    "hyper",
    "iana-time-zone",
    "rand",
    "reqwest",
    "sqlx",
    "tokio",
];

/// What decides about people gets everything handed in: it cannot even name what would fetch it.
#[test]
fn the_pure_crates_depend_on_no_database_no_network_no_chance_and_no_clock() {
    for package in ["oneroster-school", "oneroster-standard"] {
        let tree = std::process::Command::new(env!("CARGO"))
            .args([
                "tree",
                "--offline",
                "--locked",
                "--edges",
                "normal",
                "--prefix",
                "none",
            ])
            .args(["--package", package])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let tree = String::from_utf8(tree.stdout).unwrap();
        assert!(tree.contains("serde v"), "cargo tree lists dependencies: {tree}");
        for line in tree.lines() {
            let name = line.split(' ').next().unwrap_or_default();
            assert!(!IMPURE.contains(&name), "{package} depends on {line}");
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

/// Other ways to write a moment than `Moment` of the standard, and how a text that names a form begins.
const OTHER_MOMENTS: &[&str] = &[
    "to_rfc3339",
    "to_rfc2822",
    "SecondsFormat",
    "%Y-%m-%d",
    "%H:%M",
    "%FT",
    "%F ",
    "%T",
];

/// Where such a thing is no moment of ours: reading, and other people's forms.
const OTHER_MOMENTS_ALLOWED: &[(&str, &str)] = &[
    (
        "answer/tests/oracle.rs",
        "reads the days of a filter in its own way",
    ),
    ("bundle/cell.rs", "Informat's timestamps, as COPY takes them"),
    ("moment.rs", "the one place"),
    (
        "query/instant.rs",
        "its tests hold what is read against what is written",
    ),
    ("rules/structure.rs", "reads days of a provider under check"),
    ("write.rs", "a bundle is written as Informat writes one"),
];

#[test]
fn a_moment_is_written_in_one_place() {
    for source in roots().iter().flat_map(|root| sources_below(root)) {
        if OTHER_MOMENTS_ALLOWED
            .iter()
            .any(|(file, _)| source.path.ends_with(file))
        {
            continue;
        }
        for other in OTHER_MOMENTS {
            assert!(
                !source.code.contains(other),
                "{} says {other}: show moments by oneroster_standard::Moment",
                source.path
            );
        }
        for body in serialized(&source.code) {
            let plain = body.lines().zip(body.lines().skip(1)).find(|(before, line)| {
                line.contains("DateTime<Utc>") && !before.contains("moment::serialize")
            });
            assert!(
                plain.is_none(),
                "{}: {plain:?} is serialised in a form of its own: make it a Moment",
                source.path
            );
        }
    }
}

/// Returns the types that are serialised and never read back: what is stored keeps every digit of a moment.
fn serialized(code: &str) -> Vec<&str> {
    code.split("#[derive(")
        .skip(1)
        .filter(|rest| {
            let derived = rest.split(')').next().unwrap_or_default();
            derived.contains("Serialize") && !derived.contains("Deserialize")
        })
        .map(|rest| rest.split("\n}").next().unwrap_or_default())
        .collect()
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
    assert_eq!(
        tables_named(
            "from roster.head h, roster.holder, my_roster.hold",
            "roster",
            ROSTER_TABLES
        ),
        ["head"]
    );
    assert_eq!(
        spread("a::{self, b, c::{d, e}}"),
        ["a", "a::b", "a::c::d", "a::c::e"].map(|path| if path == "a" {
            "a::".to_owned()
        } else {
            path.to_owned()
        })
    );
    let paths = BTreeSet::from(["a/mod.rs", "a/b.rs", "c.rs"]);
    let source = Source {
        path: "a/b.rs".to_owned(),
        code: "use super::{X, b}; fn f() { crate::c::g() }".to_owned(),
    };
    assert_eq!(files_used(&source, &paths), BTreeSet::from(["c.rs"]));
    let arrows = BTreeMap::from([
        ("a", BTreeSet::from(["b"])),
        ("b", BTreeSet::from(["c"])),
        ("c", BTreeSet::from(["a"])),
        ("d", BTreeSet::from(["a"])),
    ]);
    assert_eq!(
        circles(&arrows),
        BTreeSet::from([BTreeSet::from(["a", "b", "c"])])
    );
}
