//! The school group of the cases: two sites with a domain each.

use serde_json::Value;

use crate::harness::informat::{Informat, Person, Site};
use crate::harness::world::{Ended, Group, World};
use crate::m365::{IdentityRule, Microsoft365, Profile, Report, Sis, Twins};

/// A site whose pupils have `college.example`.
pub(super) const COLLEGE: Site = Site {
    instelnr: "001507",
    number: 1,
    structure: "311",
    name: "College",
};

/// A site whose pupils, and the school's staff, have `vti.example`.
pub(super) const VTI: Site = Site {
    number: 2,
    name: "VTI",
    ..COLLEGE
};

/// Who adds the domain, the default of the Sync flag, whether future pupils are included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) domain_mode: &'static str,
    pub(super) sync_default: bool,
    pub(super) future_pupils: &'static str,
}

/// We send the domain, names are released at once, future pupils only when they start.
pub(super) const USUAL: Settings = Settings {
    domain_mode: "\"informat\"",
    sync_default: true,
    future_pupils: "exclude",
};

/// A tenant file for both sites.
pub(super) fn file(id: &str, settings: Settings) -> String {
    let Settings {
        domain_mode,
        sync_default,
        future_pupils,
    } = settings;
    format!(
        r#"
id = "{id}"
name = "Scholengroep Zandpoort"
entra_tenant_id = "6f0c0000-0000-4000-8000-000000000000"
active_school_year = "2054-55"
team_name_format = "{{klas}} - {{vestiging}}"
username_format = "{{voornaam}}.{{familienaam}}"
domain_mode = {domain_mode}
future_pupils = "{future_pupils}"
[[schools]]
instelnr = "001507"
teacher_domain = "vti.example"
[[schools.sites]]
vestnr = 1
sync_default = {sync_default}
pupil_domain = "college.example"
[[schools.sites]]
vestnr = 2
sync_default = {sync_default}
pupil_domain = "vti.example"
"#
    )
}

/// The active school year, and its first day.
pub(super) const YEAR: &str = "2054-55";
/// See [`YEAR`].
pub(super) const START: &str = "2054-09-01";

/// An empty Informat with both sites.
pub(super) fn empty() -> Informat {
    Informat::of(&[COLLEGE, VTI])
}

/// One pupil in class 3A of the College.
pub(super) fn one_pupil(given_name: &str, family_name: &str) -> (Informat, Person) {
    let mut informat = empty();
    let class = informat.class(COLLEGE, YEAR, "3A");
    let pupil = informat.person(given_name, family_name);
    informat.enrol_in(pupil, class, START);
    (informat, pupil)
}

/// What a pupil in class 3A of the College is in.
pub(super) const GROUPS_OF_3A: [&str; 4] = ["001507-1", "001507-1 Students", "Students", "3A - College"];

/// No groups at all.
pub(super) const NONE: [&str; 0] = [];

/// The domains that the Microsoft 365 tenant owns.
pub(super) const DOMAINS: [&str; 2] = ["college.example", "vti.example"];

/// A served school group and its two tenants.
pub(super) struct School {
    pub(super) world: World,
    pub(super) group: Group,
    pub(super) informat: Informat,
    pub(super) twins: Twins,
}

impl School {
    /// The school on Monday 5 October 2054; nothing is synchronised yet. SDS adds no domain.
    pub(super) async fn begin(settings: Settings, informat: Informat) -> Self {
        let profile = Profile::new("Zandpoort 2054-55", IdentityRule::AsSent);
        Self::begin_with(settings, &profile, informat).await
    }

    /// The same with a profile of SDS that is set up otherwise.
    pub(super) async fn begin_with(settings: Settings, profile: &Profile, informat: Informat) -> Self {
        let world = World::at("2054-10-05 10:00").await;
        let group = world.group(&file("zandpoort", settings), &informat).await;
        let twins = Twins::connect(&group.connection, profile, &DOMAINS);
        Self {
            world,
            group,
            informat,
            twins,
        }
    }

    /// The next of the two syncs a day, in both ways of reading.
    pub(super) async fn sync(&mut self) -> Report {
        let now = self.world.clock.text().await;
        let report = self.twins.sync(&now).await;
        let later = self.world.clock.now().await + chrono::Duration::hours(12);
        let later = later.with_timezone(&chrono_tz::Europe::Brussels);
        self.world.clock.set(&later.format("%F %T").to_string()).await;
        self.world.publish(&self.group.id).await;
        report
    }

    /// The tenant.
    pub(super) fn tenant(&self) -> &Microsoft365 {
        self.twins.tenant()
    }

    /// Everything of the sync's that a person is in.
    pub(super) fn groups_of(&self, person: Person) -> Vec<&str> {
        self.tenant().groups_of(&person.sis_id())
    }

    /// The username served for a person.
    pub(super) async fn username(&self, person: Person) -> Option<String> {
        self.served().await.username(&person.sis_id()).map(str::to_owned)
    }

    /// Goes to the morning of a day; the new day is published.
    pub(super) async fn day(&self, day: &str) {
        self.world.clock.set(&format!("{day} 00:05")).await;
        self.world.publish(&self.group.id).await;
    }

    /// Loads what was changed in Informat, and publishes.
    pub(super) async fn import(&self) {
        let Self {
            world,
            group,
            informat,
            ..
        } = self;
        world.import_and_publish(&group.id, informat).await;
    }

    /// What the API serves.
    pub(super) async fn served(&self) -> Sis {
        self.world.served(&self.group).await
    }

    /// Gives somebody another username by the command, and publishes.
    pub(super) async fn set(&self, person: Person, name: &str) -> Ended {
        let (id, user) = (&self.group.id, person.sis_id());
        let arguments = ["usernames", "set", "--tenant", id, "--user", &user, name];
        let ended = self.world.oneroster(&arguments).await;
        self.world.publish(id).await;
        ended
    }

    /// Ticks or unticks Sync for somebody by the command, and publishes.
    pub(super) async fn tick(&self, person: Person, state: &str) {
        let (id, user) = (&self.group.id, person.sis_id());
        let arguments = ["usernames", "sync", "--tenant", id, state, "--user", &user];
        let report = self.world.oneroster(&arguments).await.done();
        assert_eq!(report["changed"], 1, "{report}");
        self.world.publish(id).await;
    }

    /// The username record of somebody, as the command lists it.
    pub(super) async fn record(&self, person: Person) -> Value {
        let (id, user) = (&self.group.id, person.sis_id());
        let arguments = ["usernames", "list", "--tenant", id, "--search", &user];
        let listed = self.world.oneroster(&arguments).await.done();
        assert_eq!(listed["usernames"].as_array().unwrap().len(), 1, "{listed}");
        listed["usernames"][0].clone()
    }
}
