//! Importing a bundle: what is loaded, what is refused, and that a refusal changes nothing.

#![cfg(test)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use oneroster::mirror::load::{Error, Options};
use oneroster::mirror::{Bundle, Fault, Loaded, Mirror, Mode, Rule, load, read};
use sqlx::PgPool;
use tempfile::TempDir;

use crate::harness::database;

/// The files of a bundle, as text.
type Files = BTreeMap<&'static str, String>;

const SITE: &str = "001507,1,211";

/// A small school: one row or two in every table, with every kind of reference.
fn school() -> Files {
    let files = [
        ("schooljaar.csv", "schooljaar,begindatum,einddatum\n2026-27,2026-09-01,2027-06-30\n".to_owned()),
        ("school.csv", "instelnr,school,schoolcode\n001507,De Zandpoort,ZP\n".to_owned()),
        (
            "schoolvest.csv",
            format!("instelnr,vestnrdiscimus,hfdstructuur,vestiging,vestcode,actief,changed\n{SITE},Dorp,D,1,\n"),
        ),
        (
            "persoon.csv",
            "p_persoon,rowguid,naam,voornaam,geboortedatum,changed\n\
             1,00000000-0000-0000-0000-000000000001,Ameel,Bert,2015-02-28,2026-08-01T10:00:00\n\
             2,00000000-0000-0000-0000-000000000002,d'Hondt \\N,,,\n"
                .to_owned(),
        ),
        (
            "inschrijving.csv",
            format!(
                "p_inschr,p_persoon,instelnr,vestnrdiscimus,hfdstructuur,schooljaar,begindatum,einddatum,status,changed\n\
                 11,1,{SITE},2026-27,2026-09-01,,0,\n"
            ),
        ),
        (
            "klassen.csv",
            format!(
                "p_klas,scoodle_id,instelnr,vestnrdiscimus,hfdstructuur,schooljaar,klascode,klas,groeptype,changed\n\
                 21,00000000-0000-0000-0000-000000000021,{SITE},2026-27,1A,,0,\n"
            ),
        ),
        ("inschrklas.csv", "p_inschrklas,p_inschr,p_klas,vandatum,totdatum,changed\n31,11,21,2026-09-01,,\n".to_owned()),
        (
            "opdracht.csv",
            "p_opdracht,p_persoon,instelnr,vestnrdiscimus,hfdstructuur,begindatum,einddatum,changed\n\
             41,2,001507,,,,,\n42,2,001507,1,,,,\n"
                .to_owned(),
        ),
        (
            "klasfunctiepersoon.csv",
            "p_klasfunctiepersoon,p_persoon,p_klas,p_klasfunctie,begindatum,einddatum,changed\n51,2,21,2,,,\n"
                .to_owned(),
        ),
    ];
    files.into()
}

/// The same school without all but the named files.
fn only(names: &[&str]) -> Files {
    let mut files = school();
    files.retain(|name, _| names.contains(name));
    files
}

fn folder(files: &Files) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

async fn add_tenant(pool: &PgPool, tenant_id: &str) {
    sqlx::query(
        "insert into tenant.tenant (tenant_id, configuration) values ($1, jsonb_build_object('id', $1))",
    )
    .bind(tenant_id)
    .execute(pool)
    .await
    .unwrap();
}

async fn import_with(
    pool: &PgPool,
    tenant_id: &str,
    path: &Path,
    mode: Mode,
    force: bool,
) -> Result<Loaded, Vec<Fault>> {
    let bundle = Bundle::read(path, mode, |_| ()).unwrap();
    let mut transaction = pool.begin().await.unwrap();
    match load(
        &mut transaction,
        tenant_id,
        &bundle,
        Options {
            force,
            ..Options::default()
        },
    )
    .await
    {
        Ok(loaded) => {
            transaction.commit().await.unwrap();
            Ok(loaded)
        }
        Err(Error::Refused(faults)) => Err(faults.list().to_vec()),
        Err(error) => panic!("{error:?}"),
    }
}

