//! What is known of the provider: its addresses and keys. Read when they are first needed, and kept for a while.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreProviderMetadata};
use serde_json::Value;

use super::http::{ANSWER_TIMEOUT, FetchError, HttpClient};

/// How long addresses and keys are taken as they were read.
const KEEP: Duration = Duration::from_hours(1);

/// How long after keys were read anew for an unknown one that is not done again.
const REREAD_INTERVAL: Duration = Duration::from_mins(1);

/// Where addresses of a provider stand, behind its own.
const DISCOVERY_PATH: &str = "/.well-known/openid-configuration";

/// What stands for the tenant in the issuer of Entra's document for all of them.
pub(super) const ENTRA_TENANT: &str = "{tenantid}";

/// What stands for all tenants in the issuer of the settings.
pub(super) const ENTRA_ALL: &str = "/organizations/";

/// The hosts of Microsoft Entra.
const ENTRA_HOSTS: [&str; 3] = [
    "https://login.microsoftonline.com/",
    "https://login.microsoftonline.us/",
    "https://login.partner.microsoftonline.cn/",
];

/// A provider, as it describes itself.
#[derive(Debug)]
pub(super) struct Provider {
    /// Its addresses.
    pub(super) metadata: CoreProviderMetadata,
    /// The keys it signs with.
    pub(super) keys: CoreJsonWebKeySet,
    /// Whether it is Microsoft Entra, where people are known by `tid` and `oid`.
    pub(super) is_entra: bool,
}

impl Provider {
    /// Returns the issuer; with [`ENTRA_TENANT`] in it when people of several Entra tenants sign in.
    pub(super) fn issuer(&self) -> &str {
        self.metadata.issuer().as_str()
    }

    /// Returns `true` if people of several Entra tenants sign in.
    pub(super) fn has_tenants(&self) -> bool {
        self.issuer().contains(ENTRA_TENANT)
    }
}

type Fetch = Shared<BoxFuture<'static, Result<Arc<Provider>, FetchError>>>;
type WeakFetch = WeakShared<BoxFuture<'static, Result<Arc<Provider>, FetchError>>>;

/// Reads the provider when it is needed. Everybody who waits meanwhile waits for the same answer.
#[derive(Debug)]
pub(super) struct Providers {
    http: HttpClient,
    issuer: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    current: Option<(Arc<Provider>, Instant)>,
    reread_at: Option<Instant>,
    fetch: Option<WeakFetch>,
}

impl Providers {
    /// Prepares to read the provider of an issuer; nothing is asked yet.
    pub(super) fn new(http: HttpClient, issuer: String) -> Arc<Self> {
        Arc::new(Self {
            http,
            issuer,
            state: Mutex::default(),
        })
    }

    /// Returns the provider, read within the hour. Waits for it at most [`ANSWER_TIMEOUT`].
    pub(super) async fn get(self: &Arc<Self>) -> Result<Arc<Provider>, FetchError> {
        let fetch = {
            let mut state = self.state();
            match &state.current {
                Some((provider, at)) if at.elapsed() < KEEP => return Ok(Arc::clone(provider)),
                _ => self.fetch(&mut state),
            }
        };
        fetch.await
    }

