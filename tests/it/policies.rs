//! Policies of the tenant file changed on a tenant that is in use: what changes at once, what never does, what is refused,
//! what is held. By command, to what consumers read; the table is in docs/operations.md.

#![cfg(test)]

mod names;
mod roster;

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use oneroster::auth::client::{self, NewSecret};
use oneroster::publication::{self, Options, Publication, Release, State};
use oneroster::tenants;
use oneroster_school::tenant::Configuration;
use serde_json::{Value, json};

use crate::harness::api::Api;
use crate::harness::group::{Shape, group};
use crate::harness::school::{School, school};
use crate::harness::{self, TestDatabase, database};

/// A tenant that is published, a consumer that reads it, and the commands.
struct PublishedTenant {
    database: TestDatabase,
    school: School,
    api: Api,
    client: NewSecret,
    folder: tempfile::TempDir,
}

/// Two schools of thirty pupils and three teachers each: large enough for the brake.
const TWO: Shape = Shape {
    schools: 2,
    ..Shape::TWELVE
};

impl PublishedTenant {
    /// The small school, where the brake holds nothing.
    async fn small() -> Self {
        let database = database().await;
        let school = school(&database.pool, "t").await;
        Self::of(database, school).await
    }

    /// [`TWO`].
    async fn large() -> Self {
        let database = database().await;
        let school = group(&database.pool, "t", TWO).await;
        Self::of(database, school).await
    }

    async fn of(database: TestDatabase, school: School) -> Self {
        assert_eq!(school.publish().await.state, State::Published);
        let client = client::create(&database.server, "t", "SDS").await.unwrap();
        Self {
            api: Api::start(&database.pool).await,
            client,
            database,
            school,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    async fn configuration(&self) -> Configuration {
        let mut connection = self.database.pool.acquire().await.unwrap();
        tenants::get(&mut connection, "t").await.unwrap()
    }

    /// Runs `oneroster … --json`: the exit code, the document on stdout and what stderr says.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, Value, String) {
        let output = harness::command(&self.database.url, &[arguments, &["--json"]].concat())
            .output()
            .unwrap();
        let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (
            output.status.code(),
            report,
            String::from_utf8(output.stderr).unwrap(),
        )
    }

    /// Applies the tenant's file with a change.
    async fn try_apply(
        &self,
        change: impl FnOnce(&mut Configuration),
        options: &[&str],
    ) -> (Option<i32>, Value, String) {
        let mut configuration = self.configuration().await;
        change(&mut configuration);
        let file = self.folder.path().join("tenant.toml");
        std::fs::write(&file, toml::to_string(&configuration).unwrap()).unwrap();
        let mut arguments = vec!["tenant", "apply", file.to_str().unwrap()];
        arguments.extend(options);
        self.run(&arguments)
    }

    /// As [`PublishedTenant::try_apply`], which is done; gives the report.
    #[track_caller]
    fn done((code, report, errors): (Option<i32>, Value, String)) -> Value {
        assert_eq!(code, Some(0), "{errors}");
        report
    }

    async fn apply(&self, change: impl FnOnce(&mut Configuration)) -> Value {
        Self::done(self.try_apply(change, &[]).await)
    }

    /// As [`PublishedTenant::try_apply`], which is refused; gives the reason.
    async fn refused(&self, change: impl FnOnce(&mut Configuration)) -> String {
        let (code, report, errors) = self.try_apply(change, &[]).await;
        assert_eq!((code, report), (Some(1), Value::Null), "{errors}");
        errors
    }

    async fn publish(&self) -> State {
        self.school.publish().await.state
    }

    /// Publishes as the background task does.
    async fn publish_unasked(&self) -> State {
        let options = Options {
            is_background: true,
            ..Options::default()
        };
        let published = publication::publish(&self.school.server, "t", options).await;
        published.unwrap().unwrap().state
    }

    async fn release(&self) -> Publication {
        let by = Release {
            by: "els",
            hold: None,
        };
        publication::release(&self.school.server, "t", Options::default(), by)
            .await
            .unwrap()
    }

    /// What a consumer reads of a collection: a member of each active object by its id.
    async fn read(&self, collection: &str, member: &str) -> BTreeMap<String, String> {
        let token = self.api.token(&self.client).await;
        let path = format!("/{collection}?limit=10000&filter=status='active'");
        let rows = self.api.get(&token, &path).await.json()[collection].take();
        let text = |row: &Value, member: &str| row[member].as_str().unwrap_or_default().to_owned();
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| (text(row, "sourcedId"), text(row, member)))
            .collect()
    }

