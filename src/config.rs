//! The settings of a process: a file, then the environment, then the command line; checked once, at start.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Path of the OneRoster operations below the public address.
const ROOT: &str = "/ims/oneroster/v1p1";

/// Settings that could not be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read the configuration file {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not what it should be. Its lines are not shown: a password may stand there.
    #[error("the configuration file {path} is not valid: line {line}, column {column}: {problem}")]
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
    /// A value is outside its limits.
    #[error("setting `{key}`: {problem}")]
    Value {
        /// Which setting.
        key: &'static str,
        /// What is wrong and what is allowed.
        problem: String,
    },
}

/// The settings. `config/base.toml` names and explains every key.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where the database is; without it an embedded Postgres is run.
    pub database_url: Option<String>,
    /// Where the embedded Postgres lives.
    pub data_dir: Option<PathBuf>,
    /// Where Postgres binaries are, when they are in none of the usual places.
    pub postgres_bin: Option<PathBuf>,
    /// Address to serve on.
    pub listen: SocketAddr,
    /// Address to serve `/metrics` on, without credentials; unset: nowhere.
    pub metrics_listen: Option<SocketAddr>,
    /// Address consumers reach the server at, such as `https://oneroster.example`, without the path of the OneRoster
    /// operations; default: where it listens.
    pub public_url: Option<String>,
    /// How many database connections at the most.
    pub database_connections: u32,
    /// How long a client's token lives unless the client has its own setting, in seconds: 60 to 43200.
    pub token_lifetime_s: u32,
    /// How much memory loaded generations may take, in bytes.
    pub cache_bytes: usize,
    /// How often the background publisher looks for changes, in seconds: 1 to 10.
    pub publish_interval_s: u32,
    /// How long history and the sync log are kept, in days: 31 to 3650. A snapshot in memory is built upon for 30.
    pub history_days: u32,
    /// How long a tenant that used to be read twice a day goes unread before one is told, in hours: 13 to 720.
    pub poll_silence_h: u32,
    /// Log lines as JSON.
    pub log_json: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database_url: None,
            data_dir: None,
            postgres_bin: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            metrics_listen: None,
            public_url: None,
            database_connections: 10,
            token_lifetime_s: 3600,
            cache_bytes: 512 << 20,
            publish_interval_s: 3,
            history_days: 400,
            poll_silence_h: 36,
            log_json: false,
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("database_url", &self.database_url.as_ref().map(|_| "(secret)"))
            .field("data_dir", &self.data_dir)
            .field("listen", &self.listen)
            .field("public_url", &self.public_url)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// Reads the file, if one is named, and puts the environment over it.
    ///
    /// The environment: `DATABASE_URL` and `ONEROSTER_` + the key in capitals, as [`environment`] reads them.
    pub fn load(file: Option<&Path>) -> Result<Self, Error> {
        let mut settings = match file {
            None => Self::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
                    path: path.to_owned(),
                    source,
                })?;
                toml::from_str(&text).map_err(|error| parse_error(path, &text, &error))?
            }
        };
        settings.overlay_environment()?;
        settings.check()?;
        Ok(settings)
    }

    /// Returns the address consumers reach a server at that listens on `address`: the configured one, else that address.
    /// One that stands for every address of the machine is reached by the loopback address.
    pub fn base_url(&self, mut address: SocketAddr) -> String {
        if let Some(url) = &self.public_url {
            return url.trim_end_matches('/').to_owned();
        }
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        format!("http://{address}")
    }

    fn overlay_environment(&mut self) -> Result<(), Error> {
        if let Some(url) = environment("DATABASE_URL") {
            self.database_url = Some(url);
        }
        if let Some(directory) = environment("ONEROSTER_DATA_DIR") {
            self.data_dir = Some(directory.into());
        }
        if let Some(directory) = environment("ONEROSTER_POSTGRES_BIN") {
            self.postgres_bin = Some(directory.into());
        }
        if let Some(url) = environment("ONEROSTER_PUBLIC_URL") {
            self.public_url = Some(url);
        }
        overlay("ONEROSTER_LISTEN", "listen", &mut self.listen)?;
        if environment("ONEROSTER_METRICS_LISTEN").is_some() {
            let mut address = self.listen;
            overlay("ONEROSTER_METRICS_LISTEN", "metrics_listen", &mut address)?;
            self.metrics_listen = Some(address);
        }
        overlay(
            "ONEROSTER_DATABASE_CONNECTIONS",
            "database_connections",
            &mut self.database_connections,
        )?;
        overlay(
            "ONEROSTER_TOKEN_LIFETIME_S",
            "token_lifetime_s",
            &mut self.token_lifetime_s,
        )?;
        overlay("ONEROSTER_CACHE_BYTES", "cache_bytes", &mut self.cache_bytes)?;
        overlay(
            "ONEROSTER_PUBLISH_INTERVAL_S",
            "publish_interval_s",
            &mut self.publish_interval_s,
        )?;
        overlay("ONEROSTER_HISTORY_DAYS", "history_days", &mut self.history_days)?;
        overlay(
            "ONEROSTER_POLL_SILENCE_H",
            "poll_silence_h",
            &mut self.poll_silence_h,
        )?;
        overlay("ONEROSTER_LOG_JSON", "log_json", &mut self.log_json)
    }

    fn check(&self) -> Result<(), Error> {
        within("database_connections", self.database_connections, 2, 1000)?;
        within("token_lifetime_s", self.token_lifetime_s, 60, 43_200)?;
        within("publish_interval_s", self.publish_interval_s, 1, 10)?;
        within("history_days", self.history_days, 31, 3650)?;
        within("poll_silence_h", self.poll_silence_h, 13, 720)?;
        let problem = self.public_url.as_deref().and_then(public_url_problem);
        problem.map_or(Ok(()), |problem| {
            Err(Error::Value {
                key: "public_url",
                problem,
            })
        })
    }
}

