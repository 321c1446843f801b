//! Report of `oneroster usernames sync`.

use std::fmt::{Display, Formatter};

use oneroster_school::username::WaitReason;
use serde::Serialize;
use uuid::Uuid;

use super::usernames::on_or_off;
use super::words::counted;
use crate::accounts::{self, Synced};

/// People who were released or held back: `usernames sync`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncReport {
    /// The tenant.
    pub tenant: String,
    /// `on` or `off`.
    pub sync: &'static str,
    /// How many flags changed.
    pub changed: usize,
    /// How many were so already.
    pub unchanged: usize,
    /// Whose flag changed.
    pub sourced_ids: Vec<Uuid>,
    /// Who waits for an answer, and was passed over.
    pub passed_over: Vec<PassedOver>,
}

/// Somebody whom a release in bulk passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PassedOver {
    /// The person.
    pub user: Uuid,
    /// Why they wait.
    pub reason: &'static str,
    /// What to do, and what to type.
    #[serde(skip)]
    pub what_to_do: String,
}

impl SyncReport {
    /// Reports flags that were set.
    pub fn new(tenant_id: &str, on: bool, synced: Synced) -> Self {
        let passed_over = synced.passed_over.iter();
        Self {
            tenant: tenant_id.to_owned(),
            sync: on_or_off(on),
            changed: synced.changed.len(),
            unchanged: synced.unchanged,
            sourced_ids: synced.changed,
            passed_over: passed_over
                .map(|waiting| PassedOver::new(tenant_id, waiting))
                .collect(),
        }
    }
}

impl PassedOver {
    fn new(tenant_id: &str, waiting: &accounts::PassedOver) -> Self {
        let user = waiting.rowguid;
        let command = |words: &str| format!("`oneroster usernames {words} --tenant {tenant_id}");
        let release = format!("{} on --user {user}`", command("sync"));
        let what_to_do = match (waiting.reason, waiting.resembles) {
            (WaitReason::PersonIdChanged | WaitReason::ProbablyMerged, Some(other)) => format!(
                "if it is the person of {other}, {} --from {other} --to {user}`; if it is somebody else, {release}",
                command("transfer")
            ),
            (WaitReason::PersonIdChanged | WaitReason::ProbablyMerged, None) => {
                format!("if nobody has a username for this person yet, {release}")
            }
            (WaitReason::Placeholder | WaitReason::DamagedText, _) => format!(
                "have the names mended in Informat and import them, then {} --user {user}`; if they are right, {release}",
                command("regenerate")
            ),
            (WaitReason::Review, _) => {
                let set = command("set");
                format!("give a name with {set} --user {user} NAME`; if it is right as it is, {release}")
            }
        };
        Self {
            user,
            reason: waiting.reason.as_str(),
            what_to_do,
        }
    }
}

impl Display for SyncReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let unchanged = counted(self.unchanged, "was", "were");
        write!(
            formatter,
            "Sync {}: {} changed, {unchanged} so already",
            self.sync, self.changed
        )?;
        for waiting in &self.passed_over {
            let PassedOver {
                user,
                reason,
                what_to_do,
            } = waiting;
            write!(
                formatter,
                "\n{user} waits ({reason}) and was passed over: {what_to_do}"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::snapshot;

    #[test]
    fn flags_are_reported_with_whose_they_are_and_who_waits_with_what_to_do() {
        let person = |number| Uuid::from_u128(number);
        let waiting = WaitReason::ALL.iter().zip(10..);
        let passed_over = waiting.map(|(reason, number)| accounts::PassedOver {
            rowguid: person(number),
            reason: *reason,
            resembles: (!reason.is_about_name()).then(|| person(1)),
        });
        let synced = Synced {
            changed: vec![person(2)],
            unchanged: 1,
            passed_over: passed_over.collect(),
        };
        snapshot::assert("usernames_sync", &SyncReport::new("zandpoort", true, synced));
    }
}