    /// The usernames a consumer reads.
    async fn usernames(&self) -> BTreeMap<String, String> {
        self.read("users", "username").await
    }

    /// Imports, as far as usernames are concerned: SQL with `$1` for the tenant, then names are given out.
    async fn load(&self, statements: &str) {
        self.school.change(statements).await;
        let mut transaction = self.database.pool.begin().await.unwrap();
        oneroster::accounts::records::allocate(&mut transaction, "t")
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }

    /// Adds a pupil of the small school who begins `days` from today, in its class.
    async fn add_pupil(&self, number: i64, naam: &str, days: i64) -> String {
        let (rowguid, begin) = (person(number), self.day(days).await);
        self.load(&format!(
            "insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam)
                 values ($1, {number}, '{rowguid}', '{naam}', 'Nieuwe');
             insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, begindatum, status)
                 values ($1, {number}, {number}, '001507', 1, '311', '2026-27', '{begin}', 0);
             insert into informat.inschrklas (tenant_id, p_inschrklas, p_inschr, p_klas, vandatum)
                 values ($1, {number}, {number}, 1, '{begin}')"
        ))
        .await;
        rowguid
    }

    /// Adds a member of staff of the small school until a day so many days from today, or for good.
    async fn add_teacher(&self, number: i64, naam: &str, until_days: Option<i64>) -> String {
        let rowguid = person(number);
        let until = match until_days {
            Some(days) => format!("'{}'", self.day(days).await),
            None => "null".to_owned(),
        };
        self.load(&format!(
            "insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam)
                 values ($1, {number}, '{rowguid}', '{naam}', 'Nieuwe');
             insert into informat.opdracht (tenant_id, p_opdracht, p_persoon, instelnr, einddatum)
                 values ($1, {number}, {number}, '001507', {until})"
        ))
        .await;
        rowguid
    }

    async fn day(&self, days: i64) -> chrono::NaiveDate {
        self.school.today().await + chrono::TimeDelta::days(days)
    }

    /// Every record: name with domain, and flag, by person.
    async fn records(&self) -> BTreeMap<String, (String, bool)> {
        let rows: Vec<(String, String, bool)> = sqlx::query_as(
            "select rowguid::text, local_part || coalesce('@' || domain, ''), sync from username.record
             where tenant_id = 't'",
        )
        .fetch_all(&self.database.pool)
        .await
        .unwrap();
        rows.into_iter()
            .map(|(id, name, sync)| (id, (name, sync)))
            .collect()
    }
}

/// The id of a person added by a test.
fn person(number: i64) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// Asserts that one of the warnings of a report holds a text.
#[track_caller]
fn assert_warned(report: &Value, text: &str) {
    let warnings = report["warnings"].as_array().unwrap();
    assert!(
        warnings
            .iter()
            .any(|warning| warning.as_str().unwrap().contains(text)),
        "no warning says {text:?}: {warnings:#?}"
    );
}

