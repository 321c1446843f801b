//! A whole server on free ports, as `serve` runs it.

use std::net::SocketAddr;

use oneroster::config::{self, Settings};
use oneroster::db::{Database, Migrations};
use oneroster::startup::{Error, Server};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{audit_dir, encryption_key_file, owner_url};

/// A server that runs until it is stopped.
pub(crate) struct Running {
    /// Where consumers reach it.
    pub(crate) base_url: String,
    /// The same as an address.
    pub(crate) address: SocketAddr,
    /// Where its figures are.
    pub(crate) metrics: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), Error>>,
}

/// The settings of a server of a test, on free ports of this machine.
pub(crate) fn settings(database_url: &str) -> Settings {
    Settings {
        database: config::Database {
            url: Some(database_url.to_owned()),
            owner_url: Some(owner_url(database_url)),
            ..config::Database::default()
        },
        audit: config::Audit {
            dir: Some(audit_dir(database_url)),
        },
        keys: config::Keys {
            encryption_key_file: Some(encryption_key_file()),
            ..config::Keys::default()
        },
        server: config::Server {
            listen: ([127, 0, 0, 1], 0).into(),
            metrics_listen: Some(([127, 0, 0, 1], 0).into()),
            ..config::Server::default()
        },
        ..Settings::default()
    }
}

/// Opens the database of the settings and binds a server to it.
pub(crate) async fn bind(settings: &Settings) -> Result<Server, Error> {
    let database = Database::open(&settings.database, Migrations::Require)
        .await
        .unwrap();
    Server::bind(settings, database).await
}

impl Running {
    pub(crate) async fn start(settings: &Settings) -> Self {
        let server = bind(settings).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        Self {
            base_url: server.base_url().to_owned(),
            address: server.local_address(),
            metrics: server.metrics_address().unwrap(),
            stop,
            ended: tokio::spawn(server.run_until(async move { drop(stopped.await) })),
        }
    }

    /// Stops it as Ctrl-C does, and waits until it has ended.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        self.ended.await.unwrap().unwrap();
    }
}
