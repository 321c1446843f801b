//! Two persons and one name.

use super::school::{
    COLLEGE, DOMAINS, GROUPS_OF_3A, NONE, START, School, USUAL, VTI, YEAR, empty, file, one_pupil,
};
use crate::harness::informat::{Informat, Person};
use crate::m365::{Conflict, IdentityRule, Microsoft365, Profile, Sds};

/// A pupil and a teacher who are both called Bert Ameel.
fn two_berts() -> (Informat, Person, Person) {
    let (mut informat, pupil) = one_pupil("Bert", "Ameel");
    let teacher = informat.person("Bert", "Ameel");
    informat.employ(teacher, VTI, START);
    (informat, pupil, teacher)
}

/// "Twee personen hebben dezelfde naam" (R137, R48–R50): the second gets a number, though their domains differ.
#[tokio::test]
async fn r137_two_persons_of_the_same_name() {
    let (informat, pupil, teacher) = two_berts();
    let mut school = School::begin(USUAL, informat).await;
    assert_eq!(
        school.username(pupil).await.as_deref(),
        Some("bert.ameel@college.example")
    );
    assert_eq!(
        school.username(teacher).await.as_deref(),
        Some("bert.ameel2@vti.example")
    );
    let report = school.sync().await;
    assert!(report.is_clean());
    assert_eq!(
        school.tenant().account("bert.ameel@college.example").sis_id,
        Some(pupil.sis_id())
    );
    assert_eq!(
        school.tenant().account("bert.ameel2@vti.example").sis_id,
        Some(teacher.sis_id())
    );
}

/// "Aanpassen gebruikersnaam naar reeds bestaande naam in Informat" (R138, R71): an error, whatever the case and the domain,
/// across pupils and staff; nothing changes.
#[tokio::test]
async fn r138_edit_to_a_name_that_exists() {
    let (informat, pupil, _) = two_berts();
    let mut school = School::begin(USUAL, informat).await;
    school.sync().await;
    school.sync().await;
    let before = school.tenant().clone();
    for taken in ["bert.ameel2", "Bert.Ameel2", "bert.ameel2@college.example"] {
        let refused = school.set(pupil, taken).await.refused();
        assert_eq!(refused["changed"], false, "{taken}: {refused}");
        assert_eq!(
            school.username(pupil).await.as_deref(),
            Some("bert.ameel@college.example")
        );
        let report = school.sync().await;
        assert_eq!(school.twins.delta_rows, 0, "{taken}");
        assert!(report.is_clean());
        assert_eq!(school.tenant(), &before);
    }
}

/// "Dezelfde gebruikersnaam sturen voor verschillende SIS-Ids" (R139). One school group cannot (R138); two on one Entra tenant
/// can, of which `tenant apply` warns (informat-domain §12.20). The second account never appears and SDS reports a conflict,
/// until the name is changed.
#[tokio::test]
async fn r139_the_same_username_for_two_sis_ids() {
    let (informat, miet) = one_pupil("Miet", "Opstal");
    let school = School::begin(USUAL, informat).await;
    let mut other_informat = empty();
    let class = other_informat.class(COLLEGE, YEAR, "3A");
    other_informat.person("Somebody", "Else");
    let other_miet = other_informat.person("Miet", "Opstal");
    other_informat.enrol_in(other_miet, class, START);
    let world = &school.world;
    let applied = world.apply(&file("vaartdijk", USUAL)).await;
    assert!(
        applied
            .stderr
            .contains("zandpoort is synchronised to the same Entra tenant"),
        "{applied:?}"
    );
    let other = world.group(&file("vaartdijk", USUAL), &other_informat).await;

    let name = "miet.opstal@college.example";
    let mut tenant = Microsoft365::new(&DOMAINS);
    let profile = |name| Profile::new(name, IdentityRule::AsSent);
    let mut first = Sds::connect(school.group.connection.clone(), profile("Zandpoort"));
    let mut second = Sds::connect(other.connection.clone(), profile("Vaartdijk"));
    first.sync_full(&mut tenant, &world.clock.text().await).await;
    first.sync_delta(&mut tenant, &world.clock.text().await).await;
    let before = tenant.accounts.clone();
    for _ in 0..2 {
        let report = second.sync_delta(&mut tenant, &world.clock.text().await).await;
        let conflict = Conflict {
            sis_id: other_miet.sis_id(),
            address: name.to_owned(),
        };
        assert_eq!(report.conflicts, [conflict]);
        assert_eq!(tenant.accounts, before);
        assert_eq!(tenant.account(name).sis_id, Some(miet.sis_id()));
        assert_eq!(tenant.groups_of(&other_miet.sis_id()), NONE);
    }
    let user = other_miet.sis_id();
    let arguments = [
        "usernames",
        "set",
        "--tenant",
        &other.id,
        "--user",
        &user,
        "miet.opstal2",
    ];
    world.oneroster(&arguments).await.done();
    world.publish(&other.id).await;
    assert!(
        second
            .sync_delta(&mut tenant, &world.clock.text().await)
            .await
            .is_clean()
    );
    assert_eq!(
        tenant.account("miet.opstal2@college.example").sis_id,
        Some(other_miet.sis_id())
    );
    assert_eq!(tenant.account(name).sis_id, Some(miet.sis_id()));
    let report = first.sync_delta(&mut tenant, &world.clock.text().await).await;
    assert!(report.is_clean());
    assert_eq!(tenant.groups_of(&miet.sis_id()), GROUPS_OF_3A);
}