/// R1, R2, R4: what the intake asks is kept: Entra tenant, institutions with their sites, managers.
#[tokio::test]
async fn r1_r2_r4_the_answers_of_the_intake_are_kept_and_shown() {
    let scene = PublishedTenant::small().await;
    let change = |configuration: &mut Configuration| {
        configuration.entra_tenant_id = Some("6f0c2d6e-0000-4000-8000-000000000001".to_owned());
        configuration.contact = Some("els.maes".to_owned());
        let mut second = configuration.schools[0].clone();
        second.instelnr = "001508".to_owned();
        second.contact = Some("tom.claes".to_owned());
        configuration.schools.push(second);
    };
    let report = scene.apply(change).await;
    assert_eq!(report["state"], "changed");
    assert_warned(&report, "entra_tenant_id changes nothing that is published");
    let (code, shown, _) = scene.run(&["tenant", "show", "t"]);
    assert_eq!(code, Some(0));
    assert_eq!(
        [
            &shown["entra_tenant_id"],
            &shown["contact"],
            &shown["schools"][0]["instelnr"],
            &shown["schools"][1]["instelnr"],
            &shown["schools"][1]["contact"]
        ],
        [
            "6f0c2d6e-0000-4000-8000-000000000001",
            "els.maes",
            "001507",
            "001508",
            "tom.claes"
        ]
    );
    assert_eq!(scene.publish().await, State::Unchanged, "none of it is published");
}

/// A rehearsal says what the real one says, and keeps nothing.
#[tokio::test]
async fn a_dry_run_tells_all_and_keeps_nothing() {
    let scene = PublishedTenant::large().await;
    let (configuration, records) = (scene.configuration().await, scene.records().await);
    let change = |configuration: &mut Configuration| {
        configuration.team_name_format = "{klascode}".parse().unwrap();
        configuration.username_format = "{familienaam}".parse().unwrap();
        configuration.schools[1].sites[0].sync = false;
    };
    let dry = PublishedTenant::done(scene.try_apply(change, &["--dry-run"]).await);
    assert_eq!(
        (&dry["state"], &dry["dry_run"]),
        (&json!("changed"), &json!(true))
    );
    assert_eq!(scene.configuration().await, configuration);
    assert_eq!(scene.records().await, records);
    assert_eq!(scene.publish().await, State::Unchanged);
    let consequences = &dry["consequences"];
    assert_eq!(consequences["classes_retitled"], 3, "of the school that stays");
    assert_eq!(consequences["users"], json!({"come": 0, "go": 33}));
    assert_eq!(consequences["orgs"], json!({"come": [], "go": ["100002-1"]}));
    assert_warned(&dry, "3 classes get another title");
    assert_warned(&dry, "66 existing names stay");
    assert_warned(&dry, "33 of 33 users would go in org 100002-1");
    let real = scene.apply(change).await;
    assert_eq!(
        (&real["dry_run"], &real["warnings"]),
        (&json!(false), &dry["warnings"])
    );
    assert_eq!(real["consequences"], dry["consequences"]);
    let again = scene.apply(|_| ()).await;
    assert_eq!(
        (&again["state"], &again["consequences"]),
        (&json!("unchanged"), &Value::Null)
    );
    assert_eq!(scene.publish().await, State::Held, "as was said");
}

/// What has not been loaded or published yet has no consequences, and applying its file is no error.
#[tokio::test]
async fn a_tenant_without_data_is_changed_without_consequences() {
    let scene = PublishedTenant::small().await;
    let new = |configuration: &mut Configuration| configuration.id = "nieuw".parse().unwrap();
    assert_eq!(scene.apply(new).await["state"], "created");
    let changed = |configuration: &mut Configuration| {
        configuration.id = "nieuw".parse().unwrap();
        configuration.org_id_with_hoofdstructuur = true;
    };
    let report = scene.apply(changed).await;
    assert_eq!(
        (&report["state"], &report["consequences"]),
        (&json!("changed"), &Value::Null)
    );
}

/// R95: the default of the Sync flag is the vendor's to switch: it is a key of the tenant file only, and a person who holds a
/// school's credentials can change nothing at all.
#[tokio::test]
async fn r95_credentials_of_a_school_change_nothing() {
    let scene = PublishedTenant::small().await;
    let token = scene.api.token(&scene.client).await;
    for path in ["/orgs/001507-1", "/users", "/schools"] {
        for method in [Method::PUT, Method::POST, Method::PATCH, Method::DELETE] {
            let path = format!("/ims/oneroster/v1p1{path}");
            let answer = scene.api.ask(method, &token, &path).await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        }
    }
}
