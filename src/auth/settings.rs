//! How a client wants to be answered (design §4.2, `docs/clients.md`).

use std::fmt::{Display, Formatter};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{TOKEN_LIFETIME_MAX_S, TOKEN_LIFETIME_MIN_S};

/// A setting that was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not of the form `KEY=VALUE`.
    #[error("{0:?} is not of the form KEY=VALUE")]
    Form(String),
    /// No such setting, or a value of the wrong kind.
    #[error("setting `{key}` = `{value}` is refused; docs/clients.md names the settings and their values")]
    Refused {
        /// The key given.
        key: String,
        /// The value given.
        value: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// What is stored holds something this build does not know.
    #[error("the client's settings were written by a newer version")]
    Stored(#[source] serde_json::Error),
    /// A token's life is out of bounds.
    #[error("setting `token_lifetime_s`: {0} is outside 60 to 43200 seconds")]
    TokenLifetime(u32),
}

/// The settings of a client. A member that is not set has the default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClientSettings {
    /// How long its tokens live, in seconds, 60 to 43200; default: the server's setting of the same name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_lifetime_s: Option<u32>,
    /// Whether a collection asked without a filter holds `tobedeleted` objects; default: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_tombstones: Option<bool>,
    /// Whether a filter on `dateLastModified`, asked with neither limit nor offset, gets everything at once; default: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unpaged_delta: Option<bool>,
    /// Whether booleans are JSON booleans instead of the strings `"true"` and `"false"`; default: no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub native_booleans: Option<bool>,
    /// Whether a collection of an unknown parent, such as the classes of a school that is not there, is 404 instead of
    /// empty; default: no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_parent_404: Option<bool>,
    /// Whether a user has `email`, the username with its domain; default: no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<bool>,
    /// Whether `enabledUser` is true for active users; default: no, it is false for all (R124).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled_users: Option<bool>,
    /// Whether a removed enrollment ends on the last day it was true; default: no, it keeps the date it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_enrollments: Option<bool>,
    /// Whether the school group is an org of type `district` above the schools; default: no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district_org: Option<bool>,
    /// Whether a collection, asked with neither limit nor offset, comes whole; default: no, only a filter on
    /// `dateLastModified` gets everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unpaged_full: Option<bool>,
    /// Whether it may have the files of School Data Sync and Clever; OneRoster CSV needs its scope only. Default: no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<bool>,
    /// Whether it may bring bundles of its tenant by `PUT /operator/bundle`; default: no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import: Option<bool>,
}

impl ClientSettings {
    /// Reads what is stored.
    pub(super) fn from_stored(value: &serde_json::Value) -> Result<Self, Error> {
        Self::deserialize(value).map_err(Error::Stored)
    }

    /// Applies `KEY=VALUE` entries, an empty value meaning the default again.
    pub fn with(self, entries: &[String]) -> Result<Self, Error> {
        entries
            .iter()
            .try_fold(self, |settings, entry| settings.with_entry(entry))
    }

    fn with_entry(self, entry: &str) -> Result<Self, Error> {
        let (key, value) = entry
            .split_once('=')
            .ok_or_else(|| Error::Form(entry.to_owned()))?;
        let refused = |source| Error::Refused {
            key: key.to_owned(),
            value: value.to_owned(),
            source,
        };
        let value = match value {
            "" => serde_json::Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        };
        let mut members = serde_json::to_value(self).map_err(refused)?;
        if let Some(members) = members.as_object_mut() {
            members.insert(key.to_owned(), value);
        }
        let settings = Self::deserialize(members).map_err(refused)?;
        match settings.token_lifetime_s {
            Some(seconds) if !(TOKEN_LIFETIME_MIN_S..=TOKEN_LIFETIME_MAX_S).contains(&seconds) => {
                Err(Error::TokenLifetime(seconds))
            }
            Some(_) | None => Ok(settings),
        }
    }
}

/// Writes the settings as `client set` takes them, `KEY=VALUE` with blanks between.
impl Display for ClientSettings {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let Self {
            token_lifetime_s,
            include_tombstones,
            unpaged_delta,
            native_booleans,
            unknown_parent_404,
            email,
            enabled_users,
            ended_enrollments,
            district_org,
            unpaged_full,
            files,
            import,
        } = *self;
        let text = |value: Option<bool>| value.map(|value| value.to_string());
        let entries: Vec<String> = [
            (
                "token_lifetime_s",
                token_lifetime_s.map(|seconds| seconds.to_string()),
            ),
            ("include_tombstones", text(include_tombstones)),
            ("unpaged_delta", text(unpaged_delta)),
            ("native_booleans", text(native_booleans)),
            ("unknown_parent_404", text(unknown_parent_404)),
            ("email", text(email)),
            ("enabled_users", text(enabled_users)),
            ("ended_enrollments", text(ended_enrollments)),
            ("district_org", text(district_org)),
            ("unpaged_full", text(unpaged_full)),
            ("files", text(files)),
            ("import", text(import)),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some(format!("{key}={}", value?)))
        .collect();
        if entries.is_empty() {
            formatter.write_str("default settings")
        } else {
            formatter.write_str(&entries.join(" "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_shown_as_they_are_typed() {
        assert_eq!(ClientSettings::default().to_string(), "default settings");
        let typed = "token_lifetime_s=43200 include_tombstones=false unpaged_delta=true native_booleans=true \
                     unknown_parent_404=true email=true enabled_users=true ended_enrollments=true district_org=true \
                     unpaged_full=true files=true import=true";
        let entries: Vec<&str> = typed.split(' ').collect();
        assert_eq!(set(&entries).unwrap().to_string(), typed);
    }

    fn set(entries: &[&str]) -> Result<ClientSettings, Error> {
        let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
        ClientSettings::default().with(&entries)
    }

    #[test]
    fn entries_are_applied_in_order_and_an_empty_value_is_the_default_again() {
        let settings = set(&[
            "token_lifetime_s=43200",
            "include_tombstones=false",
            "unpaged_delta=true",
            "unknown_parent_404=true",
        ])
        .unwrap();
        assert_eq!(settings.unknown_parent_404, Some(true));
        assert_eq!(settings.token_lifetime_s, Some(43_200));
        assert_eq!(settings.include_tombstones, Some(false));
        assert_eq!(settings.unpaged_delta, Some(true));
        assert_eq!(
            set(&["include_tombstones=false", "include_tombstones="]).unwrap(),
            ClientSettings::default()
        );
        assert_eq!(
            ClientSettings::from_stored(&serde_json::to_value(settings).unwrap()).unwrap(),
            settings
        );
    }

    #[test]
    fn what_is_unknown_or_out_of_bounds_is_refused() {
        for bad in [
            "token_lifetime_s",
            "token_lifetime_s=59",
            "token_lifetime_s=43201",
            "token_lifetime_s=-1",
            "token_lifetime_s=1h",
            "include_tombstones=yes",
            "unknown_parent_404=404",
            "email=an@zandpoort.example",
            "colour=red",
            "=",
            "",
        ] {
            assert!(set(&[bad]).is_err(), "{bad:?}");
        }
    }
}
