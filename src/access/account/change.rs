//! Changes of an account as a whole.

use serde_json::json;
use sqlx::PgPool;

use super::Account;
use crate::access::{Error, Hashed, trail};
use crate::audit;
use crate::db::scope;

/// What is changed of an account as a whole; each ends all its sessions.
#[derive(Debug, Clone)]
pub enum Change {
    /// Another password.
    Password(Hashed),
    /// It may no longer sign in.
    Disable,
    /// It may sign in again.
    Enable,
    /// Nothing but that its sessions end.
    SignOut,
}

impl Change {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Password(_) => "password_set",
            Self::Disable => "account_disabled",
            Self::Enable => "account_enabled",
            Self::SignOut => "signed_out_everywhere",
        }
    }
}

/// Changes an account and ends its sessions everywhere. It is entered in the trail of accounts, and in that of every tenant it was
/// given something in.
pub async fn change(pool: &PgPool, account: &Account, change: &Change, by: &str) -> Result<(), Error> {
    let (password, disabled) = match change {
        Change::Password(_) if !account.is_local() => {
            return Err(Error::NotLocal(account.login_name.clone()));
        }
        Change::Password(hashed) => (Some(hashed.0.as_str()), None),
        Change::Disable => (None, Some(true)),
        Change::Enable => (None, Some(false)),
        Change::SignOut => (None, None),
    };
    let mut transaction = pool.begin().await?;
    let tenants = sqlx::query_scalar!(
        "select distinct tenant_id from desk.access_grant where account_id = $1 order by 1",
        account.account_id
    )
    .fetch_all(&mut *transaction)
    .await?;
    sqlx::query!(
        "update desk.account set
             password_hash = coalesce($2, password_hash),
             password_set_at = case when $2::text is null then password_set_at else clock_timestamp() end,
             disabled_at = case when $3 then coalesce(disabled_at, clock_timestamp()) when not $3 then null else disabled_at end,
             session_epoch = session_epoch + 1
         where account_id = $1",
        account.account_id,
        password,
        disabled
    )
    .execute(&mut *transaction)
    .await?;
    trail::enter(&mut transaction, change.kind(), account.account_id, by).await?;
    let detail = json!({ "account": account.login_name });
    for tenant_id in &tenants {
        scope::enter(&mut transaction, tenant_id).await?;
        scope::act_as(&mut transaction, by).await?;
        audit::note(&mut transaction, tenant_id, change.kind(), &detail).await?;
    }
    transaction.commit().await?;
    Ok(())
}
