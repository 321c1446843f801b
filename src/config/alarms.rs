//! `[alarms]`: who is told what by e-mail and webhook.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use serde::Deserialize;

use super::{Error, Variables, within};

/// What `look_s` and `retry_s` may be.
const PAUSE_S: RangeInclusive<u32> = 1..=3600;

/// What `timeout_s` may be.
const TIMEOUT_S: RangeInclusive<u32> = 1..=120;

/// Settings of alarms.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alarms {
    /// Addresses of the operator.
    pub mail_to: Vec<String>,
    /// The address that e-mail comes from.
    pub mail_from: Option<String>,
    /// The server that e-mail is handed to: `smtps://HOST`, or `smtp://HOST?tls=required`; unset: no e-mail.
    pub smtp_url: Option<String>,
    /// Who signs in there.
    pub smtp_user: Option<String>,
    /// A file with their password.
    pub smtp_password_file: Option<PathBuf>,
    /// The address that the operator's alarms are posted to; unset: nowhere.
    pub webhook_url: Option<String>,
    /// A file with the secret that they are signed with.
    pub webhook_secret_file: Option<PathBuf>,
    /// How often is looked for what is to be told, in seconds: 1 to 3600.
    pub look_s: u32,
    /// After how long a message that could not be sent is tried again, in seconds: 1 to 3600. Each further try waits that much longer, up
    /// to sixty times.
    pub retry_s: u32,
    /// How long sending may take, in seconds: 1 to 120.
    pub timeout_s: u32,
}

impl Default for Alarms {
    fn default() -> Self {
        Self {
            mail_to: Vec::new(),
            mail_from: None,
            smtp_url: None,
            smtp_user: None,
            smtp_password_file: None,
            webhook_url: None,
            webhook_secret_file: None,
            look_s: 60,
            retry_s: 60,
            timeout_s: 20,
        }
    }
}

/// The address of a webhook is often all that its owner asks for.
impl std::fmt::Debug for Alarms {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Alarms")
            .field("mail_to", &self.mail_to)
            .field("mail_from", &self.mail_from)
            .field("smtp_url", &self.smtp_url)
            .field("smtp_user", &self.smtp_user)
            .field("smtp_password_file", &self.smtp_password_file)
            .field("webhook_url", &self.webhook_url.as_ref().map(|_| "(secret)"))
            .field("webhook_secret_file", &self.webhook_secret_file)
            .field("look_s", &self.look_s)
            .field("retry_s", &self.retry_s)
            .field("timeout_s", &self.timeout_s)
            .finish()
    }
}

