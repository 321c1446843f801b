//! Who asks in the world for rights: everybody with a role, or two, or a school to manage, and an operator.

use oneroster_school::rights::Access;

use super::role_world::{BEUK, EIK, Given, LINDE, TENANT};
use crate::harness::desk::{Browser, Site};

/// The standard roles and what each opens, as manual 002 §4.3.2 writes them.
pub(super) const ROLES_OF_MANUAL: [(&str, Access); 18] = [
    ("iLeerlingen: Aanwezigheden", Access::None),
    ("iLeerlingen: Schrijven zonder deliberatie", Access::Write),
    ("iLeerlingen: Enkel inschrijven", Access::None),
    ("iLeerlingen: Personalia lezen", Access::None),
    ("iLeerlingen: Stages", Access::None),
    ("iLeerlingen: Alles schrijven", Access::Write),
    ("iLeerlingen: Algemeen lezen, rest schrijven", Access::Write),
    ("iLeerlingen: Alles lezen", Access::Read),
    ("iPersoneel: Enkel personalia lezen", Access::None),
    ("iPersoneel: Alles schrijven", Access::Write),
    ("iPersoneel: Alles lezen", Access::Read),
    ("iBasis: Algemeen lezen, rest schrijven", Access::Write),
    ("iBasis: Personalia lezen", Access::None),
    ("iBasis: Algemeen niet, rest lezen", Access::Read),
    ("iBasis: Alles schrijven", Access::Write),
    ("iBasis: Afwezigheden ingeven", Access::None),
    ("iBasis: Alles lezen", Access::Read),
    ("iBasis: iAanwezighedenLeerkrachten", Access::None),
];

const WRITES: &str = "iBasis: Alles schrijven";
const READS: &str = "iPersoneel: Alles lezen";
const NOTHING: &str = "iLeerlingen: Stages";

/// Roles that somebody was given: school, site if not all, the role or `manager`.
type Roles = Vec<(&'static str, Option<i32>, &'static str)>;

/// Somebody who is signed in, and what they were given.
pub(super) struct Asker {
    pub(super) name: String,
    pub(super) browser: Browser,
    pub(super) given: Vec<Given>,
    /// The schools that they manage; an operator manages all.
    pub(super) managed: Vec<&'static str>,
    pub(super) is_operator: bool,
}

/// Everybody who asks: every role for a school and for a site, two at once, managers, an operator last.
pub(super) async fn askers(site: &Site) -> Vec<Asker> {
    let mut all: Vec<Roles> = Vec::new();
    for (role, _) in ROLES_OF_MANUAL {
        all.push(vec![("001507", None, role)]);
        all.push(vec![("001508", Some(2), role)]);
    }
    all.extend([
        vec![("001507", None, READS), ("001507", Some(2), WRITES)],
        vec![("001507", Some(1), WRITES), ("001508", Some(2), READS)],
        vec![("001507", Some(2), NOTHING), ("001508", Some(1), READS)],
        vec![("001508", None, WRITES), ("001509", Some(1), READS)],
        vec![("001509", None, WRITES), ("001509", Some(2), READS)],
        vec![("001508", Some(1), READS), ("001509", Some(2), READS)],
        vec![("001507", None, "manager")],
        vec![("001508", None, READS), ("001509", None, "manager")],
    ]);
    let mut askers = Vec::new();
    for (place, roles) in all.iter().enumerate() {
        askers.push(asker(site, &format!("asker{place}"), roles).await);
    }
    let operator = site.operator("vendor").await;
    askers.push(Asker {
        name: "vendor".to_owned(),
        managed: Vec::new(),
        is_operator: true,
        browser: site.signed_in(&operator).await,
        given: [EIK, BEUK, LINDE]
            .map(|(school, _)| (school, None, Access::Write))
            .into(),
    });
    askers
}

/// Makes an account with roles in the tenant, and signs it in.
pub(super) async fn asker(
    site: &Site,
    name: &str,
    roles: &[(&'static str, Option<i32>, &'static str)],
) -> Asker {
    let given: Vec<_> = roles
        .iter()
        .map(|(school, vestnr, role)| (TENANT, *school, *vestnr, *role))
        .collect();
    let account = site.account(name, &given).await;
    let access = |role: &str| {
        let known = ROLES_OF_MANUAL.iter().find(|(name, _)| *name == role);
        known.map_or(Access::Write, |(_, access)| *access)
    };
    let managed = roles.iter().filter(|(_, _, role)| *role == "manager");
    Asker {
        name: name.to_owned(),
        browser: site.signed_in(&account).await,
        managed: managed.map(|(school, ..)| *school).collect(),
        is_operator: false,
        given: roles
            .iter()
            .map(|(school, vestnr, role)| (*school, *vestnr, access(role)))
            .collect(),
    }
}

impl Asker {
    /// The strongest of what they may do anywhere.
    pub(super) fn strongest(&self) -> Access {
        let all = self.given.iter().map(|(.., access)| *access);
        all.max().unwrap_or(Access::None)
    }
}
