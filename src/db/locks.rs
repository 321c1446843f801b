//! Every advisory lock, and the order in which locks are taken.
//!
//! A transaction or session that takes several locks takes them in this order, so that no two ever wait for each other:
//!
//! 1. [`publication`], for the whole of a publication, or [`publication_until_the_end`];
//! 2. [`load`], for the whole of an import;
//!    then the table `informat.bestand`, in a mode that loads share, and without waiting; a statement that changes the mirror outside
//!    a load waits for it;
//! 3. the row of the tenant in `tenant.tenant`;
//! 4. the rows of its inputs in `tenant.input_version`: the configuration, then the mirror
//!    (3 and 4 together are `tenants::lock_inputs`);
//! 5. [`usernames`];
//! 6. the row of the usernames in `tenant.input_version`;
//! 7. the row of the tenant in `audit.head` (`audit::wait_turn`), which every statement takes that changes what the audit trail
//!    holds; that of the accounts (`audit::ACCOUNTS`) before those of tenants, and these by their id;
//! 8. the row of the tenant in `roster.head` (`roster::head::lock`), which issuing a token locks too.
//!
//! [`signing_key`] comes after the row of the accounts in `audit.head`, and with no other. [`sync_run`], [`alarms`] and that of the embedded user are taken by
//! transactions that take no other lock. Migrations run under a lock that sqlx
//! takes and names.
//!
//! The text of a key is part of the contract between servers of different versions on one database: never change one.

use std::pin::pin;
use std::time::Duration;

use sqlx::PgConnection;
use uuid::Uuid;

/// The key under which a signing key is made; no text, and so not hashed.
const SIGNING_KEY: i64 = 0x6f6e_6572_6b65_7973;

/// After so long a wait says what it is for.
const SAID_AFTER: Duration = Duration::from_secs(3);

/// How long a command waits for another publication of its tenant, in milliseconds.
const PUBLICATION_WAIT_MS: u32 = 10 * 60_000;

/// Takes the lock under which a tenant is published, or waits for it, for 10 min. It lasts until the connection is closed.
///
/// Publications of a tenant follow each other, and so do the switch of its school year, decisions about what is held and
/// the purge of old versions.
pub async fn publication(connection: &mut PgConnection, tenant_id: &str) -> Result<(), sqlx::Error> {
    let before_ms = lock_timeout_ms(connection).await?;
    set_lock_timeout(connection, PUBLICATION_WAIT_MS).await?;
    let key = publication_key(tenant_id);
    let taking =
        sqlx::query!("select pg_advisory_lock(hashtextextended($1, 0))", key).execute(&mut *connection);
    say_if_long("another publication of this tenant", tenant_id, taking).await?;
    set_lock_timeout(connection, before_ms).await
}

async fn lock_timeout_ms(connection: &mut PgConnection) -> Result<u32, sqlx::Error> {
    let setting = sqlx::query_scalar!(
        r#"select setting::bigint as "setting_ms!" from pg_settings where name = 'lock_timeout'"#
    )
    .fetch_one(connection)
    .await?;
    Ok(u32::try_from(setting).unwrap_or_default())
}

async fn set_lock_timeout(connection: &mut PgConnection, limit_ms: u32) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"select set_config('lock_timeout', $1, false) as "setting!""#,
        limit_ms.to_string()
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// Has a transaction wait for each lock so long at the most, until it ends.
pub async fn wait_at_most(transaction: &mut PgConnection, limit_ms: u32) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"select set_config('lock_timeout', $1, true) as "setting!""#,
        limit_ms.to_string()
    )
    .fetch_one(transaction)
    .await?;
    Ok(())
}

/// Takes the lock under which a tenant is published if it is free; returns whether it was.
pub async fn try_publication(connection: &mut PgConnection, tenant_id: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select pg_try_advisory_lock(hashtextextended($1, 0)) as "is_locked!""#,
        publication_key(tenant_id)
    )
    .fetch_one(connection)
    .await
}

