//! `oneroster publish`: publish a tenant now, or show what publishing would change; release or discard what is held.

use std::collections::BTreeSet;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use oneroster_school::tenant::TenantId;
use oneroster_standard::Kind;
use sqlx::PgPool;

use super::account::By;
use super::file::Input;
use super::opened::Opened;
use super::{Global, Outcome, Purpose, output};
use crate::accounts::Author;
use crate::publication::{self, Options, Publication, Release, State, TOUCHED_MAX, Touch, Touched};
use crate::report::publication::{Asked, PublicationReport, PublicationsReport};
use crate::tenants;

/// Fewest characters of a fingerprint that name a held publication.
const HOLD_LENGTH_MIN: usize = 8;

/// How large a file of ids may be.
const TOUCH_FILE_BYTES_MAX: usize = 256 * 1024;

/// Arguments of `publish`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oneroster publish --tenant zandpoort --dry-run")]
#[command(group = clap::ArgGroup::new("which").required(true))]
pub(crate) struct Arguments {
    /// The tenant, by its id.
    #[arg(long, value_name = "ID", group = "which")]
    tenant: Option<TenantId>,
    /// Every tenant.
    #[arg(long, group = "which")]
    all: bool,
    /// Show what would change; store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Give everything a new date, as after a restore from backup: every consumer reads everything again. Dates lie 13 hours
    /// ahead, past every token that the backup does not know. The day is the clock's own, also after a clock that was far ahead.
    #[arg(long)]
    redate: bool,
    /// Publish what is held, if it is still what would be published; with HOLD only if that is what is held.
    #[arg(long, value_name = "HOLD", num_args = 0..=1, require_equals = true, default_missing_value = "",
          value_parser = hold)]
    release: Option<String>,
    /// Set aside what is held: it is not announced again until something else would be published; with HOLD only if that is
    /// what is held.
    #[arg(long, value_name = "HOLD", num_args = 0..=1, require_equals = true, default_missing_value = "",
          value_parser = hold, conflicts_with_all = ["release", "dry_run", "redate"])]
    discard: Option<String>,
    /// Send people and classes again, and only these: they get a new date, so that a consumer that missed them reads them in its
    /// next delta. By `sourcedId`, or as users/ID, classes/ID, enrollments/ID; also removed ones. Nothing else is published.
    #[arg(long, value_name = "ID", num_args = 1.., value_parser = touched,
          conflicts_with_all = ["all", "redate", "release", "discard"])]
    touch: Vec<Touched>,
    /// The same with the ids of a file, a line each; lines that begin with # do not count, - reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all", "redate", "release", "discard"])]
    touch_file: Option<Input>,
    #[command(flatten)]
    by: By,
}

/// Reads an object to be sent again.
fn touched(text: &str) -> Result<Touched, String> {
    let expected = || "give the sourcedId of a person or a class, or users/ID, classes/ID".to_owned();
    let (kind, sourced_id) = match text.split_once('/') {
        None => (None, text),
        Some((collection, id)) => (Some(Kind::from_collection(collection).ok_or_else(expected)?), id),
    };
    if sourced_id.is_empty() || sourced_id.contains([' ', '\t', ',', ';', '/', '"']) {
        return Err(expected());
    }
    Ok(Touched {
        kind,
        sourced_id: sourced_id.to_owned(),
    })
}

/// Reads the ids of a file, a line each.
fn touched_lines(text: &str) -> Result<Vec<Touched>, String> {
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    lines
        .zip(1..)
        .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
        .map(|(line, number)| touched(line).map_err(|expected| format!("line {number}: {expected}")))
        .collect()
}

/// Reads the beginning of a fingerprint; nothing at all stands for whatever is held.
fn hold(text: &str) -> Result<String, String> {
    let is_hexadecimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if text.is_empty() || (text.len() >= HOLD_LENGTH_MIN && is_hexadecimal) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "use what `oneroster publish` shows as hold, {HOLD_LENGTH_MIN} characters of it at least"
    ))
}

impl Arguments {
    /// Returns what is to be sent again; none if that is not asked for.
    fn touched(&self) -> anyhow::Result<BTreeSet<Touched>> {
        let mut touched: BTreeSet<Touched> = self.touch.iter().cloned().collect();
        if let Some(file) = &self.touch_file {
            let bytes = file.read(TOUCH_FILE_BYTES_MAX)?;
            if bytes.len() > TOUCH_FILE_BYTES_MAX {
                bail!(
                    "{file} is larger than {TOUCH_FILE_BYTES_MAX} bytes: {TOUCHED_MAX} ids at most, a line each"
                );
            }
            let text = String::from_utf8(bytes).with_context(|| format!("{file} is not UTF-8"))?;
            touched.extend(touched_lines(&text).map_err(|expected| anyhow!("{file}, {expected}"))?);
            if touched.is_empty() {
                bail!("{file} has no ids: write a line each, with the sourcedId of a person or a class");
            }
        }
        Ok(touched)
    }

