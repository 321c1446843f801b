//! Who signed in: what a checked token says of them.

use serde_json::{Map, Value};

use super::error::OpenIdError;
use crate::access;

/// What stands in a token instead of claims that are too long for it.
const LEFT_OUT: &str = "_claim_names";

/// The claim of groups, and Entra's word that somebody is in more of them than a token of the browser holds.
const GROUPS: (&str, &str) = ("groups", "hasgroups");

/// How many values of a claim are read.
const VALUES_MAX: usize = 1000;

/// Somebody, by the provider's word. They are known by `issuer` and `subject`, and by nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// Whose word it is: the `iss` of the token.
    pub(super) issuer: String,
    /// Who it is: `sub`; for Entra `oid`, which stays the same for every program.
    pub(super) subject: String,
    /// The Entra tenant they are in (`tid`), for Entra.
    pub(super) entra_tenant_id: Option<String>,
    /// How they are called, to show; nobody is recognised by it.
    pub(super) name: Option<String>,
    /// The values of the claim with grants, in the provider's order.
    pub(super) values: Vec<String>,
}

impl Identity {
    /// Returns by what their account is found: (`tid`, `oid`) for Entra, else (`iss`, `sub`).
    pub(super) fn account(&self) -> access::Identity {
        match &self.entra_tenant_id {
            Some(tenant) => access::Identity::of_entra(tenant, &self.subject),
            None => access::Identity::of_issuer(&self.issuer, &self.subject),
        }
    }
}

/// Reads the grants of a claim: one text, or a list of them.
///
/// Fails when the provider left the claim out because there is too much of it: whoever was signed in by such a token
/// would have fewer rights than they were given.
pub(super) fn values(claims: &Map<String, Value>, claim: &str) -> Result<Vec<String>, OpenIdError> {
    let is_named = claims
        .get(LEFT_OUT)
        .and_then(Value::as_object)
        .is_some_and(|names| names.contains_key(claim));
    let has_groups = match claims.get(GROUPS.1) {
        Some(Value::Bool(is_set)) => *is_set,
        Some(Value::String(text)) => text == "true",
        _ => false,
    };
    if is_named || (claim == GROUPS.0 && has_groups) {
        return Err(OpenIdError::Overage(claim.to_owned()));
    }
    let texts = match claims.get(claim) {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(values)) => {
            let texts = values.iter().filter_map(Value::as_str);
            texts.take(VALUES_MAX).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    };
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(claims: &Value, claim: &str) -> Result<Vec<String>, OpenIdError> {
        values(claims.as_object().unwrap(), claim)
    }

    #[test]
    fn a_claim_is_one_text_or_a_list_of_them() {
        for (claims, expected) in [
            (json!({"roles": "operator"}), vec!["operator"]),
            (json!({"roles": ["a", 7, "b"]}), vec!["a", "b"]),
            (json!({"roles": {"a": true}}), vec![]),
            (json!({}), vec![]),
        ] {
            assert_eq!(read(&claims, "roles").unwrap(), expected, "{claims}");
        }
    }

    #[test]
    fn a_claim_that_was_left_out_is_refused() {
        for (claims, claim) in [
            (json!({"_claim_names": {"groups": "src1"}}), "groups"),
            (json!({"hasgroups": true}), "groups"),
            (json!({"hasgroups": "true"}), "groups"),
            (
                json!({"_claim_names": {"roles": "src1"}, "roles": ["a"]}),
                "roles",
            ),
        ] {
            let read = read(&claims, claim);
            assert!(
                matches!(&read, Err(OpenIdError::Overage(named)) if named == claim),
                "{claims}"
            );
        }
        // Groups that nobody asks for may be missing.
        let claims = json!({"hasgroups": true, "_claim_names": {"groups": "src1"}, "roles": ["a"]});
        assert_eq!(read(&claims, "roles").unwrap(), ["a"]);
    }
}
