//! `oneroster usernames`: look up, edit, release and hand over usernames; check them by file.

use std::fmt::Display;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use sqlx::PgPool;

use super::account::By;
use super::argument::Tenant;
use super::file::{Input, Output};
use super::opened::Opened;
use super::{Global, Outcome, Purpose, output, swap};
use crate::accounts::check_file::{BYTES_LIMIT, Bounds, FileFormat, GivenFile, Step};
use crate::accounts::{self, Author, Error, Transfer, Whom};
use crate::report::check_file::{CheckFileReport, CorrectionsReport};
use crate::report::takeover::TakeoverReport;
use crate::report::unserved::UnservedReport;
use crate::report::username_sync::SyncReport;
use crate::report::usernames::{
    TransferReport, UsernameHistoryReport, UsernameRefusalReport, UsernameReport, UsernamesReport,
};

/// Arguments of `usernames`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oneroster usernames list --tenant zandpoort --search peeters")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List usernames with all that is known of them; former names too are found by --search.
    #[command(after_help = "Example:\n  oneroster usernames list --tenant zandpoort --search lotte peeters")]
    List {
        #[command(flatten)]
        tenant: Tenant,
        /// Only where every word is found: in an id, a name or a username.
        #[arg(long, value_name = "TEXT", num_args = 1..)]
        search: Vec<String>,
    },
    /// Show every change of a person's username: when, who, from, to.
    #[command(after_help = "Example:\n  oneroster usernames history --tenant zandpoort --user jan.janssens")]
    History {
        #[command(flatten)]
        tenant: Tenant,
        /// The person, by sourcedId or username.
        #[arg(long, value_name = "PERSON")]
        user: String,
    },
    /// Give a person another username.
    #[command(
        after_help = "Example:\n  oneroster usernames set --tenant zandpoort --user jan.janssens jan.jansen"
    )]
    Set {
        #[command(flatten)]
        tenant: Tenant,
        /// The person, by sourcedId or username.
        #[arg(long, value_name = "PERSON")]
        user: String,
        /// The username: `local`, or `local@domain` where we send the domain.
        name: String,
        #[command(flatten)]
        by: By,
    },
    /// Release people for publication, or hold them back.
    #[command(after_help = "Example:\n  oneroster usernames sync on --tenant zandpoort --org 001507-1")]
    Sync {
        #[command(flatten)]
        tenant: Tenant,
        /// Whether they are released.
        #[arg(value_enum)]
        state: Switch,
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        by: By,
    },
    /// Hand the name, domain and flag of somebody who was merged in Informat to the record that survives.
    #[command(
        after_help = "Example:\n  oneroster usernames transfer --tenant zandpoort --from jan.janssens2 --to lotte.peeters"
    )]
    Transfer {
        #[command(flatten)]
        tenant: Tenant,
        /// Who had the name; without a registration or an assignment, now or later.
        #[arg(long, value_name = "PERSON")]
        from: String,
        /// Who gets it; without a username of their own yet, by sourcedId.
        #[arg(long, value_name = "PERSON")]
        to: String,
        /// Do it though names and birth dates say that they are two people; that is recorded.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        by: By,
    },
    /// Let two served usernames change hands: temporary names and a sync, aliases removed in Microsoft 365, the final names.
    Swap(swap::Arguments),
    /// Make names anew that were never served and that only the system made: after another format, a corrected or a mended name.
    #[command(after_help = "Example:\n  oneroster usernames regenerate --tenant zandpoort --all --dry-run")]
    Regenerate(Unserved),
    /// Forget the usernames of people who were never served, under names that only the system made.
    #[command(after_help = "Example:\n  oneroster usernames forget --tenant zandpoort --all --dry-run")]
    Forget(Unserved),
    /// Write the check file: everyone who would be published if released, as a workbook or a CSV for a spreadsheet.
    #[command(
        after_help = "Example:\n  oneroster usernames export --tenant zandpoort --org 001507-1 check.xlsx"
    )]
    Export {
        #[command(flatten)]
        tenant: Tenant,
        /// The file to write, a workbook if its name ends with .xlsx, else a CSV; one that is there is replaced. - writes a CSV
        /// to standard output and reports on standard error.
        file: Output,
        /// Only who is in this org now or later, also who is in another until then.
        #[arg(long, value_name = "ORG")]
        org: Option<String>,
        /// Report how many people it would list; write nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Read a check file back: what its third column says becomes the username. Or take over the usernames that another server served, from an
    /// export with columns for id, username and Sync flag (docs/go-live.md). All or nothing.
    #[command(after_help = "Example:\n  oneroster usernames import --tenant zandpoort check.xlsx --dry-run")]
    Import {
        #[command(flatten)]
        tenant: Tenant,
        /// The file, a workbook if its name ends with .xlsx, else a CSV; - reads a CSV from standard input.
        file: Input,
        /// Only for people of this org: others are passed over, and a correction of theirs is a fault.
        #[arg(long, value_name = "ORG")]
        org: Option<String>,
        /// Report row by row what would change; change nothing.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        by: By,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Whose {
    /// These people, each by sourcedId or username.
    #[arg(long, value_name = "PERSON", num_args = 1..)]
    user: Vec<String>,
    /// Everyone who is in this org now or later, also who is in another until then.
    #[arg(long, value_name = "ORG")]
    org: Option<String>,
    /// Everyone who has a username; of `sync on` everyone the check file lists.
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Args)]
struct Unserved {
    #[command(flatten)]
    tenant: Tenant,
    #[command(flatten)]
    whose: Whose,
    /// Report what would change; change nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl Action {
    const fn purpose(&self) -> Purpose {
        match self {
            Self::List { .. } | Self::History { .. } | Self::Export { dry_run: true, .. } => Purpose::Read,
            Self::Set { .. } | Self::Sync { .. } | Self::Transfer { .. } | Self::Swap(_) => Purpose::Change,
            Self::Export { dry_run: false, .. } => Purpose::Export,
            Self::Import { dry_run, .. }
            | Self::Regenerate(Unserved { dry_run, .. })
            | Self::Forget(Unserved { dry_run, .. }) => Purpose::change_unless(*dry_run),
        }
    }
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let database = global.open(arguments.action.purpose()).await?;
    let outcome = act(arguments.action, &database, global.json).await;
    database.close().await;
    outcome
}

