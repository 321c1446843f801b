//! Why a request of the desk is not answered as asked, with one mapping to HTTP.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use crate::{access, accounts, history, microsoft, publication, tenants};

/// A request could not be answered as asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum DeskError {
    /// It does not exist, or who asks may not see it: both answer the same, byte for byte.
    #[error("there is no such page")]
    NotFound,
    /// Nobody is signed in, or the session is over.
    #[error("sign in first")]
    SignedOut,
    /// The same for a page: leads to the sign-in.
    #[error("sign in first")]
    SignInFirst(String),
    /// They may see it and not change it.
    #[error("you may see this and not change it")]
    MayNotWrite,
    /// It comes from a page of another site.
    #[error("this was sent from another site; open the page again and try once more")]
    Forged,
    /// A form or address cannot be read.
    #[error("the request cannot be read")]
    Malformed,
    /// Accounts or rights cannot be read.
    #[error("the database failed")]
    Access(#[from] access::Error),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A tenant's configuration cannot be read.
    #[error("the tenant cannot be read")]
    Tenant(#[from] tenants::Error),
    /// What is published, or would be, cannot be computed.
    #[error("the roster cannot be computed")]
    Publication(#[source] publication::Error),
    /// Usernames cannot be read or changed.
    #[error("the usernames cannot be read")]
    Accounts(#[source] accounts::Error),
    /// What was published cannot be read.
    #[error("the history cannot be read")]
    History(#[source] history::Error),
    /// A report of Microsoft's cannot be held against what was published.
    #[error("the report cannot be read back")]
    Microsoft(#[source] microsoft::Error),
    /// Something else failed; the log says what.
    #[error("it did not work; the log says why")]
    Failed,
}

impl From<publication::Error> for DeskError {
    fn from(error: publication::Error) -> Self {
        if matches!(error, publication::Error::Tenant(tenants::Error::Unknown(_))) {
            Self::NotFound
        } else {
            Self::Publication(error)
        }
    }
}

impl From<accounts::Error> for DeskError {
    fn from(error: accounts::Error) -> Self {
        let is_unknown = matches!(
            error,
            accounts::Error::Refused(_) | accounts::Error::Tenant(tenants::Error::Unknown(_))
        );
        // Who or what they name does not exist.
        if is_unknown {
            Self::NotFound
        } else {
            Self::Accounts(error)
        }
    }
}

impl From<microsoft::Error> for DeskError {
    fn from(error: microsoft::Error) -> Self {
        use microsoft::Error;
        match error {
            Error::Database(error) => Self::Database(error),
            Error::Tenant(tenants::Error::Unknown(_)) => Self::NotFound,
            Error::Tenant(error) => Self::Tenant(error),
            other @ Error::Roster(_) => Self::Microsoft(other),
        }
    }
}

impl From<history::Error> for DeskError {
    fn from(error: history::Error) -> Self {
        use history::Error;
        match error {
            Error::Database(error) => Self::Database(error),
            Error::UnknownTenant(_)
            | Error::NotPublished
            | Error::UnknownGeneration { .. }
            | Error::WrongOrder { .. }
            | Error::UnknownObject { .. } => Self::NotFound,
            other @ Error::Roster(_) => Self::History(other),
        }
    }
}

impl DeskError {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            Self::SignInFirst(_) => StatusCode::SEE_OTHER,
            Self::MayNotWrite | Self::Forged => StatusCode::FORBIDDEN,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Access(_)
            | Self::Accounts(_)
            | Self::Database(_)
            | Self::History(_)
            | Self::Microsoft(_)
            | Self::Publication(_)
            | Self::Tenant(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::SignedOut | Self::SignInFirst(_) => "signed-out",
            Self::MayNotWrite => "read-only",
            Self::Failed => "failed",
            Self::Forged => "forged",
            Self::Malformed => "malformed",
            Self::Access(_)
            | Self::Accounts(_)
            | Self::Database(_)
            | Self::History(_)
            | Self::Microsoft(_)
            | Self::Publication(_)
            | Self::Tenant(_) => "unavailable",
        }
    }
}

impl IntoResponse for DeskError {
    fn into_response(self) -> Response {
        if let Self::SignInFirst(path) = &self {
            return Redirect::to(path).into_response();
        }
        if let Self::Access(_)
        | Self::Accounts(_)
        | Self::Database(_)
        | Self::History(_)
        | Self::Microsoft(_)
        | Self::Publication(_)
        | Self::Tenant(_) = &self
        {
            tracing::error!(error = ?self, "the desk could not ask the database");
        }
        let body = json!({ "error": { "code": self.code(), "message": self.to_string() } });
        (self.status(), Json(body)).into_response()
    }
}
