//! Data quality of a tenant: reads what a publication would read, and examines it.

use std::collections::{HashMap, HashSet};

use oneroster_school::data_quality::{self, Finding, Neighbour, Newest, Subject};
use oneroster_school::door::IdChange;
use oneroster_school::informat::school_year::UnknownSchoolYear;
use oneroster_school::tenant::Configuration;
use oneroster_school::username::Record;
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use super::inputs::Inputs;
use super::{Error, inputs};
use crate::db::scope;
use crate::roster::head;
use crate::{accounts, mirror, synclog, tenants};

/// Examines a tenant's data as a publication would read them now. Stores nothing.
pub async fn examine(pool: &PgPool, tenant_id: &str) -> Result<Vec<Finding>, Error> {
    let mut connection = pool.acquire().await?;
    let Some(inputs) = inputs::read(&mut connection, tenant_id, true).await? else {
        return Err(Error::Interrupted);
    };
    let known = known_in_scope_of(&mut connection, tenant_id, &inputs.usernames).await?;
    let neighbours = neighbours(&mut connection, &inputs.configuration).await?;
    drop(connection);
    // On a thread for blocking work: a large group takes seconds of CPU.
    let findings = tokio::task::spawn_blocking(move || findings(&inputs, &known, &neighbours));
    Ok(findings.await.map_err(|_| Error::Interrupted)??)
}

/// Examines inputs, with what else is known of their tenant and of its neighbours.
pub(super) fn findings(
    inputs: &Inputs,
    known: &Known,
    neighbours: &[Neighbour],
) -> Result<Vec<Finding>, UnknownSchoolYear> {
    data_quality::examine(&Subject {
        source: &inputs.mirror,
        usernames: &inputs.usernames,
        configuration: &inputs.configuration,
        today: inputs.versions.today,
        newest: known.newest,
        id_changes: &known.id_changes,
        final_usernames: &known.final_usernames,
        was_read_completely: known.was_read_completely,
        asks_for_addresses: inputs.tells_addresses,
        neighbours,
    })
}

/// What is known of a tenant beside the inputs of its publication.
pub(super) struct Known {
    /// When the newest generation is dated, and the clock.
    pub(super) newest: Option<Newest>,
    /// Keys that ever came with another id.
    pub(super) id_changes: Vec<IdChange>,
    /// People whose username was served or may have been.
    pub(super) final_usernames: HashSet<Uuid>,
    /// Whether a consumer has read everyone once.
    pub(super) was_read_completely: bool,
}

/// Reads it, in the tenant's scope.
pub(super) async fn known(
    connection: &mut PgConnection,
    tenant_id: &str,
    usernames: &HashMap<Uuid, Record>,
) -> Result<Known, Error> {
    let head = head::find(connection, tenant_id).await?;
    let newest = head.and_then(|head| {
        Some(Newest {
            published_at: head.published_at?,
            now: head.now,
        })
    });
    Ok(Known {
        newest,
        id_changes: mirror::memory::id_changes(connection, tenant_id).await?,
        final_usernames: accounts::final_usernames(connection, tenant_id, usernames).await?,
        was_read_completely: synclog::was_read_completely(connection, tenant_id).await?,
    })
}

pub(super) async fn known_in_scope_of(
    connection: &mut PgConnection,
    tenant_id: &str,
    usernames: &HashMap<Uuid, Record>,
) -> Result<Known, Error> {
    let mut transaction = connection.begin().await?;
    scope::enter(&mut transaction, tenant_id).await?;
    let known = known(&mut transaction, tenant_id, usernames).await?;
    transaction.commit().await?;
    Ok(known)
}

/// Reads what other tenants of the same Entra tenant send, each in its own scope. One that cannot be read is left out: that
/// is for its own examination to say.
pub(super) async fn neighbours(
    connection: &mut PgConnection,
    configuration: &Configuration,
) -> Result<Vec<Neighbour>, Error> {
    let mut neighbours = Vec::new();
    for tenant_id in tenants::sharing_entra_tenant(connection, configuration).await? {
        let inputs = match inputs::read(connection, &tenant_id, true).await {
            Ok(Some(inputs)) => inputs,
            Err(Error::Database(error)) => return Err(Error::Database(error)),
            Ok(None) | Err(_) => continue,
        };
        let neighbour = tokio::task::spawn_blocking(move || {
            Neighbour::of(
                &inputs.mirror,
                &inputs.usernames,
                &inputs.configuration,
                inputs.versions.today,
            )
        });
        // Without its school year it publishes nothing.
        neighbours.extend(neighbour.await.map_err(|_| Error::Interrupted)?.ok());
    }
    Ok(neighbours)
}
