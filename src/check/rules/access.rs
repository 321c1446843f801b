//! Tokens, and who is let in.

use super::Findings;
use crate::check::RuleResult;
use crate::check::evidence::{Evidence, Refusal};
use crate::check::token::TokenAnswer;

pub(super) fn judge(evidence: &Evidence) -> Vec<RuleResult> {
    vec![
        no_scope(evidence),
        body_credentials(evidence),
        no_store(evidence),
        bearer(evidence),
        wrong_secret(evidence),
        unauthenticated(evidence),
    ]
}

/// Both ways Microsoft's clients send credentials.
fn issued(evidence: &Evidence) -> [(&'static str, &TokenAnswer); 2] {
    [
        ("credentials in the header", &evidence.header_token),
        ("credentials in the body", &evidence.body_token),
    ]
}

fn no_scope(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "token-no-scope",
        "token requests without a scope",
        "a token, whatever the scope",
    );
    findings.look(evidence.scope_demanded.clone());
    findings.finish()
}

fn body_credentials(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "token-body-credentials",
        "token requests with client_id and client_secret in the body",
        "a token, as with credentials in the Authorization header",
    );
    findings.look(evidence.body_token.token.as_ref().err().cloned());
    findings.finish()
}

fn no_store(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "token-no-store",
        "token answers",
        "the header Cache-Control: no-store (RFC 6749 §5.1)",
    );
    for (way, answer) in issued(evidence)
        .into_iter()
        .filter(|(_, answer)| answer.token.is_ok())
    {
        let header = answer.cache_control.as_deref().unwrap_or("none");
        findings.expect(header.to_ascii_lowercase().contains("no-store"), || {
            format!("{way}: Cache-Control is {}", crate::check::client::clip(header))
        });
    }
    findings.finish()
}

fn bearer(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new("token-type-bearer", "token answers", "token_type Bearer");
    for (way, answer) in issued(evidence)
        .into_iter()
        .filter(|(_, answer)| answer.token.is_ok())
    {
        findings.expect(answer.bearer, || format!("{way}: another token_type"));
    }
    findings.finish()
}

fn wrong_secret(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "wrong-secret-401-invalid-client",
        "token requests with a wrong secret",
        "401 with the error invalid_client (RFC 6749 §5.2)",
    );
    let answer = &evidence.wrong_secret;
    let good = answer.status == Some(401) && answer.error.as_deref() == Some("invalid_client");
    findings.expect(good, || answer.describe());
    findings.finish()
}

fn unauthenticated(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "unauthenticated-401",
        "data requests without a good token",
        "401 with a JSON object",
    );
    for refusal in &evidence.without_token {
        findings.look(refused(refusal, 401));
    }
    findings.finish()
}

/// Judges a refusal: the right status, and a body in JSON.
pub(super) fn refused(refusal: &Refusal, status: u16) -> Option<String> {
    if refusal.status != status {
        return Some(format!("{} answered {}", refusal.request, refusal.described));
    }
    (!refusal.json).then(|| format!("{}: the body is not a JSON object", refusal.request))
}
