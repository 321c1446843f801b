//! The tasks of every server: looking what is the matter, and sending what was written.

use std::time::Duration;

use oneroster_school::tenant::Configuration;
use tokio::sync::watch;

use super::failure::SendError;
use super::look;
use super::outbox::{self, Channel, Message};
use super::parts::Alarms;
use super::storm::Round;
use crate::{causes, tenants};

/// How often messages to send are looked for.
const SEND_INTERVAL: Duration = Duration::from_secs(1);

/// How long the look at one tenant may take: others wait for it.
const LOOK_MAX: Duration = Duration::from_secs(30);

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
        if let Err(error) = look_at_tenants(alarms).await {
            let causes = causes::with_causes(&error);
            tracing::warn!(causes, "cannot tell the operator of alarms");
        }
        tokio::time::sleep(alarms.look_interval).await;
    }
}

async fn look_at_tenants(alarms: &Alarms) -> Result<(), sqlx::Error> {
    let mut round = Round::begin(&alarms.pool).await?;
    let Some(configurations) = configurations(alarms).await else {
        return Ok(());
    };
    for configuration in configurations {
        let tenant = configuration.id.as_str();
        let looking = look::at_tenant(alarms, tenant, &mut round);
        let causes = match tokio::time::timeout(LOOK_MAX, looking).await {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => causes::with_causes(&error),
            Err(_elapsed) => "it took too long".to_owned(),
        };
        round.note_missing();
        tracing::warn!(tenant, causes, "cannot look for alarms");
    }
    look::tell(alarms, round).await
}

/// Beside the rest, since it takes seconds for each tenant.
async fn keep_looking_daily(alarms: &Alarms) {
    loop {
        for configuration in configurations(alarms).await.into_iter().flatten() {
            if let Err(error) = look::daily(alarms, &configuration).await {
                let causes = causes::with_causes(&error);
                let tenant = configuration.id.as_str();
                tracing::warn!(tenant, causes, "cannot look for what a school is told once a day");
            }
        }
        tokio::time::sleep(alarms.look_interval).await;
    }
}

/// Returns the tenants there are; `None` if they cannot be read.
async fn configurations(alarms: &Alarms) -> Option<Vec<Configuration>> {
    let read = async {
        let mut connection = alarms.pool.acquire().await?;
        tenants::list(&mut connection).await
    };
    match read.await {
        Ok(configurations) => Some(configurations),
        Err(error) => {
            let causes = causes::with_causes(&error);
            tracing::warn!(causes, "cannot look for alarms");
            None
        }
    }
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
                Err(error) => note_refused(alarms, &message, &error).await?,
            }
        }
    }
    Ok(())
}

/// Notes that a message was not taken, and when it is tried again.
async fn note_refused(alarms: &Alarms, message: &Message, error: &SendError) -> Result<(), sqlx::Error> {
    let causes = causes::with_causes(error);
    let retry_after_s = (!error.is_final()).then(|| {
        let pauses = f64::from(message.tries.clamp(1, PAUSES_MAX));
        (pauses * alarms.retry_s).max(error.asked_for_s())
    });
    alarms.counts.failed.inc();
    if retry_after_s.is_none() {
        alarms.counts.given_up.inc();
    }
    let then = retry_after_s.map_or("given up", |_| "tried again");
    let tenant = &message.tenant_id;
    tracing::warn!(tenant, causes, "an alarm cannot be sent: it is {then}");
    outbox::note_failed(&alarms.pool, message, &causes, retry_after_s).await
}
