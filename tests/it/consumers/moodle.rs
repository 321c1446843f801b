//! Moodle's enrolment plug-ins, replayed: their recorded requests (`moodle.toml`), what their parsers need, and what they make of the answers.
//! Right afterwards are the accounts, courses and enrolments of a Moodle that follows a school through a leaver, a mover, a new pupil and a
//! class that is removed.

mod plugin;

use std::collections::BTreeSet;

use plugin::{Moodle, Plugin, Reader, Requests};
use serde_json::Value;

use crate::harness::informat::{Class, Informat, Person, Registration, Site};
use crate::harness::world::{Group, World};
use crate::m365::Connection;

const YEAR: &str = "2054-55";
const START: &str = "2054-09-01";
const MARKT: Site = Site {
    instelnr: "001507",
    number: 1,
    structure: "311",
    name: "Markt",
};

const TENANT: &str = r#"
id = "zandpoort"
name = "Scholengroep Zandpoort"
active_school_year = "2054-55"
team_name_format = "{klas} - {vestiging}"
username_format = "{voornaam}.{familienaam}"
domain_mode = "informat"
[[schools]]
instelnr = "001507"
teacher_domain = "zandpoort.example"
[[schools.sites]]
vestnr = 1
sync_default = true
pupil_domain = "leerling.zandpoort.example"
"#;

/// The school group, its Informat, and who will do what.
struct Course {
    world: World,
    group: Group,
    informat: Informat,
    leaver: (Person, Registration),
    mover: (Person, Registration),
    classes: [Class; 3],
}

impl Course {
    /// Three classes with four pupils each and a class teacher, published on a Monday.
    async fn begin() -> Self {
        let mut informat = Informat::of(&[MARKT]);
        let classes = ["1A", "1B", "1C"].map(|code| informat.class(MARKT, YEAR, code));
        let mut pupils = Vec::new();
        for (class, letter) in classes.into_iter().zip(["A", "B", "C"]) {
            let teacher = informat.person("Lesgever", letter);
            informat.employ(teacher, MARKT, START);
            informat.class_teacher(teacher, class, START);
            for number in ["Een", "Twee", "Drie", "Vier"] {
                let pupil = informat.person(number, letter);
                pupils.push((pupil, informat.enrol_in(pupil, class, START)));
            }
        }
        let world = World::at("2054-10-05 04:00").await;
        let group = world.group(TENANT, &informat).await;
        Self {
            world,
            group,
            informat,
            leaver: pupils[0],
            mover: pupils[1],
            classes,
        }
    }

    /// On Tuesday somebody has left, somebody is in another class, somebody is new, and the last class is gone.
    async fn changes(&mut self) {
        self.world.clock.set("2054-10-06 04:00").await;
        self.informat.leave(self.leaver.1, "2054-10-05");
        self.informat
            .change_class(self.mover.1, self.classes[1], "2054-10-06");
        let newcomer = self.informat.person("Nieuw", "D");
        self.informat.enrol_in(newcomer, self.classes[0], "2054-10-06");
        self.informat.drop_class(self.classes[2]);
        self.world
            .import_and_publish(&self.group.id, &self.informat)
            .await;
    }

    /// A Moodle with a client that was made for its plug-in.
    async fn moodle(&self, plugin: Plugin, preset: &str) -> Moodle {
        let made = self
            .world
            .oneroster(&[
                "client",
                "create",
                "--tenant",
                &self.group.id,
                "--name",
                "Moodle",
                "--preset",
                preset,
            ])
            .await
            .done();
        let mut connection = self.group.connection.clone();
        for (member, key) in [
            (&mut connection.client_id, "client_id"),
            (&mut connection.client_secret, "client_secret"),
        ] {
            made[key].as_str().unwrap().clone_into(member);
        }
        if preset != "sds" {
            until_settings_are_known(&connection).await;
        }
        Moodle::new(plugin, connection, "001507-1", YEAR)
    }

