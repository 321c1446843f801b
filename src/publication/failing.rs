//! The tenants that cannot be published, in the memory of a server: for its publisher, `/readyz` and metrics.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;

/// How long a tenant whose publication failed is not tried again.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// A publication that has waited for so long counts as failing.
const WAIT_NOTED_AFTER: Duration = Duration::from_mins(1);

/// Why a tenant that is due is not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// Its last publication failed; the log says how.
    Failed,
    /// Its last publication waited in vain for something that another session holds.
    Locked,
    /// Its publication by this server has not ended for a minute.
    UnderWay,
    /// Another server or command has been publishing it for a minute.
    UnderWayElsewhere,
}

impl Obstacle {
    /// Returns it in words, for probes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "the last publication failed: the log line `cannot publish` says how",
            Self::Locked => "waits for a lock that another session of the database holds",
            Self::UnderWay => "its publication by this server has not ended for more than a minute",
            Self::UnderWayElsewhere => {
                "another server or command holds its publication lock for more than a minute"
            }
        }
    }
}

/// A tenant that is due and not published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailingTenant {
    /// Its id.
    pub tenant_id: String,
    /// Why it is not published.
    pub obstacle: Obstacle,
    /// For how long, in whole seconds: since the first of its attempts that did not succeed.
    pub for_s: u64,
}

#[derive(Debug, Clone, Copy)]
struct Trouble {
    /// When the first attempt began that did not succeed.
    began_at: Instant,
    state: TroubleState,
}

#[derive(Debug, Clone, Copy)]
enum TroubleState {
    /// An attempt of this server is under way, the first since a success.
    UnderWay,
    /// Somebody else is publishing it.
    Elsewhere,
    /// An attempt failed, then.
    Failed { obstacle: Obstacle, at: Instant },
}

/// The tenants that this server tries to publish and has not, in memory. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct FailingTenants {
    tenants: Arc<RwLock<BTreeMap<String, Trouble>>>,
}

impl FailingTenants {
    /// Returns those whose last publication failed, and those that wait for longer than a minute, by id.
    pub fn list(&self) -> Vec<FailingTenant> {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        let failing = tenants.iter().filter_map(|(tenant_id, trouble)| {
            let waited = trouble.began_at.elapsed();
            let is_long = waited >= WAIT_NOTED_AFTER;
            let obstacle = match trouble.state {
                TroubleState::UnderWay => is_long.then_some(Obstacle::UnderWay),
                TroubleState::Elsewhere => is_long.then_some(Obstacle::UnderWayElsewhere),
                TroubleState::Failed { obstacle, .. } => Some(obstacle),
            };
            obstacle.map(|obstacle| FailingTenant {
                tenant_id: tenant_id.clone(),
                obstacle,
                for_s: waited.as_secs(),
            })
        });
        failing.collect()
    }

    /// Drops those that are no longer due: another server published them, or there is nothing left to publish.
    pub(super) fn keep_of(&self, due: &[String]) {
        self.change(|tenants| tenants.retain(|tenant_id, _| due.contains(tenant_id)));
    }

    /// Returns `true` if it is too early to try a tenant again.
    pub(super) fn is_backing_off(&self, tenant_id: &str) -> bool {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        tenants.get(tenant_id).is_some_and(|trouble| match trouble.state {
            TroubleState::Failed { at, .. } => at.elapsed() < RETRY_AFTER,
            TroubleState::UnderWay | TroubleState::Elsewhere => false,
        })
    }

    /// An attempt of this server begins.
    pub(super) fn began(&self, tenant_id: &str) {
        self.change(|tenants| {
            tenants.entry(tenant_id.to_owned()).or_insert(Trouble {
                began_at: Instant::now(),
                state: TroubleState::UnderWay,
            });
        });
    }

    /// The attempt ended at once, since somebody else is publishing it.
    pub(super) fn is_elsewhere(&self, tenant_id: &str) {
        self.set(tenant_id, TroubleState::Elsewhere);
    }

    pub(super) fn failed(&self, tenant_id: &str, obstacle: Obstacle) {
        let at = Instant::now();
        self.set(tenant_id, TroubleState::Failed { obstacle, at });
    }

    pub(super) fn succeeded(&self, tenant_id: &str) {
        self.change(|tenants| {
            tenants.remove(tenant_id);
        });
    }

    fn set(&self, tenant_id: &str, state: TroubleState) {
        self.change(|tenants| {
            let trouble = tenants.entry(tenant_id.to_owned()).or_insert(Trouble {
                began_at: Instant::now(),
                state,
            });
            trouble.state = state;
        });
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, Trouble>)) {
        change(&mut self.tenants.write().unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(failing: &FailingTenants) -> Vec<String> {
        failing
            .list()
            .into_iter()
            .map(|tenant| tenant.tenant_id)
            .collect()
    }

    #[test]
    fn a_tenant_that_failed_backs_off_and_is_listed_until_it_succeeds() {
        let failing = FailingTenants::default();
        assert!(!failing.is_backing_off("a"));
        failing.failed("a", Obstacle::Failed);
        failing.failed("b", Obstacle::Locked);
        assert!(failing.is_backing_off("a"));
        assert_eq!(ids(&failing), ["a", "b"]);
        assert_eq!(failing.list()[1].obstacle, Obstacle::Locked);
        failing.succeeded("a");
        assert!(!failing.is_backing_off("a"));
        assert_eq!(ids(&failing), ["b"]);
        failing.keep_of(&["c".to_owned()]);
        assert!(failing.list().is_empty(), "another server published it");
    }

    #[tokio::test(start_paused = true)]
    async fn a_publication_that_waits_for_a_minute_is_listed_with_what_for() {
        let failing = FailingTenants::default();
        failing.began("here");
        failing.began("there");
        failing.is_elsewhere("there");
        assert!(failing.list().is_empty());
        tokio::time::advance(WAIT_NOTED_AFTER).await;
        let listed = failing.list();
        assert_eq!(listed[0].obstacle, Obstacle::UnderWay);
        assert_eq!(listed[1].obstacle, Obstacle::UnderWayElsewhere);
        assert_eq!(listed[1].for_s, 60);
        // Trying again and finding the same does not begin it anew.
        failing.began("there");
        failing.is_elsewhere("there");
        assert_eq!(ids(&failing), ["here", "there"]);
    }
}
