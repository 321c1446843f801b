//! Clients that another server served before: they keep the id and the secret that are typed into a consumer.

use super::client::{check_name, publish_addresses, require_tenant};
use super::secret::{self, SecretHash};
use super::{ClientSettings, Error};
use crate::db::scope::Acting;

/// What a client has from another server, and keeps.
pub struct CarriedOver<'a> {
    /// Its id there.
    pub client_id: &'a str,
    /// The SHA-256 of its secret there.
    pub secret: SecretHash,
}

/// Makes a client with the id and the secret that a consumer has from another server: nothing is typed anew there. Servers know it within
/// five seconds.
///
/// Refused for an id that a client has, of whichever tenant, and for one that some consumer could not send.
pub async fn carry_over(
    acting: impl Into<Acting<'_>>,
    tenant_id: &str,
    name: &str,
    settings: ClientSettings,
    carried_over: &CarriedOver<'_>,
) -> Result<(), Error> {
    check_name(name)?;
    let CarriedOver { client_id, secret } = carried_over;
    if !secret::can_be_carried_over(client_id) {
        return Err(Error::ClientId((*client_id).to_owned()));
    }
    if *secret == secret::hash("") {
        return Err(Error::EmptySecret);
    }
    let mut transaction = acting.into().begin(tenant_id).await?;
    require_tenant(&mut transaction, tenant_id).await?;
    if settings.email == Some(true) {
        publish_addresses(&mut transaction, tenant_id).await?;
    }
    let added = sqlx::query!(
        "insert into auth.client (tenant_id, client_id, name, settings, carried_over_at)
         values ($1, $2, $3, $4, clock_timestamp())
         on conflict do nothing",
        tenant_id,
        client_id,
        name,
        sqlx::types::Json(settings) as _,
    )
    .execute(&mut *transaction)
    .await?;
    if added.rows_affected() == 0 {
        return Err(Error::ClientIdTaken((*client_id).to_owned()));
    }
    sqlx::query!(
        "insert into auth.client_secret (tenant_id, client_id, secret_sha256, is_carried_over) values ($1, $2, $3, true)",
        tenant_id,
        client_id,
        secret.as_slice(),
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}
