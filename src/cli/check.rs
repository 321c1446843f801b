//! `oneroster check`: what the School Data Sync wizard and a sync do, against any provider.

use std::io::IsTerminal;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{Outcome, output};

/// How long one answer may take.
pub(super) const LIMIT: Duration = Duration::from_secs(30);
/// How often the progress bar is redrawn while a request is under way.
const REDRAW: Duration = Duration::from_millis(100);

/// Check any OneRoster 1.1 provider as the School Data Sync wizard does; with --full as a sync does.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  oneroster check --full --base-url http://localhost:8080 --token-url http://localhost:8080/connect/token --client-id zandpoort.k7f2m9q4x1w8 --client-secret SECRET"
)]
pub(crate) struct CheckArgs {
    /// Base URL; `/ims/oneroster/v1p1` is added when the URL as typed does not answer.
    #[arg(long, value_name = "URL")]
    base_url: String,
    /// Token URL.
    #[arg(long, value_name = "URL")]
    token_url: String,
    /// Client id.
    #[arg(long, value_name = "ID")]
    client_id: String,
    /// Client secret; better in the environment, where other users of the machine do not see it.
    #[arg(
        long,
        value_name = "SECRET",
        env = "ONEROSTER_CLIENT_SECRET",
        hide_env_values = true
    )]
    client_secret: Secret,
    /// Run a full and a delta pull and every rule.
    #[arg(long)]
    full: bool,
}

/// A secret on the command line, kept out of debug output.
#[derive(Clone)]
struct Secret(String);

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("(secret)")
    }
}

/// Checks and reports; refused unless everything passed.
pub(crate) async fn run(args: CheckArgs, json: bool) -> anyhow::Result<Outcome> {
    let request = oneroster_check::Request {
        base_url: args.base_url,
        token_url: args.token_url,
        client_id: args.client_id,
        client_secret: args.client_secret.0,
        full: args.full,
        limit: LIMIT,
    };
    let verdict = oneroster_check::run(&request, &progress_bar()?).await;
    output::report(&verdict, json)?;
    Ok(Outcome::done_if(verdict.passed()))
}

/// A progress bar on stderr, hidden when that is no terminal.
pub(super) fn progress_bar() -> anyhow::Result<ProgressBar> {
    if !std::io::stderr().is_terminal() {
        return Ok(ProgressBar::hidden());
    }
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template(
        "{spinner} [{bar:30}] {pos}/{len} {elapsed} {msg}",
    )?);
    bar.enable_steady_tick(REDRAW);
    Ok(bar)
}
