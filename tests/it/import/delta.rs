//! What a delta does, what other rows keep, and by which state references and unique ids are judged.

use oneroster::mirror::Rule;

use super::{Files, add_tenant, import, import_delta, mirror, only, places, school, version};
use crate::harness::database;

#[tokio::test]
async fn a_delta_updates_inserts_and_deletes() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    import(&database.pool, "t", &school()).await.unwrap();
    let mut delta = Files::new();
    delta.insert(
        "persoon.csv",
        "p_persoon,rowguid,naam,voornaam,geboortedatum,changed,verwijderd\n\
         1,00000000-0000-0000-0000-000000000001,Ameel,Bertrand,2015-02-28,,0\n\
         3,00000000-0000-0000-0000-000000000003,Claes,An,,,\n"
            .to_owned(),
    );
    // A delete needs only its key; one of a row that is not there is no fault.
    delta.insert(
        "klasfunctiepersoon.csv",
        "p_klasfunctiepersoon,p_persoon,p_klas,p_klasfunctie,begindatum,einddatum,changed,verwijderd\n\
         51,,x,,not a date,,,1\n99,,,,,,,true\n"
            .to_owned(),
    );
    let loaded = import_delta(&database.pool, "t", &delta).await.unwrap();
    assert_eq!((loaded.inserted, loaded.updated, loaded.deleted), (1, 1, 1));
    let mirror = mirror(&database.pool, "t").await;
    let given: Vec<_> = mirror
        .persoon
        .iter()
        .map(|row| row.voornaam.as_deref().unwrap_or("-"))
        .collect();
    assert_eq!(given, ["Bertrand", "-", "An"]);
    assert_eq!((mirror.klasfunctiepersoon.len(), mirror.opdracht.len()), (0, 2));

    let loaded = import_delta(&database.pool, "t", &delta).await.unwrap();
    assert!(!loaded.changed(), "a delta twice: {loaded:?}");
    assert_eq!(version(&database.pool, "t").await, 2);
}

#[tokio::test]
async fn a_row_that_others_refer_to_cannot_be_deleted() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    import(&database.pool, "t", &school()).await.unwrap();
    let mut delta = Files::new();
    let header = "p_klas,scoodle_id,instelnr,vestnrdiscimus,hfdstructuur,schooljaar,klascode,klas,groeptype,changed,verwijderd";
    delta.insert("klassen.csv", format!("{header}\n21,,,,,,,,,,1\n"));
    let faults = import_delta(&database.pool, "t", &delta).await.unwrap_err();
    let still = |line| ("klassen.csv", line, "p_klas", "21", Rule::StillReferenced);
    assert_eq!(places(&faults), [still(2), still(2)]);
    assert!(
        faults[0].message.contains(
            "cannot delete klassen 21: 1 row of inschrklas still refers to it (first: p_inschrklas 31)"
        ),
        "{}",
        faults[0].message
    );

    // With what refers to it, it can.
    delta.insert(
        "inschrklas.csv",
        "p_inschrklas,p_inschr,p_klas,vandatum,totdatum,changed,verwijderd\n31,,,,,,1\n".into(),
    );
    delta.insert(
        "klasfunctiepersoon.csv",
        "p_klasfunctiepersoon,p_persoon,p_klas,p_klasfunctie,begindatum,einddatum,changed,verwijderd\n51,,,,,,,1\n".into(),
    );
    assert_eq!(
        import_delta(&database.pool, "t", &delta).await.unwrap().deleted,
        3
    );

    // A full bundle that has the parent's table only: no line to point at.
    let mut files = only(&["persoon.csv"]);
    files.insert(
        "persoon.csv",
        "p_persoon,rowguid,naam,voornaam,geboortedatum,changed\n".to_owned(),
    );
    let faults = import(&database.pool, "t", &files).await.unwrap_err();
    let still = |value| ("persoon.csv", 0, "p_persoon", value, Rule::StillReferenced);
    assert_eq!(places(&faults), [still("1"), still("2")]);
    assert!(
        faults[1]
            .message
            .contains("2 rows of opdracht still refer to it (first: p_opdracht 41)"),
        "{}",
        faults[1].message
    );
    assert_eq!(mirror(&database.pool, "t").await.persoon.len(), 2);
}

#[tokio::test]
async fn an_assignment_to_a_site_holds_its_last_structure() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    let mut files = only(&["school.csv", "schoolvest.csv", "persoon.csv", "opdracht.csv"]);
    import(&database.pool, "t", &files).await.unwrap();
    files.remove("opdracht.csv");
    let site = files.get_mut("schoolvest.csv").unwrap();
    *site = site.replace("001507,1,211", "001507,1,311");
    assert_eq!(
        import(&database.pool, "t", &files).await.unwrap().deleted,
        1,
        "another structure of the site is left"
    );
    let site = files.get_mut("schoolvest.csv").unwrap();
    *site = site.replace("001507,1,311", "001507,2,311");
    let faults = import(&database.pool, "t", &files).await.unwrap_err();
    let columns = "instelnr, vestnrdiscimus, hfdstructuur";
    assert_eq!(
        places(&faults),
        [("schoolvest.csv", 0, columns, "001507, 1, ", Rule::StillReferenced)]
    );
}

#[tokio::test]
async fn references_are_judged_by_the_mirror_after_the_load() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    // Without the tables it refers to, a first load is refused …
    let faults = import(&database.pool, "t", &only(&["inschrklas.csv"]))
        .await
        .unwrap_err();
    assert_eq!(faults.len(), 2);
    // … and accepted once they are there.
    import(&database.pool, "t", &school()).await.unwrap();
    assert!(
        !import(&database.pool, "t", &only(&["inschrklas.csv"]))
            .await
            .unwrap()
            .changed()
    );
    // A parent may go if its children are moved in the same bundle.
    let mut files = only(&["klassen.csv", "inschrklas.csv", "klasfunctiepersoon.csv"]);
    for (name, key) in [
        ("klassen.csv", "\n21,"),
        ("inschrklas.csv", ",21,"),
        ("klasfunctiepersoon.csv", ",21,"),
    ] {
        let text = files.get_mut(name).unwrap();
        *text = text.replace(key, &key.replace("21", "22"));
    }
    let loaded = import(&database.pool, "t", &files).await.unwrap();
    assert_eq!((loaded.inserted, loaded.updated, loaded.deleted), (1, 2, 1));
}

#[tokio::test]
async fn unique_ids_may_be_swapped_but_not_taken() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    import(&database.pool, "t", &school()).await.unwrap();
    let header = "p_persoon,rowguid,naam,voornaam,geboortedatum,changed";
    let row = |key, id| format!("{key},00000000-0000-0000-0000-00000000000{id},,,,");
    let mut delta = Files::new();
    delta.insert(
        "persoon.csv",
        [header.to_owned(), row(1, 2), row(2, 1)].join("\n"),
    );
    assert_eq!(
        import_delta(&database.pool, "t", &delta).await.unwrap().updated,
        2
    );

    delta.insert("persoon.csv", [header.to_owned(), row(3, 1)].join("\n"));
    let faults = import_delta(&database.pool, "t", &delta).await.unwrap_err();
    let id = "00000000-0000-0000-0000-000000000001";
    assert_eq!(
        places(&faults),
        [("persoon.csv", 2, "rowguid", id, Rule::NotUnique)]
    );
    assert!(
        faults[0].message.contains("p_persoon = 2,"),
        "{}",
        faults[0].message
    );
}
