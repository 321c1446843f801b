//! The tasks of every server: looking what is the matter, and sending what was written.

use std::time::Duration;

use tokio::sync::watch;

use super::parts::Alarms;
use super::store::Channel;
use super::{look, store};
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
        let configurations = async {
            let mut connection = alarms.pool.acquire().await?;
            tenants::list(&mut connection).await
        };
        match configurations.await {
            Ok(configurations) => {
                for configuration in configurations {
                    let tenant = configuration.id.as_str();
                    if let Err(error) = look::at_tenant(alarms, &configuration).await {
                        let causes = causes::with_causes(&error);
                        tracing::warn!(tenant, causes, "cannot look for alarms");
                    }
                }
            }
            Err(error) => {
                let causes = causes::with_causes(&error);
                tracing::warn!(causes, "cannot look for alarms");
            }
        }
        tokio::time::sleep(alarms.look_interval).await;
    }
}

async fn keep_sending(alarms: &Alarms, channel: Channel) {
    loop {
        if let Err(error) = send_all(alarms, channel).await {
            tracing::warn!(error = %error, "cannot send alarms");
        }
        tokio::time::sleep(SEND_INTERVAL).await;
    }
}

/// Sends what is due, one message at a time. One that fails holds up none behind it.
async fn send_all(alarms: &Alarms, channel: Channel) -> Result<(), sqlx::Error> {
    for tenant_id in store::tenants_to_tell(&alarms.pool).await? {
        while let Some(message) = store::take(&alarms.pool, &tenant_id, channel, alarms.lease_s).await? {
            match alarms.outlets.send(&message).await {
                Ok(()) => store::note_sent(&alarms.pool, &message).await?,
                Err(error) => {
                    let causes = causes::with_causes(&error);
                    tracing::warn!(
                        tenant = tenant_id,
                        causes,
                        "an alarm cannot be sent: it is tried again"
                    );
                    let pauses = f64::from(message.tries.clamp(1, PAUSES_MAX));
                    store::note_failed(&alarms.pool, &message, &causes, pauses * alarms.retry_s).await?;
                }
            }
        }
    }
    Ok(())
}
