//! A small school for tests: one site, two pupils, one teacher, one class; its year is under way today.

use chrono::{Days, NaiveDate};
use oneroster::accounts::records;
use oneroster::db::scope;
use oneroster::publication::{self, Options, Publication};
use oneroster::tenants;
use oneroster::tenants::{Input, raise_input_version};
use oneroster_school::tenant::{Configuration, file};
use sqlx::{AssertSqlSafe, PgPool};

use crate::harness::as_server;

/// The tenant file of the small school.
pub(crate) fn tenant_file(tenant_id: &str) -> String {
    format!(
        r#"
id = "{tenant_id}"
name = "Scholengroep {tenant_id}"
active_school_year = "2026-27"
team_name_format = "{{schoolyear}} {{klas}} - {{vestiging}}"
username_format = "{{voornaam}}.{{familienaam}}"
[[schools]]
instelnr = "001507"
[[schools.sites]]
vestnr = 1
sync_default = true
"#
    )
}

/// The collections of a whole roster, as a consumer reads them.
pub(crate) const COLLECTIONS: &[&str] = &["/academicSessions", "/orgs", "/users", "/classes", "/enrollments"];

/// A tenant with its small school.
pub(crate) struct School {
    /// The database it lives in, as its owner sees it.
    pub(crate) pool: PgPool,
    /// The same as the program sees it.
    pub(crate) server: PgPool,
    /// Its id.
    pub(crate) tenant_id: String,
}

/// rowguid of the pupil Jan Janssens, the pupil Lotte Peeters and the teacher Bert Ameel.
pub(crate) const JAN: &str = "00000000-0000-4000-8000-000000000001";
/// See [`JAN`].
pub(crate) const LOTTE: &str = "00000000-0000-4000-8000-000000000002";
/// See [`JAN`].
pub(crate) const BERT: &str = "00000000-0000-4000-8000-000000000003";
/// `scoodle_id` of class 3A.
pub(crate) const CLASS: &str = "00000000-0000-4000-8000-00000000003a";

/// Makes a tenant with the small school, its usernames allocated and released, nothing published yet.
pub(crate) async fn school(pool: &PgPool, tenant_id: &str) -> School {
    let configuration: Configuration = file::parse(&tenant_file(tenant_id)).unwrap();
    let server = as_server(pool);
    let mut transaction = scope::begin(&server, tenant_id).await.unwrap();
    tenants::apply(&mut transaction, &configuration, false)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let school = School {
        pool: pool.clone(),
        server,
        tenant_id: tenant_id.to_owned(),
    };
    let today = school.today().await;
    let (begin, end) = (today - Days::new(60), today + Days::new(200));
    school
        .change(&format!(
            "insert into informat.schooljaar (tenant_id, schooljaar, begindatum, einddatum)
                 values ($1, '2026-27', '{begin}', '{end}');
             insert into informat.school (tenant_id, instelnr, school) values ($1, '001507', 'Zandpoort');
             insert into informat.schoolvest
                 (tenant_id, instelnr, vestnrdiscimus, hfdstructuur, vestiging, actief)
                 values ($1, '001507', 1, '311', 'Markt', true);
             insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam) values
                 ($1, 1, '{JAN}', 'Janssens', 'Jan'), ($1, 2, '{LOTTE}', 'Peeters', 'Lotte'),
                 ($1, 3, '{BERT}', 'Ameel', 'Bert');
             insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, begindatum, status) values
                 ($1, 1, 1, '001507', 1, '311', '2026-27', '{begin}', 0),
                 ($1, 2, 2, '001507', 1, '311', '2026-27', '{begin}', 0);
             insert into informat.klassen (tenant_id, p_klas, scoodle_id, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, klascode, klas, groeptype)
                 values ($1, 1, '{CLASS}', '001507', 1, '311', '2026-27', '3A', '3A', 0);
             insert into informat.inschrklas (tenant_id, p_inschrklas, p_inschr, p_klas, vandatum) values
                 ($1, 1, 1, 1, '{begin}'), ($1, 2, 2, 1, '{begin}');
             insert into informat.opdracht (tenant_id, p_opdracht, p_persoon, instelnr)
                 values ($1, 1, 3, '001507');
             insert into informat.klasfunctiepersoon
                 (tenant_id, p_klasfunctiepersoon, p_persoon, p_klas, p_klasfunctie) values ($1, 1, 3, 1, 2)"
        ))
        .await;
    let mut transaction = scope::begin(&school.server, tenant_id).await.unwrap();
    let allocated = records::allocate(&mut transaction, tenant_id).await.unwrap();
    assert_eq!(allocated.created, 3);
    transaction.commit().await.unwrap();
    school
}

