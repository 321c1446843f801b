//! The background tasks: writing notes, looking for tenants that are no longer read, purging.

use std::collections::BTreeMap;
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::watch;
use uuid::Uuid;

use super::recorder::{Note, NoteKey};
use super::{SyncLog, store};

/// How often notes are written.
const FLUSH_INTERVAL: Duration = Duration::from_secs(3);
/// How long writing the notes of one token may take.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);
/// How often to look for tenants that are no longer read.
const WATCH_INTERVAL: Duration = Duration::from_mins(1);
/// How often old runs are purged.
const PURGE_INTERVAL: Duration = Duration::from_hours(6);

/// Runs all of them until `stopping` turns true. Any number of servers may do so at once.
///
/// `silent_after` is how long a tenant goes unread before it is reported; runs older than `history_days` are deleted.
pub async fn run(
    log: SyncLog,
    pool: PgPool,
    silent_after: Duration,
    history_days: u32,
    mut stopping: watch::Receiver<bool>,
) {
    let flushing = keep_flushing(&log, &pool, stopping.clone());
    let others = async {
        tokio::select! {
            () = keep_watching(&log, &pool, silent_after) => {}
            () = keep_purging(&pool, history_days) => {}
            _ = stopping.wait_for(|stop| *stop) => {}
        }
    };
    tokio::join!(flushing, others);
}

/// Writes notes. A flush under way is never cancelled: the notes it took out of memory would be lost.
async fn keep_flushing(log: &SyncLog, pool: &PgPool, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        flush(log, pool).await;
        tokio::select! {
            () = tokio::time::sleep(FLUSH_INTERVAL) => {}
            _ = stopping.wait_for(|stop| *stop) => {}
        }
    }
}

async fn keep_watching(log: &SyncLog, pool: &PgPool, silent_after: Duration) {
    loop {
        if let Err(error) = store::refresh_silent(log, pool, silent_after).await {
            tracing::warn!(error = %error, "cannot look for tenants that are no longer read");
        }
        tokio::time::sleep(WATCH_INTERVAL).await;
    }
}

async fn keep_purging(pool: &PgPool, history_days: u32) {
    loop {
        match store::purge(pool, history_days).await {
            Ok(0) => {}
            Ok(runs) => tracing::info!(runs, "purged the old sync log"),
            Err(error) => tracing::warn!(error = %error, "cannot purge the old sync log"),
        }
        tokio::time::sleep(PURGE_INTERVAL).await;
    }
}

/// Writes the notes in memory. What cannot be written stays there; notes of a deleted tenant are dropped.
pub async fn flush(log: &SyncLog, pool: &PgPool) {
    let mut tokens: BTreeMap<(String, String, Uuid), Vec<(NoteKey, Note)>> = BTreeMap::new();
    for (key, note) in log.recorder.take() {
        let token = (key.tenant_id.clone(), key.client_id.clone(), key.token_id);
        tokens.entry(token).or_default().push((key, note));
    }
    if tokens.is_empty() {
        return;
    }
    let mut unwritten = Vec::new();
    let mut tokens = tokens.into_values();
    // Read once for all notes: else the time each query takes would decide which of two runs is newer.
    let clock = match tokio::time::timeout(WRITE_TIMEOUT, store::read_clock(pool)).await {
        Ok(Ok(clock)) => clock,
        Ok(Err(error)) => {
            tracing::debug!(error = %error, "cannot write to the sync log yet");
            give_back(log, tokens.flatten().collect());
            return;
        }
        Err(_) => {
            give_back(log, tokens.flatten().collect());
            return;
        }
    };
    for notes in tokens.by_ref() {
        let written = tokio::time::timeout(WRITE_TIMEOUT, store::write(pool, &notes, clock)).await;
        match written {
            Ok(Ok(())) => {}
            Ok(Err(sqlx::Error::Database(error))) if error.is_foreign_key_violation() => {
                log.recorder.count_dropped(notes.len() as u64);
            }
            Ok(Err(error @ sqlx::Error::Database(_))) => {
                tracing::warn!(error = %error, "cannot write a run to the sync log yet");
                unwritten.extend(notes);
            }
            // The database does not answer: the other notes would wait as long.
            Ok(Err(_)) | Err(_) => {
                unwritten.extend(notes);
                break;
            }
        }
    }
    unwritten.extend(tokens.flatten());
    give_back(log, unwritten);
}

/// Puts notes that could not be written back into memory, oldest first.
fn give_back(log: &SyncLog, mut unwritten: Vec<(NoteKey, Note)>) {
    if !unwritten.is_empty() {
        unwritten.sort_by_key(|(_, note)| note.first);
        log.recorder.give_back(unwritten);
    }
}
