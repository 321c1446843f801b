//! A database whose clock the test sets.
//!
//! Everything that decides about data asks the database for the time, by `clock_timestamp()` without a schema. So a function
//! of that name in a schema that the search path of this one database names before `pg_catalog` is the clock of whatever
//! connects to it: the library and the program itself. Nothing of it is in the product: whoever could change the search path
//! of a production database could change its data.
//!
//! Such tests live in the school year 2054-55, whose days of the week are those of 2026-27. A server takes the later of its
//! own clock and the database's for the end of a token, so the test's time must lie ahead of the machine's.

use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::{TestDatabase, owner_url};

/// The clock of a test's database. It runs on from the moment it was set to.
pub(crate) struct DatabaseClock {
    pool: PgPool,
}

impl DatabaseClock {
    /// Puts the clock into a database that nobody is connected to yet, and sets it to a moment in Brussels.
    pub(crate) async fn install(database: &TestDatabase, moment: &str) -> Self {
        let mut connection = PgConnection::connect(&owner_url(&database.url)).await.unwrap();
        connection
            .execute(
                "create schema test_clock;
                 create table test_clock.shift (ahead_s double precision not null);
                 insert into test_clock.shift values (0);
                 create function test_clock.clock_timestamp() returns timestamptz language sql volatile as
                     'select pg_catalog.clock_timestamp() + make_interval(secs => ahead_s) from test_clock.shift';
                 grant usage on schema test_clock to public;
                 grant select on test_clock.shift to public;",
            )
            .await
            .unwrap();
        let name: String = sqlx::query_scalar("select current_database()")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        let path = format!("alter database {name} set search_path = public, test_clock, pg_catalog");
        connection.execute(AssertSqlSafe(path)).await.unwrap();
        connection.close().await.unwrap();
        let clock = Self {
            pool: database.pool.clone(),
        };
        clock.shift(moment).await;
        clock
    }

    /// Sets the clock to a moment in Brussels, `2054-09-01 04:00`. It is never set back.
    pub(crate) async fn set(&self, moment: &str) {
        let before = self.now().await;
        self.shift(moment).await;
        let after = self.now().await;
        assert!(before < after, "the clock would go back from {before} to {after}");
    }

    async fn shift(&self, moment: &str) {
        sqlx::query(
            "update test_clock.shift
             set ahead_s = extract(epoch from ($1::timestamp at time zone 'Europe/Brussels') - pg_catalog.clock_timestamp())",
        )
        .bind(moment)
        .execute(&self.pool)
        .await
        .unwrap();
    }

    /// The present moment.
    pub(crate) async fn now(&self) -> DateTime<Utc> {
        sqlx::query_scalar("select clock_timestamp()")
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    /// The present moment as a consumer writes it: `2054-09-01T02:00:00.000Z`.
    pub(crate) async fn text(&self) -> String {
        self.now().await.to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}