async fn import(pool: &PgPool, tenant_id: &str, files: &Files) -> Result<Loaded, Vec<Fault>> {
    import_with(pool, tenant_id, folder(files).path(), Mode::Full, false).await
}

async fn import_delta(pool: &PgPool, tenant_id: &str, files: &Files) -> Result<Loaded, Vec<Fault>> {
    import_with(pool, tenant_id, folder(files).path(), Mode::Delta, false).await
}

async fn mirror(pool: &PgPool, tenant_id: &str) -> Mirror {
    read(&mut pool.acquire().await.unwrap(), tenant_id).await.unwrap()
}

/// How often the mirror of a tenant changed.
async fn version(pool: &PgPool, tenant_id: &str) -> i64 {
    let statement = "select coalesce(max(version), 0) from tenant.input_version where tenant_id = $1 and input = 'mirror'";
    sqlx::query_scalar(statement)
        .bind(tenant_id)
        .fetch_one(pool)
        .await
        .unwrap()
}

/// File, line (0 = none), column, value and rule of each fault.
fn places(faults: &[Fault]) -> Vec<(&str, u64, &str, &str, Rule)> {
    faults
        .iter()
        .map(|fault| {
            let Fault {
                file,
                line,
                column,
                value,
                rule,
                ..
            } = fault;
            let (column, value) = (
                column.as_deref().unwrap_or_default(),
                value.as_deref().unwrap_or_default(),
            );
            (file.as_str(), line.unwrap_or_default(), column, value, *rule)
        })
        .collect()
}

#[tokio::test]
async fn a_bundle_is_loaded_as_it_is() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    let loaded = import(&database.pool, "t", &school()).await.unwrap();
    assert_eq!((loaded.inserted, loaded.updated, loaded.deleted), (11, 0, 0));
    assert_eq!(loaded.rows["persoon.csv"], 2);

    let mirror = mirror(&database.pool, "t").await;
    let [bert, other] = mirror.persoon.as_slice() else {
        panic!("two persons")
    };
    assert_eq!(bert.voornaam.as_deref(), Some("Bert"));
    assert_eq!(bert.changed.unwrap().to_rfc3339(), "2026-08-01T08:00:00+00:00");
    // A backslash is text, and an empty cell is no value.
    assert_eq!(
        (other.naam.as_deref(), other.voornaam.as_deref()),
        (Some("d'Hondt \\N"), None)
    );
    assert_eq!(mirror.schoolvest[0].vestiging, "Dorp");
    assert!(mirror.schoolvest[0].actief);
    assert_eq!(mirror.inschrijving[0].einddatum, None);
    assert_eq!(mirror.klassen[0].klas, None);
    assert_eq!(
        mirror
            .opdracht
            .iter()
            .map(|row| row.vestnrdiscimus)
            .collect::<Vec<_>>(),
        [None, Some(1)]
    );
    assert_eq!(
        mirror.inschrklas.len() + mirror.klasfunctiepersoon.len() + mirror.schooljaar.len(),
        3
    );
    assert_eq!(version(&database.pool, "t").await, 1);
}

#[tokio::test]
async fn importing_the_same_bundle_again_changes_nothing() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    import(&database.pool, "t", &school()).await.unwrap();
    // Where every row version lives: a row that was written again, or only locked, moves or gets an xmax.
    let versions =
        "select array_agg(ctid::text || xmin::text || xmax::text order by p_persoon) from informat.persoon";
    let before: Vec<String> = sqlx::query_scalar(versions)
        .fetch_one(&database.pool)
        .await
        .unwrap();

    let loaded = import(&database.pool, "t", &school()).await.unwrap();
    assert!(!loaded.changed(), "{loaded:?}");
    assert_eq!(version(&database.pool, "t").await, 1);
    let after: Vec<String> = sqlx::query_scalar(versions)
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(before, after);
    let noted: Vec<bool> = sqlx::query_scalar("select gewijzigd from informat.lading order by p_lading")
        .fetch_all(&database.pool)
        .await
        .unwrap();
    assert_eq!(noted, [true, false]);
}

