//! Puts a server together: database, router, background work, listener, and the way down.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::auth::{self, Auth};
use crate::clock::Clock;
use crate::config::Settings;
use crate::db::Database;
use crate::edge::TolerantListener;
use crate::http::metrics::{self, Metrics};
use crate::http::{self, App};
use crate::publication::{self, FailingTenants, HeldTenants};
use crate::serving::SnapshotCache;
use crate::synclog::{self, SyncLog};

/// How long requests under way, and then background work, get to finish once the server is told to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// What chooses the address to serve on.
const LISTEN_SETTING: &str = "--listen or ONEROSTER_LISTEN";

/// What chooses the address of `/metrics`.
const METRICS_LISTEN_SETTING: &str = "`server.metrics_listen` or ONEROSTER_METRICS_LISTEN";

/// The server could not be put together or kept up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}{}", hint(source, setting))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What chooses another.
        setting: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Keys and clients cannot be read.
    #[error("cannot prepare tokens")]
    Auth(#[source] auth::Error),
    /// The listener broke.
    #[error("the server stopped serving")]
    Serve(#[source] std::io::Error),
}

fn hint(error: &std::io::Error, setting: &str) -> String {
    if error.kind() == std::io::ErrorKind::AddrInUse {
        format!(": something else already does; choose another with {setting}")
    } else {
        String::new()
    }
}

async fn listen(address: SocketAddr, setting: &'static str) -> Result<TcpListener, Error> {
    TcpListener::bind(address).await.map_err(|source| Error::Listen {
        address,
        setting,
        source,
    })
}

/// A server that listens and is ready to run.
pub struct Server {
    listener: TcpListener,
    local_address: SocketAddr,
    app: App,
    monitoring: Option<(TcpListener, axum::Router)>,
    database: Database,
    publish_interval: Duration,
    poll_silence: Duration,
    history_days: u32,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Server")
            .field("local_address", &self.local_address)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Takes the address and prepares everything. Port 0 takes a free one. The database must have its migrations.
    pub async fn bind(settings: &Settings, database: Database) -> Result<Self, Error> {
        let listener = listen(settings.server.listen, LISTEN_SETTING).await?;
        let metrics_listener = match settings.server.metrics_listen {
            Some(address) => Some(listen(address, METRICS_LISTEN_SETTING).await?),
            None => None,
        };
        let local_address = listener.local_addr().map_err(|source| Error::Listen {
            address: settings.server.listen,
            setting: LISTEN_SETTING,
            source,
        })?;
        let base_url = settings.server.base_url(local_address);
        if settings.server.public_url.is_none() && local_address.ip().is_unspecified() {
            tracing::warn!("server.public_url is not set: references in the data begin with {base_url}");
        }
        let auth = Auth::start(
            database.pool().clone(),
            Clock::System,
            &base_url,
            settings.tokens.lifetime_s,
        )
        .await
        .map_err(Error::Auth)?;
        let app = App {
            auth,
            snapshots: SnapshotCache::new(database.pool().clone(), base_url.clone(), settings.cache.bytes),
            base_url,
            sync_log: SyncLog::default(),
            metrics: Metrics::default(),
            held: HeldTenants::default(),
            failing: FailingTenants::default(),
        };
        let monitoring = metrics_listener.map(|listener| {
            let router = metrics::router(
                app.metrics.clone(),
                Arc::clone(&app.auth),
                app.snapshots.clone(),
                app.sync_log.clone(),
                app.held.clone(),
                app.failing.clone(),
            );
            (listener, router)
        });
        Ok(Self {
            listener,
            local_address,
            app,
            monitoring,
            database,
            publish_interval: Duration::from_secs(settings.publication.interval_s.into()),
            poll_silence: Duration::from_hours(settings.synclog.poll_silence_h.into()),
            history_days: settings.history.days,
        })
    }

    /// Returns the database it serves from.
    pub const fn database(&self) -> &Database {
        &self.database
    }

    /// Gives the address and the database back without having served.
    pub async fn close(self) {
        self.database.close().await;
    }

    /// Returns the address it listens on.
    pub const fn local_address(&self) -> SocketAddr {
        self.local_address
    }

    /// Returns the address that figures for monitoring are served on, if they are.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.monitoring.as_ref()?.0.local_addr().ok()
    }

    /// Returns the address consumers reach it at, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.app.base_url
    }

    /// Serves until told to stop; then finishes what is under way, for at most ten seconds, and closes the database.
    pub async fn run_until(
        mut self,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Error> {
        let (stop, stopped) = watch::channel(false);
        let mut background = JoinSet::new();
        spawn_background(&mut background, &mut self, &stopped);
        let database = self.database.location();
        tracing::info!(address = %self.local_address, base_url = self.app.base_url, %database, "serving");
        let mut accepting = stopped.clone();
        let sync_log = self.app.sync_log.clone();
        let service = axum::ServiceExt::<Request>::into_make_service(http::service(self.app));
        let serving =
            axum::serve(TolerantListener(self.listener), service).with_graceful_shutdown(async move {
                let _ = accepting.wait_for(|stopped| *stopped).await;
            });
        let mut serving = tokio::spawn(serving.into_future());
        let early = tokio::select! {
            () = shutdown => None,
            ended = &mut serving => Some(ended),
        };
        let _ = stop.send(true);
        tracing::info!("stopping");
        let ended = match early {
            Some(ended) => ended,
            None => tokio::time::timeout(STOP_TIMEOUT, &mut serving)
                .await
                .unwrap_or(Ok(Ok(()))),
        };
        serving.abort();
        let finished = async { while background.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_TIMEOUT, finished).await.is_err() {
            tracing::warn!("background work was cut off");
        }
        // The last requests were answered meanwhile.
        synclog::flush(&sync_log, self.database.pool()).await;
        self.database.close().await;
        ended
            .map_err(std::io::Error::other)
            .and_then(|served| served)
            .map_err(Error::Serve)
    }
}

/// Starts what runs beside the requests, each until `stopped` turns true. This is the one place for it.
fn spawn_background(background: &mut JoinSet<()>, server: &mut Server, stopped: &watch::Receiver<bool>) {
    background.spawn(Arc::clone(&server.app.auth).refresh_until(stopped.clone()));
    let pool = server.database.pool().clone();
    let held = server.app.held.clone();
    background.spawn(held.refresh_until(pool.clone(), server.publish_interval, stopped.clone()));
    background.spawn(publication::background::run(
        pool,
        server.app.failing.clone(),
        server.publish_interval,
        stopped.clone(),
    ));
    background.spawn(publication::retention::run(
        server.database.pool().clone(),
        server.history_days,
        stopped.clone(),
    ));
    background.spawn(synclog::run(
        server.app.sync_log.clone(),
        server.database.pool().clone(),
        server.poll_silence,
        server.history_days,
        stopped.clone(),
    ));
    if let Some((listener, router)) = server.monitoring.take() {
        let mut stopping = stopped.clone();
        background.spawn(async move {
            let outcome = axum::serve(listener, router)
                .with_graceful_shutdown(async move {
                    let _ = stopping.wait_for(|stopped| *stopped).await;
                })
                .await;
            if let Err(error) = outcome {
                tracing::error!(%error, "figures for monitoring are no longer served");
            }
        });
    }
}
