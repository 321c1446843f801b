//! `oneroster history`: what changed between generations, and why.

use clap::Args;
use oneroster_standard::Kind;
use sqlx::PgPool;
use uuid::Uuid;

use super::argument::{Tenant, generation};
use super::{Global, Outcome, Purpose, output};
use crate::accounts;
use crate::history::{self, Range};
use crate::report::history::remark;

/// Arguments of `history`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oneroster history --tenant zandpoort --object users/jan.janssens")]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    /// One object, such as users/jan.janssens or users/4c6e…: every version with its reasons; a user's and a class's with
    /// those of their enrollments. A user goes by sourcedId or username.
    #[arg(long, value_name = "KIND/ID", value_parser = object)]
    object: Option<(Kind, String)>,
    /// Only what happened after this generation. Without --object: compare with it.
    #[arg(long, value_name = "G", value_parser = generation)]
    from: Option<i64>,
    /// Only what happened up to this generation; the newest unless said otherwise.
    #[arg(long, value_name = "G", value_parser = generation)]
    to: Option<i64>,
}

fn object(text: &str) -> Result<(Kind, String), String> {
    let kinds = || Kind::ALL.map(Kind::collection).join(", ");
    let (kind, id) = text
        .split_once('/')
        .filter(|(_, id)| !id.is_empty())
        .ok_or_else(|| "an object is written KIND/ID, such as users/4c6e…".to_owned())?;
    let kind = Kind::from_collection(kind)
        .ok_or_else(|| format!("there is no kind {kind:?}; the kinds are {}", kinds()))?;
    Ok((kind, id.to_owned()))
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let database = global.open(Purpose::Read).await?;
    let result = report(arguments, database.pool(), global.json).await;
    database.close().await;
    result.map(|()| Outcome::Done)
}

async fn report(arguments: Arguments, pool: &PgPool, json: bool) -> anyhow::Result<()> {
    let Arguments {
        tenant,
        object,
        from,
        to,
    } = arguments;
    let range = Range { from, to };
    let mut remarks = Vec::new();
    if let Some((kind, id)) = object {
        let id = sourced_id(pool, &tenant.id, kind, &id).await?;
        let found = history::of_object(pool, &tenant.id, kind, &id, range).await?;
        output::report(&found, json)?;
        if found.entries.is_empty() {
            remarks.push("Nothing happened to it in these generations.".to_owned());
        }
        remarks.extend(remark(found.whole_from));
    } else if range == Range::default() {
        let found = history::generations(pool, &tenant.id).await?;
        output::report(&found, json)?;
        remarks.extend(remark(found.whole_from));
    } else {
        let found = history::between(pool, &tenant.id, range).await?;
        output::report(&found, json)?;
        if found.not_listed > 0 {
            remarks.push(format!("{} more are not listed.", found.not_listed));
        }
    }
    if !json {
        remarks.iter().for_each(output::remark);
    }
    Ok(())
}

/// Returns the id of an object as it is served; a user may also be named by username.
async fn sourced_id(
    pool: &PgPool,
    tenant_id: &str,
    kind: Kind,
    text: &str,
) -> Result<String, accounts::Error> {
    if kind == Kind::Users && Uuid::try_parse(text).is_err() {
        let person = accounts::find_person(pool, tenant_id, text).await?;
        return Ok(person.to_string());
    }
    // Every id that is served is in lower case; Informat's own lists have some in capitals.
    Ok(text.to_lowercase())
}
