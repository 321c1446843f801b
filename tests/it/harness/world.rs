//! The whole flow: a bundle from Informat, the commands, a real server over HTTP, and a clock that the test sets.

use std::net::SocketAddr;
use std::path::PathBuf;

use oneroster::access::sessions::{self, Way};
use oneroster::clock::Clock;
use oneroster::publication::{self, Options};
use serde_json::Value;
use sqlx::PgPool;
use tempfile::TempDir;
use uuid::Uuid;

use super::clock::DatabaseClock;
use super::informat::Informat;
use super::running;
use crate::m365::{Connection, IdentityRule, Profile, Sds, Sis};

/// A server with its database at some moment.
pub(crate) struct World {
    pub(crate) clock: DatabaseClock,
    url: String,
    base_url: String,
    address: SocketAddr,
    /// The server's connections.
    server: PgPool,
    folder: TempDir,
}

/// A tenant of it, with a client.
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) connection: Connection,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    code: Option<i32>,
    json: Value,
    /// Warnings, reasons, logs.
    pub(crate) stderr: String,
}

impl Ended {
    /// The report of a command that did what it was asked.
    pub(crate) fn done(self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.json
    }

    /// The report of a command that refused.
    pub(crate) fn refused(self) -> Value {
        assert_eq!(self.code, Some(1), "{self:?}");
        self.json
    }
}

impl World {
    /// A server at a moment in Brussels, `2054-09-01 04:00`.
    pub(crate) async fn at(moment: &str) -> Self {
        let database = super::database().await;
        let clock = DatabaseClock::install(&database, moment).await;
        let mut settings = running::settings(&database.url);
        settings.publication.interval_s = 1;
        let server = running::bind(&settings).await.unwrap();
        let connections = server.database().pool().clone();
        let base_url = server.base_url().to_owned();
        let address = server.local_address();
        tokio::spawn(server.run_until(std::future::pending()));
        // Days pass in seconds here, faster than a server looks for new keys.
        sqlx::query(
            "update auth.signing_key set signs_to = signs_to + interval '9 years',
                                         verifies_until = verifies_until + interval '9 years'",
        )
        .execute(&database.pool)
        .await
        .unwrap();
        Self {
            clock,
            url: database.url,
            base_url,
            address,
            server: connections,
            folder: TempDir::new().unwrap(),
        }
    }

    /// Runs the program on this world's database.
    pub(crate) async fn oneroster(&self, arguments: &[&str]) -> Ended {
        let output = super::oneroster(&self.url, &[arguments, &["--json"]].concat()).await;
        Ended {
            code: output.status.code(),
            json: serde_json::from_slice(&output.stdout).unwrap_or_default(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Applies a tenant file.
    pub(crate) async fn apply(&self, file: &str) -> Ended {
        let path = self.path("tenant.toml");
        std::fs::write(&path, file).unwrap();
        self.oneroster(&["tenant", "apply", path.to_str().unwrap()]).await
    }

    /// Makes a tenant as an operator does: tenant file, bundle, publication, client.
    pub(crate) async fn group(&self, file: &str, informat: &Informat) -> Group {
        let applied = self.apply(file).await.done();
        let id = applied["tenant"].as_str().unwrap_or_else(|| panic!("{applied}"));
        self.import(id, informat).await;
        self.publish(id).await;
        let client = self
            .oneroster(&["client", "create", "--tenant", id, "--name", "sds"])
            .await
            .done();
        let text = |key: &str| client[key].as_str().unwrap().to_owned();
        Group {
            id: id.to_owned(),
            connection: Connection {
                base_url: format!("{}/ims/oneroster/v1p1", self.base_url),
                token_url: format!("{}/connect/token", self.base_url),
                client_id: text("client_id"),
                client_secret: text("client_secret"),
            },
        }
    }

    /// Loads the whole state of Informat by the command.
    pub(crate) async fn import(&self, tenant_id: &str, informat: &Informat) {
        let folder = self.path("bundle");
        std::fs::create_dir_all(&folder).unwrap();
        informat.export(&folder);
        let report = self
            .oneroster(&["import", "--tenant", tenant_id, folder.to_str().unwrap()])
            .await
            .done();
        assert_eq!(report["accepted"], true, "{report}");
    }

    /// Publishes at once what the background publisher of the server publishes within a second or so. Returns the newest
    /// generation, whoever made it.
    pub(crate) async fn publish(&self, tenant_id: &str) -> Uuid {
        let publication = publication::publish(&self.server, tenant_id, Options::default());
        publication.await.unwrap().unwrap().generation.unwrap()
    }

    /// Where the server listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The connections of the server.
    pub(crate) const fn pool(&self) -> &PgPool {
        &self.server
    }

    /// Loads the state of Informat and publishes it.
    pub(crate) async fn import_and_publish(&self, tenant_id: &str, informat: &Informat) {
        self.import(tenant_id, informat).await;
        self.publish(tenant_id).await;
    }

    /// What the API serves now, read whole.
    pub(crate) async fn served(&self, group: &Group) -> Sis {
        let profile = Profile::new("look", IdentityRule::AsSent);
        let mut reader = Sds::connect(group.connection.clone(), profile);
        reader.read_full(&self.clock.text().await).await;
        reader.sis
    }

    /// Signs in to the desk as an operator; returns the cookie.
    pub(crate) async fn operator(&self) -> String {
        let pool = super::as_desk(&self.server);
        let account_id: Uuid = sqlx::query_scalar(
            "insert into desk.account (login_name, display_name, is_operator, created_by)
             values ('operator', 'Operator', true, 'test')
             on conflict (lower(login_name)) do update set is_operator = true returning account_id",
        )
        .fetch_one(&pool)
        .await
        .unwrap();
        let token = sessions::begin(&pool, account_id, Way::Password, Clock::System.now())
            .await
            .unwrap()
            .unwrap();
        format!("oneroster-desk={}", token.as_str())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
