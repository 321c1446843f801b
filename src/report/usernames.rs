//! Reports of `oneroster usernames`, those of the check file aside.

use std::fmt::{Display, Formatter};

use oneroster_standard::Moment;
use serde::Serialize;
use uuid::Uuid;

use super::words::{counted, lines, printable};
use crate::accounts::records::lookup::Change;
use crate::accounts::{Edited, Entry, Refusal, State, Transferred, Warning};

/// Usernames with all that is known of them: `usernames list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UsernamesReport {
    /// The tenant.
    pub tenant: String,
    /// By family name, given name and id.
    pub usernames: Vec<Entry>,
}

impl UsernamesReport {
    /// Returns how many there are.
    pub fn remark(&self) -> String {
        counted(self.usernames.len(), "username", "usernames")
    }
}

impl Display for UsernamesReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        lines(formatter, self.usernames.iter().map(entry))
    }
}

fn entry(entry: &Entry) -> String {
    let state = match (entry.state, entry.first_day) {
        (State::Current, _) => "current".to_owned(),
        (State::Future, Some(day)) => format!("from {day}"),
        (State::Future, None) => "future".to_owned(),
        (State::Absent, _) => "absent".to_owned(),
        (State::Gone, _) => "not in Informat's data".to_owned(),
    };
    let part = |name: &Option<String>| name.as_deref().map(printable).unwrap_or_default();
    let mut columns = vec![
        entry.sourced_id.to_string(),
        entry.username.clone(),
        format!("Sync {}", on_or_off(entry.sync)),
        state,
        format!("{} {}", part(&entry.given_name), part(&entry.family_name)),
        entry.orgs.join(" "),
    ];
    if !entry.waits_for.is_empty() {
        let about = entry.resembles.map(|other| format!(" ({other})"));
        let reasons = entry.waits_for.join(", ");
        columns.push(format!("waits: {reasons}{}", about.unwrap_or_default()));
    } else if entry.needs_review {
        columns.push("to be reviewed".to_owned());
    }
    if !entry.retired_names.is_empty() {
        columns.push(format!("before: {}", entry.retired_names.join(" ")));
    }
    if let Some(receiver) = entry.handed_to {
        columns.push(format!("handed over to {receiver}"));
    }
    columns.join("\t")
}

pub(super) const fn on_or_off(sync: bool) -> &'static str {
    if sync { "on" } else { "off" }
}

/// Every change of a person's username, the oldest first: `usernames history`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UsernameHistoryReport {
    /// The tenant.
    pub tenant: String,
    /// The person.
    pub sourced_id: Uuid,
    /// The changes.
    pub changes: Vec<ChangeReport>,
}

/// A change of a person's record: when, who, from, to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeReport {
    /// When.
    pub changed_at: Moment,
    /// Who: `system`, or somebody's account.
    pub changed_by: String,
    /// What: `created`, `local_part`, `domain`, `sync`, `handed_to`, `handed_from`.
    pub field: String,
    /// The value before.
    pub old_value: Option<String>,
    /// The value after.
    pub new_value: Option<String>,
    /// Why, in the words of who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether it took a switch of the flag back.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub undo: bool,
}

impl UsernameHistoryReport {
    /// Reports the history of a person's username.
    pub fn new(tenant_id: &str, user: Uuid, changes: Vec<Change>) -> Self {
        Self {
            tenant: tenant_id.to_owned(),
            sourced_id: user,
            changes: changes.into_iter().map(ChangeReport::from).collect(),
        }
    }
}

impl From<Change> for ChangeReport {
    fn from(change: Change) -> Self {
        Self {
            changed_at: change.changed_at.into(),
            changed_by: change.changed_by,
            field: change.field,
            old_value: change.old_value,
            new_value: change.new_value,
            reason: change.reason,
            undo: change.is_undo,
        }
    }
}

impl Display for UsernameHistoryReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let change = |change: &ChangeReport| {
            let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
            format!(
                "{}\t{}\t{}\t{} → {}{}{}",
                change.changed_at,
                printable(&change.changed_by),
                change.field,
                value(&change.old_value),
                value(&change.new_value),
                if change.undo { "\tundone" } else { "" },
                change
                    .reason
                    .as_deref()
                    .map_or_else(String::new, |reason| format!("\t{}", printable(reason)))
            )
        };
        lines(formatter, self.changes.iter().map(change))
    }
}

