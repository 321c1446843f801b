//! Where messages go: a mail server, and a webhook.

use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::hmac;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use oneroster_standard::Moment;
use serde::Serialize;

use super::outbox::{Channel, Message};
use crate::config;

/// The header with the id of a message.
const ID_HEADER: &str = "x-oneroster-id";

/// The header with the HMAC-SHA-256 of the body, as `sha256=HEX`.
const SIGNATURE_HEADER: &str = "x-oneroster-signature";

/// The settings of alarms cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// An address of e-mail is none.
    #[error("{0:?} is no e-mail address")]
    Address(String, #[source] lettre::address::AddressError),
    /// The address of the mail server is none.
    #[error("alarms.smtp_url cannot be used")]
    Smtp(#[source] smtp::Error),
    /// The HTTP client cannot be made.
    #[error("cannot prepare the webhook of alarms")]
    Webhook(#[source] reqwest::Error),
    /// A file with a secret is empty.
    #[error("{0} is empty: write the secret in it")]
    EmptySecret(PathBuf),
    /// A file with a secret cannot be read.
    #[error("cannot read {0}")]
    Secret(PathBuf, #[source] std::io::Error),
}

/// A message was not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    #[error("the settings say no place for it any more")]
    NoOutlet,
    #[error("an address is none")]
    Address(#[from] lettre::address::AddressError),
    #[error("the e-mail cannot be written")]
    Mail(#[from] lettre::error::Error),
    #[error("the mail server did not take it")]
    Smtp(#[from] smtp::Error),
    #[error("the webhook cannot be reached")]
    Webhook(#[source] reqwest::Error),
    #[error("the webhook answered {0}")]
    Status(u16),
    #[error("it took too long")]
    Slow,
}

impl SendError {
    /// Returns `true` if trying again is of no use: the address is none, or the mail server refuses this e-mail (55x). What it says of
    /// signing in (53x) changes when the operator mends the settings.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Address(_) | Self::Mail(_) => true,
            Self::Smtp(error) => error.is_permanent() && error.status().is_some_and(is_about_mail),
            Self::NoOutlet | Self::Webhook(_) | Self::Status(_) | Self::Slow => false,
        }
    }
}

fn is_about_mail(code: smtp::response::Code) -> bool {
    code.category == smtp::response::Category::MailSystem
}

/// The places that messages go to.
pub struct Outlets {
    mail: Option<Mail>,
    webhook: Option<Webhook>,
    timeout: Duration,
}

struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// The addresses of the operator.
    operator: Vec<String>,
}

struct Webhook {
    client: reqwest::Client,
    url: String,
    key: Option<hmac::Key>,
}

/// What is posted to the webhook. Chat programs show `text`.
#[derive(Serialize)]
struct Posted<'a> {
    /// The same each time it is sent.
    id: String,
    text: &'a str,
    alarm: String,
    kind: &'a str,
    /// Empty for what is of the service.
    tenant: &'a str,
    state: &'static str,
    at: Moment,
}

impl Outlets {
    /// Prepares them; without settings there are none.
    pub fn new(settings: &config::Alarms) -> Result<Self, SetupError> {
        let timeout = Duration::from_secs(settings.timeout_s.into());
        Ok(Self {
            mail: mail(settings, timeout)?,
            webhook: webhook(settings, timeout)?,
            timeout,
        })
    }

    /// Returns `true` if there is no place at all.
    pub fn is_none(&self) -> bool {
        self.mail.is_none() && self.webhook.is_none()
    }

    /// Returns `true` if schools can be written to.
    pub(super) const fn reaches_schools(&self) -> bool {
        self.mail.is_some()
    }

    /// Returns the addresses that the operator is written to at.
    pub(super) fn operator(&self) -> &[String] {
        self.mail.as_ref().map_or(&[], |mail| mail.operator.as_slice())
    }

    /// Returns `true` if the operator has a webhook.
    pub(super) const fn has_webhook(&self) -> bool {
        self.webhook.is_some()
    }

    /// Returns the ways of sending that there are.
    pub(super) fn channels(&self) -> Vec<Channel> {
        let mail = self.mail.as_ref().map(|_| Channel::Mail);
        let webhook = self.webhook.as_ref().map(|_| Channel::Webhook);
        mail.into_iter().chain(webhook).collect()
    }

    /// Sends a message, within its time.
    pub(super) async fn send(&self, message: &Message) -> Result<(), SendError> {
        let sending = async {
            match (message.channel.as_str(), &self.mail, &self.webhook) {
                ("mail", Some(mail), _) => mail.send(message).await,
                ("webhook", _, Some(webhook)) => webhook.send(message).await,
                _ => Err(SendError::NoOutlet),
            }
        };
        tokio::time::timeout(self.timeout, sending)
            .await
            .unwrap_or(Err(SendError::Slow))
    }
}

impl Mail {
    async fn send(&self, message: &Message) -> Result<(), SendError> {
        let id = format!("<{}@{}>", message.message_id, self.from.email.domain());
        let to: Mailbox = message.recipient.parse()?;
        let mail = lettre::Message::builder()
            .to(to)
            .from(self.from.clone())
            .message_id(Some(id))
            .header(ContentType::TEXT_PLAIN)
            .subject(message.subject.clone());
        self.transport.send(mail.body(message.body.clone())?).await?;
        Ok(())
    }
}

impl Webhook {
    async fn send(&self, message: &Message) -> Result<(), SendError> {
        let body = Posted {
            id: message.message_id.to_string(),
            text: &message.body,
            alarm: message.alarm_id.to_string(),
            kind: &message.kind,
            tenant: &message.tenant_id,
            state: if message.is_end { "ended" } else { "began" },
            at: message.written_at.into(),
        };
        // Texts, and nothing that could not be written.
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut request = self
            .client
            .post(&self.url)
            .header("content-type", "application/json")
            .header(ID_HEADER, message.message_id.to_string());
        if let Some(key) = &self.key {
            let tag = hmac::sign(key, &body);
            request = request.header(SIGNATURE_HEADER, format!("sha256={}", hex(tag.as_ref())));
        }
        // Without the address, which may be a secret.
        let answer = request
            .body(body)
            .send()
            .await
            .map_err(|error| SendError::Webhook(error.without_url()))?;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(SendError::Status(answer.status().as_u16()))
        }
    }
}

fn mail(settings: &config::Alarms, timeout: Duration) -> Result<Option<Mail>, SetupError> {
    let (Some(url), Some(from)) = (&settings.smtp_url, &settings.mail_from) else {
        return Ok(None);
    };
    let mailbox = |address: &String| -> Result<Mailbox, SetupError> {
        address
            .parse()
            .map_err(|error| SetupError::Address(address.clone(), error))
    };
    let mut transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
        .map_err(SetupError::Smtp)?
        .timeout(Some(timeout));
    if let (Some(user), Some(file)) = (&settings.smtp_user, &settings.smtp_password_file) {
        transport = transport.credentials(Credentials::new(user.clone(), secret(file)?));
    }
    Ok(Some(Mail {
        transport: transport.build(),
        from: mailbox(from)?,
        operator: settings
            .mail_to
            .iter()
            .map(|address| Ok(mailbox(address)?.to_string()))
            .collect::<Result<_, _>>()?,
    }))
}

fn webhook(settings: &config::Alarms, timeout: Duration) -> Result<Option<Webhook>, SetupError> {
    let Some(url) = &settings.webhook_url else {
        return Ok(None);
    };
    let client = reqwest::Client::builder()
        .timeout(timeout)
        // Whoever answers for the address sends it nowhere else.
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(SetupError::Webhook)?;
    let secret = settings.webhook_secret_file.as_deref().map(secret).transpose()?;
    Ok(Some(Webhook {
        client,
        url: url.clone(),
        key: secret.map(|secret| hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())),
    }))
}

