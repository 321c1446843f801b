//! A school group for tests: schools of one site each, with pupils in classes of ten and a teacher for each class.

use std::fmt::Write;

use crate::harness::as_server;
use chrono::{Days, NaiveDate};
use oneroster::accounts::records;
use oneroster::tenants;
use oneroster_school::tenant::{Configuration, file};
use sqlx::PgPool;

use super::school::School;

/// How large a group, and when its year is.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) schools: u32,
    /// Of each school.
    pub(crate) pupils: u32,
    /// First and last day of the active year 2026-27, in days from today.
    pub(crate) year: (i64, i64),
}

impl Shape {
    /// Twelve schools of thirty pupils, in the middle of the year.
    pub(crate) const TWELVE: Self = Self {
        schools: 12,
        pupils: 30,
        year: (-60, 200),
    };
    /// Three schools in the middle of August: the year is over, the next one starts in 17 days.
    pub(crate) const AUGUST: Self = Self {
        schools: 3,
        pupils: 40,
        year: (-347, -46),
    };
}

/// First day of the next year, in days from today, in [`Shape::AUGUST`].
pub(crate) const NEXT_YEAR_IN_DAYS: i64 = 17;

/// Institution number of a school, counted from 1.
pub(crate) fn instelnr(school: u32) -> String {
    format!("{}", 100_000 + school)
}

/// Id of a school's org.
pub(crate) fn org(school: u32) -> String {
    format!("{}-1", instelnr(school))
}

/// `rowguid` of a pupil, counted from 1 in each school.
pub(crate) fn pupil(school: u32, number: u32) -> String {
    format!("00000000-0000-4000-8000-{:012}", school * 1000 + number)
}

/// The tenant file; `domain_mode` is a line of it.
pub(crate) fn tenant_file(tenant_id: &str, schools: u32, lines: &str) -> Configuration {
    let mut text = format!(
        r#"
id = "{tenant_id}"
name = "Scholengroep {tenant_id}"
active_school_year = "2026-27"
team_name_format = "{{schoolyear}} {{klas}} - {{vestiging}}"
username_format = "{{voornaam}}.{{familienaam}}"
{lines}
"#
    );
    for school in 1..=schools {
        let instelnr = instelnr(school);
        write!(
            text,
            r#"
[[schools]]
instelnr = "{instelnr}"
teacher_domain = "school.example"
[[schools.sites]]
vestnr = 1
sync_default = true
pupil_domain = "leerling{school}.example"
"#
        )
        .unwrap();
    }
    file::parse(&text).unwrap()
}

/// Stores a configuration and allocates the usernames it calls for, as `tenant apply` does.
pub(crate) async fn apply(pool: &PgPool, configuration: &Configuration) -> Result<(), tenants::Error> {
    let mut transaction = pool.begin().await.unwrap();
    tenants::apply(&mut transaction, configuration, false).await?;
    records::allocate(&mut transaction, &configuration.id)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    Ok(())
}

/// Makes the group, its usernames allocated and released, nothing published yet.
pub(crate) async fn group(pool: &PgPool, tenant_id: &str, shape: Shape) -> School {
    let configuration = tenant_file(tenant_id, shape.schools, "");
    apply(pool, &configuration).await.unwrap();
    let school = School {
        pool: pool.clone(),
        server: as_server(pool),
        tenant_id: tenant_id.to_owned(),
    };
    let (begin, end) = (day(&school, shape.year.0).await, day(&school, shape.year.1).await);
    let Shape { schools, pupils, .. } = shape;
    let classes = pupils.div_ceil(10);
    school
        .change(&format!(
            "insert into informat.schooljaar (tenant_id, schooljaar, begindatum, einddatum)
                 values ($1, '2026-27', '{begin}', '{end}');
             insert into informat.school (tenant_id, instelnr, school)
                 select $1, (100000 + s)::text, 'School ' || s from generate_series(1, {schools}) s;
             insert into informat.schoolvest
                 (tenant_id, instelnr, vestnrdiscimus, hfdstructuur, vestiging, actief)
                 select $1, (100000 + s)::text, 1, '311', 'Site ' || s, true from generate_series(1, {schools}) s;
             insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam)
                 select $1, k, ('00000000-0000-4000-8000-' || lpad(k::text, 12, '0'))::uuid, 'Naam' || k, 'Noor'
                 from generate_series(1, {schools}) s, generate_series(1, {pupils}) i, lateral (select s * 1000 + i) x (k);
             insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam)
                 select $1, k, ('00000000-0000-4000-8000-' || lpad(k::text, 12, '0'))::uuid, 'Leraar' || k, 'Noor'
                 from generate_series(1, {schools}) s, generate_series(1, {classes}) c, lateral (select s * 1000 + 900 + c) x (k);
             insert into informat.opdracht (tenant_id, p_opdracht, p_persoon, instelnr)
                 select $1, k, k, (100000 + s)::text
                 from generate_series(1, {schools}) s, generate_series(1, {classes}) c, lateral (select s * 1000 + 900 + c) x (k)"
        ))
        .await;
    fill_year(&school, shape, "2026-27", begin, 0).await;
    let mut transaction = pool.begin().await.unwrap();
    records::allocate(&mut transaction, tenant_id).await.unwrap();
    transaction.commit().await.unwrap();
    school
}

