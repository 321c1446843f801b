//! Tokens with one scope each, and what they open.

use oauth2::AuthType;

use super::answer::RawAnswer;
use super::session::Session;
use super::token::{Credentials, ROSTER_SCOPE};

/// Opens the base endpoints.
pub(super) const CORE_SCOPE: &str = "https://purl.imsglobal.org/spec/or/v1p1/scope/roster-core.readonly";
/// Opens resources only.
pub(super) const RESOURCE_SCOPE: &str = "https://purl.imsglobal.org/spec/or/v1p1/scope/resource.readonly";

/// A token with one scope.
#[derive(Debug)]
pub(super) struct ScopeAccess {
    pub(super) scope: &'static str,
    /// The token; never printed.
    pub(super) token: Option<String>,
    /// What it was answered, or why there was no token.
    pub(super) answers: Result<Vec<RawAnswer>, String>,
}

/// Asks for a token with each scope, and with it for base endpoints and, where one is known, an association.
pub(super) async fn gather(
    session: &mut Session<'_>,
    credentials: &Credentials<'_>,
    association: Option<&[String]>,
) -> Vec<ScopeAccess> {
    let mut seen = Vec::new();
    for scope in [CORE_SCOPE, ROSTER_SCOPE, RESOURCE_SCOPE] {
        let token = session
            .ask_token(credentials, AuthType::BasicAuth, Some(scope))
            .await;
        let token = match token.token {
            Ok(token) => token,
            Err(reason) => {
                seen.push(ScopeAccess {
                    scope,
                    token: None,
                    answers: Err(reason),
                });
                continue;
            }
        };
        let mut paths = vec![vec!["users"], vec!["orgs"]];
        if let (ROSTER_SCOPE, Some(association)) = (scope, association) {
            paths.push(association.iter().map(String::as_str).collect());
        }
        let mut answers = Vec::new();
        for path in paths {
            answers.push(session.raw(&path, &[("limit", "1")], Some(&token)).await);
        }
        seen.push(ScopeAccess {
            scope,
            token: Some(token),
            answers: Ok(answers),
        });
    }
    seen
}
