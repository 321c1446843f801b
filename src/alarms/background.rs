//! The tasks of every server: looking what is the matter, and sending what was written.

use std::time::Duration;

use oneroster_school::tenant::Configuration;
use tokio::sync::watch;

use super::look;
use super::outbox::{self, Channel};
use super::parts::Alarms;
use crate::{causes, tenants};

/// How often messages to send are looked for.
const SEND_INTERVAL: Duration = Duration::from_secs(1);

/// No try waits for more than so many times the pause after the first.
const PAUSES_MAX: i32 = 60;

/// Looks and sends until `stopping` turns true. Without a place to send to it does neither.
pub async fn run(alarms: Alarms, mut stopping: watch::Receiver<bool>) {
    if alarms.outlets.is_none() {
        return;
    }
    let work = async {
        tokio::join!(
            keep_looking(&alarms),
            keep_looking_daily(&alarms),
            keep_sending(&alarms, Channel::Mail),
            keep_sending(&alarms, Channel::Webhook)
        )
    };
    tokio::select! {
        _ = work => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
}

async fn keep_looking(alarms: &Alarms) {
    loop {
        if let Err(error) = look::at_service(alarms).await {
            let causes = causes::with_causes(&error);
            tracing::warn!(causes, "cannot look for alarms of the service");
        }
        for configuration in configurations(alarms).await {
            let tenant = configuration.id.as_str();
            if let Err(error) = look::at_tenant(alarms, tenant).await {
                let causes = causes::with_causes(&error);
                tracing::warn!(tenant, causes, "cannot look for alarms");
            }
        }
        tokio::time::sleep(alarms.look_interval).await;
    }
}

/// Beside the rest, since it takes seconds for each tenant.
async fn keep_looking_daily(alarms: &Alarms) {
    loop {
        for configuration in configurations(alarms).await {
            if let Err(error) = look::daily(alarms, &configuration).await {
                let causes = causes::with_causes(&error);
                let tenant = configuration.id.as_str();
                tracing::warn!(tenant, causes, "cannot look for what a school is told once a day");
            }
        }
        tokio::time::sleep(alarms.look_interval).await;
    }
}

/// Returns the tenants there are; none if they cannot be read.
async fn configurations(alarms: &Alarms) -> Vec<Configuration> {
    let read = async {
        let mut connection = alarms.pool.acquire().await?;
        tenants::list(&mut connection).await
    };
    read.await.unwrap_or_else(|error| {
        let causes = causes::with_causes(&error);
        tracing::warn!(causes, "cannot look for alarms");
        Vec::new()
    })
}

async fn keep_sending(alarms: &Alarms, channel: Channel) {
    if !alarms.outlets.channels().contains(&channel) {
        return;
    }
    loop {
        if let Err(error) = send_all(alarms, channel).await {
            tracing::warn!(error = %error, "cannot send alarms");
        }
        tokio::time::sleep(SEND_INTERVAL).await;
    }
}

/// Sends what is due, one message at a time. One that fails holds up none behind it.
async fn send_all(alarms: &Alarms, channel: Channel) -> Result<(), sqlx::Error> {
    for tenant_id in outbox::tenants_to_tell(&alarms.pool).await? {
        while let Some(message) = outbox::take(&alarms.pool, &tenant_id, channel, alarms.lease_s).await? {
            match alarms.outlets.send(&message).await {
                Ok(()) => outbox::note_sent(&alarms.pool, &message).await?,
                Err(error) => {
                    let causes = causes::with_causes(&error);
                    let pauses = f64::from(message.tries.clamp(1, PAUSES_MAX));
                    let retry_after_s = (!error.is_final()).then_some(pauses * alarms.retry_s);
                    let then = retry_after_s.map_or("given up", |_| "tried again");
                    tracing::warn!(
                        tenant = tenant_id,
                        causes,
                        "an alarm cannot be sent: it is {then}"
                    );
                    outbox::note_failed(&alarms.pool, &message, &causes, retry_after_s).await?;
                }
            }
        }
    }
    Ok(())
}
