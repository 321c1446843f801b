//! Accounts: who signs in, by a password here or by OpenID Connect.

mod change;

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

pub use change::{Change, change};

use super::{Error, Hashed, trail};

/// Longest name of a local account, in characters.
const LOCAL_NAME_MAX: usize = 100;

/// Longest name that is stored, in characters.
const NAME_MAX: usize = 200;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub account_id: Uuid,
    /// What it signs in with; the audit trail names it so.
    pub login_name: String,
    /// What it is called on pages.
    pub display_name: String,
    /// Who vouches for it; `None` for a local account.
    pub issuer: Option<String>,
    /// Its id there.
    pub subject: Option<String>,
    /// The language of its pages, once chosen.
    pub language: Option<String>,
    /// Whether it is the vendor's operator.
    pub is_operator: bool,
    /// Since when it may no longer sign in.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Account {
    /// Returns `true` for one that signs in by a password here.
    pub const fn is_local(&self) -> bool {
        self.issuer.is_none()
    }
}

/// Who somebody is to OpenID Connect: never an address, nor a name that may pass to somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    issuer: String,
    subject: String,
}

impl Identity {
    /// Returns the identity of an id token: `iss` and `sub`.
    pub fn of_issuer(iss: &str, sub: &str) -> Self {
        Self {
            issuer: iss.to_owned(),
            subject: sub.to_owned(),
        }
    }

    /// Returns the identity of an id token of Entra: `tid` and `oid`.
    pub fn of_entra(tid: &str, oid: &str) -> Self {
        Self {
            issuer: format!("entra:{}", tid.to_ascii_lowercase()),
            subject: oid.to_ascii_lowercase(),
        }
    }
}

/// A local account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount<'a> {
    /// What it signs in with.
    pub login_name: &'a str,
    /// What it is called on pages.
    pub display_name: &'a str,
    /// Whether it is the vendor's operator.
    pub is_operator: bool,
    /// Its password.
    pub password: &'a Hashed,
}

/// Makes a local account, and enters that in the trail of accounts. Its name is nobody else's, whatever the case.
pub async fn create(connection: &mut PgConnection, new: &NewAccount<'_>, by: &str) -> Result<Account, Error> {
    check_local_name(new.login_name)?;
    if !is_display_name(new.display_name) {
        return Err(Error::Name);
    }
    let mut transaction = connection.begin().await?;
    let account = sqlx::query_as!(
        Account,
        "insert into desk.account (login_name, display_name, password_hash, password_set_at, is_operator, created_by)
         values ($1, $2, $3, clock_timestamp(), $4, $5) on conflict do nothing
         returning account_id, login_name, display_name, issuer, subject, language, is_operator, disabled_at, created_at",
        new.login_name,
        new.display_name,
        new.password.0,
        new.is_operator,
        by
    )
    .fetch_optional(&mut *transaction)
    .await?
    .ok_or_else(|| Error::NameTaken(new.login_name.to_owned()))?;
    trail::enter(&mut transaction, "account_created", account.account_id, by).await?;
    transaction.commit().await?;
    Ok(account)
}

fn check_local_name(name: &str) -> Result<(), Error> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "._@-".contains(character);
    let is_fine = (1..=LOCAL_NAME_MAX).contains(&name.len()) && name.chars().all(is_plain);
    if is_fine && !name.eq_ignore_ascii_case("system") {
        Ok(())
    } else {
        Err(Error::Name)
    }
}

