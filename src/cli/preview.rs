//! `oneroster preview`: the roster that would be served on a day, nothing stored.

use chrono::NaiveDate;
use clap::Args;
use oneroster_school::projection;

use super::{Global, Outcome, output};
use crate::db::Database;
use crate::publication;

/// Arguments of `preview`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The tenant.
    #[arg(long, value_name = "ID")]
    tenant: String,
    /// The day, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    as_of: NaiveDate,
    /// The school year to see as active, such as 2026-27; default: the tenant's.
    #[arg(long, value_name = "YEAR")]
    year: Option<String>,
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let settings = global.settings()?;
    let database = Database::open(&settings).await?;
    let roster = publication::preview(
        database.pool(),
        &arguments.tenant,
        arguments.as_of,
        arguments.year.as_deref(),
    )
    .await;
    database.close().await;
    let roster = roster?;
    if global.json {
        output::json(&projection::preview_document(
            &roster,
            &settings.base_url(settings.listen),
        ))?;
        return Ok(Outcome::Done);
    }
    output::line(format!("reference date {}", roster.reference_date));
    for org in &roster.orgs {
        let here = |id: &str| id == org.sourced_id;
        let classes = roster
            .classes
            .iter()
            .filter(|class| here(&class.content.school.sourced_id))
            .count();
        let users = roster
            .users
            .iter()
            .filter(|user| user.content.orgs.iter().any(|org| here(&org.sourced_id)))
            .count();
        output::line(format!(
            "{}\t{classes} classes\t{users} users\t{}",
            org.sourced_id, org.content.name
        ));
    }
    output::line(format!(
        "{} orgs, {} classes, {} users, {} enrollments",
        roster.orgs.len(),
        roster.classes.len(),
        roster.users.len(),
        roster.enrollments.len()
    ));
    Ok(Outcome::Done)
}
