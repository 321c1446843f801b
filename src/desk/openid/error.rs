//! Why nobody could be signed in by the provider.

use super::http::FetchError;

/// A sign-in by the provider did not succeed.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenIdError {
    /// The provider gives no usable answer.
    #[error("the provider of sign-ins gives no usable answer")]
    Provider(#[from] FetchError),
    /// The provider signs nobody in by this code.
    #[error("the provider refused the code: {0}")]
    Code(String),
    /// The provider's token does not prove who it is.
    #[error("the provider's token is refused: {0}")]
    Token(String),
    /// The claim with the grants is too long for the token, so that it is left out.
    #[error("the claim {0:?} is left out of the token: it is too long")]
    Overage(String),
}

impl OpenIdError {
    /// Makes the refusal of a token.
    pub(super) fn token(problem: impl std::fmt::Display) -> Self {
        Self::Token(problem.to_string())
    }
}
