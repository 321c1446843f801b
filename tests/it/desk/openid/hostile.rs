//! A provider that lies in one thing at a time, and is otherwise right.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use aws_lc_rs::{digest, hmac};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// The Entra tenant of the school group of these tests.
pub(super) const TENANT: &str = "6f0c3b52-0000-4000-8000-000000000001";

/// Who signs in.
pub(super) const OBJECT: &str = "0b1ec700-0000-4000-8000-000000000001";

/// Our id and secret there.
pub(super) const CLIENT_ID: &str = "desk";
pub(super) const CLIENT_SECRET: &str = "secret-of-desk";

/// What it lies about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lie {
    Issuer,
    Audience,
    MoreAudiences,
    Nonce,
    NoNonce,
    Key,
    AlgorithmNone,
    Hs256BySecret,
    Hs256ByPublicKey,
    Expired,
    NotYet,
    IssuedLater,
    Tenant,
    NoTenant,
    NoObject,
    NoToken,
    Payload,
}

pub(super) const LIES: [Lie; 17] = [
    Lie::Issuer,
    Lie::Audience,
    Lie::MoreAudiences,
    Lie::Nonce,
    Lie::NoNonce,
    Lie::Key,
    Lie::AlgorithmNone,
    Lie::Hs256BySecret,
    Lie::Hs256ByPublicKey,
    Lie::Expired,
    Lie::NotYet,
    Lie::IssuedLater,
    Lie::Tenant,
    Lie::NoTenant,
    Lie::NoObject,
    Lie::NoToken,
    Lie::Payload,
];

/// How it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    Well,
    /// It takes the connection and says nothing.
    Silent,
    /// It sends 50 MB.
    Huge,
    /// It sends elsewhere.
    Redirect,
}

/// What it was asked so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) discovery: usize,
    pub(super) keys: usize,
    pub(super) token: usize,
}

pub(super) struct Signer {
    id: String,
    pair: KeyPair,
}

impl Signer {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            id: Uuid::from_u128(rand::random()).to_string(),
            pair: KeyPair::generate(KeySize::Rsa2048).unwrap(),
        })
    }

    fn jwk(&self) -> Value {
        let key = self.pair.public_key();
        let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        json!({
            "kty": "RSA", "use": "sig", "kid": self.id,
            "n": part(key.modulus().big_endian_without_leading_zero()),
            "e": part(key.exponent().big_endian_without_leading_zero()),
        })
    }
}

struct Inner {
    base: String,
    /// The part of the issuer's path that stands for all tenants; empty for a provider that is not Entra.
    is_entra: bool,
    lie: Option<Lie>,
    manner: Manner,
    claims: Value,
    signer: Arc<Signer>,
    published: Vec<Arc<Signer>>,
    /// Code → nonce, challenge.
    codes: HashMap<String, (String, String)>,
    takes_used_codes: bool,
    asked: Asked,
}

type Shared = Arc<Mutex<Inner>>;

pub(super) struct Provider {
    inner: Shared,
    serving: JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Provider {
    /// Starts one that is like Entra: people of several tenants sign in.
    pub(super) async fn entra() -> Self {
        Self::start(true).await
    }

    /// Starts one that is like any other.
    pub(super) async fn plain() -> Self {
        Self::start(false).await
    }

    async fn start(is_entra: bool) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let signer = Signer::new();
        let inner = Arc::new(Mutex::new(Inner {
            base,
            is_entra,
            lie: None,
            manner: Manner::Well,
            claims: json!({
                "sub": "pairwise-of-jan", "tid": TENANT, "oid": OBJECT, "name": "Jan Peeters",
                "email": "jan@school.example", "preferred_username": "jan@school.example", "roles": [],
            }),
            published: vec![Arc::clone(&signer)],
            signer,
            codes: HashMap::new(),
            takes_used_codes: false,
            asked: Asked::default(),
        }));
        let router = Router::new()
            .route(
                "/organizations/v2.0/.well-known/openid-configuration",
                get(discovery),
            )
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/elsewhere", get(discovery))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(Arc::clone(&inner));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { inner, serving }
    }

