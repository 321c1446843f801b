//! `oneroster client`: API clients and their settings.

use std::fmt::Display;
use std::path::PathBuf;

use serde::Serialize;

use super::account::By;
use super::argument::Tenant;
use super::file::{Input, Output};
use super::opened::Opened;
use super::{Global, Outcome, Purpose, output, sheet};
use crate::auth::secret::{self, SecretHash};
use crate::auth::{CarriedOver, Preset, carry_over, client};
use crate::report::client::{
    CarriedOverReport, ClientSettingsReport, ClientsReport, CreatedReport, RevocationReport, SecretReport,
};
use crate::synclog;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oneroster client list --tenant zandpoort")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make a client and show its secret, once.
    #[command(
        after_help = "Example:\n  oneroster client create --tenant zandpoort --name \"School Data Sync\" --preset sds"
    )]
    Create(CreateArgs),
    /// List the clients of a tenant.
    #[command(after_help = "Example:\n  oneroster client list --tenant zandpoort")]
    List {
        #[command(flatten)]
        tenant: Tenant,
    },
    /// Make a new secret; the one before stays valid for 7 days or until the next rotation.
    #[command(after_help = "Example:\n  oneroster client rotate --tenant zandpoort zandpoort.k7f2m9q4x1w8")]
    Rotate {
        #[command(flatten)]
        tenant: Tenant,
        /// The client.
        client_id: String,
        /// For a secret or token that leaked: end every secret before at once, and the tokens that the client was issued so far within five
        /// seconds. It reads nothing until it has the new secret.
        #[arg(long)]
        revoke_tokens: bool,
        #[command(flatten)]
        by: By,
    },
    /// End a client: its tokens are refused within five seconds.
    #[command(after_help = "Example:\n  oneroster client revoke --tenant zandpoort zandpoort.k7f2m9q4x1w8")]
    Revoke {
        #[command(flatten)]
        tenant: Tenant,
        /// The client.
        client_id: String,
        #[command(flatten)]
        by: By,
    },
    /// Change how a client is answered; an empty VALUE means the default again (docs/clients.md).
    #[command(
        after_help = "Example:\n  oneroster client set --tenant zandpoort zandpoort.k7f2m9q4x1w8 native_booleans=true token_lifetime_s=7200"
    )]
    Set {
        #[command(flatten)]
        tenant: Tenant,
        /// The client.
        client_id: String,
        /// Settings, all or none of which are applied.
        #[arg(required = true, value_name = "KEY=VALUE")]
        entries: Vec<String>,
        #[command(flatten)]
        by: By,
    },
}

/// Arguments of `client create`.
#[derive(Debug, clap::Args)]
struct CreateArgs {
    #[command(flatten)]
    tenant: Tenant,
    /// What to call it.
    #[arg(long, value_name = "N")]
    name: String,
    /// Which consumer it is for, for the settings that this one needs: sds, sds-data-factory, moodle, moodle-by-class, google, helloid, tci,
    /// typed-client or unpaged (docs/consumers). `client set` changes them afterwards.
    #[arg(long, value_name = "P")]
    preset: Option<Preset>,
    /// Write the sheet that the school types over, secret included, as one page to print; only its owner can read the file.
    #[arg(long, value_name = "FILE", conflicts_with = "client_id")]
    sheet: Option<PathBuf>,
    #[command(flatten)]
    carried_over: CarriedOverArgs,
    #[command(flatten)]
    by: By,
}

/// What a consumer keeps that another server served before.
#[derive(Debug, clap::Args)]
struct CarriedOverArgs {
    /// Keep the id that the consumer has from another server; with --secret-sha256 or --secret-file.
    #[arg(long, value_name = "ID", requires = "secret")]
    client_id: Option<String>,
    #[command(flatten)]
    secret: Option<CarriedOverSecret>,
}

#[derive(Debug, Clone, clap::Args)]
#[group(id = "secret", multiple = false, requires = "client_id")]
struct CarriedOverSecret {
    /// Keep the secret of which this is the SHA-256, as 64 hexadecimal digits: `printf %s "$SECRET" | sha256sum`.
    #[arg(long, value_name = "HASH", value_parser = hash)]
    secret_sha256: Option<SecretHash>,
    /// Keep the secret in this file, or on standard input (-); blanks and line ends around it are left off.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<Input>,
}

