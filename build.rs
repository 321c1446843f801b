//! Sets `VERSION_WITH_COMMIT`, which `--version` prints: the version of the package and, in a release build made where git
//! knows them, the commit and its date, and before them the tag `vX.Y.Z` if the commit has one. Where there is no git, as in the build of
//! an image, `BUILD_COMMIT` and `SOURCE_DATE_EPOCH` say them. Sets `JUDGING_CODE`, which differs when code differs that reads files and makes
//! usernames, and `ASSETS_VERSION`, which differs when a file of the desk's pages does.
//!
//! No clock is read: the same commit gives the same bytes. `SOURCE_DATE_EPOCH`, if set, replaces the date of the commit.
//! A debug build shows the version alone, so that a commit does not compile everything again.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script by its environment"
)]

use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a change of makes the version stale: the sources, since uncommitted changes show as `-dirty`.
const SOURCES: [&str; 7] = [
    "build.rs",
    "Cargo.toml",
    "Cargo.lock",
    "config",
    "crates",
    "migrations",
    "src",
];

/// The files of the desk's pages.
const ASSETS: &str = "src/desk/assets";

/// What decides how files of a bundle are read and judged, and who needs a username: what an import remembers of this holds
/// only for the same code.
const JUDGING: [&str; 11] = [
    "Cargo.lock",
    "Cargo.toml",
    "crates/school/Cargo.toml",
    "crates/school/src",
    "crates/standard/Cargo.toml",
    "crates/standard/src",
    "migrations",
    // What is a letter, and which case it has, goes by the standard library.
    "rust-toolchain.toml",
    "src/accounts",
    "src/mirror",
    "src/tabular",
];

fn main() {
    // The files of the desk's pages and of `/docs`, compressed, into the program; a debug build reads them where they lie.
    memory_serve::load_names_directories(
        [("desk", ASSETS), ("docs", "src/http/openapi/assets")],
        !cfg!(debug_assertions),
    );
    let package = env!("CARGO_PKG_VERSION");
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let version = match commit_and_date().or_else(told).filter(|_| is_release) {
        Some((commit, date)) => format!("{package} ({commit}, {date})"),
        None => package.to_owned(),
    };
    println!("cargo::rustc-env=VERSION_WITH_COMMIT={version}");
    println!("cargo::rustc-env=JUDGING_CODE={:016x}", hash_of(&JUDGING));
    // A debug build reads the files where they lie: a change of them compiles nothing.
    let assets = if is_release { hash_of(&[ASSETS]) } else { 0 };
    println!("cargo::rustc-env=ASSETS_VERSION={assets:016x}");
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    println!("cargo::rerun-if-env-changed=BUILD_COMMIT");
    for path in JUDGING {
        println!("cargo::rerun-if-changed={path}");
    }
    if !is_release {
        println!("cargo::rerun-if-changed=build.rs");
        return;
    }
    let head_files = ["HEAD", "logs/HEAD"].map(|name| git(&["rev-parse", "--git-path", name]));
    let head_files = head_files.into_iter().flatten();
    for path in SOURCES.into_iter().map(str::to_owned).chain(head_files) {
        if Path::new(&path).exists() {
            println!("cargo::rerun-if-changed={path}");
        }
    }
}

/// Returns a hash of the names and bytes of the files below these paths, in the order of their names.
fn hash_of(paths: &[&str]) -> u64 {
    let mut files = Vec::new();
    for path in paths {
        add_files(Path::new(path), &mut files);
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        hasher.write(file.to_string_lossy().as_bytes());
        hasher.write(&std::fs::read(&file).unwrap_or_default());
    }
    hasher.finish()
}

fn add_files(path: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(path) else {
        files.push(path.to_owned());
        return;
    };
    for entry in entries.flatten() {
        add_files(&entry.path(), files);
    }
}

/// Returns the commit, after its tag if it has one, and its date as `YYYY-MM-DD` in UTC; `None` outside a checkout of this package, or
/// without git.
fn commit_and_date() -> Option<(String, String)> {
    // A copy of the sources inside somebody else's repository must not show that one's commit.
    git(&["ls-files", "--error-unmatch", "build.rs"])?;
    let commit = git(&["describe", "--always", "--dirty", "--abbrev=9", "--exclude=*"])?;
    let tag = git(&["describe", "--exact-match", "--dirty", "--match=v[0-9]*"]);
    let commit = match tag {
        Some(tag) => format!("{tag}, {commit}"),
        None => commit,
    };
    let seconds = match source_date() {
        Some(seconds) => seconds,
        None => git(&["log", "-1", "--format=%ct"])?.parse().ok()?,
    };
    Some((commit, day(seconds)?))
}

/// Returns the commit and its date as `BUILD_COMMIT` and `SOURCE_DATE_EPOCH` say them.
fn told() -> Option<(String, String)> {
    let commit = std::env::var("BUILD_COMMIT").ok()?;
    let commit = commit.trim();
    (!commit.is_empty()).then_some(())?;
    Some((commit.to_owned(), day(source_date()?)?))
}

/// Returns the seconds since 1970 that `SOURCE_DATE_EPOCH` says.
fn source_date() -> Option<i64> {
    std::env::var("SOURCE_DATE_EPOCH").ok()?.trim().parse().ok()
}

/// Returns the day of a moment in UTC.
fn day(seconds: i64) -> Option<String> {
    let moment = chrono::DateTime::from_timestamp(seconds, 0)?;
    Some(moment.format("%Y-%m-%d").to_string())
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
