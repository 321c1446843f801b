//! The special cases are there, are what their names say, and are few.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, Weekday};
use oneroster_generate::CaseName::{self, *};
use oneroster_generate::SchoolGroup;

use super::bundle::{Bundle, Line, YEAR, day};
use super::written;

#[test]
fn every_special_case_is_there_from_500_pupils_on() {
    for (pupils, seed) in [(500, 1), (500, 2), (500, 3), (800, 4), (2000, 5)] {
        let (group, _) = written(pupils, seed);
        let missing: Vec<CaseName> = CaseName::ALL
            .into_iter()
            .filter(|name| group.case(*name).is_empty())
            .collect();
        assert!(missing.is_empty(), "{pupils} pupils, seed {seed}: no {missing:?}");
        assert_eq!(group.cases.len(), CaseName::ALL.len());
    }
}

#[test]
fn special_pupils_are_a_small_share() {
    for pupils in [20, 100, 500, 2000, 5000] {
        let (group, bundle) = written(pupils, 8);
        let around = [
            LastYearOnly,
            NextYearOnly,
            RefusedRegistration,
            FormerPupilNowStaff,
        ];
        let rowguids: BTreeSet<&String> = group
            .cases
            .iter()
            .filter(|case| !around.contains(&case.name))
            .flat_map(|case| &case.ids)
            .collect();
        let keys = bundle.pupils();
        let special = bundle
            .table("persoon")
            .iter()
            .filter(|line| keys.contains(line["p_persoon"].as_str()))
            .filter(|line| rowguids.contains(&line["rowguid"].to_lowercase()))
            .count();
        let share = special * 100 / keys.len();
        assert!(share < 10, "{special} of {pupils}");
        assert!(special >= 1);
    }
}

/// Runs a check on every example of a case.
fn each(group: &SchoolGroup, bundle: &Bundle, name: CaseName, check: impl Fn(&str, &[&Line])) {
    assert!(!group.case(name).is_empty(), "{name:?}");
    for id in group.case(name) {
        check(id, &bundle.registrations(id));
    }
}

fn site(line: &Line) -> (&str, &str) {
    (&line["instelnr"], &line["vestnrdiscimus"])
}

/// R137: three persons with one name, two pupils and a teacher.
#[test]
fn r137_two_pupils_and_a_teacher_are_called_bert_ameel() {
    for pupils in [40, 500, 2000] {
        let (group, bundle) = written(pupils, 2);
        let ids = group.case(BertAmeel);
        let named =
            |id: &String| (&*bundle.person(id)["voornaam"], &*bundle.person(id)["naam"]) == ("Bert", "Ameel");
        assert!(ids.len() == 3 && ids.iter().all(named));
        let (taught, teaching): (Vec<_>, Vec<_>) =
            ids.iter().partition(|id| !bundle.registrations(id).is_empty());
        assert_eq!((taught.len(), teaching.len()), (2, 1));
        assert!(!bundle.of_person("opdracht", teaching[0]).is_empty());
    }
}

#[test]
fn names_that_are_hard_are_there() {
    let (group, bundle) = written(2000, 2);
    let halves = |id: &String| {
        let person = bundle.person(id);
        (person["voornaam"].clone(), person["naam"].clone())
    };
    let single: Vec<_> = group.case(OneName).iter().map(halves).collect();
    assert!(
        single
            .iter()
            .all(|(given, family)| given.is_empty() != family.is_empty())
    );
    assert!(
        single.iter().any(|(given, _)| given.is_empty()) && single.iter().any(|(given, _)| !given.is_empty())
    );
    let (given, family) = halves(&group.case(LongName)[0]);
    let letters = (given + &family)
        .chars()
        .filter(|char| char.is_alphanumeric())
        .count();
    assert!(letters > 64, "{letters}");
    let families: Vec<String> = group.case(Namesakes).iter().map(|id| halves(id).1).collect();
    for family in ["Van den Broeck", "Vandenbroeck", "D'Hondt", "D’Hondt"] {
        assert!(families.iter().any(|one| one == family), "{families:?}");
    }
    let people = bundle.table("persoon");
    let double = people.iter().filter(|line| line["naam"].contains('-')).count() * 1000 / people.len();
    assert!(
        (20..60).contains(&double),
        "double surnames: {double} in a thousand"
    );
}

