//! `oneroster tenant`: apply a tenant file, list tenants, show one, how it is doing and what was decided about it.

use std::time::Duration;

use clap::{Args, Subcommand};
use oneroster_school::tenant::TenantId;

use super::argument::TenantOrFirst;
use super::{Global, Outcome, Purpose, activate_year, apply, output, remove};
use crate::audit;
use crate::db::scope;
use crate::publication::{self, SilentAfter};
use crate::report::tenant::{DecisionsReport, TenantReport, TenantsReport};
use crate::report::tenant_status::StatusesReport;
use crate::tenants;

/// Arguments of `tenant`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oneroster tenant show zandpoort")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Store the configuration that a tenant file holds, and report what follows; doing it twice changes nothing.
    Apply(apply::Arguments),
    /// Make the next school year the active one and publish it, if nothing speaks against it.
    ActivateYear(activate_year::Arguments),
    /// List who did what, when and from where: what people decided about publications, imports, clients, the tenant file, what
    /// people changed of usernames, generations, exports of birth dates.
    #[command(after_help = "Example:\n  oneroster tenant decisions zandpoort")]
    Decisions {
        #[command(flatten)]
        tenant: TenantOrFirst,
    },
    /// List the tenants.
    #[command(after_help = "Example:\n  oneroster tenant list")]
    List,
    /// Take a tenant away with everything of it. It cannot be undone.
    Remove(remove::Arguments),
    /// Write the sheet of a school: all that the wizard of School Data Sync asks, in Dutch and English, as one page to print.
    Sheet(super::sheet::Arguments),
    /// Show how a tenant is doing: school year, last import, last publication, held, failing, last pull, names that were never
    /// served, the next day on which its roster can change.
    #[command(after_help = "Example:\n  oneroster tenant status zandpoort")]
    Status {
        /// The tenant, by its id; every tenant without it.
        #[arg(value_name = "ID")]
        tenant: Option<TenantId>,
    },
    /// Show a tenant's configuration as a tenant file.
    #[command(after_help = "Example:\n  oneroster tenant show zandpoort > zandpoort.toml")]
    Show {
        #[command(flatten)]
        tenant: TenantOrFirst,
    },
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    match arguments.action {
        Action::Apply(arguments) => apply::run(arguments, global).await,
        Action::ActivateYear(arguments) => activate_year::run(arguments, global).await,
        Action::Decisions { tenant } => decisions(tenant.id(), global).await,
        Action::List => list(global).await,
        Action::Remove(arguments) => remove::run(arguments, global).await,
        Action::Sheet(arguments) => super::sheet::run(arguments, global).await,
        Action::Status { tenant } => status(tenant.as_deref(), global).await,
        Action::Show { tenant } => show(tenant.id(), global).await,
    }
}

async fn list(global: &Global) -> anyhow::Result<Outcome> {
    let database = global.open(Purpose::Read).await?;
    let tenants = async { anyhow::Ok(tenants::list(&mut *database.pool().acquire().await?).await?) }.await;
    database.close().await;
    let tenants = tenants?;
    if tenants.is_empty() && !global.json {
        output::remark("No tenants yet: oneroster tenant apply FILE (docs/tenant-file.md)");
    }
    output::report(&TenantsReport { tenants }, global.json)?;
    Ok(Outcome::Done)
}

async fn status(tenant_id: Option<&str>, global: &Global) -> anyhow::Result<Outcome> {
    let settings = global.settings();
    let silent_after = SilentAfter {
        poll: Duration::from_hours(settings.synclog.poll_silence_h.into()),
        import: Duration::from_hours(settings.feeding.import_silence_h.into()),
    };
    let database = global.open(Purpose::Read).await?;
    database.tell_if_behind(global).await;
    let statuses = async {
        let ids = if let Some(tenant_id) = tenant_id {
            vec![tenant_id.to_owned()]
        } else {
            let tenants = tenants::list(&mut *database.pool().acquire().await?).await?;
            tenants.into_iter().map(|tenant| tenant.id.to_string()).collect()
        };
        let mut statuses = Vec::new();
        for tenant_id in ids {
            statuses.push(publication::status(database.pool(), &tenant_id, silent_after).await?);
        }
        anyhow::Ok(statuses)
    }
    .await;
    database.close().await;
    output::report(&StatusesReport::from(statuses?), global.json)?;
    Ok(Outcome::Done)
}

async fn show(tenant_id: &str, global: &Global) -> anyhow::Result<Outcome> {
    let database = global.open(Purpose::Read).await?;
    let shown = async {
        let mut transaction = scope::begin(database.pool(), tenant_id).await?;
        let configuration = tenants::get(&mut transaction, tenant_id).await?;
        let revision = tenants::revision(&mut transaction, tenant_id).await?;
        anyhow::Ok(TenantReport::new(configuration, revision.number)?)
    }
    .await;
    database.close().await;
    output::report(&shown?, global.json)?;
    Ok(Outcome::Done)
}

async fn decisions(tenant_id: &str, global: &Global) -> anyhow::Result<Outcome> {
    let database = global.open(Purpose::Read).await?;
    let decisions = async {
        let mut transaction = scope::begin(database.pool(), tenant_id).await?;
        tenants::get(&mut transaction, tenant_id).await?;
        let decisions = tenants::decisions(&mut transaction, tenant_id).await?;
        anyhow::Ok((decisions, audit::listed(&mut transaction, tenant_id).await?))
    }
    .await;
    database.close().await;
    let (decisions, trail) = decisions?;
    output::report(&DecisionsReport::new(tenant_id, decisions, trail), global.json)?;
    Ok(Outcome::Done)
}
