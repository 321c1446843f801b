//! `oneroster person`: what is kept of one person.

use clap::{Args as Arguments, Subcommand};
use uuid::Uuid;

use super::account::By;
use super::argument::Tenant;
use super::{Global, Outcome, Purpose, output};
use crate::accounts::{self, Error};
use crate::report::person::PersonErasedReport;
use crate::report::usernames::UsernameRefusalReport;

/// Arguments of the command.
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
        /// The person, by sourcedId: `usernames list` and `history` show it.
        #[arg(value_name = "SOURCED_ID")]
        person: Uuid,
        #[command(flatten)]
        by: By,
    },
}

/// Erases a person.
pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<Outcome> {
    let Action::Erase { tenant, person, by } = args.action;
    let by = by.author()?;
    let database = global.open(Purpose::Change).await?;
    let done = async {
        match accounts::erase(database.pool(), &tenant.id, &by, person).await {
            Ok(erased) => {
                database.record().await?;
                anyhow::Ok(Ok(PersonErasedReport::new(person, erased)))
            }
            Err(Error::Refused(refusal)) => Ok(Err(UsernameRefusalReport::new(&tenant.id, &refusal))),
            Err(error) => Err(error.into()),
        }
    }
    .await;
    database.close().await;
    match done? {
        Ok(report) => {
            output::report(&report, global.json)?;
            Ok(Outcome::Done)
        }
        Err(report) => {
            output::remark(&report);
            if global.json {
                output::report(&report, true)?;
            }
            Ok(Outcome::Refused)
        }
    }
}
