//! `oneroster compare`: a server and the one that takes over from it, side by side.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use indicatif::ProgressBar;
use oneroster_check::compare::{self, KINDS, Provider, Roster};
use oneroster_school::projection;
use oneroster_school::tenant::TenantId;

use super::check::{LIMIT, progress_bar};
use super::file::{Input, Output};
use super::{Global, Outcome, Purpose, output};
use crate::accounts::records;
use crate::publication;
use crate::report::compare::{CompareReport, table};

/// What the standard has a base URL end with.
const STANDARD_PATH: &str = "/ims/oneroster/v1p1";

/// Compare two servers, both pulled whole: what differs, by person and field. Exit code 1 if anything does.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  oneroster compare --old http://localhost:8080/ims/oneroster/v1p1 --old-client-id zandpoort.k7f2m9q4x1w8 --old-secret-file secret.txt --tenant zandpoort"
)]
pub(crate) struct CompareArgs {
    /// Base URL of the server of before.
    #[arg(long, value_name = "URL")]
    old: String,
    /// Its token URL; default: `/connect/token` beside `/ims/oneroster/v1p1`.
    #[arg(long, value_name = "URL")]
    old_token_url: Option<String>,
    /// Id of a client there.
    #[arg(long, value_name = "ID")]
    old_client_id: String,
    /// File with its secret; - is standard input.
    #[arg(long, value_name = "FILE")]
    old_secret_file: Input,
    #[command(flatten)]
    new: New,
    /// Id of a client of the new server.
    #[arg(long, value_name = "ID", requires = "new")]
    new_client_id: Option<String>,
    /// Its token URL; default: `/connect/token` beside `/ims/oneroster/v1p1`.
    #[arg(long, value_name = "URL", requires = "new")]
    new_token_url: Option<String>,
    /// File with its secret.
    #[arg(long, value_name = "FILE", requires = "new")]
    new_secret_file: Option<Input>,
    /// How many differences of each sort are shown.
    #[arg(long, value_name = "N", default_value_t = 20)]
    first: usize,
    /// Write all differences to this file, a CSV for a spreadsheet; one that is there is replaced. It holds names.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct New {
    /// Base URL of the new server.
    #[arg(long = "new", id = "new", value_name = "URL", requires_all = ["new_client_id", "new_secret_file"])]
    url: Option<String>,
    /// Instead of a new server: what would be served of this tenant today, by the database.
    #[arg(long, value_name = "ID")]
    tenant: Option<TenantId>,
}

pub(crate) async fn run(args: CompareArgs, global: &Global) -> anyhow::Result<Outcome> {
    let write = args.write.map(Output::Path);
    if let Some(file) = &write {
        file.try_folder()?;
    }
    let bar = progress_bar()?;
    let old = Provider {
        token_url: token_url(args.old_token_url, &args.old),
        base_url: args.old.clone(),
        client_id: args.old_client_id,
        client_secret: args.old_secret_file.read_secret()?,
    };
    let pulls = if args.new.url.is_some() { 2 } else { 1 };
    bar.set_length(pulls * KINDS.len() as u64);
    let (new_name, new_roster) = match (args.new.url, args.new.tenant) {
        (Some(url), _) => {
            let file = args.new_secret_file.context("--new-secret-file is missing")?;
            let new = Provider {
                token_url: token_url(args.new_token_url, &url),
                base_url: url.clone(),
                client_id: args.new_client_id.context("--new-client-id is missing")?,
                client_secret: file.read_secret()?,
            };
            let pulled = pull(&new, &bar).await;
            (url, pulled.context("the new server")?)
        }
        (None, Some(tenant)) => (tenant.to_string(), of_tenant(&tenant, global).await?),
        (None, None) => anyhow::bail!("name --new or --tenant"),
    };
    let old_roster = pull(&old, &bar).await.context("the old server")?;
    bar.finish_and_clear();
    let differences = compare::differences(&old_roster, &new_roster);
    let mut report = CompareReport::new(
        (args.old, &old_roster),
        (new_name, &new_roster),
        &differences,
        args.first,
    );
    if let Some(file) = write {
        file.write(table(&differences).as_bytes())?;
        report.written = Some(file.path().to_owned());
    }
    output::report(&report, global.json)?;
    Ok(Outcome::done_if(report.differences == 0))
}

async fn pull(provider: &Provider, bar: &ProgressBar) -> Result<Roster, compare::PullError> {
    compare::pull(provider, LIMIT, bar).await
}

/// Reads what would be served of a tenant today.
async fn of_tenant(tenant: &TenantId, global: &Global) -> anyhow::Result<Roster> {
    let server = &global.settings().server;
    let database = global.open(Purpose::Read).await?;
    let read = async {
        let today = records::today(&mut *database.pool().acquire().await?).await?;
        let roster = publication::preview(database.pool(), tenant, today, None).await?;
        anyhow::Ok(roster)
    };
    let roster = read.await;
    database.close().await;
    let document = projection::preview_document(&roster?, &server.base_url(server.listen));
    Ok(Roster::of_document(&document))
}

fn token_url(given: Option<String>, base_url: &str) -> String {
    given.unwrap_or_else(|| {
        let base = base_url.trim().trim_end_matches('/');
        format!(
            "{}/connect/token",
            base.strip_suffix(STANDARD_PATH).unwrap_or(base)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::token_url;

    #[test]
    fn a_token_url_is_beside_the_standard_path_unless_it_is_given() {
        let old = "https://old.example/ims/oneroster/v1p1/";
        assert_eq!(token_url(None, old), "https://old.example/connect/token");
        assert_eq!(
            token_url(None, "https://old.example/x"),
            "https://old.example/x/connect/token"
        );
        assert_eq!(
            token_url(Some("https://t.example".to_owned()), old),
            "https://t.example"
        );
    }
}
