//! Who may import whom inside the service, and that nothing imports in a circle. What the crates below `crates/` may use,
//! their manifests say, and the compiler sees to it; of the pure ones their dependencies are looked through.
//!
//! Reads the source text, without comments and without test modules. A new module needs a row, a new arrow a reason.

mod circles;
mod documents;
mod links;
mod purity;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use circles::{circles, files_used, spread};
use source::{Source, code, modules_used, names, sources, supers, tables_named, word};

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
        module: "causes",
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
        may_use: &[
            ("clock", "when a line was written"),
            ("config", "the log filter comes from the environment"),
        ],
    },
    Row {
        module: "encryption",
        may_use: &[
            ("config", "which file it is"),
            ("db", "the folder of an embedded database, which it is beside"),
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
        may_use: &[
            ("db", "the locks of a tenant"),
            (
                "roster",
                "a new tenant gets its head row; the form of ids is fixed once published",
            ),
        ],
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
            ("causes", "why something failed, in the log"),
            ("accounts", "usernames are an input of the projection"),
            (
                "auth",
                "whether a client asks for addresses: when data are examined, and for what is a change",
            ),
            (
                "audit",
                "a generation is entered; none is published from a database that went back",
            ),
            ("db", "works in the scope of one tenant"),
            ("mirror", "an input of the projection"),
            ("roster", "what was published, and writing what is"),
            (
                "synclog",
                "which generation a complete pull has read, for the brake, and whether any has read everyone",
            ),
            ("telemetry", "the id of a run in the log"),
            ("tenants", "an input of the projection"),
        ],
    },
    Row {
        module: "accounts",
        may_use: &[
            ("audit", "imports and exports are entered"),
            ("causes", "why something failed, in the log"),
            ("db", "the scope of one tenant"),
            (
                "encryption",
                "the key of the names of people who were erased is encrypted",
            ),
            ("mirror", "who is who"),
            ("roster", "which usernames were served"),
            ("synclog", "whether a complete pull has read a name, for a swap"),
            ("tabular", "how a check file is read and its faults are reported"),
            ("telemetry", "the id of a run in the log"),
            ("tenants", "the configuration, what changed"),
        ],
    },
    Row {
        module: "alarms",
        may_use: &[
            ("auth", "which keys and secrets end"),
            ("causes", "why something failed, in the log"),
            ("clock", "when a receiver wants to be asked again"),
            ("config", "who is told, and where"),
            ("db", "works in the scope of one tenant"),
            ("desk", "the texts that a school reads"),
            ("mirror", "when bundles came, and which was refused"),
            ("publication", "what Microsoft would refuse"),
            ("roster", "what is held, and what waits"),
            ("synclog", "who is no longer read"),
            ("tenants", "whom to tell"),
        ],
    },
    Row {
        module: "microsoft",
        may_use: &[
            ("db", "reads in the scope of one tenant"),
            ("mirror", "names of people and classes that were never published"),
            ("roster", "what is published"),
            ("tenants", "whether there is such a tenant"),
        ],
    },
    Row {
        module: "serving",
        may_use: &[
            ("db", "loads in the scope of one tenant"),
            ("roster", "the content of a generation"),
            ("telemetry", "a load is logged as part of a request"),
        ],
    },
    Row {
        module: "audit",
        may_use: &[
            ("causes", "why something failed, in the log"),
            ("config", "where its folder is"),
            ("db", "reads and writes in the scope of one tenant"),
            ("roster", "what a lost database had promised to consumers"),
            ("tenants", "what was made again is an input that changed"),
        ],
    },
    Row {
        module: "auth",
        may_use: &[
            ("causes", "why something failed, in the log"),
            (
                "audit",
                "no token from a database that went back; what is signed for",
            ),
            ("clock", "a token's expiry"),
            ("config", "the file of the encryption key"),
            ("encryption", "signing keys are encrypted"),
            ("db", "reads and changes clients in the scope of their tenant"),
            ("roster", "a token is a ticket to the newest generation"),
            (
                "tenants",
                "whether a client is told addresses decides about what is published",
            ),
        ],
    },
    Row {
        module: "edge",
        may_use: &[("telemetry", "what every line of a request says")],
    },
    Row {
        module: "access",
        may_use: &[
            (
                "audit",
                "a change of an account is entered where it was given something",
            ),
            ("db", "works in the scope of one tenant"),
        ],
    },
    Row {
        module: "desk",
        may_use: &[
            ("access", "who is signed in, and what they may do"),
            ("accounts", "usernames: looked up, edited, released"),
            ("audit", "what leaves the program is entered; who did what"),
            ("auth", "clients of a school"),
            ("clock", "when a session ends"),
            ("config", "how people sign in"),
            ("db", "works in the scope of one tenant"),
            (
                "edge",
                "request id, log line, guard, limits and encoding of every service",
            ),
            ("history", "what changed, and why"),
            (
                "microsoft",
                "files of Microsoft's: an error report, the Teams of a past year",
            ),
            (
                "publication",
                "what a change would do, what is held, why somebody is published",
            ),
            ("report", "the same answers as the commands"),
            ("roster", "what was published"),
            ("synclog", "what was read"),
            ("tabular", "check files, sheets"),
            ("telemetry", "what every line of a request says"),
            ("tenants", "the configuration"),
        ],
    },
    Row {
        module: "http",
        may_use: &[
            ("alarms", "messages that were not taken, counted in the figures"),
            ("causes", "why something failed, in the log"),
            (
                "audit",
                "whether the database went back, for /readyz and the token endpoint",
            ),
            ("auth", "who asks"),
            (
                "edge",
                "request id, log line, guard, limits and encoding of every service",
            ),
            ("export", "a generation as files, in one answer"),
            ("feeding", "a bundle is imported"),
            (
                "mirror",
                "how a bundle is meant: as the whole state or as changes",
            ),
            ("publication", "which tenants are held, from memory, for /readyz"),
            ("report", "what became of a bundle"),
            ("serving", "the answer"),
            ("synclog", "what is read is noted"),
            ("telemetry", "an import goes on as part of its request"),
        ],
    },
    Row {
        module: "export",
        may_use: &[
            ("audit", "an export is entered before it is in place"),
            ("db", "reads in the scope of one tenant"),
            ("roster", "what was published, in the order of files"),
            ("tabular", "how a file of passwords is read"),
        ],
    },
    Row {
        module: "feeding",
        may_use: &[
            ("accounts", "a bundle is imported"),
            ("causes", "why something failed, in the log"),
            ("db", "whether a failure of the database will pass"),
            ("mirror", "a bundle is opened"),
            ("report", "the same report as of the command"),
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
            ("access", "accounts of the desk, and what they were given"),
            ("accounts", "what was done with usernames"),
            ("audit", "the trail, and what a database lacked of it"),
            ("auth", "clients and their settings"),
            (
                "export",
                "what was written as files, and what is to be known of it",
            ),
            ("history", "what changed, and why"),
            ("microsoft", "what Microsoft said, read back"),
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
    ("axum", &["desk/", "edge/", "http/", "startup.rs"]),
    (
        "sqlx",
        &[
            "access/",
            "accounts/",
            "alarms/",
            "audit/",
            "auth/",
            "cli/",
            "db/",
            "desk/",
            "export/",
            "feeding/",
            "history/",
            "microsoft/",
            "mirror/",
            "publication/",
            "roster/",
            "serving/",
            "synclog/background.rs",
            "synclog/complete.rs",
            "synclog/store.rs",
            "tenants/",
        ],
    ),
    ("anyhow", &["cli/"]),
    ("calamine", &["tabular/"]),
    ("clap", &["cli/"]),
    ("rust_xlsxwriter", &["tabular/"]),
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

/// `accounts/records/` keeps Informat's number of a person, by which somebody with another id is known again; rights are given at
/// Informat's schools and sites, published or not.
const DUTCH_ALLOWED: &[&str] = &[
    "access/claims.rs",
    "access/grants.rs",
    "accounts/records/",
    "accounts/takeover/read.rs",
    "mirror/",
    "report/import.rs",
    "tenants/",
];

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
