//! Reports of `oneroster client`: API clients and their settings.

use std::collections::HashMap;
use std::fmt::{Display, Formatter};

use chrono::{DateTime, Utc};
use oneroster_standard::Moment;
use serde::{Deserialize, Serialize};

use super::words::{counted, lines, printable};
use crate::auth::ClientSettings;
use crate::auth::client::{ClientRecord, NewSecret};

/// A new client, with all that the wizard of School Data Sync asks: `client create`.
#[derive(Debug, Serialize)]
pub struct CreatedReport {
    #[serde(flatten)]
    secret: SecretReport,
    /// What School Data Sync calls the base URL.
    base_url: String,
    /// What it calls the token URL.
    token_url: String,
}

impl CreatedReport {
    /// Reports a client of the server at this address.
    pub fn new(secret: NewSecret, server_url: &str) -> Self {
        Self {
            secret: secret.into(),
            base_url: format!("{server_url}/ims/oneroster/v1p1"),
            token_url: format!("{server_url}/connect/token"),
        }
    }
}

impl Display for CreatedReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let Self {
            secret,
            base_url,
            token_url,
        } = self;
        write!(
            formatter,
            "{secret}\nbase URL       {base_url}\ntoken URL      {token_url}"
        )
    }
}

/// A new secret: `client rotate`.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct SecretReport(NewSecret);

impl SecretReport {
    /// What the person who asked for it must know.
    pub const REMARK: &'static str = "The secret is shown this once and stored nowhere.";
}

impl From<NewSecret> for SecretReport {
    fn from(secret: NewSecret) -> Self {
        Self(secret)
    }
}

impl Display for SecretReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let NewSecret {
            client_id,
            client_secret,
        } = &self.0;
        write!(
            formatter,
            "client id      {client_id}\nclient secret  {client_secret}"
        )
    }
}

/// A client that keeps the id and the secret it has: `client create --client-id`.
#[derive(Debug, Serialize)]
pub struct CarriedOverReport {
    /// The client's id.
    pub client_id: String,
}

impl Display for CarriedOverReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "client id      {}\nclient secret  the one it has; servers take both within five seconds",
            self.client_id
        )
    }
}

/// The clients of a tenant: `client list`.
#[derive(Debug, Serialize)]
pub struct ClientsReport {
    /// The oldest first, revoked ones included.
    pub clients: Vec<ClientEntry>,
}

/// A client in a list.
#[derive(Debug, Serialize)]
pub struct ClientEntry {
    /// Its id.
    pub client_id: String,
    /// What an admin calls it.
    pub name: String,
    /// When it was made.
    pub created_at: Moment,
    /// Since when it may no longer read.
    pub revoked_at: Option<Moment>,
    /// How many of its secrets are accepted now: one, or two while rotating.
    pub valid_secrets: i64,
    /// Until when the secret before the newest is accepted, while rotating.
    pub old_secret_until: Option<Moment>,
    /// When a request with one of its tokens was last answered, as far as the sync log goes back.
    pub last_used_at: Option<Moment>,
    /// Tokens issued until then are refused.
    pub tokens_revoked_at: Option<Moment>,
    /// Since when it is here, if it was carried over from another server.
    pub carried_over_at: Option<Moment>,
    /// Whether a secret that another server made is accepted: `client rotate` replaces it.
    pub has_carried_over_secret: bool,
    /// What differs from the defaults, as stored: a newer version may know settings that this one does not.
    pub settings: serde_json::Value,
}

impl ClientsReport {
    /// Reports clients, and when each was last used.
    pub fn new(records: Vec<ClientRecord>, last_used: &HashMap<String, DateTime<Utc>>) -> Self {
        let entry = |record: ClientRecord| ClientEntry {
            last_used_at: last_used.get(&record.client_id).copied().map(Moment::from),
            old_secret_until: record.old_secret_until.map(Moment::from),
            tokens_revoked_at: record.tokens_revoked_at.map(Moment::from),
            carried_over_at: record.carried_over_at.map(Moment::from),
            has_carried_over_secret: record.has_carried_over_secret,
            client_id: record.client_id,
            name: record.name,
            created_at: record.created_at.into(),
            revoked_at: record.revoked_at.map(Moment::from),
            valid_secrets: record.valid_secrets,
            settings: record.settings,
        };
        Self {
            clients: records.into_iter().map(entry).collect(),
        }
    }
}

