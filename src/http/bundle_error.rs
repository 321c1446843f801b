//! Why a bundle was not taken. What is wrong inside one, its report says.

use axum::http::StatusCode;
use oneroster_standard::status_info::CodeMinor;

use crate::feeding::NoTurn;

/// A refusal that only bundles have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum BundleError {
    /// The client may not import.
    #[error(
        "this client has no setting `import`: an operator gives it with `oneroster client set --tenant ID CLIENT import=true`"
    )]
    NotOpen,
    /// The tenant has one under way, or there are as many as may be.
    #[error("a bundle of this tenant, or as many as may be of all, are being imported: try again later")]
    TooMany,
    /// The server is told to stop.
    #[error("the server is being stopped: send it again in a minute")]
    Stopping,
    /// It is sent as a form.
    #[error("the body must be the .zip itself, not a form with it: with curl --upload-file, not --form")]
    Form,
    /// The query says something else than it may.
    #[error("the one parameter is `delta`, once, and it is `true` or `false`")]
    Parameters,
}

impl From<NoTurn> for BundleError {
    fn from(none: NoTurn) -> Self {
        match none {
            NoTurn::TooMany => Self::TooMany,
            NoTurn::Stopping => Self::Stopping,
        }
    }
}

impl BundleError {
    /// Returns the status of the answer and its code.
    pub(super) const fn code(self) -> (StatusCode, CodeMinor) {
        match self {
            Self::NotOpen => (StatusCode::FORBIDDEN, CodeMinor::Forbidden),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, CodeMinor::ServerBusy),
            Self::Stopping => (StatusCode::SERVICE_UNAVAILABLE, CodeMinor::ServerBusy),
            Self::Form => (StatusCode::UNSUPPORTED_MEDIA_TYPE, CodeMinor::InvalidData),
            Self::Parameters => (StatusCode::BAD_REQUEST, CodeMinor::InvalidData),
        }
    }
}
