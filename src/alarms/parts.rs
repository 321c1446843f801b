//! What alarms are looked for and sent with.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use prometheus_client::metrics::counter::Counter;
use sqlx::PgPool;

use super::outlets::Outlets;
use super::states::Silence;
use crate::config;

/// How much longer than sending may take a message is left to whoever took it.
const LEASE_MARGIN_S: f64 = 5.0;

/// What is counted of messages. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Tries that failed.
    pub failed: Counter,
    /// Messages that are not tried any more.
    pub given_up: Counter,
}

/// What alarms are looked for and sent with.
pub struct Alarms {
    pub(super) pool: PgPool,
    pub(super) outlets: Outlets,
    pub(super) counts: Counts,
    pub(super) silence: Silence,
    pub(super) desk_address: String,
    /// Whose disks are looked at.
    pub(super) folders: Vec<PathBuf>,
    pub(super) look_interval: Duration,
    pub(super) retry_s: f64,
    pub(super) lease_s: f64,
    /// Since when this server runs, and publishes.
    started_at: Instant,
}

impl Alarms {
    /// Puts them together. `base_url` is where the desk is.
    pub fn new(
        settings: &config::Settings,
        pool: PgPool,
        outlets: Outlets,
        counts: Counts,
        base_url: &str,
    ) -> Self {
        let mut folders = vec![std::env::temp_dir()];
        folders.extend(settings.audit.dir.clone());
        let hours = |hours: u32| TimeDelta::hours(hours.into());
        Self {
            pool,
            outlets,
            counts,
            silence: Silence {
                poll: hours(settings.synclog.poll_silence_h),
                import: hours(settings.feeding.import_silence_h),
            },
            desk_address: format!("{base_url}/desk"),
            folders,
            look_interval: Duration::from_secs(settings.alarms.look_s.into()),
            retry_s: settings.alarms.retry_s.into(),
            lease_s: f64::from(settings.alarms.timeout_s) + LEASE_MARGIN_S,
            started_at: Instant::now(),
        }
    }

    /// Returns for how long this server has run.
    pub(super) fn running(&self) -> TimeDelta {
        TimeDelta::from_std(self.started_at.elapsed()).unwrap_or(TimeDelta::MAX)
    }
}
