//! Data quality of a tenant: reads what a publication would read, and examines it.

use oneroster_school::data_quality::{self, Finding, Newest, Subject};
use sqlx::{Connection, PgConnection, PgPool};

use super::{Error, inputs};
use crate::db::scope;
use crate::roster::head;

/// Examines a tenant's data as a publication would read them now. Stores nothing.
pub async fn examine(pool: &PgPool, tenant_id: &str) -> Result<Vec<Finding>, Error> {
    let mut connection = pool.acquire().await?;
    let Some(inputs) = inputs::read(&mut connection, tenant_id, true).await? else {
        return Err(Error::Interrupted);
    };
    let newest = newest(&mut connection, tenant_id).await?;
    drop(connection);
    // On a thread for blocking work: a large group takes seconds of CPU.
    let findings = tokio::task::spawn_blocking(move || {
        data_quality::examine(&Subject {
            source: &inputs.mirror,
            usernames: &inputs.usernames,
            configuration: &inputs.configuration,
            today: inputs.versions.today,
            newest,
        })
    });
    Ok(findings.await.map_err(|_| Error::Interrupted)??)
}

/// Reads when the newest generation is dated, and the clock.
async fn newest(connection: &mut PgConnection, tenant_id: &str) -> Result<Option<Newest>, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    scope::enter(&mut transaction, tenant_id).await?;
    let head = head::find(&mut transaction, tenant_id).await?;
    transaction.commit().await?;
    Ok(head.and_then(|head| {
        Some(Newest {
            published_at: head.published_at?,
            now: head.now,
        })
    }))
}
