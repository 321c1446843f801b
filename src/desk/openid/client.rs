//! This program at a provider: where a sign-in begins, and what becomes of what comes back.

use std::sync::Arc;

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AuthType, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RequestTokenError, Scope, StandardErrorResponse, StandardTokenResponse, TokenResponse,
};

use super::error::OpenIdError;
use super::http::{FetchError, HttpClient};
use super::identity::Identity;
use super::provider::{ENTRA_ALL, Provider, Providers};
use super::token::{self, Expected, OtherClaims, Refused, Token};
use crate::access::claims::Claims;
use crate::clock::Clock;
use crate::config;
use crate::desk::setup::SetupError;

type Fields = IdTokenFields<
    OtherClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// This program at the provider.
type ProviderClient = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Where the provider sends people back to, behind the base address.
pub(super) const CALLBACK_PATH: &str = "/desk/openid/callback";

/// Signs people in by a provider.
pub struct OpenId {
    providers: Arc<Providers>,
    http: HttpClient,
    client_id: ClientId,
    client_secret: ClientSecret,
    redirect: RedirectUrl,
    clock: Clock,
    settings: config::OpenId,
}

/// A sign-in that was begun: what must come back, and what the code is exchanged with.
pub(super) struct Begun {
    /// What the provider sends back as it is.
    pub(super) state: String,
    /// What the token must carry.
    pub(super) nonce: String,
    /// What proves that the code was asked for by us.
    pub(super) verifier: String,
}

impl std::fmt::Debug for OpenId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("OpenId").field(&self.settings).finish()
    }
}

impl OpenId {
    /// Prepares signing in by the provider of the settings; `None` when none is set. `base_url` is how people
    /// reach this server. The provider is not asked yet.
    pub fn new(settings: &config::OpenId, base_url: &str, clock: Clock) -> Result<Option<Self>, SetupError> {
        let (Some(issuer), Some(client_id)) = (&settings.issuer, &settings.client_id) else {
            return Ok(None);
        };
        let http = HttpClient::new(!issuer.starts_with("https://"))
            .map_err(|error| SetupError::Http(Box::new(error)))?;
        Ok(Some(Self {
            providers: Providers::new(http.clone(), issuer.clone()),
            http,
            client_id: ClientId::new(client_id.clone()),
            client_secret: ClientSecret::new(secret(settings)?),
            redirect: RedirectUrl::new(format!("{base_url}{CALLBACK_PATH}"))
                .map_err(|_| SetupError::Redirect)?,
            clock,
            settings: config::OpenId {
                client_secret: None,
                ..settings.clone()
            },
        }))
    }

    /// Returns the text of the button, if the settings have one.
    pub(in crate::desk) fn label(&self) -> Option<&str> {
        self.settings.label.as_deref()
    }

    /// Begins a sign-in: returns the provider's address to go to, and what must be kept until they come back. The provider
    /// lets them choose an account if `chooses_account`.
    pub(super) async fn begin(&self, chooses_account: bool) -> Result<(String, Begun), OpenIdError> {
        let provider = self.providers.get().await?;
        let client = self.client(&provider);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let scopes = self.settings.scopes.iter().filter(|scope| *scope != "openid");
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scopes(scopes.map(|scope| Scope::new(scope.clone())))
            .set_pkce_challenge(challenge);
        if chooses_account {
            request = request.add_prompt(CoreAuthPrompt::SelectAccount);
        }
        let (url, state, nonce) = request.url();
        let begun = Begun {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        };
        Ok((url.to_string(), begun))
    }

