//! The webhook of the operator: JSON with a text that chat programs show, signed if there is a secret.

use std::time::Duration;

use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};
use oneroster_standard::Moment;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::Serialize;

use super::failure::{SendError, SetupError};
use super::outbox::Message;
use super::secret::secret;
use crate::clock::Clock;
use crate::config;

/// The header with the id of a message.
const ID_HEADER: &str = "x-oneroster-id";

/// The header with the HMAC-SHA-256 of the body, as `sha256=HEX`.
const SIGNATURE_HEADER: &str = "x-oneroster-signature";

/// How long a receiver may ask to be left alone, in seconds.
const RETRY_AFTER_MAX_S: u32 = 86_400;

/// A webhook.
pub(super) struct Webhook {
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

impl Webhook {
    /// Prepares it; `None` without an address.
    pub(super) fn new(settings: &config::Alarms, timeout: Duration) -> Result<Option<Self>, SetupError> {
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
        Ok(Some(Self {
            client,
            url: url.clone(),
            key: secret.map(|secret| hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())),
        }))
    }

    pub(super) async fn send(&self, message: &Message) -> Result<(), SendError> {
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
            // Its clock is compared with this machine's, as everybody's who sends a date.
            Err(SendError::Status {
                status: answer.status().as_u16(),
                retry_after_s: retry_after_s(answer.headers(), Clock::System.now()),
            })
        }
    }
}

/// Returns how long a receiver wants to be left alone, in seconds, of the `Retry-After` of its answer: seconds, or a date. A day at the most,
/// so that a slip of theirs does not silence them for good.
fn retry_after_s(headers: &HeaderMap, now: DateTime<Utc>) -> u32 {
    let text = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let Some(text) = text.map(str::trim) else {
        return 0;
    };
    let until_date = || {
        let until = DateTime::parse_from_rfc2822(text).ok()?;
        u32::try_from((until.to_utc() - now).num_seconds()).ok()
    };
    let seconds = text.parse().ok().or_else(until_date);
    seconds.unwrap_or_default().min(RETRY_AFTER_MAX_S)
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
    fn a_receiver_says_in_seconds_or_by_a_date_when_it_wants_to_be_asked_again() {
        let now = "2026-11-28T08:00:00Z".parse().unwrap();
        let after = |text: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            retry_after_s(&headers, now)
        };
        assert_eq!([after("120"), after(" 7 "), after("0")], [120, 7, 0]);
        assert_eq!(after("Sat, 28 Nov 2026 08:01:30 GMT"), 90);
        assert_eq!(after("Sat, 28 Nov 2026 07:00:00 GMT"), 0, "it has passed");
        assert_eq!([after("soon"), after("-5"), after("1.5")], [0, 0, 0]);
        assert_eq!(after("4000000000"), RETRY_AFTER_MAX_S);
        assert_eq!(retry_after_s(&HeaderMap::new(), now), 0);
    }
}
