//! Everything seen of a provider: plain data, judged by `rules`.

use std::time::Duration;

use oneroster_standard::Kind;
use reqwest::Url;

use super::answer::{Answer, List, RawAnswer};
use super::collection::Collection;
use super::endpoints::Endpoints;
use super::relations::Relations;
use super::scopes::ScopeAccess;
use super::token::TokenAnswer;
use super::variations::Variations;

/// Everything seen of a provider.
#[derive(Debug)]
pub(super) struct Evidence {
    /// Base URL of the provider.
    pub(super) base: Url,
    /// Every answer that should have been 200.
    pub(super) answers: Vec<Answer>,
    /// One per kind, in the order of [`Kind::ALL`].
    pub(super) collections: Vec<Collection>,
    /// Two clauses with AND: rows of `users` that are students and active.
    pub(super) active_students: List,
    /// Who belongs to what, by the rows pulled.
    pub(super) relations: Relations,
    /// Parts of collections, and associations.
    pub(super) endpoints: Endpoints,
    /// Sorting, fields, filters, methods, paths.
    pub(super) variations: Variations,
    /// Tokens with one scope, and what they opened.
    pub(super) scopes: Vec<ScopeAccess>,
    /// No scope: why the token was refused.
    pub(super) scope_demanded: Option<String>,
    /// Credentials in the `Authorization` header.
    pub(super) header_token: TokenAnswer,
    /// Credentials in the body.
    pub(super) body_token: TokenAnswer,
    /// A wrong secret.
    pub(super) wrong_secret: TokenAnswer,
    /// A data request without a token, and one with a made-up token.
    pub(super) without_token: Vec<RawAnswer>,
    /// The time limit of every request.
    pub(super) limit: Duration,
}

impl Evidence {
    /// Returns what was seen of a collection.
    pub(super) fn of(&self, kind: Kind) -> Option<&Collection> {
        self.collections.iter().find(|collection| collection.kind == kind)
    }
}
