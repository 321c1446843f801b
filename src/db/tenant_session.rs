//! A connection that is one tenant's for several transactions, and afterwards anybody's again.

use std::ops::{Deref, DerefMut};

use sqlx::PgPool;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, Postgres};

use super::scope::{DESK_ROLE, DESK_TENANT_ROLE, TENANT_ROLE};
use super::{SessionKind, locks};

/// A connection in the scope of one tenant, with the limits of a kind of session, for work of several transactions under one
/// session lock.
///
/// [`TenantSession::leave`] gives it back as it was, its locks freed. One that is dropped is closed, and Postgres frees its
/// locks and scope with it.
#[derive(Debug)]
pub struct TenantSession {
    connection: PoolConnection<Postgres>,
    before: Before,
    was_left: bool,
}

/// What the settings of the session were.
#[derive(Debug)]
struct Before {
    role: String,
    lock_timeout: String,
    statement_timeout: String,
    idle_in_transaction_timeout: String,
    idle_session_timeout: String,
    by: String,
}

impl TenantSession {
    /// Takes a connection out of a pool for a tenant. Reusing one saves what a new one costs: a process of Postgres, and
    /// what that must learn of every table.
    pub async fn enter(pool: &PgPool, tenant_id: &str, kind: SessionKind) -> Result<Self, sqlx::Error> {
        let mut connection = pool.acquire().await?;
        let before = sqlx::query_as!(
            Before,
            r#"select current_setting('role') as "role!",
                      current_setting('lock_timeout') as "lock_timeout!",
                      current_setting('statement_timeout') as "statement_timeout!",
                      current_setting('idle_in_transaction_session_timeout') as "idle_in_transaction_timeout!",
                      current_setting('idle_session_timeout') as "idle_session_timeout!",
                      coalesce(current_setting('oneroster.by', true), '') as "by!""#
        )
        .fetch_one(&mut *connection)
        .await?;
        let mut session = Self {
            connection,
            before,
            was_left: false,
        };
        let limits = kind.limits();
        let is_of_desk = session.before.role == DESK_ROLE;
        let entered = Before {
            role: (if is_of_desk { DESK_TENANT_ROLE } else { TENANT_ROLE }).to_owned(),
            lock_timeout: limits.lock_ms.to_string(),
            statement_timeout: limits.statement_ms.to_string(),
            idle_in_transaction_timeout: limits.idle_in_transaction_ms.to_string(),
            idle_session_timeout: limits.idle_session_ms.to_string(),
            by: session.before.by.clone(),
        };
        set(&mut session.connection, &entered, tenant_id).await?;
        Ok(session)
    }

    /// Says who acts until the session is left: the audit trail names them.
    pub async fn act_as(&mut self, by: &str) -> Result<(), sqlx::Error> {
        sqlx::query!(r#"select set_config('oneroster.by', $1, false) as "by!""#, by)
            .fetch_one(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Frees the session's locks and gives the connection back; closes it if that cannot be done.
    pub async fn leave(mut self) {
        let left = async {
            locks::free_all(&mut self.connection).await?;
            set(&mut self.connection, &self.before, "").await
        };
        self.was_left = left.await.is_ok();
    }
}

async fn set(connection: &mut PgConnection, to: &Before, tenant_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "select set_config('lock_timeout', $1, false) as lock, set_config('statement_timeout', $2, false) as statement,
                set_config('idle_in_transaction_session_timeout', $3, false) as idle_in_transaction,
                set_config('idle_session_timeout', $4, false) as idle_session,
                set_config('oneroster.tenant_id', $5, false) as tenant, set_config('role', $6, false) as role,
                set_config('oneroster.by', $7, false) as by",
        to.lock_timeout,
        to.statement_timeout,
        to.idle_in_transaction_timeout,
        to.idle_session_timeout,
        tenant_id,
        to.role,
        to.by
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

impl Deref for TenantSession {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for TenantSession {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl Drop for TenantSession {
    fn drop(&mut self) {
        if !self.was_left {
            self.connection.close_on_drop();
        }
    }
}
