//! Pupils who are registered now and start later (R14–R16, R135, R136).

use super::school::{COLLEGE, NONE, School, Settings, USUAL, YEAR, one_pupil};
use crate::harness::informat::Person;

/// The Monday after the Christmas holidays.
const FIRST_DAY: &str = "2055-01-04";

const NAME: &str = "bart.bal@college.example";

/// Registers Bart on 1 December for the Monday after the Christmas holidays.
async fn bart(sync_default: bool, future_pupils: &'static str) -> (School, Person) {
    let settings = Settings {
        sync_default,
        future_pupils,
        ..USUAL
    };
    let (mut informat, jan) = one_pupil("Jan", "Peters");
    let bart = informat.person("Bart", "Bal");
    let mut school = School::begin(settings, informat).await;
    if !sync_default {
        school.tick(jan, "on").await;
    }
    school.sync().await;
    school.day("2054-12-01").await;
    let class = school.informat.class(COLLEGE, YEAR, "3C");
    school.informat.enrol_in(bart, class, FIRST_DAY);
    school.import().await;
    (school, bart)
}

/// Syncs and sees nobody but Jan.
async fn is_not_there(school: &mut School, bart: Person) {
    assert_eq!(school.username(bart).await, None);
    assert!(school.sync().await.is_clean());
    assert_eq!(school.tenant().names(), ["jan.peters@college.example"]);
}

/// Syncs twice and sees Bart, then also in their groups.
async fn appears(school: &mut School, bart: Person) {
    assert_eq!(school.username(bart).await.as_deref(), Some(NAME));
    assert_eq!(school.served().await.classes_of(&bart.sis_id()), ["3C - College"]);
    let report = school.sync().await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.created, [NAME]);
    assert_eq!(school.groups_of(bart), NONE);
    school.sync().await;
    let groups = ["001507-1", "001507-1 Students", "Students", "3C - College"];
    assert_eq!(school.groups_of(bart), groups);
}

/// "Leerling wordt ingeschreven met toekomstige startdatum & Default sync uit" (R135, R94): the name is prepared at once;
/// the account is created only after Sync is ticked. The page offers that from the first day on (R69); we tick it then.
#[tokio::test]
async fn r135_future_start_with_default_sync_off() {
    for future_pupils in ["exclude", "include"] {
        let (mut school, bart) = bart(false, future_pupils).await;
        let record = school.record(bart).await;
        assert_eq!(
            (&record["username"], &record["sync"], &record["state"]),
            (&NAME.into(), &false.into(), &"future".into()),
            "prepared, {future_pupils}"
        );
        is_not_there(&mut school, bart).await;
        school.day(FIRST_DAY).await;
        is_not_there(&mut school, bart).await;
        school.tick(bart, "on").await;
        appears(&mut school, bart).await;
    }
}

/// R135 where the operator ticks Sync by command before the first day: without future pupils it waits for that day.
#[tokio::test]
async fn r135_a_tick_ahead_of_the_first_day_waits_for_it_unless_future_pupils_are_included() {
    for future_pupils in ["exclude", "include"] {
        let (mut school, bart) = bart(false, future_pupils).await;
        school.tick(bart, "on").await;
        if future_pupils == "exclude" {
            is_not_there(&mut school, bart).await;
            school.day("2055-01-03").await;
            is_not_there(&mut school, bart).await;
            school.day(FIRST_DAY).await;
        }
        appears(&mut school, bart).await;
    }
}

/// "Leerling wordt ingeschreven met toekomstige startdatum & Default sync aan" (R136, R15, R93): synchronised at once, in the
/// Team of the class too; nothing changes on the first day.
#[tokio::test]
async fn r136_future_start_with_default_sync_on() {
    let (mut school, bart) = bart(true, "include").await;
    assert_eq!(school.record(bart).await["sync"], true);
    appears(&mut school, bart).await;
    school.sync().await;
    school.day(FIRST_DAY).await;
    let report = school.sync().await;
    assert!(report.is_clean() && school.twins.delta_rows == 0, "{report:?}");
    school.set(bart, "bartje.bal").await.done();
    school.sync().await;
    assert!(
        school
            .tenant()
            .account("bartje.bal@college.example")
            .has_alias(NAME)
    );
}

/// R16 with R136: the tenant leaves future pupils out, so default Sync on waits for the first day.
#[tokio::test]
async fn r136_without_future_pupils_he_comes_on_the_first_day() {
    let (mut school, bart) = bart(true, "exclude").await;
    assert_eq!(school.record(bart).await["sync"], true);
    is_not_there(&mut school, bart).await;
    school.day("2055-01-03").await;
    is_not_there(&mut school, bart).await;
    school.day(FIRST_DAY).await;
    appears(&mut school, bart).await;
}
