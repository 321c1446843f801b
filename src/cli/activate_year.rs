//! `oneroster tenant activate-year`: the switch to the next school year, in August.

use clap::Args;
use serde_json::{Value, json};

use super::account::By;
use super::faults::printable;
use super::{Global, Outcome, hold, output};
use crate::db::Database;
use crate::publication::activation::guard::Refusal;
use crate::publication::activation::{self, Activate, Activation, Outcome as Publication};
use crate::publication::movement::{ClassMovement, OrgMovement};

/// Arguments of `tenant activate-year`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The tenant.
    id: String,
    /// The school year, such as 2027-28.
    year: String,
    /// Show what would come and go, and what speaks against it; store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Do it against what speaks against it; that is recorded.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    by: By,
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let by = arguments.by.author()?;
    let database = Database::open(&global.settings()?).await?;
    let request = Activate {
        year: &arguments.year,
        dry_run: arguments.dry_run,
        force: arguments.force,
        by: by.as_str(),
    };
    let result = activation::activate(database.pool(), &arguments.id, request).await;
    database.close().await;
    let activation = result?;
    if global.json {
        output::json(&report(&arguments, &activation))?;
    } else {
        print(&arguments, &activation);
    }
    Ok(if activation.is_allowed {
        Outcome::Done
    } else {
        Outcome::Refused
    })
}

fn report(arguments: &Arguments, activation: &Activation) -> Value {
    let refusals: Vec<Value> = activation
        .refusals
        .iter()
        .map(|refusal| {
            json!({
                "rule": refusal.rule(),
                "org": refusal.org(),
                "message": refusal.to_string(),
                "can_be_forced": refusal.can_be_forced(),
            })
        })
        .collect();
    let outcome = activation.outcome.as_ref();
    let summary = outcome.map(|outcome| &outcome.summary);
    json!({
        "tenant": arguments.id,
        "year": arguments.year,
        "active_before": activation.active_before,
        "accepted": activation.is_allowed,
        "dry_run": arguments.dry_run,
        "refusals": refusals,
        "reference_date": outcome.map(|outcome| outcome.reference_date),
        "usernames_created": outcome.map(|outcome| outcome.usernames_created),
        "generation": activation.published.map(|(generation, _)| generation),
        "published_at": activation.published.map(|(_, date)| date),
        "added": summary.map(|summary| &summary.added),
        "changed": summary.map(|summary| &summary.changed),
        "removed": summary.map(|summary| &summary.removed),
        "orgs": outcome.map(|outcome| &outcome.orgs),
        "replaces_hold": outcome.and_then(|outcome| outcome.held.as_ref()).map(hold::shown),
    })
}

fn print(arguments: &Arguments, activation: &Activation) {
    let Arguments {
        id,
        year,
        dry_run,
        force,
        ..
    } = arguments;
    if let Some(outcome) = &activation.outcome {
        print_outcome(outcome);
    }
    let is_overridden = *force && activation.is_allowed;
    for refusal in &activation.refusals {
        let refusal: &Refusal = refusal;
        let word = if is_overridden { "overridden" } else { "refused" };
        output::line(format!("{word}: {}", printable(&refusal.to_string())));
    }
    let active = &activation.active_before;
    match (&activation.published, activation.is_allowed) {
        (Some((generation, date)), _) => {
            output::line(format!(
                "tenant {id}: {year} is the active school year, after {active}"
            ));
            output::line(format!("  generation {generation} of {date}"));
        }
        (None, true) if *dry_run => {
            output::line(format!(
                "tenant {id}: {year} can be activated; nothing was changed"
            ));
        }
        (None, _) => output::line(format!("tenant {id}: {active} stays the active school year")),
    }
}

fn print_outcome(outcome: &Publication) {
    output::line(format!("roster of {}", outcome.reference_date));
    for org in &outcome.orgs {
        print_org(org);
    }
    if outcome.usernames_created > 0 {
        output::line(format!("usernames created: {}", outcome.usernames_created));
    }
    if let Some(held) = &outcome.held {
        output::remark(
            "warning: what is held would be replaced by this publication, which is made from the same data:",
        );
        hold::print(&hold::shown(held), "  ");
    }
}

fn print_org(movement: &OrgMovement) {
    let OrgMovement {
        org,
        name,
        users,
        classes,
        memberships,
    } = movement;
    output::line(format!("org {org} ({})", printable(name)));
    output::line(format!(
        "  users {} -> {}: {} come, {} go, {} get another username",
        users.counts.before,
        users.counts.after,
        users.come.len(),
        users.go.len(),
        users.renamed.len()
    ));
    output::line(format!(
        "  classes {} -> {}, memberships {} -> {}",
        classes.counts.before, classes.counts.after, memberships.before, memberships.after
    ));
    let lists: [(&str, &[ClassMovement]); 3] = [
        ("comes", &classes.come),
        ("goes", &classes.go),
        ("changes", &classes.changed),
    ];
    for (what, list) in lists {
        for class in list {
            output::line(format!(
                "    {what}: {} ({} members come, {} go)",
                printable(&class.title),
                class.members_come,
                class.members_go
            ));
        }
    }
}