fn hash(text: &str) -> Result<SecretHash, String> {
    secret::read_hash(text).ok_or_else(|| {
        "a SHA-256 has 64 hexadecimal digits, as `printf %s \"$SECRET\" | sha256sum` prints them".to_owned()
    })
}

impl CarriedOverSecret {
    fn hash(&self) -> anyhow::Result<SecretHash> {
        if let Some(hash) = self.secret_sha256 {
            return Ok(hash);
        }
        let Some(file) = &self.secret_file else {
            anyhow::bail!("name --secret-sha256 or --secret-file");
        };
        Ok(secret::hash(&file.read_secret()?))
    }
}

/// Does what is asked with the clients of a tenant.
pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<Outcome> {
    let opened = match &args.action {
        Action::List { .. } => global.open(Purpose::Read).await,
        Action::Create(CreateArgs { by, .. })
        | Action::Rotate { by, .. }
        | Action::Revoke { by, .. }
        | Action::Set { by, .. } => global.open_by(Purpose::Change, by).await,
    };
    let database = opened?;
    let outcome = act(args.action, &database, global).await;
    database.close().await;
    outcome.map(|()| Outcome::Done)
}

async fn act(action: Action, database: &Opened, global: &Global) -> anyhow::Result<()> {
    let (pool, json) = (database.pool(), global.json);
    match action {
        Action::Create(arguments) => create(arguments, database, global).await,
        Action::Rotate {
            tenant,
            client_id,
            revoke_tokens,
            by: _,
        } => {
            let rotated = if revoke_tokens {
                client::rotate_and_revoke_tokens(pool, &tenant.id, &client_id).await?
            } else {
                client::rotate(pool, &tenant.id, &client_id).await?
            };
            show_secret(&SecretReport::from(rotated), database, json).await
        }
        Action::List { tenant } => {
            let clients = client::list(pool, &tenant.id).await?;
            let report = ClientsReport::new(clients, &synclog::last_read_by_client(pool, &tenant.id).await?);
            if report.clients.is_empty() && !json {
                output::remark("No clients yet: oneroster client create --tenant ID --name N --preset sds");
            }
            output::report(&report, json)
        }
        Action::Revoke {
            tenant,
            client_id,
            by: _,
        } => {
            let revoked_at = client::revoke(pool, &tenant.id, &client_id).await?.into();
            database.record().await?;
            output::report(
                &RevocationReport {
                    client_id,
                    revoked_at,
                },
                json,
            )
        }
        Action::Set {
            tenant,
            client_id,
            entries,
            by: _,
        } => {
            let settings = client::set(pool, &tenant.id, &client_id, &entries).await?;
            database.record().await?;
            output::report(&ClientSettingsReport { client_id, settings }, json)
        }
    }
}

async fn create(arguments: CreateArgs, database: &Opened, global: &Global) -> anyhow::Result<()> {
    let (pool, json) = (database.pool(), global.json);
    let CreateArgs {
        tenant,
        name,
        preset,
        sheet,
        carried_over,
        by: _,
    } = arguments;
    let settings = preset.map(Preset::settings).unwrap_or_default();
    if let (Some(client_id), Some(secret)) = (carried_over.client_id, carried_over.secret) {
        let carried_over = CarriedOver {
            client_id: &client_id,
            secret: secret.hash()?,
        };
        carry_over(pool, &tenant.id, &name, settings, &carried_over).await?;
        database.record().await?;
        return output::report(&CarriedOverReport { client_id }, json);
    }
    let sheet = sheet.map(Output::Path);
    if let Some(sheet) = &sheet {
        sheet.try_folder()?;
    }
    let created = client::create_with(pool, &tenant.id, &name, settings).await?;
    let written = match sheet {
        Some(sheet) => sheet::write(&sheet, database, &tenant.id, (&created).into(), global).await,
        None => Ok(()),
    };
    // The secret is shown also when the sheet could not be written: it is stored nowhere.
    let server = &global.settings().server;
    let created = CreatedReport::new(created, &server.base_url(server.listen));
    show_secret(&created, database, json).await?;
    written
}

async fn show_secret<Report: Display + Serialize>(
    report: &Report,
    database: &Opened,
    json: bool,
) -> anyhow::Result<()> {
    // Shown also when the folder fails: it is stored nowhere.
    let recorded = database.record().await;
    output::report(report, json)?;
    if !json {
        output::remark(SecretReport::REMARK);
    }
    recorded
}
