//! The simulator does what the manual says, on rosters written here.

use serde_json::{Value, json};

use super::manage::manage;
use super::{Conflict, IdentityRule, Microsoft365, Profile, Report, Sis};

const ORG: &str = "001507-1";
const TEAM: &str = "3A - Markt";

/// A roster of one org and one class, with these people: id, username, role, whether in the class.
fn sis(people: &[(&str, &str, &str, bool)]) -> Sis {
    let mut sis = Sis::default();
    read(&mut sis, people);
    sis
}

/// Reads a full pull of such a roster.
fn read(sis: &mut Sis, people: &[(&str, &str, &str, bool)]) {
    let mut errors = Vec::new();
    let sessions = [json!({
        "title": "Schooljaar 2026-27", "schoolYear": "2027", "type": "schoolYear",
        "startDate": "2026-09-01", "endDate": "2027-06-30"
    })];
    sis.sessions.replace(&rows(&["2026-27"], &sessions), &mut errors);
    let orgs = [json!({ "name": "001507 - Zandpoort - Markt", "identifier": ORG, "type": "school" })];
    sis.orgs.replace(&rows(&[ORG], &orgs), &mut errors);
    let classes = [json!({
        "title": TEAM, "classCode": "3A", "school": { "sourcedId": ORG, "type": "org" },
        "terms": [{ "sourcedId": "2026-27", "type": "academicSession" }]
    })];
    sis.classes.replace(&rows(&["3a"], &classes), &mut errors);
    sis.users.replace(&users(people), &mut errors);
    let enrollments: Vec<Value> = people
        .iter()
        .filter(|(_, _, _, is_in_class)| *is_in_class)
        .map(|(id, _, role, _)| enrollment(id, role))
        .collect();
    sis.enrollments.replace(&enrollments, &mut errors);
    assert_eq!(errors, Vec::<String>::new());
}

fn rows(ids: &[&str], objects: &[Value]) -> Vec<Value> {
    ids.iter()
        .zip(objects)
        .map(|(id, object)| {
            let mut row = object.clone();
            row["sourcedId"] = json!(id);
            row["status"] = json!("active");
            row["dateLastModified"] = json!("2026-09-01T04:00:00.000Z");
            row
        })
        .collect()
}

fn users(people: &[(&str, &str, &str, bool)]) -> Vec<Value> {
    people
        .iter()
        .flat_map(|(id, username, role, _)| {
            let user = json!({
                "username": username, "identifier": id, "givenName": "Jan", "familyName": "Peters", "role": role,
                "orgs": [{ "sourcedId": ORG, "type": "org" }]
            });
            rows(&[id], &[user])
        })
        .collect()
}

fn enrollment(user: &str, role: &str) -> Value {
    let object = json!({
        "user": { "sourcedId": user, "type": "user" }, "class": { "sourcedId": "3a", "type": "class" },
        "school": { "sourcedId": ORG, "type": "org" }, "role": role
    });
    rows(&[&format!("{user}-1")], &[object]).remove(0)
}

fn tenant() -> Microsoft365 {
    Microsoft365::new(&["school.example", "vti.example"])
}

fn profile() -> Profile {
    Profile::new("2026-27", IdentityRule::AddDomain("school.example".to_owned()))
}

fn sync(sis: &Sis, tenant: &mut Microsoft365) -> Report {
    manage(sis, &profile(), tenant)
}

#[test]
fn r128_a_new_account_is_made_by_the_first_sync_and_joins_groups_by_the_second() {
    let (sis, mut tenant) = (sis(&[("1", "jan.peters", "student", true)]), tenant());
    let report = sync(&sis, &mut tenant);
    assert_eq!(report.created, ["jan.peters@school.example"]);
    assert_eq!(
        tenant.account("jan.peters@school.example").sis_id.as_deref(),
        Some("1")
    );
    assert_eq!(tenant.groups_of("1"), [""; 0]);
    assert_eq!(sync(&sis, &mut tenant), Report::default());
    assert_eq!(
        tenant.groups_of("1"),
        ["001507-1", "001507-1 Students", "Students", TEAM]
    );
}

#[test]
fn r130_a_name_that_belongs_to_nobody_present_is_linked_whatever_its_sis_id() {
    for before in [None, Some("of a system before")] {
        let mut tenant = tenant();
        tenant.admin_makes_account("jan.peters@school.example", before);
        let report = sync(&sis(&[("1", "Jan.Peters", "student", true)]), &mut tenant);
        assert_eq!(
            report.linked,
            [("jan.peters@school.example".to_owned(), before.map(str::to_owned))]
        );
        assert_eq!(tenant.teams_of("1"), [TEAM], "in the same sync");
        assert_eq!(tenant.names().len(), 1);
    }
}

