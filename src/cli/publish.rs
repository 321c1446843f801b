//! `oneroster publish`: publish a tenant now, or show what publishing would change; release or discard what is held.

use clap::Args;
use serde_json::{Value, json};

use super::account::By;
use super::{Global, Outcome, output};
use crate::db::Database;
use crate::oneroster::Kind;
use crate::publication::brake::{Reason, Test};
use crate::publication::{self, Hold, Options, Publication, Release, State};
use crate::tenant::store;

/// How many characters of a fingerprint name a held publication on the screen.
const HOLD_SHOWN: usize = 12;

/// Fewest characters of a fingerprint that name a held publication.
const HOLD_MIN: usize = 8;

/// Arguments of `publish`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true))]
pub(crate) struct Arguments {
    /// The tenant.
    #[arg(long, value_name = "ID", group = "which")]
    tenant: Option<String>,
    /// Every tenant.
    #[arg(long, group = "which")]
    all: bool,
    /// Show what would change; store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Give everything a new date, as after a restore from backup: every consumer reads everything again.
    #[arg(long)]
    redate: bool,
    /// Publish what is held, if it is still what would be published; with HOLD only if that is what is held.
    #[arg(long, value_name = "HOLD", num_args = 0..=1, require_equals = true, default_missing_value = "",
          value_parser = hold)]
    release: Option<String>,
    /// Set aside what is held: it is not announced again until something else would be published.
    #[arg(long, conflicts_with_all = ["release", "dry_run", "redate"])]
    discard: bool,
    #[command(flatten)]
    by: By,
}

/// Reads the beginning of a fingerprint; nothing at all stands for whatever is held.
fn hold(text: &str) -> Result<String, String> {
    let is_hexadecimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if text.is_empty() || (text.len() >= HOLD_MIN && is_hexadecimal) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "use what `oneroster publish` shows as hold, {HOLD_MIN} characters of it at least"
    ))
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let database = Database::open(&global.settings()?).await?;
    let result = publish(&arguments, &database).await;
    database.close().await;
    let (reports, refused) = result?;
    if global.json {
        if arguments.all {
            output::json(&reports)?;
        } else if let Some(report) = reports.first() {
            output::json(report)?;
        }
    }
    if !global.json {
        reports.iter().for_each(print);
    }
    Ok(if refused { Outcome::Refused } else { Outcome::Done })
}

