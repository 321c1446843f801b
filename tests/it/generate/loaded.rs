//! A generated group passes the import as it is, and arrives whole.

use oneroster::db::scope;
use oneroster::mirror::load::Options;
use oneroster::mirror::{Bundle, Mode, load, read};
use oneroster_generate::{CaseName, school_group, write};
use oneroster_school::tenant::file;
use oneroster_school::text::clean;

use super::options;
use crate::harness::{TestDatabase, database};

#[tokio::test]
async fn a_generated_bundle_is_imported_without_a_fault_and_read_back_as_it_was_made() {
    let group = school_group(&options(500, 6));
    let folder = tempfile::tempdir().unwrap();
    write(&group, folder.path()).unwrap();
    let TestDatabase { pool, server, .. } = database().await;
    sqlx::query(
        "insert into tenant.tenant (tenant_id, configuration) values ('demo', '{\"id\": \"demo\"}'::jsonb)",
    )
    .execute(&pool)
    .await
    .unwrap();
    let bundle = Bundle::read(folder.path(), Mode::Full, |_| ()).unwrap();
    let mut transaction = scope::begin(&server, "demo").await.unwrap();
    load(&mut transaction, "demo", &bundle, Options::default())
        .await
        .unwrap();
    let mirror = read(&mut transaction, "demo").await.unwrap();
    // Table by table: a difference is easier to find.
    assert_eq!(mirror.schooljaar, group.tables.schooljaar);
    assert_eq!(mirror.school, group.tables.school);
    assert_eq!(mirror.schoolvest, group.tables.schoolvest);
    // Healthy names are kept composed: some systems export their letters and accents apart.
    let mut people = group.tables.persoon.clone();
    for name in people
        .iter_mut()
        .flat_map(|person| [&mut person.naam, &mut person.voornaam])
    {
        *name = name.as_deref().map(|text| clean(text).into_owned());
    }
    assert!(people != group.tables.persoon, "no name with its accents apart");
    assert!(mirror.persoon == people, "people differ");
    assert_eq!(mirror.inschrijving, group.tables.inschrijving);
    assert_eq!(mirror.klassen, group.tables.klassen);
    assert_eq!(mirror.inschrklas, group.tables.inschrklas);
    assert_eq!(mirror.opdracht, group.tables.opdracht);
    assert_eq!(mirror.klasfunctiepersoon, group.tables.klasfunctiepersoon);
}

/// R3, R20, R21: what is published, what is not, and where new names wait.
#[test]
fn the_tenant_file_is_accepted_and_publishes_every_site_but_three() {
    let group = school_group(&options(500, 6));
    let configuration = file::parse(&group.tenant_file).unwrap();
    let published: Vec<String> = oneroster_school::informat::published_rows::PublishedRows::new(
        &group.tables.schoolvest,
        &configuration,
    )
    .iter()
    .map(|row| row.org_id.clone())
    .collect();
    for name in [
        CaseName::ExcludedSite,
        CaseName::UnnamedSite,
        CaseName::ClosedSite,
    ] {
        assert!(!published.contains(&group.case(name)[0]), "{name:?}");
    }
    assert!(published.contains(&group.case(CaseName::UnreleasedSite)[0]));
    assert_eq!(published.len(), group.tables.schoolvest.len() - 3);
    let warnings = file::warnings(&configuration);
    assert!(
        warnings.iter().all(|warning| warning.contains("sync_default")),
        "{warnings:?}"
    );
    // Every domain is there, so that the mode can be switched without looking for them.
    let other_mode = group
        .tenant_file
        .replace("domain_mode = \"microsoft\"", "domain_mode = \"informat\"");
    assert_ne!(other_mode, group.tenant_file);
    file::parse(&other_mode).unwrap();
}
