//! `oneroster match`: the people of the check file beside the accounts of the school's Microsoft tenant.

use anyhow::Context;
use clap::Args;
use oneroster_entra::{BYTES_LIMIT, Candidate, ColumnChoice, Domains, read};

use super::argument::Tenant;
use super::file::{Input, Output};
use super::{Global, Outcome, Purpose, output};
use crate::accounts::check_file::{FileFormat, note_export};
use crate::accounts::matching::{match_accounts, word};
use crate::report::matching::MatchReport;

/// Compare everyone of the check file with an export of the accounts in Microsoft Entra; change nothing.
///
/// The export is the user list of Entra or of the Microsoft 365 admin centre (CSV), or an answer of Microsoft Graph for /users (JSON).
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oneroster match --tenant zandpoort users.csv --write check.xlsx")]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    /// The accounts; - reads standard input.
    file: Input,
    /// Write a check file with what was found, a workbook if its name ends with .xlsx: its third column has the usernames that are
    /// beyond doubt. `oneroster usernames import` applies it.
    #[arg(long, value_name = "FILE")]
    write: Option<Output>,
    /// What a column holds, where its name does not say it: upn, displayname, givenname, surname, mail, department, birthdate and
    /// others.
    #[arg(long, value_name = "FIELD=COLUMN", num_args = 1.., value_delimiter = ',')]
    columns: Vec<ColumnChoice>,
    /// The domain that Microsoft adds to the usernames of pupils; default: that of the tenant file, else
    /// the one that the accounts show.
    #[arg(long, value_name = "DOMAIN")]
    pupil_domain: Option<String>,
    /// The domain that Microsoft adds to the usernames of staff; default: that of the tenant file, else
    /// the one that the accounts show.
    #[arg(long, value_name = "DOMAIN")]
    staff_domain: Option<String>,
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let Arguments {
        tenant,
        file,
        write,
        columns,
        pupil_domain,
        staff_domain,
    } = arguments;
    if let Some(write) = &write {
        write.try_folder()?;
    }
    if let Some(write) = &write
        && write.is_same_as(&file)
    {
        anyhow::bail!("--write names {file}, which holds the accounts: name another file");
    }
    let bytes = file.read(BYTES_LIMIT)?;
    let accounts = read(&bytes, &columns).with_context(|| format!("cannot read the accounts of {file}"))?;
    drop(bytes);
    let lower = |domain: Option<String>| domain.map(|domain| domain.trim_start_matches('@').to_lowercase());
    let domains = Domains {
        pupils: lower(pupil_domain),
        staff: lower(staff_domain),
    };
    let purpose = if write.is_some() {
        Purpose::Export
    } else {
        Purpose::Read
    };
    let database = global.open(purpose).await?;
    let matched = match_accounts(database.pool(), &tenant.id, accounts, domains, None).await?;
    if let Some(write) = &write {
        let format = FileFormat::of_name(&write.path().to_string_lossy());
        let check_file =
            matched.check_file(format, |verdict| word(verdict).to_owned(), Candidate::because)?;
        // It holds birth dates: who had it is known before it is there.
        note_export(database.pool(), &tenant.id, None, &check_file, None).await?;
        database.record().await?;
        write.write(&check_file.bytes)?;
    }
    database.close().await;
    let report = MatchReport::new(&tenant.id, &matched);
    output::warn(report.warnings());
    match write {
        Some(Output::Standard) => output::report_aside(&report, global.json)?,
        Some(Output::Path(_)) | None => output::report(&report, global.json)?,
    }
    Ok(Outcome::Done)
}
