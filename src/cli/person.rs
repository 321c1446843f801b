//! `oneroster person`: what is kept of one person.

use std::fmt::Display;

use clap::{Args as Arguments, Subcommand};
use serde::Serialize;
use sqlx::PgPool;
use uuid::Uuid;

use super::account::By;
use super::argument::Tenant;
use super::opened::Opened;
use super::{Global, Outcome, Purpose, output};
use crate::accounts::{self, Author, Erased, Error, NameForgotten};
use crate::report::person::{NameForgottenReport, PersonErasedReport};
use crate::report::usernames::UsernameRefusalReport;

/// Arguments of `person`.
#[derive(Debug, Arguments)]
#[command(
    after_help = "Example:\n  oneroster person erase --tenant zandpoort 00000000-0000-4000-8000-000000000006"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Erase somebody who is no longer in Informat's data and no longer published. It cannot be undone.
    #[command(
        after_help = "Example:\n  oneroster person erase --tenant zandpoort 00000000-0000-4000-8000-000000000005"
    )]
    Erase {
        #[command(flatten)]
        tenant: Tenant,
        /// The person, by sourcedId or username: `usernames list --search` shows both.
        #[arg(value_name = "PERSON")]
        person: String,
        #[command(flatten)]
        by: By,
    },
    /// Forget a username that somebody had before, who stays. It cannot be undone.
    ///
    /// It leaves the history of their record, what was published, and the audit trail; a hash of it stays, so that nobody else gets it.
    #[command(
        after_help = "Example:\n  oneroster person forget-name --tenant zandpoort 00000000-0000-4000-8000-000000000007 an.smet"
    )]
    ForgetName {
        #[command(flatten)]
        tenant: Tenant,
        /// The person, by sourcedId or username: `usernames list --search` shows both.
        #[arg(value_name = "PERSON")]
        person: String,
        /// The former username: `local`, or `local@domain`.
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        by: By,
    },
}

/// Erases a person, or forgets a name of theirs.
pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<Outcome> {
    let (Action::Erase { by, .. } | Action::ForgetName { by, .. }) = &args.action;
    let by = by.author()?;
    let database = global.open(Purpose::Change).await?;
    let done = async {
        match args.action {
            Action::Erase { tenant, person, .. } => {
                let erased = erase(database.pool(), &tenant.id, &by, &person).await;
                let report = erased.map(|(person, erased)| PersonErasedReport::new(person, erased));
                finish(&database, global, &tenant.id, report).await
            }
            Action::ForgetName {
                tenant, person, name, ..
            } => {
                let forgotten = forget_name(database.pool(), &tenant.id, &by, (&person, &name)).await;
                let report = forgotten.map(|(person, forgotten)| NameForgottenReport::new(person, forgotten));
                finish(&database, global, &tenant.id, report).await
            }
        }
    }
    .await;
    database.close().await;
    done
}

async fn erase(pool: &PgPool, tenant_id: &str, by: &Author, person: &str) -> Result<(Uuid, Erased), Error> {
    let person = accounts::find_person(pool, tenant_id, person).await?;
    Ok((person, accounts::erase(pool, tenant_id, by, person).await?))
}

async fn forget_name(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    (person, name): (&str, &str),
) -> Result<(Uuid, NameForgotten), Error> {
    let person = accounts::find_person(pool, tenant_id, person).await?;
    Ok((
        person,
        accounts::forget_name(pool, tenant_id, by, person, name).await?,
    ))
}

/// Writes the files of the trail anew, and reports what was done or why it was refused.
async fn finish<Report: Display + Serialize>(
    database: &Opened,
    global: &Global,
    tenant_id: &str,
    report: Result<Report, Error>,
) -> anyhow::Result<Outcome> {
    match report {
        Ok(report) => {
            database.record().await?;
            output::report(&report, global.json)?;
            Ok(Outcome::Done)
        }
        Err(Error::Refused(refusal)) => {
            let report = UsernameRefusalReport::new(tenant_id, &refusal);
            output::remark(&report);
            if global.json {
                output::report(&report, true)?;
            }
            Ok(Outcome::Refused)
        }
        Err(error) => Err(error.into()),
    }
}
