//! `oneroster usernames`: look up, edit, release and hand over usernames; check them by file.

mod check_file;
mod list;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::account::By;
use super::{Global, Outcome, output};
use crate::accounts::{self, Error, Refusal, Warning, Whom};
use crate::db::Database;

/// Arguments of `usernames`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List usernames with all that is known of them; former names too are found by --search.
    List {
        #[command(flatten)]
        tenant: Tenant,
        /// Only where every word is found: in an id, a name or a username.
        #[arg(long, value_name = "TEXT", num_args = 1..)]
        search: Vec<String>,
    },
    /// Show every change of a person's username: when, who, from, to.
    History {
        #[command(flatten)]
        tenant: Tenant,
        /// The person.
        #[arg(long, value_name = "SOURCED_ID")]
        user: Uuid,
    },
    /// Give a person another username.
    Set {
        #[command(flatten)]
        tenant: Tenant,
        /// The person.
        #[arg(long, value_name = "SOURCED_ID")]
        user: Uuid,
        /// The username: `local`, or `local@domain` where we send the domain.
        name: String,
        #[command(flatten)]
        by: By,
    },
    /// Release people for publication, or hold them back.
    Sync {
        #[command(flatten)]
        tenant: Tenant,
        /// Whether they are released.
        #[arg(value_enum)]
        state: Switch,
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        by: By,
    },
    /// Hand the name, domain and flag of somebody who was merged in Informat to the record that survives.
    Transfer {
        #[command(flatten)]
        tenant: Tenant,
        /// Who had the name; not in Informat's data any more.
        #[arg(long, value_name = "SOURCED_ID")]
        from: Uuid,
        /// Who gets it.
        #[arg(long, value_name = "SOURCED_ID")]
        to: Uuid,
        #[command(flatten)]
        by: By,
    },
    /// Write the check file: everyone who would be published if released, as a CSV for a spreadsheet.
    Export {
        #[command(flatten)]
        tenant: Tenant,
        /// The file to write; one that is there is replaced.
        file: PathBuf,
        /// Say how many people it would list; write nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Read a check file back: what its third column says becomes the username. All or nothing.
    Import {
        #[command(flatten)]
        tenant: Tenant,
        /// The file.
        file: PathBuf,
        /// Report row by row what would change; change nothing.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        by: By,
    },
}

