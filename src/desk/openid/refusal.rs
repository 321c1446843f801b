//! Why somebody who came to sign in by the provider is not signed in, and the page that says so.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::error::OpenIdError;
use crate::access;
use crate::desk::error::DeskError;
use crate::desk::language::{self, Language};
use crate::desk::page::{self, Frame};
use crate::desk::state::Desk;

/// Longest error of a provider that is logged, in characters.
const ERROR_MAX: usize = 40;

/// Why somebody is not signed in.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The provider gives no usable answer.
    ProviderDown(OpenIdError),
    /// The provider says that it did not sign them in.
    ByProvider(String),
    /// Nothing was begun by this browser, it took too long, or it is over already.
    BeginAgain,
    /// What the provider said does not hold.
    Token(OpenIdError),
    /// The claim with their rights was left out.
    Overage(String),
    /// Their Entra tenant is that of no tenant here.
    UnknownTenant,
    /// They may do nothing.
    NoRights {
        /// How they are called.
        name: String,
    },
    /// Their account was disabled.
    Disabled,
    /// They come over plain HTTP from elsewhere.
    Plain,
    /// The fault is ours.
    Desk(DeskError),
}

impl From<DeskError> for Refusal {
    fn from(error: DeskError) -> Self {
        Self::Desk(error)
    }
}

impl From<access::Error> for Refusal {
    fn from(error: access::Error) -> Self {
        Self::Desk(error.into())
    }
}

impl Refusal {
    const fn status(&self) -> StatusCode {
        match self {
            Self::ProviderDown(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::BeginAgain | Self::Token(_) => StatusCode::BAD_REQUEST,
            Self::ByProvider(_)
            | Self::Overage(_)
            | Self::UnknownTenant
            | Self::NoRights { .. }
            | Self::Plain
            | Self::Disabled => StatusCode::FORBIDDEN,
            Self::Desk(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn message(&self, language: Language) -> String {
        match self {
            Self::ProviderDown(_) | Self::Desk(_) => language::text(language, "openid-provider-down"),
            Self::ByProvider(_) => language::text(language, "openid-by-provider"),
            Self::BeginAgain => language::text(language, "openid-begin-again"),
            Self::Token(_) => language::text(language, "openid-token"),
            Self::Overage(claim) => {
                language::text_with(language, "openid-overage", [("claim", claim.as_str().into())])
            }
            Self::UnknownTenant => language::text(language, "openid-unknown-tenant"),
            Self::NoRights { name } => {
                language::text_with(language, "openid-no-rights", [("name", name.as_str().into())])
            }
            Self::Disabled => language::text(language, "openid-disabled"),
            Self::Plain => language::text(language, "sign-in-plain-elsewhere"),
        }
    }

    fn log(&self) {
        match self {
            Self::ProviderDown(error) => tracing::warn!(error = ?error, "the provider of sign-ins failed"),
            Self::Token(error) => tracing::warn!(error = ?error, "a sign-in by the provider was refused"),
            Self::ByProvider(error) => {
                let plain = |character: &char| character.is_ascii_alphanumeric() || *character == '_';
                let error: String = error.chars().filter(plain).take(ERROR_MAX).collect();
                tracing::info!(error, "the provider signed somebody not in");
            }
            Self::Overage(claim) => tracing::warn!(
                error = claim,
                "a claim was left out of a token: see desk.openid.grants_claim"
            ),
            Self::BeginAgain
            | Self::UnknownTenant
            | Self::NoRights { .. }
            | Self::Disabled
            | Self::Plain
            | Self::Desk(_) => {}
        }
    }
}

#[derive(Template)]
#[template(path = "openid.html")]
struct Page {
    frame: Frame,
    message: String,
}

/// Says why somebody is not signed in, and how to go on.
pub(super) fn page(desk: &Desk, language: Language, refusal: Refusal) -> Response {
    refusal.log();
    let status = refusal.status();
    let frame = Frame::new(language, desk.base_path());
    let message = refusal.message(language);
    if let Refusal::Desk(error) = refusal {
        return error.into_response();
    }
    let nonce = frame.nonce.clone();
    page::rendered(status, &nonce, &Page { frame, message })
}
