//! `oneroster tenant sheet`, and the sheet of `client create`: what the wizard of School Data Sync asks (R144).

use clap::Args;

use super::argument::TenantOrFirst;
use super::file::Output;
use super::opened::Opened;
use super::{Global, Outcome, Purpose, output};
use crate::auth::client::NewSecret;
use crate::db::scope;
use crate::desk::{SheetClient, SheetSource, sheet};
use crate::report::sheet::SheetReport;
use crate::tenants;

/// Arguments of `tenant sheet`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oneroster tenant sheet zandpoort --write sheet.html")]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: TenantOrFirst,
    /// The client whose id stands on it. Its secret does not: `client create --sheet FILE` writes it, once.
    #[arg(long, value_name = "CLIENT_ID")]
    client: Option<String>,
    /// The file; - writes standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    write: Output,
}

/// The client of a sheet, as far as it is known.
#[derive(Default, Clone, Copy)]
pub(super) struct OfClient<'a> {
    client_id: Option<&'a str>,
    client_secret: Option<&'a str>,
}

impl<'a> From<&'a NewSecret> for OfClient<'a> {
    fn from(made: &'a NewSecret) -> Self {
        Self {
            client_id: Some(&made.client_id),
            client_secret: Some(&made.client_secret),
        }
    }
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let Arguments {
        tenant,
        client,
        write,
    } = arguments;
    write.try_folder()?;
    let database = global.open(Purpose::Read).await?;
    let of_client = OfClient {
        client_id: client.as_deref(),
        client_secret: None,
    };
    let written = async {
        if let Some(client_id) = &client {
            let clients = crate::auth::client::list(database.pool(), tenant.id()).await?;
            if !clients.iter().any(|record| record.client_id == *client_id && record.revoked_at.is_none()) {
                anyhow::bail!(
                    "tenant {} has no client {client_id:?} that may read; `oneroster client list --tenant {}` shows those there are",
                    tenant.id(),
                    tenant.id()
                );
            }
        }
        self::write(&write, &database, tenant.id(), of_client, global).await
    }
    .await;
    database.close().await;
    written?;
    let report = SheetReport {
        tenant: tenant.id().to_owned(),
        written: write.path().display().to_string(),
    };
    match write {
        Output::Standard => output::report_aside(&report, global.json)?,
        Output::Path(_) => output::report(&report, global.json)?,
    }
    Ok(Outcome::Done)
}

/// Writes the sheet of a tenant; a file is readable by its owner only.
pub(super) async fn write(
    target: &Output,
    database: &Opened,
    tenant_id: &str,
    client: OfClient<'_>,
    global: &Global,
) -> anyhow::Result<()> {
    let mut transaction = scope::begin_look(database.pool(), tenant_id).await?;
    let configuration = tenants::get(&mut transaction, tenant_id).await?;
    transaction.commit().await?;
    let server = &global.settings().server;
    let source = SheetSource {
        configuration: &configuration,
        server_url: &server.base_url(server.listen),
        client: client.client_id.map(|client_id| SheetClient {
            client_id,
            client_secret: client.client_secret,
        }),
        nonce: "",
    };
    target.write(sheet(&source)?.as_bytes())
}
