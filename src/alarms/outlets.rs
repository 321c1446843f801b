//! Where messages go: a mail server, and a webhook.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::failure::{SendError, SetupError};
use super::outbox::{Channel, Message};
use super::secret::secret;
use super::webhook::Webhook;
use crate::config;

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

impl Outlets {
    /// Prepares them; without settings there are none.
    pub fn new(settings: &config::Alarms) -> Result<Self, SetupError> {
        let timeout = Duration::from_secs(settings.timeout_s.into());
        Ok(Self {
            mail: mail(settings, timeout)?,
            webhook: Webhook::new(settings, timeout)?,
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

    /// Returns `true` if the operator is written to at this address.
    pub(super) fn is_operator(&self, address: &str) -> bool {
        self.operator().iter().any(|operator| operator == address)
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

fn mail(settings: &config::Alarms, timeout: Duration) -> Result<Option<Mail>, SetupError> {
    let (Some(url), Some(from)) = (&settings.smtp_url, &settings.mail_from) else {
        return Ok(None);
    };
    let mailbox = |setting, address: &String| -> Result<Mailbox, SetupError> {
        address.parse().map_err(|source| SetupError::Address {
            setting,
            address: address.clone(),
            source,
        })
    };
    let mut transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
        .map_err(SetupError::Smtp)?
        .timeout(Some(timeout));
    if let (Some(user), Some(file)) = (&settings.smtp_user, &settings.smtp_password_file) {
        transport = transport.credentials(Credentials::new(user.clone(), secret(file)?));
    }
    Ok(Some(Mail {
        transport: transport.build(),
        from: mailbox("alarms.mail_from", from)?,
        operator: settings
            .mail_to
            .iter()
            .map(|address| Ok(mailbox("alarms.mail_to", address)?.to_string()))
            .collect::<Result<_, _>>()?,
    }))
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
    #[test]
    fn an_address_that_is_none_is_refused_with_the_name_of_its_setting() {
        let refusal = |from: &str, to: &str| {
            let settings = config::Alarms {
                smtp_url: Some("smtp://localhost".to_owned()),
                mail_from: Some(from.to_owned()),
                mail_to: vec!["good@operator.example".to_owned(), to.to_owned()],
                ..config::Alarms::default()
            };
            Outlets::new(&settings)
                .map(drop)
                .map_err(|error| error.to_string())
        };
        let good = "oneroster@operator.example";
        assert_eq!(refusal(good, "On duty <duty@operator.example>"), Ok(()));
        for bad in [
            "duty",
            "duty@",
            "a@b.example, c@d.example",
            "a..b@operator.example",
            "a@operator..example",
        ] {
            let said = refusal(good, bad).unwrap_err();
            assert!(
                said.starts_with("alarms.mail_to: ") && said.contains(bad),
                "{said}"
            );
        }
        let said = refusal("nobody", good).unwrap_err();
        assert!(said.starts_with("alarms.mail_from: \"nobody\""), "{said}");
    }
}
