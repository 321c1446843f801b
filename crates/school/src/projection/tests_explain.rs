//! Why somebody or something went: scenes with what is published before, one change, and the causes that must come out.

use oneroster_standard::Kind;

use super::cause::{Cause, SiteAbsence};
use super::tests::{KADE, MARKT, World, day, rowguid};
use super::*;
use crate::tenant::configuration::{DomainMode, DomainModes, FuturePupils};

const CLASS_1: &str = "00000000-0000-0000-0000-0000c1a55001";

/// Publishes a world on `before`, changes it, and explains on `after` why an object went.
pub(super) fn gone(
    mut world: World,
    (before, after): (&str, &str),
    (kind, sourced_id): (Kind, &str),
    change: impl FnOnce(&mut World),
) -> Vec<Cause> {
    let all = contents(&world.on(before));
    let (_, _, content) = all
        .iter()
        .find(|(found, id, _)| *found == kind && id == sourced_id)
        .unwrap_or_else(|| panic!("{sourced_id} was not published before"));
    change(&mut world);
    let roster = world.on(after);
    assert!(
        !contents(&roster)
            .iter()
            .any(|(found, id, _)| *found == kind && id == sourced_id),
        "it is still there"
    );
    let request = ExplainRequest::Removed {
        kind,
        sourced_id,
        content,
    };
    answer(&world, &roster, after, request)
}

fn answer(world: &World, roster: &Roster, today: &str, request: ExplainRequest<'_>) -> Vec<Cause> {
    let sources = Sources {
        mirror: &world.mirror,
        usernames: &world.usernames,
        configuration: &world.configuration,
        school_year: "2026-27",
        today: day(today),
        last_seen: Some(day(DAYS.0)),
    };
    explain(&sources, roster, &[request]).unwrap().remove(0)
}

pub(super) fn id(p_persoon: i64) -> String {
    rowguid(p_persoon).to_string()
}

/// Pupil 1 in class 1 (MARKT), teacher 2 of it.
pub(super) fn world() -> World {
    let mut world = World::new();
    world.person(1).person(2).class(1, MARKT, "3A");
    let registration = world.registration(1, MARKT, "2026-09-01", None);
    world.in_class(registration, 1, "2026-09-01", None);
    world.assignment(2, ("001507", None), None, None);
    world.teaches(2, 1, 2, None);
    world
}

pub(super) const DAYS: (&str, &str) = ("2026-10-01", "2026-10-05");

fn user_gone(p_persoon: i64, change: impl FnOnce(&mut World)) -> Vec<Cause> {
    gone(world(), DAYS, (Kind::Users, &id(p_persoon)), change)
}

/// The registration of pupil 1 ends on the fourth.
fn leaves(world: &mut World) {
    world.mirror.inschrijving[0].einddatum = Some(day("2026-10-04"));
}

/// What [`leaves`] is a cause of.
fn has_left() -> Cause {
    Cause::RegistrationEnded {
        org: at_markt(),
        last_day: day("2026-10-04"),
    }
}

pub(super) fn at_markt() -> String {
    "001507-1".to_owned()
}

#[test]
fn a_pupil_whose_registration_ended_left_on_its_last_day() {
    let causes = user_gone(1, leaves);
    assert_eq!(causes, [has_left()]);
}

#[test]
fn r91_a_sync_flag_that_is_off_is_told_from_leaving_school_and_both_are_told_together() {
    let off = |world: &mut World| world.usernames.get_mut(&rowguid(1)).unwrap().sync = false;
    assert_eq!(user_gone(1, off), [Cause::SyncOff]);
    let both = user_gone(1, |world| {
        off(world);
        leaves(world);
    });
    assert_eq!(both, [Cause::SyncOff, has_left()]);
}

#[test]
fn r20_a_site_that_is_closed_says_who_closed_it() {
    for (why, change) in [
        (
            SiteAbsence::LinkOff,
            (|world: &mut World| world.configuration.schools[0].sites[0].sync = false) as fn(&mut World),
        ),
        (SiteAbsence::NotNamed, |world| {
            drop(world.configuration.schools[0].sites.remove(0));
        }),
        (SiteAbsence::Inactive, |world| {
            for row in &mut world.mirror.schoolvest {
                row.actief &= row.vestnrdiscimus != 1;
            }
        }),
    ] {
        let site = Cause::SiteNotPublished { org: at_markt(), why };
        let expected = [site];
        assert_eq!(user_gone(1, change), expected, "a pupil");
        assert_eq!(gone(world(), DAYS, (Kind::Orgs, "001507-1"), change), expected);
        assert_eq!(gone(world(), DAYS, (Kind::Classes, CLASS_1), change), expected);
        let enrollment = format!("{}-1", id(1));
        assert_eq!(
            gone(world(), DAYS, (Kind::Enrollments, &enrollment), change),
            [Cause::UserNotPublished, Cause::ClassNotPublished]
        );
    }
}