#[tokio::test]
async fn a_full_bundle_replaces_the_tables_in_it_and_leaves_the_others() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    import(&database.pool, "t", &school()).await.unwrap();
    let mut files = only(&["opdracht.csv", "persoon.csv"]);
    files.insert(
        "opdracht.csv",
        "p_opdracht,p_persoon,instelnr,vestnrdiscimus,hfdstructuur,begindatum,einddatum,changed\n\
         42,2,001507,1,211,,2027-01-31,\n43,1,001507,,211,,,\n"
            .to_owned(),
    );
    let loaded = import(&database.pool, "t", &files).await.unwrap();
    assert_eq!((loaded.inserted, loaded.updated, loaded.deleted), (1, 1, 1));
    let mirror = mirror(&database.pool, "t").await;
    assert_eq!(
        mirror
            .opdracht
            .iter()
            .map(|row| row.p_opdracht)
            .collect::<Vec<_>>(),
        [42, 43]
    );
    assert_eq!((mirror.inschrijving.len(), mirror.klassen.len()), (1, 1));
    assert_eq!(version(&database.pool, "t").await, 2);
}

#[tokio::test]
async fn one_bad_row_changes_nothing() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    import(&database.pool, "t", &school()).await.unwrap();
    let before = mirror(&database.pool, "t").await;
    let mut files = school();
    files
        .get_mut("school.csv")
        .unwrap()
        .push_str("009999,Nieuwe school,\n");
    files
        .get_mut("opdracht.csv")
        .unwrap()
        .push_str("44,2,001507,,,2027-02-01,2027-01-31,\n");
    let faults = import(&database.pool, "t", &files).await.unwrap_err();
    assert_eq!(
        places(&faults),
        [("opdracht.csv", 4, "einddatum", "2027-01-31", Rule::DateOrder)]
    );
    assert_eq!(mirror(&database.pool, "t").await, before);
    assert_eq!(version(&database.pool, "t").await, 1);
}

/// A file, its text, and the faults in it: line, column, value, rule.
type FaultyBundle<'a> = (&'static str, String, Vec<(u64, &'a str, &'a str, Rule)>);

