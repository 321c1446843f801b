//! Report of `oneroster admin history`.

use std::fmt::{Display, Formatter};

use oneroster_standard::Moment;
use serde::Serialize;
use serde_json::Value;

use super::words::{lines, printable};
use crate::audit::Listed;

/// What was done with the accounts of the desk, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountHistoryReport {
    /// What was done.
    pub entries: Vec<AccountHistoryEntry>,
}

/// Something that was done with an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountHistoryEntry {
    /// When.
    pub at: Moment,
    /// Who did it.
    pub by: String,
    /// From where.
    pub origin: String,
    /// What: `account_created`, `account_disabled`, `account_enabled`, `password_set`, `signed_out_everywhere`.
    pub action: String,
    /// With which account, by its name.
    pub account: String,
    /// Whether it is an operator's.
    pub operator: bool,
}

impl AccountHistoryReport {
    /// Reports the trail of accounts. What was done with signing keys is in that trail too, and not in this report.
    pub fn new(trail: Vec<Listed>) -> Self {
        let entry = |listed: Listed| {
            let text = |name: &str| {
                let value = listed.detail.get(name).and_then(Value::as_str);
                value.unwrap_or_default().to_owned()
            };
            AccountHistoryEntry {
                origin: text("origin"),
                account: text("account"),
                operator: listed.detail.get("is_operator") == Some(&Value::Bool(true)),
                at: listed.at.into(),
                by: listed.by,
                action: listed.kind,
            }
        };
        Self {
            entries: trail
                .into_iter()
                .filter(|listed| listed.detail.get("account").is_some())
                .map(entry)
                .collect(),
        }
    }
}

impl Display for AccountHistoryReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let line = |entry: &AccountHistoryEntry| {
            format!(
                "{}\t{}\t{}\t{}{}\t{}",
                entry.at,
                printable(&entry.by),
                entry.action,
                printable(&entry.account),
                if entry.operator { " (operator)" } else { "" },
                printable(&entry.origin),
            )
        };
        lines(formatter, self.entries.iter().map(line))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::snapshot::{self, instant};

    #[test]
    fn what_was_done_with_accounts_is_listed_with_who_when_and_from_where() {
        let listed = |kind: &str, account: &str, is_operator: bool| Listed {
            at: instant(0),
            by: "os:root".to_owned(),
            kind: kind.to_owned(),
            detail: json!({ "account": account, "is_operator": is_operator, "origin": "oneroster admin on host" }),
            people: Vec::new(),
            value: None,
            position: 1,
        };
        let trail = vec![
            listed("account_created", "operator", true),
            listed("password_set", "mia.peeters", false),
        ];
        snapshot::assert("admin_history", &AccountHistoryReport::new(trail));
    }
}
