//! The settings of a process: a file, then the environment, then the command line; checked once, at start.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;

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
    /// The file is not what it should be.
    #[error("the configuration file {path} is not valid")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
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
    /// Address consumers reach the server at, such as `https://oneroster.example`; default: where it listens.
    pub public_url: Option<String>,
    /// How many database connections at the most.
    pub database_connections: u32,
    /// How long a client's token lives unless the client has its own setting, in seconds: 60 to 43200.
    pub token_lifetime_s: u32,
    /// How much memory loaded generations may take, in bytes.
    pub cache_bytes: usize,
    /// How often the background publisher looks for changes, in seconds: 1 to 10.
    pub publish_interval_s: u32,
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
                toml::from_str(&text).map_err(|source| Error::Parse {
                    path: path.to_owned(),
                    source: Box::new(source),
                })?
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
        overlay("ONEROSTER_LOG_JSON", "log_json", &mut self.log_json)
    }

    fn check(&self) -> Result<(), Error> {
        within("database_connections", self.database_connections, 2, 1000)?;
        within("token_lifetime_s", self.token_lifetime_s, 60, 43_200)?;
        within("publish_interval_s", self.publish_interval_s, 1, 10)?;
        if let Some(url) = &self.public_url
            && !(url.starts_with("http://") || url.starts_with("https://"))
        {
            return Err(Error::Value {
                key: "public_url",
                problem: format!("{url:?} must begin with http:// or https://"),
            });
        }
        Ok(())
    }
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
