//! Sign-ins by OpenID Connect that were begun: what must come back from the provider, once, and to the same browser.

use std::net::IpAddr;

use aws_lc_rs::rand;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgPool;

use super::{Error, back_off};

/// How long somebody has to sign in at the provider, in minutes.
pub const PENDING_MINUTES: i64 = 10;

/// How many are kept. Beyond that the oldest go.
const PENDING_MAX: i64 = 20_000;

/// How many of them from one network: a school is one. Beyond that its oldest go, so that whoever begins very many pushes out no others.
const PENDING_OF_NETWORK_MAX: i64 = 300;

/// Longest text that is looked for; ours have 43 characters at the most.
const TEXT_MAX: usize = 200;

/// A sign-in that was begun.
#[derive(Clone, PartialEq, Eq)]
pub struct Pending {
    /// What the provider's token must carry.
    pub nonce: String,
    /// What proves to the provider that we asked.
    pub verifier: String,
    /// The path of the page that was asked for.
    pub next_path: String,
    /// The language of the pages until then, by its code.
    pub language: String,
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Keeps a sign-in that was begun from an address, and returns the text of the cookie that it is found by. `state` is what the
/// provider sends back.
pub async fn keep(
    pool: &PgPool,
    state: &str,
    pending: &Pending,
    (address, now): (Option<IpAddr>, DateTime<Utc>),
) -> Result<String, Error> {
    let mut bytes = [0_u8; 32];
    rand::fill(&mut bytes).map_err(|_| Error::Machine)?;
    let cookie = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let (cookie_hash, state_hash) = (hash(&cookie), hash(state));
    let whom = address.map(back_off::key_of_address);
    let whom = whom.as_ref().map(<[u8; 32]>::as_slice);
    sqlx::query!(
        "delete from desk.pending_sign_in where begun_at < greatest(
             $1, (select begun_at from desk.pending_sign_in order by begun_at desc offset $2 limit 1))",
        now - TimeDelta::minutes(PENDING_MINUTES),
        PENDING_MAX
    )
    .execute(pool)
    .await?;
    sqlx::query!(
        "delete from desk.pending_sign_in where cookie_sha256 in (
             select cookie_sha256 from desk.pending_sign_in where whom = $1 order by begun_at desc, cookie_sha256 offset $2
         )",
        whom,
        PENDING_OF_NETWORK_MAX - 1
    )
    .execute(pool)
    .await?;
    sqlx::query!(
        "insert into desk.pending_sign_in (cookie_sha256, state_sha256, nonce, verifier, next_path, language, begun_at, whom)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        cookie_hash.as_slice(),
        state_hash.as_slice(),
        pending.nonce,
        pending.verifier,
        pending.next_path,
        pending.language,
        now,
        whom
    )
    .execute(pool)
    .await?;
    Ok(cookie)
}

/// Takes a sign-in that was begun by this browser with this `state` within [`PENDING_MINUTES`]. It is there once.
pub async fn take(
    pool: &PgPool,
    cookie: &str,
    state: &str,
    now: DateTime<Utc>,
) -> Result<Option<Pending>, Error> {
    if cookie.len() > TEXT_MAX || state.len() > TEXT_MAX {
        return Ok(None);
    }
    let (cookie_hash, state_hash) = (hash(cookie), hash(state));
    let found = sqlx::query_as!(
        Pending,
        "delete from desk.pending_sign_in where cookie_sha256 = $1 and state_sha256 = $2 and begun_at > $3
         returning nonce, verifier, next_path, language",
        cookie_hash.as_slice(),
        state_hash.as_slice(),
        now - TimeDelta::minutes(PENDING_MINUTES)
    )
    .fetch_optional(pool)
    .await?;
    Ok(found)
}