    const fn asked(&self) -> Asked {
        if self.discard.is_some() {
            Asked::Discard
        } else if self.dry_run {
            Asked::DryRun
        } else {
            Asked::Publish
        }
    }
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let by = arguments.by.author()?;
    let touched = arguments.touched()?;
    let database = global.open(Purpose::change_unless(arguments.dry_run)).await?;
    let result = match &arguments.tenant {
        Some(tenant_id) if !touched.is_empty() => {
            touch(&arguments, &database, tenant_id, (&by, &touched), global.json).await
        }
        Some(tenant_id) => one(&arguments, &database, tenant_id, &by, global.json).await,
        None => all(&arguments, &database, &by, global.json).await,
    };
    database.close().await;
    result
}

async fn one(
    arguments: &Arguments,
    database: &Opened,
    tenant_id: &str,
    by: &Author,
    json: bool,
) -> anyhow::Result<Outcome> {
    // Only a call that does not wait for the lock comes back without a publication.
    let Some(publication) = publish(arguments, database.pool(), tenant_id, by).await? else {
        return Ok(Outcome::Done);
    };
    database.record().await?;
    let report = PublicationReport::new(tenant_id, &publication, arguments.asked());
    output::report(&report, json)?;
    Ok(Outcome::done_if(report.state != State::Held))
}

/// Sends chosen objects again.
async fn touch(
    arguments: &Arguments,
    database: &Opened,
    tenant_id: &str,
    (by, objects): (&Author, &BTreeSet<Touched>),
    json: bool,
) -> anyhow::Result<Outcome> {
    let touch = Touch {
        by: by.as_str(),
        objects,
        dry_run: arguments.dry_run,
    };
    let publication = publication::touch(database.pool(), tenant_id, touch).await?;
    database.record().await?;
    output::report(
        &PublicationReport::new(tenant_id, &publication, arguments.asked()),
        json,
    )?;
    Ok(Outcome::Done)
}

/// Publishes every tenant, also those after one that cannot be published.
async fn all(arguments: &Arguments, database: &Opened, by: &Author, json: bool) -> anyhow::Result<Outcome> {
    let pool = database.pool();
    let tenants = tenants::list(&mut *pool.acquire().await?).await?;
    let mut reports = Vec::new();
    let mut outcome = Outcome::Done;
    for tenant_id in tenants.into_iter().map(|tenant| tenant.id) {
        match publish(arguments, pool, &tenant_id, by).await {
            Ok(publication) => reports.extend(
                publication
                    .map(|publication| PublicationReport::new(&tenant_id, &publication, arguments.asked())),
            ),
            Err(error) => {
                outcome = Outcome::Refused;
                let context = format!("tenant {tenant_id} was not published");
                output::failure(&anyhow::Error::new(error).context(context));
            }
        }
    }
    database.record().await?;
    if reports.iter().any(|report| report.state == State::Held) {
        outcome = Outcome::Refused;
    }
    output::report(&PublicationsReport(reports), json)?;
    Ok(outcome)
}

async fn publish(
    arguments: &Arguments,
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
) -> Result<Option<Publication>, publication::Error> {
    let by = by.as_str();
    if let Some(hold) = &arguments.discard {
        let discarded = publication::discard(pool, tenant_id, by, named(hold)).await?;
        return Ok(Some(discarded));
    }
    let options = Options {
        dry_run: arguments.dry_run,
        redate: arguments.redate,
        is_background: false,
    };
    let Some(hold) = &arguments.release else {
        return publication::publish(pool, tenant_id, options).await;
    };
    let release = Release {
        by,
        hold: named(hold),
    };
    let released = publication::release(pool, tenant_id, options, release).await?;
    Ok(Some(released))
}

/// Returns the name given with an option; `None` for whatever is held.
fn named(hold: &str) -> Option<&str> {
    Some(hold).filter(|hold| !hold.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_to_be_sent_again_is_named_by_its_id_or_by_kind_and_id() {
        let object = |kind, id: &str| Touched {
            kind,
            sourced_id: id.to_owned(),
        };
        assert_eq!(touched("users/a"), Ok(object(Some(Kind::Users), "a")));
        assert_eq!(touched("a"), Ok(object(None, "a")));
        for bad in ["users/", "people/a", "/a", "", "a,b", "a b", "users/a/b"] {
            assert!(touched(bad).is_err(), "{bad}");
        }
        let lines = "\u{feff}# missed on Monday\r\na\r\n\r\nclasses/b\n";
        let expected = vec![object(None, "a"), object(Some(Kind::Classes), "b")];
        assert_eq!(touched_lines(lines), Ok(expected));
        assert!(touched_lines("a\nb;c").unwrap_err().starts_with("line 2: "));
    }

    #[test]
    fn a_hold_is_named_by_the_beginning_of_its_fingerprint() {
        assert_eq!(hold("3fa94c21"), Ok("3fa94c21".to_owned()));
        assert_eq!(hold(""), Ok(String::new()), "whatever is held");
        for bad in ["3fa94c2", "3FA94C21", "yesterday"] {
            assert!(hold(bad).is_err(), "{bad}");
        }
    }
}
