//! The background publisher: publishes each tenant soon after one of its inputs changed.

use std::time::Duration;

use oneroster_school::projection::PROJECTION_VERSION;
use sqlx::PgPool;
use tokio::sync::watch;

use super::{FailingTenants, Options, publish};
use crate::roster::evaluations;

/// Publishes the tenants with changed inputs or a new day in Brussels, every `interval` until `stopping` turns true; keeps
/// in `failing` those that cannot be published. Any number of servers may run it: each publication takes the
/// tenant's lock.
pub async fn run(
    pool: PgPool,
    failing: FailingTenants,
    interval: Duration,
    mut stopping: watch::Receiver<bool>,
) {
    while !*stopping.borrow() {
        tokio::select! {
            () = round(&pool, &failing) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        tokio::select! {
            () = tokio::time::sleep(interval) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
    }
}

async fn round(pool: &PgPool, failing: &FailingTenants) {
    let projection = i32::try_from(PROJECTION_VERSION).unwrap_or(i32::MAX);
    let due = match evaluations::due(pool, projection).await {
        Ok(due) => due,
        Err(error) => {
            tracing::warn!(error = %error, "cannot look for tenants to publish");
            return;
        }
    };
    failing.keep_of(&due);
    for tenant_id in due {
        if failing.is_backing_off(&tenant_id) {
            continue;
        }
        let options = Options {
            is_background: true,
            ..Options::default()
        };
        match publish(pool, &tenant_id, options).await {
            Ok(Some(_)) => failing.succeeded(&tenant_id),
            // Another server or command is publishing it.
            Ok(None) => {}
            Err(_) => failing.failed(&tenant_id),
        }
    }
}
