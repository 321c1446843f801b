//! The domain of a username: added by SDS, per role, or sent by us (R33, R34, R40).

use super::school::{DOMAINS, START, School, Settings, USUAL, VTI, one_pupil};
use crate::m365::{IdentityRule, Profile};

fn profile(students: Option<&str>, staff: Option<&str>) -> Profile {
    let rule = |domain: Option<&str>| {
        domain.map_or(IdentityRule::AsSent, |domain| {
            IdentityRule::AddDomain(domain.to_owned())
        })
    };
    Profile {
        students: rule(students),
        staff: rule(staff),
        ..Profile::new("Zandpoort 2054-55", IdentityRule::AsSent)
    }
}

/// The domain mode, what SDS is set up with for pupils and staff, and what is sent for them.
type Case = (&'static str, [Option<&'static str>; 2], [&'static str; 2]);

const CASES: [Case; 3] = [
    (
        "\"microsoft\"",
        [Some(DOMAINS[0]), Some(DOMAINS[1])],
        ["jan.peters", "bert.ameel"],
    ),
    (
        "{ pupils = \"informat\", staff = \"microsoft\" }",
        [None, Some(DOMAINS[1])],
        ["jan.peters@college.example", "bert.ameel"],
    ),
    (
        "\"informat\"",
        [None, None],
        ["jan.peters@college.example", "bert.ameel@vti.example"],
    ),
];

/// R33, R34, R40, R102: in each mode the accounts come out the same, when SDS is set up for it.
#[tokio::test]
async fn r33_r34_r40_the_domain_is_added_by_sds_or_sent_by_us() {
    for (domain_mode, [students, staff], usernames) in CASES {
        let (mut informat, jan) = one_pupil("Jan", "Peters");
        let bert = informat.person("Bert", "Ameel");
        informat.employ(bert, VTI, START);
        let settings = Settings { domain_mode, ..USUAL };
        let mut school = School::begin_with(settings, &profile(students, staff), informat).await;
        let served = school.served().await;
        let sent = [jan, bert].map(|person| served.username(&person.sis_id()).map(str::to_owned));
        assert_eq!(sent, usernames.map(|name| Some(name.to_owned())), "{domain_mode}");
        let report = school.sync().await;
        assert!(report.is_clean(), "{domain_mode}: {report:?}");
        assert_eq!(
            school.tenant().names(),
            ["bert.ameel@vti.example", "jan.peters@college.example"],
            "{domain_mode}"
        );
    }
}

/// R33: with SDS set up against the mode no account is created: a name without domain, or with two.
#[tokio::test]
async fn r33_sds_set_up_against_the_mode_makes_nobody() {
    for (domain_mode, domain) in [("\"microsoft\"", None), ("\"informat\"", Some(DOMAINS[0]))] {
        let (informat, _) = one_pupil("Jan", "Peters");
        let settings = Settings { domain_mode, ..USUAL };
        let mut school = School::begin_with(settings, &profile(domain, domain), informat).await;
        let report = school.sync().await;
        assert_eq!((report.errors.len(), report.created.len()), (1, 0), "{report:?}");
    }
}
