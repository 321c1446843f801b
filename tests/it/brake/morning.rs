//! One morning with School Data Sync beside it: what is lost in instalments, and what the school's accounts and Teams see of it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use crate::harness::informat::{Class, Informat, Person, Registration, Site};
use crate::harness::world::{Ended, World};
use crate::m365::{IdentityRule, Microsoft365, Profile, Sds};

const MARKT: Site = Site {
    instelnr: "001507",
    number: 1,
    structure: "311",
    name: "Markt",
};

const FILE: &str = r#"
id = "zand"
name = "Zand"
active_school_year = "2054-55"
team_name_format = "{klas}"
username_format = "{voornaam}.{familienaam}"
schools = [{ instelnr = "001507", sites = [{ vestnr = 1, sync_default = true }] }]
"#;

/// Six of forty.
const INSTALMENT: usize = 6;

/// A school that School Data Sync has read, and the tenant it made.
struct Morning {
    world: World,
    informat: Informat,
    pupils: Vec<(Person, Registration)>,
    classes: Vec<Class>,
    sds: Sds,
    tenant: Microsoft365,
}

impl Morning {
    /// So many pupils in so many classes on Monday 2 November; two syncs, after which everybody is in their Team.
    async fn of(pupils: usize, classes: usize) -> Self {
        let mut informat = Informat::of(&[MARKT]);
        let classes: Vec<Class> = (1..=classes)
            .map(|number| informat.class(MARKT, "2054-55", &format!("Categorieën {number}")))
            .collect();
        let pupils = (0..pupils)
            .map(|number| {
                let pupil = informat.person("Noor", &format!("Claes{number}"));
                let registration = informat.enrol_in(pupil, classes[number % classes.len()], "2054-09-01");
                (pupil, registration)
            })
            .collect();
        let world = World::at("2054-11-02 08:00").await;
        let group = world.group(FILE, &informat).await;
        let profile = Profile::new("sds", IdentityRule::AddDomain("zand.example".to_owned()));
        let mut morning = Self {
            sds: Sds::connect(group.connection.clone(), profile),
            tenant: Microsoft365::new(&["zand.example"]),
            world,
            informat,
            pupils,
            classes,
        };
        morning.sync().await;
        morning.sync().await;
        morning
    }

    /// School Data Sync reads everything, and the server has noted it.
    async fn sync(&mut self) {
        let now = self.world.clock.text().await;
        let runs_before = self.runs().await;
        let report = self.sds.sync_full(&mut self.tenant, &now).await;
        assert!(report.is_clean(), "{report:?}");
        tokio::time::timeout(Duration::from_mins(1), async {
            while self.runs().await == runs_before {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        })
        .await
        .unwrap();
    }

    /// How many complete runs are noted.
    async fn runs(&self) -> usize {
        let log = self
            .world
            .oneroster(&["synclog", "--tenant", "zand"])
            .await
            .done();
        let runs = log["runs"].as_array().unwrap();
        runs.iter().filter(|run| run["complete"] == true).count()
    }

    async fn import(&self) {
        self.world.import("zand", &self.informat).await;
    }

    async fn publish(&self) -> Ended {
        self.world.oneroster(&["publish", "--tenant", "zand"]).await
    }

    /// Everybody who is in a Team.
    fn in_teams(&self) -> BTreeSet<&String> {
        self.tenant
            .teams
            .values()
            .flat_map(|team| &team.members)
            .collect()
    }
}

/// The test and the state of every reason.
fn reasons(report: &Value) -> BTreeSet<(String, String)> {
    let reasons = report["held"]["reasons"].as_array();
    let reasons = reasons.unwrap_or_else(|| panic!("not held: {report}"));
    reasons
        .iter()
        .map(|reason| {
            let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{reason}")).to_owned();
            (text(&reason["test"]), text(&reason["since"]["compared"]))
        })
        .collect()
}

/// The reasons of a loss of people since what was read.
fn people_since_read() -> BTreeSet<(String, String)> {
    ["users_removed", "fewer_memberships"]
        .map(|test| (test.to_owned(), "last_read".to_owned()))
        .into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_six_loads_of_15_percent_in_one_morning_the_second_is_held_since_what_was_read() {
    let mut morning = Morning::of(40, 4).await;
    let read = morning.publish().await.done()["generation"].clone();
    for load in 1..=6 {
        let gone = morning.pupils.split_off(morning.pupils.len() - INSTALMENT);
        for (_, registration) in gone {
            morning.informat.leave(registration, "2054-10-30");
        }
        morning.import().await;
        let publication = morning.publish().await;
        if load == 1 {
            publication.done();
            continue;
        }
        let report = publication.refused();
        if load == 2 {
            assert_eq!(reasons(&report), people_since_read());
            let reason = &report["held"]["reasons"][0];
            assert_eq!(
                (&reason["before"], &reason["since"]["generation"]),
                (&Value::from(40), &read)
            );
            let message = reason["message"].as_str().unwrap();
            assert!(
                message.contains("since the generation of 2054-11-02"),
                "{message}"
            );
            assert!(message.ends_with("that was last read completely"), "{message}");
        }
    }
    morning.sync().await;
    assert_eq!(morning.in_teams().len(), 34, "the first instalment, no more");
    let active = morning.tenant.accounts.iter().filter(|account| account.is_active);
    assert_eq!(active.count(), 34);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_six_bulk_switches_of_15_percent_in_one_morning_the_second_is_held_since_what_was_read() {
    let mut morning = Morning::of(40, 4).await;
    let ids: Vec<String> = morning.pupils.iter().map(|(pupil, _)| pupil.sis_id()).collect();
    let switch = async |morning: &Morning, on: &str, ids: &[String]| {
        let mut arguments = vec!["usernames", "sync", "--tenant", "zand", on];
        arguments.extend(ids.iter().flat_map(|id| ["--user", id.as_str()]));
        morning.world.oneroster(&arguments).await.done();
    };
    for (number, instalment) in ids.chunks(INSTALMENT).take(6).enumerate() {
        switch(&morning, "off", instalment).await;
        let publication = morning.publish().await;
        match number {
            0 => drop(publication.done()),
            1 => assert_eq!(reasons(&publication.refused()), people_since_read()),
            _ => drop(publication.refused()),
        }
    }
    morning.sync().await;
    assert_eq!(morning.in_teams().len(), 34);
    // Switched back, the hold is over by itself, and nobody lost anything more.
    switch(&morning, "on", &ids).await;
    morning.publish().await.done();
    morning.sync().await;
    morning.sync().await;
    assert_eq!(morning.in_teams().len(), 40);
    assert_eq!(morning.tenant.accounts.len(), 40, "nobody has a second account");
}

/// Five texts are too few for the door, and one Team in five.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_names_of_classes_that_passed_the_door_are_held_and_no_team_is_renamed() {
    let mut morning = Morning::of(48, 24).await;
    let teams = morning.tenant.teams.clone();
    assert_eq!(teams.len(), 24);
    for (number, class) in morning.classes.iter().take(5).enumerate() {
        morning
            .informat
            .rename_class(*class, &format!("CategorieÃ«n {}", number + 1));
    }
    morning.import().await;
    let report = morning.publish().await.refused();
    assert_eq!(
        reasons(&report),
        BTreeSet::from([("classes_retitled".to_owned(), "last_published".to_owned())])
    );
    morning.sync().await;
    assert_eq!(morning.tenant.teams, teams);
}