/// Each break of a rule is reported on its line and in its column, and nothing else is.
#[expect(clippy::too_many_lines, reason = "one table of faulty bundles")]
#[tokio::test]
async fn every_fault_is_found_at_its_place() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    import(&database.pool, "t", &school()).await.unwrap();
    let id1 = "00000000-0000-0000-0000-000000000001";
    let cases: Vec<FaultyBundle<'_>> = vec![
        (
            "schooljaar.csv",
            "2027-29,2027-09-01,2028-06-30".into(),
            vec![(3, "schooljaar", "2027-29", Rule::SchooljaarForm)],
        ),
        (
            "schooljaar.csv",
            "2027-28,,2028-06-31".into(),
            vec![
                (3, "begindatum", "", Rule::Required),
                (3, "einddatum", "2028-06-31", Rule::DateForm),
            ],
        ),
        (
            "school.csv",
            "1507,X,".into(),
            vec![(3, "instelnr", "1507", Rule::InstelnrForm)],
        ),
        (
            "school.csv",
            "001508,\"A\tB\",".into(),
            vec![(3, "school", "A\tB", Rule::ControlCharacter)],
        ),
        (
            "school.csv",
            "001508,A\0B,".into(),
            vec![(3, "school", "A\0B", Rule::ControlCharacter)],
        ),
        ("school.csv", "001508".into(), vec![(3, "", "", Rule::CellCount)]),
        (
            "school.csv",
            "001508,\"De\" Zon,".into(),
            vec![(3, "", "", Rule::QuoteForm)],
        ),
        (
            "school.csv",
            "001508,\"De Zon,".into(),
            vec![(3, "", "", Rule::QuoteForm)],
        ),
        (
            "schoolvest.csv",
            "001507,1,21,X,,1,".into(),
            vec![(3, "hfdstructuur", "21", Rule::HfdstructuurForm)],
        ),
        (
            "schoolvest.csv",
            "001507,2,211,X,,ja,".into(),
            vec![(3, "actief", "ja", Rule::BooleanForm)],
        ),
        (
            "schoolvest.csv",
            "001507,01,211,X,,1,".into(),
            vec![(
                3,
                "instelnr, vestnrdiscimus, hfdstructuur",
                "001507, 01, 211",
                Rule::DuplicateKey,
            )],
        ),
        (
            "schoolvest.csv",
            "001508,1,211,X,,1,".into(),
            vec![(3, "instelnr", "001508", Rule::UnknownReference)],
        ),
        (
            "persoon.csv",
            format!("3,{id1},,,,"),
            vec![(4, "rowguid", id1, Rule::NotUnique)],
        ),
        (
            "persoon.csv",
            "x,x,,,,x".into(),
            vec![
                (4, "p_persoon", "x", Rule::IntegerForm),
                (4, "rowguid", "x", Rule::UuidForm),
                (4, "changed", "x", Rule::TimestampForm),
            ],
        ),
        (
            "inschrijving.csv",
            "12,9,001507,2,211,2027-28,2026-09-01,,3000000000,".into(),
            vec![
                (3, "status", "3000000000", Rule::OutOfRange),
                (3, "p_persoon", "9", Rule::UnknownReference),
                (
                    3,
                    "instelnr, vestnrdiscimus, hfdstructuur",
                    "001507, 2, 211",
                    Rule::UnknownReference,
                ),
                (3, "schooljaar", "2027-28", Rule::UnknownReference),
            ],
        ),
        (
            "klassen.csv",
            format!("22,00000000-0000-0000-0000-000000000021,{SITE},2026-27,,,0,"),
            vec![
                (3, "klascode", "", Rule::Required),
                (
                    3,
                    "schooljaar, scoodle_id",
                    "2026-27, 00000000-0000-0000-0000-000000000021",
                    Rule::NotUnique,
                ),
            ],
        ),
        (
            "inschrklas.csv",
            "32,12,22,2026-09-01,,".into(),
            vec![
                (3, "p_inschr", "12", Rule::UnknownReference),
                (3, "p_klas", "22", Rule::UnknownReference),
            ],
        ),
        (
            "opdracht.csv",
            "44,2,001507,7,,,,".into(),
            vec![(
                4,
                "instelnr, vestnrdiscimus, hfdstructuur",
                "001507, 7, ",
                Rule::UnknownReference,
            )],
        ),
        (
            "opdracht.csv",
            "44,2,001507,,311,,,".into(),
            vec![(
                4,
                "instelnr, vestnrdiscimus, hfdstructuur",
                "001507, , 311",
                Rule::UnknownReference,
            )],
        ),
        (
            "klasfunctiepersoon.csv",
            "52,9,21,2,,,".into(),
            vec![(3, "p_persoon", "9", Rule::UnknownReference)],
        ),
    ];
    for (file, row, expected) in cases {
        let mut files = school();
        writeln!(files.get_mut(file).unwrap(), "{row}").unwrap();
        let faults = import(&database.pool, "t", &files).await.unwrap_err();
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(line, column, value, rule)| (file, line, column, value, rule))
            .collect();
        assert_eq!(places(&faults), expected, "{file}: {row:?}");
    }
    assert_eq!(version(&database.pool, "t").await, 1);
}

#[tokio::test]
async fn a_faulty_row_is_no_fault_of_the_rows_that_refer_to_it() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    let mut files = school();
    let persons = files.get_mut("persoon.csv").unwrap();
    *persons = persons.replace("2015-02-28", "2015-02-30");
    let faults = import(&database.pool, "t", &files).await.unwrap_err();
    assert_eq!(
        places(&faults),
        [("persoon.csv", 2, "geboortedatum", "2015-02-30", Rule::DateForm)]
    );

    // Neither is a file that cannot be read at all.
    files.insert(
        "persoon.csv",
        "p_persoon,rowguid,naam,voornaam,changed\n".to_owned(),
    );
    let faults = import(&database.pool, "t", &files).await.unwrap_err();
    assert_eq!(
        places(&faults),
        [("persoon.csv", 1, "geboortedatum", "", Rule::MissingColumn)]
    );
}

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
async fn a_full_bundle_takes_verwijderd_for_any_other_column() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    let mut files = only(&["school.csv"]);
    files.insert(
        "school.csv",
        "instelnr,school,schoolcode,verwijderd\n001507,X,,1\n".to_owned(),
    );
    assert_eq!(import(&database.pool, "t", &files).await.unwrap().inserted, 1);
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
        faults[0].message.contains("inschrklas p_inschrklas = 31 "),
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
        faults[1].message.contains("opdracht p_opdracht = 41 and 1 more"),
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

