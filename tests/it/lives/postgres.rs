//! The functions that the commands call, on a database of its own whose clock the course sets.

use std::collections::{BTreeMap, HashMap};

use oneroster::accounts::import::{self, import};
use oneroster::accounts::{self, Author, Error, Transfer, Whom, records};
use oneroster::db::scope;
use oneroster::mirror::{Acceptance, Bundle, Mode, load};
use oneroster::publication::{self, Options};
use oneroster::tenants;
use oneroster_school::door::Guard;
use oneroster_school::username::Record;
use uuid::Uuid;

use super::oracle::Asked;
use super::{Act, FIRST_DAY, Life, Users, configuration, source};
use crate::harness::clock::DatabaseClock;
use crate::harness::{self, TestDatabase, database};

pub(super) struct Postgres {
    database: TestDatabase,
    clock: DatabaseClock,
    author: Author,
}

impl Postgres {
    pub(super) async fn begin() -> Self {
        let database = database().await;
        let clock = DatabaseClock::install(&database, &format!("{FIRST_DAY} 10:00")).await;
        let mut transaction = scope::begin(&database.server, "t").await.unwrap();
        tenants::apply(&mut transaction, &configuration(), false)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        Self {
            database,
            clock,
            author: Author::new("Els").unwrap(),
        }
    }

    pub(super) async fn records(&self) -> HashMap<Uuid, Record> {
        let mut transaction = scope::begin(&self.database.server, "t").await.unwrap();
        records::read(&mut transaction, "t").await.unwrap()
    }

    pub(super) async fn retired(&self) -> BTreeMap<String, Uuid> {
        let mut transaction = scope::begin(&self.database.server, "t").await.unwrap();
        let retired = records::lookup::retired(&mut transaction, "t").await.unwrap();
        retired
            .into_iter()
            .map(|retired| (retired.name, retired.rowguid))
            .collect()
    }

    /// Does what a step comes to; returns what was asked for, and who is served if it was published.
    pub(super) async fn take(&self, act: &Act, life: &Life) -> (Asked, Option<Users>) {
        let (pool, by) = (&self.database.server, &self.author);
        match act {
            Act::Nothing => {}
            Act::Load => self.load(life).await,
            Act::Publish => return (Asked::Nothing, Some(self.publish().await)),
            Act::Day => self.day(life).await,
            Act::NextYear => {
                self.day(life).await;
                self.next_year();
                return (Asked::Nothing, Some(self.publish().await));
            }
            Act::Format(format) => self.format(format).await,
            Act::Set(who, name) => {
                if is_done(accounts::set(pool, "t", by, *who, name).await) {
                    return (Asked::Name(*who, name.clone()), None);
                }
            }
            Act::Transfer(from, to, force) => {
                let transfer = Transfer {
                    from: *from,
                    to: *to,
                    is_forced: *force,
                };
                match accounts::transfer(pool, "t", by, transfer).await {
                    Ok(done) => return (Asked::Transfer(*from, *to, done.name.local_part), None),
                    Err(error) => assert!(!is_done(Err::<(), _>(error))),
                }
            }
            Act::Sync(who, on) => {
                let whom = Whom::People(vec![*who]);
                accounts::sync(pool, "t", by, *on, &whom).await.unwrap();
                if *on {
                    return (Asked::Release(*who), None);
                }
            }
            Act::SyncAll(on) => {
                accounts::sync(pool, "t", by, *on, &Whom::All).await.unwrap();
            }
            Act::Regenerate => {
                accounts::regenerate(pool, "t", by, &Whom::All, false)
                    .await
                    .unwrap();
            }
            Act::Forget(whom) => {
                let whom = Whom::People(whom.iter().copied().collect());
                accounts::forget(pool, "t", by, &whom, false).await.unwrap();
            }
        }
        (Asked::Nothing, None)
    }

    async fn load(&self, life: &Life) {
        let folder = tempfile::tempdir().unwrap();
        source::export(&life.source.rows(), folder.path());
        let bundle = Bundle::read(folder.path(), Mode::Full, |_| ()).unwrap();
        let acceptance = Acceptance::new(Guard::ALL, self.author.as_str());
        let options = import::Options {
            load: load::Options {
                acceptance: &acceptance,
                ..load::Options::default()
            },
            dry_run: false,
            ..import::Options::default()
        };
        import(&self.database.server, "t", &bundle, options)
            .await
            .unwrap();
    }

    async fn publish(&self) -> Users {
        publication::publish(&self.database.server, "t", Options::default())
            .await
            .unwrap();
        let served: Vec<(String, String)> = sqlx::query_as(
            "select sourced_id, content::json ->> 'username' from roster.object_version
             where tenant_id = 't' and kind = 'users' and status = 'active' and until_number is null",
        )
        .fetch_all(&self.database.pool)
        .await
        .unwrap();
        served
            .into_iter()
            .map(|(id, name)| (id.parse().unwrap(), name))
            .collect()
    }

    async fn day(&self, life: &Life) {
        let day = life.today;
        if self.clock.now().await.date_naive() < day {
            self.clock.set(&format!("{day} 10:00")).await;
        }
    }

    fn next_year(&self) {
        let arguments = [
            "tenant",
            "activate-year",
            "t",
            "2055-56",
            "--force",
            "--by",
            "Els",
            "--json",
        ];
        let output = harness::command(&self.database.url, &arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    async fn format(&self, format: &str) {
        let mut transaction = scope::begin(&self.database.server, "t").await.unwrap();
        let mut configuration = tenants::get(&mut transaction, "t").await.unwrap();
        configuration.username_format = format.parse().unwrap();
        tenants::apply(&mut transaction, &configuration, false)
            .await
            .unwrap();
        records::allocate(&mut transaction, "t").await.unwrap();
        transaction.commit().await.unwrap();
    }
}

fn is_done<T>(result: Result<T, Error>) -> bool {
    match result {
        Ok(_) => true,
        Err(Error::Refused(_)) => false,
        Err(error) => panic!("{error:?}"),
    }
}

/// Compares the records with those that the rules came to, when they were made aside.
pub(super) fn compare(found: &HashMap<Uuid, Record>, expected: &HashMap<Uuid, Record>) -> Result<(), String> {
    let timeless = |records: &HashMap<Uuid, Record>| -> BTreeMap<Uuid, Record> {
        let records = records.values().map(|record| Record {
            created_at: chrono::DateTime::UNIX_EPOCH,
            ..record.clone()
        });
        records.map(|record| (record.rowguid, record)).collect()
    };
    let (found, expected) = (timeless(found), timeless(expected));
    if found == expected {
        return Ok(());
    }
    let differ = |rowguid: &&Uuid| found.get(*rowguid) != expected.get(*rowguid);
    let rowguid = found.keys().chain(expected.keys()).find(differ);
    let rowguid = rowguid.copied().unwrap_or_default();
    Err(format!(
        "{rowguid} is {:#?}, by the rules {:#?}",
        found.get(&rowguid),
        expected.get(&rowguid)
    ))
}