fn is_display_name(name: &str) -> bool {
    (1..=NAME_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

/// Finds an account by the name it signs in with, whatever the case.
pub async fn by_name(connection: &mut PgConnection, login_name: &str) -> Result<Option<Account>, Error> {
    let account = sqlx::query_as!(
        Account,
        "select account_id, login_name, display_name, issuer, subject, language, is_operator, disabled_at, created_at
         from desk.account where lower(login_name) = lower($1)",
        login_name
    )
    .fetch_optional(connection)
    .await?;
    Ok(account)
}

/// Returns the account of a name with its password, if it has one and may sign in.
pub async fn credentials(pool: &PgPool, login_name: &str) -> Result<Option<(Uuid, Hashed)>, Error> {
    let found = sqlx::query!(
        r#"select account_id, password_hash as "password_hash!" from desk.account
           where lower(login_name) = lower($1) and password_hash is not null and disabled_at is null"#,
        login_name
    )
    .fetch_optional(pool)
    .await?;
    Ok(found.map(|row| (row.account_id, Hashed(row.password_hash))))
}

/// Finds an account by its id.
pub async fn by_id(connection: &mut PgConnection, account_id: Uuid) -> Result<Option<Account>, Error> {
    let account = sqlx::query_as!(
        Account,
        "select account_id, login_name, display_name, issuer, subject, language, is_operator, disabled_at, created_at
         from desk.account where account_id = $1",
        account_id
    )
    .fetch_optional(connection)
    .await?;
    Ok(account)
}

/// Finds the account of an identity, if it signed in or was given something before.
pub async fn by_identity(
    connection: &mut PgConnection,
    identity: &Identity,
) -> Result<Option<Account>, Error> {
    let account = sqlx::query_as!(
        Account,
        "select account_id, login_name, display_name, issuer, subject, language, is_operator, disabled_at, created_at
         from desk.account where issuer = $1 and subject = $2",
        identity.issuer,
        identity.subject
    )
    .fetch_optional(connection)
    .await?;
    Ok(account)
}

/// Finds the account of an identity, or makes it, without any rights. `name` is what the provider calls them: it is for people to
/// read, and never says who it is. If another account has it already, this one gets a part of its id behind it.
pub async fn by_identity_or_new(
    connection: &mut PgConnection,
    identity: &Identity,
    name: &str,
    display_name: &str,
) -> Result<Account, Error> {
    let name = readable(name, LOCAL_NAME_MAX);
    let shown = readable(display_name, LOCAL_NAME_MAX);
    let shown = if shown.is_empty() { name.clone() } else { shown };
    let short: String = identity.subject.chars().take(8).collect();
    let second = format!("{name} ({})", readable(&short, 8));
    for login_name in [&name, &second] {
        if let Some(account) = by_identity(connection, identity).await? {
            return Ok(account);
        }
        let is_reserved = login_name.is_empty()
            || login_name.eq_ignore_ascii_case("system")
            || [":", "/"].iter().any(|mark| login_name.contains(mark));
        if is_reserved {
            continue;
        }
        sqlx::query!(
            "insert into desk.account (login_name, display_name, issuer, subject, created_by)
             values ($1, $2, $3, $4, 'openid') on conflict do nothing",
            login_name,
            shown,
            identity.issuer,
            identity.subject
        )
        .execute(&mut *connection)
        .await?;
    }
    by_identity(connection, identity).await?.ok_or(Error::Name)
}

/// Returns what people can read of a name that somebody else chose.
fn readable(name: &str, max: usize) -> String {
    let characters = name.chars().filter(|character| !character.is_control());
    let text: String = characters.take(max).collect();
    text.trim().to_owned()
}

/// Lists all accounts by name.
pub async fn list(pool: &PgPool) -> Result<Vec<Account>, Error> {
    let accounts = sqlx::query_as!(
        Account,
        "select account_id, login_name, display_name, issuer, subject, language, is_operator, disabled_at, created_at
         from desk.account order by lower(login_name)"
    )
    .fetch_all(pool)
    .await?;
    Ok(accounts)
}

/// Keeps the language that somebody chose, by its code.
pub async fn set_language(pool: &PgPool, account_id: Uuid, language: &str) -> Result<(), Error> {
    sqlx::query!(
        "update desk.account set language = $2 where account_id = $1",
        account_id,
        language
    )
    .execute(pool)
    .await?;
    Ok(())
}
