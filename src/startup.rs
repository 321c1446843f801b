//! Puts a server together: database, router, background work, listener, and the way down.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use futures_util::future::Either;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::{Service, ServiceExt, service_fn};

use crate::accounts;
use crate::alarms::{self, Alarms, Outlets};
use crate::audit::{self, Folder, Gate, Trail};
use crate::auth::{self, Auth, FailedSignIns, Keyring};
use crate::clock::Clock;
use crate::config::{self, Settings};
use crate::db::Database;
use crate::desk::{self, Desk, OpenId};
use crate::edge::{self, ConnectionLimits, ForeignHost, ServerOptions, TrustedProxies};
use crate::feeding::Uploads;
use crate::http::{self, App, metrics};
use crate::publication::{self, SilentAfter};
use crate::serving::SnapshotCache;
use crate::synclog;

/// How long requests under way, and then background work, get to finish once the server is told to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// How long imports of bundles that were brought are waited for once the server is told to stop, before that. What the process ends leaves
/// everything as it was.
const IMPORT_STOP_TIMEOUT: Duration = Duration::from_mins(1);

/// How many open files and sockets are left to what is not a connection of a client.
const OTHER_DESCRIPTORS: usize = 128;

/// How many connections the listener for monitoring takes.
const MONITORING_CONNECTIONS: usize = 64;

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
    /// The audit trail has no folder, or cannot be written to it.
    #[error("cannot keep the audit trail")]
    Audit(#[source] audit::Error),
    /// Signing in to the desk by OpenID Connect cannot be prepared.
    #[error("cannot prepare signing in by OpenID Connect")]
    OpenId(#[source] desk::SetupError),
    /// Alarms have nowhere to go to that can be used.
    #[error("cannot prepare alarms")]
    Alarms(#[source] alarms::SetupError),
    /// Keys and clients cannot be read.
    #[error("cannot prepare tokens")]
    Auth(#[source] auth::Error),
    /// The listener broke: a fault of this program.
    #[error("the server stopped serving")]
    Serve(#[source] tokio::task::JoinError),
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
    connections: ConnectionLimits,
    monitoring: Option<TcpListener>,
    database: Database,
    trail: Trail,
    publish_interval: Duration,
    poll_silence: Duration,
    import_silence: Duration,
    /// Until they are begun.
    alarms: Option<Alarms>,
    history_days: u32,
    people_retention_days: u32,
    desk: config::Desk,
    openid: Option<OpenId>,
    /// Nobody has set the address that consumers reach it at.
    is_unnamed: bool,
}

/// Says what an operator should set otherwise, and that works.
fn warn_of(settings: &Settings, database: &Database, local_address: SocketAddr, base_url: &str) {
    if settings.server.public_url.is_none() && local_address.ip().is_unspecified() {
        tracing::warn!("server.public_url is not set: references in the data begin with {base_url}");
    }
    if !database.too_much().is_empty() {
        tracing::warn!(
            "the user that this server signs in to the database as may do too much: {}. Injected SQL could get around row-level \
             security. Give it a user of its own: `oneroster migrate --print-roles` (docs/security.md)",
            database.too_much().join("; ")
        );
    }
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
        let folder = Folder::of(settings).map_err(Error::Audit)?;
        let outlets = Outlets::new(&settings.alarms).map_err(Error::Alarms)?;
        let keyring = Keyring::open(settings, database.pool())
            .await
            .map_err(Error::Auth)?;
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
        warn_of(settings, &database, local_address, &base_url);
        let gate = Gate::new(folder.clone());
        let mut trail = Trail::new(folder, audit::origin("serve"));
        // Before anything is issued or published.
        gate.look(&mut trail, database.pool())
            .await
            .map_err(Error::Audit)?;
        let auth = Auth::start(
            (database.requests().clone(), database.housekeeping().clone()),
            (FailedSignIns::new(settings.tokens.failures_per_minute), gate),
            keyring,
            Clock::System,
            &base_url,
            settings.tokens.lifetime_s,
        )
        .await
        .map_err(Error::Auth)?;
        let snapshots = SnapshotCache::new(
            database.requests().clone(),
            base_url.clone(),
            settings.cache.bytes,
        );
        let openid = OpenId::new(&settings.desk.openid, &base_url, Clock::System).map_err(Error::OpenId)?;
        let uploads = Uploads::new(database.pool().clone());
        let mut app = App::new(auth, snapshots, uploads, base_url);
        let counts = app.metrics.alarm_messages.clone();
        let alarms = Alarms::new(settings, database.pool().clone(), outlets, counts, &app.base_url);
        app.trusted_proxies = TrustedProxies::new(&settings.server.trusted_proxies);
        app.has_monitoring = metrics_listener.is_some();
        Ok(Self {
            listener,
            local_address,
            app,
            connections: connection_limits(&settings.server),
            monitoring: metrics_listener,
            database,
            trail,
            publish_interval: Duration::from_secs(settings.publication.interval_s.into()),
            poll_silence: Duration::from_hours(settings.synclog.poll_silence_h.into()),
            alarms: Some(alarms),
            import_silence: Duration::from_hours(settings.feeding.import_silence_h.into()),
            history_days: settings.history.days,
            people_retention_days: settings.history.people_retention_days,
            desk: settings.desk.clone(),
            openid,
            is_unnamed: settings.server.public_url.is_none(),
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
        self.monitoring.as_ref()?.local_addr().ok()
    }

    /// Returns the address consumers reach it at, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.app.base_url
    }

    /// Serves until told to stop; then finishes what is under way, imports for at most a minute and all else for at most ten seconds, and
    /// closes the database.
    pub async fn run_until(
        mut self,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Error> {
        let (stop, stopped) = watch::channel(false);
        let mut background = JoinSet::new();
        spawn_background(&mut background, &mut self, &stopped);
        let gate = self.app.auth.gate().clone();
        let pools = (self.database.housekeeping().clone(), self.database.pool().clone());
        // It is followed until the last import was entered.
        let (stop_trail, trail_stopped) = watch::channel(false);
        let snapshots = self.app.snapshots.clone();
        let forget = move |tenant_id: &str| snapshots.forget(tenant_id);
        background.spawn(audit::run(self.trail, gate, pools, forget, trail_stopped));
        let uploads = self.app.uploads.clone();
        let database = self.database.location();
        tracing::info!(address = %self.local_address, base_url = self.app.base_url, %database, "serving");
        let sync_log = self.app.sync_log.clone();
        let options = ServerOptions {
            connections: self.connections,
            trusted_proxies: self.app.trusted_proxies.clone(),
            refusal: http::refusal(&self.app),
        };
        let mut desk = Desk::new(
            self.database.desk().clone(),
            self.app.base_url.clone(),
            self.app.trusted_proxies.clone(),
        );
        desk.silent_after = SilentAfter {
            poll: self.poll_silence,
            import: self.import_silence,
        };
        desk.settings = self.desk;
        desk.openid = self.openid;
        let base_path = desk.base_path().to_owned();
        let foreign_host = self
            .is_unnamed
            .then(|| Arc::new(ForeignHost::new(self.app.base_url.clone())));
        let desk = desk::service(desk);
        let serving = edge::serve(
            self.listener,
            beside(desk, http::service(self.app), base_path, foreign_host),
            options,
            until(stopped.clone()),
        );
        let mut serving = tokio::spawn(serving);
        let early = tokio::select! {
            () = shutdown => None,
            ended = &mut serving => Some(ended),
        };
        let _ = stop.send(true);
        tracing::info!("stopping");
        wait_for_uploads(uploads.stop()).await;
        let ended = match early {
            Some(ended) => ended,
            None => tokio::time::timeout(STOP_TIMEOUT, &mut serving)
                .await
                .unwrap_or(Ok(())),
        };
        serving.abort();
        let _ = stop_trail.send(true);
        let finished = async { while background.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_TIMEOUT, finished).await.is_err() {
            tracing::warn!("background work was cut off");
        }
        // The last requests were answered meanwhile.
        synclog::flush(&sync_log, self.database.pool()).await;
        self.database.close().await;
        ended.map_err(Error::Serve)
    }
}

/// Waits for imports of bundles that were brought to end, for as long as they are waited for.
async fn wait_for_uploads(stop: impl Future<Output = ()>) {
    if tokio::time::timeout(IMPORT_STOP_TIMEOUT, stop).await.is_err() {
        tracing::warn!(
            "an import of a bundle that was brought is not waited for any longer: unless it ends before the server does, nothing of it is loaded"
        );
    }
}

/// Puts the desk beside the service for consumers: a request goes to the one that answers its path.
fn beside(
    desk: impl Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static,
    consumers: impl Service<Request, Response = Response, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static,
    base_path: String,
    foreign_host: Option<Arc<ForeignHost>>,
) -> impl Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static {
    service_fn(move |request: Request| {
        if let Some(foreign_host) = &foreign_host {
            foreign_host.look(&request);
        }
        if desk::answers(&base_path, request.uri().path()) {
            Either::Left(desk.clone().oneshot(request))
        } else {
            Either::Right(consumers.clone().oneshot(request))
        }
    })
}

/// Waits until `stopped` turns true.
async fn until(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Returns how many connections there may be: as set, and as many as the process may have descriptors for.
fn connection_limits(settings: &config::Server) -> ConnectionLimits {
    let descriptors = edge::raise_descriptor_limit();
    let possible = descriptors.saturating_sub(OTHER_DESCRIPTORS).max(1);
    let set = |value: u32| usize::try_from(value).unwrap_or(usize::MAX);
    let total = set(settings.connections);
    if possible < total {
        tracing::warn!(
            descriptors,
            connections = possible,
            "fewer connections than server.connections: raise the limit on open files (ulimit -n, LimitNOFILE)"
        );
    }
    ConnectionLimits {
        total: total.min(possible),
        per_address: set(settings.connections_per_address),
    }
}

/// Starts what runs beside the requests, each until `stopped` turns true. This is the one place for it.
fn spawn_background(background: &mut JoinSet<()>, server: &mut Server, stopped: &watch::Receiver<bool>) {
    background.spawn(Arc::clone(&server.app.auth).refresh_until(stopped.clone()));
    let pool = server.database.pool().clone();
    let held = server.app.held.clone();
    let housekeeping = server.database.housekeeping().clone();
    background.spawn(held.refresh_until(housekeeping, server.publish_interval, stopped.clone()));
    background.spawn(publication::background::run(
        pool,
        (server.app.failing.clone(), server.app.auth.gate().clone()),
        server.publish_interval,
        stopped.clone(),
    ));
    background.spawn(publication::retention::run(
        server.database.pool().clone(),
        server.history_days,
        stopped.clone(),
    ));
    if server.people_retention_days > 0 {
        let auth = Arc::clone(&server.app.auth);
        background.spawn(accounts::retention::run(
            server.database.pool().clone(),
            server.people_retention_days,
            move || auth.clocks_apart_s().is_some(),
            stopped.clone(),
        ));
    }
    background.spawn(synclog::run(
        server.app.sync_log.clone(),
        server.database.pool().clone(),
        server.poll_silence,
        server.history_days,
        stopped.clone(),
    ));
    let (feed, pool) = (server.app.feed.clone(), server.database.housekeeping().clone());
    background.spawn(feed.refresh_until(pool, server.import_silence, stopped.clone()));
    if let Some(alarms) = server.alarms.take() {
        background.spawn(alarms::run(alarms, stopped.clone()));
    }
    if let Some(watching) = server.database.watch(stopped.clone()) {
        background.spawn(watching);
    }
    if let Some(listener) = server.monitoring.take() {
        let options = ServerOptions {
            connections: ConnectionLimits {
                total: MONITORING_CONNECTIONS,
                per_address: MONITORING_CONNECTIONS,
            },
            trusted_proxies: TrustedProxies::default(),
            refusal: http::refusal(&server.app),
        };
        let router = metrics::router(server.app.clone());
        background.spawn(edge::serve(listener, router, options, until(stopped.clone())));
    }
}
