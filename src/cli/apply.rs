//! `oneroster tenant apply`: store what a tenant file says, and tell what that does to people.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use oneroster_school::tenant::change::policy_changes;
use oneroster_school::tenant::{Configuration, file};
use serde::Serialize;
use sqlx::PgConnection;

use super::policy::{Names, remarks};
use super::{Global, Outcome, output};
use crate::accounts::records;
use crate::db::{Database, locks, scope};
use crate::publication::{self, Before, Consequences};
use crate::tenants;

/// Arguments of `tenant apply`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The tenant file (docs/tenant-file.md).
    file: PathBuf,
    /// Allow another form of org ids after the first publication.
    #[arg(long)]
    force: bool,
    /// Tell what it would do, and keep nothing.
    #[arg(long)]
    dry_run: bool,
}

/// How to apply a configuration.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Options {
    /// Allow another form of org ids after the first publication.
    pub(crate) force: bool,
    /// Keep nothing.
    pub(crate) dry_run: bool,
}

/// The report, as `--json` prints it.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    tenant: String,
    state: tenants::Applied,
    dry_run: bool,
    usernames_created: usize,
    domains_set: usize,
    warnings: Vec<String>,
    /// What the change does to the roster; null where nothing changed or nothing can be published yet.
    consequences: Option<Consequences>,
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let configuration = read(&arguments.file)?;
    let options = Options {
        force: arguments.force,
        dry_run: arguments.dry_run,
    };
    let database = Database::open(&global.settings()?).await?;
    let result = apply(&database, &configuration, options).await;
    database.close().await;
    let report = result?;
    if global.json {
        for warning in &report.warnings {
            output::remark(format!("warning: {warning}"));
        }
        output::json(&report)?;
        return Ok(Outcome::Done);
    }
    let state = match report.state {
        tenants::Applied::Created => "created",
        tenants::Applied::Changed => "changed",
        tenants::Applied::Unchanged => "unchanged",
    };
    let Report {
        tenant,
        usernames_created: created,
        domains_set,
        ..
    } = &report;
    output::line(format!(
        "tenant {tenant}: {state}, {created} usernames created, {domains_set} domains of staff set"
    ));
    for warning in &report.warnings {
        output::remark(format!("warning: {warning}"));
    }
    if report.dry_run {
        output::line("dry run: nothing was kept");
    }
    Ok(Outcome::Done)
}

fn read(path: &Path) -> anyhow::Result<Configuration> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    file::parse(&text).with_context(|| format!("{} was not applied", path.display()))
}

/// Stores a configuration and allocates the usernames it calls for, in one transaction; says what follows from it.
pub(crate) async fn apply(
    database: &Database,
    configuration: &Configuration,
    options: Options,
) -> anyhow::Result<Report> {
    let mut warnings: Vec<String> =
        tenants::sharing_entra_tenant(&mut *database.pool().acquire().await?, configuration)
            .await?
            .into_iter()
            .map(|other| {
                format!(
                    "tenant {other} is synchronised to the same Entra tenant: equal usernames would clash"
                )
            })
            .collect();
    let mut transaction = scope::begin(database.pool(), &configuration.id).await?;
    let before = before(&mut transaction, &configuration.id).await?;
    let state = tenants::apply(&mut transaction, configuration, options.force).await?;
    let mut report = Report {
        tenant: configuration.id.to_string(),
        state,
        dry_run: options.dry_run,
        usernames_created: 0,
        domains_set: 0,
        warnings: Vec::new(),
        consequences: None,
    };
    // The same file again is how staff without a domain get theirs.
    let allocated = records::allocate(&mut transaction, &configuration.id).await?;
    report.usernames_created = allocated.created;
    report.domains_set = allocated.domains_set;
    if report.state != tenants::Applied::Unchanged
        && let Some(before) = before
    {
        let after = records::read(&mut transaction, &configuration.id).await?;
        let names = Names::new(&before.usernames, &after);
        let changes = policy_changes(&before.configuration, configuration);
        report.consequences = publication::consequences(&mut transaction, &configuration.id, before).await?;
        let consequences = report.consequences.clone().unwrap_or_default();
        warnings.extend(remarks(&changes, &names, &consequences));
    }
    if options.dry_run {
        transaction.rollback().await?;
    } else {
        transaction.commit().await?;
    }
    warnings.extend(file::warnings(configuration));
    report.warnings = warnings;
    Ok(report)
}

/// Reads what a tenant's roster is made from and keeps everybody from changing it; `None` for a new tenant.
async fn before(connection: &mut PgConnection, tenant_id: &str) -> anyhow::Result<Option<Before>> {
    match tenants::lock_inputs(connection, tenant_id).await {
        Ok(()) => {}
        Err(tenants::Error::Unknown(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    locks::usernames(connection, tenant_id).await?;
    Ok(Some(Before {
        configuration: tenants::get(connection, tenant_id).await?,
        usernames: records::read(connection, tenant_id).await?,
    }))
}
