//! What `usernames list` and `history` print.

use std::fmt::Write;

use serde_json::json;
use uuid::Uuid;

use crate::accounts::records::lookup::Change;
use crate::accounts::{Entry, State};
use crate::cli::faults::printable;
use crate::cli::output;

/// Prints usernames.
pub(super) fn print(tenant_id: &str, entries: &[Entry], json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(&json!({ "tenant": tenant_id, "usernames": entries }));
    }
    for entry in entries {
        let sync = if entry.sync { "Sync on" } else { "Sync off" };
        let state = match (entry.state, entry.first_day) {
            (State::Current, _) => "current".to_owned(),
            (State::Future, Some(day)) => format!("from {day}"),
            (State::Future, None) => "future".to_owned(),
            (State::Absent, _) => "absent".to_owned(),
            (State::Gone, _) => "not in Informat's data".to_owned(),
        };
        let part = |name: &Option<String>| name.as_deref().map(printable).unwrap_or_default();
        let mut line = format!(
            "{}\t{}\t{sync}\t{state}\t{} {}\t{}",
            entry.sourced_id,
            entry.username,
            part(&entry.given_name),
            part(&entry.family_name),
            entry.orgs.join(" "),
        );
        if entry.needs_review {
            line.push_str("\tto be reviewed");
        }
        if !entry.retired_names.is_empty() {
            line.push_str("\tbefore: ");
            line.push_str(&entry.retired_names.join(" "));
        }
        if let Some(receiver) = entry.handed_to {
            // Writing to a String cannot fail.
            let _ = write!(line, "\thanded over to {receiver}");
        }
        output::line(line);
    }
    output::remark(format_args!("{} usernames", entries.len()));
    Ok(())
}

/// Prints the history of a person's username.
pub(super) fn history(tenant_id: &str, user: Uuid, changes: &[Change], json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(&json!({ "tenant": tenant_id, "sourced_id": user, "changes": changes }));
    }
    for change in changes {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        output::line(format_args!(
            "{}\t{}\t{}\t{} → {}",
            change.changed_at.format("%Y-%m-%dT%H:%M:%SZ"),
            printable(&change.changed_by),
            change.field,
            value(&change.old_value),
            value(&change.new_value)
        ));
    }
    Ok(())
}
