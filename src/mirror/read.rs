//! Reading a tenant's mirror.

use sqlx::PgConnection;

use super::tables::{
    Inschrijving, Inschrklas, Klas, Klasfunctiepersoon, Mirror, Opdracht, Persoon, School, Schooljaar,
    Schoolvest,
};

/// The mirror could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

/// Reads everything Informat says of a tenant, each table in the order of its key.
///
/// Read it in one repeatable-read transaction, or the tables may be of different moments.
pub async fn read(connection: &mut PgConnection, tenant_id: &str) -> Result<Mirror, Error> {
    Ok(Mirror {
        schooljaar: sqlx::query_as!(
            Schooljaar,
            "select schooljaar, begindatum, einddatum
             from informat.schooljaar where tenant_id = $1 order by schooljaar",
            tenant_id
        )
        .fetch_all(&mut *connection)
        .await?,
        school: sqlx::query_as!(
            School,
            "select instelnr, school, schoolcode
             from informat.school where tenant_id = $1 order by instelnr",
            tenant_id
        )
        .fetch_all(&mut *connection)
        .await?,
        schoolvest: sqlx::query_as!(
            Schoolvest,
            "select instelnr, vestnrdiscimus, hfdstructuur, vestiging, vestcode, actief, changed
             from informat.schoolvest where tenant_id = $1 order by instelnr, vestnrdiscimus, hfdstructuur",
            tenant_id
        )
        .fetch_all(&mut *connection)
        .await?,
        persoon: sqlx::query_as!(
            Persoon,
            "select p_persoon, rowguid, naam, voornaam, geboortedatum, changed
             from informat.persoon where tenant_id = $1 order by p_persoon",
            tenant_id
        )
        .fetch_all(&mut *connection)
        .await?,
        inschrijving: sqlx::query_as!(
            Inschrijving,
            "select p_inschr, p_persoon, instelnr, vestnrdiscimus, hfdstructuur, schooljaar, begindatum, einddatum, status, changed
             from informat.inschrijving where tenant_id = $1 order by p_inschr",
            tenant_id
        )
        .fetch_all(&mut *connection)
        .await?,
        klassen: sqlx::query_as!(
            Klas,
            "select p_klas, scoodle_id, instelnr, vestnrdiscimus, hfdstructuur, schooljaar, klascode, klas, groeptype, changed
             from informat.klassen where tenant_id = $1 order by p_klas",
            tenant_id
        )
        .fetch_all(&mut *connection)
        .await?,
        inschrklas: sqlx::query_as!(
            Inschrklas,
            "select p_inschrklas, p_inschr, p_klas, vandatum, totdatum, changed
             from informat.inschrklas where tenant_id = $1 order by p_inschrklas",
            tenant_id
        )
        .fetch_all(&mut *connection)
        .await?,
        opdracht: sqlx::query_as!(
            Opdracht,
            "select p_opdracht, p_persoon, instelnr, vestnrdiscimus, hfdstructuur, begindatum, einddatum, changed
             from informat.opdracht where tenant_id = $1 order by p_opdracht",
            tenant_id
        )
        .fetch_all(&mut *connection)
        .await?,
        klasfunctiepersoon: sqlx::query_as!(
            Klasfunctiepersoon,
            "select p_klasfunctiepersoon, p_persoon, p_klas, p_klasfunctie, begindatum, einddatum, changed
             from informat.klasfunctiepersoon where tenant_id = $1 order by p_klasfunctiepersoon",
            tenant_id
        )
        .fetch_all(&mut *connection)
        .await?,
    })
}
