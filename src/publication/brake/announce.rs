//! The tenants whose publications are held, as a server last read them: for its log, `/readyz` and metrics.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use oneroster_standard::Moment;
use sqlx::PgPool;
use tokio::sync::watch;

use crate::roster::{HeldTenant, Role, Test, holds};

/// What of a held tenant is logged once: another test, org or role is logged again, another count is not.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct News<'a> {
    tenant_id: &'a str,
    since: DateTime<Utc>,
    tests: BTreeSet<(Test, Option<&'a str>, Option<Role>)>,
}

impl<'a> News<'a> {
    fn of(held: &'a HeldTenant) -> Self {
        let reasons = held.reasons.iter();
        Self {
            tenant_id: &held.tenant_id,
            since: held.since,
            tests: reasons
                .map(|reason| (reason.test, reason.org.as_deref(), reason.role))
                .collect(),
        }
    }
}

/// The held tenants, in memory. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct HeldTenants {
    list: Arc<RwLock<Arc<[HeldTenant]>>>,
}

impl HeldTenants {
    /// Returns the tenants whose publications are held, by id, as last read: at most `publish_interval_s` ago.
    /// Discarded holds are not among them.
    pub fn list(&self) -> Arc<[HeldTenant]> {
        Arc::clone(&self.list.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads them from the database. Logs one line for each tenant whose publications began to be held, or are held for
    /// another reason, and one when that is no longer announced.
    pub async fn refresh(&self, pool: &PgPool) -> Result<(), sqlx::Error> {
        let now: Arc<[HeldTenant]> = holds::tenants(pool).await?.into();
        let before = {
            let mut list = self.list.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *list, Arc::clone(&now))
        };
        for held in begun(&before, &now) {
            warn(held);
        }
        for tenant_id in ended(&before, &now) {
            tracing::info!(
                tenant = tenant_id,
                "a hold is no longer announced: it was released, mended or set aside"
            );
        }
        Ok(())
    }

    /// Reads them every `interval` until `stopping` turns true. While the database is out of reach the last list stays.
    pub async fn refresh_until(self, pool: PgPool, interval: Duration, mut stopping: watch::Receiver<bool>) {
        while !*stopping.borrow() {
            tokio::select! {
                refreshed = self.refresh(&pool) => if let Err(error) = refreshed {
                    // The background publisher reads the database as often, and logs that it cannot as a warning.
                    tracing::debug!(error = %error, "cannot look for held publications");
                },
                _ = stopping.wait_for(|stop| *stop) => return,
            }
            tokio::select! {
                () = tokio::time::sleep(interval) => {}
                _ = stopping.wait_for(|stop| *stop) => return,
            }
        }
    }
}

fn begun<'a>(before: &[HeldTenant], now: &'a [HeldTenant]) -> Vec<&'a HeldTenant> {
    let known: BTreeSet<_> = before.iter().map(News::of).collect();
    now.iter()
        .filter(|held| !known.contains(&News::of(held)))
        .collect()
}

fn ended<'a>(before: &'a [HeldTenant], now: &[HeldTenant]) -> Vec<&'a str> {
    let held: BTreeSet<&str> = now.iter().map(|held| held.tenant_id.as_str()).collect();
    before
        .iter()
        .map(|held| held.tenant_id.as_str())
        .filter(|tenant_id| !held.contains(tenant_id))
        .collect()
}

fn warn(held: &HeldTenant) {
    let first = held.reasons.first();
    let compared = first.and_then(|reason| reason.since);
    tracing::warn!(
        tenant = held.tenant_id,
        since = Moment::from(held.since).rfc3339(),
        reasons = held.reasons.len(),
        test = first.map_or("", |reason| reason.test.as_str()),
        org = first.and_then(|reason| reason.org.as_deref()).unwrap_or("all"),
        role = first.and_then(|reason| reason.role).map_or("all", Role::as_str),
        before = first.map(|reason| reason.before),
        after = first.map(|reason| reason.after),
        compared = compared.map(|since| since.compared.as_str()),
        published_at = compared.map(|since| Moment::from(since.published_at).rfc3339()),
        "publications are held: the last generation is served until somebody decides (oneroster publish)"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::Reason;

    const SINCE: DateTime<Utc> = DateTime::from_timestamp_nanos(1_800_000_000_000_000_000);

    fn held(tenant_id: &str, org: Option<&str>, after: usize) -> HeldTenant {
        HeldTenant {
            tenant_id: tenant_id.to_owned(),
            since: SINCE,
            reasons: vec![Reason {
                test: Test::UsersRemoved,
                org: org.map(str::to_owned),
                role: None,
                before: 100,
                after,
                since: None,
            }],
        }
    }

    #[test]
    fn a_hold_is_logged_once_and_again_when_its_reason_or_beginning_changes() {
        let now = [held("a", None, 10), held("b", None, 10)];
        assert_eq!(begun(&[], &now).len(), 2);
        assert_eq!(begun(&now, &now).len(), 0, "not at every read");
        assert_eq!(
            begun(&[held("a", None, 20), now[1].clone()], &now).len(),
            0,
            "another count is not logged"
        );
        let other_org = [held("a", Some("001507-1"), 10)];
        assert_eq!(begun(&now, &other_org), [&other_org[0]]);
        let mut later = held("a", None, 10);
        later.since += chrono::TimeDelta::days(1);
        assert_eq!(begun(&now, &[later]).len(), 1);
    }

    #[test]
    fn the_end_of_a_hold_is_logged_once() {
        let before = [held("a", None, 10), held("b", None, 10)];
        assert_eq!(ended(&before, &[held("b", Some("x"), 1)]), ["a"]);
        assert!(ended(&[], &before).is_empty());
    }
}
