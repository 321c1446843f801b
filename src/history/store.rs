//! What history reads of the database beside the roster. Every statement is for one tenant, in its scope.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;

use super::Error;
use super::reason::Author;
use crate::db::scope;
use crate::roster::{self, generations, head, retention};
use crate::tenants::{DecisionKind, decisions};

/// A change of a username record.
#[derive(Debug, Clone)]
pub(super) struct Audit {
    pub(super) changed_at: DateTime<Utc>,
    pub(super) changed_by: String,
    pub(super) field: String,
    pub(super) old_value: Option<String>,
    pub(super) new_value: Option<String>,
}

/// What is known of a tenant's generations: those that are kept, in order.
#[derive(Debug)]
pub(super) struct KeptGenerations {
    /// First generation kept whole.
    pub(super) whole_from: i64,
    pub(super) newest: i64,
    pub(super) generations: Vec<roster::Generation>,
    /// The accounts that activated each school year, the oldest first.
    pub(super) activations: Vec<(String, Author)>,
}

impl KeptGenerations {
    pub(super) fn get(&self, number: i64) -> Option<&roster::Generation> {
        let place = self
            .generations
            .binary_search_by_key(&number, |generation| generation.number)
            .ok()?;
        self.generations.get(place)
    }

    /// Returns a generation whose state is kept whole.
    pub(super) fn whole(&self, number: i64) -> Result<&roster::Generation, Error> {
        self.get(number)
            .filter(|_| number >= self.whole_from)
            .ok_or(Error::UnknownGeneration {
                number,
                oldest: self.whole_from,
                newest: self.newest,
            })
    }
}

/// Begins a read-only snapshot in the scope of a tenant.
pub(super) async fn begin(pool: &PgPool, tenant_id: &str) -> Result<Transaction<'static, Postgres>, Error> {
    Ok(scope::begin_look(pool, tenant_id).await?)
}

/// Reads the generations of a tenant.
pub(super) async fn kept(connection: &mut PgConnection, tenant_id: &str) -> Result<KeptGenerations, Error> {
    let head = head::find(connection, tenant_id)
        .await?
        .ok_or_else(|| Error::UnknownTenant(tenant_id.to_owned()))?;
    if head.number == 0 {
        return Err(Error::NotPublished);
    }
    Ok(KeptGenerations {
        whole_from: retention::whole_from(connection, tenant_id).await?,
        newest: head.number,
        generations: generations::list(connection, tenant_id).await?,
        activations: activations(connection, tenant_id).await?,
    })
}

async fn activations(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Vec<(String, Author)>, sqlx::Error> {
    let decided = decisions(connection, tenant_id).await?.into_iter();
    let activated = decided.filter(|decided| decided.decision == DecisionKind::ActivateYear.as_str());
    let signed = activated.filter_map(|decided| {
        let school_year = decided.detail.get("to")?.as_str()?.to_owned();
        let author = Author {
            by: decided.decided_by,
            at: decided.decided_at,
            handed_over: false,
        };
        Some((school_year, author))
    });
    Ok(signed.collect())
}

/// Reads the audit of the username records of these people, by person, the oldest first.
pub(super) async fn audits(
    connection: &mut PgConnection,
    tenant_id: &str,
    people: &[Uuid],
) -> Result<HashMap<String, Vec<Audit>>, Error> {
    let rows = sqlx::query!(
        "select rowguid, changed_at, changed_by, field, old_value, new_value
         from username.change where tenant_id = $1 and rowguid = any($2) order by change_id",
        tenant_id,
        people
    )
    .fetch_all(connection)
    .await?;
    let mut audits: HashMap<String, Vec<Audit>> = HashMap::new();
    for row in rows {
        audits
            .entry(row.rowguid.hyphenated().to_string())
            .or_default()
            .push(Audit {
                changed_at: row.changed_at,
                changed_by: row.changed_by,
                field: row.field,
                old_value: row.old_value,
                new_value: row.new_value,
            });
    }
    Ok(audits)
}
