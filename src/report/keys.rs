//! Reports of `oneroster keys`: the keys that sign tokens.

use std::fmt::{Display, Formatter};
use std::path::PathBuf;

use oneroster_standard::Moment;
use serde::Serialize;

use super::words::{counted, lines};
use crate::auth::keys::{KeyRecord, KeyState};

/// The signing keys: `keys list`.
#[derive(Debug, Serialize)]
pub struct KeysReport {
    /// The one that signs last first.
    pub keys: Vec<KeyEntry>,
}

/// A signing key in a list.
#[derive(Debug, Serialize)]
pub struct KeyEntry {
    /// Its id: the `kid` of tokens and of the key set.
    pub key_id: String,
    /// `announced`, `signs` or `verifies`.
    pub state: &'static str,
    /// When it was made.
    pub created_at: Moment,
    /// From when it signs.
    pub signs_from: Moment,
    /// Until when it signs.
    pub signs_to: Moment,
    /// Until when tokens that it signed are good.
    pub verifies_until: Moment,
    /// Id of the encryption key that it is sealed with; `null` for one of before keys were encrypted.
    pub sealed_with: Option<String>,
}

impl From<KeyRecord> for KeyEntry {
    fn from(record: KeyRecord) -> Self {
        Self {
            key_id: record.key_id,
            state: match record.state {
                KeyState::Announced => "announced",
                KeyState::Signs => "signs",
                KeyState::Verifies => "verifies",
            },
            created_at: record.created_at.into(),
            signs_from: record.signs_from.into(),
            signs_to: record.signs_to.into(),
            verifies_until: record.verifies_until.into(),
            sealed_with: record.sealed_with,
        }
    }
}

impl From<Vec<KeyRecord>> for KeysReport {
    fn from(records: Vec<KeyRecord>) -> Self {
        Self {
            keys: records.into_iter().map(KeyEntry::from).collect(),
        }
    }
}

impl Display for KeyEntry {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let Self {
            key_id,
            signs_from,
            signs_to,
            verifies_until,
            ..
        } = self;
        write!(formatter, "{key_id}  ")?;
        match self.state {
            "announced" => write!(formatter, "signs from {signs_from} until {signs_to}")?,
            "signs" => write!(formatter, "signs until {signs_to}")?,
            _ => write!(formatter, "verifies until {verifies_until}")?,
        }
        match &self.sealed_with {
            Some(encryption_key) => write!(formatter, "  encrypted with key {encryption_key}"),
            None => write!(formatter, "  not encrypted"),
        }
    }
}

impl Display for KeysReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        if self.keys.is_empty() {
            return formatter.write_str("no signing keys yet: the first server that starts makes one");
        }
        lines(formatter, &self.keys)
    }
}

/// A key that was made: `keys rotate`.
#[derive(Debug, Serialize)]
pub struct KeyRotatedReport {
    /// The new key.
    pub key_id: String,
    /// All keys after it.
    pub keys: Vec<KeyEntry>,
}

impl KeyRotatedReport {
    /// Reports the keys after one was made.
    pub fn new(key_id: String, records: Vec<KeyRecord>) -> Self {
        Self {
            key_id,
            keys: KeysReport::from(records).keys,
        }
    }
}

impl Display for KeyRotatedReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        lines(formatter, &self.keys)
    }
}

/// A key that ended: `keys retire`.
#[derive(Debug, Serialize)]
pub struct KeyRetiredReport {
    /// The key.
    pub key_id: String,
}

impl Display for KeyRetiredReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} is gone: tokens that it signed are refused within five seconds",
            self.key_id
        )
    }
}

/// Signing keys that were encrypted with another key: `keys change-encryption-key`.
#[derive(Debug, Serialize)]
pub struct EncryptionKeyReport {
    /// How many signing keys.
    pub keys: usize,
    /// The file that has the key now.
    pub file: PathBuf,
    /// The file in the settings, which it is to replace.
    pub replaces: PathBuf,
}

impl Display for EncryptionKeyReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let Self { keys, file, replaces } = self;
        write!(
            formatter,
            "{} encrypted with the key of {file}. Now put that file in the place of the old one, on each server: mv {file} {replaces}",
            counted(*keys, "signing key is", "signing keys are"),
            file = file.display(),
            replaces = replaces.display(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::snapshot::{self, instant};

    fn record(key_id: &str, state: KeyState, sealed_with: Option<&str>) -> KeyRecord {
        KeyRecord {
            key_id: key_id.to_owned(),
            created_at: instant(0),
            signs_from: instant(300),
            signs_to: instant(86_700),
            verifies_until: instant(133_500),
            sealed_with: sealed_with.map(str::to_owned),
            state,
        }
    }

    #[test]
    fn keys_are_listed_with_what_they_do_and_until_when() {
        let records = || {
            vec![
                record("c", KeyState::Announced, Some("0123456789ab")),
                record("b", KeyState::Signs, Some("0123456789ab")),
                record("a", KeyState::Verifies, None),
            ]
        };
        snapshot::assert("keys_list", &KeysReport::from(records()));
        snapshot::assert("keys_list_empty", &KeysReport::from(Vec::new()));
        snapshot::assert("keys_rotate", &KeyRotatedReport::new("c".to_owned(), records()));
    }

    #[test]
    fn what_was_ended_or_changed_says_what_follows() {
        let key_id = "a".to_owned();
        snapshot::assert("keys_retire", &KeyRetiredReport { key_id });
        let report = |keys| EncryptionKeyReport {
            keys,
            file: "/etc/oneroster/new-key".into(),
            replaces: "/etc/oneroster/encryption-key".into(),
        };
        snapshot::assert("keys_change_encryption_key", &report(2));
        assert!(report(1).to_string().starts_with("1 signing key is encrypted"));
    }
}
