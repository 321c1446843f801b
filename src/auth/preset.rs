//! The settings that a known consumer needs, by its name (`docs/consumers`). A client keeps the settings, not the name: a later
//! version that knows better changes no client.

use std::fmt::{Display, Formatter};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ClientSettings;

/// A consumer whose needs are known: its code, or its recorded requests, were run against this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Microsoft School Data Sync.
    Sds,
    /// Microsoft's template for Azure Data Factory, which does not look at `status`.
    SdsDataFactory,
    /// Moodle's certified `OneRoster` plug-in.
    Moodle,
    /// The Moodle plug-ins that work class by class.
    MoodleByClass,
    /// Google's suite of tests.
    Google,
    /// `HelloID`.
    #[serde(rename = "helloid")]
    HelloId,
    /// The programs of TCI.
    Tci,
    /// Clients with types of their own, in Go and TypeScript.
    TypedClient,
    /// Programs that never ask for a second page.
    Unpaged,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 9] = [
        Self::Sds,
        Self::SdsDataFactory,
        Self::Moodle,
        Self::MoodleByClass,
        Self::Google,
        Self::HelloId,
        Self::Tci,
        Self::TypedClient,
        Self::Unpaged,
    ];

    /// Returns its name, as commands have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sds => "sds",
            Self::SdsDataFactory => "sds-data-factory",
            Self::Moodle => "moodle",
            Self::MoodleByClass => "moodle-by-class",
            Self::Google => "google",
            Self::HelloId => "helloid",
            Self::Tci => "tci",
            Self::TypedClient => "typed-client",
            Self::Unpaged => "unpaged",
        }
    }

    /// Returns the settings it stands for; `docs/consumers` says why each.
    pub fn settings(self) -> ClientSettings {
        let defaults = ClientSettings::default();
        match self {
            Self::Sds | Self::HelloId | Self::Tci => defaults,
            Self::SdsDataFactory => ClientSettings {
                include_tombstones: Some(false),
                ..defaults
            },
            Self::Moodle => ClientSettings {
                email: Some(true),
                ended_enrollments: Some(true),
                ..defaults
            },
            Self::MoodleByClass => ClientSettings {
                email: Some(true),
                enabled_users: Some(true),
                ended_enrollments: Some(true),
                district_org: Some(true),
                ..defaults
            },
            Self::Google => ClientSettings {
                include_tombstones: Some(false),
                email: Some(true),
                ..defaults
            },
            Self::TypedClient => ClientSettings {
                enabled_users: Some(true),
                district_org: Some(true),
                ..defaults
            },
            Self::Unpaged => ClientSettings {
                unpaged_full: Some(true),
                ..defaults
            },
        }
    }
}

impl Display for Preset {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

/// There is no preset of this name.
#[derive(Debug, thiserror::Error)]
#[error(
    "there is no preset {0:?}; the presets are {presets}. For another consumer leave it out, and see docs/consumers/others.md",
    presets = Preset::ALL.map(Preset::name).join(", ")
)]
pub struct UnknownPreset(String);

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|preset| preset.name() == name)
            .ok_or_else(|| UnknownPreset(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENTS: &str = include_str!("../../docs/clients.md");

    #[test]
    fn the_manual_says_of_each_preset_which_settings_it_stands_for() {
        for preset in Preset::ALL {
            let row = CLIENTS
                .lines()
                .find(|line| line.starts_with(&format!("| `{preset}` |")))
                .unwrap_or_else(|| panic!("{preset}"));
            let settings = preset.settings().to_string();
            let cell = if settings == "default settings" {
                "none".to_owned()
            } else {
                let settings: Vec<String> = settings
                    .split_whitespace()
                    .map(|entry| format!("`{entry}`"))
                    .collect();
                settings.join(" ")
            };
            assert!(
                row.contains(&format!("| {cell} |")),
                "{preset}: {cell} is not in {row}"
            );
        }
    }

    #[test]
    fn a_preset_is_found_by_its_name_and_an_unknown_one_is_told_what_there_is() {
        for preset in Preset::ALL {
            assert_eq!(preset.name().parse::<Preset>().unwrap(), preset);
            let of_json: Preset = serde_json::from_value(preset.name().into()).unwrap();
            assert_eq!(of_json, preset);
        }
        let error = "Moodle".parse::<Preset>().unwrap_err().to_string();
        assert!(error.contains("sds, sds-data-factory, moodle,"), "{error}");
    }
}
