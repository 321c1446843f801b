//! Reads the mirror of a tenant, in the types the projection takes.

use futures_util::TryStreamExt;
use oneroster_school::informat::{
    Inschrijving, Inschrklas, Klas, Klasfunctiepersoon, Mirror, Opdracht, Persoon, School, Schooljaar,
    Schoolvest,
};
use sqlx::PgConnection;
use uuid::Uuid;

/// Reads all nine tables of a tenant, each in the order of its key.
///
/// Nine statements: for one state of the mirror, hand in a transaction of isolation `repeatable read`.
pub async fn read(connection: &mut PgConnection, tenant_id: &str) -> Result<Mirror, sqlx::Error> {
    Ok(Mirror {
        schooljaar: schooljaar(connection, tenant_id).await?,
        school: school(connection, tenant_id).await?,
        schoolvest: schoolvest(connection, tenant_id).await?,
        persoon: persoon(connection, tenant_id).await?,
        inschrijving: inschrijving(connection, tenant_id).await?,
        klassen: klassen(connection, tenant_id).await?,
        inschrklas: inschrklas(connection, tenant_id).await?,
        opdracht: opdracht(connection, tenant_id).await?,
        klasfunctiepersoon: klasfunctiepersoon(connection, tenant_id).await?,
    })
}

/// Reads what says who is where: school years, sites, persons, registrations and assignments. The other tables are empty.
///
/// Five statements: see [`read`].
pub async fn read_people(connection: &mut PgConnection, tenant_id: &str) -> Result<Mirror, sqlx::Error> {
    Ok(Mirror {
        schooljaar: schooljaar(connection, tenant_id).await?,
        schoolvest: schoolvest(connection, tenant_id).await?,
        persoon: persoon(connection, tenant_id).await?,
        inschrijving: inschrijving(connection, tenant_id).await?,
        opdracht: opdracht(connection, tenant_id).await?,
        ..Mirror::default()
    })
}