async fn act(action: Action, database: &Opened, json: bool) -> anyhow::Result<Outcome> {
    let pool = database.pool();
    match action {
        Action::List { tenant, search } => list(pool, tenant.id.into(), &search, json).await,
        Action::History { tenant, user } => {
            let result = history(pool, &tenant.id, &user).await;
            conclude((database, &tenant.id), result, |_| &[], json).await
        }
        Action::Set {
            tenant,
            user,
            name,
            by,
        } => {
            let result = set(pool, &tenant.id, &by.author()?, &user, &name).await;
            conclude((database, &tenant.id), result, |report| &report.warnings, json).await
        }
        Action::Sync {
            tenant,
            state,
            whose,
            by,
        } => {
            let result = sync(pool, &tenant.id, &by.author()?, state, whose).await;
            conclude((database, &tenant.id), result, |_| &[], json).await
        }
        Action::Transfer {
            tenant,
            from,
            to,
            force,
            by,
        } => {
            let result = transfer(pool, &tenant.id, &by.author()?, (&from, &to), force).await;
            conclude((database, &tenant.id), result, |report| &report.warnings, json).await
        }
        Action::Swap(arguments) => {
            let tenant_id = &arguments.tenant.id;
            let result = swap::run(pool, tenant_id, &arguments.by.author()?, &arguments).await;
            conclude((database, tenant_id), result, |_| &[], json).await
        }
        Action::Regenerate(unserved) => {
            let result = regenerate(pool, (&unserved, &unserved.by.author()?)).await;
            conclude((database, &unserved.tenant.id), result, |_| &[], json).await
        }
        Action::Forget(unserved) => {
            let result = forget(pool, (&unserved, &unserved.by.author()?)).await;
            conclude((database, &unserved.tenant.id), result, |_| &[], json).await
        }
        Action::Export {
            tenant,
            file,
            org,
            dry_run,
        } => export(database, tenant.id.into(), (&file, org), dry_run, json).await,
        Action::Import {
            tenant,
            file,
            org,
            dry_run,
            by,
        } => import(database, &tenant.id, &by.author()?, (&file, org, dry_run), json).await,
    }
}

