//! Whether anybody can need a username whom no import looked at yet.
//!
//! Who needs one follows from the mirror, the configuration, the records and the day. While none of these changed since an import
//! gave out names, another allocation plans nothing
//! ([`oneroster_school::username::plan`]).

use chrono::NaiveDate;
use sqlx::PgConnection;

use super::today;
use crate::db::locks;
use crate::{audit, mirror};

/// What an allocation follows from, as changes of it are counted.
#[derive(Debug, Clone, Copy)]
pub struct Inputs {
    mirror_version: i64,
    handwork: i64,
    today: NaiveDate,
}

/// Keeps everybody from changing names, configuration and mirror of a tenant until the transaction ends, and returns what an
/// allocation will follow from. `None` if a hand is at work in the mirror.
///
/// In a transaction that loaded the mirror before.
pub async fn hold_inputs(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Option<Inputs>, sqlx::Error> {
    locks::usernames(connection, tenant_id).await?;
    audit::wait_turn(connection, tenant_id).await?;
    let Some(handwork) = mirror::keep_hands_off(connection).await? else {
        return Ok(None);
    };
    let mirror_version = sqlx::query_scalar!(
        "select version from tenant.input_version where tenant_id = $1 and input = 'mirror'",
        tenant_id
    )
    .fetch_optional(&mut *connection)
    .await?;
    Ok(Some(Inputs {
        mirror_version: mirror_version.unwrap_or_default(),
        handwork,
        today: today(connection).await?,
    }))
}

/// Returns `true` if an allocation would plan nothing, as far as is known.
pub async fn is_settled(
    connection: &mut PgConnection,
    tenant_id: &str,
    inputs: Inputs,
) -> Result<bool, sqlx::Error> {
    let settled = sqlx::query!(
        "select code, today, mirror_version, handwork, audit_position from username.settled where tenant_id = $1",
        tenant_id
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(settled) = settled else {
        return Ok(false);
    };
    let is_same = settled.code == env!("JUDGING_CODE")
        && settled.today == inputs.today
        && settled.mirror_version == inputs.mirror_version
        && settled.handwork == inputs.handwork;
    if !is_same {
        return Ok(false);
    }
    let sources = ["tenant.tenant", "username.record", "username.retired"];
    Ok(!audit::has_changed(connection, tenant_id, &sources, settled.audit_position).await?)
}

/// Keeps that everybody who needs a name has one by these inputs, at the end of the transaction that gave them out.
pub async fn settle(
    connection: &mut PgConnection,
    tenant_id: &str,
    inputs: Inputs,
) -> Result<(), sqlx::Error> {
    // What was entered since, the transaction itself did: nobody else could.
    let position = audit::end(connection, tenant_id).await?;
    sqlx::query!(
        "insert into username.settled (tenant_id, code, today, mirror_version, handwork, audit_position)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (tenant_id) do update set code = excluded.code, today = excluded.today,
             mirror_version = excluded.mirror_version, handwork = excluded.handwork,
             audit_position = excluded.audit_position",
        tenant_id,
        env!("JUDGING_CODE"),
        inputs.today,
        inputs.mirror_version,
        inputs.handwork,
        position
    )
    .execute(connection)
    .await?;
    Ok(())
}
