//! `oneroster tenant activate-year`: the switch to the next school year, in August.

use std::path::{Path, PathBuf};

use clap::Args;
use oneroster_school::tenant::SchoolYear;

use super::account::By;
use super::argument::TenantOrFirst;
use super::file::Output;
use super::{Global, Outcome, Purpose, output};
use crate::publication::activation::{self, Activate, OldTeam};
use crate::report::activation::{ActivationReport, TeamsReport};
use crate::tabular::sheet;

/// Columns of the list of Teams; those that School Data Sync has too are called as there.
const TEAMS_HEADER: [&str; 9] = [
    "Team",
    "SIS ID",
    "Class Code",
    "School SIS ID",
    "School Name",
    "School Year",
    "Members",
    "Owners",
    "Status",
];

/// Arguments of `tenant activate-year`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oneroster tenant activate-year zandpoort 2027-28 --dry-run")]
#[command(allow_missing_positional = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: TenantOrFirst,
    /// The school year, such as 2027-28.
    year: SchoolYear,
    /// Show what would change, and what speaks against it; store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Do it though this rule speaks against it, or whatever does of this org; again for each. That is recorded.
    #[arg(long, value_name = "ORG|RULE")]
    accept: Vec<String>,
    /// Do it against everything that can be accepted; that is recorded.
    #[arg(long)]
    force: bool,
    /// Write the Teams of the year that ends to this CSV file, to be cleaned up in Microsoft 365; also in a dry run.
    #[arg(long, value_name = "FILE")]
    teams: Option<PathBuf>,
    #[command(flatten)]
    by: By,
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let Arguments {
        tenant,
        year,
        dry_run,
        accept,
        force,
        teams,
        by,
    } = arguments;
    let by = by.author()?;
    let teams = teams.map(Output::Path);
    if let Some(file) = &teams {
        // After the switch there is nothing left to list.
        file.try_folder()?;
    }
    let database = global.open(Purpose::change_unless(dry_run)).await?;
    let request = Activate {
        year: &year,
        dry_run,
        accept: &accept,
        force,
        lists_teams: teams.is_some(),
        by: by.as_str(),
    };
    let activation = activation::activate(database.pool(), tenant.id(), request).await;
    let recorded = database.record().await;
    database.close().await;
    let mut activation = activation?;
    recorded?;
    let listed = activation
        .outcome
        .as_mut()
        .and_then(|outcome| outcome.teams.take());
    let teams = match teams.zip(listed) {
        Some((file, listed)) => Some(write_teams(&file, &listed)?),
        None => None,
    };
    let report = ActivationReport::new(tenant.id(), &year, dry_run, activation, teams);
    output::report(&report, global.json)?;
    Ok(Outcome::done_if(report.accepted))
}

/// Writes the list of Teams, and returns what to report of it.
fn write_teams(file: &Output, teams: &[OldTeam]) -> anyhow::Result<TeamsReport> {
    let rows = teams.iter().map(|team| {
        [
            team.title.clone(),
            team.sourced_id.clone(),
            team.class_code.clone(),
            team.org.clone(),
            team.org_name.clone(),
            team.school_year.clone(),
            team.pupils.to_string(),
            team.teachers.to_string(),
            if team.is_active { "active" } else { "removed" }.to_owned(),
        ]
    });
    let header = std::iter::once(TEAMS_HEADER.map(str::to_owned));
    file.write(sheet(header.chain(rows)).as_bytes())?;
    let path: &Path = file.path();
    Ok(TeamsReport {
        file: path.display().to_string(),
        count: teams.len(),
    })
}
