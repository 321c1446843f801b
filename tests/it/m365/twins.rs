//! Two tenants that are to be one: the same roster, read whole each time and read by what changed.

use super::{Connection, Microsoft365, Profile, Report, Sds};

/// A tenant fed by full pulls and one fed by deltas. Whatever is asserted of one holds of both.
pub(crate) struct Twins {
    full: (Sds, Microsoft365),
    delta: (Sds, Microsoft365),
    /// How many rows the last delta had.
    pub(crate) delta_rows: usize,
}

impl Twins {
    /// Two profiles with the same settings, each with a tenant that owns these domains.
    pub(crate) fn connect(connection: &Connection, profile: &Profile, domains: &[&str]) -> Self {
        let one = || {
            let sds = Sds::connect(connection.clone(), profile.clone());
            (sds, Microsoft365::new(domains))
        };
        Self {
            full: one(),
            delta: one(),
            delta_rows: 0,
        }
    }

    /// Syncs both, one by a full pull and one by a delta (its first run is full too), and sees no difference.
    pub(crate) async fn sync(&mut self, now: &str) -> Report {
        self.delta_rows = self.delta.0.read_delta(now).await;
        self.full.0.read_full(now).await;
        self.compare(now)
    }

    /// The same, but the one that reads deltas reads everything for once.
    pub(crate) async fn sync_whole(&mut self, now: &str) -> Report {
        self.delta.0.read_full(now).await;
        self.full.0.read_full(now).await;
        self.compare(now)
    }

    /// The same where nothing can have changed since the last sync: reading whole would only turn the same pages again.
    pub(crate) async fn sync_quietly(&mut self, now: &str) -> Report {
        self.delta_rows = self.delta.0.read_delta(now).await;
        self.compare(now)
    }

    fn compare(&mut self, now: &str) -> Report {
        assert_eq!(
            self.full.0.sis.present(),
            self.delta.0.sis.present(),
            "what was read by {now}"
        );
        let report = self.full.0.manage(&mut self.full.1);
        assert_eq!(
            report,
            self.delta.0.manage(&mut self.delta.1),
            "what was done at {now}"
        );
        assert_eq!(self.full.1, self.delta.1, "the tenants after {now}");
        report
    }

    /// Does something by hand in Microsoft 365.
    pub(crate) fn by_hand(&mut self, act: impl Fn(&mut Microsoft365)) {
        act(&mut self.full.1);
        act(&mut self.delta.1);
    }

    /// Stops the profiles and starts others on the same tenants, as for a new school year (R116).
    pub(crate) fn start_profile(&mut self, connection: &Connection, profile: &Profile) {
        for (sds, tenant) in [&mut self.full, &mut self.delta] {
            let new = Sds::connect(connection.clone(), profile.clone());
            std::mem::replace(sds, new).stop(tenant);
        }
    }

    /// The tenant.
    pub(crate) fn tenant(&self) -> &Microsoft365 {
        &self.full.1
    }
}