#[test]
fn r123_a_site_that_only_gets_another_form_of_id_has_not_left() {
    let causes = gone(world(), DAYS, (Kind::Orgs, "001507-1"), |world| {
        world.configuration.org_id_with_hoofdstructuur = true;
    });
    assert_eq!(causes, []);
    let mut world = world();
    world.configuration.org_id_with_hoofdstructuur = true;
    let causes = gone(world, DAYS, (Kind::Orgs, "001507-1-211"), |world| {
        world.configuration.org_id_with_hoofdstructuur = false;
    });
    assert_eq!(causes, []);
}

#[test]
fn a_pupil_who_moved_to_a_site_that_is_not_published_is_told_both_ends() {
    let causes = user_gone(1, |world| {
        leaves(world);
        world.registration(1, ("001507", 3, "311"), "2026-10-05", None);
    });
    let elsewhere = Cause::SiteNotPublished {
        org: "001507-3".to_owned(),
        why: SiteAbsence::NotNamed,
    };
    assert_eq!(causes, [has_left(), elsewhere]);
}

#[test]
fn an_earlier_registration_elsewhere_is_no_cause() {
    let mut world = world();
    world.mirror.inschrijving[0].begindatum = day("2026-09-11");
    world.registration(1, KADE, "2026-09-01", Some("2026-09-10"));
    let causes = gone(world, DAYS, (Kind::Users, &id(1)), |world| {
        world.mirror.inschrijving.remove(0);
        world.mirror.inschrklas.clear();
    });
    assert_eq!(causes, [Cause::NotRegisteredAt { org: at_markt() }]);
}

#[test]
fn what_became_of_a_registration_is_told() {
    let status = user_gone(1, |world| world.mirror.inschrijving[0].status = 3);
    assert_eq!(status, [Cause::RegistrationNotRealised { org: at_markt() }]);
    let later = user_gone(1, |world| {
        world.mirror.inschrijving[0].begindatum = day("2026-11-01");
    });
    let first_day = day("2026-11-01");
    assert_eq!(
        later,
        [Cause::RegistrationToCome {
            org: at_markt(),
            first_day
        }]
    );
    let none = user_gone(1, |world| world.mirror.inschrijving.clear());
    assert_eq!(
        none,
        [Cause::NoRegistration {
            school_year: "2026-27".to_owned()
        }]
    );
    let person = user_gone(1, |world| drop(world.mirror.persoon.remove(0)));
    assert_eq!(person, [Cause::PersonGone]);
}

#[test]
fn r16_a_future_pupil_who_is_no_longer_included_is_still_to_come() {
    let mut world = world();
    world.configuration.future_pupils = FuturePupils::Include;
    world.mirror.inschrijving[0].begindatum = day("2027-01-11");
    let causes = gone(world, DAYS, (Kind::Users, &id(1)), |world| {
        world.configuration.future_pupils = FuturePupils::Exclude;
    });
    let first_day = day("2027-01-11");
    assert_eq!(
        causes,
        [Cause::RegistrationToCome {
            org: at_markt(),
            first_day
        }]
    );
}

#[test]
fn staff_go_with_their_assignment_counted_with_its_grace_days() {
    let ended = user_gone(2, |world| {
        world.configuration.staff_grace_days = 2;
        world.mirror.opdracht[0].einddatum = Some(day("2026-10-02"));
    });
    let last_day = day("2026-10-02");
    assert_eq!(
        ended,
        [Cause::AssignmentEnded {
            last_day,
            grace_days: 2
        }]
    );
    let gone = user_gone(2, |world| world.mirror.opdracht.clear());
    assert_eq!(gone, [Cause::NoAssignment]);
    let to_come = user_gone(2, |world| {
        world.mirror.opdracht[0].begindatum = Some(day("2026-12-01"));
    });
    assert_eq!(
        to_come,
        [Cause::AssignmentToCome {
            first_day: day("2026-12-01")
        }]
    );
}

#[test]
fn a_user_without_a_domain_to_send_is_told_so() {
    let mut world = world();
    world.configuration.domain_mode = DomainModes {
        pupils: DomainMode::Informat,
        staff: DomainMode::Microsoft,
    };
    let causes = gone(world, DAYS, (Kind::Users, &id(1)), |world| {
        world.configuration.schools[0].sites[0].pupil_domain = None;
    });
    assert_eq!(causes, [Cause::DomainUnknown]);
}

fn enrollment_gone(p_persoon: i64, change: impl FnOnce(&mut World)) -> Vec<Cause> {
    gone(
        world(),
        DAYS,
        (Kind::Enrollments, &format!("{}-1", id(p_persoon))),
        change,
    )
}

#[test]
fn a_pupil_leaves_a_class_on_the_last_day_in_it() {
    let left = enrollment_gone(1, |world| {
        world.mirror.inschrklas[0].totdatum = Some(day("2026-10-04"));
    });
    assert_eq!(
        left,
        [Cause::LeftClass {
            last_day: day("2026-10-04")
        }]
    );
    let gone = enrollment_gone(1, |world| world.mirror.inschrklas.clear());
    assert_eq!(gone, [Cause::NotInClass]);
    let later = enrollment_gone(1, |world| world.mirror.inschrklas[0].vandatum = day("2026-11-02"));
    assert_eq!(
        later,
        [Cause::ClassToCome {
            first_day: day("2026-11-02")
        }]
    );
    let user = enrollment_gone(1, |world| {
        world.usernames.get_mut(&rowguid(1)).unwrap().sync = false;
    });
    assert_eq!(user, [Cause::UserNotPublished]);
    let class = enrollment_gone(1, |world| world.mirror.klassen.clear());
    assert_eq!(class, [Cause::ClassNotPublished]);
}

