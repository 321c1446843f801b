//! What a server does about the trail each second.

use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::watch;

use super::{Gate, Trail};

/// How often it looks. What others did is in the files within 5 s, also when one round is lost.
const INTERVAL: Duration = Duration::from_secs(1);

/// Writes to the server's folder what anybody entered, and keeps the gate, until `stopped` turns true.
pub async fn run(
    mut trail: Trail,
    gate: Gate,
    (housekeeping, work): (PgPool, PgPool),
    mut stopped: watch::Receiver<bool>,
) {
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut was_failing = false;
    let following = async {
        loop {
            ticks.tick().await;
            match trail.follow(&housekeeping, &work).await {
                Ok(lack) => {
                    was_failing = false;
                    gate.shut_or_open(lack);
                }
                Err(error) => {
                    if !std::mem::replace(&mut was_failing, true) {
                        tracing::error!(%error, causes = causes(&error), "cannot write the audit trail to its folder");
                    }
                }
            }
        }
    };
    tokio::select! {
        () = following => {}
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
}

fn causes(error: &super::Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
