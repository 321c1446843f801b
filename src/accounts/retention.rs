//! How long people are kept: whoever has been gone from Informat's data for years is erased, as `oneroster person erase` does.

use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::watch;

use super::erase::{erase, gone_for};
use super::{Author, Error};
use crate::{causes, tenants};

/// How often it is looked.
const INTERVAL: Duration = Duration::from_hours(24);

/// The pause between two people: there is time, and each takes the locks of their tenant.
const PAUSE: Duration = Duration::from_millis(200);

/// How many people of a tenant are erased in one round.
const PEOPLE_MAX: u32 = 1_000;

/// Looks now and every day until `stopping` turns true. Any number of servers may run it.
pub async fn run(pool: PgPool, days: u32, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        tokio::select! {
            () = round(&pool, days) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
    }
}

async fn round(pool: &PgPool, days: u32) {
    let listed = async { tenants::list(&mut *pool.acquire().await?).await };
    let listed = match listed.await {
        Ok(listed) => listed,
        Err(error) => {
            tracing::warn!(
                error = causes::with_causes(&error),
                "cannot look for people to erase"
            );
            return;
        }
    };
    for tenant in listed {
        match of_tenant(pool, tenant.id.as_str(), days).await {
            Ok(0) => {}
            Ok(people) => tracing::info!(
                tenant = tenant.id.as_str(),
                people,
                "people erased who were gone for years"
            ),
            Err(error) => {
                let error = causes::with_causes(&error);
                tracing::warn!(
                    tenant = tenant.id.as_str(),
                    error,
                    "cannot erase people who were gone for years"
                );
            }
        }
    }
}

/// Erases who has been gone from the data of a tenant for more than so many days; returns how many. Who is still published, because a
/// publication is held, waits for another round.
pub async fn of_tenant(pool: &PgPool, tenant_id: &str, days: u32) -> Result<usize, Error> {
    let mut erased = 0;
    for person in gone_for(pool, tenant_id, days, PEOPLE_MAX).await? {
        match erase(pool, tenant_id, &Author::system(), person).await {
            Ok(_) => erased += 1,
            Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(erased)
}
