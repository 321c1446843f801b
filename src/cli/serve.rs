//! `oneroster serve`: the server.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Global, Outcome};
use crate::audit;
use crate::auth::Keyring;
use crate::config::{Settings, listen_address};
use crate::db::{Actor, Database, Migrations};
use crate::encryption;
use crate::startup::Server;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Address to serve on; port 0 takes a free one.
    #[arg(long, value_name = "IP:PORT", value_parser = listen_address)]
    listen: Option<SocketAddr>,
    /// First bring the database up to date, as `migrate` does. An embedded Postgres is brought up to date anyway.
    #[arg(long)]
    migrate: bool,
}

/// Serves until Ctrl-C or SIGTERM; a second one ends it at once.
pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<Outcome> {
    let mut settings = global.settings().clone();
    if let Some(listen) = args.listen {
        settings.server.listen = listen;
    }
    let shutdown = shutdown()?;
    let migrations = if args.migrate {
        Migrations::Apply
    } else {
        Migrations::ApplyIfPrivate
    };
    // A server without a good key file does not serve: then it does not change the database either. Beside an embedded one the file
    // is made when there is a database.
    if settings.database.url.is_some() {
        Keyring::of(&settings).context("cannot prepare tokens")?;
    }
    let database = Database::open_as(&settings.database, migrations, Some(actor("serve", &settings))).await?;
    let server = Server::bind(&settings, database).await?;
    server.run_until(shutdown).await?;
    Ok(Outcome::Done)
}

/// Who acts in what a server does by itself.
pub(crate) fn actor(command: &str, settings: &Settings) -> Actor {
    Actor {
        by: "system".to_owned(),
        origin: audit::origin(&format!("oneroster {command}")),
        encryption_key_file: encryption::file(settings),
    }
}

/// Waits for Ctrl-C or SIGTERM, from now on. The second one ends the process without ceremony.
pub(crate) fn shutdown() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for Ctrl-C")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    Ok(async move {
        either(&mut interrupt, &mut terminate).await;
        tokio::spawn(async move {
            either(&mut interrupt, &mut terminate).await;
            // As a shell reports a process that Ctrl-C ended.
            std::process::exit(130);
        });
    })
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
