//! `oneroster publish`: publish a tenant now, or show what publishing would change; release or discard what is held.

use clap::Args;
use oneroster_standard::Kind;
use serde_json::{Value, json};

use super::account::By;
use super::hold::{self, text};
use super::{Global, Outcome, output};
use crate::accounts::Author;
use crate::db::Database;
use crate::publication::{self, Options, Publication, Release, State};
use crate::tenants;

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
    /// ahead, past every token that the backup does not know. The day is the clock's own, also after a clock that was far ahead.
    #[arg(long)]
    redate: bool,
    /// Publish what is held, if it is still what would be published; with HOLD only if that is what is held.
    #[arg(long, value_name = "HOLD", num_args = 0..=1, require_equals = true, default_missing_value = "",
          value_parser = hold::parse)]
    release: Option<String>,
    /// Set aside what is held: it is not announced again until something else would be published; with HOLD only if that is
    /// what is held.
    #[arg(long, value_name = "HOLD", num_args = 0..=1, require_equals = true, default_missing_value = "",
          value_parser = hold::parse, conflicts_with_all = ["release", "dry_run", "redate"])]
    discard: Option<String>,
    #[command(flatten)]
    by: By,
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let by = arguments.by.author()?;
    let database = Database::open(&global.settings()?).await?;
    let result = publish(&arguments, &database, &by).await;
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
    by: &Author,
) -> anyhow::Result<(Vec<Value>, bool)> {
    let tenants = if let Some(tenant) = &arguments.tenant {
        vec![tenant.clone()]
    } else {
        let tenants = tenants::list(&mut *database.pool().acquire().await?).await?;
        tenants.into_iter().map(|tenant| tenant.id.into()).collect()
    };
    let mut reports = Vec::new();
    let mut refused = false;
    for tenant_id in tenants {
        match publish_one(arguments, database, &tenant_id, by).await {
            Ok(Some(publication)) => {
                refused |= publication.state == State::Held;
                let mut report = report(&tenant_id, &publication, arguments.dry_run);
                if let (true, Some(members)) = (arguments.discard.is_some(), report.as_object_mut()) {
                    members.remove("held_before");
                    let discarded = publication.held_before.as_ref().map(hold::shown);
                    members.insert("discarded".to_owned(), json!(discarded));
                }
                reports.push(report);
            }
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

async fn publish_one(
    arguments: &Arguments,
    database: &Database,
    tenant_id: &str,
    by: &Author,
) -> Result<Option<Publication>, publication::Error> {
    let (pool, by) = (database.pool(), by.as_str());
    if let Some(hold) = &arguments.discard {
        return publication::discard(pool, tenant_id, by, named(hold))
            .await
            .map(Some);
    }
    let options = Options {
        dry_run: arguments.dry_run,
        redate: arguments.redate,
        is_background: false,
    };
    let Some(hold) = &arguments.release else {
        return publication::publish(pool, tenant_id, options).await;
    };
    let release = Release {
        by,
        hold: named(hold),
    };
    publication::release(pool, tenant_id, options, release)
        .await
        .map(Some)
}

/// Returns the name given with an option; `None` for whatever is held.
fn named(hold: &str) -> Option<&str> {
    Some(hold).filter(|hold| !hold.is_empty())
}

/// Makes the report of a publication (design: `publish`).
pub(crate) fn report(tenant_id: &str, publication: &Publication, dry_run: bool) -> Value {
    let mut report = json!({
        "tenant": tenant_id,
        "state": publication.state,
        "generation": publication.generation,
        "published_at": publication.published_at,
        "added": publication.summary.added,
        "changed": publication.summary.changed,
        "removed": publication.summary.removed,
    });
    let Some(members) = report.as_object_mut() else {
        return report;
    };
    let holds = [
        ("held", &publication.held),
        ("held_before", &publication.held_before),
    ];
    for (name, hold) in holds {
        if let Some(hold) = hold {
            members.insert(name.to_owned(), hold::shown(hold));
        }
    }
    if dry_run {
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

fn print(report: &Value) {
    let dry = report.get("dry_run").is_some();
    let state = match text(report, "state").as_str() {
        "published" if dry => "would be published".to_owned(),
        "held" if dry => "would be held".to_owned(),
        "held" if report.get("discarded").is_some() => {
            "not set aside: something else is held by now; the last generation is served".to_owned()
        }
        "held" => "held; the last generation is served".to_owned(),
        "unchanged" if report.get("discarded").is_some_and(Value::is_object) => {
            "what was held is set aside; the last generation is served".to_owned()
        }
        "unchanged" if report.get("discarded").is_some() => "nothing is held".to_owned(),
        state => state.to_owned(),
    };
    output::line(format!("tenant {}: {state}", text(report, "tenant")));
    if !dry {
        let (generation, date) = (text(report, "generation"), text(report, "published_at"));
        output::line(format!("  generation {generation} of {date}"));
    }
    print_counts(report, "  ");
    if let Some(before) = report.get("held_before") {
        output::line("  not released: it is no longer what was held before, which was");
        hold::print(before, "    ");
        print_counts(before, "    ");
        output::line("  now it is");
    }
    if let Some(held) = report.get("held") {
        hold::print(held, "  ");
        if !dry {
            let hold = hold::name(held);
            let tenant = text(report, "tenant");
            output::line(format!(
                "  to publish it:   oneroster publish --tenant {tenant} --release={hold}"
            ));
            output::line(format!(
                "  to set it aside: oneroster publish --tenant {tenant} --discard={hold}"
            ));
        }
    }
    let changes = report.get("changes").and_then(Value::as_array);
    for change in changes.into_iter().flatten() {
        let (what, kind, id) = (
            text(change, "change"),
            text(change, "kind"),
            text(change, "sourced_id"),
        );
        output::line(format!("  {what} {kind}/{id}"));
    }
}

fn print_counts(of: &Value, indent: &str) {
    for what in ["added", "changed", "removed"] {
        let counts = |kind: Kind| of.get(what)?.get(kind.collection())?.as_u64();
        let parts: Vec<String> = Kind::ALL
            .into_iter()
            .filter_map(|kind| counts(kind).map(|count| format!("{count} {}", kind.collection())))
            .collect();
        if !parts.is_empty() {
            output::line(format!("{indent}{what}: {}", parts.join(", ")));
        }
    }
}
