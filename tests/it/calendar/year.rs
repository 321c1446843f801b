//! A school group that is walked through day by day: midnight, a sync at four in the morning, edits, a sync at four in the
//! afternoon. What must hold every day is asserted here.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use uuid::Uuid;

use crate::harness::informat::{Informat, Person};
use crate::harness::world::{Group, World};
use crate::m365::{IdentityRule, Microsoft365, Profile, Report, Sds, Sis, Twins};

/// The school group on its way through the year.
pub(super) struct Year {
    pub(super) world: World,
    pub(super) group: Group,
    pub(super) informat: Informat,
    twins: Twins,
    /// An SDS that was set up once and forgotten: reads deltas only, once a week, and is never stopped.
    forgotten: Sds,
    day: NaiveDate,
    /// The newest generation there was when it was last looked at.
    generation: Uuid,
    /// Whether a generation was made since the last sync.
    is_changed: bool,
    /// Whether a profile is running.
    is_synchronised: bool,
    /// The days at whose midnight the roster changed by itself.
    pub(super) changes_at_midnight: Vec<String>,
    /// What the last sync did.
    pub(super) last: Report,
}

/// Whether something changed of what is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Served,
    None,
}

fn profile(name: &str) -> Profile {
    Profile {
        // Smaller than the roster: a full pull turns pages.
        page_size: 4,
        ..Profile::new(name, IdentityRule::AsSent)
    }
}

impl Year {
    /// The first day, at ten in the morning: everything is set up and read for the first time.
    pub(super) async fn begin(day: &str, file: &str, informat: Informat, domains: &[&str]) -> Self {
        let world = World::at(&format!("{day} 10:00")).await;
        let group = world.group(file, &informat).await;
        let generation = world.publish(&group.id).await;
        let connection = &group.connection;
        let mut year = Self {
            twins: Twins::connect(connection, &profile("2054-55"), domains),
            forgotten: Sds::connect(connection.clone(), profile("forgotten")),
            world,
            group,
            informat,
            day: day.parse().unwrap(),
            generation,
            is_changed: true,
            is_synchronised: true,
            changes_at_midnight: Vec::new(),
            last: Report::default(),
        };
        let now = year.world.clock.text().await;
        year.forgotten.read_delta(&now).await;
        year
    }

    /// Walks on to the morning of a day, after the first sync of that day.
    pub(super) async fn until(&mut self, day: &str) {
        let day: NaiveDate = day.parse().unwrap();
        assert!(self.day < day, "{day} is past");
        while self.day < day {
            self.sync_at("16:00").await;
            self.day = self.day + Days::new(1);
            self.clock("00:01").await;
            if self.publish().await == Change::Served {
                self.changes_at_midnight.push(self.day.to_string());
            }
            self.sync_at("04:00").await;
            if self.day.weekday() == Weekday::Mon {
                let now = self.world.clock.text().await;
                self.forgotten.read_delta(&now).await;
            }
        }
        self.clock("10:00").await;
    }

    /// Loads what was entered in Informat, and publishes. Returns `true` if that changed what is served.
    pub(super) async fn import(&mut self) -> Change {
        self.world.import(&self.group.id, &self.informat).await;
        self.publish().await
    }

    /// Ticks Sync for somebody.
    pub(super) async fn tick(&mut self, person: Person) {
        let user = person.sis_id();
        let arguments = [
            "usernames",
            "sync",
            "--tenant",
            &self.group.id,
            "on",
            "--user",
            &user,
        ];
        let report = self.world.oneroster(&arguments).await.done();
        assert_eq!(report["changed"], 1, "{report}");
        assert_eq!(self.publish().await, Change::Served);
    }

    /// Activates the next school year, and starts the profile for it.
    pub(super) async fn activate(&mut self, year: &'static str) {
        let arguments = ["tenant", "activate-year", &self.group.id, year];
        let report = self.world.oneroster(&arguments).await.done();
        assert_eq!(
            (&report["accepted"], &report["reference_date"]),
            (&true.into(), &"2055-09-01".into())
        );
        assert!(report["generation"].is_string(), "published with it: {report}");
        assert_eq!(self.publish().await, Change::Served);
        self.twins.start_profile(&self.group.connection, &profile(year));
        self.is_synchronised = true;
    }

    /// Lets no profile run from the next sync on: the school stops the one of the year that is over (R116).
    pub(super) fn stop_synchronising(&mut self) {
        self.is_synchronised = false;
    }

    /// Publishes. Returns `true` if there is a generation that was not there before: this or the server's own publisher made it.
    async fn publish(&mut self) -> Change {
        let before = self.generation;
        self.generation = self.world.publish(&self.group.id).await;
        if self.generation == before {
            return Change::None;
        }
        self.is_changed = true;
        Change::Served
    }

    async fn clock(&self, time: &str) {
        self.world.clock.set(&format!("{} {time}", self.day)).await;
    }

    /// One sync. Both tenants see the same by deltas as by full pulls; what did not change is not sent again; nobody is deleted
    /// and no account passes to another person.
    async fn sync_at(&mut self, time: &str) {
        self.clock(time).await;
        if !self.is_synchronised {
            return;
        }
        let now = self.world.clock.text().await;
        let before = self.tenant().clone();
        let is_whole = self.day.day() == 1;
        self.last = if is_whole {
            self.twins.sync_whole(&now).await
        } else if self.is_changed || self.day.weekday() == Weekday::Sun {
            self.twins.sync(&now).await
        } else {
            self.twins.sync_quietly(&now).await
        };
        assert!(self.last.is_clean(), "{now}: {:?}", self.last);
        if self.is_changed {
            assert!(is_whole || self.twins.delta_rows > 0, "{now}: a change is told");
        } else {
            assert_eq!(self.last, Report::default(), "{now}");
            assert!(is_whole || self.twins.delta_rows == 0, "{now}: nothing changed");
        }
        let after = self.tenant();
        assert!(before.accounts.len() <= after.accounts.len());
        for (before, after) in before.accounts.iter().zip(&after.accounts) {
            assert_eq!(
                before.sis_id, after.sis_id,
                "{now}: {} goes to another",
                before.name
            );
        }
        assert!(before.teams.keys().all(|class| after.teams.contains_key(class)));
        self.is_changed = false;
    }
}

/// What tests look at.
impl Year {
    pub(super) fn tenant(&self) -> &Microsoft365 {
        self.twins.tenant()
    }

    /// Everything of the sync's that a person is in.
    pub(super) fn groups_of(&self, person: Person) -> Vec<&str> {
        self.tenant().groups_of(&person.sis_id())
    }

    /// The name of a person's account.
    pub(super) fn account(&self, person: Person) -> Option<&str> {
        let account = self.tenant().account_of(&person.sis_id());
        account.map(|account| account.name.as_str())
    }

    /// What the API serves now.
    pub(super) async fn served(&self) -> Sis {
        self.world.served(&self.group).await
    }

    /// Username and titles of classes of a person as the API serves them now; nothing for somebody who is not served.
    pub(super) async fn sees(&self, person: Person) -> Vec<String> {
        let (served, sis_id) = (self.served().await, person.sis_id());
        let username = served.username(&sis_id).into_iter();
        username
            .chain(served.classes_of(&sis_id))
            .map(str::to_owned)
            .collect()
    }

    /// What the forgotten SDS believes after one more delta.
    pub(super) async fn forgotten(&mut self) -> Sis {
        let now = self.world.clock.text().await;
        self.forgotten.read_delta(&now).await;
        self.forgotten.sis.present()
    }
}
