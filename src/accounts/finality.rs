//! Which usernames are final: those that were served, or of which it cannot be shown that they never were.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use oneroster_school::tenant::Configuration;
use oneroster_school::username::Record;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;

use super::{Author, Error};
use crate::accounts::records;
use crate::db::{locks, scope};
use crate::roster::{Served, served};
use crate::tenants;

/// What is known of the usernames of a tenant.
#[derive(Debug, Clone, Default)]
pub(super) struct Finality {
    served: Served,
    /// When somebody had a name first, by local part in lower case.
    held_since: HashMap<String, DateTime<Utc>>,
}

impl Finality {
    /// Reads it. The caller holds the lock of publications, so that it stays true.
    pub(super) async fn read(connection: &mut PgConnection, tenant_id: &str) -> Result<Self, Error> {
        Ok(Self {
            served: served::read(connection, tenant_id).await?,
            held_since: records::lookup::held_since(connection, tenant_id).await?,
        })
    }

    /// Returns `true` if the name of a record, or its person under any name, was served or may have been.
    pub(super) fn is_final(&self, record: &Record) -> bool {
        record.is_taken_over()
            || self.served.has_user(record.rowguid, record.created_at)
            || self.is_name_final(record)
    }

    /// Returns `true` if the name of a record was served, to whomever, or may have been.
    pub(super) fn is_name_final(&self, record: &Record) -> bool {
        if record.is_taken_over() {
            // Another server served it, or another name of the same account.
            return true;
        }
        let name = record.name().key();
        let since = self.held_since.get(&name).copied();
        let since = since.map_or(record.created_at, |since| since.min(record.created_at));
        self.served.has_username(&name, since)
    }
}

/// Returns the people whose username was served, or of which it cannot be shown that it never was. In the tenant's scope; a
/// publication under way may make it more.
pub async fn final_usernames(
    connection: &mut PgConnection,
    tenant_id: &str,
    records: &HashMap<Uuid, Record>,
) -> Result<HashSet<Uuid>, Error> {
    let finality = Finality::read(connection, tenant_id).await?;
    let is_final = |record: &&Record| finality.is_final(record);
    Ok(records
        .values()
        .filter(is_final)
        .map(|record| record.rowguid)
        .collect())
}

/// Begins an operation that edits names which were not served yet: nobody else gives out or edits names of the tenant until it
/// ends, and nothing is published.
pub(super) async fn begin_edit_between_publications(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
) -> Result<(Transaction<'static, Postgres>, Configuration), Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    scope::act_as(&mut transaction, by.as_str()).await?;
    locks::publication_until_the_end(&mut transaction, tenant_id).await?;
    locks::usernames(&mut transaction, tenant_id).await?;
    let configuration = tenants::get(&mut transaction, tenant_id).await?;
    Ok((transaction, configuration))
}
