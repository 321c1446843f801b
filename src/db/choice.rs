//! Which database: an address, or the data directory of an embedded Postgres; never one by accident.

use std::fmt;
#[cfg(feature = "demo")]
use std::path::PathBuf;

use sqlx::postgres::PgConnectOptions;

#[cfg(feature = "demo")]
use super::embedded;
use super::{Error, standing};
use crate::config;

/// What the user that servers sign in as is called where the settings do not say.
const USER_SUGGESTED: &str = "oneroster_serve";

/// The database that was chosen.
#[derive(Debug)]
pub(super) enum Choice {
    /// A Postgres that somebody else runs.
    Address(Box<Address>),
    /// An embedded Postgres.
    #[cfg(feature = "demo")]
    DataDir(PathBuf),
}

/// The address of a Postgres, as its users.
#[derive(Debug)]
pub(super) struct Address {
    /// As whom servers and commands sign in.
    pub(super) options: PgConnectOptions,
    /// Where it is.
    pub(super) location: Location,
    /// As whom migrations sign in, if that is somebody else, and what the settings call it.
    pub(super) owner: Option<(PgConnectOptions, Location)>,
}

/// Chooses by the settings: the address or the data directory that they name, never both; else the data directory at the
/// default place, if it holds a database already.
#[cfg(feature = "demo")]
pub(super) fn choose(settings: &config::Database) -> Result<Choice, Error> {
    let default = oneroster_embedded_postgres::default_data_dir().ok();
    choose_among(settings, default)
}

#[cfg(feature = "demo")]
fn choose_among(settings: &config::Database, default: Option<PathBuf>) -> Result<Choice, Error> {
    require_both(settings)?;
    match (&settings.url, &settings.data_dir) {
        (Some(_), Some(_)) => Err(Error::TwoDatabases {
            url: settings.origins.url,
            data_dir: settings.origins.data_dir,
        }),
        (Some(url), None) => address(url, settings),
        (None, Some(_)) => embedded::data_dir(settings).map(Choice::DataDir),
        (None, None) => default
            .filter(|directory| oneroster_embedded_postgres::holds_database(directory))
            .map(Choice::DataDir)
            .ok_or(Error::NoDatabase),
    }
}

/// Chooses by the settings. A build without the embedded Postgres takes an address only.
#[cfg(not(feature = "demo"))]
pub(super) fn choose(settings: &config::Database) -> Result<Choice, Error> {
    require_both(settings)?;
    match (&settings.url, &settings.data_dir) {
        (_, Some(_)) => Err(Error::NoEmbedded {
            data_dir: settings.origins.data_dir,
        }),
        (Some(url), None) => address(url, settings),
        (None, None) => Err(Error::NoDatabase),
    }
}

/// Refuses the owner's address without the other: what it names would be passed over for a database that nobody meant.
fn require_both(settings: &config::Database) -> Result<(), Error> {
    if settings.owner_url.is_some() && settings.url.is_none() {
        return Err(Error::OwnerAlone {
            owner_url: settings.origins.owner_url,
        });
    }
    Ok(())
}

fn address(url: &str, settings: &config::Database) -> Result<Choice, Error> {
    let parse = |url: &str, origin: &'static str| {
        let options = parse_address(url).map_err(|source| Error::Address { origin, source })?;
        let location = Location::of_address(&options, origin);
        Ok::<_, Error>((options, location))
    };
    let (options, location) = parse(url, settings.origins.url)?;
    let owner = settings.owner_url.as_deref();
    let owner = owner
        .map(|owner| parse(owner, settings.origins.owner_url))
        .transpose()?;
    let name = |options: &PgConnectOptions| {
        let name = options.get_database().unwrap_or_else(|| options.get_username());
        name.to_owned()
    };
    if let Some((of_owner, _)) = &owner
        && name(of_owner) != name(&options)
    {
        return Err(Error::TwoNames {
            url: settings.origins.url,
            owner_url: settings.origins.owner_url,
        });
    }
    Ok(Choice::Address(Box::new(Address {
        options,
        location,
        owner,
    })))
}

