//! What a server does about the trail each second.

use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::watch;

use super::{Error, Gate, Trail};
use crate::causes;

/// How often it looks. What others did is in the files within 5 s, also when one round is lost.
const INTERVAL: Duration = Duration::from_secs(1);

/// Writes to the server's folder what anybody entered, and keeps the gate, until `stopped` turns true. `forget` is told of which tenants
/// somebody was erased: what is in memory of them may say more than the database.
pub async fn run(
    mut trail: Trail,
    gate: Gate,
    (housekeeping, work): (PgPool, PgPool),
    forget: impl Fn(&str),
    mut stopped: watch::Receiver<bool>,
) {
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let following = async {
        loop {
            ticks.tick().await;
            let followed = trail.follow(&housekeeping, &work).await;
            trail
                .take_newly_erased()
                .iter()
                .for_each(|tenant_id| forget(tenant_id));
            match followed {
                Ok(lack) => {
                    gate.note_written(true);
                    gate.shut_or_open(lack);
                }
                // Whoever asks for readiness hears of a database that is away.
                Err(error @ Error::Database(_)) => {
                    tracing::warn!(%error, causes = causes::of(&error), "the audit trail is followed as soon as the database answers");
                }
                Err(error) => {
                    if gate.note_written(false) {
                        tracing::error!(%error, causes = causes::of(&error), "cannot write the audit trail to its folder");
                    }
                }
            }
        }
    };
    tokio::select! {
        () = following => {}
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    // What was entered last. If it fails, the next server writes it.
    if let Err(error) = trail.follow(&housekeeping, &work).await {
        tracing::warn!(%error, causes = causes::of(&error), "the end of the audit trail is not in its folder yet");
    }
}