    /// Exchanges the code that somebody came back with for a token, checks it, and returns who they are.
    ///
    /// `issuer` is what came back beside the code (RFC 9207); it must be the provider's.
    pub(super) async fn finish(
        &self,
        begun: Begun,
        code: String,
        issuer: Option<&str>,
    ) -> Result<Identity, OpenIdError> {
        let provider = self.providers.get().await?;
        if issuer.is_some_and(|issuer| issuer != provider.issuer()) && !provider.has_tenants() {
            return Err(OpenIdError::token("the answer came from another provider (iss)"));
        }
        let token = self.exchange(&provider, begun.verifier, code).await?;
        let nonce = Nonce::new(begun.nonce);
        let expected = Expected {
            client_id: &self.client_id,
            nonce: &nonce,
            now: self.clock.now(),
            grants_claim: &self.settings.grants_claim,
        };
        match token::check(&token, &provider, &expected) {
            Ok(identity) => Ok(identity),
            Err(Refused::Other(error)) => Err(error),
            Err(unknown @ Refused::UnknownKey) => {
                let Some(provider) = self.providers.reread(&provider).await? else {
                    return Err(OpenIdError::token(unknown));
                };
                token::check(&token, &provider, &expected).map_err(|refused| match refused {
                    Refused::Other(error) => error,
                    Refused::UnknownKey => OpenIdError::token(refused),
                })
            }
        }
    }

    /// Returns what the provider's word gives somebody for the life of a session.
    ///
    /// Where people of several Entra tenants sign in, each tenant's administrator gives out its roles: the one of operators
    /// counts from the Entra tenant of the settings only.
    pub(super) fn claims(&self, identity: &Identity) -> Claims {
        let settings = &self.settings;
        let has_role = settings
            .operator_role
            .as_ref()
            .is_some_and(|role| identity.values.contains(role));
        let of_all = settings
            .issuer
            .as_deref()
            .is_some_and(|issuer| issuer.contains(ENTRA_ALL));
        let of_operators = || {
            let theirs = identity.entra_tenant_id.as_deref();
            let ours = settings.operator_entra_tenant_id.as_deref();
            theirs
                .zip(ours)
                .is_some_and(|(theirs, ours)| theirs.eq_ignore_ascii_case(ours))
        };
        let is_operator = has_role && (!of_all || of_operators());
        Claims::new(
            identity.values.clone(),
            identity.entra_tenant_id.clone(),
            is_operator,
        )
    }

    async fn exchange(
        &self,
        provider: &Provider,
        verifier: String,
        code: String,
    ) -> Result<Token, OpenIdError> {
        let answer = self
            .client(provider)
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| OpenIdError::Code(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier))
            .request_async(&self.http)
            .await
            .map_err(|error| match error {
                RequestTokenError::Request(error) => OpenIdError::Provider(error),
                RequestTokenError::ServerResponse(answer) => {
                    OpenIdError::Code(answer.error().as_ref().to_owned())
                }
                // The cause may quote a token.
                RequestTokenError::Parse(error, _) => OpenIdError::Provider(FetchError::Content {
                    what: "token",
                    problem: format!("at {}", error.path()),
                }),
                RequestTokenError::Other(problem) => OpenIdError::Provider(FetchError::Content {
                    what: "token",
                    problem,
                }),
            })?;
        let token = answer.id_token().cloned();
        token.ok_or_else(|| OpenIdError::token("there is none (id_token)"))
    }

    fn client(&self, provider: &Provider) -> ProviderClient {
        let methods = provider.metadata.token_endpoint_auth_methods_supported();
        // The standard's default is the header.
        let takes_header =
            methods.is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let auth_type = if takes_header {
            AuthType::BasicAuth
        } else {
            AuthType::RequestBody
        };
        ProviderClient::from_provider_metadata(
            provider.metadata.clone(),
            self.client_id.clone(),
            Some(self.client_secret.clone()),
        )
        .set_redirect_uri(self.redirect.clone())
        .set_auth_type(auth_type)
    }
}

/// Reads the secret of the settings: that of the file, if one is named.
fn secret(settings: &config::OpenId) -> Result<String, SetupError> {
    let secret = match (&settings.client_secret_file, &settings.client_secret) {
        (Some(path), _) => {
            let text = std::fs::read_to_string(path).map_err(|source| SetupError::Secret {
                path: path.clone(),
                source,
            })?;
            text.trim_end_matches(['\r', '\n']).to_owned()
        }
        (None, Some(secret)) => secret.clone(),
        (None, None) => String::new(),
    };
    if secret.is_empty() {
        return Err(SetupError::NoSecret);
    }
    Ok(secret)
}