/// R36: the pupil's domain changes with their site.
#[test]
fn who_changes_has_two_registrations_on_contiguous_dates() {
    let (group, bundle) = written(2000, 4);
    for name in [SiteMove, ProgrammeChange] {
        each(&group, &bundle, name, |_, registrations| {
            let [old, new] = registrations else {
                panic!("{registrations:?}")
            };
            assert_eq!(day(&old["einddatum"]) + Days::new(1), day(&new["begindatum"]));
            let structures = (&*old["hfdstructuur"], &*new["hfdstructuur"]);
            if name == SiteMove {
                assert!(old["instelnr"] == new["instelnr"] && site(old) != site(new));
            } else {
                assert!(site(old) == site(new) && structures == ("311", "312"));
            }
        });
    }
    each(&group, &bundle, WeekendGap, |_, registrations| {
        let [old, new] = registrations else {
            panic!("{registrations:?}")
        };
        let (last, first) = (day(&old["einddatum"]), day(&new["begindatum"]));
        assert_eq!((last.weekday(), first), (Weekday::Fri, last + Days::new(3)));
    });
    each(&group, &bundle, ClassChange, |_, registrations| {
        let [registration] = registrations else {
            panic!("{registrations:?}")
        };
        let classes = bundle.classes(registration);
        let [old, new] = classes.as_slice() else {
            panic!("{classes:?}")
        };
        assert_ne!(old["p_klas"], new["p_klas"]);
        assert_eq!(day(&old["totdatum"]) + Days::new(1), day(&new["vandatum"]));
    });
}

/// R14–R16, R45 and people who start and leave within a year.
#[test]
fn who_comes_and_goes_is_registered_for_part_of_the_year() {
    let (group, bundle) = written(2000, 4);
    each(&group, &bundle, FutureStart, |_, registrations| {
        assert!(registrations.len() == 1 && day(&registrations[0]["begindatum"]) > day("2027-01-03"));
        assert_eq!(bundle.classes(registrations[0]).len(), 1);
    });
    each(&group, &bundle, Leaver, |_, registrations| {
        assert!(registrations.len() == 1 && day(&registrations[0]["einddatum"]) < day("2027-05-01"));
    });
    each(&group, &bundle, LeaveAndReturn, |_, registrations| {
        let [first, second] = registrations else {
            panic!("{registrations:?}")
        };
        assert!(day(&first["einddatum"]) + Days::new(30) < day(&second["begindatum"]));
        assert_eq!(
            bundle.classes(first)[0]["p_klas"],
            bundle.classes(second)[0]["p_klas"]
        );
    });
    each(&group, &bundle, TwoRegistrations, |_, registrations| {
        let [one, other] = registrations else {
            panic!("{registrations:?}")
        };
        assert!(one["instelnr"] != other["instelnr"] && one["begindatum"] == other["begindatum"]);
    });
    each(&group, &bundle, NoClass, |_, registrations| {
        assert!(registrations.len() == 1 && bundle.classes(registrations[0]).is_empty());
    });
}