/// Says where a file is wrong and how, without its text.
fn parse_error(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    let place = error.span().map_or(0, |span| span.start);
    let before = text.get(..place).unwrap_or_default();
    let of_line = before.rsplit('\n').next().unwrap_or_default();
    Error::Parse {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: of_line.chars().count() + 1,
        problem: error.message().to_owned(),
    }
}

/// Says what keeps an address from being the one that paths are put behind.
fn public_url_problem(url: &str) -> Option<String> {
    let Some(rest) = ["http://", "https://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme))
    else {
        return Some(format!("{url:?} must begin with http:// or https://"));
    };
    if url.contains(|character: char| character.is_whitespace() || character.is_control()) {
        return Some(format!("{url:?} must hold no blanks"));
    }
    if url.contains(['?', '#']) {
        return Some(format!(
            "{url:?} must hold neither `?` nor `#`: paths are put behind it"
        ));
    }
    if rest.starts_with([':', '/']) || rest.is_empty() {
        return Some(format!("{url:?} names no host"));
    }
    rest.trim_end_matches('/')
        .ends_with(ROOT)
        .then(|| format!("{url:?} must be given without {ROOT}, which is put behind it"))
}

/// Reads an environment variable; an empty one counts as unset.
pub fn environment(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    let value = std::env::var(name).ok();
    value.filter(|text| !text.is_empty())
}

fn overlay<T: std::str::FromStr<Err: std::fmt::Display>>(
    name: &str,
    key: &'static str,
    target: &mut T,
) -> Result<(), Error> {
    if let Some(text) = environment(name) {
        *target = text.parse().map_err(|error| Error::Value {
            key,
            problem: format!("{name}={text:?}: {error}"),
        })?;
    }
    Ok(())
}

fn within(key: &'static str, value: u32, least: u32, most: u32) -> Result<(), Error> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Error::Value {
        key,
        problem: format!("{value} is outside {least} to {most}"),
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// Everything that a person may get to see of an error.
    fn told(error: &Error) -> String {
        let mut text = format!("{error} {error:?}");
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            let _ = write!(text, " {error} {error:?}");
            cause = error.source();
        }
        text
    }

    #[test]
    fn a_mistake_in_the_file_is_told_by_its_place_and_never_by_its_line() {
        for text in [
            "log_json = true\ndatabase_url = \"postgres://u:secret@h/d\n",
            "log_json = true\ndatabase_url = postgres://u:secret@h/d\n",
            "log_json = true\nlog_json = false # secret\n",
            "log_json = true\n  database = \"postgres://u:secret@h/d\"\n",
            "log_json = true\ndatabase_url = [\"postgres://u:secret@h/d\"]\n",
        ] {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), text).unwrap();
            let error = Settings::load(Some(file.path())).unwrap_err();
            let told = told(&error);
            assert!(!told.contains("secret"), "{told}");
            assert!(told.contains("line 2, column "), "{told}");
            assert!(told.contains(&file.path().display().to_string()), "{told}");
        }
    }

    #[test]
    fn a_public_url_is_an_address_that_paths_can_follow() {
        let check = |url: &str| {
            let settings = Settings {
                public_url: Some(url.to_owned()),
                ..Settings::default()
            };
            settings.check().map_err(|error| error.to_string())
        };
        for good in [
            "https://oneroster.example",
            "https://oneroster.example/",
            "http://[::1]:8080",
            "https://example.org/rooster/a",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, said) in [
            ("oneroster.example", "must begin with http:// or https://"),
            ("https://", "names no host"),
            ("https:///rooster", "names no host"),
            ("https://:8080", "names no host"),
            ("https://a.example/b c", "blank"),
            (" https://a.example", "must begin with"),
            ("https://a.example ", "blank"),
            ("https://a.example?x=1", "`?`"),
            ("https://a.example/#x", "`#`"),
            (
                "https://a.example/ims/oneroster/v1p1",
                "without /ims/oneroster/v1p1",
            ),
            (
                "https://a.example/b/ims/oneroster/v1p1/",
                "without /ims/oneroster/v1p1",
            ),
        ] {
            let problem = check(bad).unwrap_err();
            assert!(
                problem.contains("public_url") && problem.contains(said),
                "{bad}: {problem}"
            );
        }
    }
}