/// A username that was given by hand: `usernames set`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UsernameReport {
    /// The tenant.
    pub tenant: String,
    /// The person.
    pub sourced_id: Uuid,
    /// Whether it is another one than before.
    pub changed: bool,
    /// The name before.
    pub from: String,
    /// The name now.
    pub to: String,
    /// Whether the record asked for review, which this answered.
    pub reviewed: bool,
    /// What the admin should know.
    pub warnings: Vec<String>,
}

impl UsernameReport {
    /// Reports an edit of a person's username.
    pub fn new(tenant_id: &str, user: Uuid, edited: &Edited) -> Self {
        let (from, to) = (edited.from.to_string(), edited.to.to_string());
        Self {
            tenant: tenant_id.to_owned(),
            sourced_id: user,
            changed: from != to,
            from,
            to,
            reviewed: edited.reviewed,
            warnings: texts(&edited.warnings),
        }
    }
}

impl Display for UsernameReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let Self {
            sourced_id: user,
            from,
            to,
            ..
        } = self;
        if self.changed {
            write!(formatter, "{user}: {from} is now {to}")
        } else if self.reviewed {
            write!(formatter, "{user}: stays {to}, reviewed")
        } else {
            write!(formatter, "{user}: is {to} already")
        }
    }
}

/// A name that was handed over: `usernames transfer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TransferReport {
    /// The tenant.
    pub tenant: String,
    /// Who had the name.
    pub from: Uuid,
    /// Who has it now.
    pub to: Uuid,
    /// Always true: what is refused is a [`UsernameRefusalReport`].
    pub changed: bool,
    /// The name.
    pub name: String,
    /// Whether the receiver is released.
    pub sync: bool,
    /// The name that the other record holds from now on.
    pub left_with: String,
    /// What the admin should know.
    pub warnings: Vec<String>,
}

impl TransferReport {
    /// Reports a transfer from one person to another.
    pub fn new(tenant_id: &str, (from, to): (Uuid, Uuid), transferred: &Transferred) -> Self {
        Self {
            tenant: tenant_id.to_owned(),
            from,
            to,
            changed: true,
            name: transferred.name.to_string(),
            sync: transferred.sync,
            left_with: transferred.left_with.to_string(),
            warnings: texts(&transferred.warnings),
        }
    }
}

impl Display for TransferReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let Self {
            from,
            to,
            name,
            left_with,
            ..
        } = self;
        let sync = on_or_off(self.sync);
        write!(
            formatter,
            "{to}: is now {name}, Sync {sync}\n{from}: is left with {left_with}, Sync off"
        )
    }
}

/// Something about usernames that is against a rule; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UsernameRefusalReport {
    /// The tenant.
    pub tenant: String,
    /// Always false.
    pub changed: bool,
    /// Why.
    pub refused: RefusedRule,
}

/// A rule that was broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedRule {
    /// Its id.
    pub rule: &'static str,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl UsernameRefusalReport {
    /// Reports why an operation was refused.
    pub fn new(tenant_id: &str, refusal: &Refusal) -> Self {
        Self {
            tenant: tenant_id.to_owned(),
            changed: false,
            refused: RefusedRule {
                rule: refusal.rule(),
                message: printable(&refusal.to_string()),
            },
        }
    }
}

impl Display for UsernameRefusalReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "refused: {}", self.refused.message)
    }
}

