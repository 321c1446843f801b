//! Usernames once people have them: edited, released, handed over, checked by file; by command, as an operator does.

#![cfg(test)]

mod check_file;
mod edit;
mod migration;
mod person;
mod race;
mod references;
mod swap;
mod sync;
mod taken_over;
mod transfer;
mod unserved;
mod waiting;
mod workbook;

use std::process::Output;

use oneroster::accounts::records::{Allocated, allocate};
use oneroster::publication::State;
use oneroster::tenants;
use oneroster_school::tenant::Configuration;
use serde_json::Value;
use uuid::Uuid;

use crate::harness::school::{School, school};
use crate::harness::{self, TestDatabase, database};

/// The small school with a database of its own, and the command at hand.
struct Scene {
    database: TestDatabase,
    school: School,
}

/// How a command ended.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    /// The one document on stdout; null without one.
    report: Value,
    errors: String,
}

impl Ran {
    #[track_caller]
    fn done(self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.report
    }

    /// Returns the rule that was broken, and the message.
    #[track_caller]
    fn refused(self) -> (String, String) {
        assert_eq!(self.code, Some(1), "{self:?}");
        let refused = &self.report["refused"];
        let text = |key: &str| refused[key].as_str().unwrap_or_default().to_owned();
        (text("rule"), text("message"))
    }
}

impl Scene {
    async fn new() -> Self {
        let database = database().await;
        let school = school(&database.pool, "t").await;
        Self { database, school }
    }

    /// Another school: `change` is made to its tenant file, then staff get their domains.
    async fn configured(change: impl FnOnce(&mut Configuration)) -> Self {
        let scene = Self::new().await;
        scene.configure(change).await;
        scene
    }

    async fn configure(&self, change: impl FnOnce(&mut Configuration)) {
        let mut transaction = self.database.pool.begin().await.unwrap();
        let mut configuration = tenants::get(&mut transaction, "t").await.unwrap();
        change(&mut configuration);
        tenants::apply(&mut transaction, &configuration, false)
            .await
            .unwrap();
        allocate(&mut transaction, "t").await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// Changes the mirror as an import does: by SQL, `$1` being the tenant; then names are given out.
    async fn load(&self, statements: &str) -> Allocated {
        self.school.change(statements).await;
        let mut transaction = self.database.pool.begin().await.unwrap();
        let allocated = allocate(&mut transaction, "t").await.unwrap();
        transaction.commit().await.unwrap();
        allocated
    }

    /// Adds a pupil who begins `days` from today.
    async fn add_pupil(&self, p_persoon: i64, voornaam: &str, naam: &str, days: i64) -> String {
        let rowguid = pupil(p_persoon);
        let begin = self.school.today().await + chrono::TimeDelta::days(days);
        self.load(&format!(
            "insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam)
                 values ($1, {p_persoon}, '{rowguid}', '{naam}', '{voornaam}');
             insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, begindatum, status)
                 values ($1, {p_persoon}, {p_persoon}, '001507', 1, '311', '2026-27', '{begin}', 0)"
        ))
        .await;
        rowguid
    }

    /// Enters when somebody was born.
    async fn born(&self, p_persoon: i64, day: &str) {
        self.load(&format!(
            "update informat.persoon set geboortedatum = '{day}' where tenant_id = $1 and p_persoon = {p_persoon}"
        ))
        .await;
    }

    /// Takes a person out of the mirror.
    async fn remove(&self, p_persoon: i64) {
        self.load(&format!(
            "delete from informat.inschrklas where tenant_id = $1 and p_inschr = {p_persoon};
             delete from informat.inschrijving where tenant_id = $1 and p_persoon = {p_persoon};
             delete from informat.persoon where tenant_id = $1 and p_persoon = {p_persoon}"
        ))
        .await;
    }

    /// Runs `oneroster usernames … --tenant t --json`.
    fn run(&self, arguments: &[&str]) -> Ran {
        let mut all = vec!["usernames"];
        all.extend(arguments);
        all.extend(["--tenant", "t", "--json"]);
        ran(&self.command(&all))
    }

    fn command(&self, arguments: &[&str]) -> Output {
        harness::command(&self.database.url, arguments).output().unwrap()
    }

    fn set(&self, user: &str, name: &str) -> Ran {
        self.run(&["set", "--user", user, name])
    }

    /// The record of a person: name with domain, and flag.
    async fn record(&self, user: &str) -> (String, bool) {
        sqlx::query_as(
            "select local_part || coalesce('@' || domain, ''), sync from username.record
             where tenant_id = 't' and rowguid = $1",
        )
        .bind(user.parse::<Uuid>().unwrap())
        .fetch_one(&self.database.pool)
        .await
        .unwrap()
    }

    async fn name(&self, user: &str) -> String {
        self.record(user).await.0
    }

    /// The history of a person by the command, as `who: field from>to`.
    fn history(&self, user: &str) -> Vec<String> {
        let report = self.run(&["history", "--user", user]).done();
        let changes = report["changes"].as_array().unwrap();
        let text = |change: &Value, key: &str| change[key].as_str().unwrap_or("-").to_owned();
        changes
            .iter()
            .map(|change| {
                assert!(change["changed_at"].is_string());
                format!(
                    "{}: {} {}>{}",
                    text(change, "changed_by"),
                    text(change, "field"),
                    text(change, "old_value"),
                    text(change, "new_value")
                )
            })
            .collect()
    }

    /// How often the usernames changed, as the publisher sees it.
    async fn version(&self) -> i64 {
        let version =
            "select version from tenant.input_version where tenant_id = 't' and input = 'usernames'";
        sqlx::query_scalar(version)
            .fetch_one(&self.database.pool)
            .await
            .unwrap()
    }

    /// Publishes, and returns the usernames that are served, by id.
    async fn served(&self) -> Vec<(String, String)> {
        self.school.publish().await;
        let rows: Vec<(String, String)> = sqlx::query_as(
            "select sourced_id, content::json ->> 'username' from roster.object_version
             where tenant_id = 't' and kind = 'users' and status = 'active' and until_number is null
             order by sourced_id",
        )
        .fetch_all(&self.database.pool)
        .await
        .unwrap();
        rows
    }

    async fn served_name(&self, user: &str) -> Option<String> {
        let served = self.served().await;
        served
            .into_iter()
            .find(|(id, _)| id == user)
            .map(|(_, name)| name)
    }
}

/// The id of a pupil whom [`Scene::add_pupil`] made.
fn pupil(p_persoon: i64) -> String {
    format!("00000000-0000-4000-8000-{p_persoon:012}")
}

fn ran(output: &Output) -> Ran {
    Ran {
        code: output.status.code(),
        report: serde_json::from_slice(&output.stdout).unwrap_or_default(),
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The tenant sends domains itself; the school's are `school.example` and `leerling.school.example`.
fn sends_domains(configuration: &mut Configuration) {
    use oneroster_school::tenant::configuration::DomainMode;
    configuration.domain_mode.pupils = DomainMode::Informat;
    configuration.domain_mode.staff = DomainMode::Informat;
    let school = &mut configuration.schools[0];
    school.teacher_domain = Some("school.example".parse().unwrap());
    school.sites[0].pupil_domain = Some("leerling.school.example".parse().unwrap());
    configuration.extra_domains = vec!["oud.example".parse().unwrap()];
}

/// A publication that nothing called for makes no generation.
async fn nothing_to_publish(scene: &Scene) {
    assert_eq!(scene.school.publish().await.state, State::Unchanged);
}
