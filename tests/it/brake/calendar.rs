//! The brake over days on which much changes by itself, on a generated school group.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use oneroster::publication::activation::guard;
use oneroster::publication::movement::movements;
use oneroster::publication::roster_counts::RosterCounts;
use oneroster::roster::{Reason, Test};
use oneroster_generate::{self, SchoolGroup};
use oneroster_school::informat;
use oneroster_school::tenant::{Configuration, file};
use oneroster_school::username::Record;

use super::pure::{counted, judged};

fn made(complete_next_year: bool) -> (SchoolGroup, Configuration) {
    let group = oneroster_generate::school_group(&oneroster_generate::Options {
        pupils: 1500,
        seed: 3,
        school_year: "2026-27".parse().unwrap(),
        tenant: "zand".to_owned(),
        complete_next_year,
    });
    let configuration = file::parse(&group.tenant_file).unwrap();
    (group, configuration)
}

/// Everybody's name released.
fn usernames(mirror: &informat::Mirror) -> HashMap<uuid::Uuid, Record> {
    let record = |person: &informat::Persoon| Record {
        sync: true,
        ..Record::new(
            person.rowguid,
            format!("p{}", person.p_persoon),
            chrono::DateTime::UNIX_EPOCH,
        )
    };
    mirror
        .persoon
        .iter()
        .map(|person| (person.rowguid, record(person)))
        .collect()
}

fn counts((group, configuration): &(SchoolGroup, Configuration), year: &str, today: &str) -> RosterCounts {
    counted(
        &group.tables,
        &usernames(&group.tables),
        configuration,
        year,
        today,
    )
}

/// R107: subgroups change members with the semester. Who leaves one joins another, so there are no fewer memberships.
#[test]
fn r107_semester_subgroups_on_1_february_are_not_held() {
    let group = made(false);
    let before = counts(&group, "2026-27", "2027-01-31");
    let after = counts(&group, "2026-27", "2027-02-01");
    let lost = before
        .memberships
        .keys()
        .filter(|id| !after.memberships.contains_key(*id))
        .count();
    assert!(lost > 50, "{lost} memberships end with the semester");
    assert_eq!(judged(&before, &after, "2027-02-01", 20), []);
    // Seminars are a small share of a generated group; at three per cent they are seen, if only losses count.
    let fewer = |after: &RosterCounts| {
        let reasons = judged(&before, after, "2027-02-01", 3);
        reasons
            .iter()
            .filter(|reason| reason.test == Test::FewerMemberships)
            .count()
    };
    assert_eq!(fewer(&after), 0);
    let mut without_new = after.clone();
    without_new
        .memberships
        .retain(|id, _| before.memberships.contains_key(id));
    assert!(fewer(&without_new) > 0);
}

/// R36, R121: from one school day to the next through the whole year, with everybody who comes, moves and leaves.
#[test]
fn no_ordinary_day_of_the_year_is_held() {
    let group = made(false);
    let days = [
        "2026-09-01",
        "2026-09-15",
        "2026-10-01",
        "2026-11-09",
        "2027-01-04",
        "2027-01-31",
        "2027-02-01",
    ];
    let days = days.iter().chain(&[
        "2027-03-01",
        "2027-05-01",
        "2027-06-30",
        "2027-07-15",
        "2027-08-14",
    ]);
    let states: Vec<_> = days.map(|day| (day, counts(&group, "2026-27", day))).collect();
    for pair in states.windows(2) {
        let [(_, before), (day, after)] = pair else {
            panic!("two")
        };
        assert_eq!(judged(before, after, day, 20), [], "{day}");
    }
}

/// R114, R115, R117: everything changes in August, so the brake would hold it, and the guard judges it instead.
#[test]
fn r115_a_complete_next_year_passes_the_guard_and_would_never_pass_the_brake() {
    let group = made(true);
    let july = counts(&group, "2026-27", "2027-08-14");
    let august = counts(&group, "2027-28", "2027-08-15");
    let orgs = movements(&july, &august);
    assert_eq!(guard::of_orgs(&orgs, &BTreeMap::new()), []);
    assert!(orgs.iter().any(|org| org.users.counts.before > 100), "{orgs:?}");
    let all_go = orgs
        .iter()
        .all(|org| org.classes.go.len() == org.classes.counts.before);
    assert!(all_go, "every class is another one in the new year");
    let held: Vec<Reason> = judged(&july, &august, "2027-09-01", 20);
    assert!(!held.is_empty());
}

#[test]
fn r118_a_next_year_that_is_not_ready_is_refused_org_by_org() {
    let group = made(false);
    let july = counts(&group, "2026-27", "2027-08-14");
    let august = counts(&group, "2027-28", "2027-08-15");
    let refusals = guard::of_orgs(&movements(&july, &august), &BTreeMap::new());
    let orgs: BTreeSet<_> = refusals.iter().filter_map(guard::Refusal::org).collect();
    assert!(orgs.len() > 2, "{refusals:?}");
    assert!(refusals.iter().all(guard::Refusal::can_be_forced));
}
