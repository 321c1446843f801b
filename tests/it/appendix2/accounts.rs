//! New accounts, existing ones, and those that are no longer synchronised.

use super::school::{COLLEGE, GROUPS_OF_3A, NONE, START, School, USUAL, YEAR, empty, one_pupil};

/// "Nieuwe gebruiker" (R128): an account is made with the person's id; the groups follow with the second sync. A pupil
/// without a class has an account too (R109), and the class teacher owns the Team (R103).
#[tokio::test]
async fn r128_new_user() {
    let mut informat = empty();
    let class = informat.class(COLLEGE, YEAR, "3A");
    let jan = informat.person("Jan", "Peters");
    informat.enrol_in(jan, class, START);
    let an = informat.person("An", "Maes");
    informat.enrol(an, COLLEGE, YEAR, START);
    let bert = informat.person("Bert", "Ameel");
    informat.employ(bert, COLLEGE, START);
    informat.class_teacher(bert, class, START);
    let mut school = School::begin(USUAL, informat).await;
    assert_eq!(
        school.username(jan).await.as_deref(),
        Some("jan.peters@college.example")
    );

    let report = school.sync().await;
    let names = [
        "an.maes@college.example",
        "bert.ameel@vti.example",
        "jan.peters@college.example",
    ];
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(school.tenant().names(), names);
    assert_eq!(report.created.len(), 3);
    let account = school.tenant().account("jan.peters@college.example");
    assert_eq!(account.sis_id, Some(jan.sis_id()));
    assert_eq!(account.display_name, "Jan Peters");
    assert_eq!(school.groups_of(jan), NONE);

    school.sync().await;
    assert_eq!(school.groups_of(jan), GROUPS_OF_3A);
    assert_eq!(school.groups_of(an), GROUPS_OF_3A[..3]);
    assert_eq!(
        school.groups_of(bert),
        ["001507-1", "001507-1 Staff", "Staff", "3A - College"]
    );
    assert_eq!(
        school.tenant().team("3A - College"),
        (vec![names[1]], vec![names[2]]),
        "owner and member"
    );
}

/// "Bestaande gebruiker" with the same SIS id (R129): the account stays and joins the groups.
#[tokio::test]
async fn r129_existing_user() {
    let (informat, peter) = one_pupil("Peter", "Verbeke");
    let mut school = School::begin(USUAL, informat).await;
    let name = "peter.verbeke@college.example";
    school
        .twins
        .by_hand(|tenant| tenant.admin_makes_account(name, Some(&peter.sis_id())));
    let report = school.sync().await;
    assert!(
        report.is_clean() && report.created.is_empty() && report.linked.is_empty(),
        "{report:?}"
    );
    assert_eq!(school.tenant().names(), [name]);
    assert_eq!(school.tenant().account(name).sis_id, Some(peter.sis_id()));
    assert_eq!(school.groups_of(peter), GROUPS_OF_3A, "in the first sync");
}

/// "Bestaande gebruiker met andere / lege SIS-Id" (R130, R43): found by name, gets the SIS id and joins the groups. An
/// account of another name is not found, and another one is made (R42).
#[tokio::test]
async fn r130_existing_user_with_another_or_an_empty_sis_id() {
    for sis_id in [None, Some("5246")] {
        let (informat, miet) = one_pupil("Miet", "Opstal");
        let mut school = School::begin(USUAL, informat).await;
        let name = "miet.opstal@college.example";
        school.twins.by_hand(|tenant| {
            tenant.admin_makes_account(name, sis_id);
            tenant.admin_makes_account("mieke.opstal@college.example", None);
        });
        let report = school.sync().await;
        assert_eq!(report.linked, [(name.to_owned(), sis_id.map(str::to_owned))]);
        assert!(report.is_clean() && report.created.is_empty());
        assert_eq!(school.tenant().account(name).sis_id, Some(miet.sis_id()));
        assert_eq!(school.groups_of(miet), GROUPS_OF_3A);
        assert_eq!(
            school.tenant().account("mieke.opstal@college.example").sis_id,
            None
        );
    }
}

/// R42, R32: an account whose name differs is not linked but doubled, unless the name is set in Informat before the first sync.
#[tokio::test]
async fn r42_a_name_that_differs_is_set_before_the_first_sync() {
    let existing = "evy.poppe@college.example";
    for is_checked in [false, true] {
        let (informat, evelien) = one_pupil("Evelien", "Poppe");
        let mut school = School::begin(USUAL, informat).await;
        school
            .twins
            .by_hand(|tenant| tenant.admin_makes_account(existing, None));
        if is_checked {
            school.set(evelien, "evy.poppe").await.done();
        }
        school.sync().await;
        let account = school.tenant().account_of(&evelien.sis_id()).unwrap();
        if is_checked {
            assert_eq!(
                (account.name.as_str(), school.tenant().accounts.len()),
                (existing, 1)
            );
        } else {
            assert_eq!(account.name, "evelien.poppe@college.example");
            assert_eq!(
                school.tenant().account(existing).sis_id,
                None,
                "nobody uses it any more"
            );
        }
    }
}

/// "Bestaande account niet meer synchroniseren" (R134, R91, R92): Sync off leaves the account and takes it out of the
/// groups; Sync on brings it back. Nobody else notices.
#[tokio::test]
async fn r134_existing_account_no_longer_synchronised() {
    let (mut informat, miet) = one_pupil("Miet", "Opstal");
    let class = informat.class(COLLEGE, YEAR, "3B");
    let jan = informat.person("Jan", "Peters");
    informat.enrol_in(jan, class, START);
    let mut school = School::begin(USUAL, informat).await;
    school.sync().await;
    school.sync().await;
    school.twins.by_hand(|tenant| {
        tenant.admin_makes_group("Leerlingenraad", &["miet.opstal@college.example"]);
    });
    assert_eq!(school.groups_of(miet), GROUPS_OF_3A);
    let others = school.tenant().account_of(&jan.sis_id()).cloned();

    school.tick(miet, "off").await;
    assert_eq!(school.username(miet).await, None);
    assert_eq!(school.served().await.classes_of(&miet.sis_id()), NONE);
    assert!(school.sync().await.is_clean());
    let account = school.tenant().account("miet.opstal@college.example");
    assert!(!account.is_active && account.sis_id == Some(miet.sis_id()));
    assert_eq!(school.groups_of(miet), NONE);
    let own = &school.tenant().own_groups["Leerlingenraad"];
    assert!(
        own.contains("miet.opstal@college.example"),
        "the school's own groups stay (R108)"
    );
    assert_eq!(school.tenant().account_of(&jan.sis_id()), others.as_ref());

    school.tick(miet, "on").await;
    let report = school.sync().await;
    assert!(report.is_clean() && report.created.is_empty(), "{report:?}");
    assert_eq!(school.groups_of(miet), GROUPS_OF_3A);
    assert_eq!(school.tenant().accounts.len(), 2);
}