/// Enters every pupil of the group for the next year, 2027-28, in classes of that year.
pub(crate) async fn next_year(school: &School, shape: Shape) {
    let begin = day(school, NEXT_YEAR_IN_DAYS).await;
    let end = day(school, NEXT_YEAR_IN_DAYS + 302).await;
    school
        .change(&format!(
            "insert into informat.schooljaar (tenant_id, schooljaar, begindatum, einddatum)
                 values ($1, '2027-28', '{begin}', '{end}')"
        ))
        .await;
    fill_year(school, shape, "2027-28", begin, 500_000).await;
}

/// Registrations, classes, memberships and class teachers of a year; `offset` keeps the keys of years apart.
async fn fill_year(school: &School, shape: Shape, year: &str, begin: NaiveDate, offset: u32) {
    let Shape { schools, pupils, .. } = shape;
    let classes = pupils.div_ceil(10);
    school
        .change(&format!(
            "insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, begindatum, status)
                 select $1, k + {offset}, k, (100000 + s)::text, 1, '311', '{year}', '{begin}', 0
                 from generate_series(1, {schools}) s, generate_series(1, {pupils}) i, lateral (select s * 1000 + i) x (k);
             insert into informat.klassen (tenant_id, p_klas, scoodle_id, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, klascode, klas, groeptype)
                 select $1, k + {offset}, ('00000000-0000-4000-9000-' || lpad((k + {offset})::text, 12, '0'))::uuid,
                        (100000 + s)::text, 1, '311', '{year}', 'K' || c, 'Klas ' || c, 0
                 from generate_series(1, {schools}) s, generate_series(1, {classes}) c, lateral (select s * 1000 + c) x (k);
             insert into informat.inschrklas (tenant_id, p_inschrklas, p_inschr, p_klas, vandatum)
                 select $1, k + {offset}, k + {offset}, s * 1000 + (i - 1) / 10 + 1 + {offset}, '{begin}'
                 from generate_series(1, {schools}) s, generate_series(1, {pupils}) i, lateral (select s * 1000 + i) x (k);
             insert into informat.klasfunctiepersoon
                 (tenant_id, p_klasfunctiepersoon, p_persoon, p_klas, p_klasfunctie)
                 select $1, k + {offset}, s * 1000 + 900 + c, k + {offset}, 2
                 from generate_series(1, {schools}) s, generate_series(1, {classes}) c, lateral (select s * 1000 + c) x (k)"
        ))
        .await;
}

/// The day so many days from today.
pub(crate) async fn day(school: &School, days: i64) -> NaiveDate {
    let today = school.today().await;
    if days < 0 {
        today - Days::new(days.unsigned_abs())
    } else {
        today + Days::new(days.unsigned_abs())
    }
}

/// Takes the registrations of a school's pupils from `first` on out of the mirror, as a truncated export does.
pub(crate) async fn truncate(school: &School, of_school: u32, first: u32) {
    let from = of_school * 1000 + first;
    let until = of_school * 1000 + 900;
    school
        .change(&format!(
            "delete from informat.inschrklas where tenant_id = $1 and p_inschr % 500000 between {from} and {until};
             delete from informat.inschrijving where tenant_id = $1 and p_inschr % 500000 between {from} and {until}"
        ))
        .await;
}

/// Takes back [`truncate`] of a whole school for the year 2026-27, as the full export of the next morning does.
pub(crate) async fn restore(school: &School, shape: Shape, of_school: u32) {
    let begin = day(school, shape.year.0).await;
    let pupils = shape.pupils;
    school
        .change(&format!(
            "insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, begindatum, status)
                 select $1, k, k, (100000 + {of_school})::text, 1, '311', '2026-27', '{begin}', 0
                 from generate_series(1, {pupils}) i, lateral (select {of_school} * 1000 + i) x (k)
                 on conflict do nothing;
             insert into informat.inschrklas (tenant_id, p_inschrklas, p_inschr, p_klas, vandatum)
                 select $1, k, k, {of_school} * 1000 + (i - 1) / 10 + 1, '{begin}'
                 from generate_series(1, {pupils}) i, lateral (select {of_school} * 1000 + i) x (k)
                 on conflict do nothing"
        ))
        .await;
}
