//! A healthy life is not disturbed: a generated school group, imported and published every day of a year, raises no guard and
//! no remark, and no publication of it is held.
//!
//! Its year has what schools do: pupils and staff who come, move and leave, classes that are made in late August, subgroups
//! that change on 1 February, empty ones that are tidied up, a site that gets another name, a nursery that opens a class, names
//! that were in capitals and are corrected, the next year entered in May; and names from everywhere.

#![cfg(test)]

mod events;

use std::collections::BTreeMap;
use std::fmt::{Debug, Display, Formatter};

use chrono::{Datelike, Days, NaiveDate, Weekday};
use oneroster::accounts::import::{Options, import};
use oneroster::mirror::{Bundle, Mode};
use oneroster::publication::State;
use oneroster::tenants::{self, Input, raise_input_version};
use oneroster_generate::SchoolGroup;
use oneroster_school::tenant::file;
use oneroster_standard::Kind;
use tempfile::TempDir;

use crate::harness::clock::DatabaseClock;
use crate::harness::school::{COLLECTIONS, School};
use crate::harness::{self, TestDatabase};
use events::Events;

/// The days of the week are those of 2026-27.
const YEAR: &str = "2054-55";
/// The morning after the year was activated.
const FIRST_DAY: &str = "2054-08-16";
/// The day before the next one is.
const LAST_DAY: &str = "2055-08-14";

/// What happened in a year.
#[derive(Debug, Default)]
struct Counts {
    days: usize,
    imports_with_changes: usize,
    rows_changed: u64,
    generations: usize,
    pulls: usize,
    added: BTreeMap<Kind, usize>,
    changed: BTreeMap<Kind, usize>,
    removed: BTreeMap<Kind, usize>,
}

impl Display for Counts {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} days, {} imports that changed something ({} rows), {} generations, {} complete pulls",
            self.days, self.imports_with_changes, self.rows_changed, self.generations, self.pulls
        )?;
        for (word, counts) in [
            ("added", &self.added),
            ("changed", &self.changed),
            ("removed", &self.removed),
        ] {
            let objects: Vec<String> = counts
                .iter()
                .map(|(kind, count)| format!("{count} {}", kind.collection()))
                .collect();
            write!(formatter, "\n  {word}: {}", objects.join(", "))?;
        }
        Ok(())
    }
}

/// A school group on some day.
struct Walk {
    _database: TestDatabase,
    clock: DatabaseClock,
    school: School,
    group: SchoolGroup,
    folder: TempDir,
    day: NaiveDate,
    /// Whether the same export is imported again on days on which nothing was entered.
    imports_daily: bool,
    counts: Counts,
    /// Guards, remarks and holds, with their days.
    disturbances: Vec<String>,
}

impl Walk {
    /// The first morning: the tenant is there, nothing is imported yet.
    async fn begin(group: SchoolGroup, imports_daily: bool) -> Self {
        let database = harness::database().await;
        let day: NaiveDate = FIRST_DAY.parse().unwrap();
        let clock = DatabaseClock::install(&database, &format!("{day} 04:00")).await;
        let school = School {
            pool: database.pool.clone(),
            server: database.server.clone(),
            tenant_id: "zand".to_owned(),
        };
        let mut transaction = school.pool.begin().await.unwrap();
        tenants::apply(&mut transaction, &file::parse(&group.tenant_file).unwrap(), false)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        Self {
            _database: database,
            clock,
            school,
            group,
            folder: TempDir::new().unwrap(),
            day,
            imports_daily,
            counts: Counts::default(),
            disturbances: Vec::new(),
        }
    }

    /// A day: the night's export is imported and published. On Mondays somebody reads everything, so that on the other days
    /// a whole week is compared with.
    async fn pass(&mut self, is_changed: bool) {
        self.clock.set(&format!("{} 05:00", self.day)).await;
        let is_monday = self.day.weekday() == Weekday::Mon;
        if is_changed || is_monday || self.imports_daily {
            self.import().await;
        }
        self.publish().await;
        if is_monday {
            self.school.note_pull(COLLECTIONS, 0).await;
            self.counts.pulls += 1;
        }
        self.counts.days += 1;
    }

