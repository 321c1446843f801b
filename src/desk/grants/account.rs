//! Local accounts that a manager makes for their school, and their passwords.

use serde_json::json;
use uuid::Uuid;

use super::{Refusal, names, seen};
use crate::access::account::{self, Account, Change};
use crate::access::grants::{self, Given, Place};
use crate::access::{Error, NewAccount, generate_password};
use crate::audit;
use crate::db::scope;
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;

/// Somebody who gets an account.
pub(in crate::desk) struct NewPerson<'a> {
    /// What they sign in with.
    pub(in crate::desk) login_name: &'a str,
    /// What they are called on pages.
    pub(in crate::desk) display_name: &'a str,
    /// What they are given: something at least, or nobody would see the account.
    pub(in crate::desk) rights: &'a [(Place, Given)],
}

/// Makes a local account with rights at schools of who asks; returns it with its password, which is stored nowhere.
pub(in crate::desk) async fn make(
    desk: &Desk,
    asker: &TenantUser,
    new: &NewPerson<'_>,
) -> Result<(Account, String), Refusal> {
    let is_theirs = |(place, _): &(Place, Given)| asker.rights.is_manager_of(&place.school);
    if new.rights.is_empty() || new.rights.len() > super::AT_ONCE_MAX || !new.rights.iter().all(is_theirs) {
        return Err(Refusal::NotFound);
    }
    names::may_ask(desk, asker).await?;
    let password = generate_password()?;
    let hashed = desk.passwords.hash(new.login_name, &password).await?;
    let account = NewAccount {
        login_name: new.login_name,
        display_name: new.display_name,
        is_operator: false,
        password: &hashed,
    };
    let by = &asker.user.name;
    let tenant_id = &asker.tenant_id;
    let mut transaction = scope::begin(&desk.pool, tenant_id).await?;
    scope::act_as(&mut transaction, by).await?;
    let account = match account::create(&mut transaction, &account, by).await {
        Err(taken @ Error::NameTaken(_)) => {
            names::note_refused(desk, asker).await?;
            return Err(taken.into());
        }
        made => made?,
    };
    let detail = json!({ "account": account.login_name });
    audit::note(&mut transaction, tenant_id, "account_created", &detail).await?;
    for (place, given) in new.rights {
        grants::give(&mut transaction, tenant_id, &account, (place, given), by).await?;
    }
    transaction.commit().await?;
    Ok((account, password))
}

/// Gives a local account another password, and ends its sessions; returns the password, which is stored nowhere. Refused for one with
/// rights where who asks is not manager.
pub(in crate::desk) async fn reset(
    desk: &Desk,
    asker: &TenantUser,
    account_id: Uuid,
) -> Result<String, Refusal> {
    let seen = seen(desk, asker).await?;
    let found = seen.account(account_id).ok_or(Refusal::NotFound)?;
    if !found.may_reset {
        return Err(Refusal::NotTheirs);
    }
    let password = generate_password()?;
    let hashed = desk.passwords.hash(&found.account.login_name, &password).await?;
    account::change(
        &desk.pool,
        &found.account,
        &Change::Password(hashed),
        &asker.user.name,
    )
    .await?;
    Ok(password)
}
