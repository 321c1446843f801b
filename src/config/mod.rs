//! The settings of a process: a file, then the environment, then the command line; checked once, at start.
//!
//! One file for each section of the settings file. `config/base.toml` names and explains every key.

mod alarms;
mod audit;
mod cache;
mod database;
mod desk;
mod environment;
mod feeding;
mod file;
mod history;
mod keys;
mod log;
mod openid;
mod publication;
mod server;
mod synclog;
mod tokens;

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use alarms::Alarms;
pub use audit::Audit;
pub use cache::Cache;
pub use database::{Database, Origins};
pub use desk::Desk;
pub use environment::{Variables, environment};
pub use feeding::Feeding;
pub use file::OldKey;
pub use history::History;
pub use keys::Keys;
pub use log::Log;
pub use openid::OpenId;
pub use publication::Publication;
pub use server::{Server, listen_address};
pub use synclog::Synclog;
pub use tokens::Tokens;

/// The settings file that is read when it exists and no other is named.
pub const DEFAULT_FILE: &str = "/etc/oneroster/oneroster.toml";

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read the settings file {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not what it should be. Its lines are not shown: one may hold a password.
    #[error("the settings file {path} is not valid: line {line}, column {column}: {problem}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where, counted from 1.
        line: usize,
        /// Where in the line, in characters counted from 1.
        column: usize,
        /// What is wrong.
        problem: String,
    },
    /// A value is outside its limits, or has another form.
    #[error("setting `{key}`: {problem}")]
    Value {
        /// Which setting.
        key: &'static str,
        /// What is wrong and what is allowed.
        problem: String,
    },
    /// An environment variable cannot be read as the setting that it is.
    #[error("environment variable {name} (setting `{key}`): {problem}")]
    Variable {
        /// The variable.
        name: &'static str,
        /// The setting.
        key: &'static str,
        /// What is wrong and what is allowed.
        problem: String,
    },
    /// Environment variables look like settings and are none.
    #[error("{names}: no such setting; the environment variables that are settings: {known}")]
    UnknownVariables {
        /// Those found.
        names: String,
        /// Those there are.
        known: String,
    },
    /// An environment variable is not UTF-8.
    #[error("the value of the environment variable {0} is not UTF-8")]
    NotUtf8(String),
}

/// The settings: one field for each section of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where it listens, and how it is reached.
    pub server: Server,
    /// Which database.
    pub database: Database,
    /// The files of the audit trail.
    pub audit: Audit,
    /// The keys that sign tokens.
    pub keys: Keys,
    /// The tokens of clients.
    pub tokens: Tokens,
    /// The rosters in memory.
    pub cache: Cache,
    /// The background publisher.
    pub publication: Publication,
    /// What is kept, and how long.
    pub history: History,
    /// What consumers read.
    pub synclog: Synclog,
    /// Bundles that come by themselves.
    pub feeding: Feeding,
    /// Who is told what.
    pub alarms: Alarms,
    /// The pages of schools' admins.
    pub desk: Desk,
    /// The log.
    pub log: Log,
}

/// What the command line says of settings.
#[derive(Debug, Clone, Copy, Default)]
pub struct CommandLine<'a> {
    /// The settings file.
    pub file: Option<&'a Path>,
    /// The data directory.
    pub data_dir: Option<&'a Path>,
}

/// Settings, and how they were read.
#[derive(Debug)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// The file they were read from, if there is one.
    pub file: Option<PathBuf>,
    /// The keys of the file that have another name today.
    pub old_keys: Vec<OldKey>,
}

impl Settings {
    /// Reads the settings file, puts the environment over it and the command line over both, and checks every value.
    ///
    /// The file is the one that the command line or `ONEROSTER_CONFIG` names, else [`DEFAULT_FILE`] if it exists.
    pub fn load(command_line: CommandLine<'_>, mut variables: Variables) -> Result<Loaded, Error> {
        let by_environment = variables.file();
        let named = command_line.file.map(Path::to_owned).or(by_environment);
        let (file, text) = match read(named, Path::new(DEFAULT_FILE))? {
            Some((path, text)) => (Some(path), text),
            None => (None, String::new()),
        };
        let (mut settings, old_keys) = file::parse(file.as_deref().unwrap_or(Path::new("")), &text)?;
        settings.overlay(&mut variables)?;
        variables.refuse_unknown()?;
        if let Some(directory) = command_line.data_dir {
            settings.database.name_data_dir(directory.to_owned());
        }
        settings.check()?;
        Ok(Loaded {
            settings,
            file,
            old_keys,
        })
    }

