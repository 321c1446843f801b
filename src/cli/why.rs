//! `oneroster why`: why a person, a class or a membership is published on a day, or is not.

use chrono::NaiveDate;
use clap::Args;

use super::argument::{Tenant, day};
use super::{Global, Outcome, Purpose, output};
use crate::publication;
use crate::publication::why::Asked;
use crate::report::why::WhyReport;

/// Tell why a person, a class or a membership is published on a day, or is not, and what would change it.
///
/// Exit code 0 whether it is published or not; 1 if nobody and nothing is called so. That it was asked is in the audit trail.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oneroster why --tenant zandpoort jan.janssens --on 2027-01-11")]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    /// A sourcedId, a username, a name or the beginnings of its words; of a class its code or name.
    #[arg(value_name = "WHO", required = true, num_args = 1..)]
    who: Vec<String>,
    /// Ask about the person in this class: a sourcedId, a code, a name or a title.
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,
    /// The day, YYYY-MM-DD; default: today.
    #[arg(long, value_name = "DATE", value_parser = day)]
    on: Option<NaiveDate>,
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let database = global.open(Purpose::Export).await?;
    let Arguments {
        tenant,
        who,
        class,
        on,
    } = arguments;
    let asked = Asked {
        who: who.join(" "),
        class,
    };
    let explained = publication::why::why(database.pool(), &tenant.id, &asked, on).await;
    let recorded = database.record().await;
    database.close().await;
    let report = WhyReport::new(&explained?, &asked.text());
    recorded?;
    output::report(&report, global.json)?;
    Ok(Outcome::done_if(!report.is_unknown()))
}