fn texts(warnings: &[Warning]) -> Vec<String> {
    warnings
        .iter()
        .map(|warning| printable(&warning.to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use oneroster_school::username::edit::Username;
    use oneroster_standard::RoleType;

    use super::*;
    use crate::accounts::Holder;
    use crate::report::snapshot::{self, instant};

    const JAN: Uuid = Uuid::from_u128(0x4c6e);
    const LOTTE: Uuid = Uuid::from_u128(0x5d7f);

    fn name(local_part: &str) -> Username {
        Username {
            local_part: local_part.to_owned(),
            domain: None,
        }
    }

    #[test]
    fn usernames_are_listed_with_all_that_is_known_of_them() {
        let known = Entry {
            sourced_id: JAN,
            username: "jan.janssens@leerling.example".to_owned(),
            local_part: "jan.janssens".to_owned(),
            domain: None,
            sync: true,
            state: State::Future,
            role: Some(RoleType::Student),
            first_day: Some("2027-01-11".parse().unwrap()),
            orgs: vec!["001507-1".to_owned(), "001507-2".to_owned()],
            given_name: Some("Jan".to_owned()),
            family_name: Some("Janssens\u{1b}".to_owned()),
            birth_date: Some("2012-02-29".parse().unwrap()),
            origin: "generated",
            needs_review: true,
            waits_for: Vec::new(),
            resembles: None,
            created_at: instant(0),
            taken_over_at: None,
            retired_names: vec!["jan".to_owned()],
            handed_to: None,
        };
        let gone = Entry {
            username: "lotte".to_owned(),
            sourced_id: LOTTE,
            sync: false,
            state: State::Gone,
            role: None,
            first_day: None,
            orgs: Vec::new(),
            given_name: None,
            family_name: None,
            birth_date: None,
            needs_review: false,
            waits_for: vec!["probably_merged", "review"],
            resembles: Some(JAN),
            retired_names: Vec::new(),
            handed_to: Some(JAN),
            ..known.clone()
        };
        let report = UsernamesReport {
            tenant: "zandpoort".to_owned(),
            usernames: vec![known, gone],
        };
        snapshot::assert("usernames_list", &report);
        assert_eq!(report.remark(), "2 usernames");
    }

    #[test]
    fn changes_are_listed_with_when_who_from_and_to() {
        let change = |field: &str, old: Option<&str>, new: Option<&str>| Change {
            changed_at: instant(0),
            changed_by: "ict.zandpoort".to_owned(),
            field: field.to_owned(),
            old_value: old.map(str::to_owned),
            new_value: new.map(str::to_owned),
            reason: None,
            is_undo: false,
        };
        let changes = vec![
            change("created", None, Some("jan.janssens")),
            change("local_part", Some("jan.janssens"), Some("jantje")),
            change("sync", Some("false"), Some("true")),
            Change {
                is_undo: true,
                ..change("sync", Some("true"), Some("false"))
            },
        ];
        snapshot::assert(
            "usernames_history",
            &UsernameHistoryReport::new("zandpoort", JAN, changes),
        );
    }

    #[test]
    fn an_edit_is_reported_with_its_warnings() {
        let edited = Edited {
            from: name("jan.janssens"),
            to: name("jantje"),
            reviewed: false,
            warnings: vec![Warning::WasOfAnother {
                name: "jantje".to_owned(),
                last_holder: Holder {
                    rowguid: LOTTE,
                    name: None,
                },
            }],
        };
        snapshot::assert("usernames_set", &UsernameReport::new("zandpoort", JAN, &edited));
        let same = Edited {
            to: name("jan.janssens"),
            warnings: Vec::new(),
            ..edited
        };
        let text = |edited: &Edited| UsernameReport::new("zandpoort", JAN, edited).to_string();
        assert_eq!(text(&same), format!("{JAN}: is jan.janssens already"));
        let reviewed = Edited {
            reviewed: true,
            ..same
        };
        assert_eq!(text(&reviewed), format!("{JAN}: stays jan.janssens, reviewed"));
    }

    #[test]
    fn a_transfer_is_reported_with_whose_it_is() {
        let transferred = Transferred {
            name: name("jan.janssens"),
            sync: true,
            left_with: name("jan.janssens1"),
            warnings: Vec::new(),
        };
        snapshot::assert(
            "usernames_transfer",
            &TransferReport::new("zandpoort", (JAN, LOTTE), &transferred),
        );
    }

    #[test]
    fn a_refusal_is_reported_with_its_rule() {
        snapshot::assert(
            "usernames_refused",
            &UsernameRefusalReport::new("zandpoort", &Refusal::UnknownPerson(JAN)),
        );
    }
}
