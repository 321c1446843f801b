//! The background publisher: publishes each tenant soon after one of its inputs changed.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use oneroster_school::projection::PROJECTION_VERSION;
use sqlx::PgPool;
use tokio::sync::{mpsc, watch};
use tokio::task::{Id, JoinSet};

use super::changes;
use super::{FailingTenants, Obstacle, Options, publish};
use crate::audit::Gate;
use crate::roster::evaluations;

/// How many tenants a server publishes at a time. Computing a roster takes a core.
const TENANTS_AT_A_TIME: usize = 4;

/// How long a publication may take. One that takes longer is given up and tried again.
const PUBLICATION_TIMEOUT: Duration = Duration::from_mins(15);

/// How long publications under way get to finish when the server stops. One that is cut off is done by the next server.
const STOP_TIMEOUT: Duration = Duration::from_secs(8);

/// Publishes the tenants with changed inputs or a new day in Brussels until `stopping` turns true: as soon as the database
/// tells of a change, and every `interval`, since it may have told in vain. Keeps in `failing` those that cannot be published. Any number of servers may run it: each publication takes the
/// tenant's lock. Several tenants are published at a time, so that one that waits delays no other.
pub async fn run(
    pool: PgPool,
    (failing, gate): (FailingTenants, Gate),
    interval: Duration,
    mut stopping: watch::Receiver<bool>,
) {
    let mut publisher = Publisher {
        pool,
        failing,
        gate,
        under_way: JoinSet::new(),
        tenants: HashMap::new(),
        due_again: HashSet::new(),
    };
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (tell, mut changed) = mpsc::channel(1);
    let mut telling = JoinSet::new();
    telling.spawn(changes::tell(publisher.pool.clone(), tell));
    let mut waiting = Vec::new();
    loop {
        let ended = tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => break,
            _ = ticks.tick() => None,
            Some(()) = changed.recv() => None,
            Some(ended) = publisher.under_way.join_next_with_id() => Some(ended),
        };
        match ended {
            Some(ended) => {
                // What changed while a tenant was being published need not wait for the next tick.
                if publisher.ended(ended) {
                    waiting = publisher.due().await.unwrap_or(waiting);
                }
            }
            None => waiting = publisher.due().await.unwrap_or(waiting),
        }
        publisher.start(&mut waiting);
    }
    let finished = async { while publisher.under_way.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(STOP_TIMEOUT, finished).await;
}

/// What one publication came to: `None` when somebody else is publishing the tenant.
type Ended = Option<Result<(), Obstacle>>;

struct Publisher {
    pool: PgPool,
    failing: FailingTenants,
    gate: Gate,
    under_way: JoinSet<Ended>,
    /// The tenants of those under way.
    tenants: HashMap<Id, String>,
    /// Those of them that were found due again meanwhile.
    due_again: HashSet<String>,
}

impl Publisher {
    /// Reads which tenants are due: none while the database lacks what audit files have; `None` if they cannot be read.
    async fn due(&mut self) -> Option<Vec<String>> {
        if self.gate.is_shut() {
            return Some(Vec::new());
        }
        let projection = i32::try_from(PROJECTION_VERSION).unwrap_or(i32::MAX);
        match evaluations::due(&self.pool, projection).await {
            Ok(due) => {
                self.failing.keep_of(&due);
                Some(due)
            }
            Err(error) => {
                tracing::warn!(error = %error, "cannot look for tenants to publish");
                None
            }
        }
    }

    /// Begins with as many of those that wait as there is room for; what is under way already or failed a moment ago is
    /// left out.
    fn start(&mut self, waiting: &mut Vec<String>) {
        let busy: HashSet<String> = self.tenants.values().cloned().collect();
        let due_again = waiting.iter().filter(|tenant_id| busy.contains(*tenant_id));
        self.due_again.extend(due_again.cloned());
        waiting.retain(|tenant_id| !busy.contains(tenant_id) && !self.failing.is_backing_off(tenant_id));
        let room = TENANTS_AT_A_TIME.saturating_sub(self.under_way.len());
        for tenant_id in waiting.drain(..room.min(waiting.len())) {
            self.failing.began(&tenant_id);
            let task = self
                .under_way
                .spawn(attempt(self.pool.clone(), tenant_id.clone()));
            self.tenants.insert(task.id(), tenant_id);
        }
    }

    /// Notes what became of one, and returns `true` if it is done and was found due again meanwhile.
    fn ended(&mut self, ended: Result<(Id, Ended), tokio::task::JoinError>) -> bool {
        let (id, outcome) = match ended {
            Ok(ended) => ended,
            Err(error) => (error.id(), Some(Err(Obstacle::Failed))),
        };
        let Some(tenant_id) = self.tenants.remove(&id) else {
            return false;
        };
        let is_due_again = self.due_again.remove(&tenant_id);
        match outcome {
            Some(Ok(())) => {
                self.failing.succeeded(&tenant_id);
                return is_due_again;
            }
            Some(Err(obstacle)) => self.failing.failed(&tenant_id, obstacle),
            None => self.failing.is_elsewhere(&tenant_id),
        }
        false
    }
}

async fn attempt(pool: PgPool, tenant_id: String) -> Ended {
    let options = Options {
        is_background: true,
        ..Options::default()
    };
    let publishing = publish(&pool, &tenant_id, options);
    let Ok(outcome) = tokio::time::timeout(PUBLICATION_TIMEOUT, publishing).await else {
        tracing::error!(
            tenant = tenant_id,
            "cannot publish: it took too long and was given up"
        );
        return Some(Err(Obstacle::Failed));
    };
    match outcome {
        Ok(Some(_)) => Some(Ok(())),
        // Another server or command is publishing it.
        Ok(None) => None,
        Err(error) if error.is_lock_timeout() => Some(Err(Obstacle::Locked)),
        Err(_) => Some(Err(Obstacle::Failed)),
    }
}
