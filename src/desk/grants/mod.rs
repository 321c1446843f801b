//! What a manager does with rights (R4, R90): sees who has what at their schools, gives and takes it there, copies it from a colleague,
//! makes local accounts and resets their passwords.
//!
//! A manager writes at their whole school, so no role opens more than they have; being manager is given by managers of that school only,
//! and being operator by nobody here. What belongs to other schools does not exist for them.

mod account;
mod names;
mod seen;

use uuid::Uuid;

use super::session::TenantUser;
use super::state::Desk;
use crate::access::account::{Account, by_id};
use crate::access::grants::{self, Given, Place, StoredGrant};
use crate::access::{self, trail};
use crate::db::scope;
pub(super) use account::{NewPerson, make, reset};
pub(super) use seen::{Seen, seen};

/// How many things one question may give or take.
const AT_ONCE_MAX: usize = 2_000;

/// Why something is not given or taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// It does not exist, or is not at a school of theirs.
    #[error("there is no such school, account or right")]
    NotFound,
    /// No account is called so.
    #[error("there is no account {0}")]
    UnknownAccount(String),
    /// Names were asked for that there are not: who guesses waits so many seconds.
    #[error("wait {0} seconds before the next name")]
    Wait(i64),
    /// More than can be done at once.
    #[error("too much at once")]
    TooMuch,
    /// The account has rights elsewhere too, or is an operator: who resets its password could use them.
    #[error("the account has rights elsewhere too")]
    NotTheirs,
    /// Against a rule of accounts or rights, or the database failed.
    #[error(transparent)]
    Access(#[from] access::Error),
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Access(error.into())
    }
}

/// Whom something is given to: an account that is listed, or one by its name.
#[derive(Debug, Clone)]
pub(super) enum Whom {
    /// By its id.
    Id(Uuid),
    /// By the name it signs in with.
    Name(String),
}

/// Gives rights at places to accounts, all or nothing; returns how many they did not have.
pub(super) async fn give(
    desk: &Desk,
    asker: &TenantUser,
    whom: &[Whom],
    rights: &[(Place, Given)],
) -> Result<usize, Refusal> {
    if whom.len().saturating_mul(rights.len()) > AT_ONCE_MAX {
        return Err(Refusal::TooMuch);
    }
    if !rights
        .iter()
        .all(|(place, _)| asker.rights.is_manager_of(&place.school))
    {
        return Err(Refusal::NotFound);
    }
    let accounts = found(desk, asker, whom).await?;
    let mut transaction = scope::begin(&desk.pool, &asker.tenant_id).await?;
    scope::act_as(&mut transaction, &asker.user.name).await?;
    let mut given = 0;
    for account in &accounts {
        for (place, right) in rights {
            let is_new = grants::give(
                &mut transaction,
                &asker.tenant_id,
                account,
                (place, right),
                &asker.user.name,
            )
            .await?;
            given += usize::from(is_new);
        }
    }
    transaction.commit().await?;
    Ok(given)
}

async fn found(desk: &Desk, asker: &TenantUser, whom: &[Whom]) -> Result<Vec<Account>, Refusal> {
    if whom.iter().any(|whom| matches!(whom, Whom::Name(_))) {
        names::may_ask(desk, asker).await?;
    }
    let seen = seen(desk, asker).await?;
    let mut connection = desk.pool.acquire().await?;
    let mut accounts = Vec::with_capacity(whom.len());
    for whom in whom {
        let account = match whom {
            Whom::Id(id) if seen.has_account(*id) => by_id(&mut connection, *id).await?,
            Whom::Id(_) => None,
            Whom::Name(name) => {
                let found = names::find(&mut connection, asker, name.trim()).await?;
                if found.is_none() {
                    names::note_refused(desk, asker).await?;
                    return Err(Refusal::UnknownAccount(name.clone()));
                }
                found
            }
        };
        accounts.push(account.ok_or(Refusal::NotFound)?);
    }
    Ok(accounts)
}

/// Takes rights, all or nothing; returns how many.
pub(super) async fn take(desk: &Desk, asker: &TenantUser, ids: &[Uuid]) -> Result<usize, Refusal> {
    if ids.len() > AT_ONCE_MAX {
        return Err(Refusal::TooMuch);
    }
    let mut transaction = scope::begin(&desk.pool, &asker.tenant_id).await?;
    scope::act_as(&mut transaction, &asker.user.name).await?;
    let all = grants::of_tenant(&mut transaction, &asker.tenant_id).await?;
    for id in ids {
        let grant = all.iter().find(|grant| grant.grant_id == *id);
        let is_theirs = grant.is_some_and(|grant| asker.rights.is_manager_of(&grant.place.school));
        if !is_theirs || !grants::take(&mut transaction, &asker.tenant_id, *id).await? {
            return Err(Refusal::NotFound);
        }
    }
    transaction.commit().await?;
    Ok(ids.len())
}

/// Gives accounts what a colleague has at the schools of who asks (R90); returns how many they did not have.
pub(super) async fn copy(desk: &Desk, asker: &TenantUser, from: Uuid, to: &[Whom]) -> Result<usize, Refusal> {
    let seen = seen(desk, asker).await?;
    let from = seen.account(from).ok_or(Refusal::NotFound)?;
    let rights: Vec<(Place, Given)> = from
        .rights
        .iter()
        .filter_map(|grant| Some((grant.place.clone(), grant.given.clone()?)))
        .collect();
    give(desk, asker, to, &rights).await
}

/// Returns what was done with rights at the schools of who asks, the newest first.
pub(super) async fn lines(desk: &Desk, asker: &TenantUser) -> Result<Vec<trail::Line>, Refusal> {
    let seen = seen(desk, asker).await?;
    let names: Vec<String> = seen
        .accounts
        .iter()
        .map(|seen| seen.account.login_name.clone())
        .collect();
    let managed = asker.rights.managed_schools();
    let managed: Option<Vec<String>> =
        managed.map(|schools| schools.into_iter().map(ToOwned::to_owned).collect());
    let mut transaction = scope::begin(&desk.pool, &asker.tenant_id).await?;
    let lines = trail::lines(&mut transaction, &asker.tenant_id, managed.as_deref(), &names).await?;
    transaction.commit().await?;
    Ok(lines)
}

/// Whether all that an account was given is at schools of who asks, in this tenant.
fn all_theirs(asker: &TenantUser, given: &[StoredGrant]) -> bool {
    given
        .iter()
        .all(|grant| grant.tenant_id == asker.tenant_id && asker.rights.is_manager_of(&grant.place.school))
}
