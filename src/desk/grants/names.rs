//! Accounts by the names they sign in with: whom a manager may ask for, and how often they may be wrong.
//!
//! A manager gives rights to a colleague of another school by the name that the colleague tells. So they learn that such a name is
//! there; guessing many is made slow. Of operators and of people who are of other tenants only, they learn nothing.

use sqlx::PgConnection;

use super::Refusal;
use crate::access::account::{Account, by_name};
use crate::access::back_off::{self, Turn};
use crate::access::{Error, grants};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;

/// Refuses who asked for too many names that there are not.
pub(super) async fn may_ask(desk: &Desk, asker: &TenantUser) -> Result<(), Refusal> {
    match back_off::turn_to_name(&desk.pool, asker.user.account_id, desk.clock.now()).await? {
        Turn::Now => Ok(()),
        Turn::In(seconds) => Err(Refusal::Wait(seconds)),
    }
}

/// Counts a name that was refused.
pub(super) async fn note_refused(desk: &Desk, asker: &TenantUser) -> Result<(), Error> {
    back_off::guessed_name(&desk.pool, asker.user.account_id, desk.clock.now()).await
}

/// Finds an account that who asks may know of: one with rights in their tenant, or with none anywhere yet.
pub(super) async fn find(
    connection: &mut PgConnection,
    asker: &TenantUser,
    name: &str,
) -> Result<Option<Account>, Error> {
    let Some(account) = by_name(connection, name).await? else {
        return Ok(None);
    };
    if asker.user.is_operator {
        return Ok(Some(account));
    }
    let given = grants::of_account(connection, account.account_id).await?;
    let is_here = given.iter().any(|grant| grant.tenant_id == asker.tenant_id);
    let is_elsewhere = account.is_operator || !given.is_empty();
    Ok((is_here || !is_elsewhere).then_some(account))
}
