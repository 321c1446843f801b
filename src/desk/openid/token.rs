//! Checking the provider's token: signature, issuer, audience, nonce, times; and who it is about.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreGenderClaim, CoreIdTokenVerifier, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, ClientId, IdToken, IdTokenClaims, Nonce,
    SignatureVerificationError,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::error::OpenIdError;
use super::identity::{Identity, values};
use super::provider::{ENTRA_TENANT, Provider};

/// How far the provider's clock may be off, in seconds.
const CLOCK_SKEW_S: i64 = 60;

/// Longest name that is shown, in characters.
const NAME_MAX: usize = 200;

/// Longest subject and issuer, in bytes (OpenID Connect Core 1.0 §2: 255 ASCII characters).
const SUBJECT_MAX: usize = 255;

/// How a token may be signed: with the provider's private key, never with the secret that we share with it.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
];

/// The claims that the standard does not name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct OtherClaims {
    #[serde(flatten)]
    all: HashMap<String, Value>,
}

impl AdditionalClaims for OtherClaims {}

/// The token of who signed in.
pub(super) type Token =
    IdToken<OtherClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

type Claims = IdTokenClaims<OtherClaims, CoreGenderClaim>;

/// What a token is checked against.
pub(super) struct Expected<'a> {
    /// Whom it must be meant for.
    pub(super) client_id: &'a ClientId,
    /// What it must carry of the sign-in that was begun.
    pub(super) nonce: &'a Nonce,
    /// The present instant.
    pub(super) now: DateTime<Utc>,
    /// The claim with grants.
    pub(super) grants_claim: &'a str,
}

/// A token was not accepted.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    /// It is by a key that is not known; the provider may have a new one.
    #[error("the token is signed by an unknown key")]
    UnknownKey,
    /// Anything else.
    #[error(transparent)]
    Other(#[from] OpenIdError),
}

/// Checks a token and returns who it is about.
pub(super) fn check(
    token: &Token,
    provider: &Provider,
    expected: &Expected<'_>,
) -> Result<Identity, Refused> {
    // The issuer is checked below: for people of several Entra tenants it depends on the token.
    let verifier = CoreIdTokenVerifier::new_public_client(
        expected.client_id.clone(),
        provider.metadata.issuer().clone(),
        provider.keys.clone(),
    )
    .set_allowed_algs(ALGORITHMS)
    .require_issuer_match(!provider.has_tenants())
    .set_time_fn(|| expected.now - TimeDelta::seconds(CLOCK_SKEW_S));
    let unknown_key =
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey);
    let claims = token.claims(&verifier, expected.nonce).map_err(|error| {
        if error == unknown_key {
            return Refused::UnknownKey;
        }
        // Which check of the signature failed is in the cause.
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        OpenIdError::token(cause.unwrap_or_else(|| error.to_string())).into()
    })?;
    let others: Map<String, Value> = claims.additional_claims().all.clone().into_iter().collect();
    check_times(claims, &others, expected.now)?;
    Ok(identity(claims, &others, provider, expected)?)
}

/// Refuses a token that does not count yet. Whether it has expired is checked with the signature.
fn check_times(claims: &Claims, others: &Map<String, Value>, now: DateTime<Utc>) -> Result<(), OpenIdError> {
    let latest = now + TimeDelta::seconds(CLOCK_SKEW_S);
    if claims.issue_time() > latest {
        return Err(OpenIdError::token("it was issued in the future (iat)"));
    }
    let Some(not_before) = others.get("nbf") else {
        return Ok(());
    };
    #[expect(clippy::cast_precision_loss, reason = "moments are far below 2^52 seconds")]
    let is_early = not_before
        .as_f64()
        .is_none_or(|seconds| seconds > latest.timestamp() as f64);
    if is_early {
        return Err(OpenIdError::token("it does not count yet (nbf)"));
    }
    Ok(())
}

/// Returns who a checked token is about.
fn identity(
    claims: &Claims,
    others: &Map<String, Value>,
    provider: &Provider,
    expected: &Expected<'_>,
) -> Result<Identity, OpenIdError> {
    let issuer = claims.issuer().as_str();
    let (subject, entra_tenant_id) = if provider.is_entra {
        let tenant = entra_id(others, "tid")?;
        if provider.issuer().replace(ENTRA_TENANT, &tenant) != issuer {
            return Err(OpenIdError::token(
                "its issuer is not that of its tenant (iss, tid)",
            ));
        }
        (entra_id(others, "oid")?, Some(tenant))
    } else {
        (claims.subject().as_str().to_owned(), None)
    };
    if subject.is_empty() || subject.len() > SUBJECT_MAX || issuer.len() > SUBJECT_MAX {
        return Err(OpenIdError::token("it names nobody (sub)"));
    }
    let name = claims.name().and_then(|name| name.get(None));
    Ok(Identity {
        issuer: issuer.to_owned(),
        subject,
        entra_tenant_id,
        name: name.map(|name| shown(name.as_str())),
        values: values(others, expected.grants_claim)?,
    })
}

/// Reads an id of Entra: a UUID in small letters.
fn entra_id(others: &Map<String, Value>, claim: &str) -> Result<String, OpenIdError> {
    let text = others.get(claim).and_then(Value::as_str).unwrap_or_default();
    let id = uuid::Uuid::try_parse(text)
        .map_err(|_| OpenIdError::token(format!("it has no id of Entra in `{claim}`")))?;
    Ok(id.hyphenated().to_string())
}

/// Returns a name as it is shown: on one line, and not endless.
fn shown(name: &str) -> String {
    let one_line = name
        .chars()
        .map(|character| if character.is_control() { ' ' } else { character });
    one_line.take(NAME_MAX).collect::<String>().trim().to_owned()
}
