//! `[desk.openid]`: how people sign in to the desk by OpenID Connect.

use std::path::PathBuf;

use serde::Deserialize;

use super::{Error, Variables};

/// Entra's address for people of every organisation; its tokens come from the address of each one.
const ENTRA_ALL: [&str; 2] = ["/common/", "/consumers/"];

/// Settings of signing in by OpenID Connect.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpenId {
    /// Address of the provider; unset: local accounts only.
    pub issuer: Option<String>,
    /// Id of this program at the provider.
    pub client_id: Option<String>,
    /// Its secret there.
    pub client_secret: Option<String>,
    /// A file with the secret instead.
    pub client_secret_file: Option<PathBuf>,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that grants are read from.
    pub grants_claim: String,
    /// The value of that claim that makes an operator; unset: none does.
    pub operator_role: Option<String>,
    /// The Entra tenant whose word makes an operator, where people of several sign in.
    pub operator_entra_tenant_id: Option<String>,
    /// Text of the button on the page to sign in; unset: one in the language of the page.
    pub label: Option<String>,
}

impl Default for OpenId {
    fn default() -> Self {
        Self {
            issuer: None,
            client_id: None,
            client_secret: None,
            client_secret_file: None,
            scopes: vec!["profile".to_owned()],
            grants_claim: "roles".to_owned(),
            operator_role: None,
            operator_entra_tenant_id: None,
            label: None,
        }
    }
}

impl std::fmt::Debug for OpenId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("OpenId")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("client_secret", &self.client_secret.as_ref().map(|_| "(secret)"))
            .field("client_secret_file", &self.client_secret_file)
            .field("scopes", &self.scopes)
            .field("grants_claim", &self.grants_claim)
            .field("operator_role", &self.operator_role)
            .field("operator_entra_tenant_id", &self.operator_entra_tenant_id)
            .field("label", &self.label)
            .finish()
    }
}

impl OpenId {
    pub(super) fn overlay(&mut self, variables: &mut Variables) -> Result<(), Error> {
        let Self {
            issuer,
            client_id,
            client_secret,
            client_secret_file,
            scopes,
            grants_claim,
            operator_role,
            operator_entra_tenant_id,
            label,
        } = self;
        variables.text("ONEROSTER_OPENID_ISSUER", "desk.openid.issuer", issuer);
        variables.text("ONEROSTER_OPENID_CLIENT_ID", "desk.openid.client_id", client_id);
        variables.text(
            "ONEROSTER_OPENID_CLIENT_SECRET",
            "desk.openid.client_secret",
            client_secret,
        );
        variables.text(
            "ONEROSTER_OPENID_CLIENT_SECRET_FILE",
            "desk.openid.client_secret_file",
            client_secret_file,
        );
        variables.parsed("ONEROSTER_OPENID_SCOPES", "desk.openid.scopes", scopes, |text| {
            let words = text.split([',', ' ']).filter(|word| !word.is_empty());
            Ok(words.map(str::to_owned).collect())
        })?;
        variables.parsed(
            "ONEROSTER_OPENID_GRANTS_CLAIM",
            "desk.openid.grants_claim",
            grants_claim,
            |text| Ok(text.to_owned()),
        )?;
        variables.text(
            "ONEROSTER_OPENID_OPERATOR_ROLE",
            "desk.openid.operator_role",
            operator_role,
        );
        variables.text(
            "ONEROSTER_OPENID_OPERATOR_ENTRA_TENANT_ID",
            "desk.openid.operator_entra_tenant_id",
            operator_entra_tenant_id,
        );
        variables.text("ONEROSTER_OPENID_LABEL", "desk.openid.label", label);
        Ok(())
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let value = |key, problem: String| Err(Error::Value { key, problem });
        if let Some(problem) = self.issuer.as_deref().and_then(issuer_problem) {
            return value("desk.openid.issuer", problem);
        }
        if self.grants_claim.is_empty() {
            return value(
                "desk.openid.grants_claim",
                "must be the name of a claim, such as roles".to_owned(),
            );
        }
        for (key, text) in [
            ("desk.openid.operator_role", &self.operator_role),
            ("desk.openid.label", &self.label),
        ] {
            if text.as_deref().is_some_and(|text| text.trim().is_empty()) {
                return value(key, "must not be blank; leave it out instead".to_owned());
            }
        }
        if self.issuer.is_none() {
            return Ok(());
        }
        let missing = "must be set where desk.openid.issuer is";
        if self.client_id.is_none() {
            return value("desk.openid.client_id", missing.to_owned());
        }
        if self.client_secret.is_none() && self.client_secret_file.is_none() {
            let problem = format!("{missing}, or desk.openid.client_secret_file");
            return value("desk.openid.client_secret", problem);
        }
        Ok(())
    }
}