impl Display for ClientEntry {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let state = match self.revoked_at {
            Some(revoked_at) => format!("revoked {revoked_at}"),
            None => counted(self.valid_secrets, "valid secret", "valid secrets"),
        };
        let settings = match ClientSettings::deserialize(&self.settings) {
            Ok(settings) => settings.to_string(),
            Err(_) => self.settings.to_string(),
        };
        write!(
            formatter,
            "{}  {}  created {}  {state}",
            self.client_id,
            printable(&self.name),
            self.created_at
        )?;
        if let Some(until) = self.old_secret_until {
            write!(formatter, ", the old one until {until}")?;
        }
        if let Some(at) = self.carried_over_at {
            write!(formatter, "  carried over {at}")?;
            if self.has_carried_over_secret {
                formatter.write_str(", with a secret of another server")?;
            }
        }
        match self.last_used_at {
            Some(at) => write!(formatter, "  last used {at}")?,
            None => write!(formatter, "  not used")?,
        }
        if let Some(at) = self.tokens_revoked_at {
            write!(formatter, "  tokens of before {at} ended")?;
        }
        write!(formatter, "  {settings}")
    }
}

impl Display for ClientsReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        lines(formatter, &self.clients)
    }
}

/// A client whose settings were changed: `client set`.
#[derive(Debug, Serialize)]
pub struct ClientSettingsReport {
    /// The client.
    pub client_id: String,
    /// Its settings after the change; those at their default are left out.
    pub settings: ClientSettings,
}

impl Display for ClientSettingsReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.client_id, self.settings)
    }
}

/// A client that may no longer read: `client revoke`.
#[derive(Debug, Serialize)]
pub struct RevocationReport {
    /// The client.
    pub client_id: String,
    /// Since when.
    pub revoked_at: Moment,
}

impl Display for RevocationReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} is revoked since {}",
            self.client_id, self.revoked_at
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::snapshot::{self, instant};

    #[test]
    fn a_secret_is_shown_with_its_client_and_never_in_debug_output() {
        let made = || NewSecret {
            client_id: "zandpoort.h3".to_owned(),
            client_secret: "s3cret".to_owned(),
        };
        let created = CreatedReport::new(made(), "https://sis.example");
        snapshot::assert("client_create", &created);
        assert!(!format!("{created:?}").contains("s3cret"));
        let rotated = SecretReport::from(made());
        snapshot::assert("client_rotate", &rotated);
        assert!(!format!("{rotated:?}").contains("s3cret"));
    }

    #[test]
    fn clients_are_listed_with_what_differs_from_the_defaults() {
        let record = |client_id: &str, revoked_at, valid_secrets, settings| ClientRecord {
            client_id: client_id.to_owned(),
            name: "School Data Sync".to_owned(),
            created_at: instant(0),
            revoked_at,
            valid_secrets,
            old_secret_until: (valid_secrets > 1).then(|| instant(604_800)),
            tokens_revoked_at: (valid_secrets > 1).then(|| instant(30)),
            carried_over_at: (valid_secrets > 1).then(|| instant(0)),
            has_carried_over_secret: valid_secrets > 1,
            settings,
        };
        let last_used = HashMap::from([("zandpoort.a".to_owned(), instant(90))]);
        let records = vec![
            record("zandpoort.a", None, 1, json!({})),
            record(
                "zandpoort.b",
                Some(instant(60)),
                0,
                json!({ "native_booleans": true }),
            ),
            record("zandpoort.c", None, 2, json!({ "of_a_newer_version": 7 })),
        ];
        snapshot::assert("client_list", &ClientsReport::new(records, &last_used));
        let none = ClientsReport::new(Vec::new(), &HashMap::new());
        snapshot::assert("client_list_empty", &none);
    }

    #[test]
    fn settings_and_revocations_name_the_client() {
        let settings = ClientSettings {
            token_lifetime_s: Some(43_200),
            ..ClientSettings::default()
        };
        snapshot::assert(
            "client_set",
            &ClientSettingsReport {
                client_id: "zandpoort.a".to_owned(),
                settings,
            },
        );
        snapshot::assert(
            "client_revoke",
            &RevocationReport {
                client_id: "zandpoort.a".to_owned(),
                revoked_at: instant(0).into(),
            },
        );
    }
}
