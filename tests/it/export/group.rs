//! A school group with everything that a format may stumble over, served over HTTP and exported from the same generation.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::sets::{Set, read};
use crate::harness::informat::{Class, Informat, Person, Registration, Site};
use crate::harness::world::{Group, World};

/// A site whose pupils have `college.example`.
const COLLEGE: Site = Site {
    instelnr: "001507",
    number: 1,
    structure: "311",
    name: "College",
};

/// A site whose pupils, and the school's staff, have `vti.example`.
const VTI: Site = Site {
    number: 2,
    name: "VTI",
    ..COLLEGE
};

const YEAR: &str = "2054-55";
const START: &str = "2054-09-01";

/// The domains that the Microsoft 365 tenant owns.
pub(super) const DOMAINS: [&str; 2] = ["college.example", "vti.example"];

/// The tenant file; `domain_mode` is who adds the domain.
fn file(domain_mode: &str) -> String {
    format!(
        r#"
id = "zandpoort"
name = "Scholengroep Zandpoort"
active_school_year = "2054-55"
team_name_format = "{{klas}} - {{vestiging}}"
username_format = "{{voornaam}}.{{familienaam}}"
domain_mode = {domain_mode}
future_pupils = "include"
[[schools]]
instelnr = "001507"
teacher_domain = "vti.example"
[[schools.sites]]
vestnr = 1
sync_default = true
pupil_domain = "college.example"
[[schools.sites]]
vestnr = 2
sync_default = true
pupil_domain = "vti.example"
"#
    )
}

/// The group, its people and its classes.
pub(super) struct Case {
    pub(super) world: World,
    pub(super) group: Group,
    pub(super) informat: Informat,
    folder: TempDir,
    /// A pupil of 3A at the College, and their registration.
    pub(super) jan: (Person, Registration),
    /// A pupil who starts in November.
    pub(super) nora: Person,
    /// Staff of both sites; class teacher of 3A and of 5V.
    pub(super) bert: Person,
    /// Staff of the College, and a pupil of 5V at the VTI.
    pub(super) els: Person,
    /// At the College: with all, without a teacher, without pupils.
    pub(super) college: [Class; 3],
}

impl Case {
    /// The group on 5 October 2054, published once.
    pub(super) async fn begin(domain_mode: &str) -> Self {
        let mut informat = Informat::of(&[COLLEGE, VTI]);
        let college = ["3A", "3B", "3C"].map(|code| informat.class(COLLEGE, YEAR, code));
        let [all, no_teacher, no_pupils] = college;
        informat.rename_class(all, "3A, \"groep\" =1+1");
        let five = informat.class(VTI, YEAR, "5V");
        let jan = informat.person("Jan", "O'Neill, d'r");
        let registration = informat.enrol_in(jan, all, START);
        let lotte = informat.person("Lotte", "Peeters");
        informat.enrol_in(lotte, no_teacher, START);
        let nora = informat.person("Nora", "Claes");
        informat.enrol_in(nora, all, "2054-11-03");
        let bert = informat.person("Bert", "Ameel");
        informat.employ(bert, COLLEGE, START);
        informat.employ(bert, VTI, "2054-09-02");
        for class in [all, no_pupils, five] {
            informat.class_teacher(bert, class, START);
        }
        for (number, name) in ["An", "Bo", "Cas", "Dirk"].into_iter().enumerate() {
            let teacher = informat.person(name, "Wouters");
            informat.employ(teacher, VTI, START);
            informat.class_teacher(teacher, five, &format!("2054-09-{:02}", 10 - number));
        }
        let els = informat.person("Els", "Smet");
        informat.employ(els, COLLEGE, START);
        informat.enrol_in(els, five, START);
        let world = World::at("2054-10-05 10:00").await;
        let group = world.group(&file(domain_mode), &informat).await;
        Self {
            world,
            group,
            informat,
            folder: TempDir::new().unwrap(),
            jan: (jan, registration),
            nora,
            bert,
            els,
            college,
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Exports the newest generation to a folder; returns the set and the report.
    pub(super) async fn export(&self, name: &str, format: &str) -> (Set, Value) {
        let report = self.write(name, format).await;
        (read(&self.path(name)), report)
    }

    /// Exports the newest generation to a folder or a zip; returns the report.
    pub(super) async fn write(&self, name: &str, format: &str) -> Value {
        let path = self.path(name);
        let arguments = [
            "export",
            "--tenant",
            &self.group.id,
            "--format",
            format,
            path.to_str().unwrap(),
        ];
        self.world.oneroster(&arguments).await.done()
    }

    /// Everything active that the API serves with one token, by collection.
    pub(super) async fn pull(&self) -> Value {
        let http = reqwest::Client::new();
        let run = self.group.connection.begin(&http).await;
        let mut pulled = json!({});
        for collection in [
            "academicSessions",
            "orgs",
            "courses",
            "classes",
            "users",
            "enrollments",
        ] {
            pulled[collection] = run.full(collection, 5000).await.into();
        }
        pulled
    }

    /// Moves Jan to another class of the College, and publishes.
    pub(super) async fn jan_changes_class(&mut self) {
        let (_, registration) = self.jan;
        self.informat
            .change_class(registration, self.college[1], "2054-10-05");
        self.world
            .import_and_publish(&self.group.id, &self.informat)
            .await;
    }
}