    /// Fails unless a Moodle has what is true: who has an account, which courses are seen, who is in which one as what.
    async fn assert_right(&self, moodle: &Moodle, when: &str) {
        let reader = Reader::begin(self.group.connection.clone(), "grant_type=client_credentials").await;
        let active = async |collection: &str| {
            reader
                .all(&format!("/{collection}?filter=status%3D%27active%27"), 100)
                .await
        };
        for user in active("users").await {
            let account = &moodle.accounts[user["sourcedId"].as_str().unwrap()];
            assert_eq!(account.username, user["identifier"].as_str().unwrap(), "{when}");
            assert_eq!(account.email, user["username"].as_str().unwrap(), "{when}");
        }
        let id = |row: &Value, member: &str| row[member]["sourcedId"].as_str().unwrap().to_owned();
        let courses: BTreeSet<String> = active("classes")
            .await
            .iter()
            .map(|class| class["sourcedId"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(moodle.visible_courses(), courses, "{when}");
        let enrolled: BTreeSet<(String, String, String)> = active("enrollments")
            .await
            .iter()
            .map(|row| {
                (
                    id(row, "user"),
                    id(row, "class"),
                    row["role"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        assert_eq!(moodle.active_enrolments(), enrolled, "{when}");
    }
}

/// Waits until the server knows the settings of a client that another process made: it reads them again every second.
async fn until_settings_are_known(connection: &Connection) {
    let reader = Reader::begin(connection.clone(), "grant_type=client_credentials").await;
    for _ in 0..200 {
        if reader.all("/users", 100).await[0]["email"].is_string() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no address within ten seconds");
}

/// The certified plug-in by deltas: accounts, courses and enrolments on the first day, right again on the second. The leaver and
/// the mover lose what they had because a removed enrollment ends on its real last day: the plug-in looks at nothing else.
#[tokio::test]
async fn the_certified_plug_in_is_right_after_a_full_synchronisation_and_a_delta() {
    let mut course = Course::begin().await;
    let mut moodle = course.moodle(Plugin::Certified, "moodle").await;
    moodle.synchronise(&Requests::full()).await;
    assert_eq!((moodle.accounts.len(), moodle.visible_courses().len()), (15, 3));
    assert_eq!(moodle.active_enrolments().len(), 15);
    course.assert_right(&moodle, "on the first day").await;

    course.changes().await;
    moodle.synchronise(&Requests::delta("2054-10-05")).await;
    course.assert_right(&moodle, "on the second day").await;
    let leaver = &moodle.enrolments_of(&course.leaver.0.sis_id())[0];
    assert_eq!(
        (leaver.end.as_deref(), leaver.is_suspended),
        (Some("2054-10-05"), true)
    );
    assert_eq!(moodle.accounts.len(), 16, "an account stays where somebody left");
    // The same again changes nothing.
    let before = moodle.clone();
    moodle.synchronise(&Requests::delta("2054-10-05")).await;
    assert_eq!(moodle, before);
}

/// The plug-ins that work class by class take away who is no longer among the enrollments of a class.
#[tokio::test]
async fn the_plug_in_that_works_by_class_is_right_after_each_synchronisation() {
    let mut course = Course::begin().await;
    let mut moodle = course.moodle(Plugin::ByClass, "moodle-by-class").await;
    moodle.synchronise(&Requests::by_class()).await;
    course.assert_right(&moodle, "on the first day").await;
    assert!(
        moodle.accounts.values().all(|account| !account.is_suspended),
        "all are enabled"
    );
    course.changes().await;
    moodle.synchronise(&Requests::by_class()).await;
    course.assert_right(&moodle, "on the second day").await;
}

/// Without the settings of the preset it makes not one account, and keeps whoever left: why there is a preset.
#[tokio::test]
async fn without_the_preset_the_certified_plug_in_makes_no_account() {
    let course = Course::begin().await;
    let mut moodle = course.moodle(Plugin::Certified, "sds").await;
    moodle.synchronise(&Requests::full()).await;
    assert_eq!(moodle.accounts.len(), 0);
    assert_eq!(moodle.refused.len(), 15, "{:?}", moodle.refused);
}
