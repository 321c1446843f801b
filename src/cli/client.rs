//! `oneroster client`: API clients and their settings.

use serde_json::json;

use super::{Global, Outcome, output};
use crate::auth::client::{self, ClientRecord, NewSecret};
use crate::db::Database;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make a client and show its secret, once.
    Create {
        /// The tenant whose data it reads.
        #[arg(long, value_name = "ID")]
        tenant: String,
        /// What to call it.
        #[arg(long, value_name = "N")]
        name: String,
    },
    /// List the clients of a tenant.
    List {
        /// The tenant.
        #[arg(long, value_name = "ID")]
        tenant: String,
    },
    /// Make a new secret; the one before stays valid for 7 days or until the next rotation.
    Rotate {
        /// The tenant.
        #[arg(long, value_name = "ID")]
        tenant: String,
        /// The client.
        client_id: String,
    },
    /// End a client: its tokens are refused within five seconds.
    Revoke {
        /// The tenant.
        #[arg(long, value_name = "ID")]
        tenant: String,
        /// The client.
        client_id: String,
    },
    /// Change how a client is answered; an empty VALUE means the default again (docs/clients.md).
    Set {
        /// The tenant.
        #[arg(long, value_name = "ID")]
        tenant: String,
        /// The client.
        client_id: String,
        /// Settings, all or none of which are applied.
        #[arg(required = true, value_name = "KEY=VALUE")]
        entries: Vec<String>,
    },
}

/// Does what is asked with the clients of a tenant.
pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<Outcome> {
    let settings = global.settings()?;
    let database = Database::open(&settings).await?;
    let outcome = act(args.action, &database, global.json).await;
    database.close().await;
    outcome
}

async fn act(action: Action, database: &Database, json: bool) -> anyhow::Result<Outcome> {
    let pool = database.pool();
    match action {
        Action::Create { tenant, name } => show_secret(&client::create(pool, &tenant, &name).await?, json)?,
        Action::Rotate { tenant, client_id } => {
            show_secret(&client::rotate(pool, &tenant, &client_id).await?, json)?;
        }
        Action::List { tenant } => show_list(&client::list(pool, &tenant).await?, json)?,
        Action::Revoke { tenant, client_id } => {
            let revoked_at = client::revoke(pool, &tenant, &client_id).await?;
            if json {
                output::json(&json!({ "client_id": client_id, "revoked_at": revoked_at }))?;
            } else {
                output::line(format_args!("{client_id} is revoked since {revoked_at}"));
            }
        }
        Action::Set {
            tenant,
            client_id,
            entries,
        } => {
            let settings = client::set(pool, &tenant, &client_id, &entries).await?;
            if json {
                output::json(&json!({ "client_id": client_id, "settings": settings }))?;
            } else {
                output::line(format_args!("{client_id}: {}", serde_json::to_string(&settings)?));
            }
        }
    }
    Ok(Outcome::Done)
}

fn show_secret(secret: &NewSecret, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(secret);
    }
    output::line(format_args!("client id      {}", secret.client_id));
    output::line(format_args!("client secret  {}", secret.client_secret));
    output::remark("The secret is shown this once and stored nowhere.");
    Ok(())
}

fn show_list(clients: &[ClientRecord], json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(&json!({ "clients": clients }));
    }
    if clients.is_empty() {
        output::remark("No clients yet: oneroster client create --tenant ID --name N");
    }
    for client in clients {
        let state = match client.revoked_at {
            Some(revoked_at) => format!("revoked {revoked_at}"),
            None => format!("{} valid secret(s)", client.valid_secrets),
        };
        output::line(format_args!(
            "{}  {}  created {}  {state}  {}",
            client.client_id, client.name, client.created_at, client.settings
        ));
    }
    Ok(())
}