/// Returns what keeps an address from being that of a provider.
fn issuer_problem(issuer: &str) -> Option<String> {
    let is_secure = issuer.starts_with("https://") || is_loopback(issuer);
    if !is_secure {
        return Some(format!(
            "{issuer:?} must begin with https://; http:// is for a provider on this machine only"
        ));
    }
    if issuer.contains(|character: char| {
        character.is_whitespace() || character.is_control() || "?#{}".contains(character)
    }) {
        return Some(format!("{issuer:?} must hold no blanks, `?`, `#` or braces"));
    }
    let is_for_anybody = issuer.starts_with("https://login.microsoftonline.com/")
        && ENTRA_ALL.iter().any(|part| issuer.contains(part));
    is_for_anybody.then(|| {
        format!(
            "{issuer:?} lets private accounts in; for people of several schools take \
             https://login.microsoftonline.com/organizations/v2.0"
        )
    })
}

/// Returns `true` for an `http://` address of this machine.
fn is_loopback(url: &str) -> bool {
    url.strip_prefix("http://").is_some_and(|rest| {
        let authority = rest.split('/').next().unwrap_or_default();
        ["127.0.0.1", "[::1]", "localhost"].iter().any(|host| {
            authority
                .strip_prefix(host)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn openid(issuer: &str) -> OpenId {
        OpenId {
            issuer: Some(issuer.to_owned()),
            client_id: Some("desk".to_owned()),
            client_secret: Some("geheim".to_owned()),
            ..OpenId::default()
        }
    }

    #[test]
    fn a_provider_is_reached_over_https_or_on_this_machine() {
        for good in [
            "https://login.microsoftonline.com/organizations/v2.0",
            "https://login.microsoftonline.com/6f0c3b52-0000-4000-8000-000000000001/v2.0",
            "https://id.example/realms/school",
            "http://127.0.0.1:9000",
            "http://[::1]:9000/",
            "http://localhost",
        ] {
            assert_eq!(issuer_problem(good), None, "{good}");
        }
        for (bad, said) in [
            ("http://id.example", "https://"),
            ("http://127.0.0.1.example", "https://"),
            ("http://localhost@id.example", "https://"),
            ("id.example", "https://"),
            ("https://id.example/a b", "blanks"),
            ("https://id.example/{tenantid}/v2.0", "braces"),
            ("https://login.microsoftonline.com/common/v2.0", "organizations"),
        ] {
            let error = openid(bad).check().unwrap_err().to_string();
            assert!(
                error.contains("desk.openid.issuer") && error.contains(said),
                "{error}"
            );
        }
    }

    #[test]
    fn what_a_provider_needs_is_asked_for_by_name() {
        let settings = OpenId {
            client_secret: None,
            ..openid("https://id.example")
        };
        let error = settings.check().unwrap_err().to_string();
        assert!(error.contains("client_secret_file"), "{error}");
        let settings = OpenId {
            client_id: None,
            ..openid("https://id.example")
        };
        let error = settings.check().unwrap_err().to_string();
        assert!(error.contains("desk.openid.client_id"), "{error}");
        assert!(OpenId::default().check().is_ok());
    }

    #[test]
    fn the_secret_is_not_printed() {
        let told = format!("{:?}", openid("https://id.example"));
        assert!(
            !told.contains("geheim") && told.contains("https://id.example"),
            "{told}"
        );
    }
}
