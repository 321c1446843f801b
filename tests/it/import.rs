//! Importing a bundle: what is loaded, what is refused, and that a refusal changes nothing.

#![cfg(test)]

mod again;
mod bundle;
mod command;
mod delta;
mod put;
mod references;
mod slow;
mod watch;

use std::collections::BTreeMap;
use std::path::Path;

use oneroster::db::scope;
use oneroster::mirror::load::{Error, Options};
use oneroster::mirror::{Acceptance, Bundle, Fault, Loaded, Mode, Rule, load, read};
use oneroster_school::door::Guard;
use oneroster_school::informat::Mirror;
use sqlx::PgPool;
use tempfile::TempDir;

use crate::harness::{as_server, database};

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
    let mut transaction = scope::begin(&as_server(pool), tenant_id).await.unwrap();
    let accepted = if force { Guard::ALL.as_slice() } else { &[] };
    let acceptance = Acceptance::new(accepted.iter().copied(), "test");
    let options = Options {
        acceptance: &acceptance,
        ..Options::default()
    };
    match load(&mut transaction, tenant_id, &bundle, options).await {
        Ok(loaded) => {
            transaction.commit().await.unwrap();
            Ok(loaded)
        }
        Err(Error::Refused(refusal)) => Err(refusal.faults.list().to_vec()),
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
    let mut transaction = scope::begin(&as_server(pool), tenant_id).await.unwrap();
    read(&mut transaction, tenant_id).await.unwrap()
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