/// Takes the same lock, or waits for it, until the transaction ends: no generation becomes visible meanwhile.
///
/// For edits that are allowed only as long as something was not served.
pub async fn publication_until_the_end(
    transaction: &mut PgConnection,
    tenant_id: &str,
) -> Result<(), sqlx::Error> {
    let key = publication_key(tenant_id);
    let taking = until_the_end(transaction, &key);
    say_if_long("a publication of this tenant", tenant_id, taking).await
}

/// Gives back every lock that a session holds outside a transaction.
pub(super) async fn free_all(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!(r#"select pg_advisory_unlock_all() as "unlocked!: ()""#)
        .fetch_one(connection)
        .await?;
    Ok(())
}

fn publication_key(tenant_id: &str) -> String {
    format!("publish {tenant_id}")
}

/// Takes the lock under which a tenant's mirror is loaded, or waits for it. It lasts until the transaction ends.
pub async fn load(transaction: &mut PgConnection, tenant_id: &str) -> Result<(), sqlx::Error> {
    let key = format!("informat.lading/{tenant_id}");
    let taking = until_the_end(transaction, &key);
    say_if_long("another import of this tenant", tenant_id, taking).await
}

/// Takes the lock under which usernames of a tenant are allocated and edited, or waits for it. It lasts until the
/// transaction ends.
///
/// Two transactions at once could choose the same name; the second waits here for the first and sees what it did.
pub async fn usernames(transaction: &mut PgConnection, tenant_id: &str) -> Result<(), sqlx::Error> {
    let key = format!("username {tenant_id}");
    let taking = until_the_end(transaction, &key);
    say_if_long("another change of this tenant's usernames", tenant_id, taking).await
}

/// Takes the lock under which the notes of a token are written to the sync log, or waits for it. It lasts until the
/// transaction ends. Several servers may answer one token; each sees what the others wrote.
pub async fn sync_run(transaction: &mut PgConnection, token_id: Uuid) -> Result<(), sqlx::Error> {
    until_the_end(transaction, &format!("synclog {token_id}")).await
}

/// Takes the lock under which a tenant, or the service where the id is empty, is looked at for alarms, or waits for it. It lasts until
/// the transaction ends. Who took it later read the state later, so an older state never ends what a newer one began.
pub async fn alarms(transaction: &mut PgConnection, tenant_id: &str) -> Result<(), sqlx::Error> {
    until_the_end(transaction, &format!("alarm {tenant_id}")).await
}

/// Takes the lock under which a signing key is made, or waits for it. It lasts until the transaction ends.
pub async fn signing_key(transaction: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock($1)", SIGNING_KEY)
        .execute(transaction)
        .await?;
    Ok(())
}

/// Takes the lock under which the user of an embedded Postgres is made, or waits for it. It lasts until the transaction ends.
#[cfg(feature = "demo")]
pub(super) async fn embedded_login(transaction: &mut PgConnection) -> Result<(), sqlx::Error> {
    until_the_end(transaction, "embedded login").await
}

async fn until_the_end(transaction: &mut PgConnection, key: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", key)
        .execute(transaction)
        .await?;
    Ok(())
}

/// Waits; says after 3 s what for. How long it may take, the limits of the session say ([`super::SessionLimits`]).
async fn say_if_long<T>(what: &str, tenant_id: &str, waiting: impl Future<Output = T>) -> T {
    let mut waiting = pin!(waiting);
    if let Ok(done) = tokio::time::timeout(SAID_AFTER, &mut waiting).await {
        return done;
    }
    tracing::warn!(
        tenant = tenant_id,
        waits_for = what,
        "still waiting; Ctrl-C gives up. Who holds it: select pid, state, query_start from pg_stat_activity where \
         application_name = 'oneroster'. One that hangs is ended by select pg_terminate_backend(pid)"
    );
    waiting.await
}