/// Shows what an operation did, or why it was refused; every other error is the command's.
async fn conclude<R: Serialize + Display>(
    (database, tenant_id): (&Opened, &str),
    result: Result<R, Error>,
    warnings: fn(&R) -> &[String],
    json: bool,
) -> anyhow::Result<Outcome> {
    match result {
        Ok(report) => {
            database.record().await?;
            output::warn(warnings(&report));
            output::report(&report, json)?;
            Ok(Outcome::Done)
        }
        Err(error) => refused(tenant_id, error, json),
    }
}

/// Shows why an operation was refused; every other error is the command's.
fn refused(tenant_id: &str, error: Error, json: bool) -> anyhow::Result<Outcome> {
    let Error::Refused(refusal) = error else {
        return Err(error.into());
    };
    let report = UsernameRefusalReport::new(tenant_id, &refusal);
    output::remark(&report);
    if json {
        output::report(&report, json)?;
    }
    Ok(Outcome::Refused)
}

async fn list(pool: &PgPool, tenant: String, search: &[String], json: bool) -> anyhow::Result<Outcome> {
    let usernames = accounts::list(pool, &tenant, search).await?;
    let report = UsernamesReport { tenant, usernames };
    output::report(&report, json)?;
    if !json {
        output::remark(report.remark());
    }
    Ok(Outcome::Done)
}

async fn history(pool: &PgPool, tenant_id: &str, user: &str) -> Result<UsernameHistoryReport, Error> {
    let user = accounts::find_person(pool, tenant_id, user).await?;
    let changes = accounts::history(pool, tenant_id, user).await?;
    Ok(UsernameHistoryReport::new(tenant_id, user, changes))
}

async fn set(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    user: &str,
    name: &str,
) -> Result<UsernameReport, Error> {
    let user = accounts::find_person(pool, tenant_id, user).await?;
    let edited = accounts::set(pool, tenant_id, by, user, name).await?;
    Ok(UsernameReport::new(tenant_id, user, &edited))
}

async fn sync(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    state: Switch,
    whose: Whose,
) -> Result<SyncReport, Error> {
    let whom = find_people(pool, tenant_id, &whose).await?;
    let on = state == Switch::On;
    let synced = accounts::sync(pool, tenant_id, by, on, &whom).await?;
    Ok(SyncReport::new(tenant_id, on, synced))
}

/// Finds the people who are meant.
async fn find_people(pool: &PgPool, tenant_id: &str, whose: &Whose) -> Result<Whom, Error> {
    if let Some(org) = &whose.org {
        return Ok(Whom::Org(org.clone()));
    }
    if whose.all {
        return Ok(Whom::All);
    }
    let mut people = Vec::new();
    for user in &whose.user {
        people.push(accounts::find_person(pool, tenant_id, user).await?);
    }
    Ok(Whom::People(people))
}

async fn regenerate(pool: &PgPool, (arguments, by): (&Unserved, &Author)) -> Result<UnservedReport, Error> {
    let Unserved { tenant, dry_run, .. } = arguments;
    let whom = find_people(pool, &tenant.id, &arguments.whose).await?;
    let edit = accounts::regenerate(pool, &tenant.id, by, &whom, *dry_run).await?;
    Ok(UnservedReport::new(&tenant.id, edit, *dry_run))
}

