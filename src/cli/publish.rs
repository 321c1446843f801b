//! `oneroster publish`: publish a tenant now, or show what publishing would change.

use clap::Args;
use serde_json::json;

use super::{Global, Outcome, output};
use crate::db::Database;
use crate::oneroster::Kind;
use crate::publication::{self, Options, Publication};
use crate::tenant::store;

/// Arguments of `publish`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true))]
pub(crate) struct Arguments {
    /// The tenant.
    #[arg(long, value_name = "ID", group = "which")]
    tenant: Option<String>,
    /// Every tenant.
    #[arg(long, group = "which")]
    all: bool,
    /// Show what would change; store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Give everything a new date, as after a restore from backup: every consumer reads everything again. Dates lie 13 hours
    /// ahead, past every token that the backup does not know.
    #[arg(long)]
    redate: bool,
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let database = Database::open(&global.settings()?).await?;
    let result = publish(&arguments, &database).await;
    database.close().await;
    let (reports, refused) = result?;
    if global.json {
        if arguments.all {
            output::json(&reports)?;
        } else if let Some(report) = reports.first() {
            output::json(report)?;
        }
    }
    if !global.json {
        reports.iter().for_each(print);
    }
    Ok(if refused { Outcome::Refused } else { Outcome::Done })
}

async fn publish(
    arguments: &Arguments,
    database: &Database,
) -> anyhow::Result<(Vec<serde_json::Value>, bool)> {
    let tenants = if let Some(tenant) = &arguments.tenant {
        vec![tenant.clone()]
    } else {
        let tenants = store::list(&mut *database.pool().acquire().await?).await?;
        tenants.into_iter().map(|tenant| tenant.id).collect()
    };
    let options = Options {
        dry_run: arguments.dry_run,
        redate: arguments.redate,
        skip_if_locked: false,
    };
    let mut reports = Vec::new();
    let mut refused = false;
    for tenant_id in tenants {
        match publication::publish(database.pool(), &tenant_id, options).await {
            Ok(Some(publication)) => reports.push(report(&tenant_id, &publication, arguments.dry_run)),
            // Only a call that does not wait for the lock comes back without a publication.
            Ok(None) => {}
            Err(error) if arguments.all => {
                refused = true;
                output::failure(
                    &anyhow::Error::new(error).context(format!("tenant {tenant_id} was not published")),
                );
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok((reports, refused))
}

/// Makes the report of a publication (design: `publish`).
pub(crate) fn report(tenant_id: &str, publication: &Publication, dry_run: bool) -> serde_json::Value {
    let mut report = json!({
        "tenant": tenant_id,
        "state": publication.state,
        "generation": publication.generation,
        "published_at": publication.published_at,
        "added": publication.summary.added,
        "changed": publication.summary.changed,
        "removed": publication.summary.removed,
    });
    if dry_run && let Some(members) = report.as_object_mut() {
        let changes: Vec<_> = publication
            .changes
            .iter()
            .map(|change| json!({"change": change.action, "kind": change.kind, "sourced_id": change.sourced_id}))
            .collect();
        members.insert("dry_run".to_owned(), json!(true));
        members.insert("changes".to_owned(), json!(changes));
    }
    report
}

fn print(report: &serde_json::Value) {
    let text = |key: &str| {
        report
            .get(key)
            .and_then(serde_json::Value::as_str)
            .unwrap_or("-")
            .to_owned()
    };
    let dry = report.get("dry_run").is_some();
    let state = if dry && text("state") != "unchanged" {
        "would be published".to_owned()
    } else {
        text("state")
    };
    output::line(format!("tenant {}: {state}", text("tenant")));
    if !dry {
        output::line(format!(
            "  generation {} of {}",
            text("generation"),
            text("published_at")
        ));
    }
    for what in ["added", "changed", "removed"] {
        let counts = |kind: Kind| report.get(what)?.get(kind.collection())?.as_u64();
        let parts: Vec<String> = Kind::ALL
            .into_iter()
            .filter_map(|kind| counts(kind).map(|count| format!("{count} {}", kind.collection())))
            .collect();
        if !parts.is_empty() {
            output::line(format!("  {what}: {}", parts.join(", ")));
        }
    }
    for change in report
        .get("changes")
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten()
    {
        let text = |key: &str| {
            change
                .get(key)
                .and_then(serde_json::Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        output::line(format!(
            "  {} {}/{}",
            text("change"),
            text("kind"),
            text("sourced_id")
        ));
    }
}
