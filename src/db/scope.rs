//! Whose rows a statement may touch: row-level security, the second wall between tenants (design §6).
//!
//! A connection works under one of two roles, neither of which owns anything. [`SERVICE_ROLE`], as a connection
//! begins, may read the few tables that say which tenants and clients there are, and no person. [`TENANT_ROLE`],
//! entered for one transaction, sees the rows of one tenant. So a forgotten scope sees nothing, and a forgotten
//! `where tenant_id = …` sees one tenant. Migrations alone run as the owner; the user that all others sign in as owns nothing
//! and can do nothing but take on these roles, so that no statement gets around them ([`super::Database::too_much`]).
//!
//! Connections of the desk have two of their own, [`DESK_ROLE`] and [`DESK_TENANT_ROLE`]: they know accounts and sessions, and
//! read neither keys nor the hashes of clients' secrets. [`enter`] sees by the connection which pair it is of, so the same
//! operations run under both.
//!
//! One that asks for a single tenant costs nothing: Postgres compares the scope with it once, not row by row.

use sqlx::postgres::{PgConnection, Postgres};
use sqlx::{Executor, PgPool, Transaction};

use super::{Actor, SessionKind};

/// What connections work under outside a tenant's scope (migration 0006).
pub const SERVICE_ROLE: &str = "oneroster_service";

/// What a transaction works under within a tenant's scope (migration 0006).
pub const TENANT_ROLE: &str = "oneroster_tenant";

/// What connections of the desk work under outside a tenant's scope (migration 0019).
pub const DESK_ROLE: &str = "oneroster_desk";

/// What a transaction of the desk works under within a tenant's scope (migration 0019).
pub const DESK_TENANT_ROLE: &str = "oneroster_desk_tenant";

/// Whose connections a pool has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Of the service for consumers, of commands and of background work.
    Service,
    /// Of the desk.
    Desk,
}

impl Side {
    /// Returns what its connections work under outside a tenant's scope.
    pub const fn role(self) -> &'static str {
        match self {
            Self::Service => SERVICE_ROLE,
            Self::Desk => DESK_ROLE,
        }
    }
}

/// Puts a new session under the role of its side, gives it its limits and says who acts in it. Fails if it takes no writes: a
/// standby may lack what is committed, or have what never was.
pub(super) async fn confine(
    connection: &mut PgConnection,
    (side, kind): (Side, SessionKind),
    actor: Option<&Actor>,
) -> Result<(), sqlx::Error> {
    let actor = actor.map(Actor::statements).unwrap_or_default();
    let statements = format!("set role {}; {}; {actor}", side.role(), kind.statements());
    connection.execute(sqlx::AssertSqlSafe(statements)).await?;
    if is_read_only(connection).await? {
        let error = std::io::Error::other("the database takes no writes: it is a standby");
        return Err(sqlx::Error::Io(error));
    }
    Ok(())
}

/// Returns `true` if a session takes no writes: it is one with a standby. A primary that becomes one ends its sessions, so one look
/// at the beginning is enough.
pub(super) async fn is_read_only(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"select current_setting('transaction_read_only')::boolean as "read_only!""#)
        .fetch_one(connection)
        .await
}

/// Says who acts until the transaction ends: the audit trail names them.
pub async fn act_as(transaction: &mut PgConnection, by: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(r#"select set_config('oneroster.by', $1, true) as "by!""#, by)
        .fetch_one(transaction)
        .await?;
    Ok(())
}

/// Takes on all roles, to see whether the user of the session may, and returns the first that policies do not bind on
/// every table with a tenant's rows, if there is one. The connection keeps the role of the service.
pub(super) async fn unbound_role(connection: &mut PgConnection) -> Result<Option<&'static str>, sqlx::Error> {
    connection.execute("set role oneroster_desk").await?;
    let mut unbound = None;
    for (role, statement) in [
        (DESK_TENANT_ROLE, "set role oneroster_desk_tenant"),
        (TENANT_ROLE, "set role oneroster_tenant"),
    ] {
        connection.execute(statement).await?;
        let is_bound = sqlx::query_scalar!(
            r#"select bool_and(row_security_active(c.oid)) as "bound!"
               from pg_class c
               join pg_namespace n on n.oid = c.relnamespace
               join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
               where n.nspname in ('tenant', 'informat', 'username', 'roster', 'auth', 'synclog', 'audit', 'desk', 'alarm')
                 and c.relkind in ('r', 'p')"#
        )
        .fetch_one(&mut *connection)
        .await?;
        if !is_bound {
            unbound = Some(role);
        }
    }
    connection.execute("set role oneroster_service").await?;
    Ok(unbound)
}

