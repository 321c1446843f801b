//! What decides about people depends on no database, network, chance or clock, and there is one clock and one form of a moment.

use super::source::{roots, sources, sources_below};

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
    for package in ["oneroster-entra", "oneroster-school", "oneroster-standard"] {
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
            // Compares the clocks of two machines, whatever the time of the data is.
            if (source.path.as_str(), *other) == ("auth/memory.rs", "pg_catalog.clock_timestamp") {
                continue;
            }
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
    (
        "takeover/cell.rs",
        "reads moments as other servers and spreadsheets write them",
    ),
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