    /// Returns the provider with other keys than `seen` has, for a token by a key that is unknown. `None` if they were
    /// read anew within the last minute, so that tokens by invented keys ask the provider for nothing.
    pub(super) async fn reread(
        self: &Arc<Self>,
        seen: &Arc<Provider>,
    ) -> Result<Option<Arc<Provider>>, FetchError> {
        let fetch = {
            let mut state = self.state();
            if let Some((provider, _)) = &state.current
                && !Arc::ptr_eq(provider, seen)
            {
                return Ok(Some(Arc::clone(provider)));
            }
            let is_recent = state.reread_at.is_some_and(|at| at.elapsed() < REREAD_INTERVAL);
            // Who comes while they are being read waits for them too.
            match state.fetch.as_ref().and_then(WeakShared::upgrade) {
                Some(fetch) => fetch,
                None if is_recent => return Ok(None),
                None => {
                    state.reread_at = Some(Instant::now());
                    self.fetch(&mut state)
                }
            }
        };
        fetch.await.map(Some)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the fetch under way, or begins one.
    fn fetch(self: &Arc<Self>, state: &mut State) -> Fetch {
        if let Some(fetch) = state.fetch.as_ref().and_then(WeakShared::upgrade)
            && fetch.peek().is_none()
        {
            return fetch;
        }
        let this = Arc::clone(self);
        let fetch = async move {
            let answer = tokio::time::timeout(ANSWER_TIMEOUT, read(&this.http, &this.issuer)).await;
            let answer = answer.unwrap_or(Err(FetchError::Timeout)).map(Arc::new);
            let mut state = this.state();
            state.fetch = None;
            if let Ok(provider) = &answer {
                state.current = Some((Arc::clone(provider), Instant::now()));
            }
            answer
        };
        let fetch = fetch.boxed().shared();
        state.fetch = fetch.downgrade();
        fetch
    }
}

/// Reads the provider's description and its keys.
async fn read(http: &HttpClient, issuer: &str) -> Result<Provider, FetchError> {
    let document = http
        .get(&format!("{}{DISCOVERY_PATH}", issuer.trim_end_matches('/')))
        .await?;
    let metadata: CoreProviderMetadata =
        serde_json::from_slice(&document).map_err(|error| FetchError::Content {
            what: "description",
            problem: error.to_string(),
        })?;
    check(&metadata, issuer)?;
    let keys = http.get(metadata.jwks_uri().as_str()).await?;
    let is_entra = metadata.issuer().contains(ENTRA_TENANT)
        || ENTRA_HOSTS.iter().any(|host| metadata.issuer().starts_with(host));
    Ok(Provider {
        keys: usable_keys(&keys, metadata.issuer().as_str())?,
        metadata,
        is_entra,
    })
}

/// Refuses a description of somebody else, and one that leads people to a plain address elsewhere.
fn check(metadata: &CoreProviderMetadata, issuer: &str) -> Result<(), FetchError> {
    let refused = |problem: String| FetchError::Content {
        what: "description",
        problem,
    };
    let of_tenants = issuer.replace(ENTRA_ALL, &format!("/{ENTRA_TENANT}/"));
    let described = metadata.issuer().as_str();
    if described != issuer && described != of_tenants {
        return Err(refused(format!(
            "it is that of {described:?}, not of {issuer:?}: set desk.openid.issuer letter for letter as the provider says it"
        )));
    }
    let authorization = metadata.authorization_endpoint().as_str();
    if issuer.starts_with("https://") && !authorization.starts_with("https://") {
        return Err(refused(format!("people would sign in at {authorization:?}")));
    }
    if metadata.token_endpoint().is_none() {
        return Err(refused("it names no token_endpoint".to_owned()));
    }
    Ok(())
}

/// Reads keys. Entra says beside some whose they are: those of other issuers, private accounts among them, are left out.
fn usable_keys(document: &[u8], issuer: &str) -> Result<CoreJsonWebKeySet, FetchError> {
    let refused = |problem: String| FetchError::Content {
        what: "keys",
        problem,
    };
    let document: Value = serde_json::from_slice(document).map_err(|error| refused(error.to_string()))?;
    let keys = document.get("keys").and_then(Value::as_array);
    let keys = keys.ok_or_else(|| refused("there is no list `keys`".to_owned()))?;
    let of_issuer = keys.iter().filter(|key| {
        let owner = key.get("issuer").and_then(Value::as_str);
        owner.is_none_or(|owner| owner == issuer || owner.contains(ENTRA_TENANT))
    });
    let usable: Vec<CoreJsonWebKey> = of_issuer
        .filter_map(|key| serde_json::from_value(key.clone()).ok())
        .collect();
    Ok(CoreJsonWebKeySet::new(usable))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ALL: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";

    fn metadata(issuer: &str, authorization: &str) -> CoreProviderMetadata {
        let document = json!({
            "issuer": issuer,
            "authorization_endpoint": authorization,
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://id.example/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn a_description_counts_for_the_issuer_that_is_set_only() {
        let authorization = "https://id.example/authorize";
        for (set, described, is_fine) in [
            ("https://id.example", "https://id.example", true),
            ("https://id.example", "https://id.example/", false),
            ("https://id.example", "https://other.example", false),
            ("https://login.microsoftonline.com/organizations/v2.0", ALL, true),
            ("https://id.example", ALL, false),
        ] {
            let checked = check(&metadata(described, authorization), set);
            assert_eq!(checked.is_ok(), is_fine, "{set} {described}");
        }
        let plain = metadata("https://id.example", "http://id.example/authorize");
        assert!(check(&plain, "https://id.example").is_err());
    }

    #[test]
    fn keys_of_private_accounts_and_of_other_kinds_are_left_out() {
        let key = |id: &str, issuer: Value| json!({"kty": "RSA", "use": "sig", "kid": id, "n": "AQAB", "e": "AQAB", "issuer": issuer});
        let document = json!({"keys": [
            key("ours", json!(ALL)),
            key("plain", Value::Null),
            key("private", json!("https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0")),
            {"kty": "new", "kid": "unknown"},
        ]});
        let keys = usable_keys(document.to_string().as_bytes(), ALL).unwrap();
        let ids: Vec<Value> = keys
            .keys()
            .iter()
            .map(|key| serde_json::to_value(key).unwrap()["kid"].clone())
            .collect();
        assert_eq!(ids, ["ours", "plain"]);
        assert!(usable_keys(b"{}", ALL).is_err());
    }
}
