//! `oneroster export`: what is published, as files.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::argument::{Tenant, generation};
use super::file::Input;
use super::opened::Opened;
use super::{Global, Outcome, Purpose, output};
use crate::export::{
    self, Destination, Error, Exported, Format, Options, PASSWORDS_BYTES_MAX, Passwords, ROWS_MAX, Request,
    Wanted,
};
use crate::report::files::{FilesRefusalReport, FilesReport};

/// Arguments of `export`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oneroster export --tenant zandpoort --format sds-v2.1 sds")]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    /// sds-v1, sds-v1-uk, sds-v2.1, oneroster-csv or clever (docs/files.md says which is for whom).
    #[arg(long, value_name = "FORMAT")]
    format: Format,
    /// The folder to write, or a zip if its name ends with .zip. It may be there already if it holds only files of this format:
    /// it is replaced as a whole.
    #[arg(value_name = "DIR")]
    path: PathBuf,
    /// The generation to export, as `oneroster history` lists them; default: the newest.
    #[arg(long, value_name = "G", value_parser = generation)]
    generation: Option<i64>,
    /// Only what changed after this generation, deletions included; oneroster-csv only.
    #[arg(long, value_name = "G", value_parser = generation, conflicts_with = "org")]
    since: Option<i64>,
    /// Only this org, with the people who belong to it or are in its classes; give it again, or write a comma, for more.
    #[arg(long, value_name = "ORG", value_delimiter = ',')]
    org: Vec<String>,
    /// How many rows a file may have; sds-v1 and sds-v1-uk only.
    #[arg(long, value_name = "N", default_value_t = ROWS_MAX, value_parser = clap::value_parser!(u64).range(1..))]
    max_rows: u64,
    /// A CSV of passwords, for a profile that makes accounts: a sourcedId, or the word student or teacher, and the password;
    /// - reads standard input. sds-v1, sds-v1-uk and sds-v2.1 only.
    #[arg(long, value_name = "FILE")]
    passwords: Option<Input>,
    /// Check everything and report; write nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Arguments {
    /// Ends the command with exit code 2 if options do not belong together.
    fn require_usage(&self) {
        let wrong = if self.since.is_some() && self.format != Format::OneRosterCsv {
            "--since needs --format oneroster-csv: the other formats are whole every time"
        } else if self.passwords.is_some() && !self.format.takes_passwords() {
            "--passwords needs --format sds-v1, sds-v1-uk or sds-v2.1"
        } else {
            return;
        };
        super::usage(wrong);
    }
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    arguments.require_usage();
    let passwords = match &arguments.passwords {
        None => None,
        Some(file) => match Passwords::read(&file.read(PASSWORDS_BYTES_MAX)?) {
            Ok(passwords) => Some(passwords),
            Err(error) => return refused(&arguments, error, global.json),
        },
    };
    let options = Options {
        format: arguments.format,
        generation: arguments.generation.map_or(Wanted::Newest, Wanted::Number),
        since: arguments.since,
        org_ids: arguments.org.iter().cloned().collect(),
        rows_max: arguments.max_rows,
        passwords,
    };
    let purpose = if arguments.dry_run {
        Purpose::Read
    } else {
        Purpose::Export
    };
    let database = global.open(purpose).await?;
    let exported = export(&arguments, &options, &database).await;
    let recorded = database.record().await;
    database.close().await;
    let exported = match exported {
        Ok(exported) => exported,
        Err(error) => return refused(&arguments, error, global.json),
    };
    recorded?;
    let report = FilesReport::new(
        &arguments.tenant.id,
        (arguments.format, arguments.since),
        (arguments.path, arguments.dry_run),
        exported,
    );
    output::report(&report, global.json)?;
    Ok(Outcome::Done)
}

async fn export(arguments: &Arguments, options: &Options, database: &Opened) -> Result<Exported, Error> {
    let path = arguments.path.clone();
    let destination = if arguments.dry_run {
        Destination::Rehearsal(path)
    } else {
        Destination::Path(path)
    };
    let request = Request {
        tenant_id: &arguments.tenant.id,
        options,
        destination: &destination,
        by: None,
    };
    let bar = bar();
    let begun = |objects| bar.set_length(objects);
    let progress = |rows| bar.inc(rows);
    let mut connection = database.pool().acquire().await?;
    let exported = export::export(&mut connection, request, (&begun, &progress)).await;
    bar.finish_and_clear();
    exported
}

/// Draws on stderr, and nothing at all when that is no terminal.
fn bar() -> ProgressBar {
    let bar = ProgressBar::no_length();
    match ProgressStyle::with_template("{bar:40} {human_pos} rows ({elapsed})") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Shows which rule does not hold; every other error is the command's.
fn refused(arguments: &Arguments, error: Error, json: bool) -> anyhow::Result<Outcome> {
    let Error::Refused(refusal) = error else {
        return Err(error.into());
    };
    let report = FilesRefusalReport {
        tenant: arguments.tenant.id.to_string(),
        format: arguments.format,
        refusal: *refusal,
    };
    output::remark(&report);
    if json {
        output::report(&report, json)?;
    }
    Ok(Outcome::Refused)
}