/// Returns what an administrator of a cluster runs for the users and the database of these settings. `None` for an embedded Postgres,
/// which has everything.
pub fn statements_for_administrator(settings: &config::Database) -> Result<Option<String>, Error> {
    match choose(settings)? {
        Choice::Address(address) => {
            let user = address.options.get_username().to_owned();
            // A settings file of before names the owner only.
            let (owner, user) = match &address.owner {
                Some((owner, _)) => (owner.get_username(), user.as_str()),
                None => (user.as_str(), USER_SUGGESTED),
            };
            let database = address.options.get_database().unwrap_or(owner);
            Ok(Some(standing::statements(owner, user, database)))
        }
        #[cfg(feature = "demo")]
        Choice::DataDir(_) => Ok(None),
    }
}

/// Reads an address. sqlx would take any scheme, and so take a forgotten one for part of a name; and it would take a
/// `#`, `/` or `?` in a password for the end of the host, and go to a host of the user's name.
fn parse_address(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    let invalid = |problem: &str| sqlx::Error::Configuration(problem.into());
    let rest = ["postgres://", "postgresql://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    let Some(rest) = rest else {
        return Err(invalid("it must begin with postgres:// or postgresql://"));
    };
    if rest.contains('#') {
        return Err(invalid("it holds a `#`"));
    }
    let (host, after) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if !host.contains('@') && after.contains('@') {
        return Err(invalid("its user or password holds a `/` or a `?`"));
    }
    url.parse()
}

/// Where an open database is, for people: never with a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    text: String,
    origin: Option<&'static str>,
}

impl Location {
    pub(super) fn of_address(options: &PgConnectOptions, origin: &'static str) -> Self {
        let database = options.get_database().unwrap_or_else(|| options.get_username());
        let text = match options.get_socket() {
            Some(socket) => format!("database {database} at {}", socket.display()),
            None => format!(
                "database {database} at {}:{}",
                options.get_host(),
                options.get_port()
            ),
        };
        Self {
            text,
            origin: Some(origin),
        }
    }

    #[cfg(feature = "demo")]
    pub(super) fn of_data_dir(directory: &std::path::Path) -> Self {
        Self {
            text: format!("the embedded Postgres in {}", directory.display()),
            origin: None,
        }
    }

    /// Returns it with what gave the address.
    pub(super) fn with_origin(&self) -> String {
        self.origin
            .map_or_else(|| self.text.clone(), |origin| format!("{} ({origin})", self.text))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: Option<&str>, data_dir: Option<&str>) -> config::Database {
        config::Database {
            url: url.map(str::to_owned),
            data_dir: data_dir.map(Into::into),
            ..config::Database::default()
        }
    }

