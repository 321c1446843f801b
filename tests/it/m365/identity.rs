//! Identity rules: what an account of a person is called, set in SDS per role group (manual §3.1.6).

/// Longest part before the `@`, after it, and both with it, in characters (Microsoft Entra).
const LOCAL_MAX: usize = 64;
const DOMAIN_MAX: usize = 48;
const WHOLE_MAX: usize = 113;

/// How the source's username becomes a `UserPrincipalName`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IdentityRule {
    /// SDS adds this domain to what is sent.
    AddDomain(String),
    /// "Add no domain": what is sent holds it.
    AsSent,
}

impl IdentityRule {
    /// Returns the `UserPrincipalName` for a username.
    pub(crate) fn apply(&self, username: &str) -> Result<String, String> {
        let name = match self {
            Self::AddDomain(domain) => format!("{username}@{domain}"),
            Self::AsSent => username.to_owned(),
        };
        match problem(&name) {
            None => Ok(name),
            Some(problem) => Err(format!("{name}: {problem}")),
        }
    }
}

/// Says why Entra would not take a `UserPrincipalName`.
fn problem(name: &str) -> Option<&'static str> {
    let Some((local, domain)) = name.split_once('@') else {
        return Some("no domain");
    };
    let fits = |character: char| character.is_ascii_alphanumeric() || "'.-_!#^~".contains(character);
    if local.is_empty() || domain.is_empty() || domain.contains('@') {
        return Some("not of the form name@domain");
    }
    if !local.chars().all(fits) || local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Some("characters that are not allowed");
    }
    if local.len() > LOCAL_MAX || domain.len() > DOMAIN_MAX || name.len() > WHOLE_MAX {
        return Some("too long");
    }
    None
}
