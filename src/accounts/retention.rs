//! How long people are kept: whoever has been gone from Informat's data for years is erased, as `oneroster person erase` does.

use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::watch;

use super::Error;
use super::erase::{erase_long_gone, gone_for};
use crate::{causes, tenants};

/// How often it is looked.
const INTERVAL: Duration = Duration::from_hours(24);

/// The pause between two people: there is time, and each takes the locks of their tenant.
const PAUSE: Duration = Duration::from_millis(200);

/// How many people of a tenant are erased in one round.
const PEOPLE_MAX: usize = 1_000;

/// Nobody is erased if no bundle was loaded for so many days: who is gone is not known then, or the clock is wrong.
const LOAD_AGE_DAYS_MAX: i32 = 90;

/// Nobody is erased if it were more than this share of the records: one of so many.
const SHARE_MAX: usize = 5;

/// So many may be erased whatever share they are.
const FEW: usize = 20;

/// How soon it is looked again while the clocks are apart.
const CLOCKS_INTERVAL: Duration = Duration::from_mins(10);

/// Looks soon and every day until `stopping` turns true. While `are_clocks_apart` nobody is erased. Any number of servers may run it.
pub async fn run(
    pool: PgPool,
    days: u32,
    are_clocks_apart: impl Fn() -> bool,
    mut stopping: watch::Receiver<bool>,
) {
    while !*stopping.borrow() {
        if are_clocks_apart() {
            tracing::warn!("nobody is erased while the clocks are apart");
            tokio::select! {
                () = tokio::time::sleep(CLOCKS_INTERVAL) => continue,
                _ = stopping.wait_for(|stop| *stop) => return,
            }
        }
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
/// publication is held, waits for another round. Nobody is erased if it were a large share of the records, or no bundle was loaded for long.
pub async fn of_tenant(pool: &PgPool, tenant_id: &str, days: u32) -> Result<usize, Error> {
    let gone = gone_for(pool, tenant_id, days, LOAD_AGE_DAYS_MAX).await?;
    if is_too_many(gone.people.len(), gone.records) {
        tracing::error!(
            tenant = tenant_id,
            people = gone.people.len(),
            "nobody was erased who was gone for years: they are a large share of the records; docs/privacy.md says what to do"
        );
        return Ok(0);
    }
    let mut erased = 0;
    for person in gone.people.into_iter().take(PEOPLE_MAX) {
        match erase_long_gone(pool, tenant_id, person, days).await {
            Ok(true) => erased += 1,
            Ok(false) | Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(erased)
}

/// Returns `true` if so many people are more than are erased without anybody asking for it.
fn is_too_many(people: usize, records: i64) -> bool {
    let records = usize::try_from(records).unwrap_or_default();
    people > FEW && people.saturating_mul(SHARE_MAX) > records
}

#[cfg(test)]
mod tests {
    use super::is_too_many;

    #[test]
    fn more_than_a_fifth_is_too_many_unless_they_are_few() {
        assert!(!is_too_many(20, 20));
        assert!(is_too_many(21, 100));
        assert!(!is_too_many(21, 105));
        assert!(is_too_many(212, 1_050));
        assert!(!is_too_many(0, 0));
    }
}
