//! An open database with the audit trail of what is changed in it.

use anyhow::Context;
use sqlx::PgPool;

use super::{Global, Purpose, account, output};
use crate::accounts::Author;
use crate::audit::{self, Folder, Lack, Trail};
use crate::db::{Actor, Database, Migrations};
use crate::encryption;

/// The database of a command; whatever changes something keeps the audit trail in a folder.
pub(crate) struct Opened {
    database: Database,
    folder: Option<Folder>,
    origin: String,
}

impl Opened {
    /// Opens the database that was chosen. What changes something is refused without a folder for the audit trail, and on a
    /// database that went back; it says on stderr which database it uses.
    pub(super) async fn open(
        global: &Global,
        migrations: Migrations,
        purpose: Purpose,
        by: Option<&Author>,
    ) -> anyhow::Result<Self> {
        let settings = global.settings();
        let keeps_trail = !matches!(purpose, Purpose::Read | Purpose::OfNoTenant);
        if keeps_trail && settings.database.url.is_some() && settings.audit.dir.is_none() {
            return Err(audit::Error::NoFolder.into());
        }
        let origin = audit::origin(&format!("oneroster {}", global.command));
        let actor = Actor {
            by: by.map_or_else(account::of_system, |by| by.as_str().to_owned()),
            origin: origin.clone(),
            encryption_key_file: encryption::file(settings),
        };
        let database = Database::open_as(&settings.database, migrations, Some(actor)).await?;
        if !matches!(purpose, Purpose::Read | Purpose::Export) {
            output::remark(format_args!("using {}", database.location()));
        }
        let mut opened = Self {
            database,
            folder: None,
            origin,
        };
        if keeps_trail && let Err(error) = opened.follow(global, purpose).await {
            opened.close().await;
            return Err(error.into());
        }
        Ok(opened)
    }

    async fn follow(&mut self, global: &Global, purpose: Purpose) -> Result<(), audit::Error> {
        let folder = Folder::of(global.settings())?;
        self.folder = Some(folder.clone());
        if purpose != Purpose::Recover {
            let mut trail = Trail::new(folder, self.origin.clone());
            trail.follow_or_refuse(self.pool()).await?;
        }
        Ok(())
    }

    /// Returns its connections.
    pub(crate) const fn pool(&self) -> &PgPool {
        self.database.pool()
    }

    /// Returns the connections of the desk, which know its accounts.
    pub(crate) const fn desk(&self) -> &PgPool {
        self.database.desk()
    }

    /// Returns the folder of the audit trail of a command that keeps it.
    pub(crate) fn folder(&self) -> Result<&Folder, audit::Error> {
        self.folder.as_ref().ok_or(audit::Error::NoFolder)
    }

    /// Refuses if the database went back, and has on disk what others changed.
    pub(crate) async fn follow_trail(&self) -> anyhow::Result<()> {
        let Some(folder) = self.folder.clone() else {
            return Ok(());
        };
        let mut trail = Trail::new(folder, self.origin.clone());
        Ok(trail.follow_or_refuse(self.pool()).await?)
    }

    /// Says on stderr, of a command that works also then, that the database went back, if it did, and what to do. Where there is no folder
    /// of the audit trail, nothing is known of that.
    pub(super) async fn tell_if_behind(&self, global: &Global) {
        let Some(folder) = Folder::existing(global.settings()) else {
            return;
        };
        match Lack::find(self.pool(), &folder).await {
            Ok(None) => {}
            Ok(Some(lack)) => output::remark(format_args!(
                "the database went back: {lack}. Nothing is changed, nothing is published and no token is issued until `oneroster recover` has \
                 brought it forward"
            )),
            Err(error) => output::remark(format_args!(
                "whether the database went back is not known: {:#}",
                anyhow::Error::from(error)
            )),
        }
    }

    /// Has what was changed on disk in the folder of the audit trail: before the command says that it is done.
    pub(crate) async fn record(&self) -> anyhow::Result<()> {
        self.follow_trail().await.context(
            "it is done in the database, but the audit trail could not be written to its folder; the next command, or a server, \
             writes it there",
        )
    }

    /// Closes the connections.
    pub(crate) async fn close(self) {
        self.database.close().await;
    }
}