/// Reads a secret from a file, without the end of its line.
fn secret(file: &Path) -> Result<String, SetupError> {
    let text = std::fs::read_to_string(file).map_err(|error| SetupError::Secret(file.to_owned(), error))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.trim().is_empty() {
        return Err(SetupError::EmptySecret(file.to_owned()));
    }
    Ok(text.to_owned())
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_secret_is_refused_and_each_operator_is_written_to_apart() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("secret");
        std::fs::write(&file, "\n").unwrap();
        let mut settings = config::Alarms {
            webhook_url: Some("https://hook.example/x".to_owned()),
            webhook_secret_file: Some(file.clone()),
            ..config::Alarms::default()
        };
        let said = Outlets::new(&settings).map(drop).unwrap_err().to_string();
        assert!(said.contains("is empty"), "{said}");
        std::fs::write(&file, "something\n").unwrap();
        settings.smtp_url = Some("smtp://localhost".to_owned());
        settings.mail_from = Some("a@b.example".to_owned());
        settings.mail_to = vec!["c@d.example".to_owned(), "e@f.example".to_owned()];
        let outlets = Outlets::new(&settings).unwrap();
        assert_eq!(outlets.operator(), ["c@d.example", "e@f.example"]);
        assert_eq!(outlets.channels(), [Channel::Mail, Channel::Webhook]);
    }
}
