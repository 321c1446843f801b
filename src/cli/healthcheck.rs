//! `oneroster healthcheck`: asks a server on this machine whether it answers. For container engines and scripts.

use std::net::SocketAddr;

use super::{Outcome, output};
use crate::config::{Settings, listen_address};
use crate::edge;
use crate::report::healthcheck::HealthcheckReport;

/// Ask a server whether it answers: code 0 if so, else 1.
///
/// It is asked for /healthz at the address that the settings say it listens on.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oneroster healthcheck --address 127.0.0.1:8080")]
pub(crate) struct Args {
    /// Where the server listens; else `server.listen` of the settings.
    #[arg(long, value_name = "IP:PORT", value_parser = listen_address)]
    address: Option<SocketAddr>,
    /// Ask for /readyz instead: whether the database answers too.
    #[arg(long)]
    ready: bool,
}

/// Runs the command.
pub(crate) async fn run(args: Args, settings: &Settings, json: bool) -> anyhow::Result<Outcome> {
    let address = args.address.unwrap_or(settings.server.listen);
    let path = if args.ready { "/readyz" } else { "/healthz" };
    let (url, status) = edge::ask(address, path).await?;
    output::report(&HealthcheckReport { url, status }, json)?;
    Ok(Outcome::done_if(status == 200))
}
