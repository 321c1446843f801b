//! Sessions: who is signed in. The cookie has 256 random bits, the database their SHA-256.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use sqlx::types::Json;
use uuid::Uuid;

use super::Error;
use super::claims::Claims;

/// A session that is not used ends after so many minutes.
pub const IDLE_MINUTES: i64 = 60;

/// However much it is used, it ends after so many hours.
pub const ABSOLUTE_HOURS: i64 = 12;

/// When it was last used is kept to the minute: a request that only reads writes nothing then.
const SEEN_SECONDS: i64 = 60;

/// Longest token that is looked for; ours has 43 characters.
const TOKEN_MAX: usize = 64;

/// How somebody signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By a password of a local account.
    Password,
    /// By OpenID Connect.
    OpenId,
}

impl Way {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::OpenId => "openid",
        }
    }
}

/// What the cookie of a session says. It is shown to nobody and stored nowhere.
pub struct Token(String);

impl Token {
    /// Returns the text of the cookie.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Token")
    }
}

/// Who a session is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Their account.
    pub account_id: Uuid,
    /// The name they sign in with.
    pub login_name: String,
    /// What they are called on pages.
    pub display_name: String,
    /// The language they chose, by its code.
    pub language: Option<String>,
    /// Whether they are the vendor's operator.
    pub is_operator: bool,
    /// Whether they signed in by a password.
    pub is_local: bool,
    /// What the word of a provider gives them in this session.
    pub claims: Option<Claims>,
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Begins a session of an account; `None` if it was disabled. Sessions that ended are forgotten on the way.
pub async fn begin(
    pool: &PgPool,
    account_id: Uuid,
    way: Way,
    now: DateTime<Utc>,
) -> Result<Option<Token>, Error> {
    insert(pool, account_id, (way, None), now).await
}

/// Begins a session of an account that a provider vouches for, with what its word gives as long as the session lasts.
pub async fn begin_with(
    pool: &PgPool,
    account_id: Uuid,
    claims: &Claims,
    now: DateTime<Utc>,
) -> Result<Option<Token>, Error> {
    insert(pool, account_id, (Way::OpenId, Some(claims)), now).await
}

async fn insert(
    pool: &PgPool,
    account_id: Uuid,
    (way, claims): (Way, Option<&Claims>),
    now: DateTime<Utc>,
) -> Result<Option<Token>, Error> {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::Machine)?;
    let token = Token(URL_SAFE_NO_PAD.encode(bytes));
    sqlx::query!(
        "delete from desk.session where created_at < $1",
        now - TimeDelta::hours(ABSOLUTE_HOURS)
    )
    .execute(pool)
    .await?;
    let token_hash = hash(token.as_str());
    let begun = sqlx::query!(
        "insert into desk.session (token_sha256, account_id, session_epoch, way, created_at, seen_at, claims)
         select $1, account_id, session_epoch, $3, $4, $4, $5 from desk.account where account_id = $2 and disabled_at is null",
        token_hash.as_slice(),
        account_id,
        way.as_str(),
        now,
        claims.map(Json) as Option<Json<&Claims>>
    )
    .execute(pool)
    .await?;
    Ok((begun.rows_affected() == 1).then_some(token))
}

/// Finds who a token is of, and notes that they were here. `None` once the session is over: not used for [`IDLE_MINUTES`],
/// [`ABSOLUTE_HOURS`] old, signed out, or its account disabled or signed out everywhere.
pub async fn find(pool: &PgPool, token: &str, now: DateTime<Utc>) -> Result<Option<SignedIn>, Error> {
    if token.is_empty() || token.len() > TOKEN_MAX {
        return Ok(None);
    }
    let token_hash = hash(token);
    let found = sqlx::query!(
        r#"select a.account_id, a.login_name, a.display_name, a.language, a.is_operator, a.issuer is null as "is_local!", s.seen_at,
                  s.claims as "claims: Json<Claims>"
           from desk.session s join desk.account a using (account_id)
           where s.token_sha256 = $1 and s.session_epoch = a.session_epoch and a.disabled_at is null
             and s.created_at > $2 and s.seen_at > $3"#,
        token_hash.as_slice(),
        now - TimeDelta::hours(ABSOLUTE_HOURS),
        now - TimeDelta::minutes(IDLE_MINUTES)
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = found else {
        return Ok(None);
    };
    if row.seen_at < now - TimeDelta::seconds(SEEN_SECONDS) {
        sqlx::query!(
            "update desk.session set seen_at = $2 where token_sha256 = $1 and seen_at < $2",
            token_hash.as_slice(),
            now
        )
        .execute(pool)
        .await?;
    }
    let claims = row.claims.map(|Json(claims)| claims);
    Ok(Some(SignedIn {
        account_id: row.account_id,
        login_name: row.login_name,
        display_name: row.display_name,
        language: row.language,
        is_operator: row.is_operator || claims.as_ref().is_some_and(Claims::is_operator),
        is_local: row.is_local,
        claims,
    }))
}

/// Ends a session, if it is one.
pub async fn end(pool: &PgPool, token: &str) -> Result<(), Error> {
    let token_hash = hash(token);
    sqlx::query!(
        "delete from desk.session where token_sha256 = $1",
        token_hash.as_slice()
    )
    .execute(pool)
    .await?;
    Ok(())
}
