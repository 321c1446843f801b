//! Tokens, and who is let in.

use super::Findings;
use crate::RuleResult;
use crate::answer::RawAnswer;
use crate::client::clip;
use crate::evidence::Evidence;
use crate::scopes::{CORE_SCOPE, RESOURCE_SCOPE};
use crate::token::{ROSTER_SCOPE, TokenAnswer};

pub(super) fn judge(evidence: &Evidence) -> Vec<RuleResult> {
    vec![
        no_scope(evidence),
        body_credentials(evidence),
        no_store(evidence),
        bearer(evidence),
        wrong_secret(evidence),
        unauthenticated(evidence),
        scope_opens(evidence, "scope-core-opens-base", CORE_SCOPE, 200),
        scope_opens(evidence, "scope-roster-opens-all", ROSTER_SCOPE, 200),
        scope_opens(evidence, "scope-other-403", RESOURCE_SCOPE, 403),
        error_shape(evidence),
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
        ["token request without a scope", "token requests without a scope"],
        "a token, whatever the scope",
    );
    findings.look(evidence.scope_demanded.clone());
    findings.finish()
}

fn body_credentials(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "token-body-credentials",
        [
            "token request with client_id and client_secret in the body",
            "token requests with client_id and client_secret in the body",
        ],
        "a token, as with credentials in the Authorization header",
    );
    findings.look(evidence.body_token.token.as_ref().err().cloned());
    findings.finish()
}

fn no_store(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "token-no-store",
        ["token answer", "token answers"],
        "the header Cache-Control: no-store (RFC 6749 §5.1)",
    );
    for (way, answer) in issued(evidence)
        .into_iter()
        .filter(|(_, answer)| answer.token.is_ok())
    {
        let header = answer.cache_control.as_deref().unwrap_or("none");
        findings.expect(header.to_ascii_lowercase().contains("no-store"), || {
            format!("{way}: Cache-Control is {}", clip(header))
        });
    }
    findings.finish()
}

fn bearer(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "token-type-bearer",
        ["token answer", "token answers"],
        "token_type Bearer",
    );
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
        [
            "token request with a wrong secret",
            "token requests with a wrong secret",
        ],
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
        [
            "data request without a good token",
            "data requests without a good token",
        ],
        "401 with a JSON object",
    );
    for refusal in &evidence.without_token {
        findings.look(other_than(refusal, 401));
    }
    findings.finish()
}

/// Judges what a token with one scope opens, and what not. A scope that the provider does not grant is no fault.
fn scope_opens(evidence: &Evidence, rule: &'static str, scope: &str, status: u16) -> RuleResult {
    let expected = if status == 200 {
        "200: roster-core.readonly alone opens users and orgs, roster.readonly alone associations too"
    } else {
        "403 with a JSON object: resource.readonly opens neither users nor orgs"
    };
    let mut findings = Findings::new(
        rule,
        [
            "answer to a token with one scope",
            "answers to a token with one scope",
        ],
        expected,
    );
    for seen in evidence.scopes.iter().filter(|seen| seen.scope == scope) {
        match &seen.answers {
            Err(reason) => findings.remark(format!("no token with this scope: {reason}")),
            Ok(answers) => {
                for raw in answers {
                    findings.look(other_than(raw, status));
                }
            }
        }
    }
    findings.finish()
}

/// Every refusal of data that was seen.
fn refusals(evidence: &Evidence) -> impl Iterator<Item = &RawAnswer> {
    let variations = &evidence.variations;
    let of_collections = evidence
        .collections
        .iter()
        .filter_map(|collection| collection.probes.as_ref())
        .flat_map(|probes| [&probes.unknown_object, &probes.unknown_field]);
    let of_scopes = evidence
        .scopes
        .iter()
        .filter_map(|seen| seen.answers.as_ref().ok())
        .flatten();
    evidence
        .without_token
        .iter()
        .chain(of_collections)
        .chain(of_scopes)
        .chain(&variations.bad_paging)
        .chain(&variations.bad_filters)
        .chain([&variations.blank_fields, &variations.unknown_path])
        .filter(|raw| raw.status >= 400 && raw.json)
}

fn error_shape(evidence: &Evidence) -> RuleResult {
    let mut findings = Findings::new(
        "error-shape",
        ["refusal", "refusals"],
        "a body in one of the three shapes in use: statusInfoSet, imsx_codeMajor or codeMajor (OneRoster 1.1 §3.4)",
    );
    for raw in refusals(evidence) {
        findings.expect(raw.body.to_ascii_lowercase().contains("codemajor"), || {
            format!("{}: {}", raw.request, clip(&raw.body))
        });
    }
    findings.finish()
}

/// Returns what is wrong with an answer that should have this status and a JSON object as body.
pub(super) fn other_than(raw: &RawAnswer, status: u16) -> Option<String> {
    if raw.status != status {
        return Some(format!("{} answered {}", raw.request, raw.described));
    }
    (!raw.json).then(|| format!("{}: the body is not a JSON object", raw.request))
}