#[tokio::test]
async fn tenants_with_the_same_keys_never_touch_each_other() {
    let database = database().await;
    for tenant in ["a", "b"] {
        add_tenant(&database.pool, tenant).await;
        import(&database.pool, tenant, &school()).await.unwrap();
    }
    let of_a = mirror(&database.pool, "a").await;
    let mut files = school();
    files
        .get_mut("persoon.csv")
        .unwrap()
        .push_str("3,00000000-0000-0000-0000-000000000003,Claes,An,,\n");
    for name in ["inschrklas.csv", "klasfunctiepersoon.csv", "opdracht.csv"] {
        let header = files[name].lines().next().unwrap().to_owned();
        files.insert(name, header);
    }
    let loaded = import(&database.pool, "b", &files).await.unwrap();
    assert_eq!((loaded.inserted, loaded.deleted), (1, 4));
    assert_eq!(mirror(&database.pool, "a").await, of_a);
    assert_eq!(
        (
            version(&database.pool, "a").await,
            version(&database.pool, "b").await
        ),
        (1, 2)
    );

    // What only another tenant has does not exist.
    let mut delta = Files::new();
    delta.insert(
        "opdracht.csv",
        school()["opdracht.csv"].replace(",2,001507", ",3,001507"),
    );
    assert_eq!(
        import_delta(&database.pool, "a", &delta).await.unwrap_err().len(),
        2
    );
}

#[tokio::test]
async fn separators_marks_line_ends_and_order_do_not_matter() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    import(&database.pool, "t", &school()).await.unwrap();
    let semicolons = |files: &Files| -> Files {
        files
            .iter()
            .map(|(name, text)| (*name, text.replace(',', ";")))
            .collect()
    };
    let windows = |files: &Files| -> Files {
        files
            .iter()
            .map(|(name, text)| (*name, format!("\u{feff}{}", text.replace('\n', "\r\n"))))
            .collect()
    };
    let turned = |files: &Files| -> Files {
        let turn = |line: &str| {
            format!(
                " {} , extra\n",
                line.to_uppercase()
                    .split(',')
                    .rev()
                    .collect::<Vec<_>>()
                    .join(" ,")
            )
        };
        files
            .iter()
            .map(|(name, text)| {
                let mut lines = text.lines();
                let header = turn(lines.next().unwrap());
                let rows = lines.map(|line| {
                    format!(
                        "\"{}\",x\n",
                        line.split(',').rev().collect::<Vec<_>>().join("\",\"")
                    )
                });
                (*name, header + &rows.collect::<String>())
            })
            .collect()
    };
    for files in [
        semicolons(&school()),
        windows(&school()),
        windows(&semicolons(&school())),
        turned(&school()),
    ] {
        let loaded = import(&database.pool, "t", &files).await.unwrap();
        assert!(!loaded.changed(), "{loaded:?} of {files:?}");
    }
}

