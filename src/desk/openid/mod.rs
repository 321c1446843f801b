//! Signing in by OpenID Connect: code flow with PKCE, `state` and `nonce`.
//!
//! [`OpenId`] sends somebody to the provider, takes what the provider sent them back with and returns who they are. The provider is
//! asked when somebody signs in by it and at no other time: a provider that is down hinders nobody with a local account.

mod client;
mod error;
mod http;
mod identity;
mod provider;
mod refusal;
mod routes;
mod token;

pub use client::OpenId;
pub(super) use routes::routes;
