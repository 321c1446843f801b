//! Reports of `oneroster admin`: accounts of the desk, and what they were given.

use std::fmt::{Display, Formatter};

use oneroster_standard::Moment;
use serde::Serialize;

use super::words::{lines, printable};
use crate::access::account::{Account, Change};
use crate::access::grants::{self, Given, StoredGrant};

/// What an account was given at a school.
#[derive(Debug, Serialize)]
pub struct RightEntry {
    /// The tenant.
    pub tenant: String,
    /// The school, by its number.
    pub school: String,
    /// The site, by its number; `None` = every site of the school.
    pub site: Option<i32>,
    /// The role, as Informat writes it, or the name of a custom one; `None` for a manager.
    pub role: Option<String>,
    /// What it opens: none, read or write.
    pub access: &'static str,
    /// Whether they give and take rights there.
    pub manager: bool,
    /// By whom.
    pub given_by: String,
    /// When.
    pub given_at: Moment,
}

impl From<&StoredGrant> for RightEntry {
    fn from(grant: &StoredGrant) -> Self {
        let access = grant.given.as_ref().map(Given::access).unwrap_or_default();
        Self {
            tenant: grant.tenant_id.clone(),
            school: grant.place.school.clone(),
            site: grant.place.site,
            role: (!grant.role.is_empty()).then(|| grant.role.clone()),
            access: grants::access_word(access),
            manager: grant.given.as_ref().is_some_and(Given::is_manager),
            given_by: grant.given_by.clone(),
            given_at: grant.given_at.into(),
        }
    }
}

impl Display for RightEntry {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let site = self.site.map(|site| format!("-{site}")).unwrap_or_default();
        let role = self.role.as_deref().unwrap_or("manager");
        write!(
            formatter,
            "{} {}{site}: {} ({})",
            self.tenant,
            printable(&self.school),
            printable(role),
            self.access
        )
    }
}

fn entries(given: &[StoredGrant]) -> Vec<RightEntry> {
    given.iter().map(RightEntry::from).collect()
}

/// An account in a list.
#[derive(Debug, Serialize)]
pub struct AccountEntry {
    /// What it signs in with.
    pub account: String,
    /// What it is called on pages.
    pub display_name: String,
    /// How it signs in: `password` or `openid`.
    pub signs_in_by: &'static str,
    /// Whether it is the vendor's operator.
    pub operator: bool,
    /// Since when it may no longer sign in.
    pub disabled_at: Option<Moment>,
    /// When it was made.
    pub created_at: Moment,
    /// What it was given.
    pub rights: Vec<RightEntry>,
}

impl AccountEntry {
    fn new(account: &Account, given: &[StoredGrant]) -> Self {
        Self {
            account: account.login_name.clone(),
            display_name: account.display_name.clone(),
            signs_in_by: if account.is_local() { "password" } else { "openid" },
            operator: account.is_operator,
            disabled_at: account.disabled_at.map(Moment::from),
            created_at: account.created_at.into(),
            rights: entries(given),
        }
    }
}

impl Display for AccountEntry {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{}  {}  {}",
            printable(&self.account),
            printable(&self.display_name),
            self.signs_in_by
        )?;
        if self.operator {
            formatter.write_str("  operator")?;
        }
        if let Some(disabled_at) = self.disabled_at {
            write!(formatter, "  disabled {disabled_at}")?;
        }
        for right in &self.rights {
            write!(formatter, "\n  {right}")?;
        }
        Ok(())
    }
}

/// The accounts of the desk: `admin list`.
#[derive(Debug, Serialize)]
pub struct AccountsReport {
    /// By name.
    pub accounts: Vec<AccountEntry>,
}

impl From<Vec<(Account, Vec<StoredGrant>)>> for AccountsReport {
    fn from(accounts: Vec<(Account, Vec<StoredGrant>)>) -> Self {
        let accounts = accounts
            .iter()
            .map(|(account, given)| AccountEntry::new(account, given));
        Self {
            accounts: accounts.collect(),
        }
    }
}

impl Display for AccountsReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        lines(formatter, &self.accounts)
    }
}

/// A new account: `admin create-user`.
#[derive(Serialize)]
pub struct AccountReport {
    /// The account.
    #[serde(flatten)]
    pub account: AccountEntry,
    /// Its password, if it was made: shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

impl AccountReport {
    /// Makes the report.
    pub fn new(account: &Account, given: &[StoredGrant], password: Option<String>) -> Self {
        Self {
            account: AccountEntry::new(account, given),
            password,
        }
    }
}

impl std::fmt::Debug for AccountReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("AccountReport")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

impl Display for AccountReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.account)?;
        show_password(formatter, self.password.as_deref())
    }
}