#[tokio::test]
async fn lines_are_counted_as_an_editor_shows_them() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    let mut files = only(&["school.csv"]);
    files.insert(
        "school.csv",
        "instelnr,school,schoolcode,extra\r\n001507,X,,\"three\r\nlines\r\nhere\"\r\n\r\n1,X,,\r\n"
            .to_owned(),
    );
    let faults = import(&database.pool, "t", &files).await.unwrap_err();
    assert_eq!(
        places(&faults),
        [("school.csv", 6, "instelnr", "1", Rule::InstelnrForm)]
    );

    let folder = folder(&files);
    std::fs::write(
        folder.path().join("school.csv"),
        b"instelnr,school,schoolcode\r\n001507,Sint-Jozef,\r\n001508,Caf\xE9,\r\n",
    )
    .unwrap();
    let faults = import_with(&database.pool, "t", folder.path(), Mode::Full, false)
        .await
        .unwrap_err();
    assert_eq!(places(&faults), [("school.csv", 3, "", "", Rule::NotUtf8)]);
}

fn zip(path: &Path, files: &[(&str, &str)]) {
    let mut archive = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, text) in files {
        archive
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
}

#[tokio::test]
async fn a_zip_is_read_like_a_folder() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    let school = school();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.ZIP");
    let flat: Vec<_> = school.iter().map(|(name, text)| (*name, text.as_str())).collect();
    zip(&path, &flat);
    assert_eq!(
        import_with(&database.pool, "t", &path, Mode::Full, false)
            .await
            .unwrap()
            .inserted,
        11
    );

    let names: Vec<String> = school.keys().map(|name| format!("export/{name}")).collect();
    let mut nested: Vec<_> = names
        .iter()
        .zip(school.values())
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    nested.push(("__MACOSX/export/._school.csv", "x"));
    zip(&path, &nested);
    assert!(
        !import_with(&database.pool, "t", &path, Mode::Full, false)
            .await
            .unwrap()
            .changed()
    );

    zip(
        &path,
        &[
            ("a/school.csv", &school["school.csv"]),
            ("../schooljaar.csv", "x"),
        ],
    );
    let faults = import_with(&database.pool, "t", &path, Mode::Full, false)
        .await
        .unwrap_err();
    let rules: Vec<_> = faults
        .iter()
        .map(|fault| (fault.file.as_str(), fault.rule))
        .collect();
    assert_eq!(
        rules,
        [
            ("a/school.csv", Rule::ZipPath),
            ("../schooljaar.csv", Rule::ZipPath)
        ]
    );
}

#[tokio::test]
async fn what_is_no_bundle_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.zip");
    std::fs::write(&path, "not a zip").unwrap();
    let error = Bundle::read(&path, Mode::Full, |_| ()).unwrap_err();
    assert!(error.to_string().contains("cannot read the archive"), "{error}");
    let error = Bundle::read(&folder.path().join("nowhere"), Mode::Full, |_| ()).unwrap_err();
    assert!(error.to_string().contains("cannot open the bundle"), "{error}");
    std::fs::write(folder.path().join("school.csv"), "").unwrap();
    let error = Bundle::read(&folder.path().join("school.csv"), Mode::Full, |_| ()).unwrap_err();
    assert!(
        error.to_string().contains("must be a folder or a .zip file"),
        "{error}"
    );

    let rules = |path: &Path| -> Vec<Rule> {
        Bundle::read(path, Mode::Full, |_| ())
            .unwrap()
            .faults()
            .list()
            .iter()
            .map(|fault| fault.rule)
            .collect()
    };
    assert_eq!(rules(folder.path()), [Rule::EmptyFile]);
    std::fs::remove_file(folder.path().join("school.csv")).unwrap();
    assert_eq!(rules(folder.path()), [Rule::NoKnownFile]);
    std::fs::create_dir(folder.path().join("school.csv")).unwrap();
    assert_eq!(rules(folder.path()), [Rule::Unreadable]);
    std::fs::write(folder.path().join("SCHOOL.CSV"), "").unwrap();
    assert!(rules(folder.path()).contains(&Rule::DuplicateFile));
    for number in 0..100 {
        std::fs::write(folder.path().join(format!("{number}.txt")), "").unwrap();
    }
    assert!(rules(folder.path()).contains(&Rule::TooManyFiles));
}

