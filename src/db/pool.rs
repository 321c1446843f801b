//! The pools of connections: one for each kind of session that many share.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool};

use super::scope::{self, Side};
use super::{Actor, SessionKind};

/// How many connections commands and background work have at the most: four publications of a server, and what it does besides.
const WORK_CONNECTIONS: u32 = 10;

/// How many connections the desk has at the most. A page asks for one at a time, some work in two.
const DESK_CONNECTIONS: u32 = 10;

/// How many connections housekeeping has: one for its rounds, one for probes.
const HOUSEKEEPING_CONNECTIONS: u32 = 2;

/// How long work waits for a free connection.
const WORK_ACQUIRE_TIMEOUT: Duration = Duration::from_secs(20);

/// How long housekeeping waits for one.
const HOUSEKEEPING_ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// A connection that lay still for so long is tried before it is used: its peer may be gone without a word.
const TRY_AFTER: Duration = Duration::from_secs(1);

/// How long such a try may take. One that takes longer is given up, and another connection is opened.
const TRY_TIMEOUT: Duration = Duration::from_secs(2);

/// Makes the pool of commands and background work. It connects when it is first used.
pub fn work(options: PgConnectOptions) -> PgPool {
    work_as(options, None)
}

/// Makes the same pool of somebody who says who they are.
pub(super) fn work_as(options: PgConnectOptions, actor: Option<Actor>) -> PgPool {
    of_kind_as(Side::Service, SessionKind::Work, actor)
        .max_connections(WORK_CONNECTIONS)
        .acquire_timeout(WORK_ACQUIRE_TIMEOUT)
        .connect_lazy_with(options)
}

/// Makes the pool of the desk. It connects when it is first used.
pub fn desk(options: PgConnectOptions) -> PgPool {
    desk_as(options, None)
}

/// Makes the same pool of somebody who says who they are.
pub(super) fn desk_as(options: PgConnectOptions, actor: Option<Actor>) -> PgPool {
    of_kind_as(Side::Desk, SessionKind::Work, actor)
        .max_connections(DESK_CONNECTIONS)
        .acquire_timeout(WORK_ACQUIRE_TIMEOUT)
        .connect_lazy_with(options)
}

/// Makes the pool of housekeeping. It connects when it is first used.
pub fn housekeeping(options: PgConnectOptions) -> PgPool {
    of_kind(SessionKind::Housekeeping)
        .max_connections(HOUSEKEEPING_CONNECTIONS)
        .acquire_timeout(HOUSEKEEPING_ACQUIRE_TIMEOUT)
        .connect_lazy_with(options)
}

/// Begins a pool whose sessions have the limits of a kind.
pub fn of_kind(kind: SessionKind) -> PgPoolOptions {
    of_kind_as(Side::Service, kind, None)
}

fn of_kind_as(side: Side, kind: SessionKind, actor: Option<Actor>) -> PgPoolOptions {
    PgPoolOptions::new()
        .test_before_acquire(false)
        .before_acquire(|connection, metadata| {
            Box::pin(async move {
                if metadata.idle_for > TRY_AFTER {
                    try_out(connection).await?;
                }
                Ok(true)
            })
        })
        .after_connect(move |connection, _| {
            let actor = actor.clone();
            Box::pin(async move { scope::confine(connection, (side, kind), actor.as_ref()).await })
        })
}

async fn try_out(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    tokio::time::timeout(TRY_TIMEOUT, connection.ping())
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))
}