    fn overlay(&mut self, variables: &mut Variables) -> Result<(), Error> {
        let Self {
            server,
            database,
            audit,
            keys,
            tokens,
            cache,
            publication,
            history,
            synclog,
            feeding,
            alarms,
            desk,
            log,
        } = self;
        server.overlay(variables)?;
        database.overlay(variables)?;
        audit.overlay(variables);
        keys.overlay(variables)?;
        tokens.overlay(variables)?;
        cache.overlay(variables)?;
        publication.overlay(variables)?;
        history.overlay(variables)?;
        synclog.overlay(variables)?;
        feeding.overlay(variables)?;
        alarms.overlay(variables)?;
        desk.overlay(variables)?;
        log.overlay(variables)
    }

    fn check(&self) -> Result<(), Error> {
        self.server.check()?;
        self.database.check()?;
        self.keys.check()?;
        self.tokens.check()?;
        self.publication.check()?;
        self.history.check()?;
        self.synclog.check()?;
        self.feeding.check()?;
        self.alarms.check()?;
        self.desk.check()
    }
}

/// Reads the named file, which must exist, or else the default one if it exists.
fn read(named: Option<PathBuf>, default: &Path) -> Result<Option<(PathBuf, String)>, Error> {
    let is_named = named.is_some();
    let path = named.unwrap_or_else(|| default.to_owned());
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some((path, text))),
        Err(error) if !is_named && error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Read { path, source }),
    }
}