#[test]
fn r131_a_rename_keeps_the_address_before_as_an_alias_and_may_go_back_to_it() {
    let (mut sis, mut tenant) = (sis(&[("1", "jan.peters", "student", false)]), tenant());
    sync(&sis, &mut tenant);
    read(&mut sis, &[("1", "peters.j", "student", false)]);
    assert!(sync(&sis, &mut tenant).is_clean());
    assert!(
        tenant
            .account("peters.j@school.example")
            .has_alias("jan.peters@school.example")
    );
    read(&mut sis, &[("1", "jan.peters", "student", false)]);
    assert!(sync(&sis, &mut tenant).is_clean());
    let account = tenant.account("jan.peters@school.example");
    assert!(account.has_alias("peters.j@school.example") && account.aliases.len() == 1);
}

#[test]
fn r133_a_name_changed_by_hand_is_changed_back_though_nothing_new_was_read() {
    let (sis, mut tenant) = (sis(&[("1", "jan.peters", "student", false)]), tenant());
    sync(&sis, &mut tenant);
    tenant.admin_renames("jan.peters@school.example", "j.peters@vti.example");
    sync(&sis, &mut tenant);
    assert!(
        tenant
            .account("jan.peters@school.example")
            .has_alias("j.peters@vti.example")
    );
}

#[test]
fn r134_absence_takes_out_of_the_groups_and_deletes_nothing() {
    let people = [
        ("1", "jan.peters", "student", true),
        ("2", "bert.ameel", "teacher", true),
    ];
    let (mut sis, mut tenant) = (sis(&people), tenant());
    sync(&sis, &mut tenant);
    sync(&sis, &mut tenant);
    assert_eq!(
        tenant.team(TEAM),
        (
            vec!["bert.ameel@school.example"],
            vec!["jan.peters@school.example"]
        )
    );
    read(&mut sis, &people[1..]);
    sync(&sis, &mut tenant);
    assert!(!tenant.account("jan.peters@school.example").is_active);
    assert_eq!(tenant.groups_of("1"), [""; 0]);
    assert_eq!(
        tenant.security_groups_of("2"),
        ["001507-1", "001507-1 Staff", "Staff"]
    );
    read(&mut sis, &people);
    sync(&sis, &mut tenant);
    assert_eq!(tenant.teams_of("1"), [TEAM], "back with the account he had");
    assert_eq!(tenant.names().len(), 2);
}

