//! The tenants that cannot be published, in the memory of a server: for its publisher, `/readyz` and metrics.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;

/// How long a tenant whose publication failed is not tried again.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// The tenants whose last publication by this server failed, in memory. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct FailingTenants {
    /// By id, with when it failed last.
    tenants: Arc<RwLock<BTreeMap<String, Instant>>>,
}

impl FailingTenants {
    /// Returns their ids, in order.
    pub fn list(&self) -> Vec<String> {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        tenants.keys().cloned().collect()
    }

    /// Drops those that are no longer due: another server published them, or there is nothing left to publish.
    pub(super) fn keep_of(&self, due: &[String]) {
        self.change(|tenants| tenants.retain(|tenant_id, _| due.contains(tenant_id)));
    }

    /// Returns `true` if it is too early to try a tenant again.
    pub(super) fn is_backing_off(&self, tenant_id: &str) -> bool {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        tenants
            .get(tenant_id)
            .is_some_and(|failed_at| failed_at.elapsed() < RETRY_AFTER)
    }

    pub(super) fn failed(&self, tenant_id: &str) {
        self.change(|tenants| {
            tenants.insert(tenant_id.to_owned(), Instant::now());
        });
    }

    pub(super) fn succeeded(&self, tenant_id: &str) {
        self.change(|tenants| {
            tenants.remove(tenant_id);
        });
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, Instant>)) {
        change(&mut self.tenants.write().unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_that_failed_backs_off_and_is_listed_until_it_succeeds() {
        let failing = FailingTenants::default();
        assert!(!failing.is_backing_off("a"));
        failing.failed("a");
        failing.failed("b");
        assert!(failing.is_backing_off("a"));
        assert_eq!(failing.list(), ["a", "b"]);
        failing.succeeded("a");
        assert!(!failing.is_backing_off("a"));
        assert_eq!(failing.list(), ["b"]);
        failing.keep_of(&["c".to_owned()]);
        assert!(failing.list().is_empty(), "another server published it");
    }
}