#[test]
fn an_earlier_time_in_the_class_is_no_cause() {
    let mut world = world();
    world.mirror.inschrklas[0].totdatum = Some(day("2026-09-20"));
    let registration = world.mirror.inschrijving[0].p_inschr;
    world.in_class(registration, 1, "2026-09-28", None);
    world.mirror.klasfunctiepersoon[0].einddatum = Some(day("2026-09-20"));
    world.teaches(2, 1, 2, None);
    world.mirror.klasfunctiepersoon[1].begindatum = Some(day("2026-09-28"));
    let gone = |p_persoon, change: fn(&mut World)| {
        let enrollment = format!("{}-1", id(p_persoon));
        gone(world.clone(), DAYS, (Kind::Enrollments, &enrollment), change)
    };
    let pupil = gone(1, |world| world.mirror.inschrklas.truncate(1));
    assert_eq!(pupil, [Cause::NotInClass]);
    let teacher = gone(2, |world| world.mirror.klasfunctiepersoon.truncate(1));
    assert_eq!(teacher, [Cause::NotClassTeacher]);
}

#[test]
fn a_pupil_who_moves_to_another_site_leaves_his_class_with_the_registration() {
    let causes = enrollment_gone(1, |world| {
        leaves(world);
        world.registration(1, KADE, "2026-10-05", None);
    });
    assert_eq!(causes, [has_left()]);
}

#[test]
fn a_class_teacher_goes_when_the_function_ends_or_the_person_is_no_longer_staff() {
    let ended = enrollment_gone(2, |world| {
        world.mirror.klasfunctiepersoon[0].einddatum = Some(day("2026-10-04"));
    });
    assert_eq!(
        ended,
        [Cause::TeachingEnded {
            last_day: day("2026-10-04")
        }]
    );
    let removed = enrollment_gone(2, |world| world.mirror.klasfunctiepersoon.clear());
    assert_eq!(removed, [Cause::NotClassTeacher]);
    let now_a_pupil = enrollment_gone(2, |world| {
        world.mirror.opdracht[0].einddatum = Some(day("2026-10-04"));
        world.registration(2, MARKT, "2026-10-05", None);
    });
    let last_day = day("2026-10-04");
    assert_eq!(
        now_a_pupil,
        [Cause::AssignmentEnded {
            last_day,
            grace_days: 0
        }]
    );
}

#[test]
fn r114_what_belongs_to_another_school_year_says_so() {
    let active = || "2026-27".to_owned();
    let causes = gone(world(), DAYS, (Kind::Classes, CLASS_1), |world| {
        world.mirror.klassen[0].schooljaar = "2025-26".to_owned();
    });
    assert_eq!(causes, [Cause::OtherSchoolYear { active: active() }]);
    let deleted = gone(world(), DAYS, (Kind::Courses, CLASS_1), |world| {
        world.mirror.klassen.clear();
    });
    assert_eq!(deleted, [Cause::ClassGone]);
    let world = world();
    let roster = world.on("2026-10-01");
    let session = ExplainRequest::Removed {
        kind: Kind::AcademicSessions,
        sourced_id: "2025-26",
        content: "{}",
    };
    assert_eq!(
        answer(&world, &roster, "2026-10-01", session),
        [Cause::OtherSchoolYear { active: active() }]
    );
}

#[test]
fn a_user_is_published_by_the_place_of_the_home_org() {
    let mut world = world();
    world.configuration.future_pupils = FuturePupils::Include;
    world.person(3);
    world.registration(3, KADE, "2027-01-11", None);
    let roster = world.on("2026-10-01");
    let basis = |p_persoon| {
        answer(
            &world,
            &roster,
            "2026-10-01",
            ExplainRequest::User {
                sourced_id: &id(p_persoon),
            },
        )
    };
    let registered = |org: &str, first_day, is_to_come| Cause::Registered {
        org: org.to_owned(),
        first_day: day(first_day),
        is_to_come,
    };
    assert_eq!(basis(1), [registered("001507-1", "2026-09-01", false)]);
    assert_eq!(
        basis(2),
        [Cause::Assigned {
            org: at_markt(),
            first_day: None
        }]
    );
    assert_eq!(basis(3), [registered("001507-2", "2027-01-11", true)]);
}

#[test]
fn a_cause_keeps_its_stored_form() {
    let cause = has_left();
    let text = r#"{"code":"registration_ended","org":"001507-1","last_day":"2026-10-04"}"#;
    assert_eq!(serde_json::to_string(&cause).unwrap(), text);
    assert_eq!(serde_json::from_str::<Cause>(text).unwrap(), cause);
    assert_eq!(
        serde_json::to_string(&Cause::SyncOff).unwrap(),
        r#"{"code":"sync_off"}"#
    );
}