#[tokio::test]
async fn at_most_a_thousand_faults_are_kept_and_the_others_counted() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    let mut files = school();
    for key in 100..1600 {
        writeln!(
            files.get_mut("klasfunctiepersoon.csv").unwrap(),
            "{key},9,21,2,,,"
        )
        .unwrap();
    }
    let folder = folder(&files);
    let bundle = Bundle::read(folder.path(), Mode::Full, |_| ()).unwrap();
    let mut transaction = database.pool.begin().await.unwrap();
    let Err(Error::Refused(faults)) = load(&mut transaction, "t", &bundle, Options::default()).await else {
        panic!("must be refused")
    };
    assert_eq!((faults.list().len(), faults.left_off()), (1000, 500));
}

#[tokio::test]
async fn a_manifest_that_does_not_fit_is_refused() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    let mut files = only(&["school.csv"]);
    files.insert(
        "manifest.csv",
        "bestand,rijen\nschool.csv,2\npersoon.csv,5\nschool.csv,1\nx,-1\n".to_owned(),
    );
    let faults = import(&database.pool, "t", &files).await.unwrap_err();
    let expected = [
        ("manifest.csv", 4, "bestand", "school.csv", Rule::DuplicateKey),
        ("manifest.csv", 5, "rijen", "-1", Rule::OutOfRange),
        ("manifest.csv", 2, "rijen", "2", Rule::RowCount),
        ("manifest.csv", 3, "bestand", "persoon.csv", Rule::MissingFile),
    ];
    let mut found = places(&faults);
    for place in expected {
        let index = found
            .iter()
            .position(|other| *other == place)
            .unwrap_or_else(|| panic!("{place:?} in {found:?}"));
        found.remove(index);
    }
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test]
async fn a_bundle_older_than_the_last_is_refused_unless_forced() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    let made_at = |time: &str| {
        let mut files = only(&["school.csv"]);
        files.insert(
            "manifest.csv",
            format!("bestand;rijen\ngemaakt_op;{time}\nschool.csv;1\n"),
        );
        files
    };
    import(&database.pool, "t", &made_at("2026-01-02T00:00:00Z"))
        .await
        .unwrap();
    import(&database.pool, "t", &only(&["school.csv"])).await.unwrap();
    import(&database.pool, "t", &made_at("2026-01-02T01:00:00+01:00"))
        .await
        .unwrap();
    let older = made_at("2026-01-02T00:59:59+01:00");
    let faults = import(&database.pool, "t", &older).await.unwrap_err();
    assert_eq!(
        places(&faults),
        [(
            "manifest.csv",
            2,
            "rijen",
            "2026-01-01T23:59:59+00:00",
            Rule::OlderThanLastLoad
        )]
    );
    import_with(&database.pool, "t", folder(&older).path(), Mode::Full, true)
        .await
        .unwrap();
    let faults = import(&database.pool, "t", &made_at("2999-01-01T00:00:00Z"))
        .await
        .unwrap_err();
    assert_eq!(faults[0].rule, Rule::ExtractedInFuture);
}

#[tokio::test]
async fn two_imports_at_once_follow_each_other() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    let school = school();
    let mut other = school.clone();
    other
        .get_mut("persoon.csv")
        .unwrap()
        .push_str("3,00000000-0000-0000-0000-000000000003,Claes,An,,\n");
    let imports = (0..6).map(|number| {
        import(
            &database.pool,
            "t",
            if number % 2 == 0 { &school } else { &other },
        )
    });
    for result in futures_util::future::join_all(imports).await {
        result.unwrap();
    }
    let changes: i64 = sqlx::query_scalar("select count(*) from informat.lading where gewijzigd")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(version(&database.pool, "t").await, changes);
}

fn oneroster(url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oneroster"));
    command
        .env("DATABASE_URL", url)
        .args(arguments)
        .stdin(Stdio::null());
    command
}

fn run_import(url: &str, path: &Path, arguments: &[&str]) -> (Output, serde_json::Value) {
    let output = oneroster(url, &["import", "--tenant", "t", "--json"])
        .arg(path)
        .args(arguments)
        .output()
        .unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output, report)
}