    /// The issuer as the settings have it.
    pub(super) fn issuer(&self) -> String {
        let inner = self.inner.lock().unwrap();
        let path = if inner.is_entra { "/organizations/v2.0" } else { "" };
        format!("{}{path}", inner.base)
    }

    pub(super) fn lie(&self, lie: Option<Lie>) {
        self.inner.lock().unwrap().lie = lie;
    }

    pub(super) fn behave(&self, manner: Manner) {
        self.inner.lock().unwrap().manner = manner;
    }

    pub(super) fn take_used_codes(&self) {
        self.inner.lock().unwrap().takes_used_codes = true;
    }

    /// Stops listening.
    pub(super) fn stop(&self) {
        self.serving.abort();
    }

    /// Says something else of who signs in.
    pub(super) fn claim(&self, name: &str, value: Value) {
        self.inner.lock().unwrap().claims[name] = value;
    }

    /// Signs by a new key, which it publishes in place of the old one.
    pub(super) fn rotate(&self) {
        let mut inner = self.inner.lock().unwrap();
        inner.signer = Signer::new();
        inner.published = vec![Arc::clone(&inner.signer)];
    }

    pub(super) fn asked(&self) -> Asked {
        self.inner.lock().unwrap().asked
    }
}

impl Inner {
    fn of_tenants(&self) -> String {
        if self.is_entra {
            format!("{}/{{tenantid}}/v2.0", self.base)
        } else {
            self.base.clone()
        }
    }
}