async fn forget(pool: &PgPool, (arguments, by): (&Unserved, &Author)) -> Result<UnservedReport, Error> {
    let Unserved { tenant, dry_run, .. } = arguments;
    let whom = find_people(pool, &tenant.id, &arguments.whose).await?;
    let edit = accounts::forget(pool, &tenant.id, by, &whom, *dry_run).await?;
    Ok(UnservedReport::new(&tenant.id, edit, *dry_run))
}

async fn transfer(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    (from, to): (&str, &str),
    is_forced: bool,
) -> Result<TransferReport, Error> {
    let from = accounts::find_person(pool, tenant_id, from).await?;
    let to = accounts::find_person(pool, tenant_id, to).await?;
    let request = Transfer { from, to, is_forced };
    let transferred = accounts::transfer(pool, tenant_id, by, request).await?;
    Ok(TransferReport::new(tenant_id, (from, to), &transferred))
}

async fn export(
    database: &Opened,
    tenant: String,
    (file, org): (&Output, Option<String>),
    dry_run: bool,
    json: bool,
) -> anyhow::Result<Outcome> {
    let format = FileFormat::of_name(&file.path().to_string_lossy());
    let check_file =
        match accounts::check_file::export(database.pool(), &tenant, format, bounds(org.as_deref())).await {
            Ok(check_file) => check_file,
            Err(error) => return refused(&tenant, error, json),
        };
    if !dry_run {
        // It holds birth dates: who had it is known before it is there.
        accounts::check_file::note_export(database.pool(), &tenant, None, &check_file, org.as_deref())
            .await?;
        database.record().await?;
        file.write(&check_file.bytes)?;
    }
    let report = CheckFileReport {
        tenant,
        file: file.path().to_owned(),
        org,
        people: check_file.people,
        dry_run,
    };
    match file {
        Output::Standard => output::report_aside(&report, json)?,
        Output::Path(_) => output::report(&report, json)?,
    }
    Ok(Outcome::Done)
}

/// Whoever runs a command may see and change all.
const fn bounds(org: Option<&str>) -> Bounds<'_> {
    Bounds { org, rights: None }
}

async fn import(
    database: &Opened,
    tenant_id: &str,
    by: &Author,
    (file, org, dry_run): (&Input, Option<String>, bool),
    json: bool,
) -> anyhow::Result<Outcome> {
    let given = GivenFile {
        name: file.name(),
        bytes: file.read(BYTES_LIMIT)?,
    };
    if accounts::takeover::is_export(&given.name, &given.bytes) {
        if org.is_some() {
            anyhow::bail!("an export of another server is taken over whole: leave --org out");
        }
        return take_over(database, tenant_id, by, (given, dry_run), json).await;
    }
    let step = if dry_run { Step::Judge } else { Step::Apply };
    let bounds = bounds(org.as_deref());
    let corrected =
        match accounts::check_file::import(database.pool(), tenant_id, by, given, bounds, step).await {
            Ok(corrected) => corrected,
            Err(error) => return refused(tenant_id, error, json),
        };
    database.record().await?;
    let report = CorrectionsReport::new(tenant_id, corrected, dry_run);
    if !json {
        output::warn(report.warning_texts());
    }
    output::report(&report, json)?;
    Ok(Outcome::done_if(report.accepted))
}

async fn take_over(
    database: &Opened,
    tenant_id: &str,
    by: &Author,
    (given, dry_run): (GivenFile, bool),
    json: bool,
) -> anyhow::Result<Outcome> {
    let taken = accounts::takeover::take_over(database.pool(), tenant_id, by, given, dry_run).await;
    let taken = match taken {
        Ok(taken) => taken,
        Err(error) => return refused(tenant_id, error, json),
    };
    database.record().await?;
    let report = TakeoverReport::new(tenant_id, &taken, dry_run);
    if !json {
        output::warn(
            report
                .warnings
                .iter()
                .map(|warning| format!("the file: {warning}")),
        );
    }
    output::report(&report, json)?;
    Ok(Outcome::done_if(report.accepted))
}