/// Two brothers in class 3A: the one has the name that the other is to have.
async fn brothers() -> (School, Person, Person) {
    let (mut informat, bart) = one_pupil("Bart", "Bal");
    let boris = informat.person("Boris", "Bal");
    informat.enrol(boris, COLLEGE, YEAR, START);
    let mut school = School::begin(USUAL, informat).await;
    school.set(boris, "b.bal").await.done();
    school.sync().await;
    school.sync().await;
    let names = ["b.bal@college.example", "bart.bal@college.example"];
    assert_eq!(school.tenant().names(), names);
    (school, bart, boris)
}

/// Sets both names as they are to be, in the order that Informat takes: the name is free once its holder has another.
async fn set_both(school: &School, bart: Person, boris: Person) {
    let refused = school.set(bart, "b.bal").await.refused();
    assert_eq!(refused["changed"], false);
    school.set(boris, "boris.bal").await.done();
    let taken = school.set(bart, "b.bal").await.done();
    assert_eq!(taken["warnings"].as_array().unwrap().len(), 1, "{taken}");
    assert_eq!(
        school.username(bart).await.as_deref(),
        Some("b.bal@college.example")
    );
    assert_eq!(
        school.username(boris).await.as_deref(),
        Some("boris.bal@college.example")
    );
}

/// "Wisselen van gebruikersnamen en e-mailadressen" (R140): in one sync SDS has a conflict and nothing changes in Microsoft
/// 365. From there the three steps still lead out.
#[tokio::test]
async fn r140_swapping_in_one_sync_changes_nothing() {
    let (mut school, bart, boris) = brothers().await;
    set_both(&school, bart, boris).await;
    for _ in 0..2 {
        let report = school.sync().await;
        assert_eq!(
            (report.conflicts.len(), report.renamed.len()),
            (1, 0),
            "{report:?}"
        );
        assert_eq!(
            school.tenant().names(),
            ["b.bal@college.example", "bart.bal@college.example"]
        );
    }
    three_steps(school, bart, boris).await;
}

/// R140: the manual's three steps, each by command or by hand.
#[tokio::test]
async fn r140_swapping_in_three_steps() {
    let (school, bart, boris) = brothers().await;
    three_steps(school, bart, boris).await;
}

async fn three_steps(mut school: School, bart: Person, boris: Person) {
    // 1. Other names, and a sync.
    school.set(bart, "b.bal_EX").await.done();
    school.set(boris, "boris.bal_EX").await.done();
    let report = school.sync().await;
    assert!(report.is_clean(), "{report:?}");
    let account = school.tenant().account("boris.bal_EX@college.example");
    assert!(account.has_alias("b.bal@college.example"));
    // 2. The alias is removed, by hand.
    school.twins.by_hand(|tenant| {
        tenant.admin_removes_alias("boris.bal_EX@college.example", "b.bal@college.example");
    });
    // 3. The names as they are to be, and a sync.
    school.set(bart, "b.bal").await.done();
    school.set(boris, "boris.bal").await.done();
    assert_eq!(
        school.username(bart).await.as_deref(),
        Some("b.bal@college.example")
    );
    let report = school.sync().await;
    assert!(report.is_clean(), "{report:?}");
    let account = school.tenant().account("b.bal@college.example");
    assert_eq!(account.sis_id, Some(bart.sis_id()));
    assert!(account.has_alias("bart.bal@college.example"));
    let account = school.tenant().account("boris.bal@college.example");
    assert_eq!(account.sis_id, Some(boris.sis_id()));
    assert_eq!(school.tenant().accounts.len(), 2);
    assert_eq!(school.groups_of(bart), GROUPS_OF_3A);
}
