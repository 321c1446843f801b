//! The door: imports that would do what is hard to undo, refused by name and accepted by name. Through real loads; the
//! thresholds themselves are shown beside the rules, in crates/school.

#![cfg(test)]

mod beside;
mod command;
mod damage;
mod group;
mod ids;
mod people;
mod record;
mod replaced;
mod texts;

use std::collections::BTreeSet;

use oneroster::db::scope;
use oneroster::mirror::load::{Error, ImportRefusal, Options, record_acceptances};
use oneroster::mirror::{Acceptance, Bundle, Loaded, Mode, Remark, Subject, load};
use oneroster_school::door::Guard;

use crate::harness::{TestDatabase, as_server, database};
use group::{Files, Group};

/// A tenant whose mirror holds a group.
struct LoadedTenant {
    database: TestDatabase,
}

impl LoadedTenant {
    /// An empty mirror.
    async fn empty() -> Self {
        let database = database().await;
        let configuration = r#"{"id": "t", "active_school_year": "2026-27"}"#;
        sqlx::query("insert into tenant.tenant (tenant_id, configuration) values ('t', $1::text::jsonb)")
            .bind(configuration)
            .execute(&database.pool)
            .await
            .unwrap();
        Self { database }
    }

    /// A mirror with a group, which passes the door without a word.
    async fn of(group: &Group) -> Self {
        let scene = Self::empty().await;
        let loaded = scene.import(&group.files(), Mode::Full, &[]).await.unwrap();
        assert_eq!((loaded.guards.len(), loaded.remarks.len()), (0, 0), "{loaded:?}");
        scene
    }

    /// Loads files and keeps them.
    async fn import(&self, files: &Files, mode: Mode, accept: &[Guard]) -> Result<Loaded, ImportRefusal> {
        self.load(files, mode, accept, true).await
    }

    /// Loads files and rolls back.
    async fn try_import(&self, files: &Files, mode: Mode, accept: &[Guard]) -> Result<Loaded, ImportRefusal> {
        self.load(files, mode, accept, false).await
    }

    async fn load(
        &self,
        files: &Files,
        mode: Mode,
        accept: &[Guard],
        keep: bool,
    ) -> Result<Loaded, ImportRefusal> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let bundle = Bundle::read(folder.path(), mode, |_| ()).unwrap();
        let mut transaction = scope::begin(&as_server(&self.database.pool), "t").await.unwrap();
        let acceptance = Acceptance::new(accept.iter().copied(), "Els");
        let options = Options {
            acceptance: &acceptance,
            ..Options::default()
        };
        match load(&mut transaction, "t", &bundle, options).await {
            Ok(loaded) if keep => {
                record_acceptances(&mut transaction, "t", &loaded.guards, acceptance.by())
                    .await
                    .unwrap();
                transaction.commit().await.unwrap();
                Ok(loaded)
            }
            Ok(loaded) => Ok(loaded),
            Err(Error::Refused(refusal)) => Err(*refusal),
            Err(error) => panic!("{error:?}"),
        }
    }

    /// Which guards refuse files, as the whole state and as a delta of what differs.
    async fn refused_by(&self, before: &Group, after: &Group) -> BTreeSet<Guard> {
        let full = self.try_import(&after.files(), Mode::Full, &[]).await;
        let delta = self.try_import(&before.delta_to(after), Mode::Delta, &[]).await;
        let [full, delta] = [full, delta].map(|tried| match tried {
            Ok(loaded) => {
                assert!(loaded.guards.is_empty());
                Vec::new()
            }
            Err(refusal) => refusal.guards,
        });
        assert_eq!(full, delta, "a delta is judged as the whole state is");
        full.iter().map(|report| report.guard).collect()
    }
}

fn remark(remarks: &[Remark], subject: Subject) -> Option<&Remark> {
    remarks.iter().find(|remark| remark.rule == subject)
}

/// How often a remark counts something.
fn remarked(remarks: &[Remark], subject: Subject) -> u64 {
    remark(remarks, subject).map_or(0, |remark| remark.count)
}