fn show_password(formatter: &mut Formatter<'_>, password: Option<&str>) -> std::fmt::Result {
    match password {
        Some(password) => write!(
            formatter,
            "\npassword  {password}\nThe password is shown this once and stored nowhere."
        ),
        None => Ok(()),
    }
}

/// What an account was given, after a change: `admin give` and `admin take`.
#[derive(Debug, Serialize)]
pub struct RightsReport {
    /// The account.
    pub account: String,
    /// All that it was given.
    pub rights: Vec<RightEntry>,
}

impl RightsReport {
    /// Makes the report.
    pub fn new(account: &Account, given: &[StoredGrant]) -> Self {
        Self {
            account: account.login_name.clone(),
            rights: entries(given),
        }
    }
}

impl Display for RightsReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", printable(&self.account))?;
        if self.rights.is_empty() {
            formatter.write_str(" has no rights")?;
        }
        for right in &self.rights {
            write!(formatter, "\n  {right}")?;
        }
        Ok(())
    }
}

/// An account that was changed as a whole: `admin set-password`, `admin disable` and `admin enable`.
#[derive(Serialize)]
pub struct ChangedAccountReport {
    /// The account.
    pub account: String,
    /// What was done.
    pub done: &'static str,
    /// Its password, if it was made: shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

impl ChangedAccountReport {
    /// Makes the report.
    pub fn new(account: &Account, change: &Change, password: Option<String>) -> Self {
        let done = match change {
            Change::Password(_) => "password set",
            Change::Disable => "disabled",
            Change::Enable => "enabled",
            Change::SignOut => "signed out",
        };
        Self {
            account: account.login_name.clone(),
            done,
            password,
        }
    }
}

impl std::fmt::Debug for ChangedAccountReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ChangedAccountReport")
            .field("account", &self.account)
            .field("done", &self.done)
            .finish_non_exhaustive()
    }
}

impl Display for ChangedAccountReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{}: {}; its sessions have ended",
            printable(&self.account),
            self.done
        )?;
        show_password(formatter, self.password.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::access::Place;
    use crate::report::snapshot::{self, instant};

    fn account(name: &str) -> Account {
        Account {
            account_id: Uuid::nil(),
            login_name: name.to_owned(),
            display_name: "Mia Peeters".to_owned(),
            issuer: None,
            subject: None,
            language: None,
            is_operator: false,
            disabled_at: None,
            created_at: instant(0),
        }
    }

    fn given(given: Given, site: Option<i32>) -> StoredGrant {
        StoredGrant {
            tenant_id: "zandpoort".to_owned(),
            grant_id: Uuid::nil(),
            account_id: Uuid::nil(),
            place: Place {
                school: "001507".to_owned(),
                site,
            },
            role: match &given {
                Given::Standard(role) => role.to_string(),
                Given::Custom { name, .. } => name.clone(),
                Given::Manager => String::new(),
            },
            given: Some(given),
            given_at: instant(60),
            given_by: "os:root".to_owned(),
        }
    }

    #[test]
    fn a_made_password_is_shown_once_and_never_in_debug_output() {
        let all = [
            given(Given::Manager, None),
            given(Given::standard("iLeerlingen: Alles schrijven").unwrap(), Some(1)),
        ];
        let report = AccountReport::new(&account("mia"), &all, Some("s3cret".to_owned()));
        snapshot::assert("admin_create_user", &report);
        assert!(!format!("{report:?}").contains("s3cret"));
        let changed = ChangedAccountReport::new(&account("mia"), &Change::Disable, None);
        snapshot::assert("admin_disable", &changed);
    }

    #[test]
    fn accounts_are_listed_with_what_they_were_given() {
        let operator = Account {
            is_operator: true,
            disabled_at: Some(instant(120)),
            issuer: Some("entra:x".to_owned()),
            ..account("vendor")
        };
        let custom =
            Given::custom("Secretariaat", None, oneroster_school::rights::Access::default()).unwrap();
        let report = AccountsReport::from(vec![
            (account("mia"), vec![given(custom, None)]),
            (operator, Vec::new()),
        ]);
        snapshot::assert("admin_list", &report);
        snapshot::assert("admin_give", &RightsReport::new(&account("mia"), &[]));
    }
}