#[test]
fn a_delta_says_only_what_changed() {
    let people = [
        ("1", "jan.peters", "student", true),
        ("2", "bert.ameel", "teacher", true),
    ];
    let (mut sis, mut errors) = (sis(&people), Vec::new());
    let before = sis.clone();
    sis.users.merge(&[], &mut errors);
    assert_eq!(sis, before);
    let mut gone = users(&people[..1]).remove(0);
    gone["status"] = json!("tobedeleted");
    sis.users.merge(&[gone], &mut errors);
    assert_eq!((sis.username("1"), sis.username("2")), (None, Some("bert.ameel")));
    let report = sync(&sis, &mut tenant());
    assert_eq!(
        report.errors,
        ["enrollment 1-1: no such user or class"],
        "one half of a change is noticed"
    );
    sis.users
        .merge(&users(&[("1", "jan.p", "student", true)]), &mut errors);
    assert_eq!(sis.username("1"), Some("jan.p"));
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn r139_a_name_that_somebody_present_has_is_a_conflict_and_nothing_changes() {
    let (mut sis, mut tenant) = (sis(&[("1", "miet.opstal", "student", false)]), tenant());
    sync(&sis, &mut tenant);
    let people = [
        ("1", "miet.opstal", "student", false),
        ("2", "Miet.Opstal", "student", true),
    ];
    read(&mut sis, &people);
    let before = tenant.accounts.clone();
    for _ in 0..2 {
        let report = sync(&sis, &mut tenant);
        let address = "Miet.Opstal@school.example".to_owned();
        assert_eq!(
            report.conflicts,
            [Conflict {
                sis_id: "2".to_owned(),
                address
            }]
        );
        assert_eq!(tenant.names(), ["miet.opstal@school.example"]);
        assert_eq!(tenant.teams_of("2"), [""; 0]);
    }
    assert_eq!(tenant.accounts[0].name, before[0].name);
}

#[test]
fn r139_of_two_new_persons_of_one_name_the_second_never_appears() {
    for makes_account in [false, true] {
        let mut tenant = tenant();
        if makes_account {
            tenant.admin_makes_account("miet.opstal@school.example", None);
        }
        let people = [
            ("1", "miet.opstal", "student", false),
            ("2", "miet.opstal", "student", true),
        ];
        let report = sync(&sis(&people), &mut tenant);
        assert_eq!(report.conflicts.len(), 1);
        assert_eq!(
            tenant.account("miet.opstal@school.example").sis_id.as_deref(),
            Some("1")
        );
        assert_eq!(tenant.accounts.len(), 1);
    }
}

#[test]
fn r140_names_that_free_each_other_are_a_conflict_until_done_in_three_steps() {
    let (mut sis, mut tenant) = (
        sis(&[
            ("1", "bart.bal", "student", false),
            ("2", "b.bal", "student", false),
        ]),
        tenant(),
    );
    sync(&sis, &mut tenant);
    read(
        &mut sis,
        &[
            ("1", "b.bal", "student", false),
            ("2", "boris.bal", "student", false),
        ],
    );
    let report = sync(&sis, &mut tenant);
    assert_eq!((report.conflicts.len(), report.renamed.len()), (1, 0));
    assert_eq!(
        tenant.names(),
        ["b.bal@school.example", "bart.bal@school.example"]
    );

    read(
        &mut sis,
        &[
            ("1", "b.bal_EX", "student", false),
            ("2", "boris.bal_EX", "student", false),
        ],
    );
    assert!(sync(&sis, &mut tenant).is_clean());
    read(
        &mut sis,
        &[
            ("1", "b.bal", "student", false),
            ("2", "boris.bal", "student", false),
        ],
    );
    let mut forgotten = tenant.clone();
    assert_eq!(
        sync(&sis, &mut forgotten).conflicts.len(),
        1,
        "the alias is still the other's"
    );
    tenant.admin_removes_alias("boris.bal_EX@school.example", "b.bal@school.example");
    assert!(sync(&sis, &mut tenant).is_clean());
    assert_eq!(tenant.account_of("1").unwrap().name, "b.bal@school.example");
    assert_eq!(tenant.account_of("2").unwrap().name, "boris.bal@school.example");
}

#[test]
fn r33_r34_r40_the_domain_is_added_per_role_or_taken_as_sent() {
    let people = [
        ("1", "jan.peters@vti.example", "student", false),
        ("2", "bert.ameel", "teacher", false),
        ("3", "an.maes", "student", false),
        ("4", "els.claes@foreign.example", "student", false),
    ];
    let profile = Profile {
        students: IdentityRule::AsSent,
        ..profile()
    };
    let mut tenant = tenant();
    let report = manage(&sis(&people), &profile, &mut tenant);
    assert_eq!(
        tenant.names(),
        ["bert.ameel@school.example", "jan.peters@vti.example"]
    );
    assert_eq!(
        report.errors,
        [
            "user 3: an.maes: no domain",
            "user 4: els.claes@foreign.example: not a domain of this tenant"
        ]
    );
}

#[test]
fn a_name_that_entra_does_not_take_is_an_error() {
    let rule = IdentityRule::AsSent;
    for bad in [
        "zoë@s.example",
        "a b@s.example",
        ".a@s.example",
        "a..b@s.example",
        "a.@s.example",
        "a@b@c",
        "@s.example",
    ] {
        assert!(rule.apply(bad).is_err(), "{bad}");
    }
    let long = |length: usize| format!("{}@s.example", "x".repeat(length));
    assert!(rule.apply(&long(64)).is_ok() && rule.apply(&long(65)).is_err());
}

#[test]
fn r98_orgs_that_are_not_chosen_are_left_out() {
    let profile = Profile {
        only_orgs: Some(["001507-2".to_owned()].into()),
        ..profile()
    };
    let mut tenant = tenant();
    manage(
        &sis(&[("1", "jan.peters", "student", true)]),
        &profile,
        &mut tenant,
    );
    assert!(tenant.accounts.is_empty() && tenant.teams.is_empty());
    let names: Vec<&String> = tenant.security_groups.keys().collect();
    assert!(!names.iter().any(|name| name.starts_with(ORG)), "{names:?}");
}

#[test]
fn a_record_that_does_not_have_the_form_of_the_standard_is_an_error() {
    let good = users(&[("1", "jan.peters", "student", false)]).remove(0);
    let read = |change: fn(&mut Value)| {
        let mut row = good.clone();
        change(&mut row);
        let (mut sis, mut errors) = (Sis::default(), Vec::new());
        sis.users.merge(&[row], &mut errors);
        assert_eq!(sis.users.iter().count() + errors.len(), 1);
        errors.pop()
    };
    assert_eq!(read(|_| ()), None);
    assert_eq!(
        read(|row| row["dateLastModified"] = json!("2026-09-01T04:00:00.000+02:00")),
        None
    );
    for (change, problem) in [
        (
            (|row| drop(row["orgs"][0].as_object_mut().unwrap().remove("type"))) as fn(&mut Value),
            "orgs: type: null is no text",
        ),
        (|row| row["status"] = json!("inactive"), "status \"inactive\""),
        (
            |row| row["dateLastModified"] = json!("2026-09-01"),
            "dateLastModified: \"2026-09-01\" is no date and time",
        ),
        (
            |row| row["dateLastModified"] = json!("2026-09-01T04:00:00Z"),
            "dateLastModified: \"2026-09-01T04:00:00Z\" is no date and time",
        ),
    ] {
        assert_eq!(read(change), Some(format!("users \"1\": {problem}")));
    }
}

#[test]
fn r97_without_creating_unmatched_users_only_existing_accounts_are_linked() {
    let profile = Profile {
        creates_unmatched_users: false,
        ..profile()
    };
    let mut tenant = tenant();
    tenant.admin_makes_account("jan.peters@school.example", None);
    let people = [
        ("1", "jan.peters", "student", true),
        ("2", "an.maes", "student", true),
    ];
    let report = manage(&sis(&people), &profile, &mut tenant);
    assert_eq!(report.errors, ["user 2: no account an.maes@school.example"]);
    assert_eq!((report.linked.len(), tenant.accounts.len()), (1, 1));
}

#[test]
fn r101_a_title_follows_the_source_unless_it_is_written_once() {
    for (writes_titles_once, expected) in [(false, "3A Latijn"), (true, TEAM)] {
        let profile = Profile {
            writes_titles_once,
            ..profile()
        };
        let (mut sis, mut tenant) = (sis(&[]), tenant());
        manage(&sis, &profile, &mut tenant);
        let class = json!({
            "title": "3A Latijn", "classCode": "3A", "school": { "sourcedId": ORG, "type": "org" },
            "terms": [{ "sourcedId": "2026-27", "type": "academicSession" }]
        });
        sis.classes.merge(&rows(&["3a"], &[class]), &mut Vec::new());
        manage(&sis, &profile, &mut tenant);
        assert_eq!(tenant.team(expected), (vec![], vec![]));
    }
}

#[test]
fn r108_r116_groups_of_the_school_and_teams_of_a_stopped_profile_are_left_alone() {
    let mut tenant = tenant();
    let old = sis(&[
        ("1", "jan.peters", "student", true),
        ("2", "an.maes", "student", true),
    ]);
    sync(&old, &mut tenant);
    sync(&old, &mut tenant);
    tenant.admin_makes_group("Leerlingenraad", &["an.maes@school.example"]);
    tenant.read_by_profile.clear();
    let new = {
        let mut sis = sis(&[("1", "jan.peters", "student", false)]);
        sis.classes.replace(&[], &mut Vec::new());
        sis
    };
    // The classes of the year before are unknown to the new profile.
    let mut fresh = Sis::default();
    (fresh.sessions, fresh.orgs, fresh.users) = (new.sessions, new.orgs, new.users);
    let profile = Profile::new("2027-28", IdentityRule::AddDomain("school.example".to_owned()));
    manage(&fresh, &profile, &mut tenant);
    assert_eq!(tenant.teams_of("1"), [TEAM]);
    assert_eq!(tenant.teams_of("2"), [TEAM]);
    assert!(!tenant.account_of("2").unwrap().is_active);
    assert_eq!(tenant.security_groups_of("2"), [""; 0]);
    assert!(tenant.own_groups["Leerlingenraad"].contains("an.maes@school.example"));
}

#[test]
fn a_record_that_lacks_what_sds_needs_is_reported_and_left_out() {
    let mut sis = Sis::default();
    let mut errors = Vec::new();
    for member in [
        "username",
        "identifier",
        "givenName",
        "familyName",
        "role",
        "orgs",
        "dateLastModified",
    ] {
        let mut user = users(&[("1", "jan.peters", "student", false)]).remove(0);
        user.as_object_mut().unwrap().remove(member);
        sis.users.replace(&[user], &mut errors);
        assert_eq!(sis.username("1"), None, "{member}");
    }
    assert_eq!(errors.len(), 7, "{errors:?}");
}

#[test]
fn the_simulator_shares_nothing_with_the_server() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/m365");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let foreign = ["oneroster", "crate", "harness", "sqlx"].map(|name| format!("{name}::"));
        for name in foreign {
            let line = text.lines().find(|line| line.contains(&name));
            assert_eq!(line, None);
        }
        files += 1;
    }
    assert!(files > 5);
}