/// Narrows a transaction to one tenant until it ends or is rolled back to before: under [`DESK_TENANT_ROLE`] on a connection of the
/// desk, else under [`TENANT_ROLE`].
///
/// Outside a transaction it has no effect, and what follows sees nothing.
pub async fn enter(connection: &mut PgConnection, tenant_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "select set_config('role', case when current_setting('role') in ('oneroster_desk', 'oneroster_desk_tenant')
                    then 'oneroster_desk_tenant' else 'oneroster_tenant' end, true) as role,
                set_config('oneroster.tenant_id', $1, true) as tenant",
        tenant_id
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// Takes a transaction of the service out of the scope of a tenant, to what no tenant has.
pub async fn leave(transaction: &mut PgConnection) -> Result<(), sqlx::Error> {
    transaction.execute("set local role oneroster_service").await?;
    Ok(())
}

/// The scope that a transaction is in, or that it is in none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    role: String,
    tenant_id: String,
}

/// Returns the scope of a transaction.
pub async fn current(transaction: &mut PgConnection) -> Result<Scope, sqlx::Error> {
    sqlx::query_as!(
        Scope,
        r#"select current_setting('role') as "role!", coalesce(current_setting('oneroster.tenant_id', true), '') as "tenant_id!""#
    )
    .fetch_one(transaction)
    .await
}

/// Takes a transaction back to the scope it was in before it entered another.
pub async fn return_to(transaction: &mut PgConnection, scope: &Scope) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "select set_config('role', $1, true) as role, set_config('oneroster.tenant_id', $2, true) as tenant",
        scope.role,
        scope.tenant_id
    )
    .fetch_one(transaction)
    .await?;
    Ok(())
}

/// Begins a transaction in the scope of one tenant.
pub async fn begin(pool: &PgPool, tenant_id: &str) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    enter(&mut transaction, tenant_id).await?;
    Ok(transaction)
}

/// Begins a transaction in the scope of one tenant that only looks: it sees one state of everything.
pub async fn begin_look(
    pool: &PgPool,
    tenant_id: &str,
) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let mut transaction = pool
        .begin_with("begin isolation level repeatable read, read only")
        .await?;
    enter(&mut transaction, tenant_id).await?;
    Ok(transaction)
}

/// Who works in the scope of a tenant: whoever the session says, or somebody by name.
#[derive(Debug, Clone, Copy)]
pub struct Acting<'a> {
    /// Where it is done.
    pub pool: &'a PgPool,
    by: Option<&'a str>,
}

impl<'a> Acting<'a> {
    /// Names who acts: the audit trail names them.
    pub const fn by(pool: &'a PgPool, by: &'a str) -> Self {
        Self { pool, by: Some(by) }
    }

    /// Begins a transaction in the scope of one tenant.
    pub async fn begin(self, tenant_id: &str) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let mut transaction = begin(self.pool, tenant_id).await?;
        if let Some(by) = self.by {
            act_as(&mut transaction, by).await?;
        }
        Ok(transaction)
    }
}

impl<'a> From<&'a PgPool> for Acting<'a> {
    fn from(pool: &'a PgPool) -> Self {
        Self { pool, by: None }
    }
}
