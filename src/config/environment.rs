//! The environment variables that are settings.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;

use super::Error;

/// What the variables of this program begin with, `DATABASE_URL` apart.
const PREFIX: &str = "ONEROSTER_";

/// Names the settings file.
const FILE: &str = "ONEROSTER_CONFIG";

/// Variables of this program that are read elsewhere: the filter of the log, the secret of `check`.
const OTHERS: [&str; 2] = ["ONEROSTER_LOG", "ONEROSTER_CLIENT_SECRET"];

/// Reads an environment variable; an empty one counts as unset.
pub fn environment(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this module is the one that reads the environment"
    )]
    let value = std::env::var(name).ok();
    value.filter(|text| !text.is_empty())
}

/// The environment as far as it says something of settings: what has been taken out is known, what is left is not.
#[derive(Debug, Default)]
pub struct Variables {
    values: BTreeMap<String, String>,
    known: Vec<(&'static str, &'static str)>,
}

impl Variables {
    /// Returns those of this process.
    pub fn of_process() -> Result<Self, Error> {
        let mut values = BTreeMap::new();
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str() else { continue };
            if name.starts_with(PREFIX) || name == "DATABASE_URL" {
                let value = value.into_string().map_err(|_| Error::NotUtf8(name.to_owned()))?;
                values.insert(name.to_owned(), value);
            }
        }
        Ok(Self {
            values,
            known: Vec::new(),
        })
    }

    #[cfg(test)]
    pub(super) fn of(variables: &[(&str, &str)]) -> Self {
        let values = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self {
            values: values.collect(),
            known: Vec::new(),
        }
    }

    /// Returns the variables that were asked for, each with its setting.
    #[cfg(test)]
    pub(super) fn known(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.known.iter().copied()
    }

    /// Takes the name of the settings file.
    pub(super) fn file(&mut self) -> Option<PathBuf> {
        self.values
            .remove(FILE)
            .filter(|text| !text.is_empty())
            .map(PathBuf::from)
    }

    /// Takes a text over a setting, if the variable is set, and returns `true` if it was.
    pub(super) fn text<T: From<String>>(
        &mut self,
        name: &'static str,
        key: &'static str,
        target: &mut Option<T>,
    ) -> bool {
        let value = self.take(name, key);
        let is_set = value.is_some();
        if let Some(text) = value {
            *target = Some(text.into());
        }
        is_set
    }

    /// Takes a number over a setting.
    pub(super) fn number<T: FromStr>(
        &mut self,
        name: &'static str,
        key: &'static str,
        target: &mut T,
    ) -> Result<(), Error> {
        self.parsed(name, key, target, |text| {
            text.parse().map_err(|_| "must be a whole number".to_owned())
        })
    }

    /// Takes `true` or `false` over a setting.
    pub(super) fn flag(
        &mut self,
        name: &'static str,
        key: &'static str,
        target: &mut bool,
    ) -> Result<(), Error> {
        self.parsed(name, key, target, |text| {
            text.parse().map_err(|_| "must be true or false".to_owned())
        })
    }

    /// Takes what `parse` reads over a setting.
    pub(super) fn parsed<T>(
        &mut self,
        name: &'static str,
        key: &'static str,
        target: &mut T,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<(), Error> {
        if let Some(text) = self.take(name, key) {
            *target = parse(&text).map_err(|problem| Error::Variable {
                name,
                key,
                problem: format!("{text:?} {problem}"),
            })?;
        }
        Ok(())
    }

    fn take(&mut self, name: &'static str, key: &'static str) -> Option<String> {
        self.known.push((name, key));
        self.values.remove(name).filter(|text| !text.is_empty())
    }

    /// Refuses what nobody has asked for, the links that Kubernetes and Docker set apart.
    pub(super) fn refuse_unknown(self) -> Result<(), Error> {
        let unknown: Vec<String> = self
            .values
            .into_keys()
            .filter(|name| name.starts_with(PREFIX) && !OTHERS.contains(&name.as_str()) && !is_link(name))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let mut known: Vec<&str> = self.known.iter().map(|(name, _)| *name).chain(OTHERS).collect();
        known.push(FILE);
        known.sort_unstable();
        Err(Error::UnknownVariables {
            names: unknown.join(", "),
            known: known.join(", "),
        })
    }
}

/// Returns `true` for a variable by which Kubernetes or Docker links a container to a service called `oneroster…`.
fn is_link(name: &str) -> bool {
    let names_numbered_port = || {
        name.split("_PORT_").skip(1).any(|rest| {
            let after = rest.trim_start_matches(|character: char| character.is_ascii_digit());
            after.len() < rest.len() && after.starts_with('_')
        })
    };
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.ends_with("_PORT")
        || names_numbered_port()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_variable_is_refused_and_the_known_ones_are_listed() {
        let mut variables = Variables::of(&[
            ("ONEROSTER_LISTN", "127.0.0.1:1"),
            ("ONEROSTER_LISTEN", "127.0.0.1:1"),
            ("ONEROSTER_LOG", "info"),
            ("ONEROSTER_CLIENT_SECRET", "geheim"),
            ("ONEROSTER_CONFIG", ""),
            ("DATABASE_URL", "postgres://h/d"),
        ]);
        let mut listen = String::new();
        variables
            .number("ONEROSTER_LISTEN", "server.listen", &mut listen)
            .unwrap();
        assert_eq!(variables.file(), None);
        let error = variables.refuse_unknown().unwrap_err().to_string();
        assert!(error.starts_with("ONEROSTER_LISTN: no such setting"), "{error}");
        assert!(
            error.contains("ONEROSTER_CONFIG")
                && error.contains("ONEROSTER_LISTEN")
                && !error.contains("geheim"),
            "{error}"
        );
    }

    #[test]
    fn links_that_kubernetes_and_docker_set_are_no_settings() {
        for link in [
            "ONEROSTER_SERVICE_HOST",
            "ONEROSTER_SERVICE_PORT",
            "ONEROSTER_SERVICE_PORT_HTTP",
            "ONEROSTER_PORT",
            "ONEROSTER_PORT_8080_TCP",
            "ONEROSTER_PORT_8080_TCP_ADDR",
            "ONEROSTER_DB_PORT_5432_TCP_PROTO",
        ] {
            assert!(is_link(link), "{link}");
            assert!(Variables::of(&[(link, "x")]).refuse_unknown().is_ok(), "{link}");
        }
        for other in [
            "ONEROSTER_SERVICE",
            "ONEROSTER_PORTS",
            "ONEROSTER_PORT_HTTP",
            "ONEROSTER_PORT_8080",
            "ONEROSTER_HOST",
        ] {
            assert!(!is_link(other), "{other}");
            assert!(
                Variables::of(&[(other, "x")]).refuse_unknown().is_err(),
                "{other}"
            );
        }
    }

    #[test]
    fn a_value_of_another_form_is_refused_with_the_form() {
        let variables = || Variables::of(&[("X", "12 MB"), ("EMPTY", "")]);
        let (mut number, mut flag) = (7_u32, true);
        let error = variables().number("X", "x.y", &mut number).unwrap_err();
        assert_eq!(
            error.to_string(),
            "environment variable X (setting `x.y`): \"12 MB\" must be a whole number"
        );
        let error = variables().flag("X", "x.y", &mut flag).unwrap_err();
        assert!(error.to_string().ends_with("must be true or false"), "{error}");
        variables().number("EMPTY", "x.y", &mut number).unwrap();
        assert_eq!((number, flag), (7, true), "an empty variable counts as unset");
    }
}