/// Switches Sync off for a published pupil of any tenant, and publishes: they are removed, whatever the day of the year.
pub(crate) async fn somebody_leaves(pool: &PgPool, tenant_id: &str) {
    let school = School {
        pool: pool.clone(),
        server: as_server(pool),
        tenant_id: tenant_id.to_owned(),
    };
    let mut transaction = pool.begin().await.unwrap();
    sqlx::query(
        "update username.record set sync = false where tenant_id = $1 and rowguid = (
             select v.sourced_id::uuid from roster.object_version v
             where v.tenant_id = $1 and v.kind = 'users' and v.until_number is null and v.status = 'active'
             and v.content::jsonb ->> 'role' = 'student'
             order by v.sourced_id limit 1)",
    )
    .bind(tenant_id)
    .execute(&mut *transaction)
    .await
    .unwrap();
    raise_input_version(&mut transaction, tenant_id, Input::Usernames)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    school.publish().await;
    let gone: i64 = sqlx::query_scalar(
        "select count(*) from roster.object_version
         where tenant_id = $1 and kind = 'users' and status = 'tobedeleted' and until_number is null",
    )
    .bind(tenant_id)
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(gone, 1, "one has left");
}

impl School {
    /// The day in Brussels by the database's clock.
    pub(crate) async fn today(&self) -> NaiveDate {
        sqlx::query_scalar("select (clock_timestamp() at time zone 'Europe/Brussels')::date")
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    /// Changes the mirror by SQL statements, `$1` being the tenant, and counts the change as an import would.
    pub(crate) async fn change(&self, statements: &str) {
        let mut transaction = self.pool.begin().await.unwrap();
        let quoted = format!("'{}'", self.tenant_id);
        for statement in statements
            .split(';')
            .filter(|statement| !statement.trim().is_empty())
        {
            sqlx::query(AssertSqlSafe(statement.replace("$1", &quoted)))
                .execute(&mut *transaction)
                .await
                .unwrap();
        }
        raise_input_version(&mut transaction, &self.tenant_id, Input::Mirror)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }

    /// Publishes.
    pub(crate) async fn publish(&self) -> Publication {
        publication::publish(&self.server, &self.tenant_id, Options::default())
            .await
            .unwrap()
            .unwrap()
    }

    /// Ends Jan's registration yesterday, so that he leaves.
    pub(crate) async fn jan_leaves(&self) {
        let yesterday = self.today().await - Days::new(1);
        self.change(&format!(
            "update informat.inschrijving set einddatum = '{yesterday}' where tenant_id = $1 and p_inschr = 1"
        ))
        .await;
    }

    /// Takes back [`School::jan_leaves`].
    pub(crate) async fn jan_returns(&self) {
        self.change(
            "update informat.inschrijving set einddatum = null where tenant_id = $1 and p_inschr = 1",
        )
        .await;
    }

    /// Reads status, content and date of an object as the newest generation holds it.
    pub(crate) async fn object(
        &self,
        kind: &str,
        sourced_id: &str,
    ) -> Option<(String, String, chrono::DateTime<chrono::Utc>)> {
        sqlx::query_as(
            "select v.status, v.content, g.published_at from roster.object_version v
             join roster.generation g on g.tenant_id = v.tenant_id and g.number = v.from_number
             where v.tenant_id = $1 and v.kind = $2 and v.sourced_id = $3 and v.until_number is null",
        )
        .bind(&self.tenant_id)
        .bind(kind)
        .bind(sourced_id)
        .fetch_optional(&self.pool)
        .await
        .unwrap()
    }

    /// Notes, as the sync log does, that somebody read collections of the newest generation to their last rows so many days ago.
    pub(crate) async fn note_pull(&self, collections: &[&str], days_ago: i32) {
        let readings: Vec<serde_json::Value> = collections
            .iter()
            .map(|path| {
                serde_json::json!({
                    "path": path, "pages": 1, "rows": 9,
                    "questions": [{"is_delta": false, "total": 9, "read": [[0, 9]],
                                   "last_request_at": "2026-01-01T00:00:00Z"}],
                })
            })
            .collect();
        sqlx::query(
            "insert into synclog.run (tenant_id, client_id, token_id, run_number, generation_number,
                                      first_request_at, last_request_at, is_complete, readings)
             select $1, 'sds', gen_random_uuid(), 1, number, moment, moment, true, $3
             from roster.head, lateral (select clock_timestamp() - make_interval(days => $2)) as read (moment)
             where tenant_id = $1",
        )
        .bind(&self.tenant_id)
        .bind(days_ago)
        .bind(serde_json::Value::from(readings))
        .execute(&self.pool)
        .await
        .unwrap();
    }

    /// Number of generations.
    pub(crate) async fn generations(&self) -> i64 {
        sqlx::query_scalar("select count(*) from roster.generation where tenant_id = $1")
            .bind(&self.tenant_id)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }
}