impl Alarms {
    pub(super) fn overlay(&mut self, variables: &mut Variables) -> Result<(), Error> {
        let Self {
            mail_to,
            mail_from,
            smtp_url,
            smtp_user,
            smtp_password_file,
            webhook_url,
            webhook_secret_file,
            look_s,
            retry_s,
            timeout_s,
        } = self;
        variables.parsed("ONEROSTER_ALARMS_MAIL_TO", "alarms.mail_to", mail_to, |text| {
            let addresses = text
                .split(',')
                .map(str::trim)
                .filter(|address| !address.is_empty());
            Ok(addresses.map(str::to_owned).collect())
        })?;
        variables.text("ONEROSTER_ALARMS_MAIL_FROM", "alarms.mail_from", mail_from);
        variables.text("ONEROSTER_ALARMS_SMTP_URL", "alarms.smtp_url", smtp_url);
        variables.text("ONEROSTER_ALARMS_SMTP_USER", "alarms.smtp_user", smtp_user);
        variables.text(
            "ONEROSTER_ALARMS_SMTP_PASSWORD_FILE",
            "alarms.smtp_password_file",
            smtp_password_file,
        );
        variables.text("ONEROSTER_ALARMS_WEBHOOK_URL", "alarms.webhook_url", webhook_url);
        variables.text(
            "ONEROSTER_ALARMS_WEBHOOK_SECRET_FILE",
            "alarms.webhook_secret_file",
            webhook_secret_file,
        );
        variables.number("ONEROSTER_ALARMS_LOOK_S", "alarms.look_s", look_s)?;
        variables.number("ONEROSTER_ALARMS_RETRY_S", "alarms.retry_s", retry_s)?;
        variables.number("ONEROSTER_ALARMS_TIMEOUT_S", "alarms.timeout_s", timeout_s)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let refused = |key, problem: &str| {
            let problem = problem.to_owned();
            Err(Error::Value { key, problem })
        };
        within("alarms.look_s", self.look_s, &PAUSE_S)?;
        within("alarms.retry_s", self.retry_s, &PAUSE_S)?;
        within("alarms.timeout_s", self.timeout_s, &TIMEOUT_S)?;
        if let Some(url) = &self.smtp_url {
            if url.contains('@') {
                return refused(
                    "alarms.smtp_url",
                    "has a user in it: name them in alarms.smtp_user, and their password in alarms.smtp_password_file",
                );
            }
            if !is_encrypted(url) && !is_here(url) {
                return refused(
                    "alarms.smtp_url",
                    "must be smtps://HOST or smtp://HOST:587?tls=required; without encryption only to this machine",
                );
            }
            if self.mail_from.is_none() {
                return refused("alarms.mail_from", "is needed with alarms.smtp_url");
            }
        } else if !self.mail_to.is_empty() {
            return refused("alarms.smtp_url", "is needed with alarms.mail_to");
        }
        if self.smtp_user.is_some() != self.smtp_password_file.is_some() {
            return refused(
                "alarms.smtp_user",
                "goes with alarms.smtp_password_file: set both or none",
            );
        }
        if self.webhook_secret_file.is_some() && self.webhook_url.is_none() {
            return refused(
                "alarms.webhook_secret_file",
                "signs nothing without alarms.webhook_url: set that too, or leave it out",
            );
        }
        if let Some(url) = &self.webhook_url
            && !url.starts_with("https://")
            && !is_here(url)
        {
            return refused(
                "alarms.webhook_url",
                "must begin with https://, but on this machine",
            );
        }
        Ok(())
    }
}

fn is_encrypted(url: &str) -> bool {
    let encrypts = |url: &str| {
        url.split_once('?')
            .is_some_and(|(_, query)| query == "tls=required")
    };
    url.starts_with("smtps://") || (url.starts_with("smtp://") && encrypts(url))
}

/// Returns `true` for an address of this machine.
fn is_here(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', '?']).next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _port)| host);
    host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_go_over_the_wire_unencrypted_is_refused() {
        let check = |smtp_url: &str, webhook_url: &str| {
            let alarms = Alarms {
                mail_from: Some("a@b.example".to_owned()),
                smtp_url: Some(smtp_url.to_owned()),
                webhook_url: Some(webhook_url.to_owned()),
                ..Alarms::default()
            };
            alarms.check().is_ok()
        };
        let (mail, hook) = ("smtps://mail.example", "https://hook.example/x");
        assert!(check(mail, hook) && check("smtp://mail.example:587?tls=required", hook));
        assert!(check("smtp://127.0.0.1:2525", "http://[::1]:80/x") && check("smtp://localhost", hook));
        assert!(!check("smtp://mail.example", hook) && !check("smtp://mail.example?tls=opportunistic", hook));
        assert!(!check("smtp://mail.example/tls=required", hook));
        assert!(!check("smtp://mail.example?tls=opportunistic&tls=required", hook));
        assert!(!check("smtps://me:secret@mail.example", hook) && !check(mail, "http://hook.example"));
    }
    #[test]
    fn a_secret_that_would_sign_nothing_is_refused() {
        let alarms = Alarms {
            webhook_secret_file: Some(PathBuf::from("/secret")),
            ..Alarms::default()
        };
        let said = alarms.check().unwrap_err().to_string();
        assert!(said.contains("alarms.webhook_url"), "{said}");
    }
}
