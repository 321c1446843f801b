//! Why signing in cannot be prepared.

/// The settings of signing in by OpenID Connect cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The file with the secret cannot be read.
    #[error("cannot read desk.openid.client_secret_file {path}")]
    Secret {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The secret is empty.
    #[error("desk.openid.client_secret is empty")]
    NoSecret,
    /// The address that the provider sends people back to is none.
    #[error("server.public_url is no address that a provider can send people back to")]
    Redirect,
    /// The program was built without the feature `openid`.
    #[error("desk.openid.issuer is set, and this program was built without OpenID Connect")]
    NotBuilt,
    /// TLS cannot be prepared.
    #[error("cannot prepare to ask the provider")]
    Http(#[source] Box<dyn std::error::Error + Send + Sync>),
}
