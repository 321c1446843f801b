//! Names that were never served: made anew, or forgotten. No account hangs on them yet.

use std::collections::{BTreeSet, HashMap, HashSet};

use oneroster_school::tenant::Configuration;
use oneroster_school::username::edit::Username;
use oneroster_school::username::unserved::{KeptReason, Records, Regeneration};
use oneroster_school::username::{Record, Unavailable};
use serde_json::json;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;

use super::finality::{Finality, begin_edit_between_publications};
use super::whom::{AllPeople, Whom, select};
use super::{Author, Error, commit_edit};
use crate::accounts::records;
use crate::accounts::records::erased::ErasedNames;
use crate::mirror;
use crate::tenants::{Decision, DecisionKind, record_decision};

/// What becomes of somebody's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnservedChange {
    /// The person.
    pub rowguid: Uuid,
    /// The name in the record.
    pub from: Username,
    /// The name it gets; `None` if it is forgotten.
    pub to: Option<Username>,
    /// Why.
    pub reason: ChangeReason,
}

/// Why a name becomes another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeReason {
    /// The system would not make it of this person any more: a name, the format or the length is another.
    NotOfThisName,
    /// It stays, but what is doubtful about it is not what it was.
    OtherDoubts,
    /// The person was never served.
    NeverServed,
}

impl ChangeReason {
    /// Returns its word in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotOfThisName => "not_of_this_name",
            Self::OtherDoubts => "other_doubts",
            Self::NeverServed => "never_served",
        }
    }
}

/// The result of making names anew, or forgetting them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnservedEdit {
    /// What changes, or would.
    pub changes: Vec<UnservedChange>,
    /// Whose record stays as it is, and why.
    pub kept: Vec<(Uuid, KeptReason)>,
}

/// What both operations begin with.
struct Begun {
    transaction: Transaction<'static, Postgres>,
    configuration: Configuration,
    records: HashMap<Uuid, Record>,
    /// Those who are meant and have a record.
    people: BTreeSet<Uuid>,
    finality: Finality,
}

async fn begin(pool: &PgPool, tenant_id: &str, by: &Author, whom: &Whom) -> Result<Begun, Error> {
    let (mut transaction, configuration) = begin_edit_between_publications(pool, tenant_id, by).await?;
    let records = records::read(&mut transaction, tenant_id).await?;
    let of_tenant = (tenant_id, &configuration);
    let people = select(&mut transaction, of_tenant, &records, whom, AllPeople::WithRecord).await?;
    let finality = Finality::read(&mut transaction, tenant_id).await?;
    Ok(Begun {
        transaction,
        configuration,
        records,
        people: BTreeSet::from_iter(people),
        finality,
    })
}

/// Makes the names of people anew that were never served and that nobody but the system made. A dry run changes nothing.
///
/// Names given up are free again. Flags stay, but for those of people who wait from now on.
pub async fn regenerate(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    whom: &Whom,
    dry_run: bool,
) -> Result<UnservedEdit, Error> {
    let Begun {
        mut transaction,
        configuration,
        records,
        people,
        finality,
    } = begin(pool, tenant_id, by, whom).await?;
    let is_served = |record: &Record| finality.is_final(record);
    let source = mirror::read::read_people(&mut transaction, tenant_id).await?;
    let retired = retired(&mut transaction, tenant_id).await?;
    let erased = ErasedNames::read(&mut transaction, tenant_id).await?;
    let owner = |name: &str| erased.find(name);
    let taken = Unavailable {
        retired: &retired,
        erased: &owner,
    };
    let regeneration = Records::new(&records, &is_served).regenerate(&source, &configuration, taken, &people);
    let edit = renewed(&records, &regeneration);
    if dry_run || regeneration.renewed.is_empty() {
        return Ok(edit);
    }
    records::unserved::renew(
        &mut transaction,
        tenant_id,
        by.as_str(),
        &records,
        &regeneration.renewed,
    )
    .await?;
    decide(&mut transaction, tenant_id, by, (DecisionKind::Regenerate, &edit)).await?;
    commit_edit(transaction, tenant_id).await?;
    let people = edit.changes.len();
    tracing::info!(tenant = tenant_id, people, "unserved usernames made anew");
    Ok(edit)
}

async fn retired(connection: &mut PgConnection, tenant_id: &str) -> Result<HashSet<String>, Error> {
    let retired = records::lookup::retired(connection, tenant_id).await?;
    Ok(retired.into_iter().map(|retired| retired.name).collect())
}

fn renewed(records: &HashMap<Uuid, Record>, regeneration: &Regeneration) -> UnservedEdit {
    let changes = regeneration.renewed.iter().filter_map(|new| {
        let from = records.get(&new.rowguid)?.name();
        let to = Username {
            local_part: new.local_part.clone(),
            domain: from.domain.clone(),
        };
        Some(UnservedChange {
            rowguid: new.rowguid,
            reason: if from == to {
                ChangeReason::OtherDoubts
            } else {
                ChangeReason::NotOfThisName
            },
            from,
            to: Some(to),
        })
    });
    UnservedEdit {
        changes: changes.collect(),
        kept: regeneration.kept.clone(),
    }
}

/// Forgets the records of people who were never served, under names that the system made. A dry run changes nothing.
///
/// Whoever is still somewhere gets a new record when names are given out next, with the next import at the latest.
pub async fn forget(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    whom: &Whom,
    dry_run: bool,
) -> Result<UnservedEdit, Error> {
    let Begun {
        mut transaction,
        records,
        people,
        finality,
        ..
    } = begin(pool, tenant_id, by, whom).await?;
    let is_served = |record: &Record| finality.is_final(record);
    let forgetting = Records::new(&records, &is_served).forget(&people);
    let forgotten = forgetting.forgotten.iter().filter_map(|rowguid| {
        Some(UnservedChange {
            rowguid: *rowguid,
            from: records.get(rowguid)?.name(),
            to: None,
            reason: ChangeReason::NeverServed,
        })
    });
    let edit = UnservedEdit {
        changes: forgotten.collect(),
        kept: forgetting.kept,
    };
    if dry_run || forgetting.forgotten.is_empty() {
        return Ok(edit);
    }
    records::unserved::forget(&mut transaction, tenant_id, &forgetting.forgotten).await?;
    decide(&mut transaction, tenant_id, by, (DecisionKind::Forget, &edit)).await?;
    commit_edit(transaction, tenant_id).await?;
    let people = edit.changes.len();
    tracing::info!(tenant = tenant_id, people, "unserved usernames forgotten");
    Ok(edit)
}

/// Puts on record who had it done, and of whom.
async fn decide(
    connection: &mut PgConnection,
    tenant_id: &str,
    by: &Author,
    (kind, edit): (DecisionKind, &UnservedEdit),
) -> Result<(), sqlx::Error> {
    let people: Vec<Uuid> = edit.changes.iter().map(|change| change.rowguid).collect();
    let decision = Decision {
        by: by.as_str().to_owned(),
        kind,
        detail: json!({ "users": people }),
    };
    record_decision(connection, tenant_id, &decision).await
}
