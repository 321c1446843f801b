//! `oneroster tenant`: apply a tenant file, list tenants, show one and what was decided about it.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::{Global, Outcome, activate_year, output};
use crate::db::{Database, scope};
use crate::tenant::{Configuration, file, store};
use crate::username;

/// Arguments of `tenant`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Store the configuration a tenant file holds; doing it twice changes nothing.
    Apply {
        /// The tenant file (docs/tenant-file.md).
        file: PathBuf,
        /// Allow another form of org ids after the first publication.
        #[arg(long)]
        force: bool,
    },
    /// Make the next school year the active one and publish it, if nothing speaks against it.
    ActivateYear(activate_year::Arguments),
    /// List what people decided about a tenant's publications: releases, discards, activated years.
    Decisions {
        /// The tenant.
        id: String,
    },
    /// List the tenants.
    List,
    /// Show a tenant's configuration as a tenant file.
    Show {
        /// The tenant.
        id: String,
    },
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    match arguments.action {
        Action::Apply { file, force } => apply(&file, force, global).await,
        Action::ActivateYear(arguments) => activate_year::run(arguments, global).await,
        Action::Decisions { id } => decisions(&id, global).await,
        Action::List => list(global).await,
        Action::Show { id } => show(&id, global).await,
    }
}

async fn apply(path: &std::path::Path, force: bool, global: &Global) -> anyhow::Result<Outcome> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let configuration = file::parse(&text).with_context(|| format!("{} was not applied", path.display()))?;
    let database = Database::open(&global.settings()?).await?;
    let result = apply_configuration(&database, &configuration, force).await;
    database.close().await;
    let (applied, usernames_created, mut warnings) = result?;
    warnings.extend(file::warnings(&configuration));
    for warning in &warnings {
        output::remark(format!("warning: {warning}"));
    }
    if global.json {
        output::json(&serde_json::json!({
            "tenant": configuration.id,
            "state": applied,
            "usernames_created": usernames_created,
            "warnings": warnings,
        }))?;
    } else {
        let state = match applied {
            store::Applied::Created => "created",
            store::Applied::Changed => "changed",
            store::Applied::Unchanged => "unchanged",
        };
        output::line(format!(
            "tenant {}: {state}, {usernames_created} usernames created",
            configuration.id
        ));
    }
    Ok(Outcome::Done)
}

/// Stores a configuration and allocates the usernames it calls for, in one transaction.
pub(crate) async fn apply_configuration(
    database: &Database,
    configuration: &Configuration,
    force: bool,
) -> anyhow::Result<(store::Applied, usize, Vec<String>)> {
    let warnings = store::sharing_entra_tenant(&mut *database.pool().acquire().await?, configuration)
        .await?
        .into_iter()
        .map(|other| {
            format!("tenant {other} is synchronised to the same Entra tenant: equal usernames would clash")
        })
        .collect();
    let mut transaction = scope::begin(database.pool(), &configuration.id).await?;
    let applied = store::apply(&mut transaction, configuration, force).await?;
    let allocated = if applied == store::Applied::Unchanged {
        0
    } else {
        username::store::allocate(&mut transaction, &configuration.id)
            .await?
            .created
    };
    transaction.commit().await?;
    Ok((applied, allocated, warnings))
}

async fn list(global: &Global) -> anyhow::Result<Outcome> {
    let database = Database::open(&global.settings()?).await?;
    let tenants = async { anyhow::Ok(store::list(&mut *database.pool().acquire().await?).await?) }.await;
    database.close().await;
    let tenants = tenants?;
    if global.json {
        output::json(&serde_json::json!({ "tenants": tenants }))?;
    } else {
        for tenant in tenants {
            output::line(format!(
                "{}\t{}\t{}",
                tenant.id, tenant.active_school_year, tenant.name
            ));
        }
    }
    Ok(Outcome::Done)
}

async fn show(tenant_id: &str, global: &Global) -> anyhow::Result<Outcome> {
    let database = Database::open(&global.settings()?).await?;
    let tenant = async {
        let mut transaction = scope::begin(database.pool(), tenant_id).await?;
        anyhow::Ok(store::get(&mut transaction, tenant_id).await?)
    }
    .await;
    database.close().await;
    let tenant = tenant?;
    if global.json {
        output::json(&tenant)?;
    } else {
        output::line(toml::to_string_pretty(&tenant)?.trim_end());
    }
    Ok(Outcome::Done)
}

async fn decisions(tenant_id: &str, global: &Global) -> anyhow::Result<Outcome> {
    let database = Database::open(&global.settings()?).await?;
    let decisions = async {
        let mut transaction = scope::begin(database.pool(), tenant_id).await?;
        store::get(&mut transaction, tenant_id).await?;
        anyhow::Ok(store::decisions(&mut transaction, tenant_id).await?)
    }
    .await;
    database.close().await;
    let decisions = decisions?;
    if global.json {
        output::json(&serde_json::json!({ "tenant": tenant_id, "decisions": decisions }))?;
    } else {
        for decision in decisions {
            output::line(format!(
                "{}\t{}\t{}\t{}",
                decision.decided_at, decision.decided_by, decision.decision, decision.detail
            ));
        }
    }
    Ok(Outcome::Done)
}
