//! Why messages cannot be sent: the settings, or whoever should take them.

use std::path::PathBuf;

use lettre::transport::smtp;

/// The settings of alarms cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// An address of e-mail is none.
    #[error("{setting}: {address:?} is no e-mail address, such as operator@example.org")]
    Address {
        /// The setting.
        setting: &'static str,
        /// What stands there.
        address: String,
        /// What is wrong with it.
        source: lettre::address::AddressError,
    },
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
    #[error("the webhook answered {status}")]
    Status {
        status: u16,
        /// After how many seconds it wants to be asked again; 0 where it does not say.
        retry_after_s: u32,
    },
    #[error("it took too long")]
    Slow,
}

impl SendError {
    /// Returns for how many seconds the receiver wants to be left alone; 0 if it does not say.
    pub(super) fn asked_for_s(&self) -> f64 {
        if let Self::Status { retry_after_s, .. } = self {
            f64::from(*retry_after_s)
        } else {
            0.0
        }
    }

    /// Returns `true` if trying again is of no use: the address is none, or the mail server refuses this e-mail (55x). What it says of
    /// signing in (53x) changes when the operator mends the settings.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Address(_) | Self::Mail(_) => true,
            Self::Smtp(error) => error.is_permanent() && error.status().is_some_and(is_about_mail),
            Self::NoOutlet | Self::Webhook(_) | Self::Status { .. } | Self::Slow => false,
        }
    }
}

fn is_about_mail(code: smtp::response::Code) -> bool {
    code.category == smtp::response::Category::MailSystem
}