    /// Returns what a person would be told: the error with its causes.
    fn refusal(settings: &config::Database) -> String {
        let error = choose(settings).unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string);
        format!("{error} because {}", source.unwrap_or_default())
    }

    #[test]
    fn an_address_is_told_by_host_and_name_and_not_by_its_password() {
        for (url, expected) in [
            (
                "postgres://u:geheim@db.example:5433/rooster?sslmode=require",
                "database rooster at db.example:5433",
            ),
            (
                "postgresql://u:ge%23heim@db.example/rooster",
                "database rooster at db.example:5432",
            ),
            ("postgres://h", "database "),
            (
                "postgres://%2Fvar%2Frun%2Fpostgresql/rooster",
                "database rooster at /var/run/postgresql",
            ),
        ] {
            let location = Location::of_address(&parse_address(url).unwrap(), "`database.url`");
            assert!(location.to_string().starts_with(expected), "{url}: {location}");
            assert!(location.with_origin().ends_with(" (`database.url`)"));
            assert!(!location.with_origin().contains("geheim"));
        }
    }

    #[test]
    fn an_address_that_cannot_be_read_is_answered_with_the_form_and_never_repeated() {
        for (url, said) in [
            ("rooster:geheim@nowhere", "must begin with postgres://"),
            ("mysql://u:geheim@h/d", "must begin with postgres://"),
            ("postgres://u:geheim#1@h/d", "`#`"),
            ("postgres://u:12#geheim@h/d", "`#`"),
            ("postgres://u:12/geheim@h/d", "`/` or a `?`"),
            ("postgres://u:12?geheim@h/d", "`/` or a `?`"),
            ("postgres://u:geheim@h:port/d", "port"),
        ] {
            let told = refusal(&settings(Some(url), None));
            assert!(
                told.contains("postgres://USER:PASSWORD@HOST:PORT/DATABASE") && told.contains("# as %23"),
                "{url}: {told}"
            );
            assert!(told.contains(said), "{url}: {told}");
            assert!(!told.contains("geheim"), "{url}: {told}");
        }
    }

    #[test]
    fn the_owner_signs_in_to_the_same_database_and_is_never_told_by_password() {
        let both = |owner: &str| config::Database {
            owner_url: Some(owner.to_owned()),
            ..settings(Some("postgres://serve:geheim@h/d"), None)
        };
        assert!(choose(&both("postgres://owner:geheim@h/d")).is_ok());
        let told = refusal(&both("postgres://owner:geheim@h/other"));
        assert!(
            told.contains("`database.owner_url`") && !told.contains("geheim"),
            "{told}"
        );
        let alone = |data_dir: Option<&str>| config::Database {
            url: None,
            data_dir: data_dir.map(Into::into),
            ..both("postgres://owner:geheim@h/d")
        };
        for data_dir in [None, Some("/d")] {
            let told = refusal(&alone(data_dir));
            assert!(
                told.starts_with("`database.owner_url` is set") && told.contains("set DATABASE_URL"),
                "{told}"
            );
        }
        let told = refusal(&both("owner:geheim@h/d"));
        assert!(
            told.starts_with("`database.owner_url` must have the form") && !told.contains("geheim"),
            "{told}"
        );
        let printed = statements_for_administrator(&both("postgres://owner:geheim@h/d"));
        let printed = printed.unwrap().unwrap();
        assert!(
            printed.contains("create role owner login")
                && printed.contains("create role serve login noinherit")
        );
        assert!(!printed.contains("geheim"), "{printed}");
        let printed = statements_for_administrator(&settings(Some("postgres://owner@h/d"), None));
        assert!(
            printed
                .unwrap()
                .unwrap()
                .contains("create role oneroster_serve login noinherit")
        );
    }

    #[cfg(feature = "demo")]
    #[test]
    fn two_databases_are_refused_and_both_are_named() {
        let both = config::Database {
            origins: config::Origins {
                url: "DATABASE_URL",
                data_dir: "--data-dir",
                ..config::Origins::default()
            },
            ..settings(Some("postgres://h/d"), Some("/d"))
        };
        let told = refusal(&both);
        assert!(
            told.starts_with("DATABASE_URL and --data-dir each name a database"),
            "{told}"
        );
    }

    #[cfg(feature = "demo")]
    #[test]
    fn nothing_is_chosen_by_accident_but_a_database_at_the_default_place_counts() {
        let folder = tempfile::tempdir().unwrap();
        let default = || Some(folder.path().to_owned());
        for none in [None, Some(PathBuf::from("/nonexistent")), default()] {
            let refused = choose_among(&settings(None, None), none).unwrap_err().to_string();
            for way in ["DATABASE_URL", "`url` in section [database]", "--data-dir"] {
                assert!(refused.contains(way), "{way}: {refused}");
            }
        }
        std::fs::create_dir(folder.path().join("postgres-15")).unwrap();
        let chosen = choose_among(&settings(None, None), default()).unwrap();
        assert!(matches!(chosen, Choice::DataDir(directory) if directory == folder.path()));
        // What is named on purpose goes before it.
        let chosen = choose_among(&settings(Some("postgres://h/d"), None), default()).unwrap();
        assert!(matches!(chosen, Choice::Address(_)));
        let chosen = choose_among(&settings(None, Some("/named")), default()).unwrap();
        assert!(matches!(chosen, Choice::DataDir(directory) if directory == std::path::Path::new("/named")));
    }

    #[cfg(not(feature = "demo"))]
    #[test]
    fn a_build_without_the_private_postgres_takes_no_data_directory_and_says_why() {
        for url in [None, Some("postgres://h/d")] {
            let told = refusal(&settings(url, Some("/d")));
            assert!(
                told.contains("`database.data_dir`") && told.contains("without the feature `demo`"),
                "{told}"
            );
        }
        let told = refusal(&settings(None, None));
        assert!(
            told.contains("DATABASE_URL") && !told.contains("--data-dir"),
            "{told}"
        );
    }
}