async fn discovery(State(state): State<Shared>, uri: Uri) -> Response {
    let (manner, document) = {
        let mut inner = state.lock().unwrap();
        inner.asked.discovery += 1;
        let base = &inner.base;
        let document = json!({
            "issuer": inner.of_tenants(),
            "authorization_endpoint": format!("{base}/authorize"),
            "token_endpoint": format!("{base}/token"),
            "jwks_uri": format!("{base}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        });
        (inner.manner, document)
    };
    match manner {
        Manner::Redirect if uri.path() != "/elsewhere" => Redirect::temporary("/elsewhere").into_response(),
        Manner::Well | Manner::Redirect => axum::Json(document).into_response(),
        Manner::Silent => {
            tokio::time::sleep(Duration::from_mins(10)).await;
            StatusCode::OK.into_response()
        }
        Manner::Huge => Body::from(vec![b' '; 50 << 20]).into_response(),
    }
}

async fn keys(State(state): State<Shared>) -> Response {
    let mut inner = state.lock().unwrap();
    inner.asked.keys += 1;
    let keys: Vec<Value> = inner.published.iter().map(|signer| signer.jwk()).collect();
    axum::Json(json!({ "keys": keys })).into_response()
}

/// Signs whoever comes in at once.
async fn authorize(State(state): State<Shared>, uri: Uri) -> Response {
    let asked = query(uri.query().unwrap_or_default());
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["client_id"], CLIENT_ID);
    assert_eq!(asked["code_challenge_method"], "S256");
    assert!(
        asked["scope"].split(' ').any(|scope| scope == "openid"),
        "{asked:?}"
    );
    let code = Uuid::from_u128(rand::random()).to_string();
    let mut inner = state.lock().unwrap();
    inner.codes.insert(
        code.clone(),
        (asked["nonce"].clone(), asked["code_challenge"].clone()),
    );
    Redirect::to(&format!(
        "{}?code={code}&state={}",
        asked["redirect_uri"], asked["state"]
    ))
    .into_response()
}

async fn token(State(state): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let mut inner = state.lock().unwrap();
    inner.asked.token += 1;
    let asked = query(std::str::from_utf8(&body).unwrap());
    let credentials = BASE64_STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}"));
    assert_eq!(headers["authorization"], format!("Basic {credentials}"));
    let found = if inner.takes_used_codes {
        inner.codes.get(&asked["code"]).cloned()
    } else {
        inner.codes.remove(&asked["code"])
    };
    let challenge = digest::digest(&digest::SHA256, asked["code_verifier"].as_bytes());
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(challenge);
    let takes_any = inner.takes_used_codes;
    let Some((nonce, _)) = found.filter(|(_, expected)| takes_any || *expected == challenge) else {
        return (
            StatusCode::BAD_REQUEST,
            axum::Json(json!({"error": "invalid_grant"})),
        )
            .into_response();
    };
    let mut answer = json!({"access_token": "for-nothing", "token_type": "Bearer", "expires_in": 60});
    if inner.lie != Some(Lie::NoToken) {
        answer["id_token"] = json!(id_token(&inner, &nonce));
    }
    axum::Json(answer).into_response()
}

fn id_token(inner: &Inner, nonce: &str) -> String {
    let now = oneroster::clock::Clock::System.now().timestamp();
    let mut claims = inner.claims.clone();
    let own_tenant = claims["tid"].as_str().unwrap().to_owned();
    claims["iss"] = json!(inner.of_tenants().replace("{tenantid}", &own_tenant));
    claims["aud"] = json!(CLIENT_ID);
    claims["nonce"] = json!(nonce);
    claims["iat"] = json!(now);
    claims["nbf"] = json!(now);
    claims["exp"] = json!(now + 300);
    let other = "6f0c3b52-0000-4000-8000-00000000dead";
    match inner.lie {
        Some(Lie::Issuer) => claims["iss"] = json!("https://login.microsoftonline.com/other/v2.0"),
        Some(Lie::Audience) => claims["aud"] = json!("other"),
        Some(Lie::MoreAudiences) => claims["aud"] = json!([CLIENT_ID, "other"]),
        Some(Lie::Nonce) => claims["nonce"] = json!("other"),
        Some(Lie::NoNonce) => drop(claims.as_object_mut().unwrap().remove("nonce")),
        Some(Lie::Expired) => claims["exp"] = json!(now - 120),
        Some(Lie::NotYet) => claims["nbf"] = json!(now + 120),
        Some(Lie::IssuedLater) => claims["iat"] = json!(now + 120),
        // The issuer stays that of the tenant there was.
        Some(Lie::Tenant) => claims["tid"] = json!(other),
        Some(Lie::NoTenant) => drop(claims.as_object_mut().unwrap().remove("tid")),
        Some(Lie::NoObject) => drop(claims.as_object_mut().unwrap().remove("oid")),
        _ => {}
    }
    signed(inner, &claims)
}

fn signed(inner: &Inner, claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let header = |algorithm: &str| json!({"alg": algorithm, "typ": "JWT", "kid": inner.signer.id});
    let by_secret = |secret: &[u8]| {
        let text = format!("{}.{}", part(&header("HS256")), part(claims));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
        format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(tag))
    };
    match inner.lie {
        Some(Lie::AlgorithmNone) => format!("{}.{}.", part(&json!({"alg": "none"})), part(claims)),
        Some(Lie::Hs256BySecret) => by_secret(CLIENT_SECRET.as_bytes()),
        Some(Lie::Hs256ByPublicKey) => by_secret(inner.signer.jwk()["n"].as_str().unwrap().as_bytes()),
        lie => {
            let pair = if lie == Some(Lie::Key) {
                KeyPair::generate(KeySize::Rsa2048).unwrap()
            } else {
                KeyPair::from_pkcs8(&pkcs8(&inner.signer.pair)).unwrap()
            };
            let text = format!("{}.{}", part(&header("RS256")), part(claims));
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                text.as_bytes(),
                &mut signature,
            )
            .unwrap();
            let signature = BASE64_URL_SAFE_NO_PAD.encode(signature);
            if lie == Some(Lie::Payload) {
                let mut other = claims.clone();
                other["oid"] = json!("0b1ec700-0000-4000-8000-00000000dead");
                return format!("{}.{}.{signature}", part(&header("RS256")), part(&other));
            }
            format!("{text}.{signature}")
        }
    }
}

fn pkcs8(pair: &KeyPair) -> Vec<u8> {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    AsDer::<Pkcs8V1Der<'_>>::as_der(pair).unwrap().as_ref().to_vec()
}

/// Reads a query or a form.
pub(super) fn query(text: &str) -> HashMap<String, String> {
    oneroster::edge::query_parameters(text)
        .unwrap()
        .into_iter()
        .collect()
}
