//! Where people are: the published places by name, and where a few people are now.

use std::collections::{BTreeMap, HashMap};

use oneroster_school::projection;
use sqlx::PgPool;
use uuid::Uuid;

use super::holder::full_name;
use super::{Error, begin_look, some};
use crate::mirror;

/// Somebody in Informat's data, and where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whereabouts {
    /// Given and family name.
    pub name: String,
    /// Ids of the published orgs they are in now or later.
    pub org_ids: Vec<String>,
}

/// Returns the names of the published orgs of a tenant, by id.
pub async fn places(pool: &PgPool, tenant_id: &str) -> Result<BTreeMap<String, String>, Error> {
    let (mut transaction, configuration) = begin_look(pool, tenant_id).await?;
    let source = mirror::read::read_places(&mut transaction, tenant_id).await?;
    transaction.commit().await?;
    Ok(projection::org_names(&source, &configuration))
}

/// Returns where some people are now or later; those who are no longer in Informat's data are left out.
pub async fn whereabouts(
    pool: &PgPool,
    tenant_id: &str,
    people: &[Uuid],
) -> Result<HashMap<Uuid, Whereabouts>, Error> {
    let (mut transaction, configuration) = begin_look(pool, tenant_id).await?;
    let found = some(&mut transaction, tenant_id, &configuration, people).await?;
    transaction.commit().await?;
    Ok(found
        .into_iter()
        .map(|person| {
            let whereabouts = Whereabouts {
                name: full_name(&person),
                org_ids: person.org_ids,
            };
            (person.rowguid, whereabouts)
        })
        .collect())
}
