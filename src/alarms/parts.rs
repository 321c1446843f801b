//! What alarms are looked for and sent with.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use sqlx::PgPool;

use super::outlets::Outlets;
use super::states::Silence;
use crate::config;

/// How much longer than sending may take a message is left to whoever took it.
const LEASE_MARGIN_S: f64 = 5.0;

/// What alarms are looked for and sent with.
pub struct Alarms {
    pub(super) pool: PgPool,
    pub(super) outlets: Outlets,
    pub(super) silence: Silence,
    pub(super) desk_address: String,
    /// Whose disks are looked at.
    pub(super) folders: Vec<(&'static str, PathBuf)>,
    pub(super) look_interval: Duration,
    pub(super) retry_s: f64,
    pub(super) lease_s: f64,
    /// When each tenant was last examined.
    examined: Mutex<HashMap<String, NaiveDate>>,
}

impl Alarms {
    /// Puts them together. `base_url` is where the desk is.
    pub fn new(settings: &config::Settings, pool: PgPool, outlets: Outlets, base_url: &str) -> Self {
        let mut folders = vec![("temporary files", std::env::temp_dir())];
        folders.extend(settings.audit.dir.clone().map(|dir| ("audit", dir)));
        let hours = |hours: u32| TimeDelta::hours(hours.into());
        Self {
            pool,
            outlets,
            silence: Silence {
                poll: hours(settings.synclog.poll_silence_h),
                import: hours(settings.feeding.import_silence_h),
            },
            desk_address: format!("{base_url}/desk"),
            folders,
            look_interval: Duration::from_secs(settings.alarms.look_s.into()),
            retry_s: settings.alarms.retry_s.into(),
            lease_s: f64::from(settings.alarms.timeout_s) + LEASE_MARGIN_S,
            examined: Mutex::default(),
        }
    }

    /// Returns `true` once a day for each tenant.
    pub(super) fn is_first_of_day(&self, tenant_id: &str, today: NaiveDate) -> bool {
        let mut examined = self.examined.lock().unwrap_or_else(PoisonError::into_inner);
        examined.insert(tenant_id.to_owned(), today) != Some(today)
    }
}
