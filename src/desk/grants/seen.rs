//! What a manager sees: the accounts with rights at their schools, and of those the rights there.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Refusal;
use crate::access::account::{self, Account};
use crate::access::grants::{self, School, StoredGrant};
use crate::db::scope;
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;

/// An account, with what it has where who asks is manager.
#[derive(Debug, Clone)]
pub(in crate::desk) struct SeenAccount {
    /// The account.
    pub(in crate::desk) account: Account,
    /// What it has there.
    pub(in crate::desk) rights: Vec<StoredGrant>,
    /// Whether who asks may reset its password.
    pub(in crate::desk) may_reset: bool,
}

/// What a manager sees.
#[derive(Debug, Clone)]
pub(in crate::desk) struct Seen {
    /// Their schools.
    pub(in crate::desk) schools: Vec<School>,
    /// The accounts with rights there, by name.
    pub(in crate::desk) accounts: Vec<SeenAccount>,
}

impl Seen {
    pub(super) fn has_account(&self, account_id: Uuid) -> bool {
        self.account(account_id).is_some()
    }

    /// Finds an account among those that are seen.
    pub(super) fn account(&self, account_id: Uuid) -> Option<&SeenAccount> {
        self.accounts
            .iter()
            .find(|seen| seen.account.account_id == account_id)
    }
}

/// Returns what who asks sees.
pub(in crate::desk) async fn seen(desk: &Desk, asker: &TenantUser) -> Result<Seen, Refusal> {
    let mut transaction = scope::begin(&desk.pool, &asker.tenant_id).await?;
    let mut schools = grants::schools(&mut transaction, &asker.tenant_id).await?;
    schools.retain(|school| asker.rights.is_manager_of(&school.number));
    let all = grants::of_tenant(&mut transaction, &asker.tenant_id).await?;
    transaction.commit().await?;
    let mut by_account: BTreeMap<Uuid, Vec<StoredGrant>> = BTreeMap::new();
    for grant in all {
        if asker.rights.is_manager_of(&grant.place.school) {
            by_account.entry(grant.account_id).or_default().push(grant);
        }
    }
    let mut connection = desk.pool.acquire().await?;
    let mut accounts = Vec::with_capacity(by_account.len());
    for (account_id, rights) in by_account {
        let Some(account) = account::by_id(&mut connection, account_id).await? else {
            continue;
        };
        let given = grants::of_account(&mut connection, account_id).await?;
        let may_reset = account.is_local() && !account.is_operator && super::all_theirs(asker, &given);
        accounts.push(SeenAccount {
            account,
            rights,
            may_reset,
        });
    }
    accounts.sort_by_key(|seen| seen.account.login_name.to_lowercase());
    Ok(Seen { schools, accounts })
}