    async fn import(&mut self) {
        self.group.extracted_at = self.clock.now().await;
        oneroster_generate::write(&self.group, self.folder.path()).unwrap();
        let bundle = Bundle::read(self.folder.path(), Mode::Full, |_| ()).unwrap();
        // The tenant file that the generator writes beside the bundle is the only thing to remark on.
        let remarks = bundle.remarks().iter();
        for remark in remarks.filter(|remark| !remark.contains("tenant.toml")) {
            self.disturbed(remark);
        }
        let imported = match import(&self.school.server, "zand", &bundle, Options::default()).await {
            Ok(imported) => imported,
            Err(error) => return self.disturbed(&error),
        };
        let loaded = imported.loaded;
        for guard in &loaded.guards {
            self.disturbed(guard);
        }
        for remark in &loaded.remarks {
            self.disturbed(remark);
        }
        for site in &imported.unlisted_sites {
            self.disturbed(site);
        }
        self.counts.imports_with_changes += usize::from(loaded.changed());
        self.counts.rows_changed += loaded.inserted + loaded.updated + loaded.deleted;
    }

    async fn publish(&mut self) {
        let published = self.school.publish().await;
        if let Some(held) = &published.held {
            self.disturbed(held);
        }
        if published.state == State::Published {
            self.counts.generations += 1;
            for (counts, of_day) in [
                (&mut self.counts.added, published.summary.added),
                (&mut self.counts.changed, published.summary.changed),
                (&mut self.counts.removed, published.summary.removed),
            ] {
                for (kind, count) in of_day {
                    *counts.entry(kind).or_default() += count;
                }
            }
        }
    }

    /// Notes what no healthy day has.
    fn disturbed(&mut self, by: &dyn Debug) {
        self.disturbances.push(format!("{}: {by:?}", self.day));
    }

    /// Releases everybody whose name waits for nothing, as a school does once it has checked them.
    async fn release(&self) {
        let mut transaction = self.school.pool.begin().await.unwrap();
        sqlx::query("update username.record set sync = true where tenant_id = 'zand' and waits_for = '{}'")
            .execute(&mut *transaction)
            .await
            .unwrap();
        raise_input_version(&mut transaction, "zand", Input::Usernames)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }
}

/// Walks through the year of a group of so many pupils.
#[expect(clippy::print_stderr, reason = "how much a year has is worth knowing")]
async fn walk(pupils: u32, imports_daily: bool) -> Counts {
    let group = oneroster_generate::school_group(&oneroster_generate::Options {
        pupils,
        seed: 8,
        school_year: YEAR.parse().unwrap(),
        tenant: "zand".to_owned(),
        complete_next_year: true,
    });
    let (group, mut events) = Events::prepare(group);
    let mut walk = Walk::begin(group, imports_daily).await;
    let last: NaiveDate = LAST_DAY.parse().unwrap();
    let mut is_changed = true;
    while walk.day <= last {
        is_changed |= events.happen(&walk.day.to_string(), &mut walk.group.tables);
        walk.pass(is_changed).await;
        is_changed = false;
        if walk.day.to_string() == "2054-08-31" {
            walk.release().await;
            walk.publish().await;
        }
        walk.day = walk.day + Days::new(1);
    }
    eprintln!("{}", walk.counts);
    assert_eq!(events.left(), 0, "everything happened");
    let (disturbances, count) = (&walk.disturbances, walk.disturbances.len());
    assert!(disturbances.is_empty(), "{count}: {}", disturbances.join("\n"));
    walk.counts
}

#[tokio::test]
async fn a_healthy_year_of_a_small_group_raises_no_guard_no_remark_and_no_hold() {
    let counts = walk(600, false).await;
    assert_eq!(counts.days, 364);
    assert!(counts.generations > 20, "{counts}");
    assert!(counts.removed[&Kind::Users] > 3, "{counts}");
}

/// Some twenty minutes: `cargo test --test it healthy_year:: -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "twenty minutes; CONTRIBUTING.md says when to run it"]
async fn a_healthy_year_of_5000_pupils_raises_no_guard_no_remark_and_no_hold() {
    let counts = walk(5_000, true).await;
    assert_eq!(counts.days, 364);
}