#[test]
fn registrations_that_were_not_realised_have_every_other_status() {
    let (group, bundle) = written(500, 4);
    let statuses: BTreeSet<&str> = group
        .case(RefusedRegistration)
        .iter()
        .flat_map(|id| bundle.of_person("inschrijving", id))
        .map(|line| line["status"].as_str())
        .collect();
    assert_eq!(statuses, BTreeSet::from(["1", "2", "3", "4"]));
    each(&group, &bundle, RefusedRegistration, |_, realised| {
        assert!(realised.is_empty());
    });
    each(&group, &bundle, ParallelElsewhere, |id, realised| {
        assert_eq!(realised.len(), 1);
        let parallel = bundle
            .of_person("inschrijving", id)
            .into_iter()
            .find(|line| line["status"] == "3");
        assert_ne!(parallel.unwrap()["instelnr"], realised[0]["instelnr"]);
    });
    for (name, year) in [(LastYearOnly, "2025-26"), (NextYearOnly, "2027-28")] {
        each(&group, &bundle, name, |id, realised| {
            assert!(realised.is_empty());
            assert_eq!(bundle.of_person("inschrijving", id)[0]["schooljaar"], year);
        });
    }
}

/// R41: a person with both roles.
#[test]
fn pupils_become_staff() {
    let (group, bundle) = written(500, 4);
    each(&group, &bundle, BecomesStaff, |id, registrations| {
        let service = bundle.of_person("opdracht", id);
        assert_eq!(
            day(&registrations[0]["einddatum"]) + Days::new(1),
            day(&service[0]["begindatum"])
        );
    });
    each(&group, &bundle, PupilAndStaff, |id, registrations| {
        assert!(
            registrations.len() == 1 && bundle.of_person("opdracht", id)[0]["begindatum"] == "2026-09-01"
        );
    });
    each(&group, &bundle, FormerPupilNowStaff, |id, registrations| {
        assert!(
            registrations.is_empty() && bundle.of_person("inschrijving", id)[0]["schooljaar"] == "2025-26"
        );
        assert_eq!(bundle.of_person("opdracht", id)[0]["begindatum"], "2026-09-01");
    });
}

#[test]
fn staff_work_at_two_schools_replace_come_and_go() {
    let (group, bundle) = written(500, 4);
    let service = |id: &str| bundle.of_person("opdracht", id);
    each(&group, &bundle, TwoSchools, |id, _| {
        let schools: BTreeSet<&str> = service(id).iter().map(|line| line["instelnr"].as_str()).collect();
        assert_eq!(schools.len(), 2);
    });
    each(&group, &bundle, ReplacementWithGap, |id, _| {
        let lines = service(id);
        let [first, second] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        assert!(day(&first["einddatum"]) + Days::new(30) < day(&second["begindatum"]));
        assert_eq!(bundle.of_person("klasfunctiepersoon", id).len(), 2);
    });
    each(&group, &bundle, FutureStaff, |id, _| {
        assert!(day(&service(id)[0]["begindatum"]) > day("2027-01-03"));
    });
    each(&group, &bundle, FormerStaff, |id, _| {
        assert_eq!(service(id)[0]["einddatum"], "2026-06-30");
    });
    each(&group, &bundle, LeavingStaff, |id, _| {
        assert_eq!(service(id)[0]["einddatum"], "2027-01-31");
    });
    let open = bundle
        .table("opdracht")
        .iter()
        .filter(|line| line["vestnrdiscimus"].is_empty())
        .count();
    assert!(open > 0, "some assignments name no site");
}

#[test]
fn sites_that_are_not_published_have_pupils_and_a_class_may_be_empty() {
    let (group, bundle) = written(500, 4);
    for name in [ExcludedSite, UnnamedSite, UnreleasedSite] {
        let [org] = group.case(name) else {
            panic!("{name:?}")
        };
        let here = |line: &&Line| format!("{}-{}", line["instelnr"], line["vestnrdiscimus"]) == *org;
        let registered = bundle.table("inschrijving").iter().filter(here);
        assert!(
            registered.filter(|line| line["schooljaar"] == YEAR).count() >= 2,
            "{name:?}"
        );
    }
    let empty = &group.case(EmptyClass)[0];
    let class = bundle
        .table("klassen")
        .iter()
        .find(|line| line["scoodle_id"].eq_ignore_ascii_case(empty))
        .unwrap();
    assert!(
        !bundle
            .table("inschrklas")
            .iter()
            .any(|line| line["p_klas"] == class["p_klas"])
    );
}
