//! A tenant with as many pupils as a test wants, made by statements: the first so many have a family name of their own.

use std::fmt::Write;

use chrono::Days;
use oneroster::accounts::records;
use oneroster::db::scope;
use oneroster::tenants;
use oneroster_school::tenant::{Configuration, file};
use sqlx::PgPool;

use crate::harness::as_server;
use crate::harness::school::School;

/// The family name of the first ones.
pub(crate) const FAMILY: &str = "Zeebroek";

/// Makes a tenant with these schools and sites, without anybody.
pub(crate) async fn tenant_of(pool: &PgPool, tenant_id: &str, schools: &[(&str, &[i32])]) -> School {
    let mut text = format!(
        r#"
id = "{tenant_id}"
name = "Scholengroep {tenant_id}"
active_school_year = "2026-27"
team_name_format = "{{klas}}"
username_format = "{{voornaam}}.{{familienaam}}"
"#
    );
    for (school, sites) in schools {
        write!(text, "[[schools]]\ninstelnr = \"{school}\"\n").unwrap();
        for site in *sites {
            write!(text, "[[schools.sites]]\nvestnr = {site}\n").unwrap();
        }
    }
    let configuration: Configuration = file::parse(&text).unwrap();
    let server = as_server(pool);
    let mut transaction = scope::begin(&server, tenant_id).await.unwrap();
    tenants::apply(&mut transaction, &configuration, false)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    School {
        pool: pool.clone(),
        server,
        tenant_id: tenant_id.to_owned(),
    }
}

/// Makes a tenant of `all` pupils, 25 in a class, of whom the first `named` are called [`FAMILY`].
pub(crate) async fn crowd(pool: &PgPool, tenant_id: &str, all: i32, named: i32) -> School {
    let school = tenant_of(pool, tenant_id, &[("001507", &[1])]).await;
    let today = school.today().await;
    let (begin, end) = (today - Days::new(60), today + Days::new(200));
    school
        .change(&format!(
            "insert into informat.schooljaar (tenant_id, schooljaar, begindatum, einddatum)
                 values ($1, '2026-27', '{begin}', '{end}');
             insert into informat.school (tenant_id, instelnr, school) values ($1, '001507', 'Zandpoort');
             insert into informat.schoolvest (tenant_id, instelnr, vestnrdiscimus, hfdstructuur, vestiging, actief)
                 values ($1, '001507', 1, '311', 'Markt', true);
             insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam, geboortedatum)
                 select $1, n, ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
                        case when n <= {named} then '{FAMILY}' else 'Naam' || n % 900 end, 'Kind' || n,
                        date '2010-01-01' + n % 2000
                 from generate_series(1, {all}) n;
             insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus, hfdstructuur,
                                                schooljaar, begindatum, status)
                 select $1, n, n, '001507', 1, '311', '2026-27', '{begin}', 0 from generate_series(1, {all}) n;
             insert into informat.klassen (tenant_id, p_klas, scoodle_id, instelnr, vestnrdiscimus, hfdstructuur, schooljaar,
                                           klascode, klas, groeptype)
                 select $1, n, ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, '001507', 1, '311', '2026-27',
                        'K' || n, 'Klas ' || n, 0
                 from generate_series(1, {all} / 25 + 1) n;
             insert into informat.inschrklas (tenant_id, p_inschrklas, p_inschr, p_klas, vandatum)
                 select $1, n, n, n / 25 + 1, '{begin}' from generate_series(1, {all}) n"
        ))
        .await;
    allocate(&school).await;
    school
}

/// Gives everybody a username who has none, as an import does.
pub(crate) async fn allocate(school: &School) {
    let mut transaction = scope::begin(&school.server, &school.tenant_id).await.unwrap();
    records::allocate(&mut transaction, &school.tenant_id)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}
