//! `oneroster history`: what changed between generations, and why.

use clap::Args;
use oneroster_standard::Kind;

use super::{Global, Outcome, output};
use crate::db::Database;
use crate::history::{self, Comparison, Entry, Generations, Happening, ObjectHistory, Range};
use crate::roster::Summary;

/// Arguments of `history`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The tenant.
    #[arg(long, value_name = "ID")]
    tenant: String,
    /// One object, such as users/4c6e…: every version with its reasons; a user's with those of his enrollments.
    #[arg(long, value_name = "KIND/ID", value_parser = object)]
    object: Option<(Kind, String)>,
    /// Only what happened after this generation. Without --object: compare with it.
    #[arg(long, value_name = "G", value_parser = clap::value_parser!(i64).range(1..))]
    from: Option<i64>,
    /// Only what happened up to this generation; the newest unless said otherwise.
    #[arg(long, value_name = "G", value_parser = clap::value_parser!(i64).range(1..))]
    to: Option<i64>,
}

fn object(text: &str) -> Result<(Kind, String), String> {
    let kinds = || Kind::ALL.map(Kind::collection).join(", ");
    let (kind, sourced_id) = text
        .split_once('/')
        .filter(|(_, sourced_id)| !sourced_id.is_empty())
        .ok_or_else(|| "it must be KIND/ID, such as users/4c6e…".to_owned())?;
    let kind = Kind::from_collection(kind)
        .ok_or_else(|| format!("there is no kind {kind:?}; there are {}", kinds()))?;
    // Every id that is served is in lower case; Informat's own lists have some in capitals.
    Ok((kind, sourced_id.to_lowercase()))
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let database = Database::open(&global.settings()?).await?;
    let result = report(&arguments, &database, global.json).await;
    database.close().await;
    result.map(|()| Outcome::Done)
}

async fn report(arguments: &Arguments, database: &Database, json: bool) -> anyhow::Result<()> {
    let (pool, tenant_id) = (database.pool(), arguments.tenant.as_str());
    let range = Range {
        from: arguments.from,
        to: arguments.to,
    };
    if let Some((kind, sourced_id)) = &arguments.object {
        let found = history::of_object(pool, tenant_id, *kind, sourced_id, range).await?;
        if json {
            return output::json(&found);
        }
        show_object(&found);
    } else if range == Range::default() {
        let found = history::generations(pool, tenant_id).await?;
        if json {
            return output::json(&found);
        }
        show_generations(&found);
    } else {
        let found = history::between(pool, tenant_id, range).await?;
        if json {
            return output::json(&found);
        }
        show_comparison(&found);
    }
    Ok(())
}

fn show_generations(found: &Generations) {
    for generation in &found.generations {
        let since = generation.since_previous.as_ref().map(|differences| {
            let words: Vec<String> = differences
                .iter()
                .filter_map(|difference| {
                    let word = serde_json::to_value(difference).ok()?;
                    Some(word.as_str()?.replace('_', " "))
                })
                .collect();
            format!("  [{}]", words.join(", "))
        });
        output::line(format!(
            "generation {}  {}  day {}  year {}  {}{}",
            generation.number,
            output::local(generation.committed_at),
            generation.reference_date,
            generation.school_year,
            counts(&generation.summary),
            since.unwrap_or_default()
        ));
    }
    if found.whole_from > 1 {
        output::remark(format!(
            "What was superseded before generation {} is no longer kept.",
            found.whole_from
        ));
    }
}

fn counts(summary: &Summary) -> String {
    let all = [
        ("+", &summary.added),
        ("~", &summary.changed),
        ("-", &summary.removed),
    ];
    let parts: Vec<String> = all
        .into_iter()
        .flat_map(|(sign, counts)| {
            counts
                .iter()
                .map(move |(kind, count)| format!("{sign}{count} {}", kind.collection()))
        })
        .collect();
    if parts.is_empty() {
        "tombstones left".to_owned()
    } else {
        parts.join(", ")
    }
}

fn show_object(found: &ObjectHistory) {
    output::line(format!(
        "{}/{}: {}",
        found.kind.collection(),
        found.sourced_id,
        found.label
    ));
    let mut generation = None;
    for entry in &found.entries {
        if generation.replace(entry.generation) != Some(entry.generation) {
            output::line(format!(
                "generation {}, {}, as on {}",
                entry.generation,
                output::local(entry.committed_at),
                entry.reference_date
            ));
        }
        output::line(format!("  {}", step(entry)));
    }
    if found.entries.is_empty() {
        output::remark("Nothing happened to it in these generations.");
    }
    if found.whole_from > 1 {
        output::remark(format!(
            "What was superseded before generation {} is no longer kept.",
            found.whole_from
        ));
    }
}

fn show_comparison(found: &Comparison) {
    output::line(format!(
        "from generation {} ({}) to generation {} ({})",
        found.from.number, found.from.reference_date, found.to.number, found.to.reference_date
    ));
    let summary = Summary {
        added: found.added.clone(),
        changed: found.changed.clone(),
        removed: found.removed.clone(),
        ..Summary::default()
    };
    if summary == Summary::default() {
        output::line("no difference");
        return;
    }
    output::line(counts(&summary));
    for object in &found.objects {
        output::line(format!(
            "{} {}/{}  {}",
            word(object.happening),
            object.kind.collection(),
            object.sourced_id,
            object.label
        ));
        for entry in &object.steps {
            output::line(format!("  generation {}: {}", entry.generation, reasons(entry)));
        }
    }
    if found.not_listed > 0 {
        output::remark(format!("{} more are not listed.", found.not_listed));
    }
}

fn step(entry: &Entry) -> String {
    let why = reasons(entry);
    let colon = if why.is_empty() { "" } else { ": " };
    format!(
        "{} {} {}{colon}{why}",
        entry.kind.singular(),
        entry.label,
        word(entry.happening)
    )
}

fn reasons(entry: &Entry) -> String {
    let texts: Vec<&str> = entry.reasons.iter().map(|told| told.text.as_str()).collect();
    texts.join("; ")
}

const fn word(happening: Happening) -> &'static str {
    match happening {
        Happening::OldestKept => "published (the oldest version that is kept)",
        Happening::OldestKeptGone => "gone (the oldest version that is kept)",
        Happening::Added => "added",
        Happening::Returned => "returned",
        Happening::Changed => "changed",
        Happening::Removed => "removed",
        Happening::Redated => "redated",
        Happening::Purged => "purged",
    }
}