async fn publish(arguments: &Arguments, database: &Database) -> anyhow::Result<(Vec<Value>, bool)> {
    let tenants = if let Some(tenant) = &arguments.tenant {
        vec![tenant.clone()]
    } else {
        let tenants = store::list(&mut *database.pool().acquire().await?).await?;
        tenants.into_iter().map(|tenant| tenant.id).collect()
    };
    let mut reports = Vec::new();
    let mut refused = false;
    for tenant_id in tenants {
        match publish_one(arguments, database, &tenant_id).await {
            Ok(Some(publication)) => {
                refused |= publication.state == State::Held;
                let mut report = report(&tenant_id, &publication, arguments.dry_run);
                if let (true, Some(members)) = (arguments.discard, report.as_object_mut()) {
                    members.remove("held_before");
                    let discarded = publication.held_before.as_ref().map(shown);
                    members.insert("discarded".to_owned(), json!(discarded));
                }
                reports.push(report);
            }
            // Only a call that does not wait for the lock comes back without a publication.
            Ok(None) => {}
            Err(error) if arguments.all => {
                refused = true;
                output::failure(
                    &anyhow::Error::new(error).context(format!("tenant {tenant_id} was not published")),
                );
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok((reports, refused))
}

async fn publish_one(
    arguments: &Arguments,
    database: &Database,
    tenant_id: &str,
) -> Result<Option<Publication>, publication::Error> {
    let (pool, by) = (database.pool(), arguments.by.name());
    if arguments.discard {
        return publication::discard(pool, tenant_id, &by).await.map(Some);
    }
    let options = Options {
        dry_run: arguments.dry_run,
        redate: arguments.redate,
        skip_if_locked: false,
    };
    let Some(hold) = &arguments.release else {
        return publication::publish(pool, tenant_id, options).await;
    };
    let release = Release {
        by: &by,
        hold: Some(hold.as_str()).filter(|hold| !hold.is_empty()),
    };
    publication::release(pool, tenant_id, options, release)
        .await
        .map(Some)
}

/// Makes the report of a publication (design: `publish`).
pub(crate) fn report(tenant_id: &str, publication: &Publication, dry_run: bool) -> Value {
    let mut report = json!({
        "tenant": tenant_id,
        "state": publication.state,
        "generation": publication.generation,
        "published_at": publication.published_at,
        "added": publication.summary.added,
        "changed": publication.summary.changed,
        "removed": publication.summary.removed,
    });
    let Some(members) = report.as_object_mut() else {
        return report;
    };
    let holds = [
        ("held", &publication.held),
        ("held_before", &publication.held_before),
    ];
    for (name, hold) in holds {
        if let Some(hold) = hold {
            members.insert(name.to_owned(), shown(hold));
        }
    }
    if dry_run {
        let changes: Vec<_> = publication
            .changes
            .iter()
            .map(|change| json!({"change": change.action, "kind": change.kind, "sourced_id": change.sourced_id}))
            .collect();
        members.insert("dry_run".to_owned(), json!(true));
        members.insert("changes".to_owned(), json!(changes));
    }
    report
}

/// Shows what is held, for programs and people.
pub(crate) fn shown(hold: &Hold) -> Value {
    let reason = |reason: &Reason| {
        json!({
            "test": reason.test,
            "org": reason.org,
            "before": reason.before,
            "after": reason.after,
            "percent": reason.percent(),
            "message": message(reason),
        })
    };
    json!({
        "hold": hold.fingerprint,
        "held_at": hold.held_at,
        "seen_at": hold.seen_at,
        "reasons": hold.reasons.iter().map(reason).collect::<Vec<_>>(),
        "added": hold.summary.added,
        "changed": hold.summary.changed,
        "removed": hold.summary.removed,
    })
}

/// Says in words which test failed and where.
fn message(reason: &Reason) -> String {
    let place = reason
        .org
        .as_ref()
        .map_or_else(|| "in the whole tenant".to_owned(), |org| format!("in org {org}"));
    let Reason { before, after, .. } = reason;
    let (lost, percent) = (before.saturating_sub(*after), reason.percent());
    match reason.test {
        Test::UsersRemoved => format!("{lost} of {before} users would go {place} ({percent} %)"),
        Test::ClassesRemoved => format!("{lost} of {before} classes would go {place} ({percent} %)"),
        Test::FewerMemberships => {
            format!("{before} memberships would become {after} {place} ({percent} % fewer)")
        }
        Test::UsernamesChanged => {
            format!("{lost} of {before} users that stay would get another username {place} ({percent} %)")
        }
    }
}

fn text(of: &Value, key: &str) -> String {
    of.get(key).and_then(Value::as_str).unwrap_or("-").to_owned()
}

fn print(report: &Value) {
    let dry = report.get("dry_run").is_some();
    let state = match text(report, "state").as_str() {
        "published" if dry => "would be published".to_owned(),
        "held" if dry => "would be held".to_owned(),
        "held" => "held; the last generation is served".to_owned(),
        "unchanged" if report.get("discarded").is_some_and(Value::is_object) => {
            "what was held is set aside; the last generation is served".to_owned()
        }
        "unchanged" if report.get("discarded").is_some() => "nothing is held".to_owned(),
        state => state.to_owned(),
    };
    output::line(format!("tenant {}: {state}", text(report, "tenant")));
    if !dry {
        let (generation, date) = (text(report, "generation"), text(report, "published_at"));
        output::line(format!("  generation {generation} of {date}"));
    }
    print_counts(report, "  ");
    if let Some(before) = report.get("held_before") {
        output::line("  not released: it is no longer what was held before, which was");
        print_hold(before, "    ");
        print_counts(before, "    ");
        output::line("  now it is");
    }
    if let Some(held) = report.get("held") {
        print_hold(held, "  ");
        if !dry {
            let hold: String = text(held, "hold").chars().take(HOLD_SHOWN).collect();
            let tenant = text(report, "tenant");
            output::line(format!(
                "  to publish it:   oneroster publish --tenant {tenant} --release={hold}"
            ));
            output::line(format!(
                "  to set it aside: oneroster publish --tenant {tenant} --discard"
            ));
        }
    }
    let changes = report.get("changes").and_then(Value::as_array);
    for change in changes.into_iter().flatten() {
        let (what, kind, id) = (
            text(change, "change"),
            text(change, "kind"),
            text(change, "sourced_id"),
        );
        output::line(format!("  {what} {kind}/{id}"));
    }
}

fn print_counts(of: &Value, indent: &str) {
    for what in ["added", "changed", "removed"] {
        let counts = |kind: Kind| of.get(what)?.get(kind.collection())?.as_u64();
        let parts: Vec<String> = Kind::ALL
            .into_iter()
            .filter_map(|kind| counts(kind).map(|count| format!("{count} {}", kind.collection())))
            .collect();
        if !parts.is_empty() {
            output::line(format!("{indent}{what}: {}", parts.join(", ")));
        }
    }
}

/// Prints since when something is held, and why.
pub(crate) fn print_hold(hold: &Value, indent: &str) {
    let name: String = text(hold, "hold").chars().take(HOLD_SHOWN).collect();
    output::line(format!("{indent}hold {name} since {}", text(hold, "held_at")));
    let reasons = hold.get("reasons").and_then(Value::as_array);
    for reason in reasons.into_iter().flatten() {
        output::line(format!("{indent}- {}", text(reason, "message")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_is_named_by_the_beginning_of_its_fingerprint() {
        assert_eq!(hold("3fa94c21"), Ok("3fa94c21".to_owned()));
        assert_eq!(hold(""), Ok(String::new()), "whatever is held");
        for bad in ["3fa94c2", "3FA94C21", "yesterday"] {
            assert!(hold(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_reason_is_told_in_words() {
        let reason = |test, org: Option<&str>| Reason {
            test,
            org: org.map(str::to_owned),
            before: 300,
            after: 239,
        };
        assert_eq!(
            message(&reason(Test::UsersRemoved, Some("001507-1"))),
            "61 of 300 users would go in org 001507-1 (21 %)"
        );
        assert_eq!(
            message(&reason(Test::FewerMemberships, None)),
            "300 memberships would become 239 in the whole tenant (21 % fewer)"
        );
    }
}
