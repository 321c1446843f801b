//! What people and classes are called in Informat, by the ids that consumers know.

use oneroster_standard::Kind;
use sqlx::PgConnection;

use super::read::read;

/// A person or a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Users or classes.
    pub kind: Kind,
    /// Its `sourcedId`.
    pub sourced_id: String,
    /// Given and family name; of a class its name and school year.
    pub name: String,
}

/// Reads everyone and every class of a tenant, published or not, of every school year.
pub async fn named(connection: &mut PgConnection, tenant_id: &str) -> Result<Vec<Named>, sqlx::Error> {
    let mirror = read(connection, tenant_id).await?;
    let people = mirror.persoon.into_iter().map(|person| Named {
        kind: Kind::Users,
        sourced_id: person.rowguid.to_string(),
        name: [person.voornaam, person.naam]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" "),
    });
    let classes = mirror.klassen.into_iter().map(|class| Named {
        kind: Kind::Classes,
        sourced_id: class.scoodle_id.to_string(),
        name: format!("{} ({})", class.klas.unwrap_or(class.klascode), class.schooljaar),
    });
    Ok(people.chain(classes).collect())
}
