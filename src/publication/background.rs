//! The background publisher: publishes each tenant soon after one of its inputs changed.

use std::time::Duration;

use oneroster_school::projection::PROJECTION_VERSION;
use oneroster_standard::Moment;
use sqlx::PgPool;
use tokio::sync::watch;

use super::{Error, FailingTenants, Options, State, publish};
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
            Ok(Some(publication)) => {
                failing.succeeded(&tenant_id);
                let published = (publication.generation, publication.published_at);
                if let (State::Published, (Some(generation), Some(published_at))) =
                    (publication.state, published)
                {
                    let published_at = Moment::from(published_at).rfc3339();
                    tracing::info!(tenant = tenant_id, %generation, published_at, "published");
                }
            }
            // Another server or command is publishing it.
            Ok(None) => {}
            Err(error) => {
                log_failure(&tenant_id, &error);
                failing.failed(&tenant_id);
            }
        }
    }
}

fn log_failure(tenant_id: &str, error: &Error) {
    let causes: Vec<String> = std::iter::successors(std::error::Error::source(error), |cause| cause.source())
        .map(ToString::to_string)
        .collect();
    tracing::error!(tenant = tenant_id, error = %error, because = causes.join(": "), "cannot publish");
}