#[derive(Debug, Args)]
struct Tenant {
    /// The tenant.
    #[arg(long = "tenant", id = "tenant", value_name = "ID")]
    id: String,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Whose {
    /// These people.
    #[arg(long, value_name = "SOURCED_ID", num_args = 1..)]
    user: Vec<Uuid>,
    /// Everyone who is in this org now or later, also who is in another until then.
    #[arg(long, value_name = "ORG")]
    org: Option<String>,
    /// On: everyone the check file lists. Off: everyone who has a username.
    #[arg(long)]
    all: bool,
}

impl From<Whose> for Whom {
    fn from(whose: Whose) -> Self {
        match whose.org {
            Some(org) => Self::Org(org),
            None if whose.all => Self::All,
            None => Self::People(whose.user),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let settings = global.settings()?;
    let database = Database::open(&settings).await?;
    let outcome = act(arguments.action, database.pool(), global.json).await;
    database.close().await;
    outcome
}

async fn act(action: Action, pool: &PgPool, json: bool) -> anyhow::Result<Outcome> {
    match action {
        Action::List { tenant, search } => {
            let entries = accounts::list(pool, &tenant.id, &search).await?;
            list::print(&tenant.id, &entries, json)?;
            Ok(Outcome::Done)
        }
        Action::History { tenant, user } => {
            let history = accounts::history(pool, &tenant.id, user).await;
            report(&tenant.id, json, history, |changes| {
                list::history(&tenant.id, user, &changes, json)
            })
        }
        Action::Set {
            tenant,
            user,
            name,
            by,
        } => {
            let edited = accounts::set(pool, &tenant.id, &by.author()?, user, &name).await;
            report(&tenant.id, json, edited, |edited| {
                show_edit(&tenant.id, user, &edited, json)
            })
        }
        Action::Sync {
            tenant,
            state,
            whose,
            by,
        } => {
            let on = state == Switch::On;
            let synced = accounts::sync(pool, &tenant.id, &by.author()?, on, &whose.into()).await;
            report(&tenant.id, json, synced, |synced| {
                show_sync(&tenant.id, on, &synced, json)
            })
        }
        Action::Transfer { tenant, from, to, by } => {
            let transferred = accounts::transfer(pool, &tenant.id, &by.author()?, from, to).await;
            report(&tenant.id, json, transferred, |done| {
                show_transfer(&tenant.id, (from, to), &done, json)
            })
        }
        Action::Export {
            tenant,
            file,
            dry_run,
        } => {
            let check_file = accounts::check_file::export(pool, &tenant.id).await?;
            check_file::save(&tenant.id, &check_file, &file, dry_run, json)
        }
        Action::Import {
            tenant,
            file,
            dry_run,
            by,
        } => {
            let (name, bytes) = check_file::load(&file)?;
            let file = (name.as_str(), bytes.as_slice());
            let corrected =
                accounts::check_file::import(pool, &tenant.id, &by.author()?, file, dry_run).await?;
            check_file::report(&tenant.id, &corrected, dry_run, json)
        }
    }
}

/// Shows what an operation did, or why it was refused; every other error is the command's.
fn report<T>(
    tenant_id: &str,
    json: bool,
    result: Result<T, Error>,
    show: impl FnOnce(T) -> anyhow::Result<()>,
) -> anyhow::Result<Outcome> {
    match result {
        Ok(done) => {
            show(done)?;
            Ok(Outcome::Done)
        }
        Err(Error::Refused(refusal)) => {
            refused(tenant_id, &refusal, json)?;
            Ok(Outcome::Refused)
        }
        Err(error @ (Error::Database(_) | Error::Tenant(_) | Error::Usernames(_) | Error::Projection(_))) => {
            Err(error.into())
        }
    }
}

fn refused(tenant_id: &str, refusal: &Refusal, json: bool) -> anyhow::Result<()> {
    let message = super::faults::printable(&refusal.to_string());
    output::remark(format_args!("refused: {message}"));
    if json {
        let refused = json!({ "rule": refusal.rule(), "message": message });
        output::json(&json!({ "tenant": tenant_id, "changed": false, "refused": refused }))?;
    }
    Ok(())
}

/// Shows warnings on stderr, and returns them for the document.
fn warn(warnings: &[Warning]) -> Vec<String> {
    let warnings: Vec<String> = warnings
        .iter()
        .map(|warning| super::faults::printable(&warning.to_string()))
        .collect();
    for warning in &warnings {
        output::remark(format_args!("warning: {warning}"));
    }
    warnings
}

fn show_edit(tenant_id: &str, user: Uuid, edited: &accounts::Edited, json: bool) -> anyhow::Result<()> {
    let warnings = warn(&edited.warnings);
    let (from, to) = (edited.from.to_string(), edited.to.to_string());
    let changed = from != to;
    if json {
        return output::json(&json!({
            "tenant": tenant_id, "sourced_id": user, "changed": changed, "from": from, "to": to,
            "reviewed": edited.reviewed, "warnings": warnings,
        }));
    }
    if changed {
        output::line(format_args!("{user}: {from} is now {to}"));
    } else if edited.reviewed {
        output::line(format_args!("{user}: stays {to}, reviewed"));
    } else {
        output::line(format_args!("{user}: is {to} already"));
    }
    Ok(())
}

fn show_sync(tenant_id: &str, on: bool, synced: &accounts::Synced, json: bool) -> anyhow::Result<()> {
    let state = if on { "on" } else { "off" };
    if json {
        return output::json(&json!({
            "tenant": tenant_id, "sync": state, "changed": synced.changed.len(), "unchanged": synced.unchanged,
            "sourced_ids": synced.changed,
        }));
    }
    output::line(format_args!(
        "Sync {state}: {} changed, {} were so already",
        synced.changed.len(),
        synced.unchanged
    ));
    Ok(())
}

fn show_transfer(
    tenant_id: &str,
    (from, to): (Uuid, Uuid),
    done: &accounts::Transferred,
    json: bool,
) -> anyhow::Result<()> {
    let warnings = warn(&done.warnings);
    if json {
        return output::json(&json!({
            "tenant": tenant_id, "from": from, "to": to, "changed": true, "name": done.name.to_string(), "sync": done.sync,
            "left_with": done.left_with.to_string(), "warnings": warnings,
        }));
    }
    let sync = if done.sync { "on" } else { "off" };
    output::line(format_args!("{to}: is now {}, Sync {sync}", done.name));
    output::line(format_args!("{from}: is left with {}, Sync off", done.left_with));
    Ok(())
}