#[tokio::test]
async fn the_command_reports_in_the_agreed_shape() {
    let database = database().await;
    let bundle = folder(&school());
    let (output, _) = run_import(&database.url, bundle.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no tenant \"t\""));

    let configuration = serde_json::json!({
        "id": "t", "name": "T", "active_school_year": "2026-27", "team_name_format": "{klas}",
        "username_format": "{voornaam}", "schools": [{"instelnr": "001507", "sites": [{"vestnr": 2}]}]
    });
    sqlx::query("insert into tenant.tenant (tenant_id, configuration) values ('t', $1)")
        .bind(configuration)
        .execute(&database.pool)
        .await
        .unwrap();
    let (output, report) = run_import(&database.url, bundle.path(), &["--dry-run"]);
    assert_eq!(
        (output.status.code(), &report["accepted"], &report["inserted"]),
        (Some(0), &true.into(), &11.into())
    );
    assert_eq!(
        mirror(&database.pool, "t").await,
        Mirror::default(),
        "a dry run keeps nothing"
    );
    assert_eq!(version(&database.pool, "t").await, 0);

    let (output, report) = run_import(&database.url, bundle.path(), &[]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        (&report["accepted"], &report["rows"]["persoon.csv"]),
        (&true.into(), &2.into())
    );
    assert!(report["usernames_created"].is_u64() && report["faults"] == serde_json::json!([]));
    assert_eq!(report["unnamed_sites"][0]["vestnrdiscimus"], 1);
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("site 1, structure 211 of school 001507 (Dorp)")
    );
    assert_eq!(mirror(&database.pool, "t").await.persoon.len(), 2);

    let mut files = school();
    files.get_mut("school.csv").unwrap().push_str("1,Te kort,\n");
    let (output, report) = run_import(&database.url, folder(&files).path(), &[]);
    assert_eq!(
        (output.status.code(), &report["accepted"]),
        (Some(1), &false.into())
    );
    let fault = serde_json::json!({
        "file": "school.csv", "line": 3, "column": "instelnr", "value": "1", "rule": "instelnr-form",
        "message": "must be 6 digits; leading zeros count"
    });
    assert_eq!(report["faults"], serde_json::json!([fault]));
}

/// The command is held in the middle of its merge by a lock, killed there, and leaves what was there before.
#[tokio::test]
async fn an_import_killed_in_the_middle_leaves_the_mirror_as_it_was() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    import(&database.pool, "t", &school()).await.unwrap();
    let before = mirror(&database.pool, "t").await;
    let mut files = school();
    for key in 100..5000 {
        writeln!(
            files.get_mut("persoon.csv").unwrap(),
            "{key},00000000-0000-0000-0000-{key:012},,,,"
        )
        .unwrap();
    }
    let bundle = folder(&files);

    // The last table of a bundle: by then all others are merged.
    let mut holder = database.pool.begin().await.unwrap();
    sqlx::query("lock table informat.klasfunctiepersoon in exclusive mode")
        .execute(&mut *holder)
        .await
        .unwrap();
    let mut child = oneroster(&database.url, &["import", "--tenant", "t"])
        .arg(bundle.path())
        .spawn()
        .unwrap();
    let waiting =
        "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let backend: i32 = loop {
        match sqlx::query_scalar(waiting)
            .fetch_optional(&database.pool)
            .await
            .unwrap()
        {
            Some(pid) => break pid,
            None => assert_eq!(
                child.try_wait().unwrap(),
                None,
                "the import must wait for the lock"
            ),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    child.kill().unwrap();
    child.wait().unwrap();
    holder.rollback().await.unwrap();
    let alive = "select count(*) from pg_stat_activity where pid = $1";
    while sqlx::query_scalar::<_, i64>(alive)
        .bind(backend)
        .fetch_one(&database.pool)
        .await
        .unwrap()
        > 0
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    assert_eq!(mirror(&database.pool, "t").await, before);
    assert_eq!(version(&database.pool, "t").await, 1);
    assert_eq!(
        import(&database.pool, "t", &files).await.unwrap().inserted,
        4900,
        "and it can be run again"
    );
}
