//! `oneroster synclog`: what consumers read, and when.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::{Global, Outcome, output};
use crate::db::Database;
use crate::synclog::{self, Mode, PathReading, Run};

/// Arguments of `synclog`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The tenant.
    #[arg(long, value_name = "ID")]
    tenant: String,
    /// How many runs to show, the newest first.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    last: u32,
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let settings = global.settings()?;
    let silent_after = Duration::from_hours(settings.poll_silence_h.into());
    let database = Database::open(&settings).await?;
    let result = async {
        let runs = synclog::runs(database.pool(), &arguments.tenant, arguments.last).await?;
        let silent_since = synclog::silent_since(database.pool(), &arguments.tenant, silent_after).await?;
        anyhow::Ok((runs, silent_since))
    }
    .await;
    database.close().await;
    let (runs, silent_since) = result?;
    if global.json {
        let runs: Vec<_> = runs.iter().map(report).collect();
        output::json(&json!({ "tenant": arguments.tenant, "silent_since": silent_since, "runs": runs }))?;
        return Ok(Outcome::Done);
    }
    if runs.is_empty() {
        output::remark("Nobody has read this tenant yet.");
    }
    if let Some(since) = silent_since {
        output::line(format!(
            "not read since {}, though it used to be twice a day",
            output::local(since)
        ));
    }
    runs.iter().for_each(print);
    Ok(Outcome::Done)
}

fn report(run: &Run) -> serde_json::Value {
    let collections: Vec<_> = run.readings.iter().map(of_path).collect();
    json!({
        "client_id": run.client_id,
        "token_id": run.token_id,
        "run": run.run_number,
        "generation": run.generation_number,
        "mode": run.mode(),
        "complete": run.is_complete,
        "first_request_at": run.first_request_at,
        "last_request_at": run.last_request_at,
        "pages": run.readings.iter().map(|reading| reading.pages).sum::<u64>(),
        "rows": run.readings.iter().map(|reading| reading.rows).sum::<u64>(),
        "failures": run.readings.iter().map(|reading| reading.failures).sum::<u64>(),
        "readings": collections,
    })
}

fn of_path(reading: &PathReading) -> serde_json::Value {
    let questions: Vec<_> = reading
        .questions
        .iter()
        .map(|question| {
            json!({
                "delta": question.is_delta,
                "total": question.total,
                "read": question.read.count(),
                "complete": question.is_complete(),
            })
        })
        .collect();
    json!({
        "path": reading.path,
        "pages": reading.pages,
        "rows": reading.rows,
        "unchanged": reading.unchanged,
        "failures": reading.failures,
        "complete": reading.is_complete(),
        "questions": questions,
    })
}

fn print(run: &Run) {
    let mode = match run.mode() {
        Mode::None => "no collection",
        Mode::Full => "full",
        Mode::Delta => "delta",
        Mode::Mixed => "full and delta",
    };
    let end = if run.is_complete {
        "complete"
    } else if run.mode() == Mode::None {
        ""
    } else {
        "BROKEN OFF"
    };
    let generation = run.generation_number.map_or_else(
        || "nothing published".to_owned(),
        |number| format!("generation {number}"),
    );
    output::line(format!(
        "{}  {} s  {}  {generation}  {mode}  {end}",
        output::local(run.first_request_at),
        (run.last_request_at - run.first_request_at).num_seconds(),
        run.client_id,
    ));
    for reading in &run.readings {
        let read: u64 = reading
            .questions
            .iter()
            .map(|question| question.read.count())
            .sum();
        let total: u64 = reading.questions.iter().map(|question| question.total).sum();
        let of_total = match reading.is_complete() {
            Some(false) if reading.questions.is_empty() => ", never read".to_owned(),
            Some(false) => format!(", {read} of {total}: broken off"),
            Some(true) | None => String::new(),
        };
        let failures = match reading.failures {
            0 => String::new(),
            failures => format!(", {failures} refused or failed"),
        };
        let unchanged = match reading.unchanged {
            0 => String::new(),
            unchanged => format!(", {unchanged} unchanged"),
        };
        output::line(format!(
            "  {}: {} pages, {} rows{of_total}{unchanged}{failures}",
            reading.path, reading.pages, reading.rows
        ));
    }
}
