//! `oneroster teams-cleanup`: of the file with which School Data Sync archives Teams, the rows of a school year that is over.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use oneroster_entra::usage::{Contradiction, Judged, Sheet, USAGE_BYTES_LIMIT, Verdict};
use oneroster_school::tenant::SchoolYear;
use oneroster_standard::first_few;

use super::argument::Tenant;
use super::file::Input;
use super::{Global, Outcome, Purpose, output};
use crate::microsoft;
use crate::report::teams_cleanup::TeamsCleanupReport;

/// What the file is called where it comes from standard input.
const NAME: &str = "SectionUsage.csv";

/// How many rows a refusal names.
const ROWS_NAMED: usize = 10;

/// Make the file with which School Data Sync archives the Teams of a school year that is over: of the file that an administrator
/// downloads there, exactly the rows that are a class we published in that year, and none of the active one.
///
/// Columns, order, encoding and name of the file stay as they are; a class is known by its id, or its name, in whatever column. What is
/// uploaded to School Data Sync is archived: look at the file first.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  oneroster teams-cleanup --tenant zandpoort SectionUsage.csv --year 2025-26 --write archive"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    /// The file of School Data Sync; - reads standard input.
    file: Input,
    /// The school year that is over, such as 2025-26.
    #[arg(long, value_name = "YEAR")]
    year: SchoolYear,
    /// Write the file to upload into this folder, under the same name; without it only say what would be in it.
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
    /// Replace a file that is there already.
    #[arg(long, requires = "write")]
    overwrite: bool,
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let Arguments {
        tenant,
        file,
        year,
        write,
        overwrite,
    } = arguments;
    let name = match &file {
        Input::Standard => NAME.to_owned(),
        Input::Path(_) => file.name(),
    };
    let target = write.map(|folder| folder.join(name));
    if let Some(target) = &target {
        refuse_what_is_there(target, &file, overwrite)?;
    }
    let sheet = Sheet::read(&file.read(USAGE_BYTES_LIMIT)?).with_context(|| format!("cannot read {file}"))?;
    let database = global.open(Purpose::Read).await?;
    let known = microsoft::old_classes(database.pool(), &tenant.id, &year).await;
    database.close().await;
    let known = known?;
    let judged = known.years.judge(&sheet, &year, &known.active_year);
    refuse(&judged, &year, &known.active_year).with_context(|| format!("{file}: nothing was written"))?;
    let published = known.years.count(&year);
    let mut report = TeamsCleanupReport::new(&tenant.id, (&year, &known.active_year), published, &judged);
    if let Some(target) = target {
        let kept = judged
            .rows
            .iter()
            .filter(|row| matches!(row.verdict, Verdict::Kept(_)));
        let rows = kept.filter_map(|row| sheet.rows().get(row.index));
        put(&target, &sheet.with_rows(rows), overwrite)
            .with_context(|| format!("cannot write {}", target.display()))?;
        report.written = Some(target.display().to_string());
    }
    output::report(&report, global.json)?;
    Ok(Outcome::Done)
}

/// Refuses a file from which more would be archived than is meant, or nothing.
fn refuse(judged: &Judged, year: &str, active_year: &str) -> anyhow::Result<()> {
    if judged.header_is_class {
        bail!("its first row is a class: the row with the names of the columns is missing");
    }
    if !judged.contradictions.is_empty() {
        let named = judged.contradictions.iter().map(|Contradiction { line, class }| {
            let id = class
                .sourced_id
                .as_deref()
                .map(|id| format!(" ({id})"))
                .unwrap_or_default();
            format!("line {line}: {}{id}", class.name)
        });
        let named: Vec<String> = named.collect();
        bail!(
            "by its id or name a row is a class of {year} and of the active year {active_year}, whose Teams are in use: {}. Take such \
             rows out of the file, or rename the Teams, and try again",
            first_few(&named, ROWS_NAMED)
        );
    }
    let is_kept = |verdict: &Verdict| matches!(verdict, Verdict::Kept(_));
    if !judged.rows.iter().any(|row| is_kept(&row.verdict)) {
        bail!(
            "no row is a class of {year}: download the file again in School Data Sync, or choose another year"
        );
    }
    Ok(())
}

fn refuse_what_is_there(target: &Path, file: &Input, overwrite: bool) -> anyhow::Result<()> {
    let place = |path: &Path| fs::canonicalize(path).ok();
    if let Input::Path(path) = file
        && target.exists()
        && place(path) == place(target)
    {
        bail!(
            "{} is the file of School Data Sync itself: write into another folder",
            target.display()
        );
    }
    if target.exists() && !overwrite {
        bail!("{} is there already; --overwrite replaces it", target.display());
    }
    Ok(())
}

/// Writes a file that only its owner reads; makes its folder if there is none.
fn put(target: &Path, bytes: &[u8], overwrite: bool) -> std::io::Result<()> {
    let folder = target.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    if overwrite {
        let mut draft = tempfile::NamedTempFile::new_in(folder)?;
        draft.write_all(bytes)?;
        draft.persist(target)?;
        return Ok(());
    }
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(target)?
        .write_all(bytes)
}