/// Reads the same as [`read_people`] for a few persons, by index.
pub async fn read_some_people(
    connection: &mut PgConnection,
    tenant_id: &str,
    rowguids: &[Uuid],
) -> Result<Mirror, sqlx::Error> {
    let persoon = sqlx::query_as!(
        Persoon,
        "select p_persoon, rowguid, naam, voornaam, geboortedatum, changed
         from informat.persoon where tenant_id = $1 and rowguid = any($2) order by p_persoon",
        tenant_id,
        rowguids
    )
    .fetch_all(&mut *connection)
    .await?;
    let keys: Vec<i64> = persoon.iter().map(|person| person.p_persoon).collect();
    let inschrijving = sqlx::query_as!(
        Inschrijving,
        "select p_inschr, p_persoon, instelnr, vestnrdiscimus, hfdstructuur, schooljaar, begindatum, einddatum, status, changed
         from informat.inschrijving where tenant_id = $1 and p_persoon = any($2) order by p_inschr",
        tenant_id,
        &keys
    )
    .fetch_all(&mut *connection)
    .await?;
    let opdracht = sqlx::query_as!(
        Opdracht,
        "select p_opdracht, p_persoon, instelnr, vestnrdiscimus, hfdstructuur, begindatum, einddatum, changed
         from informat.opdracht where tenant_id = $1 and p_persoon = any($2) order by p_opdracht",
        tenant_id,
        &keys
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(Mirror {
        schooljaar: schooljaar(connection, tenant_id).await?,
        schoolvest: schoolvest(connection, tenant_id).await?,
        persoon,
        inschrijving,
        opdracht,
        ..Mirror::default()
    })
}

async fn schooljaar(connection: &mut PgConnection, tenant_id: &str) -> Result<Vec<Schooljaar>, sqlx::Error> {
    sqlx::query_as!(
        Schooljaar,
        "select schooljaar, begindatum, einddatum
         from informat.schooljaar where tenant_id = $1 order by schooljaar",
        tenant_id
    )
    .fetch(connection)
    .try_collect()
    .await
}

async fn school(connection: &mut PgConnection, tenant_id: &str) -> Result<Vec<School>, sqlx::Error> {
    sqlx::query_as!(
        School,
        "select instelnr, school, schoolcode
         from informat.school where tenant_id = $1 order by instelnr",
        tenant_id
    )
    .fetch(connection)
    .try_collect()
    .await
}

/// Reads what names the places: schools and sites. The other tables are empty.
pub async fn read_places(connection: &mut PgConnection, tenant_id: &str) -> Result<Mirror, sqlx::Error> {
    Ok(Mirror {
        school: school(connection, tenant_id).await?,
        schoolvest: schoolvest(connection, tenant_id).await?,
        ..Mirror::default()
    })
}

/// Reads the sites of a tenant, in the order of their key.
pub async fn schoolvest(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Vec<Schoolvest>, sqlx::Error> {
    sqlx::query_as!(
        Schoolvest,
        "select instelnr, vestnrdiscimus, hfdstructuur, vestiging, vestcode, actief, changed
         from informat.schoolvest where tenant_id = $1 order by instelnr, vestnrdiscimus, hfdstructuur",
        tenant_id
    )
    .fetch(connection)
    .try_collect()
    .await
}

async fn persoon(connection: &mut PgConnection, tenant_id: &str) -> Result<Vec<Persoon>, sqlx::Error> {
    sqlx::query_as!(
        Persoon,
        "select p_persoon, rowguid, naam, voornaam, geboortedatum, changed
         from informat.persoon where tenant_id = $1 order by p_persoon",
        tenant_id
    )
    .fetch(connection)
    .try_collect()
    .await
}

async fn inschrijving(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Vec<Inschrijving>, sqlx::Error> {
    sqlx::query_as!(
        Inschrijving,
        "select p_inschr, p_persoon, instelnr, vestnrdiscimus, hfdstructuur, schooljaar, begindatum, einddatum, status, changed
         from informat.inschrijving where tenant_id = $1 order by p_inschr",
        tenant_id
    )
    .fetch(connection)
    .try_collect()
    .await
}

async fn klassen(connection: &mut PgConnection, tenant_id: &str) -> Result<Vec<Klas>, sqlx::Error> {
    sqlx::query_as!(
        Klas,
        "select p_klas, scoodle_id, instelnr, vestnrdiscimus, hfdstructuur, schooljaar, klascode, klas, groeptype, changed
         from informat.klassen where tenant_id = $1 order by p_klas",
        tenant_id
    )
    .fetch(connection)
    .try_collect()
    .await
}

async fn inschrklas(connection: &mut PgConnection, tenant_id: &str) -> Result<Vec<Inschrklas>, sqlx::Error> {
    sqlx::query_as!(
        Inschrklas,
        "select p_inschrklas, p_inschr, p_klas, vandatum, totdatum, changed
         from informat.inschrklas where tenant_id = $1 order by p_inschrklas",
        tenant_id
    )
    .fetch(connection)
    .try_collect()
    .await
}

async fn opdracht(connection: &mut PgConnection, tenant_id: &str) -> Result<Vec<Opdracht>, sqlx::Error> {
    sqlx::query_as!(
        Opdracht,
        "select p_opdracht, p_persoon, instelnr, vestnrdiscimus, hfdstructuur, begindatum, einddatum, changed
         from informat.opdracht where tenant_id = $1 order by p_opdracht",
        tenant_id
    )
    .fetch(connection)
    .try_collect()
    .await
}

async fn klasfunctiepersoon(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Vec<Klasfunctiepersoon>, sqlx::Error> {
    sqlx::query_as!(
        Klasfunctiepersoon,
        "select p_klasfunctiepersoon, p_persoon, p_klas, p_klasfunctie, begindatum, einddatum, changed
         from informat.klasfunctiepersoon where tenant_id = $1 order by p_klasfunctiepersoon",
        tenant_id
    )
    .fetch(connection)
    .try_collect()
    .await
}
