//! `oneroster generate`: writes a synthetic school group as a bundle with its tenant file.

use std::io::IsTerminal;
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};
use oneroster_generate::{self, MOST_PUPILS, Options, SchoolGroup, SchoolYear};
use oneroster_school::tenant::TenantId;

use super::{Outcome, output};
use crate::clock::Clock;
use crate::report::generate::SchoolGroupReport;

/// After how many rows the progress bar moves.
const ROWS_PER_STEP: u64 = 1000;

/// Write a synthetic Flemish school group: a bundle to import and its tenant.toml.
///
/// Everybody in it is invented. The same options give the same bytes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oneroster generate group --pupils 500 --seed 1 --tenant zandpoort")]
pub(crate) struct Args {
    /// Folder to write in: a new one, an empty one, or one that holds an earlier bundle.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// How many pupils, 1 to 1000000.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_PUPILS)))]
    pupils: u32,
    /// Where chance starts from.
    #[arg(long, value_name = "S")]
    seed: u64,
    /// Active school year, such as 2026-27; default: today's, in July and August the coming one.
    #[arg(long, value_name = "YEAR")]
    school_year: Option<SchoolYear>,
    /// Id of the tenant in tenant.toml: lower-case letters, digits and '-'.
    #[arg(long, value_name = "ID", default_value = "demo", value_parser = tenant_id)]
    tenant: String,
    /// Enter everybody for the next year too, as in August, so that it can be activated.
    #[arg(long)]
    complete_next_year: bool,
}

/// Runs the command.
pub(crate) async fn run(args: Args, json: bool) -> anyhow::Result<Outcome> {
    let Args {
        directory,
        pupils,
        seed,
        school_year,
        tenant,
        complete_next_year,
    } = args;
    let school_year = school_year.unwrap_or_else(|| {
        SchoolYear::of(
            Clock::System
                .now()
                .with_timezone(&chrono_tz::Europe::Brussels)
                .date_naive(),
        )
    });
    let options = Options {
        pupils,
        seed,
        school_year,
        tenant,
        complete_next_year,
    };
    let target = directory.clone();
    let group = tokio::task::spawn_blocking(move || make(&options, &target)).await??;
    let report = SchoolGroupReport::new(group, directory, school_year);
    output::report(&report, json)?;
    Ok(Outcome::Done)
}

fn make(options: &Options, directory: &std::path::Path) -> Result<SchoolGroup, oneroster_generate::Error> {
    /// Below this, there is nothing to watch.
    const WORTH_A_BAR: u32 = 20_000;
    let watched = options.pupils >= WORTH_A_BAR && std::io::stderr().is_terminal();
    let bar = if watched {
        ProgressBar::no_length()
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:40}] {human_pos}/{human_len} rows") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message("inventing");
    bar.tick();
    let group = oneroster_generate::school_group(options);
    let rows: usize = group.files().iter().map(|(_, rows)| rows).sum();
    bar.set_length(u64::try_from(rows).unwrap_or(u64::MAX));
    bar.set_message("writing");
    let written = oneroster_generate::write_reporting(&group, directory, &mut |rows| {
        if rows.is_multiple_of(ROWS_PER_STEP) {
            bar.set_position(rows);
        }
    });
    bar.finish_and_clear();
    written.map(|()| group)
}

fn tenant_id(text: &str) -> Result<String, String> {
    let parsed = text.parse::<TenantId>();
    parsed.map(String::from).map_err(|_| {
        "use 1 to 63 lower-case letters, digits and '-', starting with a letter or digit".to_owned()
    })
}
