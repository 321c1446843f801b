//! Report of `oneroster usernames regenerate` and `forget`.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};

use oneroster_school::username::unserved::KeptReason;
use serde::Serialize;
use uuid::Uuid;

use super::words::counted;
use crate::accounts::UnservedEdit;

/// Usernames that were never served: made anew, or forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnservedReport {
    /// The tenant.
    pub tenant: String,
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// What changed, or would.
    pub changes: Vec<UnservedChangeReport>,
    /// Whose name stays.
    pub skipped: Vec<SkippedReport>,
    #[serde(skip)]
    kept: BTreeMap<KeptReason, usize>,
}

/// What becomes of somebody's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnservedChangeReport {
    /// The person.
    pub user: Uuid,
    /// The name before.
    pub from: String,
    /// The name after; null if it is forgotten.
    pub to: Option<String>,
    /// Why.
    pub reason: &'static str,
}

/// Somebody whose name stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkippedReport {
    /// The person.
    pub user: Uuid,
    /// Why.
    pub reason: &'static str,
}

impl UnservedReport {
    /// Reports an edit of names that were never served.
    pub fn new(tenant_id: &str, edit: UnservedEdit, dry_run: bool) -> Self {
        let mut kept = BTreeMap::new();
        for (_, reason) in &edit.kept {
            *kept.entry(*reason).or_default() += 1;
        }
        let changes = edit.changes.into_iter().map(|change| UnservedChangeReport {
            user: change.rowguid,
            from: change.from.to_string(),
            to: change.to.map(|name| name.to_string()),
            reason: change.reason.as_str(),
        });
        let skipped = edit.kept.into_iter().map(|(user, reason)| SkippedReport {
            user,
            reason: reason.as_str(),
        });
        Self {
            tenant: tenant_id.to_owned(),
            dry_run,
            changes: changes.collect(),
            skipped: skipped.collect(),
            kept,
        }
    }
}

impl Display for UnservedReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        for UnservedChangeReport { user, from, to, .. } in &self.changes {
            match to {
                None => writeln!(formatter, "{user}: {from} is forgotten")?,
                Some(to) if to == from => {
                    writeln!(
                        formatter,
                        "{user}: stays {from}; what is doubtful about it changes"
                    )?;
                }
                Some(to) => writeln!(formatter, "{user}: {from} becomes {to}")?,
            }
        }
        for (reason, count) in &self.kept {
            let people = counted(*count, "person", "people");
            writeln!(formatter, "{people} skipped: {}", explained(*reason))?;
        }
        let changes = counted(self.changes.len(), "change", "changes");
        let note = if self.dry_run {
            "; dry run: nothing was changed"
        } else {
            ""
        };
        write!(formatter, "{changes}{note}")
    }
}

/// Says why a record stays, and what to do if it should not.
const fn explained(reason: KeptReason) -> &'static str {
    match reason {
        KeptReason::Served => {
            "the username was served, or it cannot be shown that it never was; only `usernames set` changes it, and with it the account"
        }
        KeptReason::ByHand => "a person typed the username; `usernames set` changes it",
        KeptReason::Answered => "a person confirmed it, or answered who it is; `usernames set` changes it",
        KeptReason::HandedOver => "the username was handed over",
        KeptReason::Waits => {
            "the person waits for an answer to who they are: answer first (`usernames list` says why)"
        }
        KeptReason::Resembled => {
            "somebody waits for an answer whether they are this person; `usernames list` says who, answer first"
        }
        KeptReason::NotInInformat => "not in Informat's data",
        KeptReason::Unchanged => "the same would be made again",
    }
}

#[cfg(test)]
mod tests {
    use oneroster_school::username::edit::Username;

    use super::*;
    use crate::accounts::{ChangeReason, UnservedChange};
    use crate::report::snapshot;

    fn name(local_part: &str) -> Username {
        Username {
            local_part: local_part.to_owned(),
            domain: None,
        }
    }

    #[test]
    fn what_changes_and_what_stays_is_reported_with_why() {
        let change = |number, from: &str, to: Option<&str>, reason| UnservedChange {
            rowguid: Uuid::from_u128(number),
            from: name(from),
            to: to.map(name),
            reason,
        };
        let kept = [
            KeptReason::Served,
            KeptReason::Served,
            KeptReason::ByHand,
            KeptReason::Answered,
            KeptReason::HandedOver,
            KeptReason::Waits,
            KeptReason::Resembled,
            KeptReason::NotInInformat,
            KeptReason::Unchanged,
        ];
        let kept = (10..).map(Uuid::from_u128).zip(kept);
        let edit = UnservedEdit {
            changes: vec![
                change(1, "josa.maes", Some("jose.maes"), ChangeReason::NotOfThisName),
                change(2, "an.claes", Some("an.claes"), ChangeReason::OtherDoubts),
                change(3, "jan.maes", None, ChangeReason::NeverServed),
            ],
            kept: kept.collect(),
        };
        snapshot::assert(
            "usernames_unserved",
            &UnservedReport::new("zandpoort", edit, true),
        );
    }
}
