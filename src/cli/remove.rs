//! `oneroster tenant remove`: a school group leaves.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use oneroster_school::tenant::TenantId;

use super::account::By;
use super::{Global, Outcome, Purpose, output, usage};
use crate::audit;
use crate::publication::Removal;
use crate::report::tenant::TenantRemovedReport;

/// Arguments of `tenant remove`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  oneroster tenant remove zandpoort --confirm zandpoort --audit zandpoort-audit.jsonl"
)]
pub(super) struct Arguments {
    /// The tenant, by its id.
    #[arg(value_name = "ID")]
    tenant: TenantId,
    /// The id once more; without it, it is asked for.
    #[arg(long, value_name = "ID")]
    confirm: Option<String>,
    /// File that the audit trail of the tenant is written to first, a line of JSON an entry; it must not be there yet. It holds names.
    #[arg(long, value_name = "FILE")]
    audit: PathBuf,
    #[command(flatten)]
    by: By,
}

/// Writes the trail of a tenant to a file, then takes the tenant away.
pub(super) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let tenant_id = arguments.tenant.as_str();
    let by = arguments.by.author()?;
    let typed = match arguments.confirm {
        Some(typed) => typed,
        None => ask(tenant_id)?,
    };
    if typed.trim() != tenant_id {
        usage(&format!(
            "the id that was typed is not {tenant_id}: nothing was removed"
        ));
    }
    let database = global.open(Purpose::Change).await?;
    let removed = async {
        let removal = Removal::begin(database.pool(), tenant_id, by.as_str()).await?;
        write(&arguments.audit, removal.entries())?;
        let entries = removal.entries().len();
        removal.finish().await?;
        database.record().await?;
        anyhow::Ok(TenantRemovedReport {
            tenant: tenant_id.to_owned(),
            audit: arguments.audit.clone(),
            entries,
        })
    }
    .await;
    database.close().await;
    output::report(&removed?, global.json)?;
    Ok(Outcome::Done)
}

fn ask(tenant_id: &str) -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        usage(&format!("type the id once more: --confirm {tenant_id}"));
    }
    output::remark(format_args!(
        "Everything of {tenant_id} will be gone. Type its id once more:"
    ));
    let mut typed = String::new();
    std::io::stdin()
        .read_line(&mut typed)
        .context("cannot read what was typed")?;
    Ok(typed)
}

/// Writes entries to a new file that only its owner may read; they are on disk when it returns.
fn write(path: &Path, entries: &[audit::Entry]) -> anyhow::Result<()> {
    match audit::write_down(path, entries) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            bail!(
                "{} is there already: name a new file with --audit",
                path.display()
            )
        }
        written => written.with_context(|| format!("cannot write {}", path.display())),
    }
}
