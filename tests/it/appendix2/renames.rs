//! A name or a domain that changes, on either side.

use super::school::{GROUPS_OF_3A, START, School, USUAL, VTI, YEAR, one_pupil};

/// "Wijzigen gebruikersnaam" (R131, R84): the account is found by its SIS id and renamed; the primary mail address
/// changes with it and the one before becomes an alias. Groups stay.
#[tokio::test]
async fn r131_username_changed() {
    let (informat, peter) = one_pupil("Peter", "Verbeke");
    let mut school = School::begin(USUAL, informat).await;
    school.sync().await;
    school.sync().await;

    let edited = school.set(peter, "verbeke.p").await.done();
    assert_eq!(
        (&edited["from"], &edited["to"]),
        (&"peter.verbeke".into(), &"verbeke.p".into())
    );
    assert_eq!(
        school.username(peter).await.as_deref(),
        Some("verbeke.p@college.example")
    );
    let report = school.sync().await;
    let renamed = ["peter.verbeke@college.example", "verbeke.p@college.example"].map(str::to_owned);
    assert_eq!(report.renamed, [renamed.into()]);
    assert!(report.is_clean() && report.created.is_empty());
    let account = school.tenant().account("verbeke.p@college.example");
    assert!(account.has_alias("peter.verbeke@college.example"));
    assert_eq!(account.sis_id, Some(peter.sis_id()));
    assert_eq!(school.tenant().accounts.len(), 1);
    assert_eq!(school.groups_of(peter), GROUPS_OF_3A);
}

/// "Domeinnaam wijzigt" (R132, R35, R36): a pupil who moves to another site gets its domain on the day the new
/// registration begins, not before; the name before becomes an alias and the groups follow.
#[tokio::test]
async fn r132_domain_changes() {
    let (mut informat, jens) = one_pupil("Jens", "Verwee");
    let new_class = informat.class(VTI, YEAR, "3TW");
    let mut school = School::begin(USUAL, informat).await;
    school.sync().await;
    school.sync().await;
    assert_eq!(school.groups_of(jens), GROUPS_OF_3A);

    // Entered on Tuesday the 6th for Monday the 12th.
    let registration = school.informat.registrations_of(jens)[0];
    school.informat.move_to(registration, new_class, "2054-10-12");
    school.import().await;
    assert_eq!(
        school.username(jens).await.as_deref(),
        Some("jens.verwee@college.example")
    );
    assert!(school.sync().await.renamed.is_empty());
    school.day("2054-10-11").await;
    assert_eq!(
        school.sync().await.renamed,
        [],
        "Sunday is the last day at the College"
    );

    school.day("2054-10-12").await;
    let served = school.served().await;
    assert_eq!(served.username(&jens.sis_id()), Some("jens.verwee@vti.example"));
    assert_eq!(served.orgs_of(&jens.sis_id()), ["001507-2"]);
    assert_eq!(served.classes_of(&jens.sis_id()), ["3TW - VTI"]);
    let report = school.sync().await;
    assert!(report.is_clean() && report.created.is_empty(), "{report:?}");
    let account = school.tenant().account("jens.verwee@vti.example");
    assert!(account.has_alias("jens.verwee@college.example"));
    assert_eq!(account.sis_id, Some(jens.sis_id()));
    assert_eq!(
        school.groups_of(jens),
        ["001507-2", "001507-2 Students", "Students", "3TW - VTI"]
    );
}

/// R37: a pupil with a domain of their own keeps it wherever they go; only the groups follow.
#[tokio::test]
async fn r132_a_domain_of_ones_own_stays() {
    let (mut informat, jens) = one_pupil("Jens", "Verwee");
    let new_class = informat.class(VTI, YEAR, "3TW");
    let mut school = School::begin(USUAL, informat).await;
    school.set(jens, "jens.verwee@college.example").await.done();
    school.sync().await;
    school.sync().await;
    let registration = school.informat.registrations_of(jens)[0];
    school.informat.move_to(registration, new_class, "2054-10-12");
    school.import().await;
    school.day("2054-10-12").await;
    assert_eq!(
        school.username(jens).await.as_deref(),
        Some("jens.verwee@college.example")
    );
    let report = school.sync().await;
    assert!(report.is_clean() && report.renamed.is_empty());
    assert_eq!(school.tenant().teams_of(&jens.sis_id()), ["3TW - VTI"]);
}

/// R38, R39: a teacher's domain is that of the school they were first added to; it follows no move, only an edit.
#[tokio::test]
async fn r132_the_domain_of_a_teacher_does_not_follow() {
    let (mut informat, _) = one_pupil("Jens", "Verwee");
    let bert = informat.person("Bert", "Ameel");
    informat.employ(bert, VTI, START);
    let mut school = School::begin(USUAL, informat).await;
    school.sync().await;
    assert!(school.tenant().has_account("bert.ameel@vti.example"));
    school.informat.dismiss(bert, VTI, "2054-10-11");
    school.informat.employ(bert, super::school::COLLEGE, "2054-10-12");
    school.import().await;
    school.day("2054-10-12").await;
    assert_eq!(
        school.username(bert).await.as_deref(),
        Some("bert.ameel@vti.example")
    );
    assert_eq!(school.served().await.orgs_of(&bert.sis_id()), ["001507-1"]);
    school.set(bert, "bert.ameel@college.example").await.done();
    school.sync().await;
    let account = school.tenant().account("bert.ameel@college.example");
    assert!(account.has_alias("bert.ameel@vti.example"));
}

/// "Gebruikersnaam wijzigt in MS365" (R133): the sync puts Informat's name back, though the API has nothing new to say.
#[tokio::test]
async fn r133_username_changed_in_microsoft_365() {
    let (informat, jonas) = one_pupil("Jonas", "Spaak");
    let mut school = School::begin(USUAL, informat).await;
    school.sync().await;
    school.sync().await;
    school.twins.by_hand(|tenant| {
        tenant.admin_renames("jonas.spaak@college.example", "j.spaak@college.example");
    });
    let report = school.sync().await;
    assert_eq!(school.twins.delta_rows, 0);
    assert!(report.is_clean() && report.renamed.len() == 1);
    let account = school.tenant().account("jonas.spaak@college.example");
    assert_eq!(account.sis_id, Some(jonas.sis_id()));
    assert_eq!(school.tenant().accounts.len(), 1);
    assert_eq!(school.groups_of(jonas), GROUPS_OF_3A);
}