/// Refuses a value outside its limits.
fn within(key: &'static str, value: u32, limits: &RangeInclusive<u32>) -> Result<(), Error> {
    if limits.contains(&value) {
        return Ok(());
    }
    Err(Error::Value {
        key,
        problem: format!("{value} is outside {} to {}", limits.start(), limits.end()),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const BASE: &str = include_str!("../../config/base.toml");

    fn load(text: &str, variables: &[(&str, &str)]) -> Result<Loaded, Error> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let command_line = CommandLine {
            file: Some(file.path()),
            data_dir: None,
        };
        Settings::load(command_line, Variables::of(variables))
    }

    #[test]
    fn base_toml_says_the_defaults() {
        let loaded = load(BASE, &[]).unwrap();
        assert_eq!(loaded.settings, Settings::default());
        assert!(loaded.old_keys.is_empty());
    }

    /// Returns base.toml with the keys set that it shows as a comment.
    fn base_with_everything_set() -> String {
        let lines = BASE.lines().map(|line| match line.strip_prefix("# ") {
            Some(rest) if is_setting(rest) => rest,
            _ => line,
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn is_setting(line: &str) -> bool {
        line.split_once(" = ").is_some_and(|(key, _)| {
            key.chars()
                .all(|character| character.is_ascii_lowercase() || character == '_')
        })
    }

    #[test]
    fn base_toml_shows_every_key_with_its_variable() {
        let text = base_with_everything_set();
        let mut shown = BTreeSet::new();
        let (mut section, mut comment) = ("", String::new());
        for line in text.lines() {
            if let Some(name) = line.strip_prefix('[') {
                section = name.trim_end_matches(']');
            } else if let Some(rest) = line.strip_prefix('#') {
                comment.push_str(rest);
            } else if let Some((key, _)) = line.split_once(" = ") {
                let variable = comment.rsplit('(').next().unwrap_or_default();
                let variable = variable.split(')').next().unwrap_or_default();
                shown.insert((variable.to_owned(), format!("{section}.{key}")));
                comment.clear();
            }
        }
        let mut variables = Variables::of(&[]);
        Settings::default().overlay(&mut variables).unwrap();
        let known: BTreeSet<(String, String)> = variables
            .known()
            .map(|(name, key)| (name.to_owned(), key.to_owned()))
            .collect();
        assert_eq!(shown, known);
        // Each of them is taken as it is shown.
        assert!(!load(&text, &[]).unwrap().settings.eq(&Settings::default()));
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_command_line_over_both() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(
            file.path(),
            "[server]\nlisten = \"127.0.0.1:1\"\n[database]\ndata_dir = \"/of/file\"\n[tokens]\nlifetime_s = 61\n",
        )
        .unwrap();
        let variables = [
            ("ONEROSTER_LISTEN", "127.0.0.1:2"),
            ("ONEROSTER_DATA_DIR", "/of/environment"),
        ];
        let command_line = CommandLine {
            file: Some(file.path()),
            data_dir: Some(Path::new("/of/command/line")),
        };
        let loaded = Settings::load(command_line, Variables::of(&variables)).unwrap();
        assert_eq!(loaded.settings.tokens.lifetime_s, 61);
        assert_eq!(loaded.settings.server.listen.port(), 2);
        let database = loaded.settings.database;
        assert_eq!(database.data_dir.as_deref(), Some(Path::new("/of/command/line")));
        assert_eq!(database.origins.data_dir, "--data-dir");
    }

    #[test]
    fn the_file_is_the_one_named_else_the_one_at_the_usual_place() {
        let folder = tempfile::tempdir().unwrap();
        let (named, usual) = (folder.path().join("named.toml"), folder.path().join("usual.toml"));
        assert_eq!(read(None, &usual).unwrap(), None);
        std::fs::write(&usual, "usual").unwrap();
        let found = |named: Option<&PathBuf>| read(named.cloned(), &usual).unwrap().unwrap().1;
        assert_eq!(found(None), "usual");
        std::fs::write(&named, "named").unwrap();
        assert_eq!(found(Some(&named)), "named");
        assert!(read(Some(folder.path().join("none.toml")), &usual).is_err());
        assert_eq!(DEFAULT_FILE, "/etc/oneroster/oneroster.toml");
    }

    #[test]
    fn the_environment_names_the_file_unless_the_command_line_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str, lifetime_s: u32| {
            let path = folder.path().join(name);
            std::fs::write(&path, format!("[tokens]\nlifetime_s = {lifetime_s}\n")).unwrap();
            path
        };
        let (one, other) = (path("one.toml", 61), path("other.toml", 62));
        let load = |file: Option<&Path>| {
            let command_line = CommandLine { file, data_dir: None };
            let variables = Variables::of(&[("ONEROSTER_CONFIG", one.to_str().unwrap())]);
            let loaded = Settings::load(command_line, variables).unwrap();
            (loaded.settings.tokens.lifetime_s, loaded.file.unwrap())
        };
        assert_eq!(load(None), (61, one.clone()));
        assert_eq!(load(Some(&other)), (62, other.clone()));
    }

    #[test]
    fn a_value_outside_its_limits_is_refused_with_them() {
        for (text, said) in [
            ("[database]\nconnections = 1", "2 to 1000"),
            ("[keys]\nrotate_days = 0", "1 to 365"),
            ("[tokens]\nlifetime_s = 59", "60 to 43200"),
            ("[publication]\ninterval_s = 11", "1 to 10"),
            ("[history]\ndays = 30", "31 to 3650"),
            ("[synclog]\npoll_silence_h = 721", "13 to 720"),
            ("[feeding]\nimport_silence_h = 12", "13 to 720"),
        ] {
            let error = load(text, &[]).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn an_unknown_key_or_section_is_refused_by_name() {
        for (text, said) in [
            ("[server]\nlistn = \"127.0.0.1:1\"", "`listn`"),
            ("[sever]\nlisten = \"127.0.0.1:1\"", "`sever`"),
            ("listn = \"127.0.0.1:1\"", "`listn`"),
        ] {
            let error = load(text, &[]).unwrap_err().to_string();
            assert!(
                error.contains(said) && error.contains("line ") && error.contains("expected"),
                "{text}: {error}"
            );
        }
    }
}
