//! `oneroster tenant`: apply a tenant file, list tenants, show one and what was decided about it.

use clap::{Args, Subcommand};

use super::{Global, Outcome, activate_year, apply, output};
use crate::db::{Database, scope};
use crate::tenants;

/// Arguments of `tenant`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Store the configuration a tenant file holds, and tell what follows; doing it twice changes nothing.
    Apply(apply::Arguments),
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
        Action::Apply(arguments) => apply::run(arguments, global).await,
        Action::ActivateYear(arguments) => activate_year::run(arguments, global).await,
        Action::Decisions { id } => decisions(&id, global).await,
        Action::List => list(global).await,
        Action::Show { id } => show(&id, global).await,
    }
}

async fn list(global: &Global) -> anyhow::Result<Outcome> {
    let database = Database::open(&global.settings()?).await?;
    let tenants = async { anyhow::Ok(tenants::list(&mut *database.pool().acquire().await?).await?) }.await;
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
        anyhow::Ok(tenants::get(&mut transaction, tenant_id).await?)
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
        tenants::get(&mut transaction, tenant_id).await?;
        anyhow::Ok(tenants::decisions(&mut transaction, tenant_id).await?)
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
